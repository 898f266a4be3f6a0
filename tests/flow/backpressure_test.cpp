// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// MultiBytestream: how much it takes, when there is room again, pause and resume, close and abort.

#include "flow/inband_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

std::string pattern( std::size_t size )
{
  std::string bytes( size, '\0' );
  for( std::size_t i = 0; i < size; ++i )
    bytes[i] = static_cast<char>( i * 7 + i / 251 );
  return bytes;
}

/// Open in both roles with this method; romeo's queue is limited.
struct Open : Pair
{
  explicit Open( const std::string& method, std::size_t writeBuffer = 1 << 20 )
    : Pair( [&]( Options& sender, Options& )
  {
    sender.methods = { method };
    sender.limits.writeBuffer = writeBuffer;
  } )
  {
    REQUIRE_FALSE( romeo->offer( Juliet ).empty() );
    REQUIRE( until( [this] { return romeo->opens == 1 && juliet->opens == 1; } ) );
  }
};

} // namespace

TEST_CASE( "send() takes all or nothing, refuses at the limit, and the callback comes once there is room again", "[stream]" )
{
  const auto method = GENERATE( S5b, Ibb );
  CAPTURE( method );
  Open pair( method, 100000 );
  auto& stream = pair.romeo->stream();
  int writable = 0;
  std::size_t queuedThen = 0;
  stream.setWritableCallback( [&]
  {
    ++writable;
    queuedThen = stream.bytesQueued();
  } );
  pair.juliet->stream().pause();
  const auto piece = pattern( 30000 );
  std::string taken;
  while( stream.send( piece ) )
  {
    taken += piece;
    pair.settle();
    REQUIRE( taken.size() < 100000000 );   // the kernel takes some megabytes
  }
  CHECK( stream.bytesQueued() >= 100000 );
  CHECK( stream.bytesQueued() < 130000 );
  CHECK_FALSE( stream.send( "x" ) );
  CHECK( writable == 0 );

  pair.juliet->stream().resume();
  REQUIRE( pair.until( [&] { return writable > 0; } ) );
  CHECK( queuedThen <= 50000 );
  REQUIRE( stream.send( piece ) );
  taken += piece;
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == taken.size(); } ) );
  pair.settle();
  CHECK( ( pair.juliet->received == taken ) );
  CHECK( stream.bytesQueued() == 0 );
  CHECK( stream.bytesSent() == taken.size() );
  CHECK( writable == 1 );
}

TEST_CASE( "IBB-9: a paused stream delivers nothing, and everything after resume(), but not from inside it", "[stream]" )
{
  const auto method = GENERATE( S5b, Ibb );
  CAPTURE( method );
  Open pair( method );
  const auto bytes = pattern( 70000 );
  auto& reader = pair.juliet->stream();
  CHECK_FALSE( reader.paused() );
  reader.pause();
  CHECK( reader.paused() );
  REQUIRE( pair.romeo->stream().send( bytes ) );
  pair.settle();
  CHECK( pair.juliet->received.empty() );
  CHECK( reader.bytesReceived() == 0 );
  reader.resume();
  CHECK( pair.juliet->received.empty() );
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == bytes.size(); } ) );
  CHECK( ( pair.juliet->received == bytes ) );
  CHECK( reader.bytesReceived() == bytes.size() );
}

TEST_CASE( "pause() from inside the data callback holds back the rest", "[stream]" )
{
  const auto method = GENERATE( S5b, Ibb );
  CAPTURE( method );
  Open pair( method );
  const auto bytes = pattern( 300000 );
  pair.juliet->onData = []( MultiBytestream& stream, const std::string& ) { stream.pause(); };
  REQUIRE( pair.romeo->stream().send( bytes ) );
  pair.settle();
  const auto first = pair.juliet->received.size();
  CHECK( first > 0 );
  CHECK( first < bytes.size() );
  pair.settle();
  CHECK( pair.juliet->received.size() == first );
  pair.juliet->onData = {};
  pair.juliet->stream().resume();
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == bytes.size(); } ) );
  CHECK( ( pair.juliet->received == bytes ) );
}

