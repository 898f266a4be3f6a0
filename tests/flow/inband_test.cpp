// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Data in-band (PROTOCOL 2.7): numbers, encoding, sizes, acknowledgements, endings.

#include "flow/inband_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const std::string Hello = "SGVsbG8=";   // "Hello"

/// The whole of an end by the peer's fault: the stanza answered, then W-24, one end.
void checkViolated( Receiver& juliet, const std::string& answer )
{
  CHECK( juliet.said() == Gists{ answer, "set close" } );
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "protocol-violation" );
  CHECK( juliet.bot->closes == 1 );
  juliet.advance( 1h );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.said().empty() );
}

} // namespace

TEST_CASE( "TC-141, IBB-6: a block that comes twice ends the stream after the blocks before it", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, Hello ) );
  juliet.set( "d1", dataElement( 1, "V29ybGQ=" ) );
  CHECK( juliet.said() == Gists{ "result d0", "result d1" } );
  juliet.set( "d1b", dataElement( 1, "V29ybGQ=" ) );
  CHECK( juliet.bot->received == "HelloWorld" );
  checkViolated( juliet, "error d1b cancel unexpected-request" );
}

TEST_CASE( "TC-142, IBB-6: a gap in the numbers ends the stream, and later blocks are not delivered", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, Hello ) );
  CHECK( juliet.said() == Gists{ "result d0" } );
  juliet.set( "d2", dataElement( 2, "V29ybGQ=" ) );
  CHECK( juliet.said() == Gists{ "error d2 cancel unexpected-request", "set close" } );
  juliet.set( "d3", dataElement( 1, "V29ybGQ=" ) );
  CHECK( juliet.said() == Gists{ "error d3 cancel item-not-found" } );
  CHECK( juliet.bot->received == "Hello" );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "protocol-violation" );
}

TEST_CASE( "TC-143, IBB-6: after 65536 blocks received the next one is number 0", "[ibb][large]" )
{
  Receiver juliet;
  juliet.opened( "1" );
  const auto block = []( unsigned seq ) { return fromPeer( Romeo, Juliet, "set", "d", dataElement( seq, "YQ==" ) ); };
  for( unsigned seq = 0; seq < 65536; )
  {
    std::string many;
    for( unsigned end = seq + 1024; seq < end; ++seq )
      many += block( seq );
    juliet.client.clear();
    juliet.client.feed( many );
    while( juliet.bot->manager.nextDeadline() == 0ms )
      juliet.bot->manager.process();
  }
  REQUIRE( juliet.bot->received.size() == 65536 );
  juliet.client.clear();
  juliet.set( "again", dataElement( 0, "Yg==" ) );
  juliet.set( "on", dataElement( 1, "Yw==" ) );
  CHECK( juliet.said() == Gists{ "result again", "result on" } );
  CHECK( juliet.bot->received.substr( 65536 ) == "bc" );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "TC-144, IBB-6: each direction counts from 0", "[ibb]" )
{
  Pair pair( []( Options& sender, Options& ) { sender.methods = { gloox::XMLNS_IBB }; } );
  const auto sid = pair.romeo->offer( Juliet );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  const std::string there( 9000, 'r' ), back( 5000, 'j' );
  REQUIRE( pair.romeo->stream().send( there ) );
  REQUIRE( pair.juliet->stream().send( back ) );
  pair.settle();
  CHECK( pair.juliet->received == there );
  CHECK( pair.romeo->received == back );
  Gists romeos, juliets;
  for( const auto& stanza : pair.hub.logged( "<data" ) )
    ( attribute( stanza, "from" ) == Romeo ? romeos : juliets ).push_back( gist( stanza, attribute( stanza, "to" ), sid ) );
  CHECK( romeos == Gists{ "set data seq=0", "set data seq=1", "set data seq=2" } );
  CHECK( juliets == Gists{ "set data seq=0", "set data seq=1" } );
}

TEST_CASE( "TC-145, IBB-7: white space in base64 is stripped", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, "\n    SGVs\n\t  bG8=\r\n  " ) );
  CHECK( juliet.said() == Gists{ "result d0" } );
  CHECK( juliet.bot->received == "Hello" );
  juliet.set( "d1", dataElement( 1, "V29ybGQ=" ) );
  CHECK( juliet.said() == Gists{ "result d1" } );
  CHECK( juliet.bot->received == "HelloWorld" );
}

