// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tcp.h"

#include "text.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace sample
{

namespace
{

constexpr int Backlog = 64;

struct FreeAddresses
{
  void operator()( addrinfo* list ) const { ::freeaddrinfo( list ); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses lookUp( const std::string& host, std::uint16_t port, int flags, std::string& problem )
{
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo( host.c_str(), std::to_string( port ).c_str(), &hints, &found );
  if( error != 0 )
    problem = printable( host ) + ": " + ::gai_strerror( error );
  return Addresses( found );
}

/// Name and port in numbers.
std::pair<std::string, std::string> numbers( const TcpAddress& where )
{
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if( ::getnameinfo( reinterpret_cast<const sockaddr*>( &where.address ), where.length, host.data(), host.size(), port.data(), port.size(),
                     NI_NUMERICHOST | NI_NUMERICSERV ) != 0 )
    return {};
  return { host.data(), port.data() };
}

void sendAtOnce( const Descriptor& socket )
{
  const int one = 1;
  (void)::setsockopt( socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one );
}

} // namespace

std::string TcpAddress::host() const { return numbers( *this ).first; }

std::uint16_t TcpAddress::port() const
{
  return static_cast<std::uint16_t>( decimal( numbers( *this ).second, 65535 ).value_or( 0 ) );
}

std::string TcpAddress::text() const
{
  const auto [name, number] = numbers( *this );
  return name.find( ':' ) == std::string::npos ? name + ':' + number : '[' + name + "]:" + number;
}

bool hostAndPort( const std::string& text, std::string& host, std::uint16_t& port )
{
  const auto colon = text.rfind( ':' );
  if( colon == std::string::npos )
    return false;
  host = text.substr( 0, colon );
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if( bracketed )
    host = host.substr( 1, host.size() - 2 );
  port = static_cast<std::uint16_t>( decimal( std::string_view( text ).substr( colon + 1 ), 65535 ).value_or( 0 ) );
  return port > 0 && !host.empty() && ( bracketed || host.find( ':' ) == std::string::npos );
}

std::vector<TcpAddress> resolve( const std::string& host, std::uint16_t port, std::string& problem )
{
  std::vector<TcpAddress> result;
  const auto list = lookUp( host, port, 0, problem );
  for( const addrinfo* one = list.get(); one; one = one->ai_next )
  {
    TcpAddress address;
    address.length = one->ai_addrlen;
    std::memcpy( &address.address, one->ai_addr, one->ai_addrlen );
    result.push_back( address );
  }
  return result;
}

Descriptor startConnecting( const TcpAddress& to )
{
  Descriptor socket( ::socket( to.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0 ) );
  if( !socket )
    return socket;
  sendAtOnce( socket );
  if( ::connect( socket.get(), reinterpret_cast<const sockaddr*>( &to.address ), to.length ) != 0 && errno != EINPROGRESS )
  {
    const int error = errno;
    socket = Descriptor(); // closing may change errno
    errno = error;
  }
  return socket;
}

int connectError( const Descriptor& socket )
{
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt( socket.get(), SOL_SOCKET, SO_ERROR, &error, &length ) == 0 ? error : errno;
}

std::string TcpListener::bind( const std::string& numericAddress, std::uint16_t port )
{
  std::string problem;
  const auto found = lookUp( numericAddress, port, AI_NUMERICHOST | AI_PASSIVE, problem );
  if( !found )
    return problem;
  Descriptor socket( ::socket( found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0 ) );
  const int one = 1;
  if( !socket || ::setsockopt( socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one ) != 0
      || ::bind( socket.get(), found->ai_addr, found->ai_addrlen ) != 0 )
    return "cannot listen on " + numericAddress + " port " + std::to_string( port ) + ": " + std::generic_category().message( errno );
  m_fd = std::move( socket );
  return {};
}

std::string TcpListener::listen()
{
  return ::listen( m_fd.get(), Backlog ) == 0 ? std::string() : "cannot listen on " + address().text() + ": " + std::generic_category().message( errno );
}

Descriptor TcpListener::accept()
{
  Descriptor socket( ::accept4( m_fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK ) );
  if( socket )
    sendAtOnce( socket );
  return socket;
}

TcpAddress TcpListener::address() const
{
  TcpAddress result;
  result.length = sizeof result.address;
  if( ::getsockname( m_fd.get(), reinterpret_cast<sockaddr*>( &result.address ), &result.length ) != 0 )
    result.length = 0;
  return result;
}

} // namespace sample
