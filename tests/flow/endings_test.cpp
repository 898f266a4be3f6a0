// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Endings: the connection is lost, the plugin goes, several sessions at once.

#include "flow/inband_fixture.h"
#include "support/sockets.h"

#include <algorithm>
#include <map>
#include <set>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const auto OnlyIbb = []( Options& sender, Options& ) { sender.methods = { gloox::XMLNS_IBB }; };

/// GEN-10: one end for each sid, and no more streams than sessions.
void checkEndsOnce( const Bot& bot, std::size_t sessions )
{
  std::set<std::string> sids;
  for( const auto& end : bot.ends )
    sids.insert( end.sid );
  CHECK( bot.ends.size() == sessions );
  CHECK( sids.size() == sessions );
}

} // namespace

TEST_CASE( "TC-160, CLS-7: a pending offer ends disconnected and nothing is sent after the reconnect", "[end]" )
{
  Sender romeo;
  REQUIRE_FALSE( romeo.bot->offer( Juliet ).empty() );
  romeo.settle();
  const auto id = romeo.idOf( "<si " );
  romeo.client.dropConnection();
  romeo.settle();
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "disconnected" );
  CHECK( romeo.bot->manager.sessions() == 0 );

  REQUIRE( romeo.client.reconnect() );
  romeo.settle();
  romeo.client.clear();
  romeo.feed( listAnswer( id, { S5b, Ibb } ) );
  romeo.advance( 1h );
  CHECK( romeo.sent( "<iq" ).empty() );
  CHECK( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->accepted.empty() );
}

TEST_CASE( "TC-160, CLS-7: an undecided offer and an accepted one end disconnected; accepting then fails", "[end]" )
{
  const bool decided = GENERATE( false, true );
  CAPTURE( decided );
  Receiver juliet;
  juliet.bot->onOffer = decided ? Bot::OnOffer::Accept : Bot::OnOffer::Wait;
  juliet.offered( { S5b, Ibb } );
  juliet.client.dropConnection();
  juliet.settle();
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "disconnected" );

  REQUIRE( juliet.client.reconnect() );
  juliet.settle();
  juliet.client.clear();
  CHECK_FALSE( juliet.bot->profile->accept( juliet.bot->offers.at( 0 ) ) );
  CHECK_FALSE( juliet.bot->profile->decline( juliet.bot->offers.at( 0 ) ) );
  juliet.advance( 1h );
  CHECK( juliet.sent( "<iq" ).empty() );
  CHECK( juliet.bot->ends.size() == 1 );
}

TEST_CASE( "TC-160, CLS-7: a receiver that is connecting ends disconnected, its query unanswered", "[end]" )
{
  SilentPort silent;
  Receiver juliet;
  juliet.offered( { S5b, Ibb } );
  juliet.set( "q1", "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + Sid + "' mode='tcp'><streamhost jid='" + Romeo
                      + "' host='127.0.0.1' port='" + std::to_string( silent.port() ) + "'/></query>" );
  CHECK( juliet.said().empty() );
  juliet.client.dropConnection();
  juliet.settle();
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "disconnected" );
  REQUIRE( juliet.client.reconnect() );
  juliet.client.clear();
  juliet.advance( 1h );
  CHECK( juliet.sent( "<iq" ).empty() );
  CHECK( juliet.bot->ends.size() == 1 );
}

TEST_CASE( "TC-160, CLS-7: an open in-band stream ends disconnected on both sides, and nothing is sent", "[end]" )
{
  Pair pair( OnlyIbb );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  REQUIRE( pair.romeo->stream().send( std::string( 100000, 'x' ) ) );
  pair.romeoClient.dropConnection();
  pair.julietClient.dropConnection();
  pair.settle();
  for( auto* bot : { pair.romeo.get(), pair.juliet.get() } )
  {
    CHECK( bot->ends.size() == 1 );
    CHECK( bot->cause() == "disconnected" );
    CHECK( bot->closes == 1 );
    CHECK_FALSE( bot->stream().send( "x" ) );
  }
  pair.hub.clearLog();
  REQUIRE( pair.romeoClient.reconnect() );
  REQUIRE( pair.julietClient.reconnect() );
  pair.advance( 1h );
  CHECK( pair.hub.logged( "<data" ).empty() );
  CHECK( pair.hub.logged( "<close" ).empty() );
  CHECK( pair.romeo->ends.size() == 1 );
  CHECK( pair.juliet->ends.size() == 1 );
}