TEST_CASE( "TC-145, IBB-7: what is not base64 ends the stream with bad-request", "[ibb]" )
{
  const auto text = GENERATE( as<std::string>{}, "=AAA", "BBBB=CCC", "####", "AAA", "AAAA=", "A===", "SGVs bG8=!" );
  CAPTURE( text );
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, Hello ) );
  (void)juliet.said();
  juliet.set( "d1", dataElement( 1, text ) );
  CHECK( juliet.bot->received == "Hello" );
  checkViolated( juliet, "error d1 cancel bad-request" );
}

TEST_CASE( "TC-146, IBB-8: a block of block-size bytes is delivered, one byte more ends the stream", "[ibb]" )
{
  Receiver juliet;
  juliet.opened( "16" );
  juliet.set( "d0", dataElement( 0, "MDEyMzQ1Njc4OWFiY2RlZg==" ) );   // 16 bytes
  CHECK( juliet.said() == Gists{ "result d0" } );
  CHECK( juliet.bot->received == "0123456789abcdef" );
  juliet.set( "d1", dataElement( 1, "MDEyMzQ1Njc4OWFiY2RlZmc=" ) );   // 17 bytes
  CHECK( juliet.bot->received == "0123456789abcdef" );
  checkViolated( juliet, "error d1 cancel bad-request" );
}

TEST_CASE( "TC-147, IBB-8, IBB-10: an empty block is acknowledged and counts; an empty string is not sent", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, "" ) );
  CHECK( juliet.said() == Gists{ "result d0" } );
  CHECK( juliet.bot->received.empty() );
  juliet.set( "d1", dataElement( 1, Hello ) );
  juliet.set( "d2", dataElement( 2, "" ) );
  juliet.set( "d3", dataElement( 3, "V29ybGQ=" ) );
  CHECK( juliet.said() == Gists{ "result d1", "result d2", "result d3" } );
  CHECK( juliet.bot->received == "HelloWorld" );

  CHECK( juliet.bot->stream().send( "" ) );
  juliet.settle();
  CHECK( juliet.said().empty() );
  CHECK( juliet.bot->stream().send( "x" ) );
  juliet.settle();
  CHECK( juliet.said() == Gists{ "set data seq=0" } );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "TC-150, IBB-11, NEG-11: a block refused with item-not-found ends with io-error, without a close or fallback", "[ibb]" )
{
  Sender romeo;
  romeo.opened( { Ibb, S5b } );
  REQUIRE( romeo.bot->stream().send( "Hello" ) );
  romeo.settle();
  const auto id = romeo.idOf( "<data" );
  CHECK( romeo.said() == Gists{ "set data seq=0" } );
  romeo.answer( id, "error", errorElement( "item-not-found" ) );
  CHECK( romeo.said().empty() );
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "io-error" );
  romeo.advance( 1h );
  CHECK( romeo.said().empty() );
  CHECK( romeo.bot->ends.size() == 1 );
}

TEST_CASE( "TC-150, IBB-11: any other error to a block is followed by a close", "[ibb]" )
{
  Sender romeo;
  romeo.opened();
  REQUIRE( romeo.bot->stream().send( "Hello" ) );
  romeo.settle();
  const auto id = romeo.idOf( "<data" );
  (void)romeo.said();
  romeo.answer( id, "error", errorElement( "unexpected-request" ) );
  CHECK( romeo.said() == Gists{ "set close" } );
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "io-error" );
  romeo.advance( 1h );
  CHECK( romeo.bot->ends.size() == 1 );
}

