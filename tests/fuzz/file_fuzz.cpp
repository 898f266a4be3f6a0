// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a peer says about files: the offer's `<file/>`, the range in its answer, notes, names and folders. Any stanza that gloox's parser
// lets through, and the bytes as they are where they become a name.

#include <gloox-si-multiple/fileinfo.h>
#include <gloox-si-multiple/filetransfer.h>

#include "files/filename.h"
#include "files/note.h"
#include "protocol/utf8.h"
#include "protocol/xml.h"
#include "support/stanza.h"

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace
{

using namespace simultiple;

constexpr std::size_t MaxName = 255;  // bytes
constexpr std::size_t MaxText = 4096; // characters
constexpr std::size_t MaxDepth = 16;

void require( bool holds )
{
  if( !holds )
    std::abort();
}

/// PFT-4: one name in one directory, that means what it shows.
void requireComponent( std::string_view name )
{
  require( !name.empty() && name.size() <= MaxName );
  require( name.front() != '.' );
  require( name.find( '/' ) == std::string_view::npos && name.find( '\\' ) == std::string_view::npos );
  require( std::none_of( name.begin(), name.end(), []( unsigned char c ) { return c < 0x20 || c == 0x7f; } ) );
  require( protocol::xmlText( name ) );
}

void readName( const std::string& text )
{
  const std::string name = safeFileName( text );
  requireComponent( name );
  require( safeFileName( name ) == name );
  for( const unsigned number : { 1U, 1000U } )
    requireComponent( files::numberedName( name, number ) );

  const std::string folder = safeFolder( text );
  require( safeFolder( folder ) == folder );
  std::size_t depth = 0;
  for( std::string_view rest = folder; !rest.empty(); ++depth )
  {
    const auto slash = rest.find( '/' );
    requireComponent( rest.substr( 0, slash ) );
    require( slash != rest.size() - 1 );
    rest.remove_prefix( slash == std::string_view::npos ? rest.size() : slash + 1 );
  }
  require( depth <= MaxDepth );
}

bool hexOrNothing( const std::string& text, std::size_t digits )
{
  return text.empty() || ( text.size() == digits && text.find_first_not_of( "0123456789abcdef" ) == std::string::npos );
}

/// What was read is written so that it is read alike. The answer that asks for a part is understood as that part.
void readFile( const gloox::Tag& element )
{
  const auto info = FileInfo::parse( &element );
  if( !info )
    return;
  require( !info->name.empty() && info->name.size() <= MaxName && info->size <= FileInfo::MaxSize );
  require( hexOrNothing( info->md5, 32 ) && hexOrNothing( info->sha256, 64 ) );
  require( protocol::characters( info->desc ) <= MaxText && protocol::characters( info->folder ) <= MaxText );
  readName( info->name );
  readName( info->folder );

  // gloox's parser lets bytes through that its Tag would not take; those cannot be written again.
  if( !protocol::xmlText( info->name ) || !protocol::xmlText( info->desc ) || !protocol::xmlText( info->folder ) )
    return;
  const auto again = FileInfo::parse( info->tag().get() );
  require( again && again->name == info->name && again->size == info->size && again->range == info->range );
  require( again->md5 == info->md5 && again->sha256 == info->sha256 && again->date == info->date );
  require( again->desc == info->desc && again->folder == info->folder );

  const auto from = info->size / 3;
  for( const auto& wanted : { FileRange{ 0, info->size, true }, FileRange{ from, info->size - from, true }, FileRange{ from, from / 2, true },
                              FileRange{ info->size, 0, true } } )
  {
    auto file = rangeAnswer( *info, wanted );
    require( static_cast<bool>( file ) == info->range );
    if( !file )
      continue;
    const auto si = protocol::element( "si", gloox::XMLNS_SI );
    si->addChild( file.release() );
    const auto range = answeredRange( *si, info->size, true );
    require( range && range->offset == wanted.offset && range->length == wanted.length && range->asked );
  }
  require( !rangeAnswer( *info, { info->size, 1, true } ) );
}

/// PFT-9: never a byte that the file does not have.
void readAnswer( const gloox::Tag& element )
{
  for( const auto size : { std::uint64_t( 0 ), std::uint64_t( 15 ), FileInfo::MaxSize } )
    for( const bool ranged : { true, false } )
    {
      const auto range = answeredRange( element, size, ranged );
      if( !range )
        continue;
      require( range->offset <= size && range->length <= size - range->offset );
      require( ranged || ( range->offset == 0 && range->length == size ) );
    }
}

void readNote( const gloox::Tag& element )
{
  const auto note = files::Note::parse( element );
  if( !note )
    return;
  require( note->kind != files::Note::Kind::Stopped || note->cause != FileCause::Complete );
  require( protocol::characters( note->text ) <= MaxText );
  const auto again = files::Note::parse( *note->tag() );
  require( again && again->kind == note->kind );
  if( note->kind == files::Note::Kind::Stopped )
    require( again->cause == note->cause );
}

void readElement( const gloox::Tag& element, int depth )
{
  readFile( element );
  readAnswer( element );
  readNote( element );
  if( depth > 0 )
    for( const auto* child : element.children() )
      readElement( *child, depth - 1 );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  const std::string bytes( data, data + size );
  readName( bytes );
  const auto stanza = test::parse( bytes );
  if( stanza )
    readElement( *stanza, 2 );
  return 0;
}
