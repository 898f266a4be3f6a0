// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/stream.h"

#include <gloox/bytestreamdatahandler.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace simultiple
{

using Private = MultiBytestream::Private;

Private::Private( net::EventLoop& loop_, session::StreamOwner& owner_, std::size_t writeLimit_, bool initiated_ )
  : owner( &owner_ ), initiated( initiated_ ), holdAlarm( loop_ ), writeLimit( writeLimit_ )
{
}

void Private::attach( std::unique_ptr<methods::Channel> channel_ ) { channel = std::move( channel_ ); }

std::unique_ptr<methods::Channel> Private::detach()
{
  holding = false;
  holdAlarm.stop();
  return std::move( channel );
}

void Private::startChannel()
{
  if( !channel )
    return;
  channel->pause( paused );
  channel->start( *this );
  if( !holding )
    flushHeld();
}

void Private::markOpen() { facade->m_open = true; }

void Private::reportOpen()
{
  if( facade->m_open && facade->m_handler )
    facade->m_handler->handleBytestreamOpen( facade );
}

void Private::changed( const std::string& method_ )
{
  method = method_;
  facade->m_type = channel && channel->inBand() ? gloox::Bytestream::IBB : gloox::Bytestream::S5B;
}

// NEG-28: a proxy may throw away what arrives before its activation, and the receiver cannot see that.
void Private::hold( std::chrono::milliseconds most )
{
  holding = true;
  holdAlarm.start( most, [this] { release(); } );
}

void Private::release()
{
  holding = false;
  holdAlarm.stop();
  flushHeld();
  if( closing && channel )
    channel->close();
}

void Private::flushHeld()
{
  if( held.empty() || !channel )
    return;
  const std::string data = std::exchange( held, {} );
  channel->write( data );
  if( owner )
    owner->streamPayloadWritten();
}

void Private::pause( bool paused_ )
{
  paused = paused_;
  if( channel && owner )
    (void)owner->streamWork( [this] { channel->pause( paused ); } );
}

bool Private::write( const std::string& data )
{
  const auto work = [&] { put( data ); };
  return owner && owner->streamWork( std::cref( work ) );
}

bool Private::writeFile( int fd, std::uint64_t offset, std::uint64_t length )
{
  bool taken = false;
  const auto work = [&] { taken = putFile( fd, offset, length ); };
  return owner && owner->streamWork( std::cref( work ) ) && taken;
}

void Private::put( const std::string& data )
{
  if( holding || !held.empty() || !channel )
  {
    held += data;
    if( !holding )
      flushHeld();
  }
  else
  {
    channel->write( data );   // the ordinary way: nothing is copied here
    if( owner )
      owner->streamPayloadWritten();
  }
  wasFull = wasFull || queued() >= limit();
}

bool Private::putFile( int fd, std::uint64_t offset, std::uint64_t length )
{
  if( holding || !held.empty() || !channel || !channel->sendFile( fd, offset, length ) )
    return false;
  if( owner )
    owner->streamPayloadWritten();
  wasFull = wasFull || queued() >= limit();
  return true;
}

std::size_t Private::queued() const { return held.size() + ( channel ? channel->queued() : 0 ); }

// A socket has the kernel's buffer behind it, and what waits for that one is copied: one turn's worth is enough.
std::size_t Private::limit() const { return channel ? std::min( writeLimit, channel->useful() ) : writeLimit; }

void Private::closeChannel()
{
  closing = true;
  if( holding && !held.empty() )
    return;   // release() closes
  holdAlarm.stop();
  holding = false;
  flushHeld();
  if( channel )
    channel->close();
}

void Private::abortChannel()
{
  if( channel )
    channel->abort();
}

void Private::finish()
{
  owner = nullptr;
  holdAlarm.stop();
  if( !std::exchange( facade->m_open, false ) )
    return;
  if( facade->m_handler )
    facade->m_handler->handleBytestreamClose( facade );
}

void Private::silence()
{
  owner = nullptr;
  facade->m_handler = nullptr;
  facade->m_open = false;
  writable = nullptr;
  acknowledged = nullptr;
  holdAlarm.stop();
}

void Private::handleChannelData( const std::string& data )
{
  if( owner )
    owner->streamPayloadReceived();
  if( !facade->m_open )
    return;
  if( holding )
    release();
  received += data.size();
  if( facade->m_handler )
    facade->m_handler->handleBytestreamData( facade, data );
}

void Private::handleChannelBlock()
{
  if( owner )
    owner->streamPayloadReceived();   // NEG-20: however late the application reads on
}

void Private::handleChannelWritten( std::size_t bytes )
{
  sent += bytes;
  if( owner && channel && channel->inBand() )
    owner->streamPayloadReceived();   // NEG-20: an acknowledgement confirms, too
  if( const auto callback = acknowledged; callback && channel && channel->inBand() )
    callback();
  if( !wasFull || queued() > limit() / 2 )
    return;
  wasFull = false;
  if( const auto callback = writable )
    callback();
}

void Private::handleChannelEnd( Cause cause, const std::string& text, bool inBand )
{
  if( !owner )
    return;
  allTaken = channel && channel->taken();
  if( closing && cause == Cause::ClosedRemote && queued() > 0 )   // ST-R-34: what NEG-28 holds back no channel knows of
    return owner->streamEnded( Cause::IoError, std::to_string( queued() ) + " bytes could not be sent", inBand );
  owner->streamEnded( cause, text, inBand );
}

void Private::handleChannelClosed()
{
  allTaken = channel && channel->taken();
  if( owner )
    owner->streamClosed();
}

} // namespace simultiple
