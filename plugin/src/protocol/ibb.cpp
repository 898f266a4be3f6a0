// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/ibb.h"

#include "protocol/base64.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

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

std::unique_ptr<gloox::Tag> buildData( const std::string& sid, std::uint16_t seq, std::string_view block )
{
  // The content comes with the constructor, which looks at it once; setCData() would look twice.
  auto data = std::make_unique<gloox::Tag>( "data", encodeBase64( block ) );
  data->setXmlns( gloox::XMLNS_IBB );
  data->addAttribute( "sid", sid );
  data->addAttribute( "seq", static_cast<int>( seq ) );
  return data;
}

std::variant<std::string, StanzaError> readData( std::string_view seq, std::string_view text, std::uint16_t expected, std::uint16_t blockSize )
{
  if( decimal( seq, 65535 ) != expected )
    return errors::ibbUnexpected();   // IBB-6

  const std::size_t longest = ( std::size_t{ blockSize } * 4 + 2 ) / 3 + 4;
  if( text.size() > 2 * longest )
    return errors::ibbBadData();   // SEC-15: without looking at it

  auto bytes = decodeBase64( text );
  if( !bytes || bytes->size() > blockSize )
    return errors::ibbBadData();   // IBB-7, IBB-8
  return std::move( *bytes );
}

} // namespace simultiple::protocol
