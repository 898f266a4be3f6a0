// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bot's own gloox objects come and go while the plugin is there, and the plugin comes and goes while they are: what either leaves behind.

#include "flow/beside_fixture.h"

#include "support/catch2.h"
#include "support/stanza.h"

#include <gloox/disco.h>
#include <gloox/stanzaextension.h>

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::beside;
using Words = std::vector<std::string>;

namespace
{

constexpr int ExtensionType = 5555;

struct Client
{
  Client() : options( testOptions( std::make_shared<ManualClock>() ) ) { options.extensionType = ExtensionType; }

  void settle() { test::settle( { plugin.get() }, {} ); }
  void makePlugin( const std::string& profile = Profile ) { plugin = std::make_unique<Bot>( entity.client(), options, besideStock(), profile ); }
  [[nodiscard]] std::ptrdiff_t listed( const std::string& feature )
  {
    const auto& all = entity.client().disco()->features();
    return std::count( all.begin(), all.end(), feature );
  }

  Options options;
  ScriptedClient entity{ Juliet };
  std::unique_ptr<Bot> plugin{};
};

std::string hashIn( const std::string& presence )
{
  const auto tag = parse( presence );
  const auto* caps = tag ? tag->findChild( "c" ) : nullptr;
  REQUIRE( caps );
  return caps->findAttribute( "ver" );
}

/// A type of the bot's own that looks at stream initiation, and its handler.
struct Curious final : gloox::IqHandler
{
  struct Extension final : gloox::StanzaExtension
  {
    explicit Extension( int type, bool valid = false ) : StanzaExtension( type ) { m_valid = valid; }
    const std::string& filterString() const override
    {
      static const std::string filter = "/iq/si";
      return filter;
    }
    gloox::StanzaExtension* newInstance( const gloox::Tag* ) const override { return new Extension( extensionType(), true ); }   // gloox owns it
    gloox::Tag* tag() const override { return nullptr; }
    gloox::StanzaExtension* clone() const override { return new Extension( extensionType(), m_valid ); }   // the caller owns it
  };

  Curious( gloox::ClientBase& client_, int type_ ) : client( client_ ), type( type_ )
  {
    client.registerStanzaExtension( new Extension( type ) );   // gloox owns it
    client.registerIqHandler( this, type );
  }
  ~Curious() override { client.removeIqHandler( this, type ); }
  bool handleIq( const gloox::IQ& ) override
  {
    ++seen;
    return false;
  }
  void handleIqID( const gloox::IQ&, int ) override {}

  gloox::ClientBase& client;
  int type;
  int seen = 0;
};

} // namespace

TEST_CASE( "ADV-7: a feature that both have is listed once, stays as long as one of them is there, and goes with the last", "[beside]" )
{
  Client c;
  c.makePlugin();
  REQUIRE( c.plugin->manager.enable() );
  c.settle();
  CHECK( c.listed( gloox::XMLNS_SI ) == 1 );
  c.entity.clear();
  auto stock = std::make_unique<StockBot>( c.entity );
  const bool turnBetween = GENERATE( true, false );
  CAPTURE( turnBetween );
  if( turnBetween )
    c.settle();
  CHECK( c.listed( gloox::XMLNS_SI ) == ( turnBetween ? 1 : 2 ) );
  CHECK( c.entity.sent().empty() );   // nothing has changed for the contacts

  SECTION( "the plugin goes first" )
  {
    const bool destroyed = GENERATE( true, false );
    if( destroyed )
      c.plugin.reset();
    else
      c.plugin->manager.disable();
    CHECK( c.listed( gloox::XMLNS_SI ) == 1 );
    CHECK( c.listed( Profile ) == 1 );
    CHECK( c.listed( gloox::XMLNS_IBB ) == 0 );
    stock.reset();
    CHECK( c.listed( gloox::XMLNS_SI ) == 0 );
  }
  SECTION( "the bot's objects go first" )
  {
    stock.reset();
    c.settle();
    CHECK( c.listed( gloox::XMLNS_SI ) == 1 );
    CHECK( c.listed( Profile ) == 1 );
    CHECK( c.entity.sent().empty() );
    c.plugin->manager.disable();
    CHECK( c.listed( gloox::XMLNS_SI ) == 0 );
    CHECK( c.listed( Profile ) == 0 );
  }
}

