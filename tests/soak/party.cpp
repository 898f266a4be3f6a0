// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "soak/party.h"

#include "session/plugin.h"

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <iterator>
#include <utility>

namespace simultiple::soak
{

namespace
{

const std::string Name = "urn:example:soak";
const std::string Notes = "urn:example:soak:notes";

ProfileOptions profileOptions()
{
  ProfileOptions options;
  options.childRequired = false;
  options.noteNamespace = Notes;
  return options;
}

} // namespace

Party::Party( Stage& stage, test::ScriptedEntity& entity_, const Options& options, Director& director )
  : entity( entity_ ), manager( entity.base(), options ), profile( manager, Name, *this, profileOptions() ), m_stage( stage ), m_director( director )
{
  if( !manager.enable() )
    m_stage.wrong( manager.problem() );
}

OfferResult Party::offer( const std::string& to, const OfferOptions& options )
{
  auto result = profile.offer( gloox::JID( to ), nullptr, options );
  if( result )
  {
    ++begun;
    m_live[{ to, result.sid }] = {};
  }
  return result;
}

void Party::sendNote( const gloox::JID& peer, const std::string& sid )
{
  auto note = std::make_unique<gloox::Tag>( "word" );
  note->setXmlns( Notes );
  if( profile.sendNote( peer, sid, std::move( note ), [this]( NoteAnswer ) { --m_notesWaiting; } ) )
    ++m_notesWaiting;
}

void Party::checkBounds( const char* name ) const
{
  const auto& plugin = const_cast<Party*>( this )->manager.priv();
  const auto& allowed = plugin.options.limits;
  const auto bounded = [&]( const char* what, std::size_t there, std::size_t most )
  {
    if( there > most )
      m_stage.wrong( std::string( name ) + ": " + std::to_string( there ) + " " + what + ", " + std::to_string( most ) + " are allowed" );
  };
  bounded( "sessions", plugin.sessions.size(), allowed.sessions );
  bounded( "tombstones", plugin.sessions.tombs(), allowed.tombstones );
  bounded( "remembered hosts", plugin.memory.size(), allowed.rememberedHosts );
  if( plugin.runtime )
  {
    bounded( "notes", plugin.runtime->notes.waiting(), session::Notes::MaxWaiting );
    bounded( "stanzas", plugin.runtime->airlock.waiting(), airlock::Airlock::MaxInbox );
  }
}

void Party::checkRest( const char* name ) const
{
  const auto& plugin = const_cast<Party*>( this )->manager.priv();
  const auto none = [&]( const char* what, std::size_t left )
  {
    if( left > 0 )
      m_stage.wrong( std::string( name ) + " at rest: " + std::to_string( left ) + " " + what );
  };
  none( "sessions", plugin.sessions.size() );
  none( "sessions without an end", m_live.size() );
  none( "tombstones", plugin.sessions.tombs() );
  none( "undecided offers", plugin.pendingOffers.size() );
  none( "dead", plugin.graveyard.size() );
  none( "notes without an answer", m_notesWaiting );
  none( "streams without a close", m_streams.size() );
  none( "port of the listener", plugin.listener.port() );
  none( "watched descriptors", plugin.loop.watched() );
  none( "deadlines", plugin.loop.nextAlarm() ? 1 : 0 );
  if( plugin.runtime )
  {
    none( "pending requests", plugin.runtime->airlock.pending() );
    none( "stanzas", plugin.runtime->airlock.waiting() );
    none( "notes", plugin.runtime->notes.waiting() );
  }
}

Party::Seen* Party::seen( const gloox::JID& peer, const std::string& sid, const char* what )
{
  const auto found = m_live.find( { peer.full(), sid } );
  if( found != m_live.end() )
    return &found->second;
  m_stage.wrong( std::string( "GEN-10: " ) + what + " of a session that is not there" );
  return nullptr;
}

Party::Seen* Party::seen( const gloox::Bytestream& stream, const char* what )
{
  const bool ours = m_live.count( { stream.initiator().full(), stream.sid() } ) > 0;   // the peer is one of the two
  return seen( ours ? stream.initiator() : stream.target(), stream.sid(), what );
}

void Party::handleOffer( const Offer& offer )
{
  ++begun;
  if( !m_live.emplace( Key( offer.peer.full(), offer.sid ), Seen() ).second )
    m_stage.wrong( "GEN-9: an offer of a session that is there" );
  m_director.offered( *this, offer );
}

bool Party::handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect, const std::vector<std::string>&, const gloox::Tag& )
{
  (void)seen( peer, sid, "an answer" );
  return m_director.accepted( *this, sid );
}

void Party::handleStream( std::shared_ptr<MultiBytestream> stream )
{
  stream->registerBytestreamDataHandler( this );
  m_streams[stream.get()] = stream;
  auto* session = seen( *stream, "a stream" );
  if( session && std::exchange( session->open, true ) )
    m_stage.wrong( "GEN-10: a second stream" );
}

void Party::handleBytestreamOpen( gloox::Bytestream* stream )
{
  ++opened;
  const auto found = m_streams.find( stream );
  if( found == m_streams.end() )
    return m_stage.wrong( "GEN-10: an open stream that was not handed over" );
  inBand += found->second->method() == gloox::XMLNS_IBB ? 1U : 0U;
  m_director.opened( *this, found->second );
}

void Party::handleBytestreamData( gloox::Bytestream* stream, const std::string& bytes )
{
  if( const auto* session = seen( *stream, "data" ); session && session->closed )
    m_stage.wrong( "GEN-10: data after the close" );
  m_director.data( *this, static_cast<MultiBytestream&>( *stream ), bytes );
}

void Party::handleBytestreamClose( gloox::Bytestream* stream )
{
  if( auto* session = seen( *stream, "a close" ); session && std::exchange( session->closed, true ) )
    m_stage.wrong( "GEN-10: a second close" );
}

void Party::handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& )
{
  (void)seen( peer, sid, "a note" );
  ++notes;
}

void Party::handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& )
{
  const auto* session = seen( peer, sid, "an end" );
  if( session && session->open && !session->closed )
    m_stage.wrong( "GEN-10: the end comes before the close" );
  m_live.erase( { peer.full(), sid } );
  for( auto stream = m_streams.begin(); stream != m_streams.end(); )
  {
    const auto& one = *stream->second;
    const bool its = one.sid() == sid && ( one.initiator() == peer || one.target() == peer );
    stream = its ? m_streams.erase( stream ) : std::next( stream );
  }
  m_director.ended( *this, sid, peer, cause, text );
}

void Party::handleLimit( const gloox::JID&, const std::string& ) { ++limits; }

} // namespace simultiple::soak
