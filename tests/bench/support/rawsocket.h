// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench
{

/// What the contract's yardstick reads and writes at once.
constexpr std::size_t RawBuffer = 262144;

/** Writes so many bytes to a blocking socket. @return The exit status of a process that does nothing else. */
inline int writeRaw( int fd, std::size_t total )
{
  const std::vector<char> buffer( RawBuffer, 'Z' );
  while( total > 0 )
  {
    const ssize_t sent = ::send( fd, buffer.data(), std::min( total, buffer.size() ), MSG_NOSIGNAL );
    if( sent <= 0 )
      return 1;
    total -= static_cast<std::size_t>( sent );
  }
  return 0;
}

/** @return How many bytes came until the end of the stream. */
inline std::size_t readRaw( int fd )
{
  std::vector<char> buffer( RawBuffer );
  std::size_t got = 0;
  for( ssize_t bytes = 0; ( bytes = ::recv( fd, buffer.data(), buffer.size(), 0 ) ) > 0; )
    got += static_cast<std::size_t>( bytes );
  return got;
}

} // namespace bench
