// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SIProfileMultipleFT on the wire: what its calls say, and what it makes of what arrives. Everything here happens inside client.recv().

#include "flow/ft_fixture.h"

#include "airlock/airlock.h"

#include <gloox/disco.h>
#include <gloox/simanager.h>
#include <gloox/socks5bytestreammanager.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const gloox::JID To( Juliet );
const std::string NsFt = "http://jabber.org/protocol/si/profile/file-transfer";

bool holds( const std::string& text, const std::string& part ) { return text.find( part ) != std::string::npos; }

/// W-1 from somebody, with these options in this order.
std::string optionsOf( const std::string& stanza )
{
  std::string order;
  for( std::size_t at = stanza.find( "<value>" ); at != std::string::npos; at = stanza.find( "<value>", at + 1 ) )
    order += stanza.compare( at + 7, Ibb.size() + 1, Ibb + "<" ) == 0 ? 'i' : 's';
  return order;
}

} // namespace

TEST_CASE( "SIM-1, PFT-2: requestFT() offers the file and both methods, with the extension", "[ft]" )
{
  FtSolo romeo( Romeo );
  const auto sid = romeo.bot->profile->requestFT( To, "/home/romeo/letter.txt", 5000000000, "552da749930852c69ae5d2141d3766b1", "Short & sweet",
                                                  "2005-11-29T11:21:00Z", "text/plain" );
  REQUIRE( sid.size() == 34 );
  const auto offers = romeo.sent( "<si " );
  REQUIRE( offers.size() == 1 );
  const auto& offer = offers.front();
  CHECK( holds( offer, "id='" + sid + "'" ) );
  CHECK( holds( offer, "mime-type='text/plain'" ) );
  CHECK( holds( offer, "<file xmlns='" + NsFt + "' name='letter.txt' size='5000000000' hash='552da749930852c69ae5d2141d3766b1' date='2005-11-29T11:21:00Z'>"
                       "<desc>Short &amp; sweet</desc></file>" ) );
  CHECK( optionsOf( offer ) == "si" );
  CHECK( holds( offer, "<si-multiple " ) );
}

TEST_CASE( "PFT-2: requestFT() offers the types that it is told, and none of them is out-of-band", "[ft]" )
{
  FtSolo romeo( Romeo );
  CHECK_FALSE( romeo.bot->profile->requestFT( To, "a", 1, "", "", "", "", FT::FTTypeIBB | FT::FTTypeOOB ).empty() );
  CHECK_FALSE( romeo.bot->profile->requestFT( To, "a", 1, "", "", "", "", FT::FTTypeS5B ).empty() );
  const auto offers = romeo.sent( "<si " );
  REQUIRE( offers.size() == 2 );
  CHECK( optionsOf( offers[0] ) == "i" );
  CHECK( optionsOf( offers[1] ) == "s" );
  CHECK_FALSE( holds( offers[0], "si-multiple" ) );   // SIM-2
}

TEST_CASE( "SI-1, PFT-1: requestFT() sends nothing and returns nothing if the offer could not be made", "[ft]" )
{
  FtSolo romeo( Romeo );
  auto& files = *romeo.bot->profile;
  CHECK( files.requestFT( To, "", 1 ).empty() );
  CHECK( files.requestFT( To, "folder/", 1 ).empty() );
  CHECK( files.requestFT( To, "a\x01", 1 ).empty() );
  CHECK( files.requestFT( To, "a", 0 ).empty() );
  CHECK( files.requestFT( To, "a", -1 ).empty() );
  CHECK( files.requestFT( gloox::JID( "juliet@capulet.example" ), "a", 1 ).empty() );
  CHECK( files.requestFT( To, "a", 1, "", "", "", "", FT::FTTypeOOB ).empty() );
  CHECK( files.requestFT( To, "a", 1, "", "", "", "", 0 ).empty() );
  CHECK( romeo.client.sent().empty() );
  romeo.client.dropConnection();
  CHECK( files.requestFT( To, "a", 1 ).empty() );
  CHECK( romeo.bot->heard.empty() );
}

