// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ft/file.h"

#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <cctype>
#include <limits>

namespace simultiple::ft
{

namespace
{

// SEC-12.
constexpr std::size_t MaxName = 255;   // bytes
constexpr std::size_t MaxDesc = 4096;  // characters
constexpr std::size_t MaxText = 256;   // characters
constexpr std::size_t HashDigits = 32;
constexpr std::uint64_t MaxSize = std::numeric_limits<std::int64_t>::max();

bool isHash( const std::string& text )
{
  return text.size() == HashDigits && std::all_of( text.begin(), text.end(), []( unsigned char c ) { return std::isxdigit( c ) != 0; } );
}

} // namespace

std::optional<File> File::parse( const gloox::Tag* file )
{
  if( !file || file->name() != "file" )
    return std::nullopt;
  const auto text = [&]( const char* name ) { return std::string( protocol::cut( protocol::attribute( *file, name ).value_or( "" ), MaxText ) ); };

  File result;
  result.name = protocol::attribute( *file, "name" ).value_or( "" );
  const auto size = protocol::decimal( protocol::attribute( *file, "size" ).value_or( "" ), MaxSize );
  if( result.name.empty() || result.name.size() > MaxName || !size )
    return std::nullopt;
  result.size = *size;
  if( const auto hash = text( "hash" ); isHash( hash ) )
    result.hash = hash;
  result.date = text( "date" );
  result.mimeType = text( "mime-type" );
  if( const auto* desc = protocol::child( *file, "desc", gloox::XMLNS_SI_FT ) )
    result.desc = protocol::cut( desc->cdata(), MaxDesc );
  return result;
}

std::unique_ptr<gloox::Tag> File::tag() const
{
  for( const auto* text : { &name, &hash, &date, &desc } )
    if( !protocol::xmlText( *text ) )
      return nullptr;   // gloox would leave it out without a word
  auto file = protocol::element( "file", gloox::XMLNS_SI_FT );
  file->addAttribute( "name", name );
  file->addAttribute( "size", std::to_string( size ) );
  if( !hash.empty() )
    file->addAttribute( "hash", hash );
  if( !date.empty() )
    file->addAttribute( "date", date );
  if( !desc.empty() )
    new gloox::Tag( file.get(), "desc", desc );   // gloox owns it
  return file;
}

bool wantsPart( const gloox::Tag& si, std::uint64_t size )
{
  const auto* file = protocol::child( si, "file", gloox::XMLNS_SI_FT );
  const auto* range = file ? protocol::child( *file, "range", gloox::XMLNS_SI_FT ) : nullptr;
  if( !range )
    return false;
  const auto other = [&]( const char* name, std::uint64_t whole )
  {
    const auto text = protocol::attribute( *range, name );
    return text && protocol::decimal( *text, MaxSize ) != whole;
  };
  return other( "offset", 0 ) || other( "length", size );
}

} // namespace simultiple::ft
