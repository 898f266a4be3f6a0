// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/inbandchannel.h"

#include "protocol/ibb.h"
#include "protocol/stanzaerror.h"
#include "protocol/xml.h"

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
}

InBandChannel::InBandChannel( Shared& shared, const StreamId& id, std::uint16_t blockSize )
  : m_shared( shared ), m_id( id ), m_blockSize( blockSize ), m_closeAlarm( shared.loop ), m_deliverAlarm( shared.loop )
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
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->connect();
}

void InBandChannel::acceptOpen( const airlock::Stanza& opening )
{
  makeObject();
  m_shared.airlock.feed( *this, *m_object, opening );
  m_open = true;
}

// Deleting an open gloox stream sends a close; inside one scope it can be taken back before it leaves.
void InBandChannel::destroyObject()
{
  if( !m_object )
    return;
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->removeBytestreamDataHandler();
  m_object.reset();
  m_shared.airlock.forget( *this );
}

void InBandChannel::drop()
{
  m_ended = true;
  m_open = false;
  m_handler = nullptr;
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
      end( Cause::ClosedLocal, {}, false );
    return false;
  }
  if( kind != "data" || m_ended )
    return false;
  if( failed )
  {
    // IBB-11: no fallback; a close would be pointless if the other side has said that nobody is there.
    const auto error = protocol::readError( iq );
    const bool gone = error.condition == "item-not-found" || error.peerUnreachable();
    end( Cause::IoError, "block refused: " + error.describe(), !gone );
    return false;
  }
  blockAcknowledged();
  return true;
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
  m_unsent += data;
  sendBlocks();
}

// IBB-10: gloox's send() pushes out everything at once, so it gets one block at a time, within the window.
void InBandChannel::sendBlocks()
{
  const auto window = std::max<std::size_t>( 1, m_shared.options.inBand.window );
  while( m_open && !m_ended && m_window.size() < window && m_unsentAt < m_unsent.size() )
  {
    const auto block = m_unsent.substr( m_unsentAt, m_blockSize );
    bool sent = false;
    {
      airlock::Airlock::Scope scope( m_shared.airlock, *this );
      sent = m_object->send( block );
    }
    if( !sent )
      return end( Cause::IoError, "the in-band stream takes no more data", true );
    m_unsentAt += block.size();
    m_unacknowledged += block.size();
    m_window.push_back( block.size() );
  }
  if( m_unsentAt == m_unsent.size() || m_unsentAt > m_shared.options.limits.writeBuffer )
  {
    m_unsent.erase( 0, m_unsentAt );
    m_unsentAt = 0;
  }
}

void InBandChannel::blockAcknowledged()
{
  if( m_window.empty() )
    return;
  const auto size = m_window.front();
  m_window.pop_front();
  m_unacknowledged -= size;
  sendBlocks();
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
  startPatience();
  maybeClose();
}

// IBB-12: a slow reader gets everything, a dead one does not keep us.
void InBandChannel::startPatience()
{
  if( !m_closing || m_closeSent || m_ended )
    return;
  m_closeAlarm.start( DrainPatience * m_shared.options.timeouts.get( Timer::Close ), [this] { end( Cause::IoError, {}, true ); } );
}

// IBB-12: wait for all acknowledgements, then W-24, then its answer or T-CLOSE.
void InBandChannel::maybeClose()
{
  if( !m_closing || m_closeSent || m_ended || queued() > 0 )
    return;
  m_closeSent = true;
  m_closeAlarm.start( m_shared.options.timeouts.get( Timer::Close ), [this] { end( Cause::ClosedLocal, {}, false ); } );
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_object->close();
}

void InBandChannel::abort()
{
  m_handler = nullptr;
  end( Cause::ClosedLocal, {}, !m_closeSent );
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
  if( m_ended || m_peerClosed || !m_open )
  {
    if( !stanza.message )
      m_shared.airlock.sendError( stanza, errors::itemNotFound() );
    return;
  }
  auto read = protocol::readData( *stanza.element, m_expected, m_blockSize );
  if( const auto* error = std::get_if<protocol::StanzaError>( &read ) )
    return violated( stanza, *error );
  auto& block = std::get<protocol::Block>( read );
  ++m_expected;

  // IBB-9: nobody reads and the buffer is full, so neither feed nor acknowledge. A peer that goes on without
  // acknowledgements is not playing by the rules of flow control.
  const auto room = m_shared.options.limits.readBuffer;
  if( !m_held.empty() || ( ( m_paused || !m_handler ) && m_unread.size() + block.size > room ) )
  {
    m_heldBytes += block.base64.size();
    if( m_heldBytes > std::max( 2 * room, HeldBlocks * ( m_blockSize / std::size_t{ 3 } * 4 + 4 ) ) )
    {
      if( !stanza.message )
        m_shared.airlock.sendError( stanza, errors::tooMany() );
      return end( Cause::LimitExceeded, "the peer ignores flow control", true );
    }
    m_held.push_back( { stanza, std::move( block.base64 ) } );
    return;
  }
  feedBlock( stanza, block.base64 );
  deliver();
}

