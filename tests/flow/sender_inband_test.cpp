// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How the sender opens in-band bytestreams, and when it gives one up.

#include "flow/sender_fixture.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/** In-band alone. */
void startIbb( Sender& s )
{
  (void)s.offerOnly( { Ibb } );
  s.accept( OnlyIbb );
  REQUIRE( s.opens() == 1 );
}

std::string blockSize( const std::string& open )
{
  const auto begin = open.find( "block-size='" ) + 12;
  return open.substr( begin, open.find( '\'', begin ) - begin );
}

} // namespace

TEST_CASE( "TC-098, IBB-1, IBB-2: W-20 is not swallowed, W-9 follows", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( IbbFirst );
  s.refuse( s.openId(), "not-acceptable" );
  CHECK( s.opens() == 1 );
  REQUIRE( s.queries() == 1 );
  const auto failed = std::find_if( s.bot.attempts.begin(), s.bot.attempts.end(), []( const Attempt& a ) { return a.state == Attempt::State::Failed; } );
  REQUIRE( failed != s.bot.attempts.end() );
  CHECK( failed->method == Ibb );
  CHECK( failed->reason.find( "not-acceptable" ) != std::string::npos );
}

TEST_CASE( "TC-228, IBB-5: gabble's bad-request fails IBB like not-acceptable does", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( IbbFirst );
  s.refuse( s.openId(), "bad-request", "modify" );
  CHECK( s.opens() == 1 );
  CHECK( s.queries() == 1 );
  CHECK( s.bot.ends.empty() );
}

TEST_CASE( "TC-099, IBB-3: block sizes are halved until they are accepted, and then kept to", "[sender]" )
{
  Sender s;
  startIbb( s );
  std::vector<std::string> ids{ s.openId() };
  for( int i = 0; i < 2; ++i )
  {
    s.refuse( s.openId(), "resource-constraint", "modify" );
    ids.push_back( s.openId() );
  }
  const auto opens = s.solo.sent( "<open " );
  REQUIRE( opens.size() == 3 );
  CHECK( blockSize( opens[0] ) == "4096" );
  CHECK( blockSize( opens[1] ) == "2048" );
  CHECK( blockSize( opens[2] ) == "1024" );
  for( const auto& open : opens )
    CHECK( open.find( "sid='" + s.sid + "'" ) != std::string::npos );
  CHECK( ids[0] != ids[1] );
  CHECK( ids[1] != ids[2] );
  CHECK( ids[0] != ids[2] );

  s.reply( ids[2] );
  s.checkOpen( Ibb );
  CHECK( s.bot.stream().send( std::string( 2500, 'a' ) ) );
  s.work();
  const auto data = s.solo.sent( "<data " );
  REQUIRE( data.size() == 3 );
  const auto text = []( const std::string& xml ) { return xml.rfind( "</data>" ) - ( xml.find( '>', xml.find( "<data " ) ) + 1 ); };
  CHECK( text( data[0] ) == 1368 );   // 1024 bytes
  CHECK( text( data[1] ) == 1368 );
  CHECK( text( data[2] ) == 604 );    // 452 bytes
  s.checkClosed();
}

TEST_CASE( "TC-100, IBB-3: resource-constraint for ever ends after five opens, none below 256", "[sender]" )
{
  Sender s;
  startIbb( s );
  for( int i = 0; i < 5; ++i )
    s.refuse( s.openId(), "resource-constraint", "modify" );
  std::vector<std::string> sizes;
  for( const auto& open : s.solo.sent( "<open " ) )
    sizes.push_back( blockSize( open ) );
  CHECK( sizes == std::vector<std::string>{ "4096", "2048", "1024", "512", "256" } );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-100, IBB-3: no block size below 256 is proposed", "[sender]" )
{
  Sender s( []( Options& options ) { options.inBand.blockSize = 600; } );
  startIbb( s );
  s.refuse( s.openId(), "resource-constraint", "modify" );
  CHECK( s.opens() == 2 );
  s.refuse( s.openId(), "resource-constraint", "modify" );
  CHECK( s.opens() == 2 );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-101, IBB-4: after T-S-IBB the W-9 follows and no W-24 comes before it", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( IbbFirst );
  s.advance( 30s - 1ms );
  CHECK( s.queries() == 0 );
  s.advance( 1ms );
  CHECK( s.queries() == 1 );
  CHECK( s.closes() == 0 );
  CHECK( s.solo.sent().size() == 3 );
}

TEST_CASE( "TC-102, IBB-4: when nothing follows a silent W-17, W-24 is sent and its answer ignored", "[sender]" )
{
  Sender s;
  startIbb( s );
  s.advance( 30s - 1ms );
  CHECK( s.closes() == 0 );
  s.advance( 1ms );
  CHECK( s.closes() == 1 );
  CHECK( s.solo.sent().size() == 3 );
  REQUIRE( s.bot.ends.size() == 1 );
  s.reply( s.openId() );   // late: nothing opens (NEG-12)
  s.reply( s.solo.idOf( "<close " ) );
  CHECK( s.solo.sent().size() == 3 );
  CHECK( s.bot.opens == 0 );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "ST-S-33, NEG-7: a receiver that closes instead of answering the open is answered, and the next method follows", "[sender]" )
{
  Sender s;
  const bool more = GENERATE( true, false );
  if( more )
  {
    (void)s.offer();
    s.accept( IbbFirst );
  }
  else
    startIbb( s );
  const auto close = "<close xmlns='http://jabber.org/protocol/ibb' sid='" + s.sid + "'/>";
  s.feed( "<iq type='set' id='c1' from='" + Juliet + "' to='" + Romeo + "'>" + close + "</iq>" );
  REQUIRE( s.count( "id='c1'" ) == 1 );
  CHECK( attribute( s.solo.sent( "id='c1'" )[0], "type" ) == "result" );
  CHECK( s.closes() == 0 );
  s.reply( s.openId() ); // late: nothing opens (NEG-12)
  CHECK( s.bot.opens == 0 );
  CHECK( s.queries() == ( more ? 1 : 0 ) );
  if( !more )
    s.checkEnded( "methods-exhausted" );
}
