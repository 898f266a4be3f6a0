// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ft/stream.h"

#include "session/stream.h"

#include <gloox/iq.h>

#include <algorithm>
#include <utility>

namespace simultiple::ft
{

using namespace std::chrono;

Stream::Stream( StreamKeeper& keeper, gloox::LogSink& log, const gloox::JID& initiator, const gloox::JID& target, const std::string& sid, StreamType first )
  : Bytestream( first, log, initiator, target, sid ), m_keeper( &keeper )
{
}

Stream::~Stream() { release(); }

bool Stream::pump( microseconds most ) { return m_keeper && m_keeper->pump( most ); }

// ---- the bot's calls

bool Stream::connect()
{
  const auto self = shared_from_this();
  (void)pump( microseconds::zero() );
  return !m_ended;
}

gloox::ConnectionError Stream::recv( int timeout )
{
  const auto self = shared_from_this();
  const bool sockets = m_carrier && m_type == S5B;
  auto most = timeout < 0 ? microseconds::max() : microseconds( timeout );
  if( !sockets )
    most = std::min<microseconds>( most, BlindWait );
  if( !m_ended )
    (void)pump( most );
  return m_ended ? gloox::ConnNotConnected : gloox::ConnNoError;
}

std::size_t Stream::queued() const { return m_carrier ? m_carrier->bytesQueued() : 0; }

// Such a bot takes "false" for the end of everything, so for a moment's full queue it must not hear it.
bool Stream::send( const std::string& data )
{
  const auto self = shared_from_this();
  const auto full = [this] { return m_open && queued() >= m_carrier->priv().limit(); };
  if( queued() > 0 )
    (void)pump( microseconds::zero() );
  const auto until = steady_clock::now() + Patience;
  for( auto left = microseconds( Patience ); full() && left > microseconds::zero(); left = duration_cast<microseconds>( until - steady_clock::now() ) )
    if( !pump( left ) )
      break;
  if( !m_open || m_carrier->priv().closing || queued() >= HardLimit * m_carrier->priv().writeLimit )
    return false;
  if( data.empty() )
    return true;
  if( m_carrier->type() == IBB )
    for( std::size_t at = 0; at < data.size(); at += BlockSize )
      m_blocks.push_back( m_taken + std::min( at + BlockSize, data.size() ) );
  m_taken += data.size();
  return m_carrier->priv().write( data );
}

void Stream::close()
{
  const auto self = shared_from_this();
  if( m_ended || !m_keeper )
    return;
  if( !m_carrier )
    return m_keeper->giveUp( *this );
  m_open = false;
  m_carrier->close();
  // Nobody is said to come back to a stream that he has closed, so here is a moment for what it still holds. If that is enough, the bot hears of
  // its close in here, as from gloox; in-band the answer comes through the client.
  (void)pump( queued() > 0 && m_type == S5B ? microseconds( Patience ) : microseconds::zero() );
  if( m_keeper && !m_ended && m_type == S5B && queued() == 0 )
  {
    m_keeper->letGo( *this );
    finish( nullptr );
  }
}

// ---- the session's news

void Stream::carriedBy( std::shared_ptr<MultiBytestream> carrier )
{
  m_carrier = std::move( carrier );
  m_carrier->registerBytestreamDataHandler( this );
  m_carrier->priv().acknowledged = [this] { acknowledge(); };
}

void Stream::handleBytestreamOpen( gloox::Bytestream* )
{
  const auto self = shared_from_this();
  m_wasOpen = m_open = true;
  m_type = m_carrier->type();
  if( m_handler )
    m_handler->handleBytestreamOpen( this );
}

void Stream::handleBytestreamData( gloox::Bytestream*, const std::string& data )
{
  const auto self = shared_from_this();
  m_type = m_carrier->type();   // NEG-24
  if( m_handler )
    m_handler->handleBytestreamData( this, data );
}

void Stream::acknowledge()
{
  const auto self = shared_from_this();
  while( m_carrier && !m_blocks.empty() && m_blocks.front() <= m_carrier->bytesSent() )
  {
    m_blocks.pop_front();
    if( m_handler )
      m_handler->handleBytestreamDataAck( this );
  }
}

void Stream::finish( const gloox::IQ* error )
{
  const auto self = shared_from_this();
  release();
  m_open = false;
  m_ended = true;
  if( error && m_handler )
    m_handler->handleBytestreamError( this, *error );
  if( m_handler )
    m_handler->handleBytestreamClose( this );
}

void Stream::leave()
{
  release();
  m_keeper = nullptr;
  m_handler = nullptr;
  m_open = false;
  m_ended = true;
}

void Stream::release()
{
  if( !m_carrier )
    return;
  m_carrier->removeBytestreamDataHandler();
  m_carrier->priv().acknowledged = nullptr;
  m_carrier.reset();
  m_blocks.clear();
}

} // namespace simultiple::ft
