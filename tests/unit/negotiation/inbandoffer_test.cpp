// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/inbandoffer.h"

#include "support/catch2.h"
#include "unit/negotiation/show.h"

#include <functional>
#include <set>

using simultiple::Timer;
using simultiple::negotiation::InBandOffer;
using show::all;
using State = InBandOffer::State;

namespace
{

InBandOffer waiting( std::uint16_t blockSize = 4096, bool last = true )
{
  InBandOffer machine( blockSize, last );
  (void)machine.start();
  return machine;
}

} // namespace

TEST_CASE( "ST-S-12, IBB-1: an open is sent and its answer awaited", "[inbandoffer]" )
{
  InBandOffer machine( 4096, true );
  CHECK( all( machine.start() ) == "SendOpen 4096, start" );
  CHECK( machine.state() == State::Waiting );
  CHECK( all( machine.start() ).empty() );
}

TEST_CASE( "ST-S-29, NEG-10: the acceptance commits", "[inbandoffer]" )
{
  InBandOffer machine = waiting();
  CHECK( all( machine.accepted() ) == "stop, Commit" );
  CHECK( machine.state() == State::Done );
  CHECK( all( machine.accepted() ).empty() );
}

TEST_CASE( "ST-S-30, IBB-3: resource-constraint halves the block size, four times and not below 256", "[inbandoffer]" )
{
  InBandOffer machine = waiting( 65535 );
  for( const char* size : { "32767", "16383", "8191", "4095" } )
    CHECK( all( machine.resourceConstraint() ) == std::string( "SendOpen " ) + size + ", start" );
  CHECK( machine.blockSize() == 4095 );
  CHECK( all( machine.resourceConstraint() ) == "stop, Fail" );

  InBandOffer usual = waiting( 4096 );
  for( const char* size : { "2048", "1024", "512", "256" } )
    CHECK( all( usual.resourceConstraint() ) == std::string( "SendOpen " ) + size + ", start" );
  CHECK( all( usual.resourceConstraint() ) == "stop, Fail" );

  InBandOffer small = waiting( 511 );
  CHECK( all( small.resourceConstraint() ) == "stop, Fail" );
  InBandOffer just = waiting( 512 );
  CHECK( all( just.resourceConstraint() ) == "SendOpen 256, start" );
}

TEST_CASE( "ST-S-31, ST-S-32, NEG-7, IBB-2: any other error fails the method", "[inbandoffer]" )
{
  InBandOffer plain = waiting();
  const auto actions = plain.error( "not-acceptable", false );
  REQUIRE( all( actions ) == "stop, Fail" );
  CHECK( actions.back().reason == "not-acceptable" );
  InBandOffer gone = waiting();
  CHECK( all( gone.error( "recipient-unavailable", true ) ) == "stop, Fail unreachable" );
}

TEST_CASE( "ST-S-32, IBB-4: silence sends a close only if no method follows", "[inbandoffer]" )
{
  InBandOffer last = waiting( 4096, true );
  CHECK( all( last.timer( Timer::SIbb ) ) == "SendClose, Fail" );
  InBandOffer first = waiting( 4096, false );
  CHECK( all( first.timer( Timer::SIbb ) ) == "Fail" );
}

TEST_CASE( "ST-S-33: a close instead of an answer is answered and fails the method", "[inbandoffer]" )
{
  InBandOffer machine = waiting();
  CHECK( all( machine.closeReceived() ) == "AnswerClose, stop, Fail" );
  CHECK( all( machine.closeReceived() ) == "AnswerClose" ); // GEN-1
}

namespace
{

struct Watcher
{
  InBandOffer machine{ 2048, true };
  bool running = false;
  int outcomes = 0;
  std::string fault{};

  void watch( const InBandOffer::Actions& actions )
  {
    using Do = InBandOffer::Action::Do;
    for( const auto& action : actions )
    {
      if( outcomes > 0 && action.what != Do::AnswerClose )
        fault = "acts after its outcome: " + show::text( action );
      switch( action.what )
      {
        case Do::SendOpen: if( action.blockSize < 256 ) fault = "block below 256"; break;
        case Do::StartTimer: running = true; break;
        case Do::StopTimer: if( !running ) fault = "stopped a timer that does not run"; running = false; break;
        case Do::SendClose:
        case Do::AnswerClose: break;
        case Do::Commit: ++outcomes; break;
        case Do::Fail: ++outcomes; if( action.reason.empty() ) fault = "fails without a reason"; break;
      }
    }
    const bool over = machine.state() == State::Done || machine.state() == State::Failed;
    if( over != ( outcomes == 1 ) || running != ( machine.state() == State::Waiting ) )
      fault = "state, outcome and timer do not fit";
  }

  void fire( Timer timer )
  {
    const bool stale = !running || timer != Timer::SIbb;
    if( !stale )
      running = false;
    const auto actions = machine.timer( timer );
    if( stale && !actions.empty() )
      fault = "a stale timer acts";
    watch( actions );
  }
};

const std::vector<std::function<void( Watcher& )>> events{
  []( Watcher& w ) { w.watch( w.machine.start() ); },
  []( Watcher& w ) { w.watch( w.machine.accepted() ); },
  []( Watcher& w ) { w.watch( w.machine.resourceConstraint() ); },
  []( Watcher& w ) { w.watch( w.machine.error( "gone", true ) ); },
  []( Watcher& w ) {
    const bool wasOpen = w.machine.state() == State::Done;
    const auto actions = w.machine.closeReceived();
    if( !wasOpen && ( actions.empty() || show::text( actions[0] ) != "AnswerClose" ) )
      w.fault = "a close stays unanswered";
    w.watch( actions );
  },
  []( Watcher& w ) { w.fire( Timer::SIbb ); },
  []( Watcher& w ) { w.fire( Timer::SS5B ); },
};

} // namespace

TEST_CASE( "GEN-1, GEN-10, TMO-6: an IBB offer has one outcome, whatever happens in whatever order", "[inbandoffer]" )
{
  std::set<State> seen;
  std::string fault;
  show::walk( Watcher{}, events, 6, seen, fault );
  CHECK( fault == "" );
  CHECK( seen.size() == 4 );
}
