// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whole transfers of the stock kind between an unmodified bot that has the plugin on its client and one that has never heard of it: in-band through a
// hub, SOCKS5 over real loopback sockets and gloox's own server.

#include "flow/beside_fixture.h"

#include "support/catch2.h"
#include "support/files.h"
#include "support/hub.h"

#include <algorithm>
#include <chrono>

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::beside;

namespace
{

const std::string Mercutio = "mercutio@verona.example/street";

struct World
{
  World() : romeoClient( hub.join( Romeo ) ), julietClient( hub.join( Juliet ) ), mercutioClient( hub.join( Mercutio ) ), juliet( julietClient ) {}

  /** Of romeo's client, and mercutio's to talk to it. */
  void makePlugin( const std::string& profile )
  {
    plugin = std::make_unique<Bot>( romeoClient.client(), testOptions( clock ), besideStock(), profile );
    friendly = std::make_unique<Bot>( mercutioClient.client(), testOptions( clock ), ProfileOptions(), profile );
    REQUIRE( friendly->manager.enable() );
  }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return runUntil( { plugin.get(), friendly.get() },
                     [this]
                     {
                       if( romeo )
                         romeo->pump();
                       juliet.pump();
                       return hub.run() > 0;
                     },
                     done );
  }
  /** Both ways, by both methods. */
  void transferAll()
  {
    for( const int method : { gloox::SIProfileFT::FTTypeIBB, gloox::SIProfileFT::FTTypeS5B } )
      for( const bool outgoing : { true, false } )
      {
        CAPTURE( method, outgoing );
        auto& from = outgoing ? *romeo : juliet;
        auto& to = outgoing ? juliet : *romeo;
        const auto sid = "file" + std::to_string( ++files );
        const auto bytes = pattern( 50'000 );
        hub.clearLog();
        from.offer( outgoing ? Juliet : Romeo, sid, bytes, method );
        const auto closed = [&sid]( const StockBot& bot ) { return std::count( bot.events.begin(), bot.events.end(), "close " + sid ) == 1; };
        REQUIRE( until( [&] { return closed( from ) && closed( to ); } ) );
        CHECK( ( to.received[sid] == bytes ) );
        // It took the way it should.
        CHECK( hub.logged( "<streamhost-used " ).size() == ( method == gloox::SIProfileFT::FTTypeS5B ? 1 : 0 ) );
        CHECK( hub.logged( "<data " ).empty() == ( method == gloox::SIProfileFT::FTTypeS5B ) );
      }
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedClient& romeoClient;
  ScriptedClient& julietClient;
  ScriptedClient& mercutioClient;
  StockBot juliet;
  std::unique_ptr<StockBot> romeo{};
  std::unique_ptr<Bot> plugin{};
  std::unique_ptr<Bot> friendly{};
  int files = 0;
};

} // namespace

TEST_CASE( "INT-7: stock transfers, both ways and by both methods, work before, beside and after the plugin and its own streams", "[beside]" )
{
  const bool stockFirst = GENERATE( true, false );
  const auto profile = GENERATE( as<std::string>(), Profile, OtherProfile );
  const auto method = GENERATE( as<std::string>(), gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );   // of the plugin's own stream
  CAPTURE( stockFirst, profile, method );
  World world;
  const auto makeStock = [&] { world.romeo = std::make_unique<StockBot>( world.romeoClient ); };
  if( stockFirst )
  {
    makeStock();
    world.transferAll();
  }
  world.makePlugin( profile );
  REQUIRE( world.plugin->manager.enable() );
  if( !stockFirst )
    makeStock();
  world.transferAll();

  auto& plugin = *world.plugin;
  plugin.acceptOptions.methods = world.friendly->acceptOptions.methods = { method };   // offered are both: a plain offer would be the stock bot's
  const auto child = [&]
  {
    auto tag = fileChild();
    if( profile != Profile )
    {
      tag = std::make_unique<gloox::Tag>( "what" );
      tag->setXmlns( profile );
    }
    return tag;
  };
  REQUIRE( plugin.profile->offer( gloox::JID( Mercutio ), child() ) );
  REQUIRE( world.friendly->profile->offer( gloox::JID( Romeo ), child() ) );
  REQUIRE( world.until( [&] { return plugin.opens == 2 && world.friendly->opens == 2; } ) );
  CHECK( plugin.stream().method() == method );
  world.transferAll();

  plugin.manager.disable();
  world.transferAll();   // its streams are still there
  for( const auto& stream : plugin.streams )
    REQUIRE( stream->send( "from romeo " ) );
  for( const auto& stream : world.friendly->streams )
    REQUIRE( stream->send( "from mercutio " ) );
  REQUIRE( world.until( [&] { return plugin.received.size() == 28 && world.friendly->received.size() == 22; } ) );
  CHECK( plugin.received == "from mercutio from mercutio " );
  for( const auto& stream : plugin.streams )
    stream->close();
  REQUIRE( world.until( [&] { return plugin.ends.size() == 2 && world.friendly->ends.size() == 2; } ) );
  for( const auto& end : plugin.ends )
    CHECK( end.cause == Cause::ClosedLocal );

  REQUIRE( world.until( [&] { return plugin.manager.nextDeadline() != std::chrono::milliseconds( 0 ); } ) );
  world.transferAll();
  REQUIRE( plugin.manager.enable() );
  world.transferAll();
  world.plugin.reset();
  world.transferAll();
}
