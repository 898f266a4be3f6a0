// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/dialattempt.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t ReadSize = 262;  ///< The longest reply; whatever a host sends early beyond it mostly stays in the kernel.

std::string errorText( int error )
{
  switch( error )
  {
    case ECONNREFUSED: return "connection refused";
    case ETIMEDOUT: return "timed out while connecting";
    case ENETUNREACH: return "network unreachable";
    case EHOSTUNREACH: return "host unreachable";
    default: return std::generic_category().message( error );
  }
}

int pendingError( int fd )
{
  int error = 0;
  socklen_t size = sizeof( error );
  return ::getsockopt( fd, SOL_SOCKET, SO_ERROR, &error, &size ) == 0 ? error : errno;
}

} // namespace

DialAttempt::DialAttempt( EventLoop& loop, Resolver& resolver, const DialOptions& options, DialAttemptOwner& owner,
                          std::size_t index, DialTarget target, const std::string& dstAddr )
  : m_loop( loop ), m_resolver( resolver ), m_options( options ), m_owner( owner ), m_index( index ),
    m_target( std::move( target ) ), m_hostTime( loop ), m_tcpTime( loop ), m_handshake( dstAddr )
{
}

DialAttempt::~DialAttempt() = default;

void DialAttempt::begin()
{
  m_began = m_loop.now();
  m_stage = Stage::Naming;
  m_hostTime.start( m_options.perHost, [this]() { outOfTime(); } );

  if( const auto numeric = Address::parse( m_target.host ) )
    return named( { *numeric }, {} );

  m_lookup = m_resolver.resolve( m_target.host,
                                 [this]( std::vector<Address> addresses, const std::string& error )
                                 {
                                   const auto held = m_owner.held();
                                   const Stage before = m_stage;
                                   named( std::move( addresses ), error );
                                   tellOwner( before );
                                 } );
}

void DialAttempt::giveUp( const std::string& why )
{
  if( m_stage == Stage::Failed )
    return;
  m_took = took();
  m_reason = why;
  m_stage = Stage::Failed;
  m_hostTime.stop();
  m_tcpTime.stop();
  m_lookup.reset();
  closeSocket();
}

std::chrono::milliseconds DialAttempt::took() const
{
  if( m_stage == Stage::Failed || m_stage == Stage::Waiting )
    return m_took;
  return std::chrono::duration_cast<std::chrono::milliseconds>( m_loop.now() - m_began );
}

std::optional<TimePoint> DialAttempt::firstWordUntil() const
{
  if( m_stage != Stage::Handshake || m_heard )
    return std::nullopt;
  // The connection took one round trip, and so does the answer to the greeting.
  return std::max( m_began + m_options.stagger, m_connectedAt + 2 * ( m_connectedAt - m_connecting ) );
}

Fd DialAttempt::takeFd()
{
  m_watch.reset();
  return std::move( m_fd );
}

void DialAttempt::named( std::vector<Address> addresses, const std::string& error )
{
  if( addresses.empty() )
    return giveUp( "name not resolved: " + error );
  // SEC-7: this answer is all that is ever used, and no more than a few of it.
  addresses.resize( std::min( addresses.size(), std::max<std::size_t>( m_options.addressesPerName, 1 ) ) );
  m_addresses = std::move( addresses );
  m_stage = Stage::Connecting;
  tryNextAddress();
}

void DialAttempt::tryNextAddress()
{
  closeSocket();
  while( m_nextAddress < m_addresses.size() )
  {
    const Address& address = m_addresses[m_nextAddress++];
    const auto refusal = m_options.filter ? m_options.filter->refuse( address, m_target.port, m_target.ofPeer )
                                          : std::string();
    if( m_stage == Stage::Failed )
      return; // the application has ended it all while it was asked
    if( !refusal.empty() )
      m_reason = "refused by our own rules: " + refusal;
    else if( connectTo( address ) )
      return;
  }
  giveUp( std::string( m_reason ) );
}

bool DialAttempt::connectTo( const Address& address )
{
  m_fd.reset( ::socket( address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0 ) );
  if( !m_fd )
  {
    m_reason = errorText( errno );
    return false;
  }
  const int on = 1;
  ::setsockopt( m_fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof( on ) );

  sockaddr_storage to{};
  const socklen_t size = address.toSockaddr( m_target.port, to );
  m_connecting = m_loop.now();
  const int result = ::connect( m_fd.get(), reinterpret_cast<const sockaddr*>( &to ), size );
  m_tried = true;
  if( result != 0 && errno != EINPROGRESS && errno != EINTR )
  {
    m_reason = errorText( errno );
    closeSocket();
    return false;
  }

  // A connection that is there at once is reported by the watch, too: one path for both.
  m_watch = std::make_unique<Watch>( m_loop, m_fd.get(), EPOLLOUT, [this]( std::uint32_t ) { connectReady(); } );
  if( !m_watch->valid() )
  {
    m_reason = "out of descriptors to watch";
    closeSocket();
    return false;
  }
  if( m_options.tcp > std::chrono::milliseconds::zero() )
    m_tcpTime.start( m_options.tcp, [this]() { connectTooSlow(); } );
  return true;
}

