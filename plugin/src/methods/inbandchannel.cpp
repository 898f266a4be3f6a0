// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/inbandchannel.h"

#include "protocol/ibb.h"
#include "protocol/stanzaerror.h"

#include <gloox/inbandbytestream.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace simultiple::methods
{

namespace errors = protocol::errors;

namespace
{
// Blocks that a peer may have on their way when we stop reading, whatever the size of the buffer: windows are ten or less (Appendix B).
constexpr std::size_t HeldBlocks = 16;
constexpr std::size_t UsualId = 64;
}

InBandChannel::InBandChannel( Shared& shared, StreamId id, std::uint16_t blockSize )
  : m_shared( shared ), m_id( std::move( id ) ), m_blockSize( blockSize ), m_window( shared.options.inBand.window ), m_closeAlarm( shared.loop ),
    m_deliverAlarm( shared.loop )
{
}

InBandChannel::~InBandChannel() { drop(); }

// ---- opening

void InBandChannel::makeObject()
{
  m_object = m_shared.airlock.makeInBand( *this, m_id.sid );
  m_object->setBlockSize( m_blockSize );
  m_object->registerBytestreamDataHandler( this );
}

void InBandChannel::open( Opened opened )
{
  destroyObject();
  makeObject();
  m_opened = std::move( opened );
  m_opening = m_shared.turns.mark();
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->connect();
}

void InBandChannel::acceptOpen( const airlock::Stanza& opening )
{
  makeObject();
  m_shared.airlock.feed( *this, *m_object, opening );
  m_open = true;
  m_shared.turns.wants( *this );
}

// Deleting an open gloox stream sends a close; inside one scope it can be taken back before it leaves.
void InBandChannel::destroyObject()
{
  if( !m_object )
    return;
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->removeBytestreamDataHandler();
  if( m_object->isOpen() )
    m_shared.loop.roster().attempt( [this] { m_object->close(); } );   // its destructor would, and no exception may come out of that
  m_object.reset();
  m_shared.airlock.forget( *this );
}

void InBandChannel::drop()
{
  m_ended = true;
  m_open = false;
  m_handler = nullptr;
  leaveTurns();
  m_closeAlarm.stop();
  m_deliverAlarm.stop();
  refuseHeld();
  destroyObject();
}

bool InBandChannel::handleAnswer( const std::string& kind, const gloox::Tag& iq )
{
  const bool failed = iq.findAttribute( "type" ) == "error";
  if( kind == "open" )
  {
    m_shared.turns.acknowledged( m_opening );
    if( !failed )
      return true;   // the stream is open once gloox has seen it
    const auto error = protocol::readError( iq );
    if( const auto opened = std::exchange( m_opened, nullptr ) )
      opened( &error );
    return false;
  }
  if( kind == "close" )
  {
    if( m_closing && !m_ended )
      end( Cause::ClosedLocal, {} );
    return false;
  }
  const auto block = kind == "data" && !m_ended ? sentBlock( iq ) : m_sent.end();
  if( block == m_sent.end() )
    return false;
  if( failed )
  {
    const auto ticket = block->ticket;
    m_shared.turns.leave( *this );
    m_shared.turns.acknowledged( ticket );
    if( m_last )
      return false;   // deliver() tells what was lost
    // IBB-11: no fallback; a close would be pointless if the other side has said that nobody is there.
    const auto error = protocol::readError( iq );
    const bool gone = error.condition == "item-not-found" || error.peerUnreachable();
    if( !gone )
      sendClose();
    nothingFollows( Cause::IoError, "block refused: " + error.describe() );
    return false;
  }
  blockAcknowledged( block );
  return false;
}

void InBandChannel::handleAnswerDone( const std::string& kind )
{
  if( kind != "open" || m_open )
    return;
  m_open = true;
  if( const auto opened = std::exchange( m_opened, nullptr ) )
    opened( nullptr );
}

// ---- out

void InBandChannel::start( ChannelHandler& handler )
{
  m_handler = &handler;
  m_deliverAlarm.start( std::chrono::milliseconds( 0 ), [this] { deliver(); } );
}

void InBandChannel::write( const std::string& data )
{
  if( m_ended || m_closing )
    return;
  m_unsent.add( data );
  m_shared.turns.wants( *this );
}

// IBB-10, IBB-16
std::size_t InBandChannel::nextBlock() const
{
  return m_open && !m_ended && !m_last && m_sent.size() < m_window.size() ? std::min<std::size_t>( m_unsent.size(), m_blockSize ) : 0;
}

bool InBandChannel::sendBlock( std::size_t most )
{
  const auto size = std::min( nextBlock(), most );
  std::string joined;
  auto block = m_unsent.front().substr( 0, size );
  const bool whole = block.size() == size;
  while( !whole && joined.size() < size )
  {
    block = m_unsent.front().substr( 0, size - joined.size() );
    joined += block;
    m_unsent.taken( block.size() );
  }
  auto data = protocol::buildData( m_id.sid, m_next, whole ? block : joined );
  if( whole )
    m_unsent.taken( size );

  const auto ticket = m_shared.turns.board( size );
  auto id = m_shared.airlock.request( *this, gloox::IQ::Set, m_id.peer, std::move( data ), "data" );
  m_unacknowledged += size;
  if( id.empty() )
  {
    sendClose();
    end( Cause::IoError, "no random numbers for the in-band stream" );
    return false;
  }
  ++m_next;
  m_sent.push_back( { std::move( id ), size, ticket } );
  if( m_sent.size() == 1 )
    startPatience();
  return nextBlock() > 0;
}

void InBandChannel::leaveTurns()
{
  m_shared.turns.leave( *this );
  if( m_sent.empty() )
    return;
  const auto newest = m_sent.back().ticket;
  m_sent.clear();
  m_shared.loop.roster().attempt( [&] { m_shared.turns.lost( newest ); } );
}

// Nearly always it is the oldest.
std::deque<InBandChannel::Sent>::iterator InBandChannel::sentBlock( const gloox::Tag& answer )
{
  const auto& id = answer.findAttribute( "id" );
  return std::find_if( m_sent.begin(), m_sent.end(), [&id]( const Sent& sent ) { return sent.id == id; } );
}

void InBandChannel::blockAcknowledged( std::deque<Sent>::iterator block )
{
  const auto [unused, size, ticket] = *block;
  const bool full = m_sent.size() >= m_window.size();
  m_sent.erase( block );
  m_unacknowledged -= size;

  const auto now = m_shared.loop.now();
  const auto newest = m_sent.empty() ? ticket.number : std::max( ticket.number, m_sent.back().ticket.number );
  m_window.acknowledged( ticket.number, newest, std::chrono::duration_cast<std::chrono::milliseconds>( now - ticket.sent ), now, full );
  m_shared.turns.acknowledged( ticket );
  m_shared.turns.wants( *this );
  if( m_handler )
    m_handler->handleChannelWritten( size );
  startPatience();
  maybeClose();
}

void InBandChannel::close()
{
  if( m_ended || m_closing )
    return;
  m_closing = true;
  if( m_last )
    return end( Cause::ClosedLocal, {} );   // nothing of ours can arrive any more
  startPatience();
  maybeClose();
}

// IBB-12: a slow reader gets everything, a dead one does not keep us. Who has nothing under way waits for its turn (IBB-17), and nobody could have
// acknowledged anything.
void InBandChannel::startPatience()
{
  if( !m_closing || m_closeSent || m_ended )
    return;
  m_closeAlarm.start( DrainPatience * m_shared.options.timeouts.get( Timer::Close ), [this]
  {
    if( m_sent.empty() && !m_unsent.empty() )
      return startPatience();
    sendClose();
    end( Cause::IoError, {} );
  } );
}

// IBB-12: wait for all acknowledgements, then W-24, then its answer or T-CLOSE.
void InBandChannel::maybeClose()
{
  if( !m_closing || m_closeSent || m_ended || queued() > 0 )
    return;
  m_closeSent = true;
  m_closeAlarm.start( m_shared.options.timeouts.get( Timer::Close ), [this] { end( Cause::ClosedLocal, {} ); } );
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->close();
}

void InBandChannel::abort()
{
  m_handler = nullptr;
  sendClose();
  end( Cause::ClosedLocal, {} );
}

void InBandChannel::peerGone()
{
  leaveTurns();   // what was on its way is never answered
  nothingFollows( Cause::IoError, "the peer went offline" );
}

// ---- in

void InBandChannel::pause( bool paused )
{
  m_paused = paused;
  if( !paused && !m_ended )
    m_deliverAlarm.start( std::chrono::milliseconds( 0 ), [this] { deliver(); } );
}

bool InBandChannel::handleStanza( const airlock::Stanza& stanza )
{
  if( stanza.kind == airlock::StanzaKind::IbbData )
    handleData( stanza );
  else if( stanza.kind == airlock::StanzaKind::IbbClose )
    handleClose( stanza );
  else
    return false;
  return true;
}

void InBandChannel::handleData( const airlock::Stanza& stanza )
{
  if( m_ended || m_last || !m_open )
  {
    if( !stanza.message )
      m_shared.airlock.sendError( stanza, errors::itemNotFound() );
    return;
  }
  auto read = protocol::readData( stanza.seq, stanza.text, m_expected, m_blockSize );
  if( const auto* error = std::get_if<protocol::StanzaError>( &read ) )
    return violated( stanza, *error );
  auto& bytes = std::get<std::string>( read );
  ++m_expected;
  m_shared.turns.received();
  if( m_handler )
    m_handler->handleChannelBlock();

  // IBB-9: nobody reads and the buffer is full, so neither take over nor acknowledge. A peer that goes on without
  // acknowledgements is not playing by the rules of flow control.
  const auto room = m_shared.options.limits.readBuffer;
  if( !m_held.empty() || ( ( m_paused || !m_handler ) && m_unread.size() + bytes.size() > room ) )
  {
    Held held{ stanza.question(), std::move( bytes ) };
    m_heldBytes += held.cost();
    if( m_heldBytes > std::max( 2 * room, HeldBlocks * ( m_blockSize + sizeof( Held ) + UsualId ) ) )
    {
      if( !stanza.message )
        m_shared.airlock.sendError( stanza, errors::tooMany() );
      sendClose();
      return end( Cause::LimitExceeded, "the peer ignores flow control" );
    }
    m_held.push_back( std::move( held ) );
    return;
  }
  m_shared.airlock.sendResult( stanza );
  if( m_unread.empty() )
    m_unread = std::move( bytes );
  else
    m_unread += bytes;
  deliver();
}

void InBandChannel::takeHeld( bool all )
{
  while( !m_held.empty() && ( all || ( !m_paused && m_unread.size() < m_shared.options.limits.readBuffer ) ) )
  {
    const Held held = std::move( m_held.front() );
    m_held.pop_front();
    m_heldBytes -= held.cost();
    m_shared.airlock.sendResult( held.question );
    m_unread += held.bytes;
  }
}

// GEN-1: what was neither delivered nor acknowledged by the time of the end.
void InBandChannel::refuseHeld()
{
  while( !m_held.empty() )
  {
    const Held held = std::move( m_held.front() );
    m_held.pop_front();
    if( !held.question.message )
      m_shared.loop.roster().attempt( [&] { m_shared.airlock.sendError( held.question, errors::itemNotFound() ); } );
  }
  m_heldBytes = 0;
}

void InBandChannel::deliver()
{
  while( m_handler && !m_paused && !m_ended )
  {
    takeHeld( false );
    if( m_unread.empty() )
      break;
    const std::string data = std::exchange( m_unread, {} );
    m_handler->handleChannelData( data );
  }
  if( m_last && m_unread.empty() && m_handler && !m_ended )
  {
    const auto lost = m_last->text.empty() ? queued() : 0;
    end( m_last->cause, lost == 0 ? m_last->text : std::to_string( lost ) + " bytes of ours were not acknowledged" );
  }
}

// IBB-13. Who has closed waits for nothing of the peer's.
void InBandChannel::nothingFollows( Cause cause, const std::string& text )
{
  if( m_ended || m_last )
    return;
  if( m_closing )
    return end( cause, text );
  m_last = { cause, text };
  refuseHeld();
  deliver();
}

// IBB-6 to IBB-8: answer the block, close, deliver nothing of it.
void InBandChannel::violated( const airlock::Stanza& stanza, const protocol::StanzaError& error )
{
  if( !stanza.message )
    m_shared.airlock.sendError( stanza, error );
  sendClose();
  end( Cause::ProtocolViolation, "bad block: " + error.condition );
}

void InBandChannel::handleClose( const airlock::Stanza& stanza )
{
  if( m_ended || m_last || !m_object )
  {
    m_shared.airlock.sendResult( stanza );   // CLS-9; gabble closes twice
    return;
  }
  takeHeld( true );
  if( m_closeSent )
    m_shared.airlock.sendResult( stanza );   // crossed: gloox regards the stream as closed already
  else
    m_shared.airlock.feed( *this, *m_object, stanza );
  nothingFollows( m_closing ? Cause::ClosedLocal : Cause::ClosedRemote, {} );
}

// IBB-12: close() may have said it before, and whoever is gone or has said it himself needs no W-24.
void InBandChannel::sendClose()
{
  if( m_ended || m_last || !m_object || std::exchange( m_closeSent, true ) )
    return;
  refuseHeld();
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->close();
}

void InBandChannel::end( Cause cause, const std::string& text )
{
  if( m_ended )
    return;
  m_ended = true;
  m_open = false;
  leaveTurns();
  m_closeAlarm.stop();
  m_deliverAlarm.stop();
  refuseHeld();
  ChannelHandler* handler = std::exchange( m_handler, nullptr );
  if( !handler )
    return;
  if( m_closing && queued() == 0 )
    handler->handleChannelClosed();
  else if( m_closing )
    handler->handleChannelEnd( Cause::IoError, std::to_string( queued() ) + " bytes were not acknowledged", true );
  else
    handler->handleChannelEnd( cause, text, true );
}

} // namespace simultiple::methods
