// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 4.2: where a peer can make us connect to, how often, and what it learns from that.

#include "flow/receiver_fixture.h"

#include <list>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

/// Notes the addresses that all other rules let through, and lets none of them be connected to.
struct LastGate
{
  Words asked{};
  std::function<void( Options& )> tune( const std::function<void( Options& )>& more = {} )
  {
    return [this, more]( Options& options )
    {
      options.streamHosts.accept = [this]( const std::string& address, std::uint16_t port )
      {
        asked.push_back( address + ":" + std::to_string( port ) );
        return false;
      };
      if( more )
        more( options );
    };
  }
};

void nothingAllowed( Options& options ) { options.streamHosts.allow.clear(); }

HostScript silent()
{
  HostScript script;
  script.choice.reset();
  return script;
}

std::string session( int n ) { return "session" + std::to_string( n ); }

} // namespace

TEST_CASE( "TC-174, SEC-6: addresses that are no business of a peer are not connected to", "[receiver][hostile]" )
{
  LastGate gate;
  Receiver juliet( gate.tune( nothingAllowed ) );
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  const Words addresses{ "127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", "224.0.0.1" };
  std::string hosts;
  for( const auto& address : addresses )
    hosts += streamHost( Romeo, host.port(), address );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", hosts ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK( gate.asked.empty() );
  Words refused;
  for( const auto& attempt : juliet.bot.attempts )
    if( attempt.port != 0 && attempt.state == Attempt::State::Failed && attempt.reason.find( "refused by our own rules" ) == 0 )
      refused.push_back( attempt.host );
  CHECK( refused == addresses );
}

TEST_CASE( "SEC-6, SEC-7: no spelling of an address that only the system's look-up reads gets around the filter", "[receiver][hostile]" )
{
  LastGate gate;
  Receiver juliet( gate.tune( nothingAllowed ) );
  juliet.accepted();
  const Words spellings{ "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0", "169.254.43518", "::1%1", "fe80::1%1" };
  std::string hosts;
  for( const auto& spelling : spellings )
    hosts += streamHost( Romeo, 7777, spelling );
  juliet.feed( s5bQuery( "a1", hosts ) );
  REQUIRE( juliet.until( [&] { return !juliet.answer( "a1" ).empty(); } ) );
  CHECK_THAT( juliet.answer( "a1" ), Equals( itemNotFound( "a1" ) ) );
  CHECK( gate.asked.empty() );
  Words refused;
  for( const auto& attempt : juliet.bot.attempts )
    if( attempt.port != 0 && attempt.state == Attempt::State::Failed && attempt.reason.find( "refused by our own rules" ) == 0 )
      refused.push_back( attempt.host );
  CHECK( refused == spellings );
}

TEST_CASE( "TC-175, SEC-6: a private address is for the peer's own JID only", "[receiver][hostile]" )
{
  LastGate gate;
  Receiver juliet( gate.tune( nothingAllowed ) );
  juliet.accepted();
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, 7001, "192.168.1.2" ) + streamHost( ProxyJid, 7002, "192.168.1.2" )
                                            + streamHost( "romeo@montague.example/balcony", 7003, "10.1.2.3" ) + streamHost( Romeo, 7004, "fd00::1" ) ) ),
              Equals( itemNotFound( "a1" ) ) );
  CHECK( gate.asked == Words{ "192.168.1.2:7001", "fd00::1:7004" } );
}

TEST_CASE( "TC-177, SEC-8: a closed port, a filtered port and a wrong protocol look alike", "[receiver][hostile]" )
{
  Receiver juliet;
  juliet.accepted();
  const auto closed = boundSocket();
  const SilentPort filtered;
  HostScript script;
  script.choice = "220 mail.example ESMTP\r\n";
  ScriptedHost mail( juliet.loop, script );
  const auto port = GENERATE_REF( portOf( closed ), filtered.port(), mail.port() );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, port ) ) );
  juliet.advance( 25s );
  CHECK_THAT( juliet.answer( "a1" ), Equals( itemNotFound( "a1" ) ) );
}

TEST_CASE( "TC-178, SEC-8: port 25 is not connected to", "[receiver][hostile]" )
{
  const bool allowed = GENERATE( false, true );
  LastGate gate;
  Receiver juliet( gate.tune( [allowed]( Options& options ) { options.streamHosts.lowPorts = allowed; } ) );
  juliet.accepted();
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, 25 ) + streamHost( ProxyJid, 443 ) ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK( gate.asked == ( allowed ? Words{ "127.0.0.1:25", "127.0.0.1:443" } : Words{ "127.0.0.1:443" } ) );
}

