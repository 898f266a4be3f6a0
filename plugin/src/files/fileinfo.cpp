// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/fileinfo.h>

#include "files/datetime.h"
#include "protocol/xml.h"

#include <gloox/base64.h>
#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <algorithm>
#include <cstddef>

namespace simultiple
{

namespace
{

constexpr std::size_t MaxName = 255;  // SEC-12, bytes
constexpr std::size_t MaxDesc = 4096; // SEC-12, characters
constexpr std::size_t MaxText = 256;  // SEC-12, characters
constexpr const char* HashesNamespace = "urn:xmpp:hashes:2";

std::string lowerHex( std::string text, std::size_t digits )
{
  if( text.size() != digits )
    return {};
  for( char& c : text )
  {
    if( c >= 'A' && c <= 'F' )
      c = static_cast<char>( c - 'A' + 'a' );
    if( ( c < '0' || c > '9' ) && ( c < 'a' || c > 'f' ) )
      return {};
  }
  return text;
}

constexpr std::string_view Digits = "0123456789abcdef";

/// @a hex is from lowerHex().
std::string bytesOf( std::string_view hex )
{
  std::string bytes;
  for( std::size_t i = 0; i + 1 < hex.size(); i += 2 )
    bytes += static_cast<char>( ( Digits.find( hex[i] ) << 4 ) | Digits.find( hex[i + 1] ) );
  return bytes;
}

std::string sha256Of( const gloox::Tag& file )
{
  for( const gloox::Tag* tag : file.children() )
  {
    if( tag->name() != "hash" || tag->xmlns() != HashesNamespace || tag->findAttribute( "algo" ) != "sha-256"
        || tag->cdata().size() > 64 )
      continue;
    std::string hex;
    for( const char c : gloox::Base64::decode64( tag->cdata() ) )
    {
      hex += Digits[static_cast<unsigned char>( c ) >> 4];
      hex += Digits[static_cast<unsigned char>( c ) & 15];
    }
    return lowerHex( hex, 64 );
  }
  return {};
}

} // namespace

std::optional<FileInfo> FileInfo::parse( const gloox::Tag* file )
{
  if( !file || file->name() != "file" )
    return std::nullopt;

  const auto attribute = [file]( const char* which ) { return protocol::attribute( *file, which ).value_or( "" ); };
  FileInfo result;
  result.name = attribute( "name" );
  const auto size = protocol::decimal( attribute( "size" ), MaxSize );
  if( result.name.empty() || result.name.size() > MaxName || !size )
    return std::nullopt;

  result.size = *size;
  result.md5 = lowerHex( attribute( "hash" ), 32 );
  result.sha256 = sha256Of( *file );
  if( const auto date = attribute( "date" ); date.size() <= MaxText && files::isDateTime( date ) )
    result.date = date;
  result.mimeType = std::string( protocol::cut( attribute( "mime-type" ), MaxText ) );
  if( const gloox::Tag* const desc = protocol::child( *file, "desc", gloox::XMLNS_SI_FT ) )
    result.desc = std::string( protocol::cut( desc->cdata(), MaxDesc ) );
  if( const gloox::Tag* const folder = protocol::child( *file, "folder", XMLNS_SI_MULTIPLE_FILES ) )
    result.folder = std::string( protocol::cut( folder->cdata(), MaxDesc ) );
  result.range = protocol::child( *file, "range", gloox::XMLNS_SI_FT ) != nullptr;
  return result;
}

std::unique_ptr<gloox::Tag> FileInfo::tag() const
{
  for( const auto* text : { &name, &md5, &date, &desc, &folder } )
    if( !protocol::xmlText( *text ) )
      return nullptr;
  auto file = protocol::element( "file", gloox::XMLNS_SI_FT );
  file->addAttribute( "name", name );
  file->addAttribute( "size", std::to_string( size ) );
  if( !md5.empty() )
    file->addAttribute( "hash", md5 );
  if( !date.empty() )
    file->addAttribute( "date", date );
  if( !desc.empty() )
    new gloox::Tag( file.get(), "desc", desc ); // gloox owns it
  if( range )
    new gloox::Tag( file.get(), "range" ); // gloox owns it
  if( const std::string digest = lowerHex( sha256, 64 ); !digest.empty() )
  {
    auto* const hash = new gloox::Tag( file.get(), "hash", gloox::Base64::encode64( bytesOf( digest ) ) ); // gloox owns it
    hash->setXmlns( HashesNamespace );
    hash->addAttribute( "algo", "sha-256" );
  }
  if( !folder.empty() )
    ( new gloox::Tag( file.get(), "folder", folder ) )->setXmlns( XMLNS_SI_MULTIPLE_FILES ); // gloox owns it
  return file;
}

std::optional<FileRange> answeredRange( const gloox::Tag& si, std::uint64_t size, bool ranged )
{
  const FileRange all{ 0, size, false };
  const gloox::Tag* const file = protocol::child( si, "file", gloox::XMLNS_SI_FT );
  const gloox::Tag* const range = file ? protocol::child( *file, "range", gloox::XMLNS_SI_FT ) : nullptr;
  if( !range )
    return all;

  FileRange wanted = all;
  if( range->hasAttribute( "offset" ) )
  {
    const auto offset = protocol::decimal( range->findAttribute( "offset" ), size );
    if( !offset )
      return std::nullopt;
    wanted = { *offset, size - *offset, true };
  }
  if( range->hasAttribute( "length" ) )
  {
    const auto length = protocol::decimal( range->findAttribute( "length" ), size - wanted.offset );
    if( !length )
      return std::nullopt;
    wanted.length = *length;
  }

  const bool everything = wanted.offset == 0 && wanted.length == size;
  if( !ranged && !everything )
    return std::nullopt;
  return wanted;
}

std::unique_ptr<gloox::Tag> rangeAnswer( const FileInfo& info, const FileRange& range )
{
  if( !info.range || range.offset > info.size || range.length > info.size - range.offset )
    return nullptr;
  auto file = protocol::element( "file", gloox::XMLNS_SI_FT );
  auto* const tag = new gloox::Tag( file.get(), "range" ); // gloox owns it
  tag->addAttribute( "offset", std::to_string( range.offset ) );
  if( range.length < info.size - range.offset )
    tag->addAttribute( "length", std::to_string( range.length ) ); // gabble as the sender ignores it
  return file;
}

} // namespace simultiple
