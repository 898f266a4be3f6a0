// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/readahead.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace simultiple::net
{

namespace
{

constexpr std::size_t Ahead = 4194304;   ///< Kernels read less at once than they are asked to; a disk that is busy with it does not fall idle.
constexpr std::size_t Step = 65536;

/// Whether reading this byte would not wait. A file system that cannot tell says yes.
bool inMemory( int fd, std::uint64_t offset )
{
  char byte = 0;
  const iovec place{ &byte, 1 };
  ssize_t got = 0;
  do
    got = ::preadv2( fd, &place, 1, static_cast<off_t>( offset ), RWF_NOWAIT );
  while( got < 0 && errno == EINTR );
  return got >= 0 || errno != EAGAIN;
}

} // namespace

std::size_t ReadAhead::ready( int fd, std::uint64_t offset, std::size_t wanted )
{
  if( m_asked < offset + Ahead / 2 )
  {
    if( inMemory( fd, offset + Ahead - 1 ) )
      m_asked = offset + Ahead;   // so is all before it, most likely, and to ask costs as much as to send
    else
      ask( fd, offset );
  }
  std::size_t there = wanted;
  if( !inMemory( fd, offset + wanted - 1 ) )
  {
    ask( fd, offset );   // it was not asked yet, read less than it was asked to, or threw away what it had read
    for( there = 0; there < wanted && inMemory( fd, offset + std::min( there + Step, wanted ) - 1 ); )
      there = std::min( there + Step, wanted );
  }
  if( there > 0 )
    m_inVain = 0;
  else if( ++m_inVain >= Patience )
    return wanted;
  return there;
}

void ReadAhead::ask( int fd, std::uint64_t offset )
{
  (void)::posix_fadvise( fd, static_cast<off_t>( offset ), Ahead, POSIX_FADV_WILLNEED );
  m_asked = offset + Ahead;
}

} // namespace simultiple::net
