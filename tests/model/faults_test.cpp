// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The explorer can fail: what is done wrong on purpose is found, by what was done and, where it leads so far, by what comes of it.

#include "model/explorer.h"
#include "support/catch2.h"

using namespace simultiple::model;

namespace
{

struct Case
{
  Fault fault;
  bool streamsOnly;
  bool inBandFirst;
  std::string promise;   ///< That it breaks
};

} // namespace

TEST_CASE( "Whatever is done wrong on purpose breaks a promise, by a way that can be shown", "[model]" )
{
  const std::vector<Case> cases{
    { Fault::None, false, false, "" },
    { Fault::None, false, true, "" },
    { Fault::NeverAbandons, false, false, "NEG-5" },
    { Fault::NeverAbandons, true, true, "who is left alone" },   // S's socket stays open: R waits there for ever
    { Fault::HonoursLate, true, false, "NEG-24: R holds no other stream" },
    { Fault::DeliversEarly, true, false, "NEG-10" },
    { Fault::DeliversEarly, true, true, "NEG-10" },
    { Fault::KeepsCandidate, false, false, "NEG-24: R closes" },
    { Fault::ForgetsWriting, true, false, "NEG-25" },
    { Fault::ForgetsWriting, true, true, "NEG-25" },
    { Fault::LeavesUnanswered, false, false, "GEN-1" },
    { Fault::AnswersTwice, true, false, "GEN-1: an opening has one answer" },
    { Fault::LosesTimers, true, false, "every wait of R has a deadline" },
    { Fault::ForgetsToClose, false, false, "GEN-10" },
    { Fault::ServerForgets, false, false, "S5B-1" },
    { Fault::ServerForgets, true, true, "who is left alone" },
  };
  for( const auto& one : cases )
  {
    Setup setup;
    setup.senderList = setup.receiverList = one.inBandFirst ? std::vector<std::string>{ Ibb, S5b } : std::vector<std::string>{ S5b, Ibb };
    setup.proxy = one.fault != Fault::None;
    setup.fault = one.fault;
    setup.streamsOnly = one.streamsOnly;
    const auto found = explore( setup );
    INFO( "fault " << static_cast<int>( one.fault ) << ( one.inBandFirst ? ", in-band first: " : ": " ) << found.broken << "\n" << textOf( found.trace ) );
    CHECK( found.broken.substr( 0, one.promise.size() ) == one.promise );
    CHECK( found.trace.empty() == one.promise.empty() );
  }
}