void DialAttempt::connectReady()
{
  const auto held = m_owner.held();
  const Stage before = m_stage;
  const int error = pendingError( m_fd.get() );
  if( error == 0 )
    established();
  else
  {
    m_reason = errorText( error );
    tryNextAddress();
  }
  tellOwner( before );
}

void DialAttempt::connectTooSlow()
{
  // T-R-HOST: alone, it may use the whole of its time.
  if( m_nextAddress >= m_addresses.size() && !m_owner.othersWait() )
    return;
  const auto held = m_owner.held();
  const Stage before = m_stage;
  m_reason = "timed out while connecting";
  tryNextAddress();
  tellOwner( before );
}

void DialAttempt::established()
{
  m_connected = true;
  m_connectedAt = m_loop.now();
  m_stage = Stage::Handshake;
  m_tcpTime.stop();
  m_watch.reset(); // epoll watches a descriptor once
  m_watch = std::make_unique<Watch>( m_loop, m_fd.get(), EPOLLIN,
                                     [this]( std::uint32_t events ) { handshakeReady( events ); } );
  m_out = Socks5Client::greeting();
  if( !m_watch->valid() )
    giveUp( "out of descriptors to watch" );
  else if( !flush() )
    giveUp( "closed during the handshake" );
}

void DialAttempt::handshakeReady( std::uint32_t events )
{
  const Stage before = m_stage;
  if( m_handshake.state() != Socks5Client::State::Done && ( events & ~std::uint32_t( EPOLLOUT ) ) != 0 )
    readHandshake();
  if( m_stage == Stage::Handshake && !flush() )
    giveUp( "closed during the handshake" );
  if( m_stage == Stage::Handshake && m_handshake.state() == Socks5Client::State::Done && m_out.empty() )
  {
    m_stage = Stage::Won;
    m_hostTime.stop();
  }
  tellOwner( before );
}

void DialAttempt::readHandshake()
{
  std::array<char, ReadSize> buffer{};
  while( m_handshake.state() == Socks5Client::State::Choice || m_handshake.state() == Socks5Client::State::Reply )
  {
    const ssize_t got = ::recv( m_fd.get(), buffer.data(), buffer.size(), 0 );
    if( got < 0 && errno == EINTR )
      continue;
    if( got < 0 && ( errno == EAGAIN || errno == EWOULDBLOCK ) )
      return;
    if( got <= 0 )
      return giveUp( "closed during the handshake" );
    m_heard = true;
    m_handshake.feed( std::string_view( buffer.data(), static_cast<std::size_t>( got ) ) );
    m_out += m_handshake.takeOutput();
  }
  if( m_handshake.state() == Socks5Client::State::Failed )
    giveUp( m_handshake.reason() );
}

bool DialAttempt::flush()
{
  while( !m_out.empty() )
  {
    const ssize_t sent = ::send( m_fd.get(), m_out.data(), m_out.size(), MSG_NOSIGNAL );
    if( sent < 0 && errno == EINTR )
      continue;
    if( sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK )
      return false;
    if( sent < 0 )
      break;
    m_out.erase( 0, static_cast<std::size_t>( sent ) );
  }
  const bool reading = m_handshake.state() != Socks5Client::State::Done;
  m_watch->want( ( reading ? std::uint32_t( EPOLLIN ) : 0U ) | ( m_out.empty() ? 0U : std::uint32_t( EPOLLOUT ) ) );
  return true;
}

void DialAttempt::outOfTime()
{
  const Stage before = m_stage;
  switch( m_stage )
  {
    case Stage::Naming: giveUp( "timed out during the name look-up" ); break;
    case Stage::Connecting: giveUp( "timed out while connecting" ); break;
    case Stage::Handshake: giveUp( "timed out during the handshake" ); break;
    case Stage::Waiting:
    case Stage::Won:
    case Stage::Failed: break;
  }
  tellOwner( before );
}

void DialAttempt::closeSocket()
{
  m_watch.reset();
  m_fd.reset();
}

/// Must be the last thing that a callback does: we may be gone afterwards.
void DialAttempt::tellOwner( Stage before )
{
  if( m_stage != before && m_stage >= Stage::Handshake )
    m_owner.attemptChanged( *this );
}

} // namespace simultiple::net
