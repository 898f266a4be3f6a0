// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Coming and going at run time: features, presence, routing, the bot's own stock managers, bounded tables.

#include "flow/inband_fixture.h"
#include "session/plugin.h"

#include <gloox/base64.h>
#include <gloox/messagehandler.h>
#include <gloox/sha.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>

#include <algorithm>
#include <functional>
#include <set>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const std::string NsSi = "http://jabber.org/protocol/si";
const std::string NsSim = "http://telepathy.freedesktop.org/xmpp/si-multiple";
const std::string DiscoInfo = "<query xmlns='http://jabber.org/protocol/disco#info'/>";

std::string discoOf( ScriptedClient& client )
{
  client.clear();
  client.feed( fromPeer( Romeo, Juliet, "get", "disco1", DiscoInfo ) );
  return client.sent();
}

std::set<std::string> featuresIn( const std::string& disco )
{
  std::set<std::string> features;
  const auto tag = parse( disco );
  REQUIRE( tag );
  for( const auto* feature : tag->findChild( "query" )->findChildren( "feature" ) )
    features.insert( feature->findAttribute( "var" ) );
  return features;
}

/// XEP-0115: the hash over what disco says.
std::string hashOf( const std::string& disco )
{
  const auto tag = parse( disco );
  REQUIRE( tag );
  const auto* query = tag->findChild( "query" );
  std::set<std::string> identities;
  for( const auto* id : query->findChildren( "identity" ) )
    identities.insert( id->findAttribute( "category" ) + "/" + id->findAttribute( "type" ) + "//" + id->findAttribute( "name" ) );
  std::string text;
  for( const auto& identity : identities )
    text += identity + "<";
  for( const auto& feature : featuresIn( disco ) )
    text += feature + "<";
  gloox::SHA sha;
  sha.feed( text );
  return gloox::Base64::encode64( sha.binary() );
}

std::string hashIn( const std::vector<std::string>& presences )
{
  REQUIRE_FALSE( presences.empty() );
  const auto tag = parse( presences.back() );
  REQUIRE( tag );
  REQUIRE( tag->hasChild( "c" ) );
  return tag->findChild( "c" )->findAttribute( "ver" );
}

/// What strangers and friends may send about streams, and what is said to it.
std::string behaviour( ScriptedClient& client )
{
  client.clear();
  int n = 0;
  for( const auto& payload : { DiscoInfo, openElement( "4096", "nobody" ), dataElement( 0, "SGk=", "nobody" ), closeElement( "nobody" ),
                               std::string( "<query xmlns='http://jabber.org/protocol/bytestreams' sid='nobody'/>" ),
                               std::string( "<si xmlns='http://jabber.org/protocol/si' id='x' profile='urn:unknown'/>" ),
                               std::string( "<ping xmlns='urn:xmpp:ping'/>" ) } )
    for( const char* type : { "set", "get", "result", "error" } )
      client.feed( fromPeer( Romeo, Juliet, type, "b" + std::to_string( ++n ), payload ) );
  client.feed( offerOf( { S5b, Ibb }, "never", true, "b-w1" ) );
  client.feed( offerOf( { S5b, Ibb }, "never", false, "b-plain" ) );
  return client.sent();
}

/// A bot that is not enabled yet.
struct Dormant
{
  explicit Dormant( const Options& options = testOptions( std::make_shared<ManualClock>() ) ) : bot( std::make_unique<Bot>( client.client(), options ) ) { client.clear(); }
  void settle() { test::settle( { bot.get() }, {} ); }
  ScriptedClient client{ Juliet };
  std::unique_ptr<Bot> bot;
};

} // namespace

