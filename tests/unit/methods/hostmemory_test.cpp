// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/hostmemory.h"

#include "support/catch2.h"

using namespace simultiple;
using simultiple::methods::HostMemory;
using namespace std::chrono_literals;

namespace
{

const TimePoint Start{ 1h };

HostMemory::Host host( const std::string& name, const std::string& peer = "romeo@montague.example", std::uint16_t port = 7777 )
{
  return { HostMemory::Side::Dialled, peer, name, port };
}

} // namespace

TEST_CASE( "S5B-22: a host counts as dead after two failures in a row, and one success clears it", "[hostmemory]" )
{
  HostMemory memory( 256, 10min );
  const auto one = host( "192.0.2.1" );
  CHECK_FALSE( memory.failedLast( one, Start ) );
  CHECK_FALSE( memory.workedLast( one, Start ) );
  memory.failed( one, Start );
  CHECK( memory.failedLast( one, Start ) );
  CHECK_FALSE( memory.failedTwice( one, Start ) );
  memory.worked( one, Start );
  CHECK_FALSE( memory.failedLast( one, Start ) );
  CHECK( memory.workedLast( one, Start ) );
  memory.failed( one, Start );
  CHECK_FALSE( memory.failedTwice( one, Start ) );
  CHECK_FALSE( memory.workedLast( one, Start ) );
  memory.failed( one, Start );
  CHECK( memory.failedTwice( one, Start ) );
  memory.failed( one, Start );
  memory.worked( one, Start );
  CHECK_FALSE( memory.failedTwice( one, Start ) );
}

TEST_CASE( "S5B-22: a memory expires, and then begins anew", "[hostmemory]" )
{
  HostMemory memory( 256, 10min );
  const auto one = host( "192.0.2.1" );
  memory.failed( one, Start );
  memory.failed( one, Start + 9min );
  CHECK( memory.failedTwice( one, Start + 19min - 1ms ) );
  CHECK_FALSE( memory.failedTwice( one, Start + 19min ) );
  CHECK_FALSE( memory.failedLast( one, Start + 19min ) );
  memory.failed( one, Start + 19min );
  CHECK_FALSE( memory.failedTwice( one, Start + 19min ) );
  memory.worked( one, Start + 20min );
  CHECK( memory.workedLast( one, Start + 30min - 1ms ) );
  CHECK_FALSE( memory.workedLast( one, Start + 30min ) );
}

TEST_CASE( "S5B-21, S5B-22: hosts are kept apart by peer, port and direction", "[hostmemory]" )
{
  HostMemory memory( 256, 10min );
  const auto one = host( "192.0.2.1" );
  memory.failed( one, Start );
  memory.failed( one, Start );
  auto offered = one;
  offered.side = HostMemory::Side::Offered;
  CHECK( memory.failedTwice( one, Start ) );
  CHECK_FALSE( memory.failedLast( offered, Start ) );
  CHECK_FALSE( memory.failedLast( host( "192.0.2.1", "tybalt@capulet.example" ), Start ) );
  CHECK_FALSE( memory.failedLast( host( "192.0.2.1", "romeo@montague.example", 7778 ), Start ) );
  CHECK_FALSE( memory.failedLast( host( "192.0.2.11" ), Start ) );
}

TEST_CASE( "S5B-22: a peer with many hosts forgets its own, not another's", "[hostmemory]" )
{
  HostMemory memory( 256, 10min );
  const auto other = host( "192.0.2.99", "tybalt@capulet.example" );
  memory.worked( other, Start );
  for( int i = 0; i < 1000; ++i )
    memory.failed( host( "host" + std::to_string( i ) ), Start + std::chrono::milliseconds( i ) );
  CHECK( memory.size() == HostMemory::MaxPerPeer + 1 );
  CHECK( memory.workedLast( other, Start + 2s ) );
  CHECK( memory.failedLast( host( "host999" ), Start + 2s ) );
  CHECK( memory.failedLast( host( "host984" ), Start + 2s ) );
  CHECK_FALSE( memory.failedLast( host( "host983" ), Start + 2s ) );
}

TEST_CASE( "S5B-22: when the memory is full the oldest goes, and what has expired before it", "[hostmemory]" )
{
  HostMemory memory( 4, 10min );
  const auto of = []( int i ) { return host( "h", "peer" + std::to_string( i ) + "@example" ); };
  for( int i = 0; i < 4; ++i )
    memory.worked( of( i ), Start + std::chrono::minutes( i ) );
  memory.worked( of( 0 ), Start + 4min );   // touched: not the oldest any more
  SECTION( "nothing has expired" )
  {
    memory.worked( of( 4 ), Start + 5min );
    CHECK( memory.size() == 4 );
    CHECK_FALSE( memory.workedLast( of( 1 ), Start + 5min ) );
    CHECK( memory.workedLast( of( 0 ), Start + 5min ) );
    CHECK( memory.workedLast( of( 4 ), Start + 5min ) );
  }
  SECTION( "two have expired" )
  {
    memory.worked( of( 4 ), Start + 12min );
    CHECK( memory.size() == 3 );
    CHECK( memory.workedLast( of( 3 ), Start + 12min ) );
  }
}

TEST_CASE( "S5B-22: a memory of no entries, or of no time, remembers nothing", "[hostmemory]" )
{
  HostMemory none( 0, 10min ), instant( 256, 0ms );
  const auto one = host( "192.0.2.1" );
  for( auto* memory : { &none, &instant } )
  {
    memory->failed( one, Start );
    memory->failed( one, Start );
    CHECK_FALSE( memory->failedLast( one, Start ) );
    memory->worked( one, Start );
    CHECK_FALSE( memory->workedLast( one, Start ) );
  }
  CHECK( none.size() == 0 );
}

TEST_CASE( "S5B-22, SEC-12: a host with an endless name is not remembered", "[hostmemory]" )
{
  HostMemory memory( 256, 10min );
  memory.failed( host( std::string( 255, 'x' ) ), Start );
  memory.failed( host( std::string( 256, 'x' ) ), Start );
  CHECK( memory.size() == 1 );
  memory.forget();
  CHECK( memory.size() == 0 );
}
