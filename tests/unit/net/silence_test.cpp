// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/silence.h"

#include "unit/net/streamsocket_fixture.h"

#include "support/catch2.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using test::pattern;

namespace
{

/// From now on nothing that is sent to @a fd reaches its TCP: as if the cable were cut.
void cut( const Fd& fd )
{
  sock_filter nothing[] = { BPF_STMT( BPF_RET | BPF_K, 0 ) };
  const sock_fprog program{ 1, nothing };
  REQUIRE( ::setsockopt( fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof( program ) ) == 0 );
}

/// Sends until the peer, which does not read, has shut its window.
void fill( const Fd& fd )
{
  const std::string much = pattern( 1'000'000 );
  while( ::send( fd.get(), much.data(), much.size(), MSG_NOSIGNAL ) > 0 )
    ;
}

/// A StreamSocket that has as little patience as a test, on real time, as the kernel is.
struct Impatient
{
  Impatient()
  {
    auto pair = test::tcpPair();
    peer = std::move( pair.other );
    fd = pair.one.get();
    socket = std::make_unique<StreamSocket>( loop, std::move( pair.one ), std::string(), ears, Limit );
    socket->start();
  }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    for( int i = 0; i < 10000 && !done(); ++i )
    {
      pollfd ready{ loop.descriptor(), POLLIN, 0 };
      (void)::poll( &ready, 1, 1 );
      (void)loop.runReady();
      (void)loop.runAlarms();
    }
    return done();
  }

  static constexpr std::chrono::milliseconds Limit{ 40 };
  Clock clock{};
  EventLoop loop{ clock };
  test::Ears ears{};
  Fd peer{};
  int fd = -1;
  std::unique_ptr<StreamSocket> socket{};
};

} // namespace

TEST_CASE( "S5B-19: a peer that owes an answer for two minutes, and has said nothing since, is gone", "[net]" )
{
  Silence silence( 2min );
  const TimePoint start{};
  const auto look = [&]( std::chrono::milliseconds at, bool unanswered, std::chrono::milliseconds heard )
  { return silence.tooLong( { true, unanswered, heard }, start + at ); };
  CHECK_FALSE( look( 0s, true, 1h ) );   // the first word after an hour without one
  CHECK_FALSE( look( 60s, true, 1h + 60s ) );
  CHECK_FALSE( look( 119999ms, true, 1h + 119999ms ) );
  SECTION( "it says nothing" ) { CHECK( look( 2min, true, 1h + 2min ) ); }
  SECTION( "it answers at last" )
  {
    CHECK_FALSE( look( 2min, false, 1ms ) );
    CHECK_FALSE( look( 10min, true, 8min ) );   // the window is shut, and the next question has just gone out
    CHECK_FALSE( look( 10min + 15s, false, 14s ) );
  }
  SECTION( "it has answered, and owes the next one" )
  {
    CHECK_FALSE( look( 2min, true, 1ms ) );
    CHECK_FALSE( look( 3min, true, 60001ms ) );
    CHECK( look( 4min, true, 120001ms ) );
  }
  SECTION( "the loop's time goes on without the kernel's" ) { CHECK_FALSE( look( 24h, true, 5s ) ); }
}

TEST_CASE( "S5B-19: what is on its way, and whether the peer's TCP answers, is read from the kernel", "[net]" )
{
  const auto pair = test::tcpPair();
  const auto seen = [&] { return Silence::lookAt( pair.one.get() ); };
  CHECK_FALSE( seen().pending );
  CHECK_FALSE( seen().unanswered );
  SECTION( "a reader" )
  {
    REQUIRE( test::sendAll( pair.one, "x" ) );
    CHECK_FALSE( seen().pending );
  }
  SECTION( "a peer that is gone" )
  {
    cut( pair.other );
    REQUIRE( test::sendAll( pair.one, "x" ) );
    CHECK( seen().pending );
    CHECK( seen().unanswered );
    const auto before = seen().heard;
    while( seen().heard <= before )
      (void)::poll( nullptr, 0, 1 );
    CHECK( seen().unanswered );
  }
  SECTION( "a reader that pauses" )
  {
    fill( pair.one );
    int waited = 0; // its TCP does not answer questions that come quickly one after the other
    while( seen().unanswered && ++waited < 10000 )
      (void)::poll( nullptr, 0, 1 );
    CHECK_FALSE( seen().unanswered );
    CHECK( seen().pending );
  }
  SECTION( "no TCP at all" ) { CHECK_FALSE( Silence::lookAt( -1 ).pending ); }
}

TEST_CASE( "S5B-19: a peer that is gone with our bytes on their way ends the socket", "[net]" )
{
  Impatient b;
  cut( b.peer );
  b.socket->write( "x" );
  REQUIRE( b.until( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.log == "e" );
  CHECK( b.ears.error == ETIMEDOUT );
}

TEST_CASE( "S5B-19: a peer that is gone while its window is shut ends the socket when it does not say that it still is", "[net]" )
{
  Impatient b;
  b.socket->write( pattern( 20'000'000 ) );
  REQUIRE( b.until( [&] { return !Silence::lookAt( b.fd ).unanswered; } ) );
  cut( b.peer );
  REQUIRE( b.until( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.error == ETIMEDOUT );
  CHECK( b.socket->queued() > 0 );
}

TEST_CASE( "S5B-19: a reader that pauses is not gone, however long; it gets everything", "[net]" )
{
  Impatient b;
  const std::string all = pattern( 20'000'000 );
  b.socket->write( all );
  REQUIRE( b.until( [&] { return Silence::lookAt( b.fd ).heard >= 8 * Impatient::Limit; } ) ); // it is asked ever less often
  CHECK_FALSE( b.ears.over() );
  // With it the kernel itself would end the connection, answers or not.
  int userTimeout = -1;
  socklen_t size = sizeof( userTimeout );
  REQUIRE( ::getsockopt( b.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &userTimeout, &size ) == 0 );
  CHECK( userTimeout == 0 );
  std::string got;
  REQUIRE( b.until( [&]
  {
    got += test::receiveNow( b.peer );
    return got.size() == all.size();
  } ) );
  CHECK( ( got == all ) );
}

TEST_CASE( "S5B-19: a socket with nothing on its way has no alarm", "[net]" )
{
  Impatient b;
  b.socket->write( "x" );
  REQUIRE( b.until( [&] { return b.ears.written == 1; } ) );
  REQUIRE( b.until( [&] { return !b.loop.nextAlarm(); } ) );
  CHECK_FALSE( b.ears.over() );
}