TEST_CASE( "TC-173, TC-227, ADV-1, ADV-6, ADV-7: with ibb-only, disco and caps show all but S5B, and are as before after the plugin", "[runtime]" )
{
  ScriptedClient client( Juliet );
  const auto before = featuresIn( discoOf( client ) );
  for( const auto& feature : { NsSi, Profile, Ibb, NsSim } )
    REQUIRE( before.count( feature ) == 0 );

  auto options = testOptions( std::make_shared<ManualClock>() );
  options.privacy = GENERATE( Privacy::IbbOnly, Privacy::Any );
  const bool s5b = options.privacy == Privacy::Any;
  auto bot = std::make_unique<Bot>( client.client(), options );
  CHECK( featuresIn( discoOf( client ) ) == before );   // dormant
  client.clear();
  REQUIRE( bot->manager.enable() );
  auto presences = client.stanzas();
  presences.erase( std::remove_if( presences.begin(), presences.end(), []( const auto& xml ) { return xml.find( "<presence" ) != 0; } ), presences.end() );
  const auto hash = hashIn( presences );
  const auto disco = discoOf( client );
  const auto now = featuresIn( disco );
  for( const auto& feature : { NsSi, Profile, Ibb, NsSim } )
    CHECK( now.count( feature ) == 1 );
  CHECK( now.count( S5b ) == ( s5b ? 1 : 0 ) );
  CHECK( disco.find( "#udp" ) == std::string::npos );
  CHECK( hash == hashOf( disco ) );

  bot.reset();
  const auto after = discoOf( client );
  CHECK( featuresIn( after ) == before );
}

TEST_CASE( "ADV-6: enable() and disable() while connected re-send presence with the right hash", "[runtime]" )
{
  Dormant juliet;
  for( int round = 0; round < 3; ++round )
  {
    juliet.client.clear();
    const bool on = round % 2 == 0;
    if( on )
      REQUIRE( juliet.bot->manager.enable() );
    else
      juliet.bot->manager.disable();
    juliet.settle();
    CHECK( juliet.bot->manager.enabled() == on );
    const auto sent = juliet.client.stanzas();
    REQUIRE( sent.size() == 1 );
    CHECK( sent[0].find( "<presence" ) == 0 );
    const auto disco = discoOf( juliet.client );
    CHECK( hashIn( sent ) == hashOf( disco ) );
    CHECK( featuresIn( disco ).count( NsSim ) == ( on ? 1 : 0 ) );
    juliet.client.clear();
    if( on )
      CHECK( juliet.bot->manager.enable() );   // again: nothing to say
    else
      juliet.bot->manager.disable();
    CHECK( juliet.client.sent().empty() );
  }
}

TEST_CASE( "GEN-8: before enable() and after disable() every answer is the bare client's, byte for byte", "[runtime]" )
{
  ScriptedClient bare( Juliet );
  const auto expected = behaviour( bare );
  REQUIRE( expected.size() > 1000 );
  Dormant juliet;
  CHECK( behaviour( juliet.client ) == expected );
  for( int round = 0; round < 2; ++round )
  {
    REQUIRE( juliet.bot->manager.enable() );
    juliet.settle();
    juliet.client.clear();
    juliet.client.feed( offerOf( { Ibb }, "sid" + std::to_string( round ), true, "o1" ) );
    juliet.settle();
    CHECK( gists( juliet.client.stanzas(), Romeo ) == Gists{ "result o1" } );
    juliet.client.feed( fromPeer( Romeo, Juliet, "set", "c1", closeElement( "sid" + std::to_string( round ) ) ) );
    juliet.settle();
    CHECK( juliet.bot->manager.sessions() == 0 );
    juliet.bot->manager.disable();
    juliet.settle();
    CHECK( behaviour( juliet.client ) == expected );
  }
  CHECK( juliet.bot->offers.size() == 2 );
  CHECK( juliet.bot->ends.size() == 2 );
}

TEST_CASE( "disable() declines what is undecided, lets running streams finish, and takes no new ones", "[runtime]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  juliet.feed( offerOf( { Ibb }, "undecided", true, "o2" ) );
  CHECK( juliet.said().empty() );
  juliet.bot->manager.disable();
  juliet.settle();
  CHECK( gists( juliet.sent( "<iq" ), Romeo ) == Gists{ "error o2 cancel forbidden text" } );
  CHECK( juliet.bot->cause() == "declined" );
  CHECK_FALSE( juliet.bot->profile->accept( juliet.bot->offers.back() ) );
  CHECK( juliet.bot->offer( Romeo ).empty() );
  juliet.client.clear();

  juliet.set( "d0", dataElement( 0, "SGVsbG8=" ) );
  CHECK( juliet.bot->received == "Hello" );
  CHECK( juliet.said() == Gists{ "result d0" } );
  juliet.feed( offerOf( { Ibb }, "late", true, "o3" ) );
  CHECK( juliet.bot->offers.size() == 2 );
  juliet.client.clear();
  juliet.set( "c1", closeElement() );
  CHECK( juliet.said() == Gists{ "result c1" } );
  CHECK( juliet.bot->ends.size() == 2 );
  CHECK( juliet.bot->cause() == "closed-remote" );
  CHECK( juliet.bot->manager.sessions() == 0 );
}

