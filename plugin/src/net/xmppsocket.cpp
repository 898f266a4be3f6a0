// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/xmppsocket.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <limits>

namespace simultiple::net
{

std::size_t sendRoom( int fd ) noexcept
{
  constexpr auto Unknown = std::numeric_limits<std::size_t>::max();
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof( memory );
  if( ::getsockopt( fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &length ) != 0 || length < ( SK_MEMINFO_WMEM_QUEUED + 1 ) * sizeof( memory[0] ) )
    return Unknown;

  const std::size_t most = memory[SK_MEMINFO_SNDBUF];
  const std::size_t queued = memory[SK_MEMINFO_WMEM_QUEUED];
  if( queued == 0 )
    return Unknown;
  return queued >= most ? 0 : ( most - queued ) / 2;   // the kernel counts its own bookkeeping, too: up to as much again
}

void acknowledgeNow( int fd ) noexcept
{
  const int on = 1;
  (void)::setsockopt( fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof( on ) );
}

} // namespace simultiple::net
