// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// That what concerns one session among many finds it, and it alone.

#include "flow/inband_fixture.h"
#include "session/plugin.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace simultiple;
using namespace simultiple::test;

namespace
{

const std::string Notes = "urn:example:notes";

ProfileOptions withNotes()
{
  ProfileOptions options;
  options.noteNamespace = Notes;
  return options;
}

/// A component's bot that peers have offered streams to.
struct Crowd
{
  Crowd() { bot.manager.enable(); }
  void feed( const std::string& xml )
  {
    entity.feed( xml );
    settle( { &bot }, {} );
  }
  void offered( const std::string& peer, const std::string& local, const std::string& sid )
  {
    feed( offerOf( { Ibb }, sid, true, "o" + std::to_string( ++offers ), peer, local ) );
  }
  [[nodiscard]] session::SessionTable& sessions() { return bot.manager.priv().sessions; }
  [[nodiscard]] std::string localOf( const std::string& peer, const std::string& sid )
  {
    return sessions().localOf( Profile, bot, gloox::JID( peer ), sid ).full();
  }

  ScriptedComponent entity{ "svc.example" };
  Bot bot{ entity.base(), testOptions( std::make_shared<ManualClock>() ), withNotes() };
  int offers = 0;
};

} // namespace

TEST_CASE( "CLS-8: of an account's sessions only those with the JID that went offline hear of it", "[sessions]" )
{
  Solo s( Romeo );
  const std::vector<std::string> peers{ "j@x.example/b", "j@x.example/ba", "j@x.example/a", "j@x.example/b", "jj@x.example/b" };
  for( const auto& peer : peers )
    REQUIRE_FALSE( s.bot->offer( peer ).empty() );
  s.feed( "<presence type='unavailable' from='j@x.example/b' to='" + Romeo + "'/>" );
  REQUIRE( s.bot->ends.size() == 2 );
  for( const auto& end : s.bot->ends )
    CHECK( end.peer.full() == "j@x.example/b" );
  CHECK( s.bot->manager.sessions() == 3 );
}

TEST_CASE( "GEN-2: a peer's sessions are found by its full JID and the stream id, each once", "[sessions]" )
{
  Crowd c;
  c.offered( "j@x.example/b", "a@svc.example", "s1" );
  c.offered( "j@x.example/b", "b@svc.example", "s1" );
  c.offered( "j@x.example/b", "a@svc.example", "s11" );
  c.offered( "j@x.example/bb", "a@svc.example", "s1" );
  CHECK( c.sessions().keys().size() == 4 );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/b" ) ).size() == 3 );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/bb" ) ).size() == 1 );
  CHECK( c.sessions().of( gloox::JID( "j@x.example" ) ).empty() );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/b" ), "s1" ).size() == 2 );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/b" ), "s11" ).size() == 1 );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/b" ), "s" ).empty() );
}

TEST_CASE( "GEN-2, PCU-9: a stream id with a line feed is no other stream's, alive or ended", "[sessions]" )
{
  Crowd c;
  c.offered( "j@x.example/b", "a@svc.example/r", "s&#10;b@svc.example" );
  const auto ids = c.sessions().of( gloox::JID( "j@x.example/b" ) );
  REQUIRE( ids.size() == 1 );
  REQUIRE( ids.front()->id().sid == "s\nb@svc.example" );
  CHECK( c.localOf( "j@x.example/b", "s\nb@svc.example" ) == "a@svc.example/r" );
  CHECK( c.localOf( "j@x.example/b", "s" ).empty() );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/b" ), "s" ).empty() );

  c.bot.profile->cancel( gloox::JID( "j@x.example/b" ), "s\nb@svc.example" );
  settle( { &c.bot }, {} );
  REQUIRE( c.sessions().size() == 0 );
  CHECK( c.localOf( "j@x.example/b", "s\nb@svc.example" ) == "a@svc.example/r" );
  CHECK( c.localOf( "j@x.example/b", "s" ).empty() );
}

TEST_CASE( "CLS-3: cancel() ends the session of that peer and stream id", "[sessions]" )
{
  Crowd c;
  c.offered( "j@x.example/b", "a@svc.example", "s1" );
  c.offered( "j@x.example/c", "a@svc.example", "s1" );
  c.offered( "j@x.example/b", "a@svc.example", "s2" );
  CHECK_FALSE( c.bot.profile->cancel( gloox::JID( "j@x.example/c" ), "s2" ) );
  CHECK( c.bot.profile->cancel( gloox::JID( "j@x.example/b" ), "s1" ) );
  settle( { &c.bot }, {} );
  CHECK( c.sessions().of( gloox::JID( "j@x.example/b" ), "s1" ).empty() );
  CHECK( c.sessions().size() == 2 );
}
