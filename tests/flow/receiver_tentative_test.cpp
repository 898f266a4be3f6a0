// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 7, "Order and agreement, receiver": between a positive answer and the proof that the sender means it.

#include "flow/receiver_fixture.h"
#include "support/files.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

const std::string OnlyS5b = replaced( W1, OptionIbb, "" );
constexpr std::size_t HandshakeSize = 50;

/// R has answered S5B; the list says that IBB may follow, unless it is @a offer that says otherwise.
struct OnSocks5 : Receiver
{
  explicit OnSocks5( const std::string& jid = Romeo, const std::string& offer = W1, const std::function<void( Bot& )>& prepare = {} )
  {
    if( prepare )
      prepare( bot );
    accepted( offer );
    REQUIRE( ask( s5bQuery( "a1", streamHost( jid, host.port() ) ) ) == usedAnswer( "a1", jid ) );
    REQUIRE( bot.opens == 1 );
  }
  [[nodiscard]] std::string payload() const { return host.received().substr( HandshakeSize ); }

  ScriptedHost host{ loop };
};

/// R has answered IBB; the list says that S5B may follow.
struct OnIbb : Receiver
{
  OnIbb() : Receiver( []( Options& options ) { options.methods = { gloox::XMLNS_IBB, gloox::XMLNS_BYTESTREAMS }; } )
  {
    accepted();
    REQUIRE( ask( ibbOpen( "a1" ) ) == result( "a1" ) );
    REQUIRE( bot.opens == 1 );
  }
};

} // namespace

TEST_CASE( "TC-121, NEG-24: the sender moves on to IBB before any payload", "[receiver][tentative]" )
{
  OnSocks5 juliet( ProxyJid );
  juliet.bot.attempts.clear();
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  CHECK( juliet.host.open() == 0 );
  CHECK( juliet.bot.streams.size() == 1 );
  CHECK( juliet.bot.opens == 1 );
  CHECK( juliet.bot.closes == 0 );
  CHECK( juliet.bot.ends.empty() );
  CHECK( juliet.attempts() == Words{ "+ibb", "=ibb" } );   // how the application hears of the change
  CHECK( juliet.bot.stream().method() == gloox::XMLNS_IBB );
  CHECK( juliet.bot.stream().type() == gloox::Bytestream::IBB );
  CHECK_THAT( juliet.ask( ibbData( "a3", 0, "aGk=" ) ), Equals( result( "a3" ) ) );
  CHECK( juliet.bot.received == "hi" );
  CHECK( juliet.bot.stream().send( "ho" ) );
  juliet.settle();
  CHECK( juliet.solo.sent( ">aG8=</data>" ).size() == 1 );
}

TEST_CASE( "TC-122, NEG-24: an answer that crosses the sender's next opening leads both to IBB", "[pair][tentative]" )
{
  Pair pair;
  std::string held;
  pair.hub.setFilter( [&held]( std::string& xml )
  {
    if( !held.empty() || xml.find( "<streamhost-used" ) == std::string::npos )
      return true;
    held = xml;
    return false;
  } );
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.juliet->opens == 1 && !held.empty(); } ) );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_BYTESTREAMS );
  pair.clock->advance( 60s );                                        // T-S-S5B
  REQUIRE( pair.until( [&] { return pair.hub.waiting() > 0 || pair.romeo->opens == 1; } ) );
  pair.hub.inject( held );                                           // reaches the sender after it has opened IBB
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1; } ) );
  pair.settle();
  CHECK( pair.romeo->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.juliet->stream().method() == gloox::XMLNS_IBB );
  CHECK( pair.juliet->opens == 1 );
  CHECK( pair.juliet->streams.size() == 1 );
  REQUIRE( pair.romeo->stream().send( "there" ) );
  REQUIRE( pair.juliet->stream().send( "back" ) );
  CHECK( pair.until( [&] { return pair.juliet->received == "there" && pair.romeo->received == "back"; } ) );
  pair.romeo->stream().close();
  pair.settle();
  REQUIRE( ( pair.romeo->ends.size() == 1 && pair.juliet->ends.size() == 1 ) );
  CHECK( pair.romeo->cause() == "closed-local" );
  CHECK( pair.juliet->cause() == "closed-remote" );
}

