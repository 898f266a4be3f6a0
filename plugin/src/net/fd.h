// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <unistd.h>

#include <utility>

namespace simultiple::net
{

/// Owns a file descriptor.
class Fd final
{
  public:
    Fd() noexcept = default;
    explicit Fd( int fd ) noexcept : m_fd( fd ) {}
    ~Fd() { reset(); }
    Fd( Fd&& other ) noexcept : m_fd( other.release() ) {}
    Fd& operator=( Fd&& other ) noexcept
    {
      reset( other.release() );
      return *this;
    }
    Fd( const Fd& ) = delete;
    Fd& operator=( const Fd& ) = delete;

    [[nodiscard]] int get() const noexcept { return m_fd; }
    [[nodiscard]] int release() noexcept { return std::exchange( m_fd, -1 ); }
    void reset( int fd = -1 ) noexcept
    {
      if( m_fd >= 0 && m_fd != fd )
        ::close( m_fd );
      m_fd = fd;
    }
    explicit operator bool() const noexcept { return m_fd >= 0; }

  private:
    int m_fd = -1;
};

} // namespace simultiple::net
