// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 7, "Order and agreement, receiver": how a SOCKS5 query is worked on, over real loopback sockets.

#include "flow/receiver_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

// Section 1.6: the digest of this sid, romeo and juliet.
const std::string Handshake = "\x05\x01\x00"s + "\x05\x01\x00\x03\x28"s + "78d27136cf2cf4aba921d8355d64c261646d05fc" + "\x00\x00"s;

HostScript silent()
{
  HostScript script;
  script.choice.reset();
  return script;
}

HostScript replying( const std::string& reply )
{
  HostScript script;
  script.reply = reply;
  return script;
}

std::string proxy( int n ) { return "proxy" + std::to_string( n ) + ".montague.example"; }

} // namespace

TEST_CASE( "TC-106, S5B-14: a reachable streamhost is used, answered with its JID and reported once", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) ), Equals( usedAnswer( "a1", Romeo ) ) );
  CHECK( host.received() == Handshake );
  CHECK( host.open() == 1 );
  REQUIRE( juliet.bot.streams.size() == 1 );
  CHECK( juliet.bot.opens == 1 );
  CHECK( juliet.bot.stream().method() == gloox::XMLNS_BYTESTREAMS );
  CHECK( juliet.bot.stream().isOpen() );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-106, S5B-14: the handshake's reply comes before our answer", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  HostScript script;
  script.answersConnect = false;
  ScriptedHost host( juliet.loop, script );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) );
  CHECK( host.received() == Handshake );
  CHECK( juliet.answer( "a1" ).empty() );
  CHECK( juliet.bot.streams.empty() );
  CHECK( host.send( "\x05\x00\x00\x03\x28"s + "78d27136cf2cf4aba921d8355d64c261646d05fc" + "\x00\x00"s ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", Romeo ) ) );
  CHECK( juliet.bot.opens == 1 );
}

TEST_CASE( "TC-106, section 1.6: the JID of the streamhost goes back exactly as the sender wrote it", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( "Proxy.Montague.EXAMPLE", host.port() ) ) ), Equals( usedAnswer( "a1", "Proxy.Montague.EXAMPLE" ) ) );
}

TEST_CASE( "TC-107, S5B-11: streamhosts of one JID are tried in order, and none after the good one", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  const auto refusing = boundSocket();
  ScriptedHost good( juliet.loop ), spare( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, portOf( refusing ) ) + streamHost( Romeo, good.port() ) + streamHost( Romeo, spare.port() ) ) ),
              Equals( usedAnswer( "a1", Romeo ) ) );
  juliet.advance( 10s );
  CHECK( good.accepted() == 1 );
  CHECK( spare.accepted() == 0 );
  const auto a = "127.0.0.1:" + std::to_string( portOf( refusing ) ), b = "127.0.0.1:" + std::to_string( good.port() );
  CHECK( juliet.attempts() == Words{ "+s5b", "+" + a, "-" + a, "+" + b, "=" + b, "=s5b" } );
}

TEST_CASE( "TC-107a, S5B-11: a proxy is started T-R-STAGGER after a silent host, and wins", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  const SilentPort direct;
  ScriptedHost relay( juliet.loop );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, direct.port() ) + streamHost( ProxyJid, relay.port() ) ) );
  juliet.advance( 299ms );
  CHECK( relay.accepted() == 0 );
  CHECK( juliet.answer( "a1" ).empty() );
  juliet.advance( 1ms );
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", ProxyJid ) ) );
  CHECK( relay.open() == 1 );
  CHECK( juliet.bot.opens == 1 );
}

TEST_CASE( "TC-107b, S5B-11: no proxy is started while the sender's own host is in its handshake", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  HostScript script;
  script.answersConnect = false;
  ScriptedHost slow( juliet.loop, script ), relay( juliet.loop );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, slow.port() ) + streamHost( ProxyJid, relay.port() ) ) );
  CHECK( slow.open() == 1 );
  juliet.advance( 8s - 1ms );
  CHECK( relay.accepted() == 0 );
  juliet.advance( 1ms );
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", ProxyJid ) ) );
  CHECK( slow.open() == 0 );
}

TEST_CASE( "TC-107d, S5B-11: a sender's own host that accepts and says nothing costs T-R-STAGGER when a proxy is there", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost mute( juliet.loop, silent() ), relay( juliet.loop );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, mute.port() ) + streamHost( ProxyJid, relay.port() ) ) );
  CHECK( mute.open() == 1 );
  juliet.advance( 299ms );
  CHECK( relay.accepted() == 0 );
  juliet.advance( 1ms );
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", ProxyJid ) ) );
  CHECK( mute.open() == 0 );
}

