// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/ibb.h"

#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace simultiple::protocol
{

namespace
{

bool isPositiveNumber( std::string_view text ) noexcept
{
  return text.find_first_not_of( "0123456789" ) == std::string_view::npos
         && text.find_first_not_of( '0' ) != std::string_view::npos;
}

bool isAlphabet( char c ) noexcept
{
  return ( c >= 'A' && c <= 'Z' ) || ( c >= 'a' && c <= 'z' ) || ( c >= '0' && c <= '9' ) || c == '+' || c == '/';
}

bool isSpace( char c ) noexcept
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::size_t padding( std::string_view text ) noexcept
{
  const auto last = text.find_last_not_of( '=' );
  return text.size() - ( last == std::string_view::npos ? 0 : last + 1 );
}

std::unique_ptr<gloox::Tag> ofStream( const std::string& name, const std::string& sid )
{
  auto tag = element( name, gloox::XMLNS_IBB );
  tag->addAttribute( "sid", sid );
  return tag;
}

} // namespace

std::unique_ptr<gloox::Tag> buildOpen( const std::string& sid, std::uint16_t blockSize )
{
  auto open = ofStream( "open", sid );
  open->addAttribute( "block-size", static_cast<int>( blockSize ) );
  return open;
}

std::unique_ptr<gloox::Tag> buildClose( const std::string& sid )
{
  return ofStream( "close", sid );
}

std::variant<Open, StanzaError> readOpen( const gloox::Tag& open, std::uint16_t maximum )
{
  const std::string text = attribute( open, "block-size" ).value_or( "" );
  if( !isPositiveNumber( text ) )
    return errors::badRequest();
  const auto size = decimal( text, maximum );
  if( !size )
    return errors::ibbSmallerBlocks();
  return Open{ static_cast<std::uint16_t>( *size ) };
}

std::variant<Block, StanzaError> readData( const gloox::Tag& data, std::uint16_t expected, std::uint16_t blockSize )
{
  if( decimal( attribute( data, "seq" ).value_or( "" ), 65535 ) != expected )
    return errors::ibbUnexpected();   // IBB-6

  const std::string text = data.cdata();
  const std::size_t longest = ( std::size_t{ blockSize } * 4 + 2 ) / 3 + 4;
  if( text.size() > 2 * longest )
    return errors::ibbBadData();   // SEC-15: without looking at it

  auto base64 = strictBase64( text );
  if( !base64 )
    return errors::ibbBadData();   // IBB-7
  const std::size_t size = decodedSize( *base64 );
  if( size > blockSize )
    return errors::ibbBadData();   // IBB-8
  return Block{ expected, size, std::move( *base64 ) };
}

std::optional<std::string> strictBase64( std::string_view text )
{
  std::string packed;
  packed.reserve( text.size() );
  std::copy_if( text.begin(), text.end(), std::back_inserter( packed ), []( char c ) { return !isSpace( c ); } );

  const std::size_t pads = padding( packed );
  const bool letters = std::all_of( packed.begin(), packed.end() - static_cast<std::ptrdiff_t>( pads ), isAlphabet );
  if( packed.size() % 4 != 0 || pads > 2 || !letters )
    return std::nullopt;
  return packed;
}

std::size_t decodedSize( std::string_view text ) noexcept
{
  return text.size() / 4 * 3 - padding( text );
}

} // namespace simultiple::protocol
