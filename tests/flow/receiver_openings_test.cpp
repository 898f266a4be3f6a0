// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 7, "Order and agreement, receiver": which openings are taken, from whom, and when.

#include "flow/receiver_fixture.h"

#include <gloox/bytestreamhandler.h>
#include <gloox/socks5bytestreammanager.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

const std::string OnlyS5b = replaced( W1, OptionIbb, "" );
const std::string OnlyIbb = replaced( W1, OptionS5b, "" );
const std::string Plain = replaced( W1, Extension, "" );

/// The bot's own SOCKS5 handler beside the plugin.
class StockSocks5 final : private gloox::BytestreamHandler
{
  public:
    explicit StockSocks5( gloox::ClientBase& client ) : m_manager( &client, this ) {}
    Words requests{};

  private:
    void handleIncomingBytestreamRequest( const std::string& sid, const gloox::JID& from ) override { requests.push_back( sid + " of " + from.full() ); }
    void handleIncomingBytestream( gloox::Bytestream* ) override {}
    void handleOutgoingBytestream( gloox::Bytestream* ) override {}
    void handleBytestreamError( const gloox::IQ&, const std::string& ) override {}

    gloox::SOCKS5BytestreamManager m_manager;
};

} // namespace

TEST_CASE( "TC-110, S5B-13, NEG-29: when all hosts are dead the query is refused once, in plain words, and IBB is taken", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  const auto dead = boundSocket(), deadProxy = boundSocket();
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, portOf( dead ) ) + streamHost( ProxyJid, portOf( deadProxy ) ) ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK( juliet.bot.ends.empty() );
  CHECK( juliet.bot.streams.empty() );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  REQUIRE( juliet.bot.streams.size() == 1 );
  CHECK( juliet.bot.opens == 1 );
  CHECK( juliet.bot.stream().method() == gloox::XMLNS_IBB );
  // GEN-11
  const auto one = ":" + std::to_string( portOf( dead ) ), other = ":" + std::to_string( portOf( deadProxy ) );
  CHECK( juliet.attempts() == Words{ "+s5b", "+127.0.0.1" + one, "-127.0.0.1" + one, "+127.0.0.1" + other, "-127.0.0.1" + other, "-s5b", "+ibb", "=ibb" } );
}

