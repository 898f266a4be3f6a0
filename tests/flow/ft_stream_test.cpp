// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The streams of SIProfileMultipleFT: from the hand-out to the last callback.

#include "flow/ft_fixture.h"
#include "ft/stream.h"

#include <gloox/base64.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// Answers every block that has been sent and is not answered yet. @return How many there were.
std::size_t acknowledge( FtSolo& bot, const std::string& peer, const std::string& us )
{
  const auto blocks = bot.sent( "<data " );
  bot.client.clear();
  for( const auto& block : blocks )
    bot.feed( fromPeer( peer, us, "result", attribute( block, "id" ) ) );
  return blocks.size();
}

} // namespace

TEST_CASE( "GEN-10: a receiver's stream is there inside acceptFT(), on its way until it opens, and over once", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->onRequest = []( const auto& ) {};
  juliet.feed( offerOf( { S5b, Ibb } ) );
  juliet.bot->profile->acceptFT( gloox::JID( Romeo ), Sid );
  REQUIRE( juliet.bot->heard == Heard{ "request", "stream" } );
  auto& stream = juliet.bot->stream();
  CHECK( stream.sid() == Sid );
  CHECK( stream.type() == gloox::Bytestream::S5B );
  CHECK( stream.recv( 1 ) == gloox::ConnNoError );
  CHECK_FALSE( stream.send( "too early" ) );
  CHECK( juliet.bot->profile->stream( &stream ) == nullptr );

  juliet.feed( fromPeer( Romeo, Juliet, "set", "open1", openElement() ) );   // served inside client.recv(), like all that follows
  REQUIRE( juliet.bot->heard == Heard{ "request", "stream", "open" } );
  CHECK( stream.isOpen() );
  CHECK( stream.type() == gloox::Bytestream::IBB );
  CHECK( stream.connect() );
  CHECK( juliet.bot->profile->stream( &stream )->method() == Ibb );
  juliet.feed( fromPeer( Romeo, Juliet, "set", "d0", dataElement( 0, "SGVsbG8=" ) ) );
  CHECK( juliet.bot->received == "Hello" );
  CHECK( stream.recv( 1 ) == gloox::ConnNoError );
  juliet.feed( fromPeer( Romeo, Juliet, "set", "c1", closeElement() ) );
  CHECK( juliet.bot->heard == Heard{ "request", "stream", "open", "data", "close" } );
  CHECK_FALSE( stream.isOpen() );
  CHECK_FALSE( stream.connect() );
  CHECK_FALSE( stream.send( "too late" ) );
  CHECK( stream.recv( 1 ) == gloox::ConnNotConnected );
  stream.close();
  juliet.advance( 1h );
  CHECK( juliet.bot->heard.size() == 5 );
  CHECK( juliet.bot->profile->stream( &stream ) == nullptr );
}

TEST_CASE( "GEN-10: an initiator's stream is there when the peer has accepted, and in-band needs nothing but client.recv()", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.opened();
  auto& stream = romeo.bot->stream();
  const std::string data( 100000, 'x' );
  REQUIRE( stream.send( data ) );
  std::size_t blocks = 0;
  while( const auto now = acknowledge( romeo, Juliet, Romeo ) )
    blocks += now;
  CHECK( blocks == 25 );
  CHECK( romeo.bot->times( "ack" ) == 25 );
  romeo.bot->heard.clear();
  stream.close();
  CHECK_FALSE( stream.isOpen() );
  CHECK_FALSE( stream.send( "more" ) );
  CHECK( stream.recv( 1 ) == gloox::ConnNoError );   // until it is answered
  romeo.feed( fromPeer( Juliet, Romeo, "result", romeo.idOf( "<close" ) ) );
  CHECK( romeo.bot->heard == Heard{ "close" } );
  CHECK( stream.recv( 1 ) == gloox::ConnNotConnected );
}

TEST_CASE( "IBB-10: handleBytestreamDataAck() counts the blocks that gloox would have made, however ours are cut", "[ft]" )
{
  FtSolo romeo( Romeo, []( Options& options ) { options.inBand.window = 1; } );
  romeo.opened();
  for( int i = 0; i < 30; ++i )
    REQUIRE( romeo.bot->stream().send( std::string( 100, 'x' ) ) );
  CHECK( romeo.bot->stream().send( "" ) );
  REQUIRE( romeo.bot->stream().send( std::string( 4097, 'x' ) ) );
  std::size_t blocks = 0;
  while( const auto now = acknowledge( romeo, Juliet, Romeo ) )
    blocks += now;
  CHECK( blocks < 32 );
  CHECK( romeo.bot->times( "ack" ) == 32 );
}

TEST_CASE( "SEC-15: send() takes everything although the queue is full, up to 64 times its limit", "[ft]" )
{
  FtSolo romeo( Romeo, []( Options& options ) { options.limits.writeBuffer = 20000; } );
  romeo.opened();
  auto& stream = romeo.bot->stream();
  const std::size_t chunk = 100000;
  std::size_t taken = 0;
  while( taken <= ft::Stream::HardLimit * 20000 && stream.send( std::string( chunk, 'x' ) ) )
    taken += chunk;
  CHECK( taken >= ft::Stream::HardLimit * 20000 );
  CHECK_FALSE( stream.send( "x" ) );
  CHECK( romeo.bot->profile->stream( &stream )->bytesQueued() == taken );
  // Nothing of it is lost, and there is room again.
  std::size_t arrived = 0;
  for( auto blocks = romeo.sent( "<data " ); !blocks.empty(); blocks = romeo.sent( "<data " ) )
  {
    for( const auto& block : blocks )
      arrived += gloox::Base64::decode64( parse( block )->findChild( "data" )->cdata() ).size();
    (void)acknowledge( romeo, Juliet, Romeo );
  }
  CHECK( arrived == taken );
  CHECK( stream.send( "x" ) );
}

