// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// S5B-19: a TCP connection that breaks under an open stream. What send() took and nobody can have received is told of.

#include "flow/receiver_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::receiving;
using namespace std::chrono_literals;

namespace
{

/// juliet with an open stream to a host of romeo's.
struct OpenStream
{
  OpenStream()
  {
    juliet.accepted( W1 );
    REQUIRE( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) ) == usedAnswer( "a1", Romeo ) );
    REQUIRE( juliet.bot.stream().send( "first" ) );
    juliet.settle();
  }
  MultiBytestream& stream() { return juliet.bot.stream(); }
  [[nodiscard]] const Bot::End& end() const { return juliet.bot.ends.front(); }

  Receiver juliet{};
  ScriptedHost host{ juliet.loop };
};

} // namespace

TEST_CASE( "ST-R-34, CLS-1: what send() took on a connection that is broken already is lost, and close() says so", "[end]" )
{
  OpenStream open;
  open.host.close( true );
  REQUIRE( open.stream().send( "the last block" ) ); // nobody has seen it yet
  open.stream().close();
  open.juliet.settle();
  REQUIRE( open.juliet.bot.ends.size() == 1 );
  CHECK( open.juliet.bot.cause() == "io-error" );
  CHECK( open.end().text == "14 bytes could not be sent: Connection reset by peer" );
  CHECK( open.end().report.bytesSent == 5 );
}

TEST_CASE( "ST-R-34, S5B-19: a reset after our end of file is an io-error, since what only the kernel had may be lost", "[end]" )
{
  OpenStream open;
  REQUIRE( open.stream().send( "the last block" ) );
  open.stream().close();
  open.juliet.bot.manager.process();
  CHECK( open.juliet.bot.ends.empty() );
  const bool reset = GENERATE( true, false ); // not having read everything, it resets by closing
  open.host.close( reset );
  open.juliet.settle();
  REQUIRE( open.juliet.bot.ends.size() == 1 );
  CHECK( open.juliet.bot.cause() == "io-error" );
  CHECK( open.end().text == "Connection reset by peer" );
}

TEST_CASE( "S5B-19: a bot that pauses reading and sends to a peer that is gone is told to stop, and hears the end", "[end]" )
{
  OpenStream open;
  open.stream().pause();
  open.juliet.settle();
  open.host.close( true );
  std::size_t taken = 0;
  const std::string block( 65536, 'x' );
  for( int i = 0; i < 1000 && open.stream().send( block ); ++i )
  {
    taken += block.size();
    open.juliet.settle();
  }
  CHECK( taken < 1000 * block.size() );
  CHECK( open.stream().bytesQueued() == taken );
  open.juliet.advance( 10s );
  REQUIRE( open.juliet.bot.ends.size() == 1 );
  CHECK( open.juliet.bot.cause() == "io-error" );
  CHECK( open.end().report.bytesSent == 5 );
}
