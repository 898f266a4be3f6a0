// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "files/ratemeter.h"
#include "files/throttle.h"

#include <limits>

using namespace simultiple;
using namespace simultiple::files;
using namespace std::chrono_literals;

TEST_CASE( "without a limit everything may move at once", "[files]" )
{
  Throttle throttle;
  CHECK( throttle.allowance( TimePoint() ) == std::numeric_limits<std::uint64_t>::max() );
  throttle.take( 1000000 );
  CHECK( throttle.allowance( TimePoint() ) == std::numeric_limits<std::uint64_t>::max() );
  CHECK( throttle.wait() == 0ms );
}

TEST_CASE( "a limit holds over any time, and a burst is a tenth of a second", "[files]" )
{
  TimePoint now{};
  Throttle throttle;
  throttle.setRate( 100000, now );
  CHECK( throttle.allowance( now ) == 10000 );
  std::uint64_t moved = 0;
  for( int step = 0; step < 1000; ++step )
  {
    const auto bytes = throttle.allowance( now );
    throttle.take( bytes );
    moved += bytes;
    now += step % 3 == 0 ? 7ms : 11ms;
  }
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>( now - TimePoint() ).count();
  CHECK( moved <= static_cast<std::uint64_t>( passed ) * 100 + 10000 );
  CHECK( moved >= static_cast<std::uint64_t>( passed ) * 99 );
}

TEST_CASE( "what was taken too much is waited for", "[files]" )
{
  TimePoint now{};
  Throttle throttle;
  throttle.setRate( 100000, now );
  throttle.take( 110000 ); // a second and a tenth
  CHECK( throttle.allowance( now ) == 0 );
  CHECK( throttle.wait() == 1100ms );
  now += 999ms;
  CHECK( throttle.allowance( now ) == 0 );
  now += 101ms;
  CHECK( throttle.allowance( now ) == 10000 );
  CHECK( throttle.wait() == 0ms );
}

TEST_CASE( "who takes what there is until there is nothing comes to an end, however fast a byte is earned", "[files]" )
{
  TimePoint now{};
  Throttle throttle;
  throttle.setRate( 1000000, now );
  int turns = 0;
  for( ; turns < 1000; ++turns, now += 2us ) // each earns two bytes
  {
    const auto bytes = throttle.allowance( now );
    if( bytes == 0 )
      break;
    throttle.take( bytes );
  }
  CHECK( turns == 1 );
  CHECK( throttle.wait() == 100ms );
}

TEST_CASE( "time that passes idle is not saved up, and a tiny limit still moves something", "[files]" )
{
  TimePoint now{};
  Throttle throttle;
  throttle.setRate( 1000, now );
  now += 1h;
  CHECK( throttle.allowance( now ) == Throttle::SmallestBurst );
  throttle.take( Throttle::SmallestBurst );
  CHECK( throttle.allowance( now ) == 0 );
  CHECK( throttle.wait() == 4096ms );
  throttle.setRate( 0, now );
  CHECK( throttle.allowance( now ) > 1000000 );
}

TEST_CASE( "a rate follows what moves, and tells how long the rest takes", "[files]" )
{
  TimePoint now{};
  RateMeter meter;
  meter.start( 5000, now );
  CHECK( meter.rate() == 0 );
  CHECK_FALSE( meter.left( 1000 ) );
  now += 200ms;
  meter.update( 5000 + 200, now );
  CHECK( meter.rate() == 1000 );
  CHECK( meter.left( 10000 ) == 10s );
  for( int i = 1; i <= 100; ++i )
  {
    now += 200ms;
    meter.update( 5200 + static_cast<std::uint64_t>( i ) * 400, now );
  }
  CHECK( meter.rate() > 1950 );
  CHECK( meter.rate() <= 2000 );
  for( int i = 0; i < 600; ++i )
    meter.update( 5200 + 40000, now += 200ms );
  CHECK( meter.rate() == 0 );
  CHECK_FALSE( meter.left( std::numeric_limits<std::uint64_t>::max() ) );
}

TEST_CASE( "a rate is not made of two looks at one moment", "[files]" )
{
  RateMeter meter;
  meter.start( 0, TimePoint() );
  meter.update( 1000000, TimePoint() );
  CHECK( meter.rate() == 0 );
  meter.update( 1000, TimePoint() + 1s );
  CHECK( meter.rate() == 1000 );
}
