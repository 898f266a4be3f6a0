// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include <gloox-si-multiple/cause.h>

#include <set>

using namespace simultiple;

TEST_CASE( "GEN-10: each cause has its word, and each word its cause", "[cause]" )
{
  const char* const words[] = { "closed-local", "closed-remote", "declined", "no-valid-streams", "bad-profile", "unsupported",
                                "peer-unreachable", "malformed-reply", "methods-exhausted", "timeout", "cancelled-local",
                                "cancelled-remote", "disconnected", "protocol-violation", "stream-conflict", "limit-exceeded", "io-error" };
  std::set<Cause> seen;
  for( const char* word : words )
  {
    const auto cause = causeFromText( word );
    REQUIRE( cause );
    CHECK( causeText( *cause ) == std::string( word ) );
    seen.insert( *cause );
  }
  CHECK( seen.size() == 17 );
  CHECK( causeFromText( "stream-conflict" ) == Cause::StreamConflict );
  CHECK( causeFromText( "io-error" ) == Cause::IoError );
}

TEST_CASE( "GEN-10: other words name no cause", "[cause]" )
{
  const auto word = GENERATE( "", "Declined", "declined ", "unknown", "closed" );
  CHECK_FALSE( causeFromText( word ) );
}
