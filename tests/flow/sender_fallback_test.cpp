// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sender's walk through its list: what makes a method fail, and what follows. IBB by itself is in sender_inband_test.cpp, sockets are in
// sender_socks5_test.cpp, proxies in sender_proxy_test.cpp.

#include "flow/sender_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/** S5B first, and a list that says the same. */
void startS5b( Sender& s )
{
  (void)s.offer();
  s.accept( Both );
  REQUIRE( s.queries() == 1 );
  REQUIRE( s.opens() == 0 );
}

/** In-band alone. */
void startIbb( Sender& s )
{
  (void)s.offerOnly( { Ibb } );
  s.accept( OnlyIbb );
  REQUIRE( s.opens() == 1 );
}

/** One W-17 is out; it is accepted. */
void finishInBand( Sender& s )
{
  CHECK( s.queries() <= 1 );
  REQUIRE( s.opens() == 1 );
  CHECK( s.bot.opens == 0 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

} // namespace

TEST_CASE( "TC-073, NEG-1, NEG-4, S5B-5: W-12 is followed by one W-17", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.refuse( s.queryId(), "item-not-found" );
  REQUIRE( s.solo.sent().size() == 3 );
  CHECK( s.solo.sent().back().find( "<open xmlns='http://jabber.org/protocol/ibb' sid='" + s.sid + "' block-size='4096'/>" ) != std::string::npos );
  finishInBand( s );
}

TEST_CASE( "TC-074, NEG-4: any other error to W-9 is followed by W-17", "[sender]" )
{
  const auto condition = GENERATE( as<std::string>(), "not-acceptable", "bad-request", "service-unavailable" );
  Sender s;
  startS5b( s );
  s.refuse( s.queryId(), condition, "modify" );
  finishInBand( s );
}

TEST_CASE( "TC-075, NEG-7: an unreachable peer ends the session in the first method", "[sender]" )
{
  const auto condition = GENERATE( as<std::string>(), "recipient-unavailable", "remote-server-not-found", "remote-server-timeout", "gone",
                                   "jid-malformed" );
  Sender s;
  startS5b( s );
  s.refuse( s.queryId(), condition );
  CHECK( s.solo.sent().size() == 2 );
  s.checkEnded( "peer-unreachable" );
}

TEST_CASE( "TC-075, NEG-7, ST-S-31: an unreachable peer ends the session in IBB, too", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( IbbFirst );
  s.refuse( s.openId(), "recipient-unavailable", "wait" );
  CHECK( s.solo.sent().size() == 2 );
  s.checkEnded( "peer-unreachable" );
}

TEST_CASE( "TC-076, S5B-5: without an answer to W-9 the W-17 leaves exactly when T-S-S5B expires", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.advance( 60s - 1ms );
  CHECK( s.opens() == 0 );
  s.advance( 1ms );
  finishInBand( s );
}

TEST_CASE( "TC-077, T-S-S5B: with 8 streamhosts the answer has 90 s, with 2 it has 60 s", "[sender]" )
{
  const auto [others, wait] = GENERATE( table<int, int>( { { 7, 90 }, { 1, 60 } } ) );
  const int more = others;
  Sender s( [more]( Options& options )
  {
    for( int i = 0; i < more; ++i )
      options.proxies.known.push_back( { gloox::JID(), "192.0.2." + std::to_string( i + 1 ), 7890 } );
  } );
  (void)s.offer();
  s.accept( Both );
  const auto query = s.solo.sent( "<query " );
  REQUIRE( query.size() == 1 );
  std::size_t hosts = 0;
  for( auto at = query.front().find( "<streamhost " ); at != std::string::npos; at = query.front().find( "<streamhost ", at + 1 ) )
    ++hosts;
  REQUIRE( hosts == static_cast<std::size_t>( more ) + 1 );

  s.advance( std::chrono::seconds( wait ) - 1ms );
  CHECK( s.opens() == 0 );
  s.advance( 1ms );
  CHECK( s.opens() == 1 );
}

TEST_CASE( "TC-078, S5B-8: a bogus answer to W-9 is followed by W-17, and nothing was open", "[sender]" )
{
  const auto answer = GENERATE( as<std::string>(), "", "<x xmlns='urn:x'/>",
                                "<query xmlns='http://jabber.org/protocol/bytestreams' sid='SID'/>",
                                "<query xmlns='http://jabber.org/protocol/bytestreams' sid='SID'><streamhost-used/></query>",
                                "<query xmlns='http://jabber.org/protocol/bytestreams' sid='SID'><streamhost-used jid=''/></query>",
                                "<query xmlns='http://jabber.org/protocol/bytestreams' sid='SID'>"
                                "<streamhost-used jid='proxy.verona.example'/></query>",
                                "<query xmlns='http://jabber.org/protocol/bytestreams' sid='SID'>"
                                "<streamhost-used jid='romeo@montague.example'/></query>",
                                "<query xmlns='http://jabber.org/protocol/bytestreams' sid='sm0'>"
                                "<streamhost-used jid='romeo@montague.example/orchard'/></query>" );
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );   // so that only the answer can be at fault
  auto content = answer;
  if( const auto at = content.find( "SID" ); at != std::string::npos )
    content.replace( at, 3, s.sid );
  s.reply( s.queryId(), content );
  CHECK( s.bot.streams.empty() );
  CHECK( direct->closed() );
  finishInBand( s );
}

