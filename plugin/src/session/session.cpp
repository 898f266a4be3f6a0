// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/session.h"

#include "protocol/ibb.h"
#include "protocol/xml.h"

#include <exception>
#include <utility>

namespace simultiple::session
{

using namespace std::chrono;

Session::Session( SessionHost& host, methods::StreamId id, std::string profile, SIProfileMultipleHandler& handler, bool initiator )
  : m_host( host ), m_id( std::move( id ) ), m_privacy( host.shared().options.privacy ), m_profile( std::move( profile ) ),
    m_era( host.shared().airlock.era() ), m_handler( &handler ), m_begun( host.shared().loop.now() ), m_notesSince( m_begun )
{
  m_duty->giveUp = [this] { return giveUp(); };
  m_report.sid = m_id.sid;
  m_report.peer = m_id.peer;
  m_report.initiator = initiator;
  const auto& from = initiator ? m_id.local : m_id.peer;
  const auto& to = initiator ? m_id.peer : m_id.local;
  m_stream = std::make_shared<MultiBytestream>(
    std::make_unique<MultiBytestream::Private>( host.shared().loop, *this, host.shared().options.limits.writeBuffer, initiator ), host.sink(), from,
    to, m_id.sid );
}

// The application may keep the stream longer than we live.
Session::~Session()
{
  m_duty->giveUp = nullptr;
  stream().silence();
  stream().channel.reset();
}

void Session::silence()
{
  m_handler = nullptr;
  stream().silence();
}

bool Session::streamWait( int timeout )
{
  const auto stays = m_stream;   // we may be gone after the turn
  m_host.work( timeout );
  return stays->isOpen();
}

void Session::startTimer( Timer timer, std::function<void()> fire )
{
  const auto after = shared().options.timeouts.get( timer );
  const bool unlimited = after.count() == 0 && ( timer == Timer::SOffer || timer == Timer::RApp || timer == Timer::RFirst );
  if( unlimited )   // TMO-1
    return;
  auto& alarm = m_alarms[timer];
  if( !alarm )
    alarm = std::make_unique<net::Alarm>( shared().loop );
  alarm->start( after, std::move( fire ) );
}

void Session::stopTimer( Timer timer )
{
  if( const auto alarm = m_alarms.find( timer ); alarm != m_alarms.end() )
    alarm->second->stop();
}

void Session::handleMethodAttempt( Attempt attempt )
{
  attempt.sid = m_id.sid;
  attempt.peer = m_id.peer;
  if( attempt.state != Attempt::State::Started )
    m_report.attempts.push_back( attempt );
  if( attempt.state == Attempt::State::Failed )
    debug( methodName( attempt.method ) + ": " + attempt.host + ":" + std::to_string( attempt.port ) + " failed: " + attempt.reason );
  if( m_handler && !m_over )
    m_handler->handleAttempt( attempt );
}

void Session::reportMethod( const std::string& method, Attempt::State state, const std::string& reason )
{
  const auto now = shared().loop.now();
  if( state == Attempt::State::Started )
    m_methodBegun = now;
  Attempt attempt;
  attempt.method = method;
  attempt.state = state;
  attempt.reason = reason;
  attempt.took = duration_cast<milliseconds>( now - m_methodBegun );
  if( state == Attempt::State::Failed )
    m_host.log().warn( methodName( method ) + " failed after " + std::to_string( attempt.took.count() ) + " ms: " + reason );
  handleMethodAttempt( std::move( attempt ) );
}

void Session::openStream( const std::string& method )
{
  changeStream( method );
  stream().markOpen();
  if( m_handler )
    m_handler->handleStream( m_stream );
  stream().reportOpen();
}

void Session::changeStream( const std::string& method )
{
  m_report.method = method;
  m_report.host = stream().channel ? stream().channel->host() : std::string();
  m_report.toOpen = duration_cast<milliseconds>( shared().loop.now() - m_begun );
  stream().changed( method );
  reportMethod( method, Attempt::State::Opened );
  debug( "open: " + methodName( method ) + ( m_report.host.empty() ? "" : " by " + m_report.host ) );
}

namespace
{

// Reasons name methods by their namespaces; people read s5b and ibb.
std::string withShortNames( std::string text )
{
  for( const auto& name : { gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB } )
    for( auto at = text.find( name ); at != std::string::npos; at = text.find( name, at + 1 ) )
      text.replace( at, name.size(), methodName( name ) );
  return text;
}

} // namespace

// Nothing of this may fail and leave the rest undone: not for want of memory, and not because the application throws.
void Session::conclude( Cause cause, const std::string& reason )
{
  if( m_over )
    return;
  const auto text = m_duty->failed ? std::string( m_duty->failed ) : withShortNames( reason );
  if( m_duty->failed )
    cause = Cause::IoError;   // CLS-12
  m_over = true;
  m_alarms.clear();
  m_report.bytesSent = stream().sent;
  m_report.taken = stream().allTaken;
  m_report.bytesReceived = stream().received;
  (void)work( [&]
  {
    debug( std::string( "ended: " ) + causeText( cause ) + ( text.empty() ? "" : ": " + text ) );
    if( cause != Cause::ClosedLocal && cause != Cause::ClosedRemote )
      m_host.log().warn( std::string( "session ended: " ) + causeText( cause ) );
  } );

  (void)work( [this] { stream().finish(); } );
  m_dead = stream().detach();
  if( m_dead )
    m_dead->drop();
  if( m_handler )
    (void)work( [&] { m_handler->handleEnd( m_id.sid, m_id.peer, cause, text, m_report ); } );
  m_host.sessionEnded( *this );
}

// As if the application had given it up, so that the peer hears of it as far as there is memory for that.
bool Session::giveUp()
{
  const bool inBand = !m_over && endsInBand();
  if( !m_over && !busy() )
    stop( true );
  if( !m_over && !busy() )
    (void)work( [this] { conclude( Cause::IoError, {} ); } );
  // Its own close may be what there was no memory for, and nothing else would ever tell the peer.
  if( inBand && m_over )
    (void)work( [this] { shared().airlock.sendAndForget( m_id.local, m_id.peer, protocol::buildClose( m_id.sid ) ); } );
  return m_over;
}

bool Session::endsInBand() const { return stream().channel && stream().channel->inBand(); }

void Session::dropChannel()
{
  auto channel = stream().detach();
  if( !channel )
    return;
  channel->drop();
  try
  {
    m_host.bury( std::shared_ptr<methods::Channel>( std::move( channel ) ) );   // we may be inside one of its callbacks
  }
  catch( const std::exception& )
  {
    m_dead = std::move( channel ); // cppcheck-suppress accessMoved ; a shared_ptr that cannot be made leaves it where it was
    throw;
  }
}

void Session::peerUnavailable()
{
  if( stream().channel )
    stream().channel->peerGone();
}

bool Session::closeUnlessSurviving()
{
  const auto* channel = stream().channel.get();
  const bool survives = channel && channel->survives() && ( channel->inBand() || shared().options.keepSocks5OnDisconnect );
  if( !survives )
  {
    const airlock::Airlock::LastWords words( shared().airlock );
    stream().abortChannel();
  }
  return survives;
}

// Answered first: what the application does next may speak, too.
void Session::handleNote( const airlock::Stanza& stanza )
{
  auto& airlock = shared().airlock;
  if( stanza.ns != m_notes )
    return airlock.sendError( stanza, protocol::errors::itemNotFound() );
  // The application hears of the end, and makes a turn meanwhile: what the tombstone is going to say (CLS-9).
  if( m_over && stanza.element->name() == m_aliveNote )
    return airlock.sendError( stanza, protocol::errors::itemNotFound() );
  // A session may be held up for hours, and be asked after all the while (PFT-17).
  const auto now = shared().loop.now();
  if( const auto more = ( now - m_notesSince ) / NoteEvery; more > 0 )
  {
    m_notesHeard -= std::min( m_notesHeard, static_cast<std::size_t>( more ) );
    m_notesSince += more * NoteEvery;
  }
  if( m_notesHeard >= MaxNotes )
  {
    airlock.sendError( stanza, protocol::errors::tooManyNotes() );
    if( std::exchange( m_notesTooMany, true ) )
      return;
    m_host.log().warn( "limit hit: notes" );
    return m_handler ? m_handler->handleLimit( m_id.peer, "notes" ) : void();
  }
  ++m_notesHeard;
  debug( "PCU-8: note " + stanza.element->name() );
  airlock.sendResult( stanza );
  if( m_handler && ( !m_over || m_notesAfterEnd ) )
    m_handler->handleNote( m_id.sid, m_id.peer, *protocol::detach( *stanza.element ) );
}

void Session::debug( const std::string& text ) const { m_host.log().debug( m_id.sid, text ); }

} // namespace simultiple::session
