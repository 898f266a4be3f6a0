// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/note.h"

#include "protocol/xml.h"

#include <gloox/tag.h>

namespace simultiple::files
{

namespace
{

constexpr std::size_t MaxText = 4096; // SEC-12, characters

} // namespace

std::optional<Note> Note::parse( const gloox::Tag& tag )
{
  if( protocol::namespaceOf( tag ) != XMLNS_SI_MULTIPLE_FILES )
    return std::nullopt;
  if( tag.name() == "sent" )
    return Note{ Kind::Sent };
  if( tag.name() == "received" )
    return Note{ Kind::Received };
  if( tag.name() == "lacking" )
    return Note{ Kind::Lacking };
  if( tag.name() == "alive" )
    return Note{ Kind::Alive };
  if( tag.name() != "stopped" )
    return std::nullopt;
  // A peer that is done has no reason to stop: what says so all the same is taken as a cancellation.
  auto cause = fileCauseFromText( protocol::attribute( tag, "cause" ).value_or( "" ) ).value_or( FileCause::Cancelled );
  if( cause == FileCause::Complete )
    cause = FileCause::Cancelled;
  return Note{ Kind::Stopped, cause, std::string( protocol::cut( tag.cdata(), MaxText ) ) };
}

std::unique_ptr<gloox::Tag> Note::tag() const
{
  const auto element = []( const char* name ) { return protocol::element( name, XMLNS_SI_MULTIPLE_FILES ); };
  switch( kind )
  {
    case Kind::Sent: return element( "sent" );
    case Kind::Received: return element( "received" );
    case Kind::Lacking: return element( "lacking" );
    case Kind::Alive: return element( "alive" );
    case Kind::Stopped: break;
  }
  auto tag = element( "stopped" );
  tag->addAttribute( "cause", fileCauseText( cause ) );
  tag->setCData( protocol::xmlText( text ) ? text : printable( text ) ); // gloox drops what XML cannot hold
  return tag;
}

} // namespace simultiple::files
