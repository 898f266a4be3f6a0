// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/session/app.h"

#include "fuzz/support/require.h"
#include "fuzz/support/trace.h"
#include "session/plugin.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace simultiple::fuzz
{

const std::string App::Profile = "urn:example:profile";
const std::string App::Notes = "urn:example:notes";

App::App( gloox::ClientBase& client, const Options& options, ProfileOptions profileOptions )
  : manager( std::make_unique<SIMultipleManager>( client, options ) ),
    profile( std::make_unique<SIProfileMultiple>( *manager, Profile, *this, profileOptions ) ), m_options( options ),
    m_lateNotes( profileOptions.notesAfterEnd )
{
  // How long a turn takes must not decide what happens in it.
  manager->priv().turnClock = [] { return std::chrono::steady_clock::time_point(); };
  manager->priv().localAddresses = [] { return std::vector<net::Address>{ *net::Address::parse( "192.0.2.17" ) }; };
}

void App::destroy()
{
  m_silent = true;
  profile.reset();
  manager.reset();
}

// ---- sessions

Heard& App::offered( const gloox::JID& peer, const std::string& sid )
{
  m_sessions.push_back( {} );
  auto& fresh = m_sessions.back();
  fresh.peer = peer;
  fresh.sid = sid;
  fresh.ours = true;
  return fresh;
}

Heard* App::find( const gloox::JID& peer, const std::string& sid )
{
  const auto found = std::find_if( m_sessions.rbegin(), m_sessions.rend(), [&]( const Heard& session )
                                   { return !session.ended && session.sid == sid && session.peer == peer; } );
  return found == m_sessions.rend() ? nullptr : &*found;
}

Heard& App::live( const gloox::JID& peer, const std::string& sid )
{
  require( !m_silent, "CLS-10: nothing is heard of a plugin that is gone" );
  auto* session = find( peer, sid );
  require( session != nullptr, "GEN-10: nothing after the end" );
  return *session;
}

Heard& App::of( const gloox::Bytestream& stream )
{
  require( !m_silent, "CLS-10: nothing is heard of a plugin that is gone" );
  const auto found = std::find_if( m_sessions.begin(), m_sessions.end(), [&]( const Heard& session ) { return session.stream.get() == &stream; } );
  require( found != m_sessions.end() && !found->ended, "GEN-10: nothing of a stream before it is shown, nor after the end" );
  return *found;
}

std::size_t App::live() const
{
  return static_cast<std::size_t>( std::count_if( m_sessions.begin(), m_sessions.end(), []( const Heard& session ) { return !session.ended; } ) );
}

std::size_t App::undecided() const
{
  return static_cast<std::size_t>( std::count_if( m_sessions.begin(), m_sessions.end(), []( const Heard& session ) { return !session.ended && session.offer; } ) );
}

void App::tell( Heard& session )
{
  if( onCallback )
    onCallback( session );
}

// ---- tables

bool App::entombed( const gloox::JID& peer, const std::string& sid, TimePoint after ) const
{
  return std::any_of( m_tombs.begin(), m_tombs.end(), [&]( const Tomb& tomb ) { return tomb.sid == sid && tomb.peer == peer && tomb.until > after; } );
}

void App::forgetTombs()
{
  m_tombsKnown = m_tombsKnown && m_tombsDug == m_tombsChecked.first;
  m_tombs.clear();
}

void App::enable()
{
  forgetAtRest();
  (void)manager->enable();
}

void App::forgetAtRest()
{
  if( !manager->priv().runtime )
    m_tombs.clear();
}

void App::checkTables()
{
  auto& plugin = manager->priv();
  const auto now = plugin.clock.now();
  forgetAtRest();
  while( !m_tombs.empty() && m_tombs.front().until <= now )
    m_tombs.pop_front();

  const auto& limits = m_options.limits;
  require( plugin.sessions.size() == live(), "GEN-10: every session that is not over is known" );
  require( plugin.sessions.size() <= limits.sessions, "SEC-13: sessions" );
  require( undecided() <= limits.offers, "SEC-13: offers" );
  require( plugin.memory.size() <= limits.rememberedHosts, "S5B-21: hosts" );
  require( plugin.graveyard.empty(), "what is over is destroyed with the turn" );
  std::map<std::string, std::pair<std::size_t, std::size_t>> perPeer;
  for( const auto& session : m_sessions )
  {
    if( session.ended )
      continue;
    auto& [all, offers] = perPeer[session.peer.bare()];
    require( ++all <= limits.sessionsPerPeer, "SEC-13: sessions per peer" );
    require( ( offers += session.offer ? 1U : 0U ) <= limits.offersPerPeer, "SEC-13: offers per peer" );
    require( !session.stream || session.stream->bytesQueued() < limits.writeBuffer + MostAtOnce, "what is queued has a bound" );
  }

  const auto state = std::make_pair( m_tombsDug, m_tombs.size() );
  if( !m_tombsKnown || std::exchange( m_tombsChecked, state ) == state )
    return;
  for( const auto& session : m_sessions )
  {
    const auto key = session::SessionTable::key( manager->client().jid(), session.peer, session.sid );
    require( plugin.sessions.hasTomb( key ) == entombed( session.peer, session.sid ), "CLS-9, SEC-14: tombstones" );
  }
}

// ---- callbacks

void App::handleOffer( const Offer& offer )
{
  require( !m_silent, "CLS-10: nothing is heard of a plugin that is gone" );
  require( !find( offer.peer, offer.sid ) && !entombed( offer.peer, offer.sid, manager->priv().clock.now() ), "GEN-9: no session twice" );
  m_sessions.push_back( {} );
  auto& fresh = m_sessions.back();
  fresh.peer = offer.peer;
  fresh.sid = offer.sid;
  fresh.offer = offer;
  tell( fresh );
}

bool App::handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& )
{
  auto& session = live( peer, sid );
  require( session.ours && !std::exchange( session.accepted, true ) && !session.stream, "GEN-10: accepted once, and first" );
  require( dialect != Dialect::None && !methods.empty(), "SIM-20: an acceptance lists something" );
  tell( session );
  return true;
}

