// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ft/errors.h"
#include "support/catch2.h"

#include <utility>

using namespace simultiple;

TEST_CASE( "SI-22: a bot is told the peer's own condition, and for the rest the one that tells the cause", "[ft]" )
{
  protocol::ReceivedError refusal;
  CHECK( ft::errorFor( Cause::Declined, refusal, "no" ).condition == "forbidden" );
  CHECK( ft::errorFor( Cause::MethodsExhausted, refusal, "" ).condition == "item-not-found" );
  CHECK( ft::errorFor( Cause::MethodsExhausted, refusal, "" ).text == "methods-exhausted" );
  CHECK( ft::errorFor( Cause::Timeout, refusal, "late" ).text == "late" );
  CHECK( ft::errorFor( Cause::NoValidStreams, refusal, "" ).extra == "no-valid-streams" );
  refusal.condition = "not-allowed";
  CHECK( ft::errorFor( Cause::Declined, refusal, "no" ).condition == "not-allowed" );
  refusal.condition = "bad-request";
  refusal.siCondition = "bad-profile";
  CHECK( ft::errorFor( Cause::BadProfile, refusal, "" ).extra == "bad-profile" );
}

TEST_CASE( "SI-22: what may pass is told as something to wait for, what will not as final", "[ft]" )
{
  const auto waits = GENERATE( std::pair( Cause::PeerUnreachable, "recipient-unavailable" ), std::pair( Cause::Timeout, "remote-server-timeout" ),
                               std::pair( Cause::LimitExceeded, "resource-constraint" ) );
  CHECK( ft::errorFor( waits.first, {}, "" ).type == "wait" );
  CHECK( ft::errorFor( waits.first, {}, "" ).condition == waits.second );
  const auto final = GENERATE( std::pair( Cause::StreamConflict, "conflict" ), std::pair( Cause::Unsupported, "service-unavailable" ),
                               std::pair( Cause::IoError, "undefined-condition" ) );
  CHECK( ft::errorFor( final.first, {}, "" ).type == "cancel" );
  CHECK( ft::errorFor( final.first, {}, "" ).condition == final.second );
}
