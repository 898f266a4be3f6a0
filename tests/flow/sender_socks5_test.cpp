// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sender's own SOCKS5 server, on real loopback sockets: who gets in, when that is a stream, and what is left when it is not.

#include "flow/sender_fixture.h"

#include <sys/socket.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

void startS5b( Sender& s )
{
  (void)s.offer();
  s.accept( Both );
  REQUIRE( s.queries() == 1 );
  REQUIRE( s.bot.manager.listenPort() != 0 );
}

/** The reply of W-16 with status 02. */
std::string refusal( const std::string& digest )
{
  return std::string( "\x05\x00\x05\x02\x00\x03\x28", 7 ) + digest + std::string( 2, '\0' );
}

/** @return Whether the other side has hung up. */
bool atEnd( const net::Fd& fd )
{
  bool end = false;
  (void)receiveNow( fd, &end );
  return end;
}

/** A port that is free now. */
std::uint16_t freePort() { return portOf( boundSocket() ); }

} // namespace

TEST_CASE( "TC-079, S5B-6, S5B-8: W-10 names us but nobody connected: after T-S-LINK W-17 follows", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.used( Romeo );
  CHECK( s.opens() == 0 );
  s.advance( 2s - 1ms );
  CHECK( s.opens() == 0 );
  s.advance( 1ms );
  CHECK( s.opens() == 1 );
  CHECK( s.bot.opens == 0 );
  CHECK( s.bot.streams.empty() );
  CHECK( s.bot.manager.listenPort() == 0 );
}

TEST_CASE( "TC-079, S5B-10: W-10 names us but the accepted connection has broken: W-17 follows", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  direct.reset();
  s.work();
  CHECK( s.opens() == 0 );   // ST-S-22
  s.used( Romeo );
  CHECK( s.opens() == 1 );
  CHECK( s.bot.streams.empty() );
}

TEST_CASE( "TC-080, S5B-6: W-10 names us and the connection completes a second later: that is the stream", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.used( Romeo );
  s.advance( 1s );
  CHECK( s.bot.opens == 0 );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  s.checkOpen( S5b );
  s.advance( 1h );
  CHECK( s.opens() == 0 );
  CHECK( s.solo.sent().size() == 2 );
  CHECK( s.bot.stream().send( "Hello" ) );
  s.work();
  CHECK( direct->received().substr( 49 ) == "Hello" );
  s.checkClosed();
}

TEST_CASE( "TC-086, NEG-5: DST.ADDR and sockets are gone before W-17 is on the wire", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  CHECK( s.bot.manager.priv().listener.has( s.dstAddr() ) );

  int looked = 0;
  s.solo.client.setOnStanza( [&]( const std::string& stanza )
  {
    if( stanza.find( "<open " ) == std::string::npos )
      return;
    ++looked;
    CHECK_FALSE( s.bot.manager.priv().listener.has( s.dstAddr() ) );
    CHECK( s.bot.manager.listenPort() == 0 );
    CHECK( atEnd( direct->fd() ) );
  } );
  s.refuse( s.queryId(), "item-not-found" );
  CHECK( looked == 1 );
}

