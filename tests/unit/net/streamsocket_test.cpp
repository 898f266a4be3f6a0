// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "unit/net/streamsocket_fixture.h"

#include "support/catch2.h"
#include "support/heapwatch.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using test::Bench;
using test::pattern;

TEST_CASE( "Early payload is delivered first, then what arrives, and nothing before start()", "[net]" )
{
  Bench b( "early " );
  REQUIRE( test::sendAll( b.peer, "late" ) );
  test::settle( b.loop );
  CHECK( b.ears.log.empty() );
  b.socket->start();
  CHECK( b.ears.log.empty() );
  REQUIRE( b.runUntil( [&] { return b.ears.data.size() >= 10; } ) );
  CHECK( b.ears.data == "early late" );
}

TEST_CASE( "An orderly end is told once, after all data", "[net]" )
{
  Bench b;
  b.socket->start();
  REQUIRE( test::sendAll( b.peer, pattern( 100000 ) ) );
  b.peer.reset();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.data == pattern( 100000 ) );
  CHECK( b.ears.error == 0 );
  b.socket->write( "x" );
  b.socket->close( 1s );
  b.clock.advance( 1min );
  test::settle( b.loop );
  CHECK( b.ears.log.back() == 'e' );
  CHECK( b.ears.log.find( 'e' ) == b.ears.log.size() - 1 );
}

TEST_CASE( "A reset is told as an error", "[net]" )
{
  Bench b;
  b.socket->start();
  test::settle( b.loop );
  b.resetPeer();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.error == ECONNRESET );
}

TEST_CASE( "Data are sent in order, counted when the kernel took them, and told from the loop only", "[net]" )
{
  Bench b;
  b.socket->start();
  test::settle( b.loop );
  const std::string all = pattern( 20'000'000 );
  for( std::size_t i = 0; i < all.size(); i += 1'000'000 )
    b.socket->write( all.substr( i, 1'000'000 ) );
  CHECK( b.ears.written == 0 );
  CHECK( b.socket->queued() > 0 );
  test::settle( b.loop );
  CHECK( b.ears.written + b.socket->queued() == all.size() );
  REQUIRE( b.readUntil( [&] { return b.atPeer.size() == all.size(); } ) );
  CHECK( ( b.atPeer == all ) );
  CHECK( b.ears.written == all.size() );
  CHECK( b.socket->queued() == 0 );
}

// Or a bot that writes until it is told to wait would never be told, however fast the network takes it.
TEST_CASE( "What the kernel took at once counts as queued until the loop has told of it", "[net]" )
{
  Bench b;
  b.socket->start();
  test::settle( b.loop );
  b.socket->write( "one" );
  b.socket->write( "two" );
  CHECK( b.socket->queued() == 6 );
  test::settle( b.loop );
  CHECK( b.ears.written == 6 );
  CHECK( b.socket->queued() == 0 );
}

TEST_CASE( "A reader as quick as we are does not let a bot that sends until it is full hold the loop", "[net]" )
{
  Bench b;
  b.socket->start();
  test::settle( b.loop );
  const std::string piece = pattern( 65536 );
  std::string all;
  while( b.socket->queued() < StreamSocket::BytesPerTurn )
  {
    b.socket->write( piece );
    all += piece;
    b.atPeer += test::receiveNow( b.peer );
    REQUIRE( all.size() <= StreamSocket::BytesPerTurn + piece.size() );
  }
  REQUIRE( b.readUntil( [&] { return b.atPeer.size() == all.size() && b.ears.written == all.size(); } ) );
  CHECK( ( b.atPeer == all ) );
  CHECK( b.socket->queued() == 0 );
}

