// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "filechild.h"

#include "text.h"

#include <gloox/base64.h>
#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <algorithm>
#include <cstddef>

namespace sample
{

namespace
{

constexpr std::size_t MaxName = 255;  // SEC-12, bytes
constexpr std::size_t MaxDesc = 4096; // SEC-12, characters
constexpr const char* HashesNamespace = "urn:xmpp:hashes:2";

// A child that only inherits its namespace says "" when it is asked for it.
const gloox::Tag* child( const gloox::Tag& parent, const std::string& name, const std::string& xmlns, bool inherited )
{
  for( const gloox::Tag* tag : parent.children() )
    if( tag->name() == name && ( tag->xmlns() == xmlns || ( inherited && tag->xmlns().empty() ) ) )
      return tag;
  return nullptr;
}

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

std::string sha256Of( const gloox::Tag& file )
{
  static constexpr std::string_view digits = "0123456789abcdef";
  for( const gloox::Tag* tag : file.children() )
  {
    if( tag->name() != "hash" || tag->xmlns() != HashesNamespace || tag->findAttribute( "algo" ) != "sha-256"
        || tag->cdata().size() > 64 )
      continue;
    std::string hex;
    for( const char c : gloox::Base64::decode64( tag->cdata() ) )
    {
      hex += digits[static_cast<unsigned char>( c ) >> 4];
      hex += digits[static_cast<unsigned char>( c ) & 15];
    }
    return lowerHex( hex, 64 );
  }
  return {};
}

} // namespace

std::optional<FileChild> FileChild::parse( const gloox::Tag* file )
{
  if( !file || file->name() != "file" )
    return std::nullopt;

  FileChild result;
  result.name = file->findAttribute( "name" );
  const auto size = decimal( file->findAttribute( "size" ), MaxSize );
  if( result.name.empty() || result.name.size() > MaxName || !size )
    return std::nullopt;

  result.size = *size;
  result.md5 = lowerHex( file->findAttribute( "hash" ), 32 );
  result.sha256 = sha256Of( *file );
  if( isDateTime( file->findAttribute( "date" ) ) )
    result.date = file->findAttribute( "date" );
  result.mimeType = file->findAttribute( "mime-type" );
  if( const gloox::Tag* const desc = child( *file, "desc", gloox::XMLNS_SI_FT, true ) )
    result.desc = cutCharacters( desc->cdata(), MaxDesc );
  result.range = child( *file, "range", gloox::XMLNS_SI_FT, true ) != nullptr;
  return result;
}

std::unique_ptr<gloox::Tag> FileChild::tag() const
{
  auto file = std::make_unique<gloox::Tag>( "file" );
  file->setXmlns( gloox::XMLNS_SI_FT );
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
  return file;
}

std::optional<FileRange> answeredRange( const gloox::Tag& si, std::uint64_t size, bool ranged )
{
  const FileRange all{ 0, size };
  const gloox::Tag* const file = child( si, "file", gloox::XMLNS_SI_FT, false );
  const gloox::Tag* const range = file ? child( *file, "range", gloox::XMLNS_SI_FT, true ) : nullptr;
  if( !range )
    return all;

  FileRange wanted = all;
  if( range->hasAttribute( "offset" ) )
  {
    const auto offset = decimal( range->findAttribute( "offset" ), size );
    if( !offset )
      return std::nullopt;
    wanted = { *offset, size - *offset };
  }
  if( range->hasAttribute( "length" ) )
  {
    const auto length = decimal( range->findAttribute( "length" ), size - wanted.offset );
    if( !length )
      return std::nullopt;
    wanted.length = *length;
  }

  const bool everything = wanted.offset == 0 && wanted.length == size;
  if( !ranged && !everything )
    return std::nullopt;
  return wanted;
}

bool isDateTime( std::string_view text )
{
  const auto matches = [&text]( std::string_view pattern ) // '0' stands for a digit
  {
    if( text.size() < pattern.size() )
      return false;
    const bool same = std::equal( pattern.begin(), pattern.end(), text.begin(), []( char p, char c )
                                  { return p == '0' ? c >= '0' && c <= '9' : p == c; } );
    if( same )
      text.remove_prefix( pattern.size() );
    return same;
  };
  const auto twoDigits = [&text]( std::size_t at ) { return ( text[at] - '0' ) * 10 + ( text[at + 1] - '0' ); };

  const std::string_view whole = text;
  if( !matches( "0000-00-00T00:00" ) )
    return false;
  if( matches( ":00" ) && matches( ".0" ) )
    while( matches( "0" ) )
      ;
  if( text != "Z" && text.size() != 6 )
    return false;
  if( text != "Z" && !matches( "+00:00" ) && !matches( "-00:00" ) )
    return false;

  text = whole;
  const int month = twoDigits( 5 );
  const int day = twoDigits( 8 );
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && twoDigits( 11 ) <= 23 && twoDigits( 14 ) <= 59;
}

} // namespace sample
