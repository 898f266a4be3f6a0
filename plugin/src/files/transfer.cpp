// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/transfer.h"

#include "files/profile.h"
#include "protocol/utf8.h"
#include "session/plugin.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace simultiple::files
{

using std::chrono::milliseconds;

namespace
{

constexpr std::chrono::seconds IdlePatience{ 120 }; // PFT-17
// How long the sender of a complete file may take to close: it does so at once, but not every program can.
constexpr std::chrono::seconds CloseGrace{ 5 };

} // namespace

Transfer::Transfer( Profile& profile, TransferOwner& owner, FileTransferHandler* handler, milliseconds progressEvery )
  : m_profile( profile ), m_handler( handler ), m_owner( &owner ), m_progressEvery( std::max( progressEvery, milliseconds( 10 ) ) ),
    m_begun( profile.loop().now() ), m_tick( profile.loop() ), m_throttled( profile.loop() )
{
  m_duty->giveUp = [this] { return giveUp(); };
}

Transfer::~Transfer()
{
  m_duty->giveUp = nullptr;
  detachStream();
}

net::EventLoop& Transfer::loop() const { return m_profile.loop(); }
void Transfer::debug( const std::string& text ) const { m_profile.manager().priv().logger.debug( m_sid.empty() ? "-" : m_sid, text ); }
void Transfer::setState( State state ) { m_state = state; }

// ---- the session

void Transfer::begin( const gloox::JID& peer, const std::string& sid )
{
  m_profile.remove( m_peer, m_sid );
  try
  {
    m_peer = peer;
    m_sid = sid;
    m_profile.add( m_peer, m_sid, *this );
  }
  catch( const std::exception& )
  {
    (void)m_profile.si().cancel( peer, sid ); // we would not hear of it
    throw;
  }
  m_live = true;
  m_opened = false;
}

// Takes no memory, since end() leaves nobody behind who could try again (CLS-12).
void Transfer::abandonSession() noexcept
{
  if( !std::exchange( m_live, false ) )
    return m_profile.remove( m_peer, m_sid );
  m_reached = reached();
  if( m_stream && m_opened ) // its report is not heard
    m_result.bytes += outgoing() ? m_stream->bytesSent() : m_stream->bytesReceived();
  detachStream();
  m_profile.abandon( m_peer, m_sid );
}

bool Transfer::answered( Dialect, const std::vector<std::string>&, const gloox::Tag& ) { return true; }

void Transfer::attempted( const Attempt& attempt )
{
  if( m_handler )
    m_handler->handleFileAttempt( *this, attempt );
}

void Transfer::streamCame( std::shared_ptr<MultiBytestream> stream )
{
  m_stream = std::move( stream );
  m_stream->registerBytestreamDataHandler( this );
}

void Transfer::handleBytestreamOpen( gloox::Bytestream* )
{
  (void)work( [this] { begun(); } );
}

void Transfer::begun()
{
  m_opened = true;
  ++m_result.streams;
  if( stopped() || m_state == State::Ended )
    return;
  m_rate.start( position(), loop().now() );
  m_moved = loop().now();
  m_asking = false;
  m_shown = position(); // where a stream starts, handleFileOpen() says
  m_tick.start( m_progressEvery, [this] { tick(); } );
  streamOpened();
}

void Transfer::detachStream()
{
  if( !m_stream )
    return;
  m_stream->setWritableCallback( nullptr );
  m_stream->removeBytestreamDataHandler();
  m_stream.reset();
}

void Transfer::sessionEnded( Cause cause, const std::string& text, const Report& report )
{
  const auto self = shared_from_this();
  m_live = false; // a late note may still come
  m_result.session = cause;
  m_result.report = report;
  m_result.bytes += outgoing() ? report.bytesSent : report.bytesReceived;
  tick(); // from inside which the application may end the transfer
  m_reached = reached();
  detachStream();
  m_throttled.stop();
  const bool opened = std::exchange( m_opened, false );
  if( m_stop )
    return end( *m_stop );
  sessionOver( { cause, text, opened, report.method, report.bytesSent, report.bytesReceived, report.taken } );
}

// ---- notes

void Transfer::say( const Note& note, std::function<void( NoteAnswer )> answered )
{
  const auto called = [weak = weak_from_this(), answered = std::move( answered )]( NoteAnswer answer )
  {
    if( const auto self = weak.lock(); self && answered )
      (void)self->work( [&] { answered( answer ); } );
  };
  if( !m_profile.si().sendNote( m_peer, m_sid, note.tag(), called ) )
    called( NoteAnswer::Unheard );
}

void Transfer::noteCame( const Note& note )
{
  if( note.kind != Note::Kind::Stopped )
    return noteHeard( note );
  const bool tooLate = m_state == State::Finishing && !outgoing(); // everything is here
  if( stopped() || tooLate || m_state == State::Ended )
    return;
  debug( std::string( "PFT-13: the peer gives up: " ) + fileCauseText( note.cause ) );
  m_stop = Stop{ note.cause, note.text, true };
  stopping( *m_stop );
  giveUpSession();
}

// ---- ends

void Transfer::stop( FileCause cause, const std::string& text, const std::string& toPeer )
{
  if( stopped() || m_state == State::Ended )
    return;
  debug( std::string( "PFT-13: giving up: " ) + fileCauseText( cause ) + ( text.empty() ? "" : ": " + printable( text ) ) );
  m_stop = Stop{ cause, text, false };
  stopping( *m_stop );
  m_throttled.stop();
  // The word first, and the end of the stream when it was heard: a stream that breaks would start the peer's next try.
  if( m_live )
    return say( { Note::Kind::Stopped, cause, toPeer }, [this]( NoteAnswer ) { giveUpSession(); } );
  if( !m_sid.empty() )
    say( { Note::Kind::Stopped, cause, toPeer } ); // the session is over, but the peer may wait for what comes of it
  end( *m_stop );
}

void Transfer::giveUpSession()
{
  const auto self = shared_from_this();
  if( m_state == State::Ended )
    return;
  if( !m_live || !m_profile.si().cancel( m_peer, m_sid ) )
    end( *m_stop ); // otherwise sessionEnded() does
}

// As Session::conclude(): whatever fails in it, the rest is done.
void Transfer::end( const Stop& stop )
{
  if( m_state == State::Ended )
    return;
  const auto self = shared_from_this();
  (void)work( [this] { tick(); } );
  m_tick.stop();
  m_throttled.stop();
  m_state = State::Ended;
  abandonSession();
  (void)work( [this] { ended(); } );
  m_result.cause = stop.cause;
  m_result.byPeer = stop.byPeer;
  // We ended the session, but at the peer's word.
  if( stop.byPeer && m_result.session == Cause::ClosedLocal )
    m_result.session = Cause::ClosedRemote;
  if( stop.byPeer && m_result.session == Cause::CancelledLocal )
    m_result.session = Cause::CancelledRemote;
  m_result.took = std::chrono::duration_cast<milliseconds>( loop().now() - m_begun );
  (void)work( [&]
  {
    m_result.text = stop.text;
    debug( std::string( "file transfer ended: " ) + fileCauseText( stop.cause ) + ( stop.byPeer ? " (the peer's word)" : "" ) );
  } );
  (void)work( [&] { m_profile.bury( self ); } );
  if( auto* const owner = std::exchange( m_owner, nullptr ) )
    (void)work( [&] { owner->transferEnded( *this ); } );
  if( auto* const handler = std::exchange( m_handler, nullptr ) )
    (void)work( [&] { handler->handleFileEnd( *this, m_result ); } );
}

/// CLS-12: an exception came out of its work, or of the application's below it. The peer is told, if there is memory for that.
bool Transfer::giveUp()
{
  const auto self = shared_from_this();
  const bool polite = !m_stop && work( [this] { stop( FileCause::Interrupted, m_duty->failed, m_duty->failed ); } );
  if( polite || m_state == State::Ended )
    return true;
  if( !m_stop )
    m_stop = Stop{ FileCause::Interrupted, m_duty->failed, false };
  (void)work( [this] { giveUpSession(); } );
  if( m_state != State::Ended )
    end( Stop( *m_stop ) );
  return true;
}

void Transfer::cancel()
{
  if( m_state != State::Ended ) // the loop may be gone
    (void)work( [this] { stop( FileCause::Cancelled, {}, {} ); } );
}

void Transfer::silence()
{
  m_handler = nullptr;
  m_owner = nullptr;
  m_state = State::Ended;
  m_tick.stop();
  m_throttled.stop();
  abandonSession();
  ended();
}

// ---- pace and progress

void Transfer::pause()
{
  m_paused = true;
  if( m_state != State::Ended ) // the loop may be gone
    (void)work( [this] { paceChanged(); } );
}

void Transfer::resume()
{
  m_paused = false;
  if( m_state != State::Ended )
    (void)work( [this] { paceChanged(); } );
}

void Transfer::setLimit( std::uint64_t bytesPerSecond )
{
  if( m_state == State::Ended )
    return; // the loop may be gone
  m_throttle.setRate( bytesPerSecond, loop().now() );
  m_throttled.stop();
  (void)work( [this] { paceChanged(); } );
}

void Transfer::waitForThrottle()
{
  if( !m_throttled.running() )
    m_throttled.start( std::max( m_throttle.wait(), milliseconds( 1 ) ), [this]
    {
      const auto self = shared_from_this();
      paceChanged();
    } );
}

void Transfer::closeInTime( net::Alarm& alarm )
{
  alarm.start( CloseGrace, [this]
  {
    const auto self = shared_from_this();
    if( m_stream )
      m_stream->close();
  } );
}

FileProgress Transfer::progress() const
{
  FileProgress progress;
  progress.method = m_stream && m_opened ? m_stream->method() : std::string();
  progress.bytes = reached();
  progress.size = m_info.size;
  progress.rate = m_rate.rate();
  progress.left = m_rate.left( m_info.size - std::min( m_info.size, progress.bytes ) );
  return progress;
}

void Transfer::tick()
{
  if( m_state == State::Ended )
    return;
  const auto self = shared_from_this();
  const auto bytes = reached();
  if( bytes != m_shown )
  {
    m_rate.update( bytes, loop().now() );
    m_shown = bytes;
    m_moved = loop().now();
    if( m_handler )
      m_handler->handleFileProgress( *this, progress() );
  }
  if( m_paused || m_throttle.wait().count() > 0 )
    m_moved = loop().now(); // it is we who hold it up
  if( m_opened && m_state == State::Open && loop().now() - m_moved >= IdlePatience )
    askWhetherAlive();
  if( m_opened && m_state != State::Ended )
    m_tick.start( m_progressEvery, [this] { tick(); } );
}

// PFT-17.
void Transfer::askWhetherAlive()
{
  if( std::exchange( m_asking, true ) )
    return;
  say( { Note::Kind::Alive }, [this, asked = m_sid]( NoteAnswer answer )
  {
    if( asked != m_sid || !m_live )
      return;
    m_asking = false;
    m_moved = loop().now();
    if( answer != NoteAnswer::Understood )
      (void)m_profile.si().cancel( m_peer, m_sid ); // sessionEnded() decides what comes of it
  } );
}

} // namespace simultiple::files
