// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// In-band: window, flow control, messages, and openings and data that cannot be accepted.

#include "flow/inband_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

TEST_CASE( "TC-148, IBB-10: no more blocks than the window wait for acknowledgement, and they stay in order", "[ibb]" )
{
  Sender romeo( []( Options& options ) { options.inBand.window = 4; } );
  romeo.opened();
  REQUIRE( romeo.bot->stream().send( std::string( 65536, 'x' ) ) );
  romeo.settle();
  auto blocks = romeo.ids( "<data" );
  CHECK( romeo.said() == Gists{ "set data seq=0", "set data seq=1", "set data seq=2", "set data seq=3" } );
  CHECK( romeo.bot->stream().bytesQueued() == 65536 );
  romeo.advance( 1min );
  CHECK( romeo.said().empty() );

  for( unsigned next = 4; next < 16; ++next )
  {
    romeo.answer( blocks.at( next - 4 ) );
    const auto more = romeo.ids( "<data" );
    blocks.insert( blocks.end(), more.begin(), more.end() );
    CHECK( romeo.said() == Gists{ "set data seq=" + std::to_string( next ) } );
  }
  for( unsigned last = 12; last < 16; ++last )
    romeo.answer( blocks.at( last ) );
  CHECK( romeo.said().empty() );
  CHECK( romeo.bot->stream().bytesQueued() == 0 );
  CHECK( romeo.bot->stream().bytesSent() == 65536 );
}

TEST_CASE( "TC-149, IBB-9, SEC-15: with a full buffer acknowledgements stop, and nothing is lost when reading goes on", "[ibb]" )
{
  Receiver juliet( []( Options& options ) { options.limits.readBuffer = 8192; } );
  juliet.opened();
  juliet.bot->stream().pause();
  const std::string block = std::string( 5460, 'Q' ) + "QQ==";   // 4096 bytes
  for( unsigned seq = 0; seq < 4; ++seq )
    juliet.set( "d" + std::to_string( seq ), dataElement( seq, block ) );
  CHECK( juliet.said() == Gists{ "result d0", "result d1" } );
  juliet.advance( 1min );
  CHECK( juliet.said().empty() );
  CHECK( juliet.bot->received.empty() );

  juliet.bot->stream().resume();
  juliet.settle();
  CHECK( juliet.said() == Gists{ "result d2", "result d3" } );
  CHECK( juliet.bot->received.size() == 4 * 4096 );
  juliet.set( "d4", dataElement( 4, "Wg==" ) );
  CHECK( juliet.said() == Gists{ "result d4" } );
  CHECK( juliet.bot->received.back() == 'Z' );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "TC-149, SEC-15: a peer that goes on without acknowledgements is cut off before memory grows", "[ibb]" )
{
  Receiver juliet( []( Options& options ) { options.limits.readBuffer = 8192; } );
  juliet.opened();
  juliet.bot->stream().pause();
  const std::string block = std::string( 5460, 'Q' ) + "QQ==";
  unsigned seq = 0;
  while( seq < 100 && juliet.bot->ends.empty() )
  {
    juliet.set( "d" + std::to_string( seq ), dataElement( seq, block ) );
    ++seq;
  }
  CHECK( seq < 30 );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "limit-exceeded" );
  // GEN-1: each block was answered once, those that were held back too; then the close.
  auto said = juliet.said();
  std::size_t answers = 0;
  std::size_t closes = 0;
  for( const auto& one : said )
  {
    answers += one.compare( 0, 8, "result d" ) == 0 || one.compare( 0, 7, "error d" ) == 0;
    closes += one == "set close";
  }
  CHECK( answers == seq );
  CHECK( closes == 1 );
}