TEST_CASE( "SI-4, SEC-5: requestFT() takes a sid of the bot's if it is well formed and in use nowhere", "[ft]" )
{
  FtSolo romeo( Romeo );
  const auto request = [&]( const std::string& sid, const std::string& to = Juliet )
  {
    return romeo.bot->profile->requestFT( gloox::JID( to ), "a", 1, "", "", "", "", FT::FTTypeAll, gloox::JID(), sid );
  };
  CHECK( request( "mine" ) == "mine" );
  CHECK( romeo.sent( "id='mine'" ).size() == 1 );
  CHECK( request( "mine" ).empty() );
  CHECK( request( "mine", "mercutio@montague.example/a" ) == "mine" );
  CHECK( request( std::string( 256, 'x' ) ).size() == 256 );
  CHECK( request( std::string( 257, 'x' ) ).empty() );
  CHECK( request( "a\x02" ).empty() );
  CHECK( romeo.sent( "<si " ).size() == 3 );
  // It is still in use while the tombstone stands (CLS-9).
  romeo.feed( fromPeer( Juliet, Romeo, "error", attribute( romeo.sent( "id='mine'" ).front(), "id" ), errorElement( "forbidden" ) ) );
  CHECK( romeo.bot->times( "refused" ) == 1 );
  CHECK( request( "mine" ).empty() );
}

TEST_CASE( "PFT-1: handleFTRequest() is told all of an offer, from inside client.recv()", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->onRequest = []( const auto& ) {};
  juliet.feed( "<iq type='set' id='o1' to='" + Juliet + "' from='" + Romeo + "'><si xmlns='http://jabber.org/protocol/si' id='s1' mime-type='text/plain' profile='"
               + NsFt + "'><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                        "<field var='stream-method' type='list-single'><option><value>jabber:iq:oob</value></option><option><value>"
               + Ibb + "</value></option></field></x></feature><file xmlns='" + NsFt
               + "' name='letter.txt' size='1022' hash='552da749930852c69ae5d2141d3766b1' date='2005-11-29T11:21Z'><desc>words</desc></file></si></iq>" );
  REQUIRE( juliet.bot->requests.size() == 1 );
  const auto& request = juliet.bot->requests.front();
  CHECK( request.from.full() == Romeo );
  CHECK( request.to.full() == Juliet );
  CHECK( request.sid == "s1" );
  CHECK( request.name == "letter.txt" );
  CHECK( request.size == 1022 );
  CHECK( request.hash == "552da749930852c69ae5d2141d3766b1" );
  CHECK( request.date == "2005-11-29T11:21Z" );
  CHECK( request.mimeType == "text/plain" );
  CHECK( request.desc == "words" );
  CHECK( request.types == FT::FTTypeIBB );
}

TEST_CASE( "PFT-1: an offer without a name or a size is refused, and the bot does not hear of it", "[ft]" )
{
  FtSolo juliet( Juliet );
  auto offer = offerOf( { Ibb } );
  offer.replace( offer.find( "size='15'" ), 9, GENERATE( as<std::string>{}, "size='-1'", "" ) );
  juliet.feed( offer );
  CHECK( juliet.said( Romeo ) == Gists{ "error q7d1f03a9 modify bad-request" } );
  CHECK( juliet.bot->heard.empty() );
}

TEST_CASE( "SIM-10, SIM-11: acceptFT() answers a list with the chosen type first, or the one answer of XEP-0095", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->type = GENERATE( FT::FTTypeS5B, FT::FTTypeIBB, FT::FTTypeAll );
  const bool ibb = juliet.bot->type == FT::FTTypeIBB;
  juliet.feed( offerOf( { S5b, Ibb }, "multi", true, "o1" ) );
  juliet.feed( offerOf( { Ibb, S5b }, "plain", false, "o2" ) );
  juliet.feed( offerOf( { Ibb }, "one", true, "o3" ) );
  juliet.feed( offerOf( { S5b }, "other", false, "o4" ) );
  CHECK( optionsOf( juliet.sent( "id='o1'" ).front() ) == ( ibb ? "is" : "si" ) );
  CHECK( holds( juliet.sent( "id='o1'" ).front(), "<si-multiple " ) );
  CHECK( optionsOf( juliet.sent( "id='o2'" ).front() ) == ( ibb ? "i" : "s" ) );
  CHECK_FALSE( holds( juliet.sent( "id='o2'" ).front(), "si-multiple" ) );
  CHECK( optionsOf( juliet.sent( "id='o3'" ).front() ) == "i" );
  CHECK( optionsOf( juliet.sent( "id='o4'" ).front() ) == "s" );
  CHECK( juliet.bot->times( "stream" ) == 4 );
}