TEST_CASE( "TC-160, CLS-7: tentative and open SOCKS5 streams live on without the XMPP connection, and nothing is sent", "[end]" )
{
  const bool payloadBefore = GENERATE( false, true );
  CAPTURE( payloadBefore );
  Pair pair;
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  if( payloadBefore )
  {
    REQUIRE( pair.romeo->stream().send( "before" ) );
    REQUIRE( pair.until( [&] { return pair.juliet->received == "before"; } ) );
  }
  pair.romeoClient.dropConnection();
  pair.julietClient.dropConnection();
  pair.settle();
  CHECK( pair.romeo->ends.empty() );
  CHECK( pair.juliet->ends.empty() );
  REQUIRE( pair.romeoClient.reconnect() );
  REQUIRE( pair.julietClient.reconnect() );
  pair.settle();
  pair.hub.clearLog();
  pair.advance( 1h );   // no timer of the negotiation ends it either
  CHECK( pair.romeo->ends.empty() );
  CHECK( pair.juliet->ends.empty() );

  REQUIRE( pair.romeo->stream().send( "after" ) );
  REQUIRE( pair.juliet->stream().send( "back" ) );
  REQUIRE( pair.until( [&] { return pair.romeo->received == "back" && pair.juliet->received.size() >= 5; } ) );
  CHECK( pair.juliet->received == ( payloadBefore ? "beforeafter" : "after" ) );
  pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.juliet->cause() == "closed-remote" );
  CHECK( pair.hub.log().empty() );
}

TEST_CASE( "TC-160, CLS-7: a bot may have its SOCKS5 streams end with the connection", "[end]" )
{
  Pair pair( []( Options& sender, Options& ) { sender.keepSocks5OnDisconnect = false; } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  REQUIRE( pair.romeo->stream().send( "x" ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received == "x"; } ) );
  pair.romeoClient.dropConnection();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( pair.romeo->cause() == "disconnected" );
  CHECK( pair.romeo->ends.size() == 1 );
  CHECK( pair.juliet->ends.size() == 1 );
}

TEST_CASE( "TC-162, CLS-10: destroying the plugin answers offers and queries, closes streams, and calls nobody", "[end]" )
{
  SilentPort silent;
  Receiver juliet;
  juliet.feed( offerOf( { Ibb }, "sid-open", true, "o1" ) );
  juliet.set( "i1", openElement( "4096", "sid-open" ) );
  juliet.feed( offerOf( { S5b, Ibb }, "sid-connecting", true, "o2" ) );
  juliet.set( "q2", "<query xmlns='http://jabber.org/protocol/bytestreams' sid='sid-connecting' mode='tcp'><streamhost jid='" + Romeo
                      + "' host='127.0.0.1' port='" + std::to_string( silent.port() ) + "'/></query>" );
  juliet.feed( offerOf( { S5b, Ibb }, "sid-waiting", true, "o3" ) );
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  juliet.feed( offerOf( { S5b, Ibb }, "sid-undecided", true, "o4" ) );
  REQUIRE_FALSE( juliet.bot->offer( "nurse@capulet.example/kitchen" ).empty() );
  juliet.settle();
  REQUIRE( juliet.bot->manager.sessions() == 5 );
  const auto stream = juliet.bot->streams.at( 0 );
  int ends = 0;
  int events = 0;
  juliet.bot->onEnd = [&]( const Bot::End& ) { ++ends; };
  stream->setWritableCallback( [&] { ++events; } );
  juliet.client.clear();

  juliet.bot.reset();
  CHECK( ends == 0 );
  CHECK( events == 0 );
  auto said = gists( juliet.sent( "<iq" ), Romeo, "sid-open" );
  std::sort( said.begin(), said.end() );
  CHECK( said == Gists{ "error o4 cancel forbidden text", "error q2 modify not-acceptable", "set close" } );
  CHECK_FALSE( stream->send( "x" ) );
  CHECK_FALSE( stream->isOpen() );

  // What comes for them now is the bare client's.
  juliet.client.clear();
  juliet.client.feed( fromPeer( Romeo, Juliet, "set", "d9", dataElement( 0, "YQ==", "sid-open" ) ) );
  const auto after = gists( juliet.sent(), Romeo );
  REQUIRE( after.size() == 1 );
  CHECK( after[0].compare( 0, 16, "error d9 cancel " ) == 0 );
}

