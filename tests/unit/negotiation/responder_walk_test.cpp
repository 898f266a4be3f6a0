// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The receiver's machine under every short sequence of events and under long random ones, watched for what must never happen.

#include "negotiation/responder.h"

#include "support/catch2.h"
#include "unit/negotiation/show.h"

#include <algorithm>
#include <functional>
#include <set>

using simultiple::Cause;
using simultiple::Timer;
using simultiple::negotiation::Opening;
using simultiple::negotiation::Responder;
using State = Responder::State;

namespace
{

const std::vector<std::string> list{ "a", "s5b", "ibb" };

std::size_t place( const std::string& method )
{
  return static_cast<std::size_t>( std::find( list.begin(), list.end(), method ) - list.begin() );
}

struct Watcher
{
  explicit Watcher( const Responder::Config& config ) : machine( config ) {}

  Responder machine;
  std::set<Timer> running{};
  std::string working{};      // method being accepted
  std::string pending{};      // method of the opening that waits for its answer
  std::string candidate{};    // method of the stream
  std::string pendingId{};
  std::size_t from = 0;       // first method of the list that may be accepted (NEG-21)
  bool written = false;       // to the candidate
  bool confirmed = false;
  bool conflict = false;      // a candidate with bytes of ours was dropped in this step
  int answers = 0;            // to the offer
  int opens = 0;
  int ends = 0;
  int openingsAnswered = 0;   // in this step
  int closesAnswered = 0;
  std::string fault{};

  void act( const Responder::Action& action, const Responder::Action* next )
  {
    using Do = Responder::Action::Do;
    if( ends > 0 && action.what != Do::RefuseOpening && action.what != Do::AnswerClose )
      fault = "after the end (GEN-10, CLS-9): " + show::text( action );
    switch( action.what )
    {
      case Do::AskApplication:
        break;
      case Do::SendAccept:
      case Do::SendDecline:
        if( ++answers > 1 )
          fault = "answers the offer twice (SI-8)";
        break;
      case Do::StartTimer:
        if( !running.insert( action.timer ).second && action.timer != Timer::RNext )
          fault = "timer started twice";
        break;
      case Do::StopTimer:
        if( running.erase( action.timer ) == 0 )
          fault = "stopped a timer that does not run";
        break;
      case Do::Accept:
        ++openingsAnswered;
        if( !pending.empty() || !candidate.empty() )
          fault = "two methods at once (NEG-21)";
        if( place( action.method ) < from || place( action.method ) >= list.size() )
          fault = "accepts a method twice or out of order (NEG-21, NEG-22)";
        from = place( action.method ) + 1;
        pending = action.method;
        working = action.method;
        break;
      case Do::RefuseOpening:
        ++openingsAnswered;
        if( action.condition.empty() )
          fault = "refuses without a condition";
        break;
      case Do::RefuseCurrent:
        if( pending.empty() || action.method != pending || action.condition.empty() )
          fault = "refuses what is not pending (GEN-1)";
        pending.clear();
        break;
      case Do::AnswerCurrent:
        if( pending.empty() || candidate != pending || action.method != pending )
          fault = "answers before the channel is the candidate (S5B-14)";
        pending.clear();
        break;
      case Do::DropMethod:
        if( action.method.empty() || action.method != ( candidate.empty() ? working : candidate ) )
          fault = "drops what is not there";
        working.clear();
        if( confirmed )
          fault = "drops a confirmed stream (NEG-26)";
        conflict = conflict || written;
        written = false;
        candidate.clear();
        break;
      case Do::TakeCandidate:
        if( !candidate.empty() || action.method != pending )
          fault = "two candidates (NEG-21)";
        candidate = action.method;
        written = false;
        if( next == nullptr || next->what != Do::AnswerCurrent )
          fault = "the answer does not follow the candidate (S5B-14)";
        break;
      case Do::ReportOpen:
        if( ++opens > 1 || action.method != candidate )
          fault = "open twice (GEN-10)";
        break;
      case Do::ReportChange:
        if( opens != 1 || action.method != candidate )
          fault = "changes what was never open (NEG-24)";
        break;
      case Do::ReportFailure:
        if( action.method.empty() || action.reason.empty() )
          fault = "a failure without method or reason (GEN-11)";
        break;
      case Do::AnswerClose:
      case Do::RefuseClose:
        ++closesAnswered;
        break;
      case Do::CloseStream:
      case Do::AbortStream:
        if( candidate.empty() )
          fault = "closes what is not there";
        break;
      case Do::End:
        ++ends;
        running.clear();
        break;
    }
  }