TEST_CASE( "GEN-2: acceptFT() means the offer of this peer, whoever else uses its sid", "[ft]" )
{
  const std::string mercutio = "mercutio@montague.example/square";
  FtSolo juliet( Juliet );
  juliet.bot->onRequest = []( const auto& ) {};
  juliet.feed( offerOf( { Ibb }, "same", true, "o1" ) );
  juliet.feed( offerOf( { Ibb }, "same", true, "o2", mercutio ) );
  REQUIRE( juliet.bot->requests.size() == 2 );
  juliet.client.clear();
  juliet.bot->profile->acceptFT( gloox::JID( mercutio ), "same", FT::FTTypeIBB );
  CHECK( juliet.said( mercutio ) == Gists{ "result o2" } );
  CHECK( juliet.bot->stream().initiator().full() == mercutio );
  juliet.bot->profile->acceptFT( gloox::JID( mercutio ), "same" );                  // SI-14
  juliet.bot->profile->acceptFT( gloox::JID( "nurse@capulet.example/a" ), "same" );
  juliet.bot->profile->acceptFT( To, "other" );
  CHECK( juliet.client.sent().empty() );
  juliet.bot->profile->acceptFT( gloox::JID( Romeo ), "same" );
  CHECK( juliet.said( Romeo ) == Gists{ "result o1" } );
  CHECK( juliet.bot->times( "stream" ) == 2 );
}

TEST_CASE( "SI-22, XEP-0095: declineFT() says each of gloox's reasons, and nothing follows", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->onRequest = []( const auto& ) {};
  auto& files = *juliet.bot->profile;
  const gloox::JID peer( Romeo );
  for( const std::string sid : { "1", "2", "3", "4", "5" } )
    juliet.feed( offerOf( { S5b, Ibb }, sid, true, "o" + sid ) );
  juliet.client.clear();
  files.declineFT( peer, "1", gloox::SIManager::RequestRejected, "not today" );
  CHECK( holds( juliet.client.sent(), "not today" ) );
  files.declineFT( peer, "2", gloox::SIManager::RequestRejected );
  files.declineFT( peer, "3", gloox::SIManager::NoValidStreams );
  files.declineFT( peer, "4", gloox::SIManager::BadProfile, "unused" );
  files.acceptFT( peer, "5", FT::FTTypeOOB );
  files.declineFT( peer, "1", gloox::SIManager::BadProfile );   // decided
  CHECK( juliet.said( Romeo ) == Gists{ "error o1 cancel forbidden text", "error o2 cancel forbidden text", "error o3 cancel bad-request no-valid-streams",
                                        "error o4 cancel bad-request bad-profile", "error o5 cancel bad-request no-valid-streams" } );
  juliet.pump();
  CHECK( juliet.bot->heard == Heard( 5, "request" ) );
  CHECK( files.manager().sessions() == 0 );
}

TEST_CASE( "SIM-13: a bot that accepts what cannot be served any more hears of it", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->onRequest = [&]( const auto& )
  {
    juliet.bot->profile->manager().disable();   // declines what is undecided
    juliet.bot->profile->acceptFT( gloox::JID( Romeo ), Sid );
  };
  juliet.feed( offerOf( { Ibb } ) );
  CHECK( juliet.said( Romeo ) == Gists{ "error q7d1f03a9 cancel forbidden text" } );
  CHECK( juliet.bot->heard == Heard{ "request" } );
}

