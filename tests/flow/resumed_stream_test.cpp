// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// gloox resumes its stream (XEP-0198): the sessions of before are over, what both servers kept still arrives, and nobody waits for them.

#include "flow/inband_fixture.h"
#include "support/sockets.h"

#include <gloox/connectionlistener.h>

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

template<typename Who>
void loseAndResume( Who& who, int unseen = 0 )
{
  who.client.dropConnection();
  who.settle();
  who.client.clear();
  REQUIRE( who.client.resumeStream( unseen ) );
  who.settle();
}

/// As many stanzas of ours with this text as there are.
std::size_t count( const Solo& who, const std::string& text ) { return who.sent( text ).size(); }

/// romeo, without a stream, says never mind when his connection is resumed, and after @a asked if gloox repeats that.
void expectNeverMind( Sender& romeo, int unseen, const std::string& asked )
{
  loseAndResume( romeo, unseen );
  CHECK( romeo.bot->cause() == "disconnected" );
  CHECK( count( romeo, asked ) == static_cast<std::size_t>( unseen ) );
  REQUIRE( count( romeo, "<close " ) == 1 );
  const auto& said = romeo.client.sent();
  CHECK( ( unseen == 0 || said.find( asked ) < said.find( "<close " ) ) );
}

} // namespace

TEST_CASE( "TC-254, CLS-13: on a resumed stream an offer that nobody had decided on gets its answer", "[resumed]" )
{
  Receiver juliet;
  juliet.client.manageStream();
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  juliet.offered( { S5b, Ibb } );
  loseAndResume( juliet );
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "disconnected" );
  CHECK( gists( juliet.sent( "q7d1f03a9" ), Romeo ) == Gists{ "error q7d1f03a9 cancel item-not-found" } );
  CHECK_FALSE( juliet.bot->profile->accept( juliet.bot->offers.at( 0 ) ) );
  juliet.advance( 1h );
  CHECK( count( juliet, "q7d1f03a9" ) == 1 );
  CHECK( juliet.bot->ends.size() == 1 );
}

TEST_CASE( "TC-254, CLS-13: on a resumed stream a query under way gets its answer, and so do the sender's next steps", "[resumed]" )
{
  const bool asked = GENERATE( true, false );
  CAPTURE( asked );
  SilentPort silent;
  Receiver juliet;
  juliet.client.manageStream();
  juliet.offered( { S5b, Ibb } );
  if( asked )
    juliet.set( "q1", "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + Sid + "' mode='tcp'><streamhost jid='" + Romeo
                        + "' host='127.0.0.1' port='" + std::to_string( silent.port() ) + "'/></query>" );
  loseAndResume( juliet );
  CHECK( juliet.bot->cause() == "disconnected" );
  CHECK( gists( juliet.sent( "'q1'" ), Romeo ) == ( asked ? Gists{ "error q1 cancel item-not-found" } : Gists() ) );

  juliet.client.clear();
  juliet.set( "i1", openElement() );
  juliet.set( "c1", closeElement() );
  CHECK( gists( juliet.sent( "<iq" ), Romeo ) == Gists{ "error i1 cancel not-acceptable", "result c1" } );
  CHECK( juliet.bot->ends.size() == 1 );
}

TEST_CASE( "TC-254, CLS-13: an offer that gloox repeats on the resumed stream is followed by a never mind, and its acceptance by nothing", "[resumed]" )
{
  const int unseen = GENERATE( 0, 1 );
  CAPTURE( unseen );
  Sender romeo;
  romeo.client.manageStream();
  REQUIRE_FALSE( romeo.bot->offer( Juliet ).empty() );
  romeo.settle();
  const auto id = romeo.idOf( "<si " );
  expectNeverMind( romeo, unseen, "<si " );

  romeo.client.clear();
  romeo.feed( listAnswer( id, { S5b, Ibb } ) );
  romeo.advance( 1h );
  CHECK( romeo.sent( "<iq" ).empty() );
  CHECK( romeo.bot->ends.size() == 1 );
}

TEST_CASE( "TC-254, CLS-13: an opening that gloox repeats on the resumed stream is followed by a never mind", "[resumed]" )
{
  const int unseen = GENERATE( 0, 1 );
  CAPTURE( unseen );
  Sender romeo;
  romeo.client.manageStream();
  romeo.accepted();
  REQUIRE( count( romeo, "<open " ) == 1 );
  expectNeverMind( romeo, unseen, "<open " );
  romeo.advance( 1h );
  CHECK( count( romeo, "<open " ) == static_cast<std::size_t>( unseen ) );
  CHECK( romeo.bot->ends.size() == 1 );
}

