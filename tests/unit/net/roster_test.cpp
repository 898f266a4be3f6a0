// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/roster.h"

#include "net/eventloop.h"
#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/sockets.h"

#include <sys/epoll.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

using namespace simultiple::net;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

[[noreturn]] void noMemory() { throw std::bad_alloc(); }

} // namespace

TEST_CASE( "CLS-12: what is left for later is done in the name of whoever left it, and only he fails by it", "[net]" )
{
  const ManualClock clock;
  EventLoop loop( clock );
  auto& roster = loop.roster();
  const auto one = std::make_shared<Duty>();
  const auto other = std::make_shared<Duty>();
  const auto pair = tcpPair();
  REQUIRE( sendAll( pair.other, "x" ) );

  Alarm first( loop ), second( loop );
  std::unique_ptr<Watch> watch;
  int fired = 0;
  roster.run( one, [&]
  {
    first.start( 0ms, noMemory );
    roster.run( other, [&]
    {
      second.start( 0ms, [&] { fired += roster.current() == other ? 1 : 0; } );
      watch = std::make_unique<Watch>( loop, pair.one.get(), EPOLLIN, [&]( std::uint32_t ) { fired += roster.current() == other ? 1 : 0; } );
    } );
    CHECK( roster.current() == one );
  } );
  CHECK_FALSE( roster.current() );

  CHECK( loop.runReady() );
  CHECK( loop.runAlarms() );
  CHECK( fired == 2 );
  CHECK( one->failed );
  CHECK_FALSE( other->failed );
  CHECK( roster.anyFailed() );
}

TEST_CASE( "CLS-12: who has failed gives up from the outer loop, again until it could; the gone are not asked", "[net]" )
{
  Roster roster;
  const auto quick = std::make_shared<Duty>();
  const auto slow = std::make_shared<Duty>();
  const auto gone = std::make_shared<Duty>();
  std::string asked;
  int tries = 0;
  quick->giveUp = [&]
  {
    asked += "quick ";
    return true;
  };
  slow->giveUp = [&]
  {
    asked += "slow ";
    return ++tries == 2;
  };
  for( const auto& duty : { quick, slow, gone, quick } )
    CHECK_FALSE( roster.run( duty, noMemory ) );
  CHECK_FALSE( roster.run( nullptr, noMemory ) );   // nobody's

  CHECK_FALSE( roster.giveUpFailed() );
  CHECK( asked == "slow quick " );
  CHECK( roster.giveUpFailed() );
  CHECK( asked == "slow quick slow " );
  CHECK_FALSE( roster.anyFailed() );
  CHECK( std::string( quick->failed ) == "out of memory" );
}

TEST_CASE( "CLS-12: an exception of another kind is not called a want of memory, and what is no exception of the library's passes", "[net]" )
{
  Roster roster;
  const auto duty = std::make_shared<Duty>();
  CHECK_FALSE( roster.run( duty, [] { throw std::runtime_error( "x" ); } ) );
  CHECK( std::string( duty->failed ) == "an exception" );
  CHECK_THROWS_AS( roster.run( duty, [] { throw 1; } ), int );
  CHECK_FALSE( roster.current() );
}
