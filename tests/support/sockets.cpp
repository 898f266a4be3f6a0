// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/sockets.h"

#include "net/address.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace simultiple::test
{

namespace
{

constexpr std::chrono::seconds SafetyLimit{ 10 };
constexpr std::size_t GreetingSize = 3;
constexpr std::size_t ConnectSize = 47;

net::Fd checked( net::Fd fd )
{
  if( !fd )
    throw std::runtime_error( "no socket for a test" );
  return fd;
}

net::Fd listening( net::Fd fd, int backlog )
{
  if( ::listen( fd.get(), backlog ) != 0 )
    throw std::runtime_error( "cannot listen in a test" );
  return fd;
}

net::Fd acceptFrom( const net::Fd& listener )
{
  return net::Fd( ::accept4( listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC ) );
}

bool alarmDue( const net::EventLoop& loop )
{
  const auto next = loop.nextAlarm();
  return next && *next <= loop.now();
}

} // namespace

bool runUntil( net::EventLoop& loop, const std::function<bool()>& done )
{
  const auto limit = std::chrono::steady_clock::now() + SafetyLimit;
  while( !done() )
  {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>( limit - std::chrono::steady_clock::now() );
    if( left.count() <= 0 )
      return false;
    pollfd p{ loop.descriptor(), POLLIN, 0 };
    ::poll( &p, 1, alarmDue( loop ) ? 0 : static_cast<int>( left.count() ) );
    loop.runReady();
    loop.runAlarms();
  }
  return true;
}

void settle( net::EventLoop& loop )
{
  const auto limit = std::chrono::steady_clock::now() + SafetyLimit;
  for( bool busy = true; busy; )
  {
    busy = loop.runReady();
    busy = loop.runAlarms() || busy;
    if( std::chrono::steady_clock::now() > limit )
      throw std::runtime_error( "the loop does not come to rest" );
  }
}

std::size_t openDescriptors()
{
  DIR* dir = ::opendir( "/proc/self/fd" );
  std::size_t count = 0;
  while( dir && ::readdir( dir ) )
    ++count;
  if( dir )
    ::closedir( dir );
  return count;
}

std::uint16_t portOf( const net::Fd& fd )
{
  sockaddr_in6 at{};
  socklen_t size = sizeof( at );
  if( ::getsockname( fd.get(), reinterpret_cast<sockaddr*>( &at ), &size ) != 0 )
    throw std::runtime_error( "no port" );
  return ntohs( at.sin6_port );
}

net::Fd boundSocket( const std::string& host, std::uint16_t port )
{
  const auto address = net::Address::parse( host );
  if( !address )
    return net::Fd();
  net::Fd fd( ::socket( address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0 ) );
  sockaddr_storage at{};
  const socklen_t size = address->toSockaddr( port, at );
  if( !fd || ::bind( fd.get(), reinterpret_cast<const sockaddr*>( &at ), size ) != 0 )
    return net::Fd();
  return fd;
}

net::Fd connectTo( std::uint16_t port, const std::string& host, const std::string& from )
{
  const auto address = net::Address::parse( host );
  net::Fd fd = from.empty() ? net::Fd( ::socket( address.value().family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0 ) ) : boundSocket( from );
  fd = checked( std::move( fd ) );
  const int on = 1;
  ::setsockopt( fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof( on ) );
  sockaddr_storage to{};
  const socklen_t size = address->toSockaddr( port, to );
  if( ::connect( fd.get(), reinterpret_cast<const sockaddr*>( &to ), size ) != 0 && errno != EINPROGRESS )
    fd.reset();
  return fd;
}

SocketPair tcpPair()
{
  const net::Fd listener = listening( checked( boundSocket() ), 1 );
  SocketPair pair;
  pair.one = checked( connectTo( portOf( listener ) ) );
  pollfd p{ listener.get(), POLLIN, 0 };
  ::poll( &p, 1, static_cast<int>( std::chrono::milliseconds( SafetyLimit ).count() ) );
  pair.other = checked( acceptFrom( listener ) );
  return pair;
}

bool sendAll( const net::Fd& fd, const std::string& bytes )
{
  const ssize_t sent = ::send( fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL );
  return sent >= 0 && static_cast<std::size_t>( sent ) == bytes.size();
}

std::string receiveNow( const net::Fd& fd, bool* end )
{
  std::string all;
  std::array<char, 65536> buffer{};
  for( ;; )
  {
    const ssize_t got = ::recv( fd.get(), buffer.data(), buffer.size(), 0 );
    if( got > 0 )
    {
      all.append( buffer.data(), static_cast<std::size_t>( got ) );
      continue;
    }
    if( end && ( got == 0 || errno != EAGAIN ) )
      *end = true;
    return all;
  }
}

SocketClient::SocketClient( net::EventLoop& loop, net::Fd fd )
  : m_fd( checked( std::move( fd ) ) ),
    m_watch( std::make_unique<net::Watch>( loop, m_fd.get(), EPOLLIN, [this]( std::uint32_t ) { read(); } ) )
{
}

void SocketClient::read()
{
  m_received += receiveNow( m_fd, &m_closed );
  if( m_closed )
  {
    m_watch.reset();
    m_fd.reset();
  }
}

struct ScriptedHost::Guest
{
  net::Fd fd{};
  std::string in{};
  std::string out{};
  bool choiceSent = false;
  bool replySent = false;
  bool closeWhenSent = false;
  std::unique_ptr<net::Watch> watch{};
};

ScriptedHost::ScriptedHost( net::EventLoop& loop, HostScript script )
  : ScriptedHost( loop, script, checked( boundSocket( script.host ) ) )
{
}

ScriptedHost::ScriptedHost( net::EventLoop& loop, HostScript script, net::Fd bound )
  : m_loop( loop ), m_script( std::move( script ) ), m_listener( listening( std::move( bound ), 16 ) ),
    m_watch( loop, m_listener.get(), EPOLLIN, [this]( std::uint32_t ) { accept(); } )
{
}

ScriptedHost::~ScriptedHost() = default;

std::size_t ScriptedHost::open() const noexcept
{
  return static_cast<std::size_t>( std::count_if( m_guests.begin(), m_guests.end(),
                                                  []( const auto& g ) { return static_cast<bool>( g->fd ); } ) );
}

bool ScriptedHost::send( const std::string& bytes )
{
  bool sent = false;
  for( const auto& guest : m_guests )
    sent = ( guest->fd && sendAll( guest->fd, bytes ) ) || sent;
  return sent;
}

void ScriptedHost::close( bool reset )
{
  const linger rudely{ 1, 0 };
  for( const auto& guest : m_guests )
  {
    if( guest->fd && reset )
      ::setsockopt( guest->fd.get(), SOL_SOCKET, SO_LINGER, &rudely, sizeof( rudely ) );
    guest->watch.reset();
    guest->fd.reset();
  }
}

void ScriptedHost::accept()
{
  while( net::Fd fd = acceptFrom( m_listener ) )
  {
    ++m_accepted;
    if( m_script.closeAtOnce )
      continue;
    const int on = 1;
    ::setsockopt( fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof( on ) );
    m_guests.push_back( std::make_unique<Guest>() );
    Guest& guest = *m_guests.back();
    guest.fd = std::move( fd );
    guest.watch = std::make_unique<net::Watch>( m_loop, guest.fd.get(), EPOLLIN,
                                                [this, &guest]( std::uint32_t ) { ready( guest ); } );
  }
}

void ScriptedHost::ready( Guest& guest )
{
  bool end = false;
  const auto bytes = receiveNow( guest.fd, &end );
  guest.in += bytes;
  m_received += bytes;
  answer( guest );

  const std::size_t now = m_script.byteByByte ? std::min<std::size_t>( guest.out.size(), 1 ) : guest.out.size();
  if( now > 0 )
    sendAll( guest.fd, guest.out.substr( 0, now ) );
  guest.out.erase( 0, now );
  guest.watch->want( guest.out.empty() ? std::uint32_t( EPOLLIN ) : std::uint32_t( EPOLLIN ) | std::uint32_t( EPOLLOUT ) );

  if( end || ( guest.closeWhenSent && guest.out.empty() ) )
  {
    guest.watch.reset();
    guest.fd.reset();
  }
}

void ScriptedHost::answer( Guest& guest )
{
  if( !guest.choiceSent && guest.in.size() >= GreetingSize && m_script.choice )
  {
    guest.choiceSent = true;
    guest.out += *m_script.choice;
    guest.closeWhenSent = m_script.closeAfterChoice;
  }
  if( guest.choiceSent && !guest.replySent && guest.in.size() >= GreetingSize + ConnectSize && m_script.answersConnect )
  {
    guest.replySent = true;
    std::string good = guest.in.substr( GreetingSize, ConnectSize );
    good[1] = '\0';
    guest.out += m_script.reply.value_or( good ) + m_script.payload;
    guest.closeWhenSent = m_script.closeAfterReply;
  }
}

SilentPort::SilentPort() : m_listener( listening( checked( boundSocket() ), 0 ) )
{
  for( int i = 0; i < 4; ++i )
    m_fillers.push_back( connectTo( port() ) );
}

std::unique_ptr<net::Lookup> ScriptedResolver::resolve( const std::string& name, Answer answer )
{
  struct Pending final : public net::Lookup
  {
    Pending( net::EventLoop& loop, std::shared_ptr<std::size_t> c ) : alarm( loop ), count( std::move( c ) ) { ++*count; }
    ~Pending() override { --*count; }
    net::Alarm alarm;
    std::shared_ptr<std::size_t> count;
  };

  ++m_lookups;
  auto lookup = std::make_unique<Pending>( m_loop, m_waiting );
  const auto it = m_answers.find( name );
  if( it == m_answers.end() || it->second.empty() )
    return lookup;

  std::vector<net::Address> addresses;
  for( const auto& text : it->second.front() )
    addresses.push_back( net::Address::parse( text ).value() );
  if( it->second.size() > 1 )
    it->second.erase( it->second.begin() );

  const std::string error = addresses.empty() ? "no such name" : "";
  lookup->alarm.start( std::chrono::milliseconds::zero(),
                       [addresses, error, answer = std::move( answer )]() { answer( addresses, error ); } );
  return lookup;
}

} // namespace simultiple::test
