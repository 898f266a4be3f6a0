// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "serverconnection.h"

#include "descriptor.h"
#include "interrupt.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace sample
{

namespace
{

constexpr int ConnectMilliseconds = 10000;

Descriptor dial( const addrinfo& address )
{
  Descriptor fd( ::socket( address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0 ) );
  if( !fd )
    return fd;
  if( ::connect( fd.get(), address.ai_addr, address.ai_addrlen ) != 0 )
  {
    pollfd waiting{ fd.get(), POLLOUT, 0 };
    int error = 0;
    socklen_t length = sizeof error;
    if( errno != EINPROGRESS || ::poll( &waiting, 1, ConnectMilliseconds ) != 1
        || ::getsockopt( fd.get(), SOL_SOCKET, SO_ERROR, &error, &length ) != 0 || error != 0 )
      return Descriptor();
  }
  // gloox expects a blocking socket. Stanzas are small and answers are waited for, so they must leave at once.
  const int flags = ::fcntl( fd.get(), F_GETFL );
  const int one = 1;
  (void)::setsockopt( fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one );
  if( flags < 0 || ::fcntl( fd.get(), F_SETFL, flags & ~O_NONBLOCK ) != 0 )
    return Descriptor();
  return fd;
}

} // namespace

ServerConnection::ServerConnection( gloox::ConnectionDataHandler* handler, const gloox::LogSink& log,
                                    const std::string& host, int port )
  : gloox::ConnectionTCPClient( handler, log, host, port ), m_log( log )
{
}

gloox::ConnectionError ServerConnection::connect()
{
  if( !m_handler )
    return gloox::ConnNotConnected;
  if( m_state > gloox::StateDisconnected )
    return gloox::ConnNoError;

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if( ::getaddrinfo( m_server.c_str(), std::to_string( m_port ).c_str(), &hints, &found ) != 0 )
  {
    m_handler->handleDisconnect( this, gloox::ConnDnsError );
    return gloox::ConnDnsError;
  }
  const std::unique_ptr<addrinfo, decltype( &::freeaddrinfo )> list( found, &::freeaddrinfo );
  for( const addrinfo* address = list.get(); address && !interrupted(); address = address->ai_next )
  {
    Descriptor fd = dial( *address );
    if( !fd )
      continue;
    setSocket( fd.release() ); // gloox owns it
    m_handler->handleConnect( this );
    return gloox::ConnNoError;
  }
  m_handler->handleDisconnect( this, gloox::ConnConnectionRefused );
  return gloox::ConnConnectionRefused;
}

gloox::ConnectionBase* ServerConnection::newInstance() const
{
  return new ServerConnection( m_handler, m_log, m_server, m_port ); // the caller owns it
}

} // namespace sample
