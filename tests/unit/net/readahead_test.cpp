// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/readahead.h"

#include "unit/net/streamsocket_fixture.h"

#include "support/catch2.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using test::Bench;
using test::fileOf;
using test::pattern;

namespace
{

/// The disk: the errno with which reading this byte without waiting fails, or 0.
thread_local std::function<int( std::uint64_t )> disk{};

struct Disk
{
  explicit Disk( std::function<int( std::uint64_t )> how ) { disk = std::move( how ); }
  ~Disk() { disk = {}; }
};

} // namespace

// Stands before the C library's, so that a test can be a disk that is slow.
extern "C" ssize_t preadv2( int fd, const iovec* places, int count, off_t offset, int flags )
{
  const int error = disk ? disk( static_cast<std::uint64_t>( offset ) ) : 0;
  if( error == 0 )
    return ::syscall( SYS_preadv2, fd, places, count, offset, 0, flags );
  errno = error;
  return -1;
}

TEST_CASE( "As much of a file can be sent as is in memory", "[net]" )
{
  std::uint64_t there = 0;
  const Disk slow( [&]( std::uint64_t offset ) { return offset < there ? 0 : EAGAIN; } );
  const auto file = fileOf( pattern( 1'000'000 ) );
  ReadAhead ahead;
  CHECK( ahead.ready( file.get(), 0, 262'144 ) == 0 );
  there = 65'535;
  CHECK( ahead.ready( file.get(), 0, 262'144 ) == 0 );
  there = 65'536;
  CHECK( ahead.ready( file.get(), 0, 262'144 ) == 65'536 );
  CHECK( ahead.ready( file.get(), 65'536, 262'144 ) == 0 );
  there = 300'000;
  CHECK( ahead.ready( file.get(), 65'536, 262'144 ) == 196'608 );
  CHECK( ahead.ready( file.get(), 65'536, 234'464 ) == 234'464 );
  CHECK( ahead.ready( file.get(), 299'999, 1 ) == 1 );
}

TEST_CASE( "A file system that does not tell what is in memory is believed to have all; so is one that brings nothing for a second", "[net]" )
{
  const auto file = fileOf( pattern( 1'000'000 ) );
  ReadAhead ahead;
  {
    const Disk silent( []( std::uint64_t ) { return EOPNOTSUPP; } );
    CHECK( ahead.ready( file.get(), 0, 262'144 ) == 262'144 );
  }
  const Disk broken( []( std::uint64_t ) { return EAGAIN; } );
  for( unsigned i = 1; i < ReadAhead::Patience; ++i )
    REQUIRE( ahead.ready( file.get(), 0, 262'144 ) == 0 );
  CHECK( ahead.ready( file.get(), 0, 262'144 ) == 262'144 );
}

TEST_CASE( "While the disk is slow the loop is not held, and what comes behind the file waits for it", "[net]" )
{
  std::uint64_t there = 0;
  const Disk slow( [&]( std::uint64_t offset ) { return offset < there ? 0 : EAGAIN; } );
  const auto bytes = pattern( 1'000'000 );
  const auto file = fileOf( bytes );
  Bench b;
  b.socket->start();
  REQUIRE( b.socket->sendFile( file.get(), 0, bytes.size() ) );
  b.socket->write( "tail" );
  const bool closes = GENERATE( false, true );   // closing or not, all of it leaves
  if( closes )
    b.socket->close( 1s, 10s );
  test::settle( b.loop );   // throws if it spins
  CHECK( b.ears.written == 0 );

  const auto arrive = [&]( std::size_t most )
  {
    return b.readUntil( [&]
                        {
                          b.clock.advance( ReadAhead::Again );
                          return b.atPeer.size() == most;
                        } );
  };
  there = 200'000;
  REQUIRE( arrive( 196'608 ) );
  b.socket->pause( true );    // what has nothing to do with the file works meanwhile
  b.socket->pause( false );
  test::settle( b.loop );
  CHECK( b.atPeer.size() == 196'608 );

  there = std::numeric_limits<std::uint64_t>::max();
  REQUIRE( arrive( bytes.size() + 4 ) );
  CHECK( ( b.atPeer == bytes + "tail" ) );
  CHECK( b.socket->queued() == 0 );
}

TEST_CASE( "A peer that goes while the disk is waited for is heard of", "[net]" )
{
  const Disk slow( []( std::uint64_t ) { return EAGAIN; } );
  const auto file = fileOf( pattern( 1'000'000 ) );
  Bench b;
  b.socket->start();
  REQUIRE( b.socket->sendFile( file.get(), 0, 1'000'000 ) );
  test::settle( b.loop );
  b.resetPeer();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.error == ECONNRESET );
  CHECK( b.socket->queued() == 1'000'000 );
}
