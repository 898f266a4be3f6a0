// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// StreamSocket::sendFile()

#include "unit/net/streamsocket_fixture.h"

#include "support/catch2.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using test::Bench;
using test::fileOf;
using test::pattern;

TEST_CASE( "CLS-1: parts of files and bytes leave in the order in which they were given, and all are counted", "[net]" )
{
  Bench b;
  const bool early = GENERATE( true, false ); // what is given before start() waits for it or not, but it comes first
  if( !early )
    b.socket->start();
  const auto one = pattern( 5'000'000 ), other = pattern( 3'000'001 ) + "end";
  std::string all;
  {
    const auto first = fileOf( one ), second = fileOf( other ); // closed before anything has left
    const auto file = [&]( const Fd& fd, const std::string& bytes, std::size_t offset, std::size_t length )
    {
      REQUIRE( b.socket->sendFile( fd.get(), offset, length ) );
      all += bytes.substr( offset, length );
    };
    const auto bytes = [&]( const std::string& data )
    {
      b.socket->write( data );
      all += data;
    };
    file( first, one, 1000, 4'000'000 );
    bytes( "header" );
    file( second, other, 0, 2'000'000 );
    file( second, other, 2'000'000, 1'000'004 );
    bytes( pattern( 100'000 ) );
    bytes( "more" );
    file( first, one, 0, 1 );
    bytes( "trailer" );
  }
  CHECK( b.socket->queued() == all.size() );
  b.socket->start();
  CHECK( b.ears.written == 0 );
  REQUIRE( b.readUntil( [&] { return b.atPeer.size() >= all.size() && b.socket->queued() == 0; } ) );
  test::settle( b.loop ); // throws if it spins
  CHECK( ( b.atPeer == all ) );
  CHECK( b.ears.written == all.size() );
  CHECK_FALSE( b.loop.runReady() );
}

TEST_CASE( "A range may lie beyond 4 GiB and be longer than that, and costs no memory", "[net]" )
{
  constexpr std::uint64_t five = 5ULL << 30, six = 6ULL << 30;
  const auto file = fileOf( "far away", five );
  Bench b;
  b.socket->start();
  REQUIRE( b.socket->sendFile( file.get(), five + 4, 4 ) );
  REQUIRE( b.readUntil( [&] { return b.atPeer == "away"; } ) );

  REQUIRE( ::ftruncate( file.get(), static_cast<off_t>( six + five ) ) == 0 );
  REQUIRE( b.socket->sendFile( file.get(), five, six ) );
  CHECK( b.socket->queued() == six );
  REQUIRE( b.readUntil( [&] { return b.atPeer.size() >= 10'000'000; } ) );
  CHECK( b.atPeer.substr( 4, 8 ) == "far away" );
  test::settle( b.loop );
  CHECK( b.ears.written + b.socket->queued() == six + 4 );
  b.socket->abort();
}

TEST_CASE( "One socket that sends a file does not hold the loop", "[net]" )
{
  const auto file = fileOf( pattern( 20'000'000 ) );
  Bench b;
  REQUIRE( b.socket->sendFile( file.get(), 0, 20'000'000 ) );
  b.socket->start();
  std::size_t most = 0;
  REQUIRE( b.runUntil( [&]
                       {
                         b.atPeer += test::receiveNow( b.peer );
                         const auto before = b.ears.written;
                         b.loop.runReady();
                         most = std::max( most, b.ears.written - before );
                         return b.atPeer.size() == 20'000'000;
                       } ) );
  CHECK( most > 0 );
  CHECK( most <= StreamSocket::BytesPerTurn );
}

TEST_CASE( "CLS-11: a file that is cut short while it is sent ends the socket after what was there", "[net]" )
{
  const auto bytes = pattern( 20'000'000 );
  const auto file = fileOf( bytes );
  Bench b;
  b.socket->start();
  b.socket->write( "first " );
  REQUIRE( b.socket->sendFile( file.get(), 0, bytes.size() ) );
  b.socket->write( " last" );
  test::settle( b.loop ); // the kernel's buffers are full
  REQUIRE( b.socket->queued() > 5'000'000 );
  REQUIRE( ::ftruncate( file.get(), 18'000'000 ) == 0 );
  const bool paused = GENERATE( false, true );
  const std::string incoming = "from the peer";
  SECTION( "open" )
  {
    REQUIRE( test::sendAll( b.peer, incoming ) );
    b.socket->pause( paused );
    REQUIRE( b.readUntil( [&] { return b.peerSawEnd && b.ears.over(); } ) );
    CHECK( b.ears.data == ( paused ? "" : incoming ) );
    CHECK( b.ears.log == ( paused ? "e" : "de" ) );
    CHECK( b.ears.error == EIO );
    CHECK_FALSE( b.socket->sendFile( file.get(), 0, 1 ) );
  }
  SECTION( "closing" )
  {
    b.socket->pause( paused );
    b.socket->close( 10s );
    REQUIRE( b.readUntil( [&] { return b.peerSawEnd && b.ears.over(); } ) );
    CHECK( b.ears.log == "c" );
  }
  CHECK( b.socket->fileProblem() == "the file ended 2000000 bytes early" );
  CHECK( b.ears.written == 18'000'006 );
  CHECK( b.socket->queued() == 2'000'005 );
  if( !paused ) // unread data that we leave behind become a reset
    CHECK( ( b.atPeer == "first " + bytes.substr( 0, 18'000'000 ) ) );
  CHECK( b.loop.watched() == 0 );
}

TEST_CASE( "CLS-11: a peer that sends without end does not keep a socket whose file has ended", "[net]" )
{
  const auto file = fileOf( "short" );
  Bench b;
  b.socket->start();
  REQUIRE( b.socket->sendFile( file.get(), 0, 6 ) );
  const std::string flood( 65536, 'x' );
  b.ears.onData = [&] { ::send( b.peer.get(), flood.data(), flood.size(), MSG_NOSIGNAL ); };
  b.ears.onData();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.socket->fileProblem() == "the file ended 1 bytes early" );
}

TEST_CASE( "A peer that goes away while a file is sent is told as an error of the socket", "[net]" )
{
  const auto file = fileOf( pattern( 20'000'000 ) );
  Bench b;
  b.socket->start();
  REQUIRE( b.socket->sendFile( file.get(), 0, 20'000'000 ) );
  test::settle( b.loop );
  b.resetPeer();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.error != 0 );
  CHECK( b.socket->fileProblem().empty() );
  CHECK( b.ears.written + b.socket->queued() == 20'000'000 );
}