TEST_CASE( "CLS-1: close() lets everything leave first, with nothing but client.recv()", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.opened();
  REQUIRE( romeo.bot->stream().send( std::string( 100000, 'x' ) ) );
  romeo.bot->stream().close();
  romeo.bot->stream().close();
  CHECK_FALSE( romeo.bot->stream().isOpen() );
  CHECK( romeo.sent( "<close" ).empty() );
  std::size_t blocks = 0;
  std::string close;
  while( true )
  {
    const auto now = romeo.sent( "<data " ).size();
    if( close = romeo.idOf( "<close" ); now == 0 )
      break;
    blocks += acknowledge( romeo, Juliet, Romeo );
  }
  CHECK( blocks == 25 );
  REQUIRE_FALSE( close.empty() );
  CHECK( romeo.bot->times( "close" ) == 0 );
  romeo.feed( fromPeer( Juliet, Romeo, "result", close ) );
  CHECK( romeo.bot->times( "close" ) == 1 );
  CHECK( romeo.bot->times( "broken" ) == 0 );
}

TEST_CASE( "CLS-5, CLS-6: close() before the stream is open gives it up", "[ft]" )
{
  SECTION( "initiator" )
  {
    FtSolo romeo( Romeo );
    (void)romeo.offered();
    romeo.client.clear();
    romeo.bot->stream().close();
    CHECK( romeo.bot->heard == Heard{ "stream", "close" } );
    CHECK( romeo.sent( "<close" ).size() == 1 );   // CLS-4
    CHECK( romeo.bot->profile->manager().sessions() == 0 );
  }
  SECTION( "receiver" )
  {
    FtSolo juliet( Juliet );
    juliet.feed( offerOf( { Ibb } ) );
    juliet.bot->stream().close();
    CHECK( juliet.bot->heard == Heard{ "request", "stream", "close" } );
    juliet.client.clear();
    juliet.feed( fromPeer( Romeo, Juliet, "set", "open1", openElement() ) );
    CHECK( juliet.said( Romeo ) == Gists{ "error open1 cancel not-acceptable" } );
  }
}

TEST_CASE( "GEN-11: a stream that never opens ends with its error, and an initiator hears it where gloox tells it", "[ft]" )
{
  SECTION( "initiator" )
  {
    FtSolo romeo( Romeo );
    const auto sid = romeo.offered();
    romeo.feed( fromPeer( Juliet, Romeo, "error", romeo.idOf( "<open" ), errorElement( "not-acceptable" ) ) );
    REQUIRE( romeo.bot->heard == Heard{ "stream", "broken", "close", "refused" } );
    CHECK( romeo.bot->broken.front() == gloox::StanzaErrorItemNotFound );
    CHECK( romeo.bot->refusals.front().condition == gloox::StanzaErrorItemNotFound );
    CHECK( romeo.bot->refusals.front().sid == sid );
    CHECK( romeo.bot->stream().recv( 1 ) == gloox::ConnNotConnected );
  }
  SECTION( "receiver" )
  {
    FtSolo juliet( Juliet );
    juliet.feed( offerOf( { S5b } ) );
    juliet.feed( fromPeer( Romeo, Juliet, "set", "s1", "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + Sid + "'/>" ) );
    CHECK( juliet.said( Romeo ) == Gists{ "result q7d1f03a9", "error s1 cancel item-not-found" } );
    REQUIRE( juliet.bot->heard == Heard{ "request", "stream", "broken", "close" } );
  }
  SECTION( "receiver, by its own deadline" )
  {
    FtSolo juliet( Juliet );
    juliet.feed( offerOf( { Ibb } ) );
    juliet.clock->advance( 1h );
    juliet.bot->pump();
    REQUIRE( juliet.bot->heard == Heard{ "request", "stream", "broken", "close" } );
    CHECK( juliet.bot->broken.front() == gloox::StanzaErrorRemoteServerTimeout );
  }
}

TEST_CASE( "CLS-7: the end of the XMPP connection ends an in-band stream with an error", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.taken();
  juliet.client.dropConnection();
  juliet.bot->pump();
  CHECK( juliet.bot->heard == Heard{ "request", "stream", "open", "broken", "close" } );
}

TEST_CASE( "PFT-1: a receiver that is still undecided when its peer is gone hears nothing, as from gloox", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->onRequest = []( const auto& ) {};
  juliet.feed( offerOf( { Ibb } ) );
  juliet.advance( 1h );
  CHECK( juliet.bot->heard == Heard{ "request" } );
  juliet.client.clear();
  juliet.bot->profile->acceptFT( gloox::JID( Romeo ), Sid );
  CHECK( juliet.client.sent().empty() );
}