TEST_CASE( "TC-254, CLS-13: on a resumed stream an in-band stream is closed, and what the server kept for it refused", "[resumed]" )
{
  Receiver juliet;
  juliet.client.manageStream();
  juliet.opened();
  juliet.set( "d1", dataElement( 0, "YWJj" ) );
  CHECK( juliet.bot->received == "abc" );
  loseAndResume( juliet );
  CHECK( juliet.bot->cause() == "disconnected" );
  CHECK( count( juliet, "<close " ) == 1 );

  juliet.client.clear();
  juliet.set( "d2", dataElement( 1, "ZGVm" ) );
  juliet.set( "c1", closeElement() );
  CHECK( gists( juliet.sent( "<iq" ), Romeo ) == Gists{ "error d2 cancel item-not-found", "result c1" } );
  CHECK( juliet.bot->received == "abc" );
  CHECK( juliet.bot->ends.size() == 1 );
}

TEST_CASE( "TC-254, CLS-13: whoever has lost and resumed its stream, both sides of an in-band stream hear one end, and the next one works", "[resumed]" )
{
  const bool sender = GENERATE( true, false );
  CAPTURE( sender );
  Pair pair( []( Options& one, Options& ) { one.methods = { gloox::XMLNS_IBB }; } );
  auto& client = sender ? pair.romeoClient : pair.julietClient;
  const auto& jid = sender ? Romeo : Juliet;
  client.manageStream();
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  REQUIRE( pair.romeo->stream().send( std::string( 100000, 'x' ) ) );

  std::vector<std::string> kept;   // by the server
  pair.hub.setFilter( [&]( std::string& xml )
  {
    const bool away = !client.online() && attribute( xml, "to" ) == jid;
    if( away )
      kept.push_back( xml );
    return !away;
  } );
  client.dropConnection();
  pair.settle();
  REQUIRE( client.resumeStream() );
  for( const auto& xml : kept )
    pair.hub.inject( xml );
  pair.settle();
  for( auto* bot : { pair.romeo.get(), pair.juliet.get() } )
  {
    REQUIRE( bot->ends.size() == 1 );
    CHECK( bot->closes == 1 );
    CHECK( bot->manager.sessions() == 0 );
  }
  CHECK( ( sender ? pair.romeo : pair.juliet )->cause() == "disconnected" );
  CHECK( ( sender ? pair.juliet : pair.romeo )->cause() != "disconnected" );

  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 2 && pair.juliet->opens == 2; } ) );
  const auto before = pair.juliet->received.size();
  REQUIRE( pair.romeo->stream().send( "again" ) );
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == before + 5; } ) );
  pair.advance( 1h );
  CHECK( pair.romeo->ends.size() == 1 );
}

TEST_CASE( "TC-254, CLS-13: what was kept for a stream that is not resumed is never said", "[resumed]" )
{
  Receiver juliet;
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  juliet.offered( { S5b, Ibb } );
  juliet.client.dropConnection();
  juliet.settle();
  REQUIRE( juliet.client.reconnect() );
  juliet.settle();
  juliet.client.dropConnection();
  juliet.settle();
  REQUIRE( juliet.client.reconnect() );
  juliet.advance( 1h );
  CHECK( count( juliet, "q7d1f03a9" ) == 0 );
}

TEST_CASE( "CLS-13: what a bot offers when it hears that its stream is resumed is offered once", "[resumed]" )
{
  // gloox tells its listeners first, and repeats what the server has not seen then: what was sent meanwhile, too.
  struct Eager final : gloox::ConnectionListener
  {
    explicit Eager( Sender& sender ) : romeo( sender ) { romeo.client.client().registerConnectionListener( this ); }
    ~Eager() override { romeo.client.client().removeConnectionListener( this ); }
    void onConnect() override { offered = offered || !romeo.bot->offer( Juliet ).empty(); }
    void onDisconnect( gloox::ConnectionError ) override {}
    bool onTLSConnect( const gloox::CertInfo& ) override { return true; }
    Sender& romeo;
    bool offered = false;
  };
  Sender romeo;
  romeo.client.manageStream();
  Eager eager( romeo );
  romeo.client.dropConnection();
  romeo.settle();
  REQUIRE( romeo.client.resumeStream() );
  REQUIRE( eager.offered );
  romeo.settle();
  CHECK( count( romeo, "<si " ) == 1 );
  CHECK( romeo.bot->manager.sessions() == 1 );
}
