// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// MultiBytestream::sendFile() between two bots.

#include "support/bot.h"
#include "support/catch2.h"
#include "support/files.h"

#include <gloox/gloox.h>

#include <unistd.h>

#include <string>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

struct Open : Pair
{
  explicit Open( const std::string& method = gloox::XMLNS_BYTESTREAMS ) : Pair( [&]( Options& sender, Options& )
  {
    sender.methods = { method };
    sender.limits.writeBuffer = 100'000;
  } )
  {
    REQUIRE_FALSE( romeo->offer( Juliet ).empty() );
    REQUIRE( until( [this] { return romeo->opens == 1 && juliet->opens == 1; } ) );
  }
};

} // namespace

TEST_CASE( "CLS-1: a file and bytes arrive in their order on a direct stream, and close() sends all of them", "[stream]" )
{
  Open pair;
  const auto bytes = pattern( 3'000'000 );
  auto& stream = pair.romeo->stream();
  REQUIRE( stream.send( "head" ) );
  REQUIRE( stream.sendFile( fileOf( bytes ).get(), 1000, 2'000'000 ) );   // closed at once
  CHECK( stream.sendFile( fileOf( bytes ).get(), 0, 1 ) == false );       // full
  CHECK( stream.bytesQueued() + stream.bytesSent() >= 2'000'000 );
  REQUIRE( pair.until( [&] { return stream.bytesQueued() == 0; } ) );
  CHECK( stream.sendFile( -1, 0, 0 ) );   // nothing, like send( "" )
  REQUIRE( stream.send( "tail" ) );
  stream.close();
  CHECK_FALSE( stream.sendFile( fileOf( bytes ).get(), 0, 1 ) );
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( ( pair.juliet->received == "head" + bytes.substr( 1000, 2'000'000 ) + "tail" ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.juliet->cause() == "closed-remote" );
  CHECK( stream.bytesSent() == 2'000'008 );
  CHECK( pair.romeo->ends.back().report.bytesSent == 2'000'008 );
  CHECK_FALSE( stream.sendFile( fileOf( bytes ).get(), 0, 1 ) );
  CHECK_FALSE( stream.sendFile( -1, 0, 0 ) );
}

TEST_CASE( "A file counts for the limit, and the callback comes once there is room again", "[stream]" )
{
  Open pair;
  auto& stream = pair.romeo->stream();
  int writable = 0;
  std::size_t queuedThen = 0;
  stream.setWritableCallback( [&]
  {
    ++writable;
    queuedThen = stream.bytesQueued();
  } );
  pair.juliet->stream().pause();
  const auto bytes = pattern( 30'000'000 );   // more than the kernel takes
  const auto file = fileOf( bytes );
  REQUIRE( stream.sendFile( file.get(), 0, bytes.size() ) );
  CHECK_FALSE( stream.send( "x" ) );
  pair.settle();
  CHECK( stream.bytesQueued() > 100'000 );
  CHECK( stream.bytesQueued() + stream.bytesSent() == bytes.size() );
  CHECK_FALSE( stream.sendFile( file.get(), 0, 1 ) );
  CHECK( writable == 0 );

  pair.juliet->stream().resume();
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == bytes.size(); } ) );
  pair.settle();
  CHECK( ( pair.juliet->received == bytes ) );
  CHECK( writable == 1 );
  CHECK( queuedThen <= 50'000 );
  CHECK( stream.bytesQueued() == 0 );
  CHECK( stream.bytesSent() == bytes.size() );
  CHECK( stream.sendFile( file.get(), 0, 1 ) );
}

TEST_CASE( "An in-band stream takes no file, and goes on with what the caller reads", "[stream]" )
{
  Open pair( gloox::XMLNS_IBB );
  auto& stream = pair.romeo->stream();
  CHECK_FALSE( stream.sendFile( fileOf( "file" ).get(), 0, 4 ) );
  CHECK( stream.bytesQueued() == 0 );
  REQUIRE( stream.send( "read" ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received == "read"; } ) );
}

TEST_CASE( "A direct stream takes no pipe, and goes on with what the caller reads", "[stream]" )
{
  Open pair;
  int ends[2];
  REQUIRE( ::pipe( ends ) == 0 );
  const net::Fd reading( ends[0] ), writing( ends[1] );
  CHECK_FALSE( pair.romeo->stream().sendFile( reading.get(), 0, 4 ) );
  CHECK( pair.romeo->stream().bytesQueued() == 0 );
  REQUIRE( pair.romeo->stream().send( "read" ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received == "read"; } ) );
}

TEST_CASE( "CLS-11: a file that ends early ends the session, open or closing, as io-error with the number of bytes", "[stream]" )
{
  Open pair;
  const bool closing = GENERATE( false, true );
  CAPTURE( closing );
  REQUIRE( pair.romeo->stream().sendFile( fileOf( "only this" ).get(), 5, 8 ) );
  if( closing )
    pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( pair.romeo->cause() == "io-error" );
  CHECK( pair.romeo->ends.back().text == "the file ended 4 bytes early" );
  CHECK( pair.romeo->stream().bytesSent() == 4 );
  CHECK( pair.romeo->closes == 1 );
  CHECK( pair.juliet->received == "this" );
  CHECK( pair.juliet->cause() == "closed-remote" );
  pair.advance( 1h );
  CHECK( pair.romeo->ends.size() == 1 );
}