  void watch( const Responder::Actions& actions )
  {
    conflict = false;
    for( std::size_t i = 0; i < actions.size(); ++i )
      act( actions[i], i + 1 < actions.size() ? &actions[i + 1] : nullptr );

    const State state = machine.state();
    if( conflict && state != State::Ended )
      fault = "carries on silently after losing what was written (NEG-25)";
    if( ( state == State::Ended ) != ( ends == 1 ) )
      fault = "Ended without exactly one end";
    if( ( state == State::Accepting ) != !pending.empty() )
      fault = "an opening is left unanswered, or answered early (GEN-1)";
    if( state != State::Ended
        && ( state == State::Tentative || state == State::Open || state == State::Closing ) != !candidate.empty() )
      fault = "a stream without a candidate, or the reverse";
    if( state == State::Open || state == State::Closing )
      confirmed = true;
    if( state != State::Accepting )
      working.clear();
    checkTimers( state );
  }

  void checkTimers( State state )
  {
    std::set<Timer> rest = running;
    const bool first = rest.erase( Timer::RFirst ) == 1;
    const bool total = rest.erase( Timer::RTotal ) == 1;
    const bool established = state == State::Tentative || state == State::Open;
    const bool negotiating = state == State::Waiting || state == State::Accepting;   // TMO-7
    if( ( first && !established ) || total != negotiating )
      fault = "T-R-FIRST or T-R-TOTAL runs in the wrong state";
    const bool waits = rest == std::set<Timer>{ Timer::RNext } || rest == std::set<Timer>{ Timer::RGrace };
    const bool asks = rest == std::set<Timer>{ Timer::RApp };
    if( waits != ( state == State::Waiting ) || asks != ( state == State::Offered )
        || ( !waits && !asks && !rest.empty() ) )
      fault = "the wrong timer runs";
  }

  void fire( Timer timer )
  {
    const bool stale = running.erase( timer ) == 0;
    const State before = machine.state();
    const auto actions = machine.timer( timer );
    if( stale == !actions.empty() || ( stale && machine.state() != before ) )
      fault = "a stale timer acts, or a live one does not (TMO-6)";
    watch( actions );
  }

  void open( const std::string& method, const std::string& id, Opening verdict )
  {
    const bool repeated = machine.state() == State::Accepting && method == pending && id == pendingId;
    const std::string before = pending;
    openingsAnswered = 0;
    const auto actions = machine.opening( method, id, verdict );
    watch( actions );
    if( openingsAnswered != ( repeated ? 0 : 1 ) )
      fault = "an opening does not get exactly one answer (GEN-1, NEG-30)";
    if( pending != before )
      pendingId = id;
  }

  void close()
  {
    closesAnswered = 0;
    watch( machine.closeReceived() );
    if( closesAnswered != 1 )
      fault = "a close does not get exactly one answer (GEN-1)";
  }

  void write()
  {
    written = written || !candidate.empty();
    watch( machine.payloadWritten() );
  }

