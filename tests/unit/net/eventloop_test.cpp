// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/eventloop.h"

#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/sockets.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using test::ManualClock;

namespace
{

/// Many descriptors that are always ready, and who was called.
struct Crowd
{
  Crowd( EventLoop& loop, std::size_t size ) : calls( size, 0 )
  {
    for( std::size_t i = 0; i < size; ++i )
    {
      fds.emplace_back( ::eventfd( 1, EFD_CLOEXEC | EFD_NONBLOCK ) );
      watches.push_back( std::make_unique<Watch>( loop, fds.back().get(), EPOLLIN, [this, i]( std::uint32_t )
      {
        ++calls[i];
        ++total;
        if( onCall )
          onCall( i );
      } ) );
      REQUIRE( watches.back()->valid() );
    }
  }
  /** A turn in which so many are served. */
  [[nodiscard]] EventLoop::Enough serves( int most )
  {
    return [this, last = total + most] { return total >= last; };
  }
  [[nodiscard]] bool all( int times ) const
  {
    return std::all_of( calls.begin(), calls.end(), [times]( int n ) { return n == times; } );
  }

  std::vector<Fd> fds{};
  std::vector<std::unique_ptr<Watch>> watches{};
  std::vector<int> calls;
  std::function<void( std::size_t )> onCall{};
  int total = 0;
};

void allowDescriptors( rlim_t wanted )
{
  rlimit limit{};
  REQUIRE( ::getrlimit( RLIMIT_NOFILE, &limit ) == 0 );
  if( limit.rlim_cur < wanted )
  {
    limit.rlim_cur = limit.rlim_max;
    REQUIRE( ::setrlimit( RLIMIT_NOFILE, &limit ) == 0 );
  }
  REQUIRE( limit.rlim_cur >= wanted );
}

} // namespace

TEST_CASE( "A turn ends when enough was done; a thousand busy watches are served in turn over the next ones, none of them twice before all", "[net]" )
{
  allowDescriptors( 2000 );
  ManualClock clock;
  EventLoop loop( clock );
  Crowd crowd( loop, 1000 );
  for( int turn = 1; turn <= 40; ++turn )
  {
    CHECK( loop.runReady( crowd.serves( 25 ) ) );
    REQUIRE( crowd.total == 25 * turn );
  }
  CHECK( crowd.all( 1 ) );
  for( int turn = 0; turn < 40; ++turn )
    loop.runReady( crowd.serves( 25 ) );
  CHECK( crowd.all( 2 ) );
}

TEST_CASE( "However little a turn may do, one watch and one alarm get on", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  Crowd crowd( loop, 3 );
  const EventLoop::Enough already = [] { return true; };
  int fired = 0;
  Alarm a( loop ), b( loop );
  a.start( 0ms, [&] { ++fired; } );
  b.start( 0ms, [&] { ++fired; } );
  for( int turn = 1; turn <= 3; ++turn )
  {
    CHECK( loop.runReady( already ) );
    CHECK( crowd.total == turn );
  }
  CHECK( loop.runAlarms( already ) );
  CHECK( fired == 1 );
  CHECK( loop.runAlarms( already ) );
  CHECK( fired == 2 );
}

TEST_CASE( "TMO-3: an alarm that comes due in the middle of a round waits for its end, and no longer, however busy the sockets are", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  Crowd crowd( loop, 10 );
  int firedAt = 0;
  Alarm alarm( loop ), second( loop );
  alarm.start( 1ms, [&] { firedAt = crowd.total; } );
  second.start( 1ms, [] {} );
  const auto turn = [&]
  {
    loop.runReady( crowd.serves( 3 ) );
    loop.runAlarms( [] { return true; } );
  };
  turn();
  clock.advance( 1ms );
  turn();
  turn();
  CHECK( firedAt == 0 );
  turn();
  CHECK( firedAt == 10 );
  CHECK( second.running() );   // enough was done
  turn();
  CHECK_FALSE( second.running() ); // a new round does not put it off
}

TEST_CASE( "Who is left over of a round is not called if its watch is gone, or waits for something else by then", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  Crowd crowd( loop, 4 );
  crowd.onCall = [&]( std::size_t first )
  {
    crowd.onCall = {};
    for( std::size_t i = 0; i < 4; ++i )
      if( i != first && i % 2 == first % 2 )
        crowd.watches[i].reset();
      else if( i != first )
        crowd.watches[i]->want( 0 );
  };
  loop.runReady( crowd.serves( 1 ) );
  loop.runReady( crowd.serves( 1 ) );
  CHECK( crowd.total == 1 );
  CHECK( loop.watched() == 3 );
}

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
  allowDescriptors( 2001 );
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
