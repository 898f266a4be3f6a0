// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PFT-14: what a sender that has written everything makes of what it hears of that, and of what it does not hear. Everything fits into the
// kernel's buffers, and the receiver has read nothing of it.

#include "flow/file_fixture.h"

#include <chrono>
#include <string>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// A sender, romeo, that has written everything, or is about to, to a receiver that has paused.
struct Written
{
  explicit Written( bool plain = false )
    : pair( { gloox::XMLNS_BYTESTREAMS }, {}, [plain]( Options&, Options& receiver ) { receiver.siMultiple = !plain; } )
  {
    pair.received.onOpen = []( FileTransfer& one ) { one.pause(); };
    FileSendOptions options;
    options.resume.enabled = false;
    transfer = pair.send( content( 60000 ), options );
  }

  /** Of romeo's notes those with @a part in them get lost from now on. */
  void lose( const std::string& part )
  {
    pair.hub.setFilter( [part]( std::string& xml ) { return xml.find( part ) == std::string::npos; } );
  }
  void written() { REQUIRE( pair.until( [&] { return transfer->state() == FileTransfer::State::Finishing; } ) ); }
  void wait( std::chrono::milliseconds time )
  {
    pair.settle();
    pair.clock->advance( time );
    pair.settle();
  }
  [[nodiscard]] std::chrono::milliseconds timer( Timer which ) const { return pair.romeoStreams->options().timeouts.get( which ); }

  /** Nobody knows what has arrived, so it waits for the receiver's word as long as that may come. */
  void expectDoubt()
  {
    wait( timer( Timer::Note ) + timer( Timer::Close ) );
    REQUIRE( pair.until( [&] { return pair.romeoStreams->sessions() == 0; } ) );
    CHECK( pair.sent.ends.empty() );
    wait( timer( Timer::Tomb ) );
    REQUIRE( pair.sent.ends.size() == 1 );
    CHECK( pair.sent.cause() == "interrupted" );
    CHECK_FALSE( pair.sent.ends[0].confirmed );
  }

  FilePair pair;
  std::shared_ptr<FileTransfer> transfer{};
};

} // namespace

TEST_CASE( "PFT-14: a receiver that says nothing to <sent/> has not everything", "[files]" )
{
  Written romeo;
  romeo.lose( "<sent " );
  romeo.written();
  romeo.expectDoubt();
}

TEST_CASE( "PFT-14: one that says nothing to any note is not taken for one that knows none", "[files]" )
{
  Written romeo;
  romeo.lose( Notes );
  romeo.written();
  romeo.expectDoubt();
}

TEST_CASE( "PFT-14: what it says too late still counts", "[files]" )
{
  Written romeo;
  std::string held;
  romeo.pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( "<sent " ) == std::string::npos || !held.empty() )
      return true;
    held = xml;
    return false;
  } );
  romeo.written();
  romeo.wait( romeo.timer( Timer::Note ) + romeo.timer( Timer::Close ) );
  REQUIRE_FALSE( held.empty() );
  romeo.pair.hub.inject( held );
  romeo.pair.received.accepted.at( 0 )->resume();
  REQUIRE( romeo.pair.until( [&] { return romeo.pair.bothEnded(); } ) );
  CHECK( romeo.pair.received.cause() == "complete" );
  CHECK( romeo.pair.sent.cause() == "complete" );
  CHECK( romeo.pair.sent.ends[0].confirmed );
}

TEST_CASE( "PFT-14: a sender whose connection is lost before the receiver's word knows nothing of the file", "[files]" )
{
  Written romeo;
  romeo.written();
  romeo.pair.romeoClient.dropConnection();
  romeo.expectDoubt();
}

