// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// EINTR and SIGPIPE: no call may be lost to a signal, and no signal may end the bot.

#include "faults/course.h"
#include "flow/file_fixture.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <csignal>

using namespace simultiple;
using namespace simultiple::test;

namespace
{

volatile std::sig_atomic_t signals = 0;
extern "C" void countSignal( int ) { signals = signals + 1; }

/// A signal a thousand times a second, whose handler does not have system calls start over.
class Storm final
{
  public:
    Storm()
    {
      signals = 0;
      struct sigaction action{};
      action.sa_handler = countSignal;
      ::sigaction( SIGALRM, &action, &m_before );
      const itimerval every{ { 0, 1000 }, { 0, 1000 } };
      ::setitimer( ITIMER_REAL, &every, nullptr );
    }
    ~Storm()
    {
      const itimerval none{};
      ::setitimer( ITIMER_REAL, &none, nullptr );
      ::sigaction( SIGALRM, &m_before, nullptr );
    }
    Storm( const Storm& ) = delete;
    Storm& operator=( const Storm& ) = delete;

  private:
    struct sigaction m_before{};
};

/// A connected socket whose peer is gone: to write to it raises SIGPIPE.
net::Fd brokenSocket()
{
  auto pair = tcpPair();
  const linger now{ 1, 0 };
  ::setsockopt( pair.other.get(), SOL_SOCKET, SO_LINGER, &now, sizeof( now ) );
  pair.other.reset();
  (void)::send( pair.one.get(), "x", 1, MSG_NOSIGNAL );
  return std::move( pair.one );
}

} // namespace

TEST_CASE( "Under a storm of signals every byte arrives, on each way a stream can come about", "[faults]" )
{
  const Storm storm;
  while( signals < 300 )
    for( const auto way : Ways )
    {
      Course course( way );
      course.begin();
      course.finish();
      INFO( course.where() );
      course.checkEnds();
      CHECK( ( course.arrived() || way == Way::Proxied ) );
    }
}

TEST_CASE( "Under a storm of signals files arrive whole, by sendfile() and in-band, with their digests", "[faults]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const auto bytes = content( method == gloox::XMLNS_IBB ? 200000U : 20000000U );
  const Storm storm;
  FilePair files( { method } );
  (void)files.send( bytes );
  REQUIRE( files.later( [&] { return files.bothEnded(); } ) );
  CHECK( files.sent.cause() == "complete" );
  CHECK( files.received.cause() == "complete" );
  CHECK( files.received.ends.front().sha256 == sha256( bytes ) );
  CHECK( signals > 0 );
}

TEST_CASE( "SIGPIPE left as it is does not end a bot when the plugin speaks on a broken connection", "[faults]" )
{
  struct sigaction before{}, standard{};
  standard.sa_handler = SIG_DFL; // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro's own cast
  ::sigaction( SIGPIPE, &standard, &before );
  const auto broken = brokenSocket();
  Solo romeo( Romeo );
  // As gloox's TCP connection writes: send() without flags.
  int writes = 0;
  romeo.client.setOnStanza( [&]( const std::string& ) { writes += ::send( broken.get(), "x", 1, 0 ) < 0 ? 1 : 0; } );
  REQUIRE_FALSE( romeo.bot->offer( Juliet ).empty() );
  romeo.settle();
  CHECK( writes > 0 );

  // And what was not ours is still there to be had: nothing is blocked, nothing pending.
  sigset_t now;
  ::pthread_sigmask( SIG_SETMASK, nullptr, &now );
  CHECK( sigismember( &now, SIGPIPE ) == 0 );
  ::sigpending( &now );
  CHECK( sigismember( &now, SIGPIPE ) == 0 );
  ::sigaction( SIGPIPE, &before, nullptr );
}
