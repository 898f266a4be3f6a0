// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "progress.h"

#include "text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace sample
{

namespace
{

std::string timeText( std::uint64_t seconds )
{
  std::array<char, 40> text{};
  if( seconds >= 3600 )
    std::snprintf( text.data(), text.size(), "%llu:%02llu:%02llu", static_cast<unsigned long long>( seconds / 3600 ),
                   static_cast<unsigned long long>( seconds / 60 % 60 ),
                   static_cast<unsigned long long>( seconds % 60 ) );
  else
    std::snprintf( text.data(), text.size(), "%llu:%02llu", static_cast<unsigned long long>( seconds / 60 ),
                   static_cast<unsigned long long>( seconds % 60 ) );
  return text.data();
}

std::size_t terminalWidth()
{
  struct winsize size{};
  if( ::ioctl( STDERR_FILENO, TIOCGWINSZ, &size ) != 0 || size.ws_col < 20 )
    return 80;
  return size.ws_col;
}

/// What of @a text fits. From U+1000 on every character counts as two columns: many are that wide, and a line that is too short does no harm.
std::string cut( const std::string& text, std::size_t width )
{
  std::size_t columns = 0;
  for( std::size_t at = 0; at < text.size(); ++at )
  {
    const auto byte = static_cast<unsigned char>( text[at] );
    if( ( byte & 0xC0U ) == 0x80U )
      continue;
    columns += byte >= 0xE1U ? 2 : 1;
    if( columns > width )
      return text.substr( 0, at );
  }
  return text;
}

} // namespace

std::string progressLine( const ProgressState& state, std::size_t width )
{
  const double part = state.total == 0 ? 1.0 : static_cast<double>( state.bytes ) / static_cast<double>( state.total );

  std::array<char, 32> percent{};
  std::snprintf( percent.data(), percent.size(), "%-4s %3d %%", state.method.substr( 0, 8 ).c_str(),
                 static_cast<int>( std::min( part, 1.0 ) * 100 ) );
  std::string right = sizeText( state.rate ) + "/s";
  if( state.left && state.bytes < state.total )
    right += "  " + timeText( static_cast<std::uint64_t>( state.left->count() ) );
  right += "  " + printable( state.name );

  std::string line = std::string( percent.data() ) + ' ';
  constexpr std::size_t Bar = 20;
  if( width >= 60 )
  {
    const auto filled = static_cast<std::size_t>( std::min( part, 1.0 ) * Bar );
    line += '[' + std::string( filled, '=' ) + std::string( Bar - filled, ' ' ) + "] ";
  }
  line += right;
  return cut( simultiple::printable( line, width ), width );
}

ProgressBar::ProgressBar( bool wanted )
  : m_active( wanted && ::isatty( STDERR_FILENO ) == 1 )
{
}

void ProgressBar::show( const ProgressState& state )
{
  if( !m_active )
    return;
  // One column is left free: a terminal that wraps at the last one would start a new line.
  const std::string line = "\r" + progressLine( state, terminalWidth() - 1 ) + "\x1b[K";
  std::fwrite( line.data(), 1, line.size(), stderr );
  std::fflush( stderr );
  m_shown = true;
}

void ProgressBar::clear()
{
  if( !m_shown )
    return;
  std::fputs( "\r\x1b[K", stderr );
  std::fflush( stderr );
  m_shown = false;
}

} // namespace sample