TEST_CASE( "TC-179, SEC-9: of a thousand streamhosts eight are tried, within T-R-S5B", "[receiver][hostile]" )
{
  Receiver juliet;
  juliet.accepted();
  const bool slow = GENERATE( false, true );
  std::list<SilentPort> filtered( 8 );
  const auto closed = boundSocket();
  std::string hosts;
  if( slow )
    for( const auto& port : filtered )
      hosts += streamHost( Romeo, port.port() );
  for( int i = 0; i < 1000; ++i )   // the closed port is bound to 127.0.0.1 alone: nobody listens at the others
    hosts += streamHost( "p" + std::to_string( i ) + ".example", portOf( closed ), "127.0." + std::to_string( i / 250 ) + "." + std::to_string( i % 250 + 1 ) );
  juliet.feed( s5bQuery( "a1", hosts ) );
  for( int i = 0; slow && i < 25; ++i )
    juliet.advance( 1s );
  CHECK_THAT( juliet.answer( "a1" ), Equals( itemNotFound( "a1" ) ) );
  CHECK( juliet.hostsStarted() == 8 );
}

TEST_CASE( "TC-180, SEC-9: a fifth query of one peer at once is refused at once", "[receiver][hostile]" )
{
  Receiver juliet;
  ScriptedHost host( juliet.loop, silent() );
  for( int i = 1; i <= 5; ++i )
    REQUIRE( attribute( juliet.ask( replaced( replaced( W1, Sid, session( i ) ), "q7d1f03a9", "q" + std::to_string( i ) ) ), "type" ) == "result" );
  for( int i = 1; i <= 4; ++i )
    juliet.feed( s5bQuery( "a" + std::to_string( i ), streamHost( Romeo, host.port() ), session( i ) ) );
  CHECK( host.open() == 4 );
  CHECK_THAT( juliet.ask( s5bQuery( "a5", streamHost( Romeo, host.port() ), session( 5 ) ) ), Equals( itemNotFound( "a5" ) ) );
  CHECK( host.accepted() == 4 );
  for( int i = 1; i <= 4; ++i )
    CHECK( juliet.answer( "a" + std::to_string( i ) ).empty() );
  CHECK_THAT( juliet.ask( ibbOpen( "b5", "4096", session( 5 ) ) ), Equals( result( "b5" ) ) );

  juliet.advance( 8s );   // T-R-HOST: the four are answered, and there is room again
  CHECK_THAT( juliet.answer( "a1" ), Equals( itemNotFound( "a1" ) ) );
  REQUIRE( attribute( juliet.ask( replaced( replaced( W1, Sid, session( 6 ) ), "q7d1f03a9", "q6" ) ), "type" ) == "result" );
  juliet.feed( s5bQuery( "a6", streamHost( Romeo, host.port() ), session( 6 ) ) );
  CHECK( host.accepted() == 5 );
  juliet.advance( 8s );
  CHECK_THAT( juliet.answer( "a6" ), Equals( itemNotFound( "a6" ) ) );
}

TEST_CASE( "TC-182, SEC-16: with proxy-only a host counts, not the JID it is given", "[receiver][hostile]" )
{
  Receiver probe;
  ScriptedHost trusted( probe.loop ), other( probe.loop );
  const auto port = trusted.port();
  Receiver juliet( [port]( Options& options )
  {
    options.privacy = Privacy::ProxyOnly;
    options.proxies.known = { { gloox::JID( ProxyJid ), "127.0.0.1", port } };
  } );
  juliet.accepted();
  const auto ask = [&]( const std::string& id, const std::string& hosts )
  {
    juliet.feed( s5bQuery( id, hosts ) );
    REQUIRE( juliet.until( [&] { (void)probe.loop.runReady(); return !juliet.answer( id ).empty(); } ) );
    return juliet.answer( id );
  };
  SECTION( "not tried" )
  {
    CHECK_THAT( ask( "a1", streamHost( ProxyJid, other.port() ) + streamHost( ProxyJid, port, "127.0.0.2" ) + streamHost( Romeo, other.port() ) ),
                Equals( itemNotFound( "a1" ) ) );
    CHECK( juliet.hostsStarted() == 0 );
    probe.settle();
    CHECK( trusted.accepted() + other.accepted() == 0 );
  }
  SECTION( "tried" )
  {
    CHECK_THAT( ask( "a1", streamHost( "another.example", port ) ), Equals( usedAnswer( "a1", "another.example" ) ) );
    CHECK( trusted.accepted() == 1 );
  }
}