void App::handleStream( std::shared_ptr<MultiBytestream> stream )
{
  auto& session = live( stream->initiator() == manager->client().jid() ? stream->target() : stream->initiator(), stream->sid() );
  require( !session.stream && ( !session.ours || session.accepted ), "GEN-10: one stream, of what was accepted" );
  require( stream->isOpen(), "a stream that is shown is open" );
  session.stream = std::move( stream );
  session.stream->registerBytestreamDataHandler( this );
  tell( session );
}

void App::handleAttempt( const Attempt& attempt ) { tell( live( attempt.peer, attempt.sid ) ); }

void App::handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& )
{
  if( auto* session = find( peer, sid ) )
    return tell( *session );
  require( m_lateNotes && entombed( peer, sid ), "PCU-8: notes of live sessions, and late ones for who wants them" );
}

void App::handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string&, const Report& report )
{
  auto& session = live( peer, sid );
  trace( "app", "end of " + sid + ": " + causeText( cause ) );
  require( session.open == session.closed, "GEN-10: a stream that was opened is closed before the end" );
  require( report.initiator == session.ours && report.sid == sid, "the report is about this session" );
  require( report.bytesReceived == session.received && report.bytesSent <= session.taken, "the report counts payload" );
  require( session.stream || ( cause != Cause::ClosedLocal && cause != Cause::ProtocolViolation && cause != Cause::StreamConflict ), "what was not open is not closed" );
  session.ended = true;
  session.offer.reset();
  const auto until = manager->priv().clock.now() + m_options.timeouts.get( Timer::Tomb );
  tell( session );
  // Only now: who is ended from inside is buried first.
  ++m_tombsDug;
  m_tombs.push_back( { session.peer, session.sid, until } );
  while( m_tombs.size() > m_options.limits.tombstones )
    m_tombs.pop_front();
}

void App::handleBytestreamData( gloox::Bytestream* stream, const std::string& data )
{
  auto& session = of( *stream );
  require( !session.closed && !session.paused && !data.empty(), "data come while the stream is open and read" );
  if( session.letter == 0 )
    session.letter = data.front();
  require( data.find_first_not_of( session.letter ) == std::string::npos, "NEG-10, NEG-24: one stream is heard, and no other" );
  session.received += data.size();
  require( session.stream->bytesReceived() == session.received, "the stream counts payload" );
  tell( session );
}

void App::handleBytestreamOpen( gloox::Bytestream* stream )
{
  auto& session = of( *stream );
  trace( "app", "open: " + session.sid );
  require( !std::exchange( session.open, true ), "GEN-10: open once" );
  tell( session );
}

void App::handleBytestreamClose( gloox::Bytestream* stream )
{
  auto& session = of( *stream );
  require( session.open && !std::exchange( session.closed, true ), "GEN-10: closed once, after it was open" );
  tell( session );
}

} // namespace simultiple::fuzz