TEST_CASE( "Both directions at once: everything arrives, and neither waits for the other", "[net]" )
{
  Bench b;
  test::Ears far;
  StreamSocket other( b.loop, std::move( b.peer ), {}, far );
  const std::string there = pattern( 9'000'000 );
  const std::string back( there.rbegin(), there.rend() );
  const auto pump = []( StreamSocket& socket, const std::string& all, std::size_t& at )
  {
    for( ; at < all.size() && socket.queued() < 100'000; at += 50'000 )
      socket.write( all.substr( at, 50'000 ) );
  };
  std::size_t atThere = 0;
  std::size_t atBack = 0;
  b.ears.onWritten = [&] { pump( *b.socket, there, atThere ); };
  far.onWritten = [&] { pump( other, back, atBack ); };
  b.socket->start();
  other.start();
  b.ears.onWritten();
  far.onWritten();
  std::size_t apart = 0;
  REQUIRE( b.runUntil( [&]
  {
    apart = std::max( { apart, far.data.size() - std::min( far.data.size(), b.ears.data.size() ), b.ears.data.size() - std::min( far.data.size(), b.ears.data.size() ) } );
    return far.data.size() == there.size() && b.ears.data.size() == back.size();
  } ) );
  CHECK( ( far.data == there ) );
  CHECK( ( b.ears.data == back ) );
  CHECK( apart < 6'000'000 );   // not one after the other; what the kernel's buffers hold, and no more
}

TEST_CASE( "A socket that has become quiet keeps no buffer of its own; one serves them all", "[net]" )
{
  test::ManualClock clock;
  EventLoop loop( clock );
  test::Ears ears;
  std::vector<Fd> peers;
  std::vector<std::unique_ptr<StreamSocket>> sockets;
  for( int i = 0; i < 20; ++i )
  {
    auto pair = test::tcpPair();
    peers.push_back( std::move( pair.other ) );
    sockets.push_back( std::make_unique<StreamSocket>( loop, std::move( pair.one ), std::string(), ears ) );
    sockets.back()->start();
  }
  test::settle( loop );
  const std::string much = pattern( 2'000'000 );
  ears.data.reserve( 41'000'000 );
  ears.log.reserve( 100'000 );
  if( !test::HeapWatch::works() )
    return;
  const test::HeapWatch heap;
  for( auto& peer : peers )
  {
    std::size_t sent = 0;
    const auto before = ears.data.size();
    REQUIRE( test::runUntil( loop, [&]
    {
      const ssize_t n = sent < much.size() ? ::send( peer.get(), much.data() + sent, much.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT ) : 0;
      sent += n > 0 ? static_cast<std::size_t>( n ) : 0;
      return ears.data.size() == before + much.size();
    } ) );
  }
  CHECK( ears.largest == StreamSocket::BlockSize );
  CHECK( heap.bytes() < 4 * StreamSocket::BlockSize );
}

TEST_CASE( "EPOLLOUT is asked for only while something is queued", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->write( "hello" );
  test::settle( b.loop ); // throws if it spins
  CHECK( b.ears.written == 5 );
  CHECK_FALSE( b.loop.runReady() );
}

TEST_CASE( "Large amounts arrive in large blocks, and one socket does not hold the loop", "[net]" )
{
  Bench b;
  b.socket->start();
  test::settle( b.loop );
  const std::string all = pattern( 16'000'000 );
  std::size_t sent = 0;
  std::size_t most = 0;
  REQUIRE( b.runUntil( [&]
                       {
                         while( sent < all.size() )
                         {
                           const ssize_t n = ::send( b.peer.get(), all.data() + sent, all.size() - sent, MSG_NOSIGNAL );
                           if( n <= 0 )
                             break;
                           sent += static_cast<std::size_t>( n );
                         }
                         const auto before = b.ears.data.size();
                         b.loop.runReady();
                         most = std::max( most, b.ears.data.size() - before );
                         return b.ears.data.size() == all.size();
                       } ) );
  CHECK( ( b.ears.data == all ) );
  CHECK( b.ears.largest == StreamSocket::BlockSize );
  CHECK( most < StreamSocket::BytesPerTurn + StreamSocket::BlockSize );
}

TEST_CASE( "A paused socket delivers nothing and does not spin, whatever the peer does; resumed, it has everything", "[net]" )
{
  Bench b( "early " );
  b.socket->start();
  b.socket->pause( true );
  REQUIRE( test::sendAll( b.peer, "late" ) );
  int error = 0;
  SECTION( "open" ) { error = -1; }
  SECTION( "closed" ) { b.peer.reset(); }
  SECTION( "closed while we send" )
  {
    b.socket->write( "x" );
    b.peer.reset();
    b.socket->write( "y" );
    test::settle( b.loop );
    b.socket->write( "z" );
    error = ECONNRESET;
  }
  test::settle( b.loop ); // throws if it spins
  CHECK( b.ears.log.empty() );
  CHECK_FALSE( b.loop.runReady() );
  b.socket->pause( false );
  REQUIRE( b.runUntil( [&] { return b.ears.data.size() >= 10 && ( error < 0 || b.ears.over() ); } ) );
  CHECK( b.ears.data == "early late" );
  if( error == ECONNRESET )
    CHECK( ( b.ears.error == ECONNRESET || b.ears.error == EPIPE ) );
  else
    CHECK( b.ears.error == error );
}

TEST_CASE( "A paused socket goes on sending, and does not spin when the peer resets", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->pause( true );
  const std::string all = pattern( 20'000'000 );
  b.socket->write( all );
  SECTION( "sends" )
  {
    REQUIRE( b.readUntil( [&] { return b.atPeer.size() == all.size(); } ) );
    CHECK( ( b.atPeer == all ) );
  }
  SECTION( "reset" )
  {
    test::settle( b.loop );
    b.resetPeer();
    test::settle( b.loop ); // throws if it spins
    CHECK_FALSE( b.ears.over() );
    b.socket->pause( false );
    REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
    CHECK( b.ears.error != 0 );
    CHECK( b.socket->queued() > 0 );
  }
}

TEST_CASE( "S5B-19: a connection that breaks while its reader pauses ends within ten seconds; resumed before, it has everything", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->pause( true );
  test::settle( b.loop );
  REQUIRE( test::sendAll( b.peer, "last words" ) );
  b.resetPeer();
  const bool early = GENERATE( false, true ); // seen by write(), or by the loop
  if( early )
    test::settle( b.loop );
  b.socket->write( "never sent" );
  test::settle( b.loop ); // throws if it spins
  b.clock.advance( 9999ms );
  test::settle( b.loop );
  CHECK( b.ears.log.empty() );
  SECTION( "resumed" )
  {
    b.socket->pause( false );
    test::settle( b.loop );
    CHECK( b.ears.log == "de" );
    CHECK( b.ears.data == "last words" );
  }
  SECTION( "still paused" )
  {
    b.clock.advance( 1ms );
    test::settle( b.loop );
    CHECK( b.ears.log == "e" );
  }
  SECTION( "closed" )
  {
    b.socket->close( 10s );
    test::settle( b.loop );
    CHECK( b.ears.log == "c" );
  }
  CHECK( b.ears.error == ECONNRESET );
  CHECK( b.socket->queued() == 10 );
  CHECK_FALSE( b.loop.nextAlarm() );
}

TEST_CASE( "CLS-1: what is written to a broken connection counts as queued, and is seen to be lost", "[net]" )
{
  Bench b;
  b.socket->start();
  test::settle( b.loop );
  b.resetPeer();
  b.socket->write( "the last " );
  b.socket->write( "two blocks" );
  CHECK( b.socket->queued() == 19 );
  const bool closes = GENERATE( false, true );
  if( closes )
    b.socket->close( 10s );
  test::settle( b.loop );
  CHECK( b.ears.log == ( closes ? "c" : "e" ) );
  CHECK( b.ears.error == ECONNRESET );
  CHECK( b.socket->queued() == 19 );
  CHECK( b.ears.written == 0 );
}

TEST_CASE( "pause() in the middle of delivery takes effect with the next block", "[net]" )
{
  Bench b;
  b.ears.onData = [&] { b.socket->pause( true ); };
  b.socket->start();
  REQUIRE( test::sendAll( b.peer, pattern( 100000 ) ) );
  REQUIRE( b.runUntil( [&] { return !b.ears.log.empty(); } ) );
  test::settle( b.loop );
  CHECK( b.ears.log == "d" );
}

TEST_CASE( "TC-226, S5B-19, INT-12: close() sends everything to a slow reader, then ends our half, then waits for the end", "[net]" )
{
  Bench b;
  b.socket->start();
  const std::string all = pattern( 20 * 1024 * 1024 );
  b.socket->write( all );
  REQUIRE( b.socket->queued() > 0 );
  b.socket->close( 10s );
  CHECK( b.ears.log.empty() );

  std::size_t progress = 0;
  int steps = 0;
  REQUIRE( b.readUntil( [&]
                        {
                          if( b.ears.written > progress ) // slow, but never without progress for T-CLOSE
                          {
                            progress = b.ears.written;
                            b.clock.advance( 9s );
                            ++steps;
                          }
                          return b.peerSawEnd;
                        } ) );
  CHECK( steps > 2 );
  CHECK( ( b.atPeer == all ) );
  test::settle( b.loop );
  CHECK( b.ears.log.empty() ); // the reader has not closed yet
  CHECK( b.ears.written == all.size() );
  b.peer.reset();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.log == "c" );
  CHECK( b.ears.error == 0 );
}

TEST_CASE( "S5B-19: a reset after our end of file is told, what the kernel had may be lost", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->write( "all there is" );
  b.socket->close( 10s );
  test::settle( b.loop );
  CHECK( b.ears.log.empty() );
  b.resetPeer();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.log == "c" );
  CHECK( b.ears.error == ECONNRESET );
  CHECK( b.socket->queued() == 0 );
}

TEST_CASE( "INT-12: a peer that never closes is waited for no longer than asked", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->write( "all there is" );
  b.socket->close( 10s );
  REQUIRE( b.readUntil( [&] { return b.peerSawEnd; } ) );
  b.clock.advance( 9999ms );
  test::settle( b.loop );
  CHECK_FALSE( b.ears.over() );
  b.clock.advance( 1ms );
  test::settle( b.loop );
  CHECK( b.ears.log == "c" );
  CHECK( b.ears.error == 0 );
  CHECK( b.loop.watched() == 0 );
  CHECK( b.atPeer == "all there is" );
}

TEST_CASE( "A peer that reads nothing does not keep a closing socket for ever", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->write( pattern( 20'000'000 ) );
  b.socket->close( 10s );
  test::settle( b.loop );
  b.clock.advance( 10s );
  test::settle( b.loop );
  CHECK( b.ears.log == "c" );
  CHECK( b.socket->queued() > 0 );
}

TEST_CASE( "What arrives while closing is dropped, and does not harm what is still being sent", "[net]" )
{
  Bench b( "early" );
  b.socket->start();
  b.socket->pause( true );
  const std::string all = pattern( 20'000'000 );
  b.socket->write( all );
  REQUIRE( test::sendAll( b.peer, pattern( 50000 ) ) );
  const bool half = GENERATE( false, true );
  if( half )
    ::shutdown( b.peer.get(), SHUT_WR );
  b.socket->close( 10s );
  REQUIRE( b.readUntil( [&] { return b.peerSawEnd; } ) );
  CHECK( ( b.atPeer == all ) );
  b.peer.reset();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.log == "c" );
  CHECK( b.ears.data.empty() );
}

