// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "methods/inbandwindow.h"

#include <deque>

using namespace simultiple;
using namespace std::chrono_literals;
using methods::InBandWindow;
using std::chrono::milliseconds;

namespace
{

/// A sender with more to send than fits, over a path that takes one block each @a service and has @a trip of round trip besides.
struct Path
{
  explicit Path( std::size_t most, std::size_t least = 1 ) : window( most, least ) {}

  milliseconds trip{ 0 };
  milliseconds service{ 0 };
  InBandWindow window;

  /** Fills the window and lets the oldest block be acknowledged. */
  void step()
  {
    while( sent.size() < window.size() )
    {
      free = std::max( free, now ) + service;
      sent.push_back( { ++newest, now, free + trip } );
    }
    const auto block = sent.front();
    now = std::max( now, block.back );
    window.acknowledged( block.number, newest, std::chrono::duration_cast<milliseconds>( now - block.left ), now, true );
    sent.pop_front();
    ++acknowledged;
  }
  void run( milliseconds by )
  {
    for( const auto until = now + by; now < until; )
      step();
  }

  struct Block
  {
    std::uint64_t number;
    TimePoint left;
    TimePoint back;
  };
  std::deque<Block> sent{};
  std::uint64_t newest = 0;
  std::uint64_t acknowledged = 0;
  TimePoint now{ 1h };
  TimePoint free{ 1h };
};

} // namespace

TEST_CASE( "IBB-16: the window starts at a few blocks and is full after two round trips without a queue", "[ibb]" )
{
  Path path( 10 );
  path.trip = 200ms;
  CHECK( path.window.size() == 4 );
  for( int i = 0; i < 6; ++i )
    path.step();
  CHECK( path.window.size() == 10 );
  CHECK( path.now - TimePoint( 1h ) <= 400ms );
  path.run( 60s );
  CHECK( path.window.size() == 10 );
}

TEST_CASE( "IBB-16: at 200 ms of round trip 2 MiB go nine times as fast as one block at a time", "[ibb]" )
{
  Path path( 10 );
  path.trip = 200ms;
  while( path.acknowledged < 512 )
    path.step();
  CHECK( path.now - TimePoint( 1h ) <= 512 * 200ms / 9 );
}

TEST_CASE( "IBB-16: the window never exceeds its limit and is never below one", "[ibb]" )
{
  CHECK( InBandWindow( 0 ).size() == 1 );
  CHECK( InBandWindow( 1 ).size() == 1 );
  CHECK( InBandWindow( 3 ).size() == 3 );
  CHECK( InBandWindow( 1, 2 ).size() == 1 );
  Path path( 1 );
  path.trip = 10ms;
  path.run( 1s );
  CHECK( path.window.size() == 1 );
}

TEST_CASE( "IBB-16: a server that takes a block in half a second holds two of ours at most, after the first few", "[ibb]" )
{
  Path path( 10 );
  path.trip = 5ms;
  path.service = 550ms;
  path.run( 10s );
  for( int i = 0; i < 100; ++i )
  {
    path.step();
    REQUIRE( path.window.size() <= 2 );
  }
  path.service = 1ms;   // and it recovers
  path.run( 10s );
  CHECK( path.window.size() == 10 );
}

TEST_CASE( "IBB-16: blocks of one round trip halve the window once", "[ibb]" )
{
  InBandWindow window( 64 );
  const TimePoint now{ 1h };
  for( std::uint64_t i = 1; i <= 60; ++i )
    window.acknowledged( i, 64 + i, 100ms, now, true );
  REQUIRE( window.size() == 64 );
  for( std::uint64_t i = 61; i <= 124; ++i )
  {
    window.acknowledged( i, 124, 600ms, now, true );
    REQUIRE( window.size() == 32 );
  }
  window.acknowledged( 125, 156, 600ms, now, true );
  CHECK( window.size() == 16 );
}

TEST_CASE( "IBB-16: after a cut the window grows by one per round trip, and not at all while there is some delay", "[ibb]" )
{
  InBandWindow window( 16 );
  const TimePoint now{ 1h };
  for( std::uint64_t i = 1; i <= 12; ++i )
    window.acknowledged( i, i, 10ms, now, true );
  REQUIRE( window.size() == 16 );
  window.acknowledged( 13, 13, 510ms, now, true );
  REQUIRE( window.size() == 8 );
  std::uint64_t next = 14;
  for( int i = 0; i < 7; ++i, ++next )
    window.acknowledged( next, next, 10ms, now, true );
  CHECK( window.size() == 8 );
  window.acknowledged( next, next, 10ms, now, true );
  CHECK( window.size() == 9 );
  for( int i = 0; i < 100; ++i, ++next )
    window.acknowledged( next, next, 260ms, now, true );
  CHECK( window.size() == 9 );
}

TEST_CASE( "IBB-16: a window that nobody fills does not grow", "[ibb]" )
{
  InBandWindow window( 10 );
  for( std::uint64_t i = 1; i < 100; ++i )
    window.acknowledged( i, i, 1ms, TimePoint( 1h ), false );
  CHECK( window.size() == 4 );
}

TEST_CASE( "IBB-16: a path that has become longer is not taken for a queue for ever", "[ibb]" )
{
  Path path( 10 );
  path.trip = 10ms;
  path.run( 20s );
  path.trip = 900ms;
  path.run( 90s );
  CHECK( path.window.size() == 10 );
}

TEST_CASE( "IBB-16: what was quick before a long silence is no measure for a path that is slow now", "[ibb]" )
{
  Path path( 10 );
  path.trip = 5ms;
  path.run( 1s );
  REQUIRE( path.window.size() == 10 );
  path.sent.clear();
  path.now += 10min;
  path.trip = 650ms;
  path.run( 10s );
  CHECK( path.window.size() == 10 );
}