TEST_CASE( "TC-087, NEG-12: a late answer to W-9 is dropped, whether IBB is being opened or open", "[sender]" )
{
  Sender s;
  startS5b( s );
  const auto query = s.queryId();
  s.refuse( query, "item-not-found" );
  REQUIRE( s.opens() == 1 );
  SECTION( "being opened" )
  {
    s.used( Romeo );
    s.refuse( query, "recipient-unavailable" );
    CHECK( s.solo.sent().size() == 3 );
    CHECK( s.bot.opens == 0 );
    finishInBand( s );
  }
  SECTION( "open" )
  {
    s.reply( s.openId() );
    s.used( Romeo );
    s.refuse( query, "recipient-unavailable" );
    CHECK( s.solo.sent().size() == 3 );
    s.checkOpen( Ibb );
    CHECK( s.bot.stream().send( "Hello" ) );
    s.work();
    CHECK( s.count( "seq='0'>SGVsbG8=</data>" ) == 1 );
    s.checkClosed();
  }
}

TEST_CASE( "TC-091, NEG-6: when both methods fail there is one end that lists both reasons", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.refuse( s.queryId(), "item-not-found" );
  s.refuse( s.openId(), "not-acceptable" );
  CHECK( s.solo.sent().size() == 3 );
  s.checkEnded( "methods-exhausted" );
  const auto& end = s.bot.ends.front();
  CHECK( end.text.find( "item-not-found" ) != std::string::npos );
  CHECK( end.text.find( "not-acceptable" ) != std::string::npos );
  REQUIRE( end.report.attempts.size() == 2 );
  CHECK( end.report.attempts[0].method == S5b );
  CHECK( end.report.attempts[0].reason.find( "item-not-found" ) != std::string::npos );
  CHECK( end.report.attempts[1].method == Ibb );
  CHECK( end.report.attempts[1].reason.find( "not-acceptable" ) != std::string::npos );
  CHECK( end.report.method.empty() );
}

