// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transfers that wait for something, while something else goes on.

#include "file_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

TEST_CASE( "PFT-16: a receiver whose limit was used up when the stream broke reads on when the next one is there", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  auto options = waiting();
  options.limit = 5000;
  options.progressEvery = 10ms;
  FilePair pair( { method }, options );
  const auto bytes = content( 100000 );
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return pair.received.offsets.size() == 2; } ) );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends[0].streams == 2 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}
