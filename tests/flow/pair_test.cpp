// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two real gloox clients with the plugin, joined by a hub; SOCKS5 over real loopback sockets.

#include "support/bot.h"
#include "support/catch2.h"

#include <gloox/gloox.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

TEST_CASE( "NEG-10: a direct SOCKS5 stream opens on both sides and carries bytes both ways", "[pair]" )
{
  Pair pair;
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  CHECK( pair.romeo->stream().method() == gloox::XMLNS_BYTESTREAMS );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_BYTESTREAMS );
  CHECK( pair.romeo->stream().type() == gloox::Bytestream::S5B );

  const std::string there( 1 << 20, 'r' ), back( 1 << 20, 'j' );
  CHECK( pair.romeo->stream().send( there ) );
  CHECK( pair.juliet->stream().send( back ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == there.size() && pair.romeo->received.size() == back.size(); } ) );
  CHECK( pair.juliet->received == there );
  CHECK( pair.romeo->received == back );

  pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.juliet->cause() == "closed-remote" );
  pair.advance( 1h );
  CHECK( pair.romeo->ends.size() == 1 );
  CHECK( pair.juliet->ends.size() == 1 );
  CHECK( pair.romeo->closes == 1 );
}

TEST_CASE( "NEG-1, IBB-1: an in-band stream opens and carries bytes both ways", "[pair]" )
{
  Pair pair( []( Options& sender, Options& ) { sender.methods = { gloox::XMLNS_IBB }; } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  CHECK( pair.romeo->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.romeo->stream().type() == gloox::Bytestream::IBB );

  const std::string there( 100000, 'r' ), back( 50001, 'j' );
  CHECK( pair.romeo->stream().send( there ) );
  CHECK( pair.juliet->stream().send( back ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == there.size() && pair.romeo->received.size() == back.size(); } ) );
  CHECK( pair.juliet->received == there );
  CHECK( pair.romeo->received == back );
  pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.juliet->cause() == "closed-remote" );
}

TEST_CASE( "NEG-6: when SOCKS5 is impossible the stream opens in-band, and both sides hear why", "[pair]" )
{
  // The receiver refuses loopback, so every streamhost of the sender is dead to it.
  Pair pair( []( Options&, Options& receiver ) { receiver.streamHosts.allow.clear(); } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  CHECK( pair.romeo->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.juliet->streams.size() == 1 );
  REQUIRE( pair.romeo->stream().send( "hello" ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received == "hello"; } ) );
}

TEST_CASE( "S5B-3, W-9: a stream opens over IPv6, with the address written without brackets", "[pair]" )
{
  Pair pair( []( Options& sender, Options& ) { sender.listen.address = "::1"; } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_BYTESTREAMS );
  CHECK( pair.hub.logged( "host='::1'" ).size() == 1 );
  REQUIRE( pair.juliet->stream().send( "over six" ) );
  CHECK( pair.until( [&] { return pair.romeo->received == "over six"; } ) );
}

TEST_CASE( "S5B-19, ST-S-40: a close that loses bytes does not end as if all were well", "[pair]" )
{
  Pair pair;
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  // The receiver stops reading, so that the kernel's buffers fill and the rest stays with us; then it goes away.
  pair.juliet->stream().pause();
  for( int block = 0; block < 64 && pair.romeo->stream().send( std::string( 1 << 20, 'x' ) ); ++block )
    pair.settle();
  REQUIRE( pair.romeo->stream().bytesQueued() > 0 );
  pair.romeo->stream().close();
  pair.settle();
  CHECK( pair.romeo->ends.empty() );

  SECTION( "the receiver aborts" )
  {
    pair.juliet->stream().abort();
    REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty(); } ) );
  }
  SECTION( "nothing moves for 6 x T-CLOSE" )
  {
    pair.advance( 59s );
    CHECK( pair.romeo->ends.empty() );
    pair.advance( 2s );
    REQUIRE( pair.romeo->ends.size() == 1 );
  }
  CHECK( pair.romeo->cause() == "io-error" );
  CHECK( pair.romeo->ends.back().text.find( "could not be sent" ) != std::string::npos );
}

TEST_CASE( "TC-231a, TMO-7: a stream on which nobody has anything to say for ten minutes lives on", "[pair]" )
{
  const std::vector<std::string> s5bFirst{ gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB };
  const std::vector<std::string> ibbFirst{ gloox::XMLNS_IBB, gloox::XMLNS_BYTESTREAMS };
  for( const auto& list : { s5bFirst, ibbFirst } )
  {
    Pair pair( [&]( Options& sender, Options& receiver ) { sender.methods = receiver.methods = list; } );
    REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
    REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
    CHECK( pair.romeo->stream().method() == list[0] );
    for( int minute = 0; minute < 10; ++minute )
      pair.advance( 1min );
    CHECK( pair.juliet->ends.empty() );
    CHECK( pair.romeo->ends.empty() );
    REQUIRE( pair.juliet->streams.size() == 1 );
    CHECK( pair.juliet->stream().send( "back" ) );
    CHECK( pair.romeo->stream().send( "there" ) );
    CHECK( pair.until( [&] { return pair.juliet->received == "there" && pair.romeo->received == "back"; } ) );
  }
}