TEST_CASE( "TC-151, IBB-12: the close leaves after the last acknowledgement, and the session ends on its answer", "[ibb]" )
{
  Sender romeo;
  romeo.opened();
  REQUIRE( romeo.bot->stream().send( std::string( 6 * 4096, 'x' ) ) );
  romeo.settle();
  romeo.answer( romeo.ids( "<data" ).at( 0 ) );   // IBB-16: now five may be under way
  auto blocks = romeo.ids( "<data" );
  REQUIRE( blocks.size() == 6 );
  blocks.erase( blocks.begin() );
  (void)romeo.said();
  romeo.bot->stream().close();
  romeo.settle();
  for( std::size_t i = 0; i < 4; ++i )
  {
    romeo.answer( blocks[i] );
    CHECK( romeo.said().empty() );
  }
  romeo.answer( blocks[4] );
  const auto close = romeo.idOf( "<close" );
  CHECK( romeo.said() == Gists{ "set close" } );
  CHECK( romeo.bot->ends.empty() );

  SECTION( "answered with a result" ) { romeo.answer( close ); }
  SECTION( "answered with an error" ) { romeo.answer( close, "error", errorElement( "item-not-found" ) ); }
  SECTION( "not answered: T-CLOSE" )
  {
    romeo.advance( 9999ms );
    CHECK( romeo.bot->ends.empty() );
    romeo.advance( 1ms );
  }
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "closed-local" );
  CHECK( romeo.bot->ends.back().report.bytesSent == 6 * 4096 );
  CHECK( romeo.said().empty() );
}

TEST_CASE( "IBB-12, IBB-6: a wrong block that crosses our close is answered, and there is no second close", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.bot->stream().close();
  juliet.settle();
  CHECK( juliet.said() == Gists{ "set close" } );
  juliet.set( "d7", dataElement( 7, Hello ) );
  CHECK( juliet.said() == Gists{ "error d7 cancel unexpected-request" } );
  CHECK( juliet.bot->ends.size() == 1 );
  juliet.advance( 1h );
  CHECK( juliet.said().empty() );
}

TEST_CASE( "TC-152, IBB-13, CLS-9: a peer that answers our close and then closes itself gets a result, and the session ends once", "[ibb]" )
{
  Sender romeo;
  romeo.opened();
  romeo.bot->stream().close();
  romeo.settle();
  const auto close = romeo.idOf( "<close" );
  CHECK( romeo.said() == Gists{ "set close" } );
  romeo.answer( close );
  romeo.set( "c1", closeElement( romeo.sid ) );
  CHECK( romeo.said() == Gists{ "result c1" } );
  CHECK( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "closed-local" );
  CHECK( romeo.bot->closes == 1 );
}

TEST_CASE( "TC-152, IBB-13: closes that cross end the session once, and each is answered", "[ibb]" )
{
  Sender romeo;
  romeo.opened();
  romeo.bot->stream().close();
  romeo.settle();
  const auto close = romeo.idOf( "<close" );
  (void)romeo.said();
  romeo.set( "c1", closeElement( romeo.sid ) );
  CHECK( romeo.said() == Gists{ "result c1" } );
  romeo.answer( close );
  CHECK( romeo.said().empty() );
  CHECK( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "closed-local" );
}

TEST_CASE( "TC-153, IBB-13: blocks that arrived before the close are delivered before the end", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  std::string atEnd = "never";
  juliet.bot->onEnd = [&]( const Bot::End& ) { atEnd = juliet.bot->received; };

  SECTION( "in one read" )
  {
    juliet.feed( fromPeer( Romeo, Juliet, "set", "d0", dataElement( 0, "YQ==" ) ) + fromPeer( Romeo, Juliet, "set", "d1", dataElement( 1, "Yg==" ) )
                 + fromPeer( Romeo, Juliet, "set", "d2", dataElement( 2, "Yw==" ) ) + fromPeer( Romeo, Juliet, "set", "c1", closeElement() ) );
    CHECK( juliet.said() == Gists{ "result d0", "result d1", "result d2", "result c1" } );
  }
  SECTION( "while nobody reads" )
  {
    juliet.bot->stream().pause();
    juliet.set( "d0", dataElement( 0, "YQ==" ) );
    juliet.set( "d1", dataElement( 1, "Yg==" ) );
    juliet.set( "d2", dataElement( 2, "Yw==" ) );
    juliet.set( "c1", closeElement() );
    CHECK( juliet.said() == Gists{ "result d0", "result d1", "result d2", "result c1" } );
    CHECK( juliet.bot->received.empty() );
    CHECK( juliet.bot->ends.empty() );
    juliet.bot->stream().resume();
    CHECK( juliet.bot->received.empty() );
    juliet.settle();
  }
  CHECK( atEnd == "abc" );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "closed-remote" );
  CHECK( juliet.bot->ends.back().report.bytesReceived == 3 );
}