TEST_CASE( "TC-093, NEG-2: after IBB and then S5B have failed there is no second W-17", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( IbbFirst );
  REQUIRE( s.opens() == 1 );
  s.refuse( s.openId(), "not-acceptable" );
  REQUIRE( s.queries() == 1 );
  s.refuse( s.queryId(), "item-not-found" );
  CHECK( s.opens() == 1 );
  CHECK( s.solo.sent().size() == 3 );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-103, TMO-3: an answer that is there before its deadline is looked at wins", "[sender]" )
{
  Sender s;
  SECTION( "T-S-OFFER" )
  {
    (void)s.offer();
    s.solo.clock->advance( 600s );
    s.accept( OnlyIbb );
    CHECK( s.bot.ends.empty() );
    CHECK( s.opens() == 1 );
  }
  SECTION( "T-S-S5B" )
  {
    startS5b( s );
    auto direct = s.dial();
    REQUIRE( s.shake( *direct, s.dstAddr() ) );
    s.solo.clock->advance( 60s );
    s.used( Romeo );
    CHECK( s.opens() == 0 );
    s.checkOpen( S5b );
  }
  SECTION( "T-S-IBB" )
  {
    startIbb( s );
    s.solo.clock->advance( 30s );
    s.reply( s.openId() );
    CHECK( s.closes() == 0 );
    s.checkOpen( Ibb );
  }
}

TEST_CASE( "TC-105, TMO-5: the first opening leaves within a second of the answer, also when a server is slow to name its proxies", "[sender]" )
{
  const bool discover = GENERATE( false, true );
  Sender s( [discover]( Options& options ) { options.proxies.discover = discover; } );
  (void)s.offer();
  s.accept( Both );
  if( discover )
  {
    CHECK( s.count( "<streamhost " ) == 0 );   // the server was asked and has not answered
    s.advance( 1s );
  }
  CHECK( s.queries() == 1 );
}

TEST_CASE( "TC-158, CLS-5: cancelling with W-9 outstanding takes back DST.ADDR and sockets and sends W-24", "[sender]" )
{
  Sender s;
  startS5b( s );
  auto direct = s.dial();
  REQUIRE( s.shake( *direct, s.dstAddr() ) );
  const auto query = s.queryId();
  REQUIRE( s.bot.profile->cancel( gloox::JID( Juliet ), s.sid ) );
  CHECK( s.bot.manager.listenPort() == 0 );
  CHECK_FALSE( s.bot.manager.priv().listener.has( s.dstAddr() ) );
  s.work();
  CHECK( direct->closed() );
  REQUIRE( s.solo.sent().size() == 3 );
  CHECK( s.solo.sent().back().find( "<close xmlns='http://jabber.org/protocol/ibb' sid='" + s.sid + "'/>" ) != std::string::npos );

  s.refuse( query, "item-not-found" );
  s.reply( s.solo.idOf( "<close " ) );
  CHECK( s.solo.sent().size() == 3 );
  s.checkEnded( "cancelled-local" );
}

TEST_CASE( "TC-158, CLS-4: without IBB in the list there is no W-24", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( OnlyS5b );
  REQUIRE( s.bot.profile->cancel( gloox::JID( Juliet ), s.sid ) );
  s.work();
  CHECK( s.solo.sent().size() == 2 );
  s.checkEnded( "cancelled-local" );
}

TEST_CASE( "TC-210, GEN-11: the failed method is named with its reason, and the open with its method", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.refuse( s.queryId(), "item-not-found" );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  REQUIRE( s.bot.attempts.size() == 4 );
  CHECK( s.bot.attempts[0].state == Attempt::State::Started );
  CHECK( s.bot.attempts[0].method == S5b );
  CHECK( s.bot.attempts[1].state == Attempt::State::Failed );
  CHECK( s.bot.attempts[1].method == S5b );
  CHECK( s.bot.attempts[1].reason.find( "item-not-found" ) != std::string::npos );
  CHECK( s.bot.attempts[2].state == Attempt::State::Started );
  CHECK( s.bot.attempts[2].method == Ibb );
  CHECK( s.bot.attempts[3].state == Attempt::State::Opened );
  CHECK( s.bot.attempts[3].method == Ibb );
  s.checkClosed();
  CHECK( s.bot.ends.front().report.method == Ibb );
}

TEST_CASE( "TC-220, INT-3: a Smack-like receiver that honours the first opening only ends the session within T-S-IBB", "[sender]" )
{
  Sender s;
  startS5b( s );
  s.refuse( s.queryId(), "item-not-found" );
  REQUIRE( s.opens() == 1 );
  SECTION( "it refuses W-17" ) { s.refuse( s.openId(), "not-acceptable" ); }
  SECTION( "it ignores W-17" ) { s.advance( 30s ); }
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-221, INT-5: a stock-gloox-like receiver that never answers W-9 ends the session after T-S-S5B", "[sender]" )
{
  Sender s;
  (void)s.offerOnly( { S5b } );
  s.accept( PlainS5b );
  REQUIRE( s.queries() == 1 );
  s.advance( 60s - 1ms );
  CHECK( s.bot.ends.empty() );
  s.advance( 1ms );
  CHECK( s.solo.sent().size() == 2 );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-221, INT-5, INT-9: if IBB was offered, too, the end comes with its answer", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( PlainS5b );
  s.advance( 60s );
  REQUIRE( s.opens() == 1 );
  s.refuse( s.openId(), "service-unavailable" );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-236, SEC-20: when only S5B is allowed, IBB is neither offered nor used", "[sender]" )
{
  const int how = GENERATE( 0, 1, 2 );
  Sender s( [how]( Options& options )
  {
    if( how == 1 )
      options.methods = { S5b };
    if( how == 2 )
      options.privacy = Privacy::S5bOnly;
  } );
  if( how == 0 )
    (void)s.offerOnly( { S5b } );
  else
    (void)s.offer();
  CHECK( s.count( Ibb ) == 0 );
  s.accept( Both );
  REQUIRE( s.queries() == 1 );
  s.refuse( s.queryId(), "item-not-found" );
  CHECK( s.count( Ibb ) == 0 );
  s.checkEnded( "methods-exhausted" );
}
