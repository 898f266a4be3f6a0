// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/base64.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace simultiple::protocol
{

namespace
{

constexpr std::string_view Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t Foreign = 0x80;   // no value of six bits

constexpr std::array<std::uint8_t, 256> valuesOf()
{
  std::array<std::uint8_t, 256> values{};
  for( auto& value : values )
    value = Foreign;
  for( std::size_t i = 0; i < Alphabet.size(); ++i )
    values[static_cast<unsigned char>( Alphabet[i] )] = static_cast<std::uint8_t>( i );
  return values;
}

constexpr auto Values = valuesOf();

std::uint32_t value( char c ) { return Values[static_cast<unsigned char>( c )]; }

bool isSpace( char c ) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string withoutSpace( std::string_view text )
{
  std::string packed;
  packed.reserve( text.size() );
  for( const char c : text )
    if( !isSpace( c ) )
      packed += c;
  return packed;
}

/// @a text without white space.
std::optional<std::string> decodePacked( std::string_view text )
{
  if( text.size() % 4 != 0 )
    return std::nullopt;
  if( text.empty() )
    return std::string();

  const std::size_t last = text.size() - 1;
  const std::size_t pads = text[last] != '=' ? 0 : text[last - 1] != '=' ? 1 : 2;
  std::string bytes( text.size() / 4 * 3 - pads, '\0' );
  const char* from = text.data();
  const char* const end = from + text.size() - 4;   // the last four are for themselves
  char* into = bytes.data();
  std::uint32_t seen = 0;
  for( ; from != end; from += 4, into += 3 )
  {
    const std::uint32_t a = value( from[0] ), b = value( from[1] ), c = value( from[2] ), d = value( from[3] );
    seen |= a | b | c | d;
    into[0] = static_cast<char>( a << 2 | b >> 4 );
    into[1] = static_cast<char>( b << 4 | c >> 2 );
    into[2] = static_cast<char>( c << 6 | d );
  }
  const std::uint32_t a = value( from[0] ), b = value( from[1] );
  const std::uint32_t c = pads > 1 ? 0 : value( from[2] ), d = pads > 0 ? 0 : value( from[3] );
  seen |= a | b | c | d;
  into[0] = static_cast<char>( a << 2 | b >> 4 );
  if( pads < 2 )
    into[1] = static_cast<char>( b << 4 | c >> 2 );
  if( pads < 1 )
    into[2] = static_cast<char>( c << 6 | d );
  if( ( seen & Foreign ) != 0 )
    return std::nullopt;
  return bytes;
}

} // namespace

std::string encodeBase64( std::string_view bytes )
{
  constexpr auto Most = static_cast<std::size_t>( std::numeric_limits<int>::max() ) / 2;
  if( bytes.empty() || bytes.size() > Most )
    return {};
  std::string text( ( bytes.size() + 2 ) / 3 * 4 + 1, '\0' );   // OpenSSL ends it with a zero
  const int length = EVP_EncodeBlock( reinterpret_cast<unsigned char*>( text.data() ), reinterpret_cast<const unsigned char*>( bytes.data() ),
                                      static_cast<int>( bytes.size() ) );
  text.resize( static_cast<std::size_t>( length ) );
  return text;
}

std::optional<std::string> decodeBase64( std::string_view text )
{
  // Nobody but people who write tests puts white space there; so it is looked for only if all else fails.
  auto bytes = decodePacked( text );
  return bytes ? bytes : decodePacked( withoutSpace( text ) );
}

} // namespace simultiple::protocol