TEST_CASE( "ADV-7: a feature of ours that the bot takes along comes back, whatever else the bot lists instead", "[beside]" )
{
  Client c;
  auto& disco = *c.entity.client().disco();
  disco.addFeature( "urn:example:one" );
  c.makePlugin();
  REQUIRE( c.plugin->manager.enable() );
  disco.addFeature( "urn:example:last" );
  c.settle();
  disco.removeFeature( gloox::XMLNS_IBB );
  SECTION( "nothing" ) {}
  SECTION( "another one" ) { disco.addFeature( "urn:example:two" ); }
  SECTION( "another one, before its last, which is the same as before" )
  {
    disco.removeFeature( "urn:example:last" );
    disco.addFeature( "urn:example:two" );
    disco.addFeature( "urn:example:last" );
  }
  for( int turn = 0; turn < 100; ++turn )
    c.plugin->manager.process();
  CHECK( c.listed( gloox::XMLNS_IBB ) == 1 );
}

TEST_CASE( "GEN-8, INT-7: an offer of a profile that the plugin does not know is the bot's, whenever it began to do stream initiation", "[beside]" )
{
  Client alone;
  const StockBot lonely( alone.entity );
  const auto offer = offerOf( Romeo, "s1", "", "o1", true, "urn:unknown" );
  alone.entity.feed( offer );
  REQUIRE( alone.entity.stanzas().size() == 1 );

  Client c;
  std::unique_ptr<StockBot> stock;
  const bool stockFirst = GENERATE( true, false );
  if( stockFirst )
    stock = std::make_unique<StockBot>( c.entity );
  c.makePlugin();
  REQUIRE( c.plugin->manager.enable() );
  if( !stockFirst )
    stock = std::make_unique<StockBot>( c.entity );
  c.settle();
  c.entity.clear();
  c.entity.feed( offer );
  c.settle();
  CHECK( c.entity.stanzas() == alone.entity.stanzas() );
}

TEST_CASE( "TC-020, W-6: where nobody else does stream initiation the plugin says what is wrong with such an offer", "[beside]" )
{
  Client c;
  c.makePlugin();
  REQUIRE( c.plugin->manager.enable() );
  c.settle();
  c.entity.clear();
  c.entity.feed( offerOf( Romeo, "s1", "", "o1", true, "urn:unknown" ) );
  c.settle();
  CHECK( c.entity.sent().find( "<bad-profile" ) != std::string::npos );
}

TEST_CASE( "ADV-6, ADV-7: after disable() the bot's client bears no trace of the plugin, and contacts know", "[beside]" )
{
  Client c;
  const StockBot stock( c.entity );
  const auto features = c.entity.client().disco()->features();
  c.entity.client().setPresence( gloox::Presence::Available, 0 );
  const auto presence = c.entity.sent();
  c.makePlugin( GENERATE( as<std::string>(), Profile, OtherProfile ) );
  for( int round = 0; round < 2; ++round )
  {
    REQUIRE( c.plugin->manager.enable() );
    c.settle();
    CHECK( c.entity.client().disco()->features() != features );
    c.entity.clear();
    c.plugin->manager.disable();
    CHECK( c.entity.client().disco()->features() == features );
    CHECK( c.entity.sent() == presence );   // sent again, with the hash that it had
    CHECK( hashIn( c.entity.sent() ) == hashIn( presence ) );
    c.settle();
  }
  CHECK_FALSE( c.entity.client().removeStanzaExtension( ExtensionType ) );
  // Whoever takes the number now gets its stanzas, and no handler of ours is called with them.
  const Curious curious( c.entity.client(), ExtensionType );
  c.entity.feed( offerOf( Romeo, "s1", "", "o1", true, "urn:unknown" ) );
  CHECK( curious.seen == 1 );
  c.entity.feed( offerOf( Romeo, "s2", "ibb", "o2", true ) );
  CHECK( stock.events.size() == 2 );   // offer, stream
}

TEST_CASE( "A type of the bot's own that looks at the stock types' stanzas comes before them once the plugin was there", "[beside]" )
{
  // The one thing that stays (GLOOX-NOTES A6): gloox only appends, and enable() puts ours before the stock types by appending those again.
  Client c;
  StockBot stock( c.entity );
  const Curious curious( c.entity.client(), gloox::ExtUser + 77 );
  c.makePlugin();
  int expected = 0;
  for( const bool been : { false, true } )
  {
    if( been )
    {
      REQUIRE( c.plugin->manager.enable() );
      c.settle();
      c.plugin->manager.disable();
      c.settle();
    }
    c.entity.feed( offerOf( Romeo, "s" + std::to_string( been ), "x", "o" ) );
    expected += been ? 1 : 0;
    CHECK( curious.seen == expected );   // without the plugin the stock manager had taken it already
  }
  CHECK( stock.events.size() == 2 );     // it gets the offers as ever
}