TEST_CASE( "TC-164, TMO-6: when a session is over the times of all its timers pass without an effect", "[end]" )
{
  Pair pair( OnlyIbb );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  pair.juliet->stream().close();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  pair.settle();
  pair.hub.clearLog();
  const auto attempts = pair.romeo->attempts.size() + pair.juliet->attempts.size();
  for( int minute = 0; minute < 15; ++minute )
    pair.advance( 1min );
  CHECK( pair.hub.log().empty() );
  CHECK( pair.romeo->ends.size() == 1 );
  CHECK( pair.juliet->ends.size() == 1 );
  CHECK( pair.romeo->attempts.size() + pair.juliet->attempts.size() == attempts );
  CHECK_FALSE( pair.romeo->manager.nextDeadline().has_value() );
  CHECK_FALSE( pair.juliet->manager.nextDeadline().has_value() );
}

TEST_CASE( "TC-165, NEG-40: of twenty sessions with one peer one fails, and nineteen carry their own bytes", "[end]" )
{
  Pair pair;
  std::map<std::string, std::string> payload;   // by sid
  std::map<std::string, std::string> arrived;
  pair.juliet->onData = [&]( MultiBytestream& stream, const std::string& data ) { arrived[stream.sid()] += data; };
  pair.romeo->onOpen = [&]( MultiBytestream& stream )
  {
    CHECK( stream.send( payload.at( stream.sid() ) ) );
    stream.close();
  };
  std::string refused;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    if( refused.empty() || xml.find( refused ) == std::string::npos || xml.find( "<open " ) == std::string::npos )
      return true;
    pair.hub.inject( fromPeer( Juliet, Romeo, "error", attribute( xml, "id" ), errorElement( "not-acceptable" ) ) );
    return false;
  } );
  for( int i = 0; i < 20; ++i )
  {
    OfferOptions options;
    options.methods = { i % 2 == 0 ? gloox::XMLNS_BYTESTREAMS : gloox::XMLNS_IBB };
    const auto sid = pair.romeo->offer( Juliet, options );
    REQUIRE_FALSE( sid.empty() );
    payload[sid] = std::string( 9000 + static_cast<std::size_t>( i ), static_cast<char>( 'a' + i ) );
    if( i == 7 )
      refused = sid;
    pair.settle();   // offers that nobody has decided are limited
  }
  REQUIRE( pair.until( [&] { return pair.romeo->ends.size() == 20; } ) );
  payload.erase( refused );
  REQUIRE( pair.until( [&] { return arrived == payload; } ) );
  pair.advance( 1h );
  checkEndsOnce( *pair.romeo, 20 );
  checkEndsOnce( *pair.juliet, 20 );
  CHECK( pair.juliet->opens == 19 );
  for( const auto& end : pair.romeo->ends )
    CHECK( std::string( causeText( end.cause ) ) == ( end.sid == refused ? "methods-exhausted" : "closed-local" ) );
  for( const auto& end : pair.juliet->ends )
    CHECK( std::string( causeText( end.cause ) ) == ( end.sid == refused ? "timeout" : "closed-remote" ) );
}

TEST_CASE( "TC-166, NEG-41: offers that cross are two sessions and both complete", "[end]" )
{
  Pair pair;
  const auto send = []( const char* text ) { return [text]( MultiBytestream& stream )
  {
    CHECK( stream.send( text ) );
  }; };
  pair.romeo->onOpen = send( "from romeo" );
  pair.juliet->onOpen = send( "from juliet" );
  const auto one = pair.romeo->offer( Juliet );
  const auto other = pair.juliet->offer( Romeo );
  REQUIRE_FALSE( one.empty() );
  REQUIRE_FALSE( other.empty() );
  CHECK( one != other );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 2 && pair.juliet->opens == 2; } ) );
  REQUIRE( pair.until( [&] { return pair.romeo->received.size() == 22 && pair.juliet->received.size() == 20; } ) );
  CHECK( pair.romeo->received == "from julietfrom juliet" );
  CHECK( pair.juliet->received == "from romeofrom romeo" );
  for( auto* bot : { pair.romeo.get(), pair.juliet.get() } )
    for( const auto& stream : bot->streams )
      stream->close();
  REQUIRE( pair.until( [&] { return pair.romeo->ends.size() == 2 && pair.juliet->ends.size() == 2; } ) );
  checkEndsOnce( *pair.romeo, 2 );
  checkEndsOnce( *pair.juliet, 2 );
}

