// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/multibytestream.h>

#include "session/stream.h"

#include <utility>

namespace simultiple
{

MultiBytestream::MultiBytestream( std::unique_ptr<Private> priv, const gloox::LogSink& log, const gloox::JID& initiator,
                                  const gloox::JID& target, const std::string& sid )
  // gloox keeps the sink as const but its constructor does not say so
  : Bytestream( S5B, const_cast<gloox::LogSink&>( log ), initiator, target, sid ), d( std::move( priv ) )
{
  d->facade = this;
}

MultiBytestream::~MultiBytestream() = default;

bool MultiBytestream::connect() { return isOpen(); }

bool MultiBytestream::send( const std::string& data )
{
  if( !isOpen() || d->closing || !d->owner || d->queued() >= d->limit() )
  {
    d->wasFull = true;   // whoever was turned away hears when there is room
    return false;
  }
  return data.empty() || d->write( data );
}

bool MultiBytestream::sendFile( int fd, std::uint64_t offset, std::uint64_t length )
{
  if( !isOpen() || d->closing || !d->owner || d->queued() >= d->limit() )
  {
    d->wasFull = true;
    return false;
  }
  return length == 0 || d->writeFile( fd, offset, length );
}

void MultiBytestream::close()
{
  if( d->owner && isOpen() && !d->closing )
    (void)d->owner->streamWork( [owner = d->owner] { owner->streamCloseWanted( false ); } );
}

void MultiBytestream::abort()
{
  if( d->owner && isOpen() )
    (void)d->owner->streamWork( [owner = d->owner] { owner->streamCloseWanted( true ); } );
}

gloox::ConnectionError MultiBytestream::recv( int timeout )
{
  // Nothing of this object's afterwards: the application may have let go of it in a callback.
  const bool open = d->owner ? d->owner->streamWait( timeout ) : isOpen();
  return open ? gloox::ConnNoError : gloox::ConnNotConnected;
}

const gloox::JID& MultiBytestream::peer() const { return d->initiated ? target() : initiator(); }
const std::string& MultiBytestream::method() const { return d->method; }
std::size_t MultiBytestream::bytesQueued() const { return d->queued(); }
std::uint64_t MultiBytestream::bytesSent() const { return d->sent; }
std::uint64_t MultiBytestream::bytesReceived() const { return d->received; }
void MultiBytestream::setWritableCallback( std::function<void()> callback ) { d->writable = std::move( callback ); }

void MultiBytestream::pause()
{
  d->pause( true );
}

void MultiBytestream::resume()
{
  d->pause( false );
}

bool MultiBytestream::paused() const { return d->paused; }

} // namespace simultiple
