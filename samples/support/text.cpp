// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "text.h"

#include <array>
#include <cstdio>

namespace sample
{

namespace
{

struct Shape
{
  std::size_t length;
  unsigned char low;  // of the second byte: keeps overlong forms, surrogates and what is beyond U+10FFFF out
  unsigned char high;
};

Shape shape( unsigned char first ) noexcept
{
  if( first < 0x80 )
    return { 1, 0, 0 };
  if( first >= 0xc2 && first <= 0xdf )
    return { 2, 0x80, 0xbf };
  if( first >= 0xe0 && first <= 0xef )
    return { 3, static_cast<unsigned char>( first == 0xe0 ? 0xa0 : 0x80 ),
             static_cast<unsigned char>( first == 0xed ? 0x9f : 0xbf ) };
  if( first >= 0xf0 && first <= 0xf4 )
    return { 4, static_cast<unsigned char>( first == 0xf0 ? 0x90 : 0x80 ),
             static_cast<unsigned char>( first == 0xf4 ? 0x8f : 0xbf ) };
  return { 0, 0, 0 };
}

unsigned char byteAt( std::string_view text, std::size_t i ) noexcept
{
  return static_cast<unsigned char>( text[i] );
}

} // namespace

std::string_view nextCharacter( std::string_view text ) noexcept
{
  if( text.empty() )
    return {};
  const Shape s = shape( byteAt( text, 0 ) );
  if( s.length == 0 || s.length > text.size() )
    return {};
  if( s.length > 1 && ( byteAt( text, 1 ) < s.low || byteAt( text, 1 ) > s.high ) )
    return {};
  for( std::size_t i = 2; i < s.length; ++i )
    if( ( byteAt( text, i ) & 0xc0 ) != 0x80 )
      return {};
  return text.substr( 0, s.length );
}

char32_t codePoint( std::string_view character ) noexcept
{
  if( character.empty() )
    return 0xfffd;
  static constexpr std::array<unsigned char, 5> masks{ 0, 0x7f, 0x1f, 0x0f, 0x07 };
  char32_t c = byteAt( character, 0 ) & masks[character.size() < masks.size() ? character.size() : 0];
  for( std::size_t i = 1; i < character.size(); ++i )
    c = ( c << 6 ) | ( byteAt( character, i ) & 0x3fu );
  return c;
}

std::string validUtf8( std::string_view text )
{
  std::string out;
  out.reserve( text.size() );
  while( !text.empty() )
  {
    const std::string_view c = nextCharacter( text );
    out.append( c.empty() ? std::string_view( "\xef\xbf\xbd" ) : c );
    text.remove_prefix( c.empty() ? 1 : c.size() );
  }
  return out;
}

std::string_view cutBytes( std::string_view text, std::size_t bytes ) noexcept
{
  if( text.size() <= bytes )
    return text;
  while( bytes > 0 && ( byteAt( text, bytes ) & 0xc0 ) == 0x80 )
    --bytes;
  return text.substr( 0, bytes );
}

std::string_view cutCharacters( std::string_view text, std::size_t characters ) noexcept
{
  std::size_t end = 0;
  for( ; characters > 0 && end < text.size(); --characters )
  {
    const std::string_view c = nextCharacter( text.substr( end ) );
    end += c.empty() ? 1 : c.size();
  }
  return text.substr( 0, end );
}

bool deceptive( char32_t c ) noexcept
{
  return c < 0x20 || ( c >= 0x7f && c <= 0x9f )                  // C0, DEL, C1
         || c == 0x061c || c == 0x200e || c == 0x200f            // marks
         || ( c >= 0x202a && c <= 0x202e ) || ( c >= 0x2066 && c <= 0x2069 ) // embeddings, overrides, isolates
         || c == 0x2028 || c == 0x2029 || c == 0xfeff;           // separators, byte order mark
}

std::string printable( std::string_view text )
{
  const std::string valid = validUtf8( cutCharacters( text, 500 ) );
  std::string_view rest = valid;
  std::string out;
  while( !rest.empty() )
  {
    const std::string_view c = nextCharacter( rest );
    if( deceptive( codePoint( c ) ) )
      out += c == "\n" || c == "\t" ? ' ' : '?';
    else
      out.append( c );
    rest.remove_prefix( c.size() );
  }
  return out;
}

std::optional<std::uint64_t> decimal( std::string_view text, std::uint64_t max ) noexcept
{
  if( text.empty() )
    return std::nullopt;
  std::uint64_t value = 0;
  for( const char c : text )
  {
    if( c < '0' || c > '9' )
      return std::nullopt;
    const auto digit = static_cast<std::uint64_t>( c - '0' );
    if( digit > max || value > ( max - digit ) / 10 )
      return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::string sizeText( std::uint64_t bytes )
{
  static constexpr std::array<const char*, 7> units{ "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  if( bytes < 1024 )
    return std::to_string( bytes ) + " B";
  auto value = static_cast<double>( bytes );
  std::size_t unit = 0;
  for( ; value >= 1024 && unit + 1 < units.size(); ++unit )
    value /= 1024;
  std::array<char, 32> buffer{};
  std::snprintf( buffer.data(), buffer.size(), "%.1f %s", value, units[unit] );
  return buffer.data();
}

} // namespace sample