TEST_CASE( "SEC-21: without a handler offers are declined and nobody is called", "[ft]" )
{
  FtSolo juliet( Juliet );
  juliet.bot->profile->removeSIProfileFTHandler();
  juliet.feed( offerOf( { S5b, Ibb }, "1", true, "o1" ) );
  CHECK( juliet.said( Romeo ) == Gists{ "error o1 cancel forbidden text" } );
  CHECK( juliet.bot->heard.empty() );
  juliet.bot->profile->registerSIProfileFTHandler( juliet.bot.get() );
  juliet.feed( offerOf( { S5b, Ibb }, "2", true, "o2" ) );
  CHECK( juliet.said( Romeo ) == Gists{ "result o2" } );
}

TEST_CASE( "CLS-5: without a handler an accepted offer of ours is given up", "[ft]" )
{
  FtSolo romeo( Romeo );
  const auto sid = romeo.bot->profile->requestFT( To, "a", 1 );
  romeo.bot->profile->removeSIProfileFTHandler();
  romeo.feed( listAnswer( romeo.idOf( "<si " ), { Ibb } ) );
  CHECK( romeo.sent( "<open" ).empty() );
  CHECK( romeo.bot->heard.empty() );
  CHECK( romeo.bot->profile->manager().sessions() == 0 );
}

TEST_CASE( "SI-22: handleFTRequestError() is given the peer's own condition before there is a stream", "[ft]" )
{
  FtSolo romeo( Romeo );
  const auto ask = [&] { return romeo.bot->profile->requestFT( To, "a", 1 ); };
  const auto one = ask();
  romeo.feed( fromPeer( Juliet, Romeo, "error", romeo.idOf( "<si " ),
                        "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>go away</text></error>" ) );
  const auto two = ask();
  romeo.feed( fromPeer( Juliet, Romeo, "error", romeo.idOf( "<si " ), errorElement( "not-allowed" ) ) );
  const auto three = ask();
  romeo.feed( listAnswer( romeo.idOf( "<si " ), { "urn:unknown" } ) );
  const auto four = ask();
  romeo.feed( fromPeer( Juliet, Romeo, "result", romeo.idOf( "<si " ),
                        "<si xmlns='http://jabber.org/protocol/si'><file xmlns='" + NsFt + "'><range offset='1'/></file>"
                        "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'><value>" + Ibb + "</value></si-multiple></si>" ) );   // PFT-9
  const auto& refusals = romeo.bot->refusals;
  REQUIRE( refusals.size() == 4 );
  CHECK( romeo.bot->heard == Heard( 4, "refused" ) );
  CHECK( refusals[0].condition == gloox::StanzaErrorForbidden );
  CHECK( refusals[0].text == "go away" );
  CHECK( refusals[0].sid == one );
  CHECK( refusals[0].from.full() == Juliet );
  CHECK( refusals[1].condition == gloox::StanzaErrorNotAllowed );
  CHECK( refusals[1].sid == two );
  CHECK( refusals[2].condition == gloox::StanzaErrorBadRequest );
  CHECK( refusals[2].sid == three );
  CHECK( refusals[3].condition == gloox::StanzaErrorUndefinedCondition );
  CHECK( refusals[3].sid == four );
}

TEST_CASE( "GEN-14, TMO-4: an offer that nobody answers is given up by whoever lets the profile work", "[ft]" )
{
  FtSolo romeo( Romeo );
  const auto sid = romeo.bot->profile->requestFT( To, "a", 1 );
  romeo.clock->advance( 1h );
  romeo.bot->pump();   // a bot without a stream lets nothing work
  CHECK( romeo.bot->heard.empty() );
  CHECK( romeo.bot->profile->recv( 0 ) == gloox::ConnNoError );
  REQUIRE( romeo.bot->heard == Heard{ "refused" } );
  CHECK( romeo.bot->refusals.front().condition == gloox::StanzaErrorRemoteServerTimeout );
  CHECK( romeo.bot->refusals.front().sid == sid );
}