TEST_CASE( "TC-112, S5B-13: a query without streamhosts is refused at once", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  CHECK_THAT( juliet.ask( s5bQuery( "a1", "" ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
}

TEST_CASE( "TC-113, NEG-29, ST-R-17: when the only method has failed the session ends after the answer", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted( OnlyS5b );
  const auto dead = boundSocket();
  bool answeredFirst = false;
  juliet.bot.onEnd = [&]( const Bot::End& ) { answeredFirst = !juliet.answer( "a1" ).empty(); };
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, portOf( dead ) ) ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "methods-exhausted" );
  CHECK( answeredFirst );
  CHECK( juliet.bot.ends.at( 0 ).text.find( "refused" ) != std::string::npos );
}

TEST_CASE( "TC-115: mode udp is refused and uses S5B up", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  const auto mode = GENERATE( as<std::string>(), "mode='udp'", "mode='sctp'", "mode=''" );
  CHECK_THAT( juliet.ask( replaced( s5bQuery( "a1", streamHost( Romeo, host.port() ) ), "mode='tcp'", mode ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a2", streamHost( Romeo, host.port() ) ) ), Equals( s5bNotAcceptable( "a2" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK( juliet.attempts() == Words{ "-s5b" } );   // GEN-11
  CHECK_THAT( juliet.ask( ibbOpen( "a3" ) ), Equals( result( "a3" ) ) );
}

TEST_CASE( "TC-115, ST-R-9: mode udp on the only method ends the session", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted( OnlyS5b );
  CHECK_THAT( juliet.ask( replaced( s5bQuery( "a1", "" ), "mode='tcp'", "mode='udp'" ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "methods-exhausted" );
}

TEST_CASE( "TC-114, GEN-1, INT-5: every query that fails is answered exactly once", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  const auto dead = boundSocket();
  const SilentPort filtered;
  ScriptedHost silent( juliet.loop, [] { HostScript script; script.choice.reset(); return script; }() );
  const auto hosts = GENERATE_REF( std::string(), streamHost( Romeo, portOf( dead ) ), streamHost( Romeo, filtered.port() ), streamHost( Romeo, silent.port() ),
                                   streamHost( Romeo, 0 ), streamHost( Romeo, 7777, "10.1.2.3.4.invalid name" ) );
  const bool cancelled = GENERATE( false, true ), superseded = GENERATE( false, true );
  juliet.feed( s5bQuery( "a1", hosts ) );
  if( superseded )
    CHECK( juliet.ask( ibbOpen( "a2" ) ) == result( "a2" ) );
  if( cancelled )
    CHECK( juliet.bot.profile->cancel( gloox::JID( Romeo ), Sid ) );
  for( int i = 0; i < 30; i += 5 )
    juliet.advance( 5s );
  CHECK( juliet.solo.sent( " id='a1'" ).size() == 1 );
  CHECK( attribute( juliet.answer( "a1" ), "type" ) == "error" );
}

TEST_CASE( "TC-117: a query without a stream id is a bad request", "[receiver][s5b]" )
{
  Receiver juliet( []( Options& options ) { options.ownsNamespaces = true; } );
  juliet.accepted();
  const auto sid = GENERATE( as<std::string>(), "", " sid=''" );
  CHECK_THAT( juliet.ask( replaced( s5bQuery( "a1", "" ), " sid='" + Sid + "'", sid ) ), Equals( refusal( "a1", "modify", "bad-request" ) ) );
  CHECK_THAT( juliet.ask( replaced( ibbOpen( "a2" ), " sid='" + Sid + "'", sid ) ), Equals( refusal( "a2", "modify", "bad-request" ) ) );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-118, NEG-21: IBB first uses S5B up", "[receiver]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  CHECK_THAT( juliet.ask( ibbOpen( "a1" ) ), Equals( result( "a1" ) ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a2", streamHost( Romeo, host.port() ) ) ), Equals( s5bNotAcceptable( "a2" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK_THAT( juliet.ask( ibbData( "a3", 0, "aGk=" ) ), Equals( result( "a3" ) ) );
  CHECK( juliet.bot.received == "hi" );
  CHECK( juliet.bot.opens == 1 );
}

TEST_CASE( "TC-119, NEG-22: a method that is not in the list is refused and changes nothing", "[receiver]" )
{
  Receiver juliet;
  juliet.accepted( OnlyIbb );
  ScriptedHost host( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK( juliet.bot.ends.empty() );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
}

TEST_CASE( "TC-130, NEG-31: T-R-NEXT ends the session, and a late opening meets its tombstone", "[receiver]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost host( juliet.loop );
  juliet.advance( 150s - 1ms );
  CHECK( juliet.bot.ends.empty() );
  juliet.advance( 1ms );
  CHECK( juliet.bot.cause() == "timeout" );
  CHECK( juliet.solo.sent().size() == 1 );   // the answer to the offer: nothing of our own accord
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK( juliet.bot.ends.size() == 1 );
}

TEST_CASE( "TC-131, S5B-16, ST-R-6: nothing is opened before the application has decided", "[receiver]" )
{
  Receiver juliet;
  juliet.bot.onOffer = Bot::OnOffer::Wait;
  juliet.feed( W1 );
  ScriptedHost host( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ) ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK( juliet.bot.ends.empty() );
  CHECK( juliet.bot.profile->accept( juliet.bot.offers.at( 0 ) ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "q7d1f03a9" ), Equals( listAnswer( "q7d1f03a9", ValueS5b + ValueIbb ) ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a3", streamHost( Romeo, host.port() ) ) ), Equals( usedAnswer( "a3", Romeo ) ) );
}

TEST_CASE( "TC-132, GEN-3, SEC-1: nobody but the peer touches a session", "[receiver][hostile]" )
{
  const bool owner = GENERATE( true, false );
  Receiver juliet( [owner]( Options& options ) { options.ownsNamespaces = owner; } );
  juliet.accepted();
  const bool open = GENERATE( false, true );
  if( open )
    REQUIRE( juliet.ask( ibbOpen( "a0" ) ) == result( "a0" ) );
  ScriptedHost host( juliet.loop );
  const auto intruder = GENERATE( as<std::string>(), "romeo@montague.example/balcony", "romeo@montague.example", "tybalt@capulet.example/orchard" );
  const auto error = [&]( const std::string& id, const char* type, const char* condition )
  { return withAttribute( refusal( id, type, condition ), "to", intruder ); };
  const std::string asked[] = { s5bQuery( "b1", streamHost( Romeo, host.port() ) ), ibbOpen( "b2" ), ibbData( "b3", 0, "aGk=" ), ibbClose( "b4" ) };
  for( const auto& stanza : asked )
    juliet.feed( withAttribute( stanza, "from", intruder ) );
  if( owner )
  {
    CHECK_THAT( juliet.answer( "b1" ), Equals( error( "b1", "modify", "not-acceptable" ) ) );
    CHECK_THAT( juliet.answer( "b2" ), Equals( error( "b2", "cancel", "not-acceptable" ) ) );
    CHECK_THAT( juliet.answer( "b3" ), Equals( error( "b3", "cancel", "item-not-found" ) ) );
    CHECK_THAT( juliet.answer( "b4" ), Equals( error( "b4", "cancel", "item-not-found" ) ) );
  }
  else
  {
    for( const auto* id : { "b1", "b2", "b3", "b4" } )   // gloox's own words for what nobody takes
      CHECK( ( juliet.answer( id ).find( "<service-unavailable " ) != std::string::npos
               || juliet.answer( id ).find( "<feature-not-implemented " ) != std::string::npos ) );
  }
  CHECK( host.accepted() == 0 );
  CHECK( juliet.bot.received.empty() );
  CHECK( juliet.bot.ends.empty() );
  if( !open )
    CHECK( juliet.bot.streams.empty() );
  else
    CHECK( juliet.ask( ibbData( "a1", 0, "aGk=" ) ) == result( "a1" ) );
  CHECK( juliet.bot.manager.sessions() == 1 );
}

TEST_CASE( "TC-133, GEN-8: a query with an unknown stream id is left to the bot's other handlers", "[receiver]" )
{
  Receiver juliet;
  StockSocks5 stock( juliet.solo.client.client() );
  juliet.accepted();
  juliet.unanswered( "a1" );   // the stock handler has it now
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, 7777 ), "unknown" ) );
  CHECK( stock.requests == Words{ "unknown of " + Romeo } );
  // ... and what is ours does not reach it (INT-7).
  CHECK_THAT( juliet.ask( s5bQuery( "a2", "" ) ), Equals( itemNotFound( "a2" ) ) );
  CHECK( stock.requests.size() == 1 );
}

TEST_CASE( "TC-134, GEN-8, SEC-2: whoever owns the namespaces refuses what nobody offered", "[receiver][hostile]" )
{
  Receiver juliet( []( Options& options ) { options.ownsNamespaces = true; } );
  ScriptedHost host( juliet.loop );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", streamHost( Romeo, host.port() ), "unknown" ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a2", "4096", "unknown" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK_THAT( juliet.ask( ibbData( "a3", 0, "aGk=", "unknown" ) ), Equals( itemNotFound( "a3" ) ) );
  CHECK_THAT( juliet.ask( ibbClose( "a4", "unknown" ) ), Equals( itemNotFound( "a4" ) ) );
  CHECK( host.accepted() == 0 );
  CHECK( juliet.bot.manager.sessions() == 0 );
  CHECK( juliet.bot.streams.empty() );
}

TEST_CASE( "TC-159, CLS-6: whoever cancels while connecting refuses the query and all that follows", "[receiver]" )
{
  Receiver juliet;
  juliet.accepted();
  ScriptedHost silent( juliet.loop, [] { HostScript script; script.choice.reset(); return script; }() );
  juliet.feed( s5bQuery( "a1", streamHost( Romeo, silent.port() ) ) );
  REQUIRE( juliet.answer( "a1" ).empty() );
  CHECK( silent.open() == 1 );
  CHECK( juliet.bot.profile->cancel( gloox::JID( Romeo ), Sid ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "a1" ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK( silent.open() == 0 );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "cancelled-local" );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK_FALSE( juliet.bot.profile->cancel( gloox::JID( Romeo ), Sid ) );
}

TEST_CASE( "TC-159, CLS-6: a sender whose receiver cancels has no method left", "[pair]" )
{
  const SilentPort proxy;
  Pair pair( [&proxy]( Options& sender, Options& )
  {
    sender.listen.enabled = false;
    sender.proxies.known = { { gloox::JID( ProxyJid ), "127.0.0.1", proxy.port() } };
  } );
  const auto sid = pair.romeo->offer( Juliet );
  REQUIRE( pair.until( [&] { return pair.juliet->attempts.size() == 2; } ) );   // S5B, and its only host
  CHECK( pair.juliet->profile->cancel( gloox::JID( Romeo ), sid ) );
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty(); } ) );
  pair.settle();
  CHECK( pair.romeo->ends.size() == 1 );
  CHECK( pair.romeo->cause() == "methods-exhausted" );
  CHECK( pair.juliet->ends.size() == 1 );
  CHECK( pair.juliet->cause() == "cancelled-local" );
}

TEST_CASE( "TC-161, CLS-9: a tombstone answers until T-TOMB, then the session is unknown", "[receiver]" )
{
  Receiver juliet( []( Options& options ) { options.ownsNamespaces = true; } );
  juliet.accepted();
  REQUIRE( juliet.bot.profile->cancel( gloox::JID( Romeo ), Sid ) );
  juliet.advance( 300s - 1ms );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", "" ) ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK_THAT( juliet.ask( ibbData( "a3", 0, "aGk=" ) ), Equals( itemNotFound( "a3" ) ) );
  CHECK_THAT( juliet.ask( ibbClose( "a4" ) ), Equals( result( "a4" ) ) );
  CHECK_THAT( juliet.ask( replaced( W1, "q7d1f03a9", "a5" ) ), Equals( refusal( "a5", "cancel", "conflict" ) ) );
  juliet.advance( 1ms );
  CHECK_THAT( juliet.ask( ibbClose( "a6" ) ), Equals( itemNotFound( "a6" ) ) );
  CHECK_THAT( juliet.ask( replaced( W1, "q7d1f03a9", "a7" ) ), Equals( listAnswer( "a7", ValueS5b + ValueIbb ) ) );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.offers.size() == 2 );
}

TEST_CASE( "TC-219, INT-2: a sender without timers hears of the failure at once, and its IBB is taken", "[receiver][s5b]" )
{
  Receiver juliet;
  juliet.accepted();
  const auto dead = boundSocket();
  const auto port = std::to_string( portOf( dead ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", "<streamhost jid='romeo@montague.example/orchard' host='127.0.0.1' port='" + port + "'/>"
                                          "<streamhost jid='romeo@montague.example/orchard' host='::1' port='" + port + "'/>" ) ), Equals( itemNotFound( "a1" ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  CHECK( juliet.bot.opens == 1 );
}

TEST_CASE( "TC-223a, INT-9: after a plain answer with S5B that failed, IBB of the same peer and stream id is taken", "[receiver]" )
{
  const bool lastResort = GENERATE( true, false );
  Receiver juliet( [lastResort]( Options& options ) { options.lastResort = lastResort; } );
  REQUIRE( juliet.ask( Plain ) == plainAnswer( "q7d1f03a9", ValueS5b ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a1", "" ) ), Equals( itemNotFound( "a1" ) ) );
  if( lastResort )
  {
    CHECK( juliet.bot.ends.empty() );
    CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
    CHECK( juliet.bot.stream().method() == gloox::XMLNS_IBB );
    CHECK( juliet.bot.opens == 1 );
  }
  else
  {
    CHECK( juliet.bot.cause() == "methods-exhausted" );
    CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  }
}

// Outside of a turn of ours, a callback can make one. What the machine decides in it is carried out afterwards, upon the stanza that it was decided upon.
TEST_CASE( "GEN-1, GEN-4: whatever comes in a turn that the bot makes while it hears of an end is answered once", "[receiver][reentrancy]" )
{
  Receiver juliet;
  const std::string how = GENERATE( "cancelled", "declined", "aborted" );
  CAPTURE( how );
  juliet.bot.onOffer = how == "aborted" ? Bot::OnOffer::Accept : Bot::OnOffer::Wait;
  juliet.feed( W1 );
  if( how == "aborted" )
    REQUIRE( juliet.ask( ibbOpen( "a0" ) ) == result( "a0" ) );
  juliet.bot.onEnd = [&]( const Bot::End& )
  {
    juliet.feed( s5bQuery( "a1", "" ) );
    juliet.feed( ibbOpen( "a2" ) );
    juliet.feed( ibbClose( "a3" ) );
    juliet.feed( s5bQuery( "a4", "" ) );
    juliet.feed( ibbClose( "a5" ) );
  };
  if( how == "cancelled" )
    CHECK( juliet.bot.profile->cancel( gloox::JID( Romeo ), Sid ) );
  else if( how == "declined" )
    CHECK( juliet.bot.profile->decline( juliet.bot.offers.back() ) );
  else
    juliet.bot.stream().abort();
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK_THAT( juliet.answer( "a1" ), Equals( s5bNotAcceptable( "a1" ) ) );
  CHECK_THAT( juliet.answer( "a2" ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK_THAT( juliet.answer( "a3" ), Equals( result( "a3" ) ) );
  CHECK_THAT( juliet.answer( "a4" ), Equals( s5bNotAcceptable( "a4" ) ) );
  CHECK_THAT( juliet.answer( "a5" ), Equals( result( "a5" ) ) );
}
