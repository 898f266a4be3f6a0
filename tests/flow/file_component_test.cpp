// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files at a bot with more than one JID.

#include "flow/file_fixture.h"
#include "flow/inband_fixture.h"

#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::streaming;

namespace
{

/// A component that sends files, to its own JIDs too, and receives them.
struct Service
{
  explicit Service( const std::vector<std::string>& methods ) : entity( hub.joinComponent( "svc.example" ) )
  {
    auto options = testOptions( clock );
    options.methods = methods;
    streams = std::make_unique<SIMultipleManager>( entity.base(), options );
    files = std::make_unique<FileProfile>( *streams );
    sender = std::make_unique<FileSender>( *files, sent );
    receiver = std::make_unique<FileReceiver>( *files, inbox.path(), received );
    received.receiver = receiver.get();
    streams->enable();
  }

  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return runManagersUntil( { streams.get() }, [this] { return hub.run() > 0; }, done );
  }

  TemporaryDirectory outbox{};
  TemporaryDirectory inbox{};
  Heard sent{};
  Heard received{};
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedComponent& entity;
  std::unique_ptr<SIMultipleManager> streams{};
  std::unique_ptr<FileProfile> files{};
  std::unique_ptr<FileSender> sender{};
  std::unique_ptr<FileReceiver> receiver{};
};

} // namespace

TEST_CASE( "GEN-2, CMP-2: a component sends a file from one of its JIDs to another, and keeps the two ends apart", "[files][component]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const bool gaveUp = GENERATE( false, true );
  Service service( { method } );
  const auto bytes = content( 300000 );
  service.outbox.write( "letter.txt", bytes );
  int open = 0;
  if( gaveUp ) // at whichever end is the second to be open
    service.sent.onOpen = service.received.onOpen = [&open]( FileTransfer& transfer )
    {
      if( ++open == 2 )
        transfer.cancel();
    };
  FileSendOptions options;
  options.from = gloox::JID( "a@svc.example/x" );
  const auto transfer = service.sender->send( gloox::JID( "b@svc.example/x" ), service.outbox.file( "letter.txt" ), options );
  REQUIRE( transfer );
  REQUIRE( service.until( [&] { return !service.sent.ends.empty() && !service.received.ends.empty(); } ) );
  CHECK( service.sent.ends[0].streams <= 1 );
  CHECK( service.received.ends[0].streams <= 1 );
  CHECK( service.sent.cause() == ( gaveUp ? "cancelled" : "complete" ) );
  CHECK( service.received.cause() == ( gaveUp ? "cancelled" : "complete" ) );
  CHECK( service.sent.ends[0].report.initiator );
  CHECK_FALSE( service.received.ends[0].report.initiator );
  if( !gaveUp )
    CHECK( ( service.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-16, CMP-2: a file that a peer sends to two JIDs of a component at the same time is two files", "[files][component]" )
{
  Service service( { gloox::XMLNS_IBB } );
  SIMultipleManager romeoStreams( service.hub.join( Romeo ).client(), testOptions( service.clock ) );
  FileProfile romeoFiles( romeoStreams );
  Heard sent;
  FileSender romeo( romeoFiles, sent );
  REQUIRE( romeoStreams.enable() );
  const auto bytes = content( 300000 );
  service.outbox.write( "letter.txt", bytes );
  for( const auto* to : { "a@svc.example/x", "b@svc.example/x" } )
    REQUIRE( romeo.send( gloox::JID( to ), service.outbox.file( "letter.txt" ) ) );
  REQUIRE( runManagersUntil( { service.streams.get(), &romeoStreams }, [&] { return service.hub.run() > 0; },
                             [&] { return sent.ends.size() == 2 && service.received.ends.size() == 2; } ) );
  CHECK( service.received.offers.size() == 2 );
  for( const auto* heard : { &sent, &service.received } )
    for( const auto& end : heard->ends )
      CHECK( std::string( fileCauseText( end.cause ) ) == "complete" );
  CHECK( ( service.inbox.read( "letter.txt" ) == bytes ) );
  CHECK( ( service.inbox.read( "letter (1).txt" ) == bytes ) );
}

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

TEST_CASE( "SEC-13, CMP-2: on a component a domain's files that are not yet on the disk are bounded as its sessions are", "[files][component]" )
{
  TemporaryDirectory inbox;
  Heard heard;
  ScriptedComponent entity( "svc.example" );
  auto options = testOptions( std::make_shared<ManualClock>() );
  options.limits.sessionsPerDomain = 2;
  SIMultipleManager streams( entity.base(), options );
  FileProfile files( streams );
  FileReceiver receiver( files, inbox.path(), heard );
  heard.receiver = &receiver;
  REQUIRE( streams.enable() );
  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  const auto others = occupy( files.priv().profile.jobs(), wait );

  const std::string us = "a@svc.example/x";
  const auto send = [&]( const std::string& peer )
  {
    for( const auto& xml : { offerOf( { Ibb }, Sid, true, "o", peer, us ), fromPeer( peer, us, "set", "i1", openElement() ),
                             fromPeer( peer, us, "set", "i2", dataElement( 0, "MTIzNDU2Nzg5MDEyMzQ1" ) ), fromPeer( peer, us, "set", "i3", closeElement() ) } )
    {
      entity.feed( xml );
      settleManagers( { &streams }, {} );
    }
  };
  send( "romeo@montague.example/x" );
  send( "benvolio@montague.example/x" );
  CHECK( receiver.transfers() == 2 );
  CHECK( streams.sessions() == 0 );
  send( "abram@montague.example/x" );
  CHECK( heard.limits == std::vector<std::string>{ "abram@montague.example/x: file transfers per domain" } );
  send( "tybalt@capulet.example/x" );
  CHECK( receiver.transfers() == 3 );
  CHECK( heard.limits.size() == 1 );

  over.set_value();
  REQUIRE( runManagersUntil( { &streams }, {}, [&] { return heard.ends.size() == 3; } ) );
  CHECK( heard.cause() == "complete" );
}