TEST_CASE( "TC-123, NEG-25: what was written to a stream the sender gave up is a conflict, never a silent switch", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  REQUIRE( juliet.bot.stream().send( "x" ) );
  juliet.settle();
  REQUIRE( juliet.payload() == "x" );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK( juliet.host.open() == 0 );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "stream-conflict" );
  CHECK( juliet.bot.closes == 1 );
  CHECK_FALSE( juliet.bot.stream().send( "y" ) );
}

TEST_CASE( "TC-124, NEG-26: once the sender has written, no opening counts", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  REQUIRE( juliet.host.send( "p" ) );
  juliet.settle();
  REQUIRE( juliet.bot.received == "p" );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a3", "" ) ), Equals( s5bNotAcceptable( "a3" ) ) );
  REQUIRE( juliet.host.send( "q" ) );
  REQUIRE( juliet.bot.stream().send( "r" ) );
  juliet.settle();
  CHECK( juliet.bot.received == "pq" );
  CHECK( juliet.payload() == "r" );
  CHECK( juliet.bot.ends.empty() );
  juliet.host.close();
  juliet.settle();
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "closed-remote" );
}

TEST_CASE( "TC-125, NEG-27: an early end of file leaves room for IBB during T-R-GRACE", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  juliet.host.close();
  juliet.settle();
  juliet.advance( 15s - 1ms );
  CHECK( juliet.bot.ends.empty() );
  CHECK( juliet.bot.closes == 0 );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  CHECK( juliet.bot.opens == 1 );
  CHECK( juliet.bot.stream().method() == gloox::XMLNS_IBB );
  juliet.advance( 60s );   // T-R-GRACE is over and forgotten (TMO-6)
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-126, NEG-27: an early end of file that nothing follows is the end after T-R-GRACE", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  juliet.host.close();
  juliet.settle();
  juliet.advance( 15s - 1ms );
  CHECK( juliet.bot.ends.empty() );
  juliet.advance( 1ms );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "closed-remote" );
  CHECK( juliet.bot.closes == 1 );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
}

TEST_CASE( "TC-127, NEG-27, PFT-10: an early end of file completes a stream of zero bytes at once", "[receiver][tentative]" )
{
  OnSocks5 juliet( Romeo, W1, []( Bot& bot ) { bot.acceptOptions.expectsNothing = true; } );
  juliet.host.close();
  juliet.settle();
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "closed-remote" );
  CHECK( juliet.bot.closes == 1 );
}

TEST_CASE( "TC-128, NEG-28: the first word of ours on a proxied stream waits", "[receiver][tentative]" )
{
  OnSocks5 juliet( ProxyJid );
  REQUIRE( juliet.bot.stream().send( "first" ) );
  juliet.advance( 5s - 1ms );
  CHECK( juliet.payload().empty() );
  SECTION( "for T-R-HOLD" )
  {
    juliet.advance( 1ms );
    CHECK( juliet.payload() == "first" );
  }
  SECTION( "or for payload of the sender's" )
  {
    REQUIRE( juliet.host.send( "p" ) );
    juliet.settle();
    CHECK( juliet.payload() == "first" );
    CHECK( juliet.bot.received == "p" );
  }
}

TEST_CASE( "ST-R-34, NEG-28: a proxy that hangs up before the first word could leave takes it along, and the end says so", "[receiver][tentative]" )
{
  OnSocks5 juliet( ProxyJid );
  REQUIRE( juliet.bot.stream().send( "first" ) );
  juliet.bot.stream().close();
  juliet.settle();
  CHECK( juliet.bot.ends.empty() );
  juliet.host.close();
  juliet.settle();
  REQUIRE( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "io-error" );
  CHECK( juliet.bot.ends.back().text == "5 bytes could not be sent" );
  CHECK( juliet.payload().empty() );
}

