// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sender's machine under every short sequence of events and under long random ones, watched for what must never happen.

#include "negotiation/initiator.h"

#include "support/catch2.h"
#include "unit/negotiation/show.h"

#include <algorithm>
#include <functional>
#include <set>

using simultiple::Cause;
using simultiple::Timer;
using simultiple::negotiation::Initiator;
using State = Initiator::State;

namespace
{

const std::vector<std::string> list{ "a", "s5b", "ibb" };

struct Watcher
{
  explicit Watcher( bool delayNext ) : machine( delayNext ) {}

  Initiator machine;
  std::set<Timer> running{};
  std::size_t started = 0;       // methods of the list so far
  std::string method{};          // being tried
  int commits = 0;
  int ends = 0;
  int neverMinds = 0;
  bool answered = false;         // an answer to the offer has been fed
  bool offered = false;
  bool deadUnanswered = false;   // cancelled or timed out before any answer
  bool cut = false;              // disconnected: nothing may be sent
  std::string fault{};

  void act( const Initiator::Action& action )
  {
    using Do = Initiator::Action::Do;
    if( ends > 0 && !( action.what == Do::NeverMind && deadUnanswered && !cut ) )
      fault = "after the end (GEN-10): " + show::text( action );
    switch( action.what )
    {
      case Do::SendOffer:
        if( offered )
          fault = "two offers";
        offered = true;
        break;
      case Do::StartTimer:
        if( !running.insert( action.timer ).second )
          fault = "timer started twice";
        break;
      case Do::StopTimer:
        if( running.erase( action.timer ) == 0 )
          fault = "stopped a timer that does not run";
        break;
      case Do::StartMethod:
        if( !method.empty() )
          fault = "starts a method before the other is abandoned (NEG-1, NEG-5)";
        if( commits > 0 )
          fault = "starts a method after the commit (NEG-11)";
        if( !answered || started >= list.size() || list[started] != action.method )
          fault = "not in list order (NEG-1, NEG-2, SI-5)";
        ++started;
        method = action.method;
        break;
      case Do::AbandonMethod:
        if( method.empty() || action.method != method )
          fault = "abandons what is not tried";
        method.clear();
        break;
      case Do::ReportFailure:
        if( action.method != method || action.reason.empty() )
          fault = "reports a failure of what is not tried (GEN-11)";
        break;
      case Do::Commit:
        if( ++commits > 1 || action.method != method )
          fault = "commits twice, or to what is not tried (NEG-10)";
        method.clear();
        break;
      case Do::NeverMind:
        if( ++neverMinds > 1 )
          fault = "never-mind twice (CLS-4)";
        break;
      case Do::CloseStream:
      case Do::AbortStream:
        if( commits == 0 )
          fault = "closes what is not open";
        break;
      case Do::End:
        if( ++ends > 1 || !method.empty() )
          fault = "ends twice, or with a method left (GEN-10, NEG-5)";
        running.clear();
        break;
    }
  }

  void watch( const Initiator::Actions& actions )
  {
    for( const auto& action : actions )
      act( action );
    if( ( machine.state() == State::Ended ) != ( ends == 1 ) )
      fault = "Ended without an end";
    if( ( machine.state() == State::Trying ) != !method.empty() )
      fault = "Trying without a method";
    const bool timeless = machine.state() == State::Idle || machine.state() == State::Open
                          || machine.state() == State::Closing || machine.state() == State::Ended;
    if( timeless != running.empty() )
      fault = "a timer runs without need, or none runs where one must";
  }

  void fire( Timer timer )
  {
    const bool stale = running.erase( timer ) == 0;
    const State before = machine.state();
    const auto actions = machine.timer( timer );
    if( stale == !actions.empty() || ( stale && machine.state() != before ) )
      fault = "a stale timer acts, or a live one does not (TMO-6)";
    if( !stale && before == State::Offering )
      deadUnanswered = true;
    watch( actions );
  }