TEST_CASE( "CLS-10: a bot may call disable() and a stream's recv() inside its own handler of gloox, and the last session may end there", "[runtime]" )
{
  struct Chat final : gloox::MessageHandler
  {
    void handleMessage( const gloox::Message&, gloox::MessageSession* ) override { said(); }
    std::function<void()> said{};
  } chat;
  Receiver juliet;
  juliet.opened();
  auto& manager = juliet.bot->manager;
  juliet.client.client().registerMessageHandler( &chat );
  chat.said = [&]
  {
    manager.disable();
    (void)juliet.bot->stream().recv( 0 );
  };
  juliet.client.feed( fromPeer( Romeo, Juliet, "set", "c1", closeElement() ) );
  juliet.client.feed( "<message type='chat' from='" + Romeo + "' to='" + Juliet + "'><body>enough</body></message>" );
  CHECK( juliet.bot->cause() == "closed-remote" );
  CHECK( manager.sessions() == 0 );
  CHECK( manager.priv().runtime );   // GLOOX-NOTES 7g: the gate is not to be taken away below gloox's dispatcher
  manager.process();
  CHECK_FALSE( manager.priv().runtime );
  juliet.client.client().removeMessageHandler( &chat );
}

TEST_CASE( "TC-172, INT-7: the bot's stock file transfer and ours run at once on one client without cross-talk", "[runtime]" )
{
  struct Stock final : gloox::SIProfileFTHandler, gloox::BytestreamDataHandler
  {
    explicit Stock( gloox::Client& client ) : profile( &client, this ) {}
    ~Stock() override
    {
      if( stream )
        profile.dispose( stream );
    }
    void handleFTRequest( const gloox::JID& from, const gloox::JID&, const std::string& sid, const std::string&, long, const std::string&, const std::string&,
                          const std::string&, const std::string&, int ) override
    {
      offers.push_back( sid );
      profile.acceptFT( from, sid, gloox::SIProfileFT::FTTypeIBB );
    }
    void handleFTRequestError( const gloox::IQ&, const std::string& ) override {}
    void handleFTBytestream( gloox::Bytestream* made ) override
    {
      stream = made;
      stream->registerBytestreamDataHandler( this );
    }
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }
    void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override { received += data; }
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}
    std::vector<std::string> offers{};
    std::string received{};
    gloox::Bytestream* stream = nullptr;
    gloox::SIProfileFT profile;
  };

  const bool stockFirst = GENERATE( true, false );
  CAPTURE( stockFirst );
  ScriptedClient client( Juliet );
  std::unique_ptr<Stock> stock;
  if( stockFirst )
    stock = std::make_unique<Stock>( client.client() );
  ProfileOptions profileOptions;
  profileOptions.takePlainOffers = false;
  Bot bot( client.client(), testOptions( std::make_shared<ManualClock>() ), profileOptions );
  REQUIRE( bot.manager.enable() );
  if( !stockFirst )
    stock = std::make_unique<Stock>( client.client() );
  test::settle( { &bot }, {} );
  client.clear();
  const auto feed = [&]( const std::string& xml )
  {
    client.feed( xml );
    test::settle( { &bot }, {} );
  };
  feed( offerOf( { S5b, Ibb }, "stock", false, "o1" ) );
  feed( offerOf( { Ibb }, "ours", true, "o2" ) );
  feed( fromPeer( Romeo, Juliet, "set", "i1", openElement( "4096", "stock" ) ) );
  feed( fromPeer( Romeo, Juliet, "set", "i2", openElement( "4096", "ours" ) ) );
  feed( fromPeer( Romeo, Juliet, "set", "d1", dataElement( 0, "c3RvY2s=", "stock" ) ) );
  feed( fromPeer( Romeo, Juliet, "set", "d2", dataElement( 0, "b3Vycw==", "ours" ) ) );
  CHECK( stock->offers == std::vector<std::string>{ "stock" } );
  CHECK( bot.offers.size() == 1 );
  CHECK( stock->received == "stock" );
  CHECK( bot.received == "ours" );
  feed( fromPeer( Romeo, Juliet, "set", "c1", closeElement( "stock" ) ) );
  feed( fromPeer( Romeo, Juliet, "set", "c2", closeElement( "ours" ) ) );
  CHECK( bot.ends.size() == 1 );

  std::map<std::string, int> answers;   // by id: one each
  for( const auto& stanza : client.stanzas() )
    ++answers[attribute( stanza, "id" )];
  CHECK( answers == std::map<std::string, int>{ { "o1", 1 }, { "o2", 1 }, { "i1", 1 }, { "i2", 1 }, { "d1", 1 }, { "d2", 1 }, { "c1", 1 }, { "c2", 1 } } );
}