TEST_CASE( "TC-167, NEG-42: connections that reach the one listener in reverse order find their own sessions", "[end]" )
{
  Pair pair;
  std::map<std::string, std::string> arrived;
  pair.juliet->onData = [&]( MultiBytestream& stream, const std::string& data ) { arrived[stream.sid()] += data; };
  pair.romeo->onOpen = []( MultiBytestream& stream ) { CHECK( stream.send( stream.sid() ) ); };
  std::vector<std::string> queries;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    if( queries.size() == 2 || xml.find( "<streamhost " ) == std::string::npos )
      return true;
    queries.push_back( xml );
    return false;
  } );
  const auto one = pair.romeo->offer( Juliet );
  const auto other = pair.romeo->offer( Juliet );
  REQUIRE( pair.until( [&] { return queries.size() == 2; } ) );
  const auto portIn = []( const std::string& xml ) { return xml.substr( xml.find( "port='" ), 12 ); };
  CHECK( portIn( queries[0] ) == portIn( queries[1] ) );
  pair.hub.inject( queries[1] );
  pair.settle();
  CHECK( arrived == std::map<std::string, std::string>{ { other, other } } );
  pair.hub.inject( queries[0] );
  pair.settle();
  CHECK( arrived == std::map<std::string, std::string>{ { one, one }, { other, other } } );
}

TEST_CASE( "TC-122, NEG-24, NEG-12: when W-10 crosses with W-17 both sides end up in-band, on one stream", "[end]" )
{
  Pair pair;
  std::string query, answer;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( "<streamhost " ) != std::string::npos )
      query = attribute( xml, "id" );
    if( answer.empty() && attribute( xml, "from" ) == Juliet && attribute( xml, "id" ) == query )
    {
      answer = xml;
      return false;
    }
    if( xml.find( "<open " ) != std::string::npos )
      pair.romeoClient.feed( answer );   // romeo has sent W-17, juliet has not seen it
    return true;
  } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return !answer.empty(); } ) );
  CHECK( answer.find( "<streamhost-used " ) != std::string::npos );
  pair.settle();
  CHECK( pair.juliet->opens == 1 );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_BYTESTREAMS );   // tentative
  CHECK( pair.romeo->opens == 0 );
  pair.advance( 60s );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1; } ) );
  CHECK( pair.romeo->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.juliet->opens == 1 );
  CHECK( pair.juliet->streams.size() == 1 );
  REQUIRE( pair.romeo->stream().send( "there" ) );
  REQUIRE( pair.juliet->stream().send( "back" ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received == "there" && pair.romeo->received == "back"; } ) );
  pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  pair.advance( 1h );
  checkEndsOnce( *pair.romeo, 1 );
  checkEndsOnce( *pair.juliet, 1 );
}

TEST_CASE( "TC-226, S5B-19: a mebibyte written before the close reaches a slow reader whole, before the end", "[end]" )
{
  Pair pair;
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  REQUIRE( pair.romeo->stream().method() == gloox::XMLNS_BYTESTREAMS );
  std::string bytes;
  for( unsigned i = 0; i < 1 << 20; ++i )
    bytes += static_cast<char>( i * 7 + i / 255 );
  std::size_t atEnd = 0;
  pair.juliet->onEnd = [&]( const Bot::End& ) { atEnd = pair.juliet->received.size(); };
  pair.juliet->onData = []( MultiBytestream& stream, const std::string& ) { stream.pause(); };
  REQUIRE( pair.romeo->stream().send( bytes ) );
  pair.romeo->stream().close();
  REQUIRE( pair.until( [&]
  {
    if( !pair.juliet->streams.empty() && pair.juliet->ends.empty() )
      pair.juliet->stream().resume();
    return !pair.juliet->ends.empty();
  } ) );
  CHECK( atEnd == bytes.size() );
  CHECK( ( pair.juliet->received == bytes ) );
  CHECK( pair.juliet->cause() == "closed-remote" );
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty(); } ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.romeo->ends.back().report.bytesSent == bytes.size() );
}
