// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/silence.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace simultiple::net
{

std::optional<int> unacknowledged( int fd )
{
  int bytes = 0;
  return ::ioctl( fd, SIOCOUTQ, &bytes ) == 0 ? std::optional<int>( bytes ) : std::nullopt;
}

Silence::Look Silence::lookAt( int fd )
{
  tcp_info info{};
  socklen_t size = sizeof( info );
  const auto left = unacknowledged( fd );
  if( ::getsockopt( fd, IPPROTO_TCP, TCP_INFO, &info, &size ) != 0 || !left )
    return {};
  return { *left > 0, info.tcpi_unacked > 0 || info.tcpi_probes > 0, std::chrono::milliseconds( info.tcpi_last_ack_recv ) };
}

// The questions about a shut window come up to two minutes apart: in between, silence means nothing.
bool Silence::tooLong( const Look& look, TimePoint now )
{
  if( !look.unanswered )
    m_since.reset();
  else if( !m_since || look.heard < now - *m_since )
    m_since = now;
  return m_since && now - *m_since >= m_limit;
}

} // namespace simultiple::net