TEST_CASE( "TC-088, NEG-12: a late connection for the old DST.ADDR is refused, and IBB is not disturbed", "[sender]" )
{
  Sender s;
  startS5b( s );
  const auto port = s.bot.manager.listenPort();
  const auto sid = s.sid, digest = s.dstAddr();
  SECTION( "nobody listens any more" )
  {
    s.refuse( s.queryId(), "item-not-found" );
    SocketClient late( s.world->loop, connectTo( port ) );
    s.work();
    CHECK( late.closed() );
  }
  SECTION( "the listener serves another session" )
  {
    const auto query = s.queryId();
    (void)s.offer();
    s.accept( Both );
    REQUIRE( s.queries() == 2 );
    s.refuse( query, "item-not-found" );
    s.sid = sid;
    auto late = s.dial();
    CHECK_FALSE( s.shake( *late, digest ) );
    CHECK( late->received() == refusal( digest ) );
    CHECK( late->closed() );
  }
  REQUIRE( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  CHECK( s.bot.stream().sid() == sid );
}

TEST_CASE( "TC-089, NEG-10: what the receiver writes right after the handshake is delivered after the commit, complete", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  const std::string letter( 10000, 'j' );
  REQUIRE( direct->send( letter ) );
  s.work();
  CHECK( s.bot.received.empty() );
  CHECK( s.bot.opens == 0 );
  s.used( Romeo );
  s.checkOpen( S5b );
  REQUIRE( s.solo.until( [&] { return s.bot.received.size() >= letter.size(); } ) );
  CHECK( s.bot.received == letter );
  s.checkClosed();
}

TEST_CASE( "TC-089, NEG-10: payload in one piece with the handshake is not lost", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  direct->send( std::string( "\x05\x01\x00\x05\x01\x00\x03\x28", 8 ) + s.dstAddr() + std::string( 2, '\0' ) + "early" );
  s.work();
  CHECK( s.bot.received.empty() );
  s.used( Romeo );
  s.checkOpen( S5b );
  s.work();
  CHECK( s.bot.received == "early" );
  s.checkClosed();
}

TEST_CASE( "TC-090, NEG-5, NEG-10: bytes of the abandoned S5B connection are never delivered", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  REQUIRE( direct->send( "from the wrong stream" ) );
  s.work();
  s.refuse( s.queryId(), "item-not-found" );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.work();
  CHECK( s.bot.received.empty() );
  s.feed( "<iq type='set' id='d1' from='" + Juliet + "' to='" + Romeo + "'><data xmlns='http://jabber.org/protocol/ibb' sid='" + s.sid
          + "' seq='0'>SGVsbG8=</data></iq>" );
  CHECK( s.bot.received == "Hello" );
  s.checkClosed();
}

TEST_CASE( "TC-092, NEG-11: a break after the commit is the end, not a reason for IBB", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  s.used( Romeo );
  s.checkOpen( S5b );
  CHECK( s.bot.stream().send( "0123456789" ) );
  s.work();
  REQUIRE( direct->received().size() == 49 + 10 );
  const linger reset{ 1, 0 };
  REQUIRE( ::setsockopt( direct->fd().get(), SOL_SOCKET, SO_LINGER, &reset, sizeof( reset ) ) == 0 );
  direct.reset();
  s.work();
  CHECK( s.solo.sent().size() == 2 );
  CHECK( s.opens() == 0 );
  CHECK( s.bot.closes == 1 );
  s.checkEnded( "io-error" );
  CHECK( s.bot.ends.front().report.bytesSent == 10 );
}

TEST_CASE( "TC-094, S5B-4: when the streamhosts have gone since the offer, W-9 is empty and W-17 follows its answer", "[sender]" )
{
  const auto port = freePort();
  Sender s( [port]( Options& options ) { options.listen.port = port; } );
  (void)s.offer();
  const auto thief = boundSocket( "127.0.0.1", port );
  REQUIRE( thief );
  s.accept( Both );
  REQUIRE( s.solo.sent().size() == 2 );
  CHECK( s.solo.sent().back().find( "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + s.sid + "' mode='tcp'/>" ) != std::string::npos );
  CHECK( s.bot.manager.listenPort() == 0 );
  s.refuse( s.queryId(), "item-not-found" );
  REQUIRE( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-094, S5B-4, ST-S-11: when nothing follows an empty W-9 the session ends without waiting", "[sender]" )
{
  const auto port = freePort();
  Sender s( [port]( Options& options ) { options.listen.port = port; } );
  (void)s.offerOnly( { S5b } );
  const auto thief = boundSocket( "127.0.0.1", port );
  REQUIRE( thief );
  s.accept( OnlyS5b );
  CHECK( s.solo.sent().size() == 2 );
  REQUIRE( s.bot.ends.size() == 1 );
  s.refuse( s.queryId(), "item-not-found" );
  CHECK( s.solo.sent().size() == 2 );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-217, NEG-3, INT-1: a gabble-like receiver that takes IBB only after S5B has failed gets an empty W-9 first", "[sender]" )
{
  const auto port = freePort();
  Sender s( [port]( Options& options ) { options.listen.port = port; } );
  (void)s.offer();
  const auto thief = boundSocket( "127.0.0.1", port );
  REQUIRE( thief );
  s.accept( "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'/>" + Both );

  bool failed = false;   // what gabble waits for
  s.solo.client.setOnStanza( [&]( const std::string& stanza ) { CHECK( ( failed || stanza.find( "<open " ) == std::string::npos ) ); } );
  s.advance( 9s );
  CHECK( s.opens() == 0 );
  failed = true;
  s.refuse( s.queryId(), "item-not-found" );
  REQUIRE( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-095, S5B-10: a wrong DST.ADDR is closed and not counted; a good connection comes in later", "[sender]" )
{
  Sender s;
  startS5b( s );
  const bool swapped = GENERATE( true, false );
  const auto wrong = swapped ? net::dstAddr( s.sid, Juliet, Romeo ) : std::string( 40, '0' );
  auto stranger = s.dial();
  CHECK_FALSE( s.shake( *stranger, wrong ) );
  CHECK( stranger->received() == refusal( wrong ) );
  CHECK( stranger->closed() );
  CHECK( s.opens() == 0 );
  CHECK( s.bot.ends.empty() );

  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  s.used( Romeo );
  s.checkOpen( S5b );
  s.checkClosed();
}

TEST_CASE( "TC-096, S5B-9: a second connection with the same DST.ADDR is refused, the first is not affected", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto first = s.dial();
  REQUIRE( s.shake( *first, s.dstAddr() ) );
  auto second = s.dial();
  CHECK_FALSE( s.shake( *second, s.dstAddr() ) );
  CHECK( second->received() == refusal( s.dstAddr() ) );
  CHECK( second->closed() );
  CHECK_FALSE( first->closed() );
  s.used( Romeo );
  s.checkOpen( S5b );
  CHECK( s.bot.stream().send( "Hello" ) );
  s.work();
  CHECK( first->received().substr( 49 ) == "Hello" );
  s.checkClosed();
}

TEST_CASE( "TC-097, S5B-1, SEC-17: without a session that opens S5B nobody listens", "[sender]" )
{
  const auto port = freePort();
  Sender s( [port]( Options& options ) { options.listen.port = port; } );
  const auto refused = [&]
  {
    SocketClient client( s.world->loop, connectTo( port ) );
    s.work();
    return client.closed();
  };
  CHECK( s.bot.manager.listenPort() == 0 );
  CHECK( refused() );
  (void)s.offer();
  CHECK( refused() );
  s.accept( Both );
  REQUIRE( s.bot.manager.listenPort() == port );
  CHECK_FALSE( refused() );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  s.used( Romeo );
  s.checkOpen( S5b );
  CHECK( s.bot.manager.listenPort() == 0 );   // S5B-1: removed with the commit
  CHECK( refused() );
  s.checkClosed();
}