  void disconnect( bool survives )
  {
    if( machine.state() == State::Accepting )
      pending.clear();          // CLS-7: nothing can be sent any more
    const auto actions = machine.disconnected( survives );
    using Do = Responder::Action::Do;
    for( const auto& action : actions )
      if( action.what != Do::DropMethod && action.what != Do::StopTimer && action.what != Do::End )
        fault = "sends after a disconnect (CLS-7)";
    watch( actions );
  }
};

const std::vector<std::function<void( Watcher& )>> events{
  []( Watcher& w ) { w.watch( w.machine.accepted( list ) ); },
  []( Watcher& w ) { w.open( "a", "1", Opening::Good ); },
  []( Watcher& w ) { w.open( "s5b", "1", Opening::Good ); },
  []( Watcher& w ) { w.open( "s5b", "2", Opening::Good ); },
  []( Watcher& w ) { w.open( "ibb", "3", Opening::Good ); },
  []( Watcher& w ) { w.open( "unknown", "4", Opening::Good ); },
  []( Watcher& w ) { w.open( "ibb", "5", Opening::TooLarge ); },
  []( Watcher& w ) { w.open( "ibb", "6", Opening::Malformed ); },
  []( Watcher& w ) { w.open( "s5b", "7", Opening::Unusable ); },
  []( Watcher& w ) { w.open( "ibb", "8", Opening::Unusable ); },
  []( Watcher& w ) { w.watch( w.machine.methodAccepted( w.machine.method() ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodAccepted( "s5b" ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodFailed( w.machine.method(), "no", "item-not-found" ) ); },
  []( Watcher& w ) { w.watch( w.machine.methodFailed( "a", "late", "item-not-found" ) ); },
  []( Watcher& w ) { w.watch( w.machine.payloadReceived() ); },
  []( Watcher& w ) { w.write(); },
  []( Watcher& w ) { w.watch( w.machine.streamEnded( Cause::ClosedRemote, "eof" ) ); },
  []( Watcher& w ) { w.watch( w.machine.streamEnded( Cause::IoError, "reset" ) ); },
  []( Watcher& w ) { w.watch( w.machine.streamEnded( Cause::ClosedRemote, "close", true ) ); },
  []( Watcher& w ) { w.close(); },
  []( Watcher& w ) { w.watch( w.machine.declined() ); },
  []( Watcher& w ) { w.watch( w.machine.cancel( false ) ); },
  []( Watcher& w ) { w.watch( w.machine.cancel( true ) ); },
  []( Watcher& w ) { w.disconnect( true ); },
  []( Watcher& w ) { w.disconnect( false ); },
  []( Watcher& w ) { w.fire( Timer::RApp ); },
  []( Watcher& w ) { w.fire( Timer::RNext ); },
  []( Watcher& w ) { w.fire( Timer::RGrace ); },
  []( Watcher& w ) { w.fire( Timer::RFirst ); },
  []( Watcher& w ) { w.fire( Timer::RTotal ); },
  []( Watcher& w ) { w.fire( Timer::RS5B ); },
};

Watcher offered( bool senderSpeaksFirst, bool expectsNothing )
{
  Watcher watcher( Responder::Config{ senderSpeaksFirst, expectsNothing } );
  watcher.watch( watcher.machine.offered() );
  return watcher;
}

} // namespace

TEST_CASE( "GEN-1, GEN-10, NEG-21, NEG-25, TMO-6: the receiver keeps its promises in every state under every event", "[responder]" )
{
  const bool speaksFirst = GENERATE( false, true );
  std::set<State> seen;
  std::string fault;
  const Watcher start = offered( speaksFirst, false );
  show::walk( start, events, 3, seen, fault );

  // All sequences of three from each state on the way: waiting, accepting, tentative, written, grace, open.
  Watcher at = start;
  for( const std::size_t event : { 0u, 1u, 10u, 16u, 2u, 10u, 15u } )
  {
    events[event]( at );
    show::walk( at, events, 3, seen, fault );
  }
  CHECK( fault == "" );
  CHECK( seen.size() == 7 );
}

TEST_CASE( "GEN-1, GEN-10, TMO-6: the receiver keeps its promises over long random walks", "[responder]" )
{
  const auto seed = GENERATE( 1u, 20u, 300u, 4000u );
  const std::vector<std::size_t> gentle{ 0, 1, 2, 3, 4, 5, 6, 7, 10, 10, 11, 12, 13, 14, 15, 16, 17 };
  show::Dice dice( seed );
  std::string fault;
  int ends = 0;
  int opens = 0;
  Watcher watcher = offered( true, false );
  for( int i = 0; i < 200000 && fault.empty(); ++i )
  {
    const bool any = dice.roll( 8 ) == 0; // events that end a session are rarer, so that walks get far
    events[any ? dice.roll( events.size() ) : gentle[dice.roll( gentle.size() )]]( watcher );
    fault = watcher.fault;
    if( watcher.ends > 0 && dice.roll( 4 ) == 0 )
    {
      ++ends;
      opens += watcher.opens;
      watcher = offered( dice.roll( 2 ) == 0, dice.roll( 4 ) == 0 );
    }
  }
  CHECK( fault == "" );
  CHECK( ends > 5000 );
  CHECK( opens > 2000 );
}