TEST_CASE( "CMP-1, CMP-2: on a component every call speaks for its `from`, and two of its JIDs may have one sid", "[ft]" )
{
  const std::string unit = "u@gateway.example/ft", other = "v@gateway.example/ft";
  ScriptedComponent entity( "gateway.example" );
  auto bot = std::make_unique<FtBot<FT>>( &entity.base(), testOptions( std::make_shared<ManualClock>() ) );
  bot->onRequest = []( const auto& ) {};
  entity.clear();
  CHECK( bot->profile->requestFT( To, "a", 1 ).empty() );   // for whom?
  CHECK_FALSE( bot->profile->requestFT( To, "a", 1, "", "", "", "", FT::FTTypeAll, gloox::JID( unit ) ).empty() );
  REQUIRE( entity.stanzas().size() == 1 );
  CHECK( attribute( entity.stanzas().front(), "from" ) == unit );

  entity.feed( offerOf( { Ibb }, "same", true, "o1", Juliet, unit ) );
  entity.feed( offerOf( { Ibb }, "same", true, "o2", Juliet, other ) );
  REQUIRE( bot->requests.size() == 2 );
  CHECK( bot->requests[1].to.full() == other );
  entity.clear();
  bot->profile->acceptFT( To, "same", FT::FTTypeIBB, gloox::JID( other ) );
  REQUIRE( entity.stanzas().size() == 1 );
  CHECK( attribute( entity.stanzas().front(), "from" ) == other );
  CHECK( attribute( entity.stanzas().front(), "id" ) == "o2" );
  CHECK( bot->stream().target().full() == other );
  entity.clear();
  entity.feed( fromPeer( Juliet, other, "set", "c1", closeElement( "same" ) ) );   // CLS-4: given up
  CHECK( bot->heard == Heard{ "request", "request", "stream", "broken", "close" } );
  bot->profile->acceptFT( To, "same", FT::FTTypeIBB );
  CHECK( bot->times( "stream" ) == 2 );
  CHECK( bot->stream().target().full() == unit );
}

TEST_CASE( "GEN-2, CMP-2: a component that sends to another of its JIDs has two streams of one sid, and each is carried by its own", "[ft]" )
{
  Hub hub( "capulet.example" );
  ScriptedComponent& entity = hub.joinComponent( "gateway.example" );
  FtBot<FT> bot( &entity.base(), testOptions( std::make_shared<ManualClock>() ) );
  bot.type = FT::FTTypeIBB;
  const gloox::JID unit( "u@gateway.example/ft" ), other( "v@gateway.example/ft" );
  REQUIRE_FALSE( bot.profile->requestFT( other, "a", 1, "", "", "", "", FT::FTTypeIBB, unit ).empty() );
  const auto turn = [&]
  {
    (void)hub.run();
    (void)bot.profile->recv( 0 );
    bot.pump();
  };
  REQUIRE( untilDone( turn, [&] { return bot.times( "open" ) == 2; } ) );
  REQUIRE( bot.streams.size() == 2 );
  CHECK( bot.streams[0] != bot.streams[1] );
  CHECK( bot.streams[0]->isOpen() );
  CHECK( bot.streams[1]->isOpen() );
}

TEST_CASE( "INT-7: the bot's own managers are told what gloox would tell them, and are left as they were", "[ft]" )
{
  ScriptedClient client( Juliet );
  const auto count = [&]( const std::string& feature )
  {
    const auto& all = client.client().disco()->features();
    return std::count( all.begin(), all.end(), feature );
  };
  gloox::SIManager si( &client.client() );
  gloox::SOCKS5BytestreamManager s5( &client.client(), nullptr );
  client.clear();
  client.feed( offerOf( { Ibb }, "late", false, "o4" ) );
  const auto before = client.sent();
  {
    FtBot<FT> bot( &client.client(), testOptions( std::make_shared<ManualClock>() ), &si, &s5 );
    CHECK( count( NsFt ) == 1 );
    CHECK( count( "http://jabber.org/protocol/si" ) == 1 );
    CHECK_FALSE( s5.requestSOCKS5Bytestream( To, gloox::SOCKS5BytestreamManager::S5BTCP ) );
    bot.profile->addStreamHost( gloox::JID( "proxy.capulet.example" ), "192.0.2.1", 7777 );
    CHECK( s5.requestSOCKS5Bytestream( To, gloox::SOCKS5BytestreamManager::S5BTCP ) );
    bot.profile->setStreamHosts( gloox::StreamHostList() );
    CHECK_FALSE( s5.requestSOCKS5Bytestream( To, gloox::SOCKS5BytestreamManager::S5BTCP ) );

    client.clear();
    bot.type = FT::FTTypeIBB;
    client.feed( offerOf( { Ibb }, "plain", false, "o1" ) );
    client.feed( offerOf( { Ibb }, "multi", true, "o2" ) );
    CHECK( bot.requests.size() == 2 );
    // What gloox's manager hands over itself is taken, too.
    bot.profile->handleSIRequest( gloox::JID( Romeo ), To, "o3",
                                  gloox::SIManager::SI( parse( offerOf( { Ibb }, "handed", false ) )->findChild( "si" ) ) );
    CHECK( bot.requests.size() == 3 );
    CHECK( gists( client.stanzas(), Romeo ) == Gists{ "result o1", "result o2", "result o3" } );
  }
  CHECK( count( NsFt ) == 0 );
  CHECK( count( "http://jabber.org/protocol/si" ) == 1 );
  client.clear();
  client.feed( offerOf( { Ibb }, "late", false, "o4" ) );
  CHECK( client.sent() == before );
}

