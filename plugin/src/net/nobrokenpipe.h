// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <pthread.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace simultiple::net
{

/**
 * While it lives, writing to a socket whose peer has gone raises no SIGPIPE: for what has no MSG_NOSIGNAL, as sendfile(), or does not use it, as gloox.
 * The signal ends a bot that has not thought of it, and its disposition is the bot's, not ours. So it is blocked in this thread meanwhile, and
 * the one we raised taken away.
 */
class NoBrokenPipe final
{
  public:
    NoBrokenPipe()
    {
      sigset_t pending;
      sigemptyset( &pending );
      sigpending( &pending );
      if( sigismember( &pending, SIGPIPE ) == 1 )
        return;   // it is blocked then, and a second one would merge with the bot's own
      sigemptyset( &m_pipe );
      sigaddset( &m_pipe, SIGPIPE );
      m_blocked = pthread_sigmask( SIG_BLOCK, &m_pipe, &m_before ) == 0;
    }
    ~NoBrokenPipe()
    {
      if( !m_blocked )
        return;
      const int error = errno;
      const timespec now{ 0, 0 };
      while( m_mayBeRaised && sigtimedwait( &m_pipe, nullptr, &now ) < 0 && errno == EINTR )
        ;
      pthread_sigmask( SIG_SETMASK, &m_before, nullptr );
      errno = error;
    }
    NoBrokenPipe( const NoBrokenPipe& ) = delete;
    NoBrokenPipe& operator=( const NoBrokenPipe& ) = delete;

    void mayBeRaised() noexcept { m_mayBeRaised = true; }

  private:
    sigset_t m_pipe{};
    sigset_t m_before{};
    bool m_blocked = false;
    bool m_mayBeRaised = false;
};

} // namespace simultiple::net
