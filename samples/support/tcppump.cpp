// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tcppump.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sample
{

namespace
{

constexpr std::size_t BlockSize = 65536;
constexpr int BlocksPerTurn = 4; // then the others get theirs

bool tryLater( int error )
{
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

} // namespace

TcpPump::TcpPump( Descriptor connected, const simultiple::Clock& clock )
  : m_clock( clock ), m_linger( Linger ), m_fd( std::move( connected ) )
{
}

TcpPump::TcpPump( const std::vector<TcpAddress>& targets, const simultiple::Clock& clock )
  : m_clock( clock ), m_linger( 0 ), m_targets( targets.rbegin(), targets.rend() )
{
  connectNext( EADDRNOTAVAIL );
}

TcpPump::~TcpPump()
{
  letGo();
}

void TcpPump::letGo()
{
  if( !m_stream )
    return;
  m_stream->setWritableCallback( nullptr );
  m_stream->removeBytestreamDataHandler();
}

void TcpPump::start( std::shared_ptr<simultiple::MultiBytestream> stream )
{
  m_stream = std::move( stream );
  m_waiting = false;
  m_stream->registerBytestreamDataHandler( this );
  m_stream->setWritableCallback( [this] { writable(); } );
  m_moved = m_clock.now();
  if( !m_fd )
    m_stream->abort(); // the TCP side is gone already
}

void TcpPump::streamEnded( bool properly )
{
  m_streamOver = true;
  m_waiting = false;
  m_moved = m_clock.now();
  m_in.clear();
  letGo();
  if( !properly )
    drop( true );
  decide();
}

// ---- connecting

void TcpPump::connectNext( int error )
{
  m_connecting = false;
  while( !m_targets.empty() && !m_connecting )
  {
    m_fd = startConnecting( m_targets.back() );
    m_connecting = static_cast<bool>( m_fd );
    if( !m_fd )
      error = errno;
    m_targets.pop_back();
  }
  if( m_connecting )
    m_deadline = m_clock.now() + ConnectTime;
  else
    breakOff( error );
}

void TcpPump::finishConnecting( short events )
{
  const bool late = m_deadline && m_clock.now() >= *m_deadline;
  if( events == 0 && !late )
    return;
  const int error = events == 0 ? ETIMEDOUT : connectError( m_fd );
  if( error != 0 )
    return connectNext( error );
  m_connecting = false;
  m_deadline.reset();
  flush();
}

// ---- the turn

bool TcpPump::reading() const
{
  if( m_connecting || m_endSeen )
    return false;
  return m_shut || ( m_stream && !m_streamOver && !m_closing && m_in.empty() );
}

pollfd TcpPump::wanted() const
{
  const bool writing = m_connecting || pending() > 0;
  const int events = ( reading() ? POLLIN : 0 ) | ( m_fd && writing ? POLLOUT : 0 );
  // A hang-up is always reported: without anybody to take it the loop would spin.
  return { events == 0 ? -1 : m_fd.get(), static_cast<short>( events ), 0 };
}

void TcpPump::turn( short events )
{
  if( m_connecting )
    finishConnecting( events );
  else if( m_fd && events != 0 )
  {
    if( ( events & ~POLLOUT ) != 0 && reading() )
      readSome();
    flush();
  }
  decide();
}

void TcpPump::readSome()
{
  for( int i = 0; i < BlocksPerTurn && m_fd && reading(); ++i )
  {
    std::string block( BlockSize, '\0' );
    const ssize_t got = ::recv( m_fd.get(), block.data(), block.size(), 0 );
    if( got < 0 )
      return tryLater( errno ) ? void() : breakOff( errno );
    if( got == 0 )
      m_endSeen = true;
    if( m_shut ) // it has nowhere to go: the stream is over
      continue;
    m_moved = m_clock.now();
    block.resize( static_cast<std::size_t>( got ) );
    if( !m_endSeen )
      pass( std::move( block ) );
  }
}

void TcpPump::pass( std::string block )
{
  if( !m_stream->send( block ) )
    m_in = std::move( block ); // full: writable() goes on
}

void TcpPump::writable()
{
  if( !m_in.empty() )
    pass( std::exchange( m_in, {} ) );
}

void TcpPump::handleBytestreamData( gloox::Bytestream*, const std::string& data )
{
  if( !m_fd )
    return;
  m_moved = m_clock.now();
  m_out += data;
  flush();
  if( m_fd && pending() >= HighWater )
    m_stream->pause();
}

void TcpPump::flush()
{
  while( m_fd && !m_connecting && pending() > 0 )
  {
    const ssize_t sent = ::send( m_fd.get(), m_out.data() + m_outAt, pending(), MSG_NOSIGNAL );
    if( sent < 0 )
    {
      if( !tryLater( errno ) )
        breakOff( errno );
      break;
    }
    m_outAt += static_cast<std::size_t>( sent );
    m_moved = m_clock.now();
  }
  if( m_outAt == m_out.size() || m_outAt >= HighWater )
  {
    m_out.erase( 0, m_outAt );
    m_outAt = 0;
  }
  if( m_stream && !m_streamOver && m_stream->paused() && pending() <= LowWater )
    m_stream->resume();
}

// ---- the end

/// What the present state calls for. The only place that sets deadlines once there is a connection.
void TcpPump::decide()
{
  if( !m_fd || m_connecting )
    return;
  const auto now = m_clock.now();
  m_deadline.reset();
  if( m_streamOver && pending() > 0 )
    m_deadline = m_moved + Patience;
  else if( m_streamOver )
  {
    if( !std::exchange( m_shut, true ) )
    {
      ::shutdown( m_fd.get(), SHUT_WR );
      m_moved = now;
    }
    m_deadline = m_moved + DrainTime;
    if( m_endSeen || now >= *m_deadline )
      return drop( false );
  }
  else if( m_endSeen && !m_closing && m_in.empty() )
  {
    m_deadline = m_moved + ( pending() > 0 ? Patience : m_linger );
    if( now >= *m_deadline )
      return closeStream();
  }
  if( m_streamOver && now >= *m_deadline )
    drop( true );
}

void TcpPump::closeStream()
{
  m_closing = true;
  m_deadline.reset();
  m_stream->close(); // what was taken leaves first (CLS-1)
}

void TcpPump::breakOff( int error )
{
  if( m_problem.empty() )
    m_problem = std::generic_category().message( error );
  drop( true );
  if( m_stream && !m_streamOver )
    m_stream->abort();
}

void TcpPump::drop( bool reset )
{
  m_deadline.reset();
  m_connecting = false;
  m_targets.clear();
  m_out.clear();
  m_outAt = 0;
  if( m_fd && reset )
  {
    const linger hard{ 1, 0 };
    (void)::setsockopt( m_fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard );
  }
  m_fd = Descriptor();
}

} // namespace sample