TEST_CASE( "TC-149, IBB-9: a writer and a reader that pauses lose nothing", "[ibb]" )
{
  Pair pair( []( Options& sender, Options& receiver )
  {
    sender.methods = { gloox::XMLNS_IBB };
    receiver.limits.readBuffer = 10000;
  } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  std::string bytes;
  for( unsigned i = 0; i < 200000; ++i )
    bytes += static_cast<char>( i * 7 + i / 251 );
  pair.juliet->stream().pause();
  REQUIRE( pair.romeo->stream().send( bytes ) );
  pair.settle();
  CHECK( pair.juliet->received.empty() );
  CHECK( pair.romeo->stream().bytesSent() == 8192 );
  pair.juliet->stream().resume();
  pair.settle();
  CHECK( pair.juliet->received.size() == bytes.size() );
  CHECK( ( pair.juliet->received == bytes ) );
  CHECK( pair.romeo->stream().bytesSent() == bytes.size() );
}

TEST_CASE( "TC-154, IBB-14, GEN-7: data in a message is delivered without an answer; wrapped, delayed and error messages are ignored", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  const auto message = []( const std::string& attributes, const std::string& inside )
  {
    return "<message " + attributes + " to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>" + inside + "</message>";
  };
  juliet.feed( message( "id='m0'", dataElement( 0, "SGVsbG8=" ) ) );
  CHECK( juliet.bot->received == "Hello" );

  juliet.feed( message( "id='m1'", dataElement( 1, "eA==" ) + "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>" ) );
  juliet.feed( message( "id='m2' type='error'", dataElement( 1, "eA==" ) + errorElement( "service-unavailable" ) ) );
  juliet.feed( "<message id='m3' to='juliet@capulet.example/balcony' from='juliet@capulet.example'><received xmlns='urn:xmpp:carbons:2'>"
               "<forwarded xmlns='urn:xmpp:forward:0'>" + message( "xmlns='jabber:client'", dataElement( 1, "eA==" ) )
               + "</forwarded></received></message>" );
  CHECK( juliet.bot->received == "Hello" );
  CHECK( juliet.bot->ends.empty() );

  juliet.feed( message( "id='m4'", dataElement( 1, "V29ybGQ=" ) ) );
  CHECK( juliet.bot->received == "HelloWorld" );
  CHECK( juliet.said().empty() );

  // A fault in a message gets no error, only the close.
  juliet.feed( message( "id='m5'", dataElement( 7, "eA==" ) ) );
  CHECK( juliet.said() == Gists{ "set close" } );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "protocol-violation" );
}

TEST_CASE( "TC-155, §1.7: an open without a sound block-size is refused and changes nothing", "[ibb]" )
{
  Receiver juliet;
  juliet.offered();
  juliet.set( "o1", "<open xmlns='http://jabber.org/protocol/ibb' sid='" + Sid + "'/>" );
  juliet.set( "o2", openElement( "0" ) );
  juliet.set( "o3", openElement( "-1" ) );
  juliet.set( "o4", openElement( "x" ) );
  juliet.set( "o5", openElement( "70000" ) );
  juliet.set( "o6", openElement( "65535" ) );
  CHECK( juliet.said() == Gists{ "error o1 modify bad-request", "error o2 modify bad-request", "error o3 modify bad-request", "error o4 modify bad-request",
                                 "error o5 modify resource-constraint", "error o6 modify resource-constraint" } );
  CHECK( juliet.bot->ends.empty() );
  CHECK( juliet.bot->opens == 0 );

  juliet.set( "o7", openElement( "16384" ) );   // NEG-22: smaller may be tried again
  CHECK( juliet.said() == Gists{ "result o7" } );
  CHECK( juliet.bot->opens == 1 );
}

TEST_CASE( "TC-155, §1.7: 65535 is accepted where the maximum allows it", "[ibb]" )
{
  Receiver juliet( []( Options& options ) { options.inBand.maxBlockSize = 65535; } );
  juliet.offered();
  juliet.set( "o1", openElement( "65536" ) );
  juliet.set( "o2", openElement( "65535" ) );
  CHECK( juliet.said() == Gists{ "error o1 modify resource-constraint", "result o2" } );
  CHECK( juliet.bot->opens == 1 );
}

TEST_CASE( "TC-156, §1.7: data before the open is unexpected, and the open is still accepted", "[ibb]" )
{
  Receiver juliet;
  juliet.offered();
  juliet.set( "d0", dataElement( 0, "SGVsbG8=" ) );
  CHECK( juliet.said() == Gists{ "error d0 cancel unexpected-request" } );
  CHECK( juliet.bot->received.empty() );
  CHECK( juliet.bot->ends.empty() );
  juliet.set( "o1", openElement() );
  juliet.set( "d0b", dataElement( 0, "SGVsbG8=" ) );
  CHECK( juliet.said() == Gists{ "result o1", "result d0b" } );
  CHECK( juliet.bot->received == "Hello" );
}

TEST_CASE( "TC-187, SEC-15: a mebibyte of base64 for a block of 4096 bytes ends the stream and delivers nothing", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, std::string( 1 << 20, 'A' ) ) );
  CHECK( juliet.said() == Gists{ "error d0 cancel bad-request", "set close" } );
  CHECK( juliet.bot->received.empty() );
  CHECK( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "protocol-violation" );
}

TEST_CASE( "TC-187, SEC-15: as much white space as base64 is accepted, a mebibyte of it is not", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "d0", dataElement( 0, std::string( 5000, ' ' ) + std::string( 5460, 'Q' ) + "QQ==" ) );
  CHECK( juliet.said() == Gists{ "result d0" } );
  CHECK( juliet.bot->received.size() == 4096 );
  juliet.set( "d1", dataElement( 1, std::string( 1 << 20, ' ' ) + "QQ==" ) );
  CHECK( juliet.said() == Gists{ "error d1 cancel bad-request", "set close" } );
  CHECK( juliet.bot->received.size() == 4096 );
  CHECK( juliet.bot->ends.size() == 1 );
}