TEST_CASE( "TC-107c, S5B-11: a listener that answered and failed is not connected to again", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  HostScript closing;
  closing.closeAfterChoice = true;
  ScriptedHost first( juliet.loop, closing ), second( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, first.port() ) + streamHost( Romeo, second.port() ) ) ), Equals( itemNotFound( "a1" ) ) );
  juliet.advance( 30s );
  CHECK( first.accepted() == 1 );
  CHECK( second.accepted() == 0 );
}

TEST_CASE( "TC-108, S5B-12: after T-R-HOST a silent host is given up for the next", "[receiver][s5b]" )
{
  Receiver juliet( []( Options& options ) { options.timeouts.set( Timer::RStagger, 0ms ); } );   // strictly one after the other
  juliet.accepted();
  ScriptedHost mute( juliet.loop, silent() ), good( juliet.loop );
  juliet.feed( s5bQuery( "a1", streamHost( proxy( 1 ), mute.port() ) + streamHost( proxy( 2 ), good.port() ) ) );
  juliet.advance( 8s - 1ms );
  CHECK( good.accepted() == 0 );
  CHECK( mute.open() == 1 );
  juliet.advance( 1ms );
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", proxy( 2 ) ) ) );
  CHECK( mute.open() == 0 );
}

TEST_CASE( "TC-109, S5B-12: whatever a host does wrong, the next one is tried", "[receiver][s5b]" )
{
  Receiver juliet( []( Options& options ) { options.timeouts.set( Timer::RStagger, 0ms ); } );
  juliet.accepted();
  HostScript choosesNone;
  choosesNone.choice = "\x05\xFF"s;
  HostScript hangsUp;
  hangsUp.closeAtOnce = true;
  ScriptedHost a( juliet.loop, choosesNone ), b( juliet.loop, hangsUp ), c( juliet.loop, replying( "\x05\x05\x00\x03\x00\x00\x00"s ) ), d( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( proxy( 1 ), a.port() ) + streamHost( proxy( 2 ), b.port() ) + streamHost( proxy( 3 ), c.port() )
                                            + streamHost( proxy( 4 ), d.port() ) ) ), Equals( usedAnswer( "a1", proxy( 4 ) ) ) );
  CHECK( a.received() == "\x05\x01\x00"s );   // SEC-8: nothing beyond the greeting without a good choice
  CHECK( a.accepted() + b.accepted() + c.accepted() + d.accepted() == 4 );
  CHECK( a.open() + b.open() + c.open() == 0 );
}

TEST_CASE( "TC-111, S5B-13: a query is refused when T-R-S5B is over, however many hosts are left", "[receiver][s5b]" )
{
  Receiver juliet( []( Options& options ) { options.timeouts.set( Timer::RStagger, 0ms ); } );
  juliet.accepted();
  ScriptedHost a( juliet.loop, silent() ), b( juliet.loop, silent() ), c( juliet.loop, silent() ), d( juliet.loop, silent() ), e( juliet.loop );
  juliet.feed( s5bQuery( "a1", streamHost( proxy( 1 ), a.port() ) + streamHost( proxy( 2 ), b.port() ) + streamHost( proxy( 3 ), c.port() )
                                 + streamHost( proxy( 4 ), d.port() ) + streamHost( proxy( 5 ), e.port() ) ) );
  for( int i = 0; i < 24; ++i )
    juliet.advance( 1s );
  juliet.advance( 999ms );
  CHECK( juliet.answer( "a1" ).empty() );
  CHECK( d.open() == 1 );
  juliet.advance( 1ms );
  CHECK_THAT( juliet.answer( "a1" ), Equals( itemNotFound( "a1" ) ) );
  CHECK( d.open() == 0 );
  CHECK( e.accepted() == 0 );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
}

