// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/utf8.h"

#include <gloox-si-multiple/text.h>

#include <algorithm>
#include <array>

namespace simultiple
{

namespace protocol
{

namespace
{

unsigned char byteAt( std::string_view text, std::size_t i ) noexcept
{
  return static_cast<unsigned char>( text[i] );
}

bool isXmlCharacter( char32_t code ) noexcept
{
  if( code < 0x20 )
    return code == '\t' || code == '\n' || code == '\r';
  return code != 0xFFFE && code != 0xFFFF;
}

} // namespace

Character decode( std::string_view text ) noexcept
{
  const unsigned char lead = byteAt( text, 0 );
  if( lead < 0x80 )
    return { lead, 1, true };

  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if( lead < 0xC2 || lead > 0xF4 || text.size() < bytes )
    return {};

  char32_t code = lead & ( 0x7FU >> bytes );
  for( std::size_t i = 1; i < bytes; ++i )
  {
    if( ( byteAt( text, i ) & 0xC0U ) != 0x80U )
      return {};
    code = ( code << 6 ) | ( byteAt( text, i ) & 0x3FU );
  }

  constexpr std::array<char32_t, 3> smallest{ 0x80, 0x800, 0x10000 };
  if( code < smallest[bytes - 2] || code > 0x10FFFF || ( code >= 0xD800 && code <= 0xDFFF ) )
    return {};
  return { code, bytes, true };
}

bool treacherous( char32_t code ) noexcept
{
  return code < 0x20 || ( code >= 0x7F && code <= 0x9F ) || ( code >= 0x200B && code <= 0x200F )
         || ( code >= 0x2028 && code <= 0x202E ) || ( code >= 0x2060 && code <= 0x206F ) || code == 0x061C
         || code == 0xFEFF || !isXmlCharacter( code );
}

std::size_t characters( std::string_view text ) noexcept
{
  const auto leads = std::count_if( text.begin(), text.end(), []( char c )
                                    { return ( static_cast<unsigned char>( c ) & 0xC0U ) != 0x80U; } );
  // No character has more than four bytes: text that is not UTF-8 cannot look shorter than it is.
  return std::max( static_cast<std::size_t>( leads ), ( text.size() + 3 ) / 4 );
}

std::string_view cut( std::string_view text, std::size_t max ) noexcept
{
  std::size_t end = 0;
  for( std::size_t n = 0; n < max && end < text.size(); ++n )
    end += decode( text.substr( end ) ).bytes;
  return text.substr( 0, end );
}

bool xmlText( std::string_view text ) noexcept
{
  while( !text.empty() )
  {
    const Character c = decode( text );
    if( !c.good || !isXmlCharacter( c.code ) )
      return false;
    text.remove_prefix( c.bytes );
  }
  return true;
}

std::string_view cutBytes( std::string_view text, std::size_t max ) noexcept
{
  if( text.size() <= max )
    return text;
  while( max > 0 && ( byteAt( text, max ) & 0xC0U ) == 0x80U )
    --max;
  return text.substr( 0, max );
}

} // namespace protocol

std::string printable( std::string_view text, std::size_t max )
{
  std::string out;
  for( std::size_t n = 0; n < max && !text.empty(); ++n )
  {
    const auto c = protocol::decode( text );
    if( c.good && !protocol::treacherous( c.code ) )
      out.append( text.substr( 0, c.bytes ) );
    else
      out += '?';
    text.remove_prefix( c.bytes );
  }
  return out;
}

std::string validUtf8( std::string_view text )
{
  std::string out;
  out.reserve( text.size() );
  while( !text.empty() )
  {
    const auto c = protocol::decode( text );
    out.append( c.good ? text.substr( 0, c.bytes ) : std::string_view( "\xEF\xBF\xBD" ) );
    text.remove_prefix( c.bytes );
  }
  return out;
}

} // namespace simultiple