TEST_CASE( "CLS-1: close() sends all that was taken before, and takes no more", "[stream]" )
{
  const auto method = GENERATE( S5b, Ibb );
  CAPTURE( method );
  Open pair( method );
  const auto bytes = pattern( 500000 );
  const auto stream = pair.romeo->streams.back();
  REQUIRE( stream->send( bytes ) );
  stream->close();
  CHECK_FALSE( stream->send( "x" ) );
  CHECK( pair.romeo->ends.empty() );   // not from inside the call
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( ( pair.juliet->received == bytes ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.juliet->cause() == "closed-remote" );
  CHECK_FALSE( stream->isOpen() );
  CHECK_FALSE( stream->send( "x" ) );
  CHECK( pair.romeo->closes == 1 );
  CHECK( pair.juliet->closes == 1 );
}

TEST_CASE( "CLS-1: abort() does not send what is queued", "[stream]" )
{
  const auto method = GENERATE( S5b, Ibb );
  CAPTURE( method );
  Open pair( method, 20000000 );
  pair.juliet->stream().pause();
  REQUIRE( pair.romeo->stream().send( std::string( 16000000, 'x' ) ) );   // more than the kernel takes
  pair.settle();
  CHECK( pair.romeo->stream().bytesQueued() > 0 );
  pair.romeo->stream().abort();
  pair.settle();
  REQUIRE( pair.romeo->ends.size() == 1 );
  CHECK( pair.romeo->cause() == "closed-local" );
  pair.juliet->stream().resume();
  REQUIRE( pair.until( [&] { return !pair.juliet->ends.empty(); } ) );
  CHECK( pair.juliet->received.size() < 16000000 );
  pair.advance( 1h );
  CHECK( pair.romeo->ends.size() == 1 );
  CHECK( pair.juliet->ends.size() == 1 );
}

TEST_CASE( "Back-pressure, both directions at once: a reader that pauses stops the other side, and neither side keeps more than its buffers", "[stream]" )
{
  const auto method = GENERATE( S5b, Ibb );
  CAPTURE( method );
  constexpr std::size_t Limit = 100'000;
  constexpr std::size_t Piece = 10'000;
  Pair pair( [&]( Options& sender, Options& receiver )
  {
    sender.methods = { method };
    sender.limits.writeBuffer = receiver.limits.writeBuffer = Limit;
    sender.limits.readBuffer = receiver.limits.readBuffer = Limit;
  } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );

  const std::string all = pattern( method == S5b ? 20'000'000 : 600'000 );   // more than all buffers of the kernel
  struct Side
  {
    MultiBytestream& stream;
    const Bot& reader;
    std::size_t taken = 0;
    std::size_t most = 0;
  } sides[] = { { pair.romeo->stream(), *pair.juliet }, { pair.juliet->stream(), *pair.romeo } };
  const auto pump = [&]( Side& side )
  {
    while( side.taken < all.size() && side.stream.send( all.substr( side.taken, Piece ) ) )
    {
      side.taken += Piece;
      side.most = std::max( side.most, side.stream.bytesQueued() );
    }
  };
  for( auto& side : sides )
    side.stream.setWritableCallback( [&] { pump( side ); } );
  for( auto* bot : { pair.romeo.get(), pair.juliet.get() } )
    bot->onData = []( MultiBytestream& stream, const std::string& ) { stream.pause(); };   // after each block
  pump( sides[0] );
  pump( sides[1] );
  pair.settle();
  for( auto& side : sides )
  {
    CHECK( side.taken < all.size() );   // it waits
    CHECK( side.reader.received.size() <= 65536 );
  }

  REQUIRE( pair.until( [&]
  {
    pair.romeo->stream().resume();
    pair.juliet->stream().resume();
    return pair.romeo->received.size() == all.size() && pair.juliet->received.size() == all.size();
  } ) );
  for( auto& side : sides )
  {
    CHECK( side.most >= Limit );
    CHECK( side.most < Limit + Piece );
    CHECK( ( side.reader.received == all ) );
  }
}
