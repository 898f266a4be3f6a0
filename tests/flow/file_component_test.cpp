// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files at a bot with more than one JID.

#include "flow/file_fixture.h"
#include "flow/inband_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::streaming;

TEST_CASE( "GEN-2, CMP-2, GEN-10: a peer cannot offer one sid for two files at two JIDs of a component, undecided or not", "[files][component]" )
{
  const bool decided = GENERATE( false, true );
  const std::string one = "a@svc.example/x", other = "b@svc.example/x";
  TemporaryDirectory inbox;
  Heard heard;
  ScriptedComponent entity( "svc.example" );
  const auto clock = std::make_shared<ManualClock>();
  SIMultipleManager streams( entity.base(), testOptions( clock ) );
  FileProfile files( streams );
  FileReceiver receiver( files, inbox.path(), heard );
  heard.receiver = &receiver;
  heard.accepts = decided;
  REQUIRE( streams.enable() );
  const auto feed = [&]( const std::string& xml )
  {
    entity.feed( xml );
    settleManagers( { &streams }, {} );
  };
  feed( offerOf( { Ibb }, Sid, true, "o1", Romeo, one ) );
  feed( offerOf( { Ibb }, Sid, true, "o2", Romeo, other ) );
  CHECK( heard.offers.size() == 1 );
  CHECK( streams.sessions() == 1 );
  CHECK( gists( entity.stanzas(), Romeo ).back().find( "error o2 cancel forbidden" ) == 0 );

  // The first one ends, once, and nothing of it is left.
  clock->advance( std::chrono::hours( 1 ) );
  settleManagers( { &streams }, {} );
  CHECK( streams.sessions() == 0 );
  CHECK( heard.ends.size() == ( decided ? 1 : 0 ) );
  CHECK( heard.offerEnds.size() == ( decided ? 0 : 1 ) );
  CHECK( receiver.transfers() == 0 );
  CHECK( inbox.entries() == 0 );
}