TEST_CASE( "SEC-12, INT-7: an offer that gloox's manager hands over may be too large as well", "[ft]" )
{
  ScriptedClient client( Juliet );
  gloox::SIManager si( &client.client() );
  FtBot<FT> bot( &client.client(), testOptions( std::make_shared<ManualClock>() ), &si );
  std::string noise;
  for( std::size_t i = 0; i < airlock::Airlock::MaxNodes; ++i )
    noise += "<a/>";
  auto offer = offerOf( { Ibb }, "handed", false );
  offer.replace( offer.find( "size='15'/>" ), 11, "size='15'>" + noise + "</file>" );
  client.clear();
  bot.profile->handleSIRequest( gloox::JID( Romeo ), To, "o1", gloox::SIManager::SI( parse( offer )->findChild( "si" ) ) );
  CHECK( bot.requests.empty() );
  CHECK( gists( client.stanzas(), Romeo ) == Gists{ "error o1 modify bad-request" } );
}

TEST_CASE( "GEN-1, INT-7: an offer that gloox's manager hands over is answered on a later stream, too", "[ft]" )
{
  ScriptedClient client( Juliet );
  gloox::SIManager si( &client.client() );
  FtBot<FT> bot( &client.client(), testOptions( std::make_shared<ManualClock>() ), &si );
  client.dropConnection();
  REQUIRE( client.reconnect() );
  client.clear();
  bot.type = FT::FTTypeIBB;
  bot.profile->handleSIRequest( gloox::JID( Romeo ), To, "o1", gloox::SIManager::SI( parse( offerOf( { Ibb }, "handed", false ) )->findChild( "si" ) ) );
  CHECK( bot.requests.size() == 1 );
  CHECK( gists( client.stanzas(), Romeo ) == Gists{ "result o1" } );
}

TEST_CASE( "PCU-1: two of them on one manager do not disturb each other", "[ft]" )
{
  ScriptedClient client( Juliet );
  SIMultipleManager manager( client.client(), testOptions( std::make_shared<ManualClock>() ) );
  REQUIRE( manager.enable() );
  struct Nobody final : gloox::SIProfileFTHandler
  {
    void handleFTRequest( const gloox::JID&, const gloox::JID&, const std::string&, const std::string&, long, const std::string&, const std::string&,
                          const std::string&, const std::string&, int ) override
    {
      ++requests;
    }
    void handleFTRequestError( const gloox::IQ&, const std::string& ) override {}
    void handleFTBytestream( gloox::Bytestream* ) override {}
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }
    int requests = 0;
  } nobody, second;
  FT first( manager, &nobody );
  {
    FT late( manager, &second );
    CHECK( first.valid() );
    CHECK_FALSE( late.valid() );
    CHECK( &late.manager() == &manager );
    CHECK( late.requestFT( To, "a", 1 ).empty() );
    late.addStreamHost( gloox::JID( "proxy.capulet.example" ), "192.0.2.1", 7777 );
  }
  client.feed( offerOf( { Ibb } ) );
  CHECK( nobody.requests == 0 );   // this bot pumps its manager itself
  manager.process();
  CHECK( nobody.requests == 1 );
  CHECK( second.requests == 0 );
}
