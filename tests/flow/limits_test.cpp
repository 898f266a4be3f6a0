// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SEC-9, SEC-13, SEC-14: the limits as they are by default, hit from outside.

#include "flow/receiver_fixture.h"
#include "flow/sender_fixture.h"
#include "support/hub.h"

#include <gloox/gloox.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// Juliet on a client or a component, and offers from anybody. Each is accepted, unless the bot waits.
struct Crowd
{
  explicit Crowd( bool component = false, const std::function<void( Options& )>& tune = {} ) : to( component ? "juliet@svc.example/ft" : Juliet )
  {
    auto options = testOptions( clock );
    if( tune )
      tune( options );
    entity = component ? static_cast<ScriptedEntity*>( &hub.joinComponent( "svc.example" ) ) : &hub.join( Juliet );
    bot = std::make_unique<Bot>( entity->base(), options );
    bot->manager.enable();
    settle();
    entity->clear();
  }

  void settle()
  {
    while( bot->manager.nextDeadline() == 0ms )
      bot->manager.process();
  }
  /** @return The type of the answer, with the condition of an error; empty if there is none. */
  std::string ask( const std::string& from, const std::string& stanza )
  {
    entity->clear();
    entity->feed( withAttribute( withAttribute( stanza, "from", from ), "to", to ) );
    settle();
    for( const auto& said : entity->stanzas() )
      if( attribute( said, "to" ) == from )
        return attribute( said, "type" ) + ( said.find( "<resource-constraint" ) != std::string::npos ? " resource-constraint" : "" )
               + ( said.find( "<item-not-found" ) != std::string::npos ? " item-not-found" : "" );
    return {};
  }
  std::string offer( const std::string& from )
  {
    const auto n = std::to_string( ++count );
    return ask( from, replaced( replaced( W1, "q7d1f03a9", "q" + n ), Sid, "sid" + n ) );
  }

  std::string to;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedEntity* entity = nullptr;
  std::unique_ptr<Bot> bot;
  int count = 0;
};

std::string account( int n, const std::string& domain = "montague.example" ) { return "a" + std::to_string( n ) + "@" + domain; }

const std::string Full = "error resource-constraint";

} // namespace

TEST_CASE( "SEC-13: fifty undecided offers are enough, whoever makes them", "[limits]" )
{
  Crowd juliet;
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  for( int i = 0; i < 50; ++i )
    REQUIRE( juliet.offer( account( i / 5 ) + "/r" ).empty() );
  CHECK( juliet.offer( account( 10 ) + "/r" ) == Full );
  CHECK( juliet.bot->limits == std::vector<std::string>{ account( 10 ) + "/r: offers" } );
  CHECK( juliet.bot->offers.size() == 50 );
}

TEST_CASE( "SEC-13: an account has 32 sessions, whatever its resources, in both roles together", "[limits]" )
{
  Crowd juliet;
  REQUIRE_FALSE( juliet.bot->offer( account( 1 ) + "/0" ).empty() );
  for( int i = 1; i < 32; ++i )
    REQUIRE( juliet.offer( account( 1 ) + "/" + std::to_string( i ) ) == "result" );
  CHECK( juliet.offer( account( 1 ) + "/32" ) == Full );
  CHECK( juliet.bot->offer( account( 1 ) + "/33" ).empty() );
  CHECK( juliet.bot->limits == std::vector<std::string>{ account( 1 ) + "/32: sessions per peer", account( 1 ) + "/33: sessions per peer" } );
  CHECK( juliet.offer( account( 2 ) + "/0" ) == "result" );   // another account is not concerned

  juliet.clock->advance( 150s );   // T-R-NEXT: what is over counts no more
  juliet.settle();
  CHECK( juliet.offer( account( 1 ) + "/32" ) == "result" );
}

TEST_CASE( "SEC-13: there are 256 sessions in all", "[limits]" )
{
  Crowd juliet;
  for( int i = 0; i < 256; ++i )
    REQUIRE( juliet.offer( account( i / 32 ) + "/r" ) == "result" );
  CHECK( juliet.offer( account( 8 ) + "/r" ) == Full );
  CHECK( juliet.bot->limits == std::vector<std::string>{ account( 8 ) + "/r: sessions" } );
}

TEST_CASE( "SEC-13, CMP-2: on a component a domain has 100 sessions, on a client it has no limit of its own", "[limits][component]" )
{
  const bool component = GENERATE( true, false );
  Crowd juliet( component );
  for( int i = 0; i < 100; ++i )
    REQUIRE( juliet.offer( account( i ) + "/r" ) == "result" );
  CHECK( juliet.offer( account( 100 ) + "/r" ) == ( component ? Full : "result" ) );
  CHECK( juliet.offer( account( 0, "verona.example" ) + "/r" ) == "result" );
}

TEST_CASE( "SEC-9: an account's resources share its four queries, and there are 16 in all", "[limits][s5b]" )
{
  const bool oneAccount = GENERATE( true, false );
  const int most = oneAccount ? 4 : 16;
  const SilentPort silent;
  Crowd juliet;
  for( int i = 0; i <= most; ++i )
  {
    const auto peer = account( oneAccount ? 0 : i ) + "/r" + std::to_string( i );
    REQUIRE( juliet.offer( peer ) == "result" );
    const auto answer = juliet.ask( peer, s5bQuery( "a" + std::to_string( i ), streamHost( peer, silent.port() ), "sid" + std::to_string( i + 1 ) ) );
    CHECK( answer == ( i < most ? "" : "error item-not-found" ) );
  }
}

TEST_CASE( "SEC-14: 1024 tombstones are kept, and the oldest goes for the next", "[limits]" )
{
  Crowd juliet;
  juliet.bot->onOffer = Bot::OnOffer::Decline;
  const auto peer = account( 1 ) + "/r";
  for( int i = 0; i < 1024; ++i )
    REQUIRE( juliet.offer( peer ) == "error" );
  CHECK( juliet.ask( peer, ibbClose( "c1", "sid1" ) ) == "result" );
  REQUIRE( juliet.offer( peer ) == "error" );
  CHECK( juliet.ask( peer, ibbClose( "c2", "sid1" ) ) != "result" );   // not ours any more
  CHECK( juliet.ask( peer, ibbClose( "c3", "sid2" ) ) == "result" );
}

TEST_CASE( "SEC-14, CLS-4: without tombstones a late acceptance of a cancelled offer finds nobody", "[limits][sender]" )
{
  Sender s( []( Options& options ) { options.limits.tombstones = 0; } );
  (void)s.offer();
  CHECK( s.bot.profile->cancel( gloox::JID( Juliet ), s.sid ) );
  s.work();
  s.accept( Both );
  CHECK( s.closes() == 0 );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "cancelled-local" );
}