TEST_CASE( "TC-116: unusable streamhosts are skipped, and a missing port is 1080", "[receiver][s5b]" )
{
  Words asked;
  Receiver juliet( [&asked]( Options& options )
  {
    options.streamHosts.accept = [&asked]( const std::string& address, std::uint16_t port )
    {
      asked.push_back( address + ":" + std::to_string( port ) );
      return false;   // nothing is connected to
    };
  } );
  juliet.accepted();
  CHECK_THAT( juliet.ask( s5bQuery( "a1",
    "<streamhost host='127.0.0.1' port='7001'/>"
    "<streamhost jid='@@' host='127.0.0.1' port='7002'/>"
    "<streamhost jid='proxy.montague.example' port='7003'/>"
    "<streamhost jid='proxy.montague.example' host='' port='7004'/>"
    "<streamhost jid='proxy.montague.example' host='127.0.0.1' port='0'/>"
    "<streamhost jid='proxy.montague.example' host='127.0.0.1' port='65536'/>"
    "<streamhost jid='proxy.montague.example' host='127.0.0.1' port='x'/>"
    "<streamhost jid='proxy.montague.example' host='127.0.0.1' zeroconf='_jabber.bytestreams'/>"
    "<streamhost jid='proxy.montague.example' host='127.0.0.1'/>"
    "<streamhost jid='romeo@montague.example/orchard' host='127.0.0.1' port='1080'/>" ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK( asked == Words{ "127.0.0.1:1080" } );
  CHECK( juliet.hostsStarted() == 1 );
}

TEST_CASE( "TC-120, NEG-23: IBB while connecting: the query is refused first, its sockets are closed", "[receiver]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop, silent() );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) );
  REQUIRE( host.open() == 1 );
  juliet.feed( ibbOpen( "a2" ) );
  CHECK( juliet.solo.sent().size() == 3 );
  CHECK( juliet.position( itemNotFound( "a1" ) ) == 1 );
  CHECK( juliet.position( result( "a2" ) ) == 2 );
  CHECK( host.open() == 0 );
  CHECK( juliet.bot.opens == 1 );
  CHECK( juliet.bot.stream().method() == gloox::XMLNS_IBB );
}

TEST_CASE( "TC-129, NEG-30: while a query is worked on another is refused and a repeated one ignored", "[receiver]" )
{
  Receiver juliet;
  juliet.accepted();
  HostScript script;
  script.answersConnect = false;
  ScriptedHost host( juliet.loop, script ), other( juliet.loop );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a2", streamHost( Romeo, other.port() ) ) ), Equals( s5bNotAcceptable( "a2" ) ) );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, other.port() ) ) );
  CHECK( juliet.answer( "a1" ).empty() );
  CHECK( other.accepted() == 0 );
  CHECK( host.accepted() == 1 );
  CHECK( host.send( "\x05\x00\x00\x00\x00\x00"s ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", Romeo ) ) );   // once: the fixture counts
}

TEST_CASE( "TC-135, S5B-15: payload in one piece with the reply is not lost", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  HostScript script;
  script.payload = "early words";
  script.byteByByte = GENERATE( false, true );
  ScriptedHost host( juliet.loop, script );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) );
  REQUIRE( juliet.until( [&] { return juliet.bot.received.size() >= 11; } ) );
  CHECK_THAT( juliet.answer( "a1" ), Equals( usedAnswer( "a1", Romeo ) ) );
  CHECK( host.send( ", late words" ) );
  juliet.settle();
  CHECK( juliet.bot.received == "early words, late words" );
}

TEST_CASE( "TC-136: replies to CONNECT in every shape that peers are known for are good", "[receiver][s5b]" )
{
  const auto reply = GENERATE( as<std::string>(), "\x05\x00\x00\x03\x09" "127.0.0.1" "\x1E\x61"s, "\x05\x00\x00\x01\x7F\x00\x00\x01\x1E\x61"s,
                               "\x05\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x1E\x61"s, "\x05\x00\x00\x00\x00\x00"s );
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop, replying( reply ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) ), Equals( usedAnswer( "a1", Romeo ) ) );
  CHECK( host.send( "payload" ) );
  juliet.settle();
  CHECK( juliet.bot.received == "payload" );   // nothing of the reply is taken for payload
}

TEST_CASE( "TC-163, SEC-6: a bot may cancel the session from inside StreamHostFilter::accept", "[receiver][s5b]" )
{
  Receiver* self = nullptr;
  Receiver juliet( [&]( Options& o )
  {
    o.streamHosts.accept = [&]( const std::string&, std::uint16_t )
    {
      (void)self->bot.profile->cancel( gloox::JID( Romeo ), Sid );
      return true;
    };
  } );
  self = &juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  const std::string name = GENERATE( "127.0.0.1", "localhost" );
  juliet.solo.client.feed( s5bQuery( "a1", streamHost( Romeo, host.port(), name ) ) );
  REQUIRE( juliet.until( [&] { return juliet.bot.ends.size() == 1; } ) );
  juliet.settle();
  CHECK( juliet.bot.cause() == "cancelled-local" );
  CHECK( juliet.answer( "a1" ) == s5bNotAcceptable( "a1" ) );
  CHECK( host.accepted() == 0 );
}