  void answer( const Initiator::Actions& actions )
  {
    answered = answered || offered;
    watch( actions );
  }

  void quit( bool abort )
  {
    deadUnanswered = deadUnanswered || machine.state() == State::Offering;
    watch( machine.cancel( abort ) );
  }
};

const std::vector<std::function<void( Watcher& )>> events{
  []( Watcher& w ) { w.watch( w.machine.offer() ); },
  []( Watcher& w ) { w.answered = w.answered || w.offered; w.watch( w.machine.listReceived( list, true ) ); },
  []( Watcher& w ) { w.answered = w.answered || w.offered; w.watch( w.machine.listReceived( {}, false ) ); },
  []( Watcher& w ) { w.answer( w.machine.refused( Cause::Declined, "no" ) ); },
  []( Watcher& w ) { w.answer( w.machine.refused( Cause::MalformedReply, "what", true ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodOpened( w.machine.method() ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodOpened( "s5b" ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodFailed( w.machine.method(), "refused", false ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodFailed( "a", "late", false ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodFailed( w.machine.method(), "gone", true ) ); },
  []( Watcher& w ) { w.quit( false ); },
  []( Watcher& w ) { w.quit( true ); },
  []( Watcher& w ) { w.watch( w.machine.streamEnded( Cause::ClosedRemote, "eof" ) ); },
  []( Watcher& w ) { w.watch( w.machine.streamEnded( Cause::IoError, "reset" ) ); },
  []( Watcher& w ) { w.watch( w.machine.disconnected( true ) ); },
  []( Watcher& w ) { w.watch( w.machine.disconnected( false ) ); },
  []( Watcher& w ) { w.watch( w.machine.peerUnavailable() ); },
  []( Watcher& w ) { w.fire( Timer::SOffer ); },
  []( Watcher& w ) { w.fire( Timer::SNext ); },
  []( Watcher& w ) { w.fire( Timer::STotal ); },
  []( Watcher& w ) { w.fire( Timer::SS5B ); },
};

} // namespace

TEST_CASE( "GEN-10, NEG-1, NEG-5, NEG-11, TMO-6: the sender keeps its promises in every state under every event", "[initiator]" )
{
  const bool delayNext = GENERATE( false, true );
  Watcher start( delayNext );
  events[0]( start );                     // the offer; then all sequences of four
  std::set<State> seen{ State::Idle };
  std::string fault;
  show::walk( start, events, 4, seen, fault );
  show::walk( Watcher( delayNext ), events, 2, seen, fault );

  Watcher trying = start;
  events[1]( trying );                    // the list; then all sequences of four
  show::walk( trying, events, 4, seen, fault );
  CHECK( fault == "" );
  CHECK( seen.size() == ( delayNext ? 7u : 6u ) );
}

TEST_CASE( "GEN-10, TMO-6: the sender keeps its promises over long random walks", "[initiator]" )
{
  const auto seed = GENERATE( 1u, 20u, 300u, 4000u );
  const std::vector<std::size_t> gentle{ 0, 1, 5, 6, 7, 8, 18 };
  show::Dice dice( seed );
  std::string fault;
  int ends = 0;
  int commits = 0;
  Watcher watcher( false );
  for( int i = 0; i < 200000 && fault.empty(); ++i )
  {
    const bool any = dice.roll( 4 ) == 0; // events that end a session are rarer, so that walks get far
    events[any ? dice.roll( events.size() ) : gentle[dice.roll( gentle.size() )]]( watcher );
    fault = watcher.fault;
    if( watcher.ends > 0 && dice.roll( 8 ) == 0 )
    {
      ++ends;
      commits += watcher.commits;
      watcher = Watcher( dice.roll( 2 ) == 0 );
    }
  }
  CHECK( fault == "" );
  CHECK( ends > 5000 );
  CHECK( commits > 2000 );
}