TEST_CASE( "TC-186, SEC-13, SEC-14: thousands of offers leave bounded tables and a service that works", "[runtime]" )
{
  Solo juliet( Juliet, []( Options& options )
  {
    options.limits.sessions = 20;
    options.limits.sessionsPerPeer = 20;
    options.limits.tombstones = 50;
  } );
  const auto feed = [&]( const std::string& xml )
  {
    juliet.client.feed( xml );
    while( juliet.bot->manager.nextDeadline() == 0ms )
      juliet.bot->manager.process();
  };
  std::size_t accepted = 0;
  for( int i = 0; i < 3000; ++i )
  {
    feed( offerOf( { Ibb }, "sid" + std::to_string( i ), true, "o" + std::to_string( i ) ) );
    const auto said = gists( juliet.sent( "<iq" ), Romeo );
    REQUIRE( said.size() == 1 );
    const bool yes = said[0] == "result o" + std::to_string( i );
    accepted += yes ? 1 : 0;
    if( !yes )
      REQUIRE( said[0] == "error o" + std::to_string( i ) + " wait resource-constraint" );
    juliet.client.clear();
    REQUIRE( juliet.bot->manager.sessions() <= 20 );
    if( i % 100 == 99 )
    {
      juliet.clock->advance( 150s );   // T-R-NEXT: nobody opened them
      feed( "" );
      juliet.bot->manager.process();
      REQUIRE( juliet.bot->manager.sessions() == 0 );
    }
  }
  CHECK( accepted == 600 );
  CHECK( juliet.bot->ends.size() == 600 );
  CHECK_FALSE( juliet.bot->limits.empty() );

  // The newest tombstones answer, the oldest are forgotten: a bare client's answer.
  feed( fromPeer( Romeo, Juliet, "set", "new", closeElement( "sid2900" ) ) );
  feed( fromPeer( Romeo, Juliet, "set", "old", closeElement( "sid0" ) ) );
  const auto said = gists( juliet.sent( "<iq" ), Romeo, "" );
  REQUIRE( said.size() == 2 );
  CHECK( said[0] == "result new" );
  CHECK( said[1].compare( 0, 10, "error old " ) == 0 );

  feed( offerOf( { Ibb }, "sid-last", true, "last" ) );
  feed( fromPeer( Romeo, Juliet, "set", "open", openElement( "4096", "sid-last" ) ) );
  feed( fromPeer( Romeo, Juliet, "set", "data", dataElement( 0, "SGVsbG8=", "sid-last" ) ) );
  CHECK( juliet.bot->received == "Hello" );
}

TEST_CASE( "TC-230, TMO-2: enable() refuses timeouts that do not fit each other, unless told to take them", "[runtime]" )
{
  auto options = testOptions( std::make_shared<ManualClock>() );
  SECTION( "T-R-S5B too long for T-S-S5B" )
  {
    options.timeouts.set( Timer::RS5B, 60s );
    options.timeouts.set( Timer::SS5B, 60s );
  }
  SECTION( "T-R-NEXT too short" ) { options.timeouts.set( Timer::RNext, 30s ); }
  {
    Dormant juliet( options );
    CHECK_FALSE( juliet.bot->manager.enable() );
    CHECK_FALSE( juliet.bot->manager.enabled() );
    CHECK_FALSE( juliet.bot->manager.problem().empty() );
    CHECK( juliet.bot->offer( Romeo ).empty() );
    CHECK( juliet.client.sent().empty() );
  }
  options.uncheckedTimeouts = true;
  Dormant juliet( options );
  CHECK( juliet.bot->manager.enable() );
}