TEST_CASE( "A peer that goes away while we are closing ends it at once", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->write( pattern( 20'000'000 ) );
  b.socket->close( 10s );
  test::settle( b.loop );
  b.resetPeer();
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.log == "c" );
  CHECK( b.socket->queued() > 0 );
}

TEST_CASE( "S5B-19: the peer's end of file is the end, also while we still have data to send", "[net]" )
{
  Bench b;
  b.socket->start();
  b.socket->write( pattern( 20'000'000 ) );
  ::shutdown( b.peer.get(), SHUT_WR );
  REQUIRE( b.runUntil( [&] { return b.ears.over(); } ) );
  CHECK( b.ears.error == 0 );
  CHECK( b.socket->queued() > 0 );
}

TEST_CASE( "abort() ends everything without a word", "[net]" )
{
  Bench b( "early" );
  b.socket->start();
  b.socket->write( "x" );
  b.socket->abort();
  REQUIRE( b.readUntil( [&] { return b.peerSawEnd; } ) );
  CHECK( b.ears.log.empty() );
  CHECK( b.ears.written == 0 );
  CHECK( b.loop.watched() == 0 );
}

TEST_CASE( "write() in a callback is fine", "[net]" )
{
  Bench b;
  int more = 100;
  b.ears.onWritten = [&]
  {
    if( more-- > 0 )
      b.socket->write( "again" );
  };
  b.socket->start();
  b.socket->write( "first" );
  REQUIRE( b.readUntil( [&] { return b.atPeer.size() == 505; } ) );
  CHECK( b.ears.written == 505 );
}

TEST_CASE( "A stream socket may be deleted in each of its callbacks; no descriptor is left", "[net]" )
{
  const auto before = test::openDescriptors();
  {
    Bench b( GENERATE( as<std::string>{}, "", "early" ) );
    const auto remove = [&] { b.socket.reset(); };
    b.socket->start();
    SECTION( "data" )
    {
      b.ears.onData = remove;
      REQUIRE( test::sendAll( b.peer, pattern( 100000 ) ) );
    }
    SECTION( "written" )
    {
      b.ears.onWritten = remove;
      b.socket->write( "x" );
    }
    SECTION( "end" )
    {
      b.ears.onLast = remove;
      b.peer.reset();
    }
    SECTION( "closed" )
    {
      b.ears.onLast = remove;
      b.peer.reset();
      b.socket->close( 1s );
    }
    REQUIRE( b.runUntil( [&] { return !b.socket; } ) );
    test::settle( b.loop );
    CHECK( b.loop.watched() == 0 );
    CHECK_FALSE( b.loop.nextAlarm() );
  }
  CHECK( test::openDescriptors() == before );
}
