// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the library writes to the client's log (SEC-24, SEC-22).

#include "flow/inband_fixture.h"
#include "net/socks5.h"
#include "session/log.h"

#include <gloox/loghandler.h>
#include <gloox/logsink.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const std::string Payload = "TheWordsOfTheLetter";
const std::string PayloadBase64 = "VGhlV29yZHNPZlRoZUxldHRlcg";

/// Lines of area user, by level.
struct Log final : gloox::LogHandler
{
  explicit Log( gloox::ClientBase& client ) : sink( client.logInstance() )
  {
    sink.registerLogHandler( gloox::LogLevelDebug, gloox::LogAreaUser, this );
  }
  ~Log() override { sink.removeLogHandler( this ); }
  void handleLog( gloox::LogLevel level, gloox::LogArea, const std::string& message ) override
  {
    ( level == gloox::LogLevelDebug ? debug : normal ).push_back( message );
  }
  gloox::LogSink& sink;
  std::vector<std::string> debug{};
  std::vector<std::string> normal{};   ///< Warnings and errors: gloox has no level between
};

void checkPrivate( const Log& log, const std::string& sid, const std::vector<std::string>& secrets )
{
  for( const auto& line : log.normal )
  {
    CAPTURE( line );
    CHECK( line.find( sid ) == std::string::npos );
    CHECK( line.find( net::dstAddr( sid, Romeo, Juliet ) ) == std::string::npos );
    CHECK( line.find( Payload ) == std::string::npos );
    CHECK( line.find( PayloadBase64 ) == std::string::npos );
    CHECK( line.find( "127.0.0.1" ) == std::string::npos );
    CHECK( line.find( "::1" ) == std::string::npos );
    for( const auto& secret : secrets )
      CHECK( line.find( secret ) == std::string::npos );
    CHECK( line.size() < 600 );
    for( const char c : line )
      CHECK( ( static_cast<unsigned char>( c ) >= 0x20 && static_cast<unsigned char>( c ) != 0x7f ) );
  }
}

} // namespace

TEST_CASE( "TC-190, SEC-24: over whole runs, good and bad, the log above debug holds no sid, digest, payload or address", "[log]" )
{
  enum class Run { Direct, Fallback, InBand, NothingWorks, Violation, Disconnect, Declined };
  const auto run = GENERATE( Run::Direct, Run::Fallback, Run::InBand, Run::NothingWorks, Run::Violation, Run::Disconnect, Run::Declined );
  CAPTURE( static_cast<int>( run ) );
  Pair pair( [run]( Options& sender, Options& receiver )
  {
    if( run == Run::InBand || run == Run::Violation || run == Run::Disconnect )
      sender.methods = { gloox::XMLNS_IBB };
    if( run == Run::NothingWorks )
      sender.methods = { gloox::XMLNS_BYTESTREAMS };
    if( run == Run::Fallback || run == Run::NothingWorks )
      receiver.streamHosts.allow.clear();
  } );
  Log romeos( pair.romeoClient.base() ), juliets( pair.julietClient.base() );
  if( run == Run::Declined )
    pair.juliet->onOffer = Bot::OnOffer::Decline;
  const auto sid = pair.romeo->offer( Juliet );
  REQUIRE_FALSE( sid.empty() );
  pair.settle();
  if( run != Run::NothingWorks && run != Run::Declined )
  {
    REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
    REQUIRE( pair.romeo->stream().send( Payload ) );
    REQUIRE( pair.until( [&] { return pair.juliet->received == Payload; } ) );
    if( run == Run::Violation )
      pair.hub.inject( fromPeer( Romeo, Juliet, "set", "bad", dataElement( 9, PayloadBase64, sid ) ) );
    else if( run == Run::Disconnect )
      pair.romeoClient.dropConnection();
    else
      pair.romeo->stream().close();
  }
  pair.settle();
  pair.advance( 1h );
  checkPrivate( romeos, sid, {} );
  checkPrivate( juliets, sid, {} );
  CHECK_FALSE( romeos.debug.empty() );   // the debug level tells more
  const bool bad = run != Run::Direct && run != Run::InBand;
  CHECK( ( !romeos.normal.empty() || !juliets.normal.empty() ) == bad );
}

TEST_CASE( "TC-237, SEC-22: a peer's error text is data: passed on whole, logged bounded and escaped", "[log]" )
{
  const auto text = GENERATE( std::string( "%n%s%n%x" ), std::string( "&lt;presence/&gt;&lt;/stream:stream&gt;" ), std::string( 10000, 'A' ),
                              std::string( "one\ntwo\tthree&#13;four" ) );
  Sender romeo;
  Log log( romeo.client.base() );
  REQUIRE_FALSE( romeo.bot->offer( Juliet ).empty() );
  romeo.settle();
  romeo.answer( romeo.idOf( "<si " ), "error",
                "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>" + text + "</text></error>" );
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "declined" );
  if( text[0] == '%' )
    CHECK( romeo.bot->ends[0].text == text );
  if( text[0] == '&' )
    CHECK( romeo.bot->ends[0].text == "<presence/></stream:stream>" );
  checkPrivate( log, romeo.bot->ends[0].sid, {} );
  for( const auto& line : log.debug )
  {
    CAPTURE( line );
    CHECK( line.size() < 1000 );
    for( const char c : line )
      CHECK( ( static_cast<unsigned char>( c ) >= 0x20 && static_cast<unsigned char>( c ) != 0x7f ) );
  }
}

TEST_CASE( "TC-237, SEC-22, SEC-24: the text of a failed method is logged bounded and escaped", "[log]" )
{
  Sender romeo;
  Log log( romeo.client.base() );
  romeo.accepted( { Ibb } );
  romeo.answer( romeo.idOf( "<open" ), "error",
                "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>%n\n&lt;x/&gt;"
                  + std::string( 10000, 'A' ) + "</text></error>" );
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "methods-exhausted" );
  REQUIRE_FALSE( log.normal.empty() );
  checkPrivate( log, romeo.sid, {} );
}

TEST_CASE( "TC-237, SEC-22: at no level can a peer's words begin a line of their own, reach a terminal or fill the log", "[log]" )
{
  const std::string evil = "x\nsi-multiple: all is well\xc2\x9b" "31m\xe2\x80\xae" + std::string( 5000, 'A' );
  Solo juliet( Juliet );
  Log log( juliet.client.base() );
  SECTION( "in a stream id" )
  {
    juliet.feed( offerOf( { Ibb }, evil.substr( 0, 200 ) ) );
    juliet.feed( offerOf( { Ibb }, evil, true, "q2" ) );   // refused: too long
  }
  SECTION( "in whatever is logged" )
  {
    const session::Log lines( juliet.client.base().logInstance() );
    lines.debug( evil, "\x1b[2J\x7f\xff" + evil );
    lines.warn( "\x1b[2J\x7f\xff" + evil );
  }
  auto all = log.debug;
  all.insert( all.end(), log.normal.begin(), log.normal.end() );
  REQUIRE( all.size() >= 2 );
  for( const auto& line : all )
  {
    CAPTURE( line );
    CHECK( line.size() < 900 );
    for( const char* bad : { "\n", "\x1b", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xff" } )
      CHECK( line.find( bad ) == std::string::npos );
  }
}