TEST_CASE( "NEG-28: while the first word waits a file is not taken, afterwards it is", "[receiver][tentative]" )
{
  OnSocks5 juliet( ProxyJid );
  const auto file = fileOf( "file" );
  CHECK_FALSE( juliet.bot.stream().sendFile( file.get(), 0, 4 ) );
  REQUIRE( juliet.bot.stream().send( "first " ) );
  CHECK_FALSE( juliet.bot.stream().sendFile( file.get(), 0, 4 ) );
  CHECK( juliet.bot.stream().bytesQueued() == 6 );
  juliet.advance( 5s );
  CHECK( juliet.bot.stream().sendFile( file.get(), 0, 4 ) );
  juliet.settle();
  CHECK( juliet.payload() == "first file" );
}

TEST_CASE( "NEG-25: a file is payload as bytes are: a stream the sender gave up after it is a conflict", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  REQUIRE( juliet.bot.stream().sendFile( fileOf( "file" ).get(), 0, 4 ) );
  juliet.settle();
  CHECK( juliet.payload() == "file" );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( ibbNotAcceptable( "a2" ) ) );
  CHECK( juliet.bot.cause() == "stream-conflict" );
}

TEST_CASE( "TC-128, NEG-28: what waits for T-R-HOLD is no conflict when the sender moves on", "[receiver][tentative]" )
{
  OnSocks5 juliet( ProxyJid );
  REQUIRE( juliet.bot.stream().send( "first" ) );
  juliet.settle();
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  CHECK( juliet.payload().empty() );
  CHECK( juliet.solo.sent( ">Zmlyc3Q=</data>" ).size() == 1 );   // it leaves on the stream that counts
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-128, NEG-28: on a direct stream nothing waits", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  REQUIRE( juliet.bot.stream().send( "first" ) );
  juliet.settle();
  CHECK( juliet.payload() == "first" );
}

TEST_CASE( "TC-225, S5B-17: a reset on the last method is one end, io-error", "[receiver][tentative]" )
{
  OnSocks5 juliet( Romeo, OnlyS5b );
  juliet.host.close( true );
  juliet.settle();
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "io-error" );
  CHECK( juliet.bot.closes == 1 );
  juliet.advance( 1h );
  CHECK( juliet.bot.ends.size() == 1 );
}

TEST_CASE( "TC-229, IBB-15: an in-band close does not touch a confirmed SOCKS5 stream", "[receiver][tentative]" )
{
  OnSocks5 juliet;
  REQUIRE( juliet.host.send( "p" ) );
  juliet.settle();
  CHECK_THAT( juliet.ask( ibbClose( "a2" ) ), Equals( itemNotFound( "a2" ) ) );
  REQUIRE( juliet.host.send( "q" ) );
  juliet.settle();
  CHECK( juliet.bot.received == "pq" );
  CHECK( juliet.host.open() == 1 );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "NEG-20, NEG-26: a block that was acknowledged confirms in-band although nobody reads it yet", "[receiver][tentative]" )
{
  OnIbb juliet;
  juliet.bot.stream().pause();
  CHECK_THAT( juliet.ask( ibbData( "d0", 0, "SGVsbG8=" ) ), Equals( result( "d0" ) ) );
  CHECK_THAT( juliet.ask( s5bQuery( "a2", streamHost( Romeo, 1 ) ) ), Equals( s5bNotAcceptable( "a2" ) ) );
  juliet.bot.stream().resume();
  juliet.settle();
  CHECK( juliet.bot.received == "Hello" );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "ST-R-28, CLS-8: a tentative in-band stream whose peer goes offline is over at once, io-error", "[receiver][tentative]" )
{
  OnIbb juliet;
  juliet.feed( "<presence type='unavailable' from='" + Romeo + "' to='" + Juliet + "'/>" );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "io-error" );
}