TEST_CASE( "PFT-14: where the receiver has read everything and closed, nobody's silence makes that undone", "[files]" )
{
  Written romeo;
  SECTION( "no note is answered" )
  {
    romeo.lose( Notes );
    romeo.written();
  }
  SECTION( "the connection is lost" )
  {
    romeo.written();
    romeo.pair.romeoClient.dropConnection();
  }
  SECTION( "the connection is lost once it has promised its word" )
  {
    romeo.written();
    romeo.pair.settle();
    romeo.pair.romeoClient.dropConnection();
  }
  romeo.pair.received.accepted.at( 0 )->resume();
  REQUIRE( romeo.pair.until( [&] { return !romeo.pair.received.ends.empty(); } ) );
  romeo.pair.settle();
  romeo.pair.clock->advance( romeo.timer( Timer::Note ) );
  REQUIRE( romeo.pair.until( [&] { return !romeo.pair.sent.ends.empty(); } ) );
  CHECK( romeo.pair.sent.cause() == "complete" );
  CHECK_FALSE( romeo.pair.sent.ends[0].confirmed );
  CHECK( romeo.pair.sent.ends[0].report.taken );
}

TEST_CASE( "PFT-14: in-band what is acknowledged is there, whoever says nothing to notes", "[files]" )
{
  FilePair pair( { gloox::XMLNS_IBB } );
  pair.hub.setFilter( []( std::string& xml ) { return xml.find( Notes ) == std::string::npos; } );
  (void)pair.send( content( 60000 ) );
  REQUIRE( pair.until( [&] { return !pair.received.ends.empty(); } ) );
  pair.settle();
  pair.clock->advance( pair.romeoStreams->options().timeouts.get( Timer::Note ) );
  REQUIRE( pair.until( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK_FALSE( pair.sent.ends[0].confirmed );
}

TEST_CASE( "PFT-14: a receiver that knew notes and is refused for by its server is gone", "[files]" )
{
  Written romeo;
  std::string refused;
  romeo.pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( "<sent " ) != std::string::npos )
      refused = xml;
    return refused.empty() || attribute( xml, "to" ) != Juliet;
  } );
  romeo.written();
  romeo.pair.settle();
  REQUIRE_FALSE( refused.empty() );
  romeo.pair.hub.inject( unavailable( refused ) );
  romeo.wait( romeo.timer( Timer::Close ) );
  // Nobody is left who would say anything, so it is not waited for.
  REQUIRE( romeo.pair.sent.ends.size() == 1 );
  CHECK( romeo.pair.sent.cause() == "interrupted" );
  CHECK( romeo.pair.sent.ends[0].text == "the receiver went away before it said that it has everything" );
  CHECK_FALSE( romeo.pair.sent.ends[0].confirmed );
}

TEST_CASE( "PFT-14: a receiver that knows no notes is believed what the stream says", "[files]" )
{
  const bool plain = GENERATE( false, true );
  CAPTURE( plain );
  Written romeo( plain );
  std::vector<std::string> notes;
  romeo.pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( Notes ) == std::string::npos || attribute( xml, "from" ) != Romeo )
      return true;
    notes.push_back( xml );
    return false;
  } );
  REQUIRE( romeo.pair.until( [&]
  {
    while( !notes.empty() )
    {
      romeo.pair.hub.inject( unavailable( notes.back() ) );
      notes.pop_back();
    }
    return romeo.transfer->state() == FileTransfer::State::Finishing;
  } ) );
  for( const auto& note : notes )
    romeo.pair.hub.inject( unavailable( note ) );
  romeo.wait( romeo.timer( Timer::Note ) );
  romeo.wait( romeo.timer( Timer::Close ) );
  REQUIRE( romeo.pair.sent.ends.size() == 1 );
  CHECK( romeo.pair.sent.cause() == "complete" );
  CHECK_FALSE( romeo.pair.sent.ends[0].confirmed );
}

TEST_CASE( "PFT-14: each receiver is asked once whether it knows notes, before the last byte", "[files]" )
{
  const bool plain = GENERATE( false, true );
  CAPTURE( plain );
  Written romeo( plain );
  romeo.written();
  romeo.pair.received.accepted.at( 0 )->resume();
  REQUIRE( romeo.pair.until( [&] { return romeo.pair.bothEnded(); } ) );
  CHECK( romeo.pair.hub.logged( "<alive " ).size() == 1 );
  CHECK( romeo.pair.sent.ends[0].confirmed );
}