TEST_CASE( "CLS-1, S5B-19: close() sends the file to its end, to a slow reader too; abort() does not", "[net]" )
{
  const auto bytes = pattern( 20'000'000 );
  const auto file = fileOf( bytes );
  const auto descriptors = test::openDescriptors();
  {
    Bench b;
    b.socket->start();
    REQUIRE( b.socket->sendFile( file.get(), 0, bytes.size() ) );
    b.socket->pause( true ); // of reading: makes no difference
    SECTION( "close" )
    {
      b.socket->close( 10s );
      CHECK_FALSE( b.socket->sendFile( file.get(), 0, 1 ) );
      std::size_t progress = 0;
      REQUIRE( b.readUntil( [&]
                            {
                              if( b.ears.written > progress )
                              {
                                progress = b.ears.written;
                                b.clock.advance( 9s );
                              }
                              return b.peerSawEnd;
                            } ) );
      CHECK( ( b.atPeer == bytes ) );
      b.peer.reset();
      REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
      CHECK( b.ears.log == "c" );
      CHECK( b.socket->queued() == 0 );
    }
    SECTION( "close, and a reader that reads nothing" )
    {
      b.socket->close( 10s );
      test::settle( b.loop );
      b.clock.advance( 10s );
      test::settle( b.loop );
      CHECK( b.ears.log == "c" );
      CHECK( b.socket->queued() > 0 );
      CHECK( b.socket->fileProblem().empty() );
    }
    SECTION( "abort" )
    {
      test::settle( b.loop );
      b.socket->abort();
      REQUIRE( b.readUntil( [&] { return b.peerSawEnd; } ) );
      CHECK( b.atPeer.size() < bytes.size() );
      CHECK( b.ears.log.empty() );
    }
    CHECK_FALSE( b.socket->sendFile( file.get(), 0, 1 ) );
  }
  CHECK( test::openDescriptors() == descriptors );
}