TEST_CASE( "CLS-9, IBB-13: a peer that closes twice while nobody reads gets two results, and the session ends once", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.bot->stream().pause();
  juliet.set( "d0", dataElement( 0, "YQ==" ) );
  juliet.set( "c1", closeElement() );
  juliet.set( "c2", closeElement() );
  CHECK( juliet.said() == Gists{ "result d0", "result c1", "result c2" } );
  CHECK( juliet.bot->ends.empty() );
  juliet.bot->stream().resume();
  juliet.settle();
  CHECK( juliet.bot->received == "a" );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "closed-remote" );
  CHECK( juliet.said().empty() );
}

TEST_CASE( "TC-153, IBB-13, CLS-7, CLS-8: what was received before the close is delivered, whoever goes offline before it is read", "[ibb]" )
{
  const bool senderGone = GENERATE( true, false );
  CAPTURE( senderGone );
  Receiver juliet( []( Options& options ) { options.keepSocks5OnDisconnect = false; } );   // which is not about this
  juliet.opened();
  juliet.bot->stream().pause();
  juliet.set( "d0", dataElement( 0, "YQ==" ) );
  juliet.set( "c1", closeElement() );
  if( senderGone )
  {
    juliet.feed( "<presence type='unavailable' from='" + Romeo + "' to='" + Juliet + "'/>" );
  }
  else
  {
    juliet.client.dropConnection();
    juliet.settle();
    REQUIRE( juliet.client.reconnect() );
    juliet.settle();
  }
  CHECK( juliet.bot->ends.empty() );
  juliet.client.clear();
  SECTION( "the application reads on" )
  {
    juliet.bot->stream().resume();
    juliet.settle();
    CHECK( juliet.bot->received == "a" );
    CHECK( juliet.bot->cause() == "closed-remote" );
  }
  SECTION( "the application does not want it any more" )
  {
    juliet.bot->stream().abort();
    juliet.settle();
    CHECK( juliet.bot->received.empty() );
    CHECK( juliet.bot->cause() == "closed-local" );
  }
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.said().empty() );
}

TEST_CASE( "IBB-13, IBB-11, CLS-8: what was received before the peer was gone is delivered before the end, what was not acknowledged is refused", "[ibb]" )
{
  Receiver juliet( []( Options& options ) { options.limits.readBuffer = 1; } );
  juliet.opened();
  juliet.bot->stream().pause();
  juliet.set( "d0", dataElement( 0, "YQ==" ) );
  juliet.set( "d1", dataElement( 1, "Yg==" ) );
  CHECK( juliet.said() == Gists{ "result d0" } );   // IBB-9
  std::string text;
  SECTION( "offline" )
  {
    juliet.feed( "<presence type='unavailable' from='" + Romeo + "' to='" + Juliet + "'/>" );
    text = "the peer went offline";
  }
  SECTION( "a block of ours is answered so" )
  {
    REQUIRE( juliet.bot->stream().send( "x" ) );
    juliet.settle();
    const auto block = juliet.idOf( "<data" );
    juliet.client.clear();
    juliet.answer( block, "error", errorElement( "item-not-found" ) );
    text = "block refused: item-not-found";
  }
  CHECK( juliet.said() == Gists{ "error d1 cancel item-not-found" } );
  CHECK( juliet.bot->ends.empty() );
  juliet.set( "d2", dataElement( 2, "Yw==" ) );
  juliet.set( "c1", closeElement() );
  CHECK( juliet.said() == Gists{ "error d2 cancel item-not-found", "result c1" } );
  juliet.bot->stream().resume();
  juliet.settle();
  CHECK( juliet.bot->received == "a" );
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "io-error" );
  CHECK( juliet.bot->ends.back().text.find( text ) == 0 );
  CHECK( juliet.said().empty() );
}

TEST_CASE( "TC-231, CLS-1: abort closes at once although data are queued, and ends once", "[ibb]" )
{
  Sender romeo;
  romeo.opened();
  REQUIRE( romeo.bot->stream().send( std::string( 20 * 4096, 'x' ) ) );
  romeo.settle();
  CHECK( romeo.said().size() == 4 );   // IBB-16
  const auto stream = romeo.bot->streams.back();
  stream->abort();
  romeo.settle();
  CHECK( romeo.said() == Gists{ "set close" } );
  CHECK( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "closed-local" );
  CHECK_FALSE( stream->send( "more" ) );
  romeo.advance( 1h );
  CHECK( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->closes == 1 );
  CHECK( romeo.said().empty() );
}
