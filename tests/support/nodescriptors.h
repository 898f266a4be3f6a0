// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <utility>
#include <vector>

namespace simultiple::test
{

/// As long as it lives, the process gets no further descriptor.
class NoDescriptors final
{
  public:
    NoDescriptors()
    {
      ::getrlimit( RLIMIT_NOFILE, &m_before );
      const rlimit few{ 256, m_before.rlim_max };
      ::setrlimit( RLIMIT_NOFILE, &few );
      for( net::Fd fd = any(); fd; fd = any() )
        m_taken.push_back( std::move( fd ) );
    }
    ~NoDescriptors() { ::setrlimit( RLIMIT_NOFILE, &m_before ); }
    void giveBackOne() { m_taken.pop_back(); }
    NoDescriptors( const NoDescriptors& ) = delete;
    NoDescriptors& operator=( const NoDescriptors& ) = delete;

  private:
    static net::Fd any() { return net::Fd( ::open( "/dev/null", O_RDONLY | O_CLOEXEC ) ); }

    rlimit m_before{};
    std::vector<net::Fd> m_taken{};
};

} // namespace simultiple::test