// gloox counts and decodes by itself and dies on an empty block (GLOOX-NOTES 6h): it gets a clean element with a count of its own.
void InBandChannel::feedBlock( const airlock::Stanza& stanza, const std::string& base64 )
{
  if( base64.empty() )
  {
    if( !stanza.message )
      m_shared.airlock.sendResult( stanza );
    return;
  }
  airlock::Stanza clean = stanza;
  auto iq = std::make_shared<gloox::Tag>( "iq" );
  auto data = protocol::element( "data", gloox::XMLNS_IBB );
  data->addAttribute( "sid", m_id.sid );
  data->addAttribute( "seq", static_cast<int>( m_fed++ ) );
  data->setCData( base64 );
  clean.element = data.get();
  iq->addChild( data.release() ); // gloox owns it
  clean.tag = std::move( iq );
  m_shared.airlock.feed( *this, *m_object, clean );
}

void InBandChannel::feedHeld( bool all )
{
  while( !m_held.empty() && m_object && ( all || ( !m_paused && m_unread.size() < m_shared.options.limits.readBuffer ) ) )
  {
    const Held held = std::move( m_held.front() );
    m_held.pop_front();
    m_heldBytes -= held.base64.size();
    feedBlock( held.stanza, held.base64 );
  }
}

// GEN-1: what was neither delivered nor acknowledged by the time of the end.
void InBandChannel::refuseHeld()
{
  for( const auto& held : std::exchange( m_held, {} ) )
    if( !held.stanza.message )
      m_shared.airlock.sendError( held.stanza, errors::itemNotFound() );
  m_heldBytes = 0;
}

void InBandChannel::deliver()
{
  while( m_handler && !m_paused && !m_ended )
  {
    feedHeld( false );
    if( m_unread.empty() )
      break;
    const std::string data = std::exchange( m_unread, {} );
    m_handler->handleChannelData( data );
  }
  if( m_peerClosed && m_unread.empty() && m_handler && !m_ended )
  {
    const auto lost = queued();
    end( Cause::ClosedRemote, lost == 0 ? std::string() : std::to_string( lost ) + " bytes of ours were not acknowledged", false, true );
  }
}

// IBB-6 to IBB-8: answer the block, close, deliver nothing of it.
void InBandChannel::violated( const airlock::Stanza& stanza, const protocol::StanzaError& error )
{
  if( !stanza.message )
    m_shared.airlock.sendError( stanza, error );
  end( Cause::ProtocolViolation, "bad block: " + error.condition, true );
}

// IBB-13: everything that arrived before is delivered first.
void InBandChannel::handleClose( const airlock::Stanza& stanza )
{
  if( m_ended || m_peerClosed || !m_object )
  {
    m_shared.airlock.sendResult( stanza );   // CLS-9; gabble closes twice
    return;
  }
  feedHeld( true );
  m_peerClosed = true;
  if( m_closeSent )
    m_shared.airlock.sendResult( stanza );   // crossed: gloox regards the stream as closed already
  else
    m_shared.airlock.feed( *this, *m_object, stanza );
  if( m_closing )
    return end( Cause::ClosedLocal, {}, false );
  deliver();
}

void InBandChannel::end( Cause cause, const std::string& text, bool sendClose, bool inBandClose )
{
  if( m_ended )
    return;
  m_ended = true;
  m_open = false;
  m_closeAlarm.stop();
  m_deliverAlarm.stop();
  refuseHeld();
  if( sendClose && m_object )
  {
    airlock::Airlock::Scope scope( m_shared.airlock, *this );
    m_object->close();
  }
  ChannelHandler* handler = std::exchange( m_handler, nullptr );
  if( !handler )
    return;
  if( m_closing && queued() == 0 )
    handler->handleChannelClosed();
  else if( m_closing )
    handler->handleChannelEnd( Cause::IoError, std::to_string( queued() ) + " bytes were not acknowledged", false );
  else
    handler->handleChannelEnd( cause, text, inBandClose );
}

} // namespace simultiple::methods
