// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/eventloop.h"

#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/sockets.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <fcntl.h>

#include <memory>
#include <string>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using test::ManualClock;

TEST_CASE( "TMO-1: alarms fire when the injected clock says so, in the order of their deadlines", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  std::string fired;
  Alarm a( loop ), b( loop ), c( loop );
  a.start( 30ms, [&] { fired += 'a'; } );
  b.start( 10ms, [&] { fired += 'b'; } );
  c.start( 10ms, [&] { fired += 'c'; } );

  CHECK_FALSE( loop.runAlarms() );
  CHECK( loop.nextAlarm() == clock.now() + 10ms );
  clock.advance( 9ms );
  CHECK_FALSE( loop.runAlarms() );
  clock.advance( 100ms );
  CHECK( loop.runAlarms() );
  CHECK( fired == "bca" );
  CHECK_FALSE( a.running() );
  CHECK_FALSE( loop.nextAlarm() );
}

TEST_CASE( "An alarm that restarts itself at once fires once a turn and cannot hold the loop", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  Alarm alarm( loop );
  int fired = 0;
  std::function<void()> again = [&]
  {
    ++fired;
    alarm.start( 0ms, again );
  };
  alarm.start( 0ms, again );
  CHECK( loop.runAlarms() );
  CHECK( fired == 1 );
  CHECK( loop.runAlarms() );
  CHECK( fired == 2 );
}

TEST_CASE( "An alarm may be destroyed in its own callback, stopped by another one, and set for ever", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  auto self = std::make_unique<Alarm>( loop );
  Alarm victim( loop ), eternal( loop );
  bool late = false;
  eternal.start( std::chrono::milliseconds::max(), [&] { late = true; } );
  self->start( 1ms, [&]
               {
                 self.reset();
                 victim.stop();
               } );
  victim.start( 2ms, [&] { late = true; } );
  clock.advance( 5ms );
  CHECK( loop.runAlarms() );
  CHECK_FALSE( late );
  CHECK( eternal.running() );
}

TEST_CASE( "A watch reports what is ready, and may be destroyed in its own callback or in another's", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  auto pair = test::tcpPair();
  auto second = test::tcpPair();
  int calls = 0;
  std::unique_ptr<Watch> w1, w2;
  const auto both = [&]( std::uint32_t )
  {
    ++calls;
    w1.reset();
    w2.reset();
  };
  w1 = std::make_unique<Watch>( loop, pair.one.get(), EPOLLIN, both );
  w2 = std::make_unique<Watch>( loop, second.one.get(), EPOLLIN, both );
  REQUIRE( w1->valid() );
  CHECK( loop.watched() == 2 );
  CHECK_FALSE( loop.runReady() );
  REQUIRE( test::sendAll( pair.other, "x" ) );
  REQUIRE( test::sendAll( second.other, "x" ) );
  CHECK( loop.runReady() );
  CHECK( calls == 1 );
  CHECK( loop.watched() == 0 );
  CHECK_FALSE( loop.runReady() );
}

TEST_CASE( "want() changes what a watch waits for", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  auto pair = test::tcpPair();
  std::uint32_t seen = 0;
  Watch watch( loop, pair.one.get(), 0, [&]( std::uint32_t e ) { seen = e; } );
  REQUIRE( test::sendAll( pair.other, "x" ) );
  CHECK_FALSE( loop.runReady() );
  watch.want( EPOLLIN );
  CHECK( loop.runReady() );
  CHECK( seen == EPOLLIN );
  watch.want( EPOLLOUT );
  CHECK( loop.runReady() );
  CHECK( seen == EPOLLOUT );
}

TEST_CASE( "A descriptor that cannot be watched gives an invalid watch", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  const Watch watch( loop, -1, EPOLLIN, []( std::uint32_t ) {} );
  CHECK_FALSE( watch.valid() );
  CHECK( loop.watched() == 0 );
}

TEST_CASE( "Descriptors above 1024 are watched like any other", "[net]" )
{
  rlimit limit{};
  REQUIRE( ::getrlimit( RLIMIT_NOFILE, &limit ) == 0 );
  if( limit.rlim_cur <= 2000 )
  {
    limit.rlim_cur = limit.rlim_max;
    REQUIRE( ::setrlimit( RLIMIT_NOFILE, &limit ) == 0 );
  }
  REQUIRE( limit.rlim_cur > 2000 );

  ManualClock clock;
  EventLoop loop( clock );
  auto pair = test::tcpPair();
  const Fd high( ::fcntl( pair.one.get(), F_DUPFD_CLOEXEC, 1500 ) );
  REQUIRE( high.get() >= 1500 );
  bool ready = false;
  const Watch watch( loop, high.get(), EPOLLIN, [&]( std::uint32_t ) { ready = true; } );
  REQUIRE( test::sendAll( pair.other, "x" ) );
  CHECK( loop.runReady() );
  CHECK( ready );
}
