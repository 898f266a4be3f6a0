// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ft/errors.h"
#include "support/catch2.h"

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
