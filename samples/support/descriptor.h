// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <unistd.h>

#include <utility>

namespace sample
{

/// Owns a file descriptor.
class Descriptor final
{
  public:
    explicit Descriptor( int fd = -1 ) noexcept : m_fd( fd ) {}
    Descriptor( Descriptor&& other ) noexcept : m_fd( std::exchange( other.m_fd, -1 ) ) {}
    Descriptor& operator=( Descriptor&& other ) noexcept
    {
      std::swap( m_fd, other.m_fd );
      return *this;
    }
    ~Descriptor()
    {
      if( m_fd >= 0 )
        ::close( m_fd );
    }
    Descriptor( const Descriptor& ) = delete;
    Descriptor& operator=( const Descriptor& ) = delete;

    [[nodiscard]] int get() const noexcept { return m_fd; }
    [[nodiscard]] int release() noexcept { return std::exchange( m_fd, -1 ); }
    explicit operator bool() const noexcept { return m_fd >= 0; }

  private:
    int m_fd;
};

} // namespace sample
