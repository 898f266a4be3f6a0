// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/responder.h"

#include "support/catch2.h"
#include "unit/negotiation/show.h"

using simultiple::Cause;
using simultiple::Timer;
using simultiple::negotiation::Opening;
using simultiple::negotiation::Responder;
using show::all;
using State = Responder::State;

namespace
{

const std::vector<std::string> both{ "s5b", "ibb" };
const Responder::Config fileTransfer{ true, false };
const Responder::Config nothingToCome{ false, true };

Responder waiting( const std::vector<std::string>& list = both, const Responder::Config& config = {} )
{
  Responder machine( config );
  (void)machine.offered();
  (void)machine.accepted( list );
  return machine;
}

Responder accepting( const std::vector<std::string>& list = both, const Responder::Config& config = {} )
{
  Responder machine = waiting( list, config );
  (void)machine.opening( list[0], "q1", Opening::Good );
  return machine;
}

Responder tentative( const Responder::Config& config = {} )
{
  Responder machine = accepting( both, config );
  (void)machine.methodAccepted( "s5b" );
  return machine;
}

Responder written()
{
  Responder machine = tentative();
  (void)machine.payloadWritten();
  return machine;
}

Responder open( const Responder::Config& config = {} )
{
  Responder machine = accepting( { "ibb" }, config );
  (void)machine.methodAccepted( "ibb" );
  return machine;
}

Responder grace()
{
  Responder machine = tentative();
  (void)machine.streamEnded( Cause::ClosedRemote, "end of file" );
  return machine;
}

Responder closing()
{
  Responder machine = open();
  (void)machine.cancel( false );
  return machine;
}

Responder ended()
{
  Responder machine;
  (void)machine.declined();
  return machine;
}

} // namespace

TEST_CASE( "ST-R-2: a good offer goes to the application, with a time limit", "[responder]" )
{
  Responder machine;
  CHECK( all( machine.offered() ) == "start RApp, AskApplication" );
  CHECK( machine.state() == State::Offered );
  CHECK( all( machine.offered() ).empty() );
}

TEST_CASE( "ST-R-3, ST-R-4, SIM-15: on acceptance all is ready before the answer leaves", "[responder]" )
{
  Responder machine;
  (void)machine.offered();
  CHECK( all( machine.accepted( both ) ) == "stop RApp, start RNext, start RTotal, SendAccept" );
  CHECK( machine.state() == State::Waiting );
}

TEST_CASE( "SI-14, SI-15, SIM-13: a decision counts once, while the offer stands, and never for an empty list", "[responder]" )
{
  Responder empty;
  CHECK( all( empty.accepted( {} ) ).empty() );
  CHECK( empty.state() == State::Offered );

  Responder machine = waiting();
  CHECK( all( machine.accepted( both ) ).empty() );
  CHECK( all( machine.declined() ).empty() );
  Responder over = ended();
  CHECK( all( over.accepted( both ) ).empty() );
  CHECK( all( over.declined() ).empty() );
}

TEST_CASE( "ST-R-5: declining, and T-R-APP, send the refusal", "[responder]" )
{
  Responder machine;
  (void)machine.offered();
  Responder late = machine;
  CHECK( all( machine.declined() ) == "SendDecline, End Declined" );
  CHECK( all( late.timer( Timer::RApp ) ) == "SendDecline, End Timeout" );
}

TEST_CASE( "ST-R-6: openings before the decision are refused", "[responder]" )
{
  Responder machine;
  (void)machine.offered();
  for( const Opening verdict : { Opening::Good, Opening::TooLarge, Opening::Malformed, Opening::Unusable } )
    CHECK( all( machine.opening( "s5b", "q", verdict ) ) == "RefuseOpening not-acceptable" );
  CHECK( machine.state() == State::Offered );
}

TEST_CASE( "ST-R-8, ST-R-35: an acceptable opening is worked on, and waiting stops", "[responder]" )
{
  Responder machine = waiting();
  CHECK( all( machine.opening( "s5b", "q1", Opening::Good ) ) == "stop RNext, Accept s5b" );
  CHECK( machine.state() == State::Accepting );
  CHECK( machine.method() == "s5b" );
}

TEST_CASE( "ST-R-9: an unusable opening uses its method up", "[responder]" )
{
  Responder machine = waiting();
  CHECK( all( machine.opening( "s5b", "q1", Opening::Unusable ) )
         == "start RNext, RefuseOpening not-acceptable, ReportFailure s5b: unusable" );
  CHECK( machine.state() == State::Waiting );
  CHECK( all( machine.opening( "s5b", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );

  Responder only = waiting( { "s5b" } );
  CHECK( all( only.opening( "s5b", "q1", Opening::Unusable ) )
         == "RefuseOpening not-acceptable, ReportFailure s5b: unusable, End MethodsExhausted" );
}

TEST_CASE( "ST-R-10, NEG-20: the last method of the list is open at once, and T-R-TOTAL is over", "[responder]" )
{
  Responder machine = accepting( { "ibb" } );
  CHECK( all( machine.methodAccepted( "ibb" ) ) == "TakeCandidate ibb, AnswerCurrent ibb, stop RTotal, ReportOpen ibb" );
  CHECK( machine.state() == State::Open );
  CHECK( all( machine.timer( Timer::RTotal ) ).empty() );
}

TEST_CASE( "ST-R-11, NEG-22: a block-size above ours is refused and IBB may be opened again", "[responder]" )
{
  Responder machine = waiting();
  CHECK( all( machine.opening( "ibb", "q1", Opening::TooLarge ) ) == "start RNext, RefuseOpening resource-constraint" );
  CHECK( machine.state() == State::Waiting );
  CHECK( all( machine.opening( "ibb", "q2", Opening::TooLarge ) ) == "start RNext, RefuseOpening resource-constraint" );
  Responder back = machine;
  CHECK( all( back.opening( "s5b", "q3", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( all( machine.opening( "ibb", "q3", Opening::Good ) ) == "stop RNext, Accept ibb" );
}

TEST_CASE( "ST-R-11, NEG-23, NEG-24, NEG-25: a block-size above ours still means that the sender moved on", "[responder]" )
{
  Responder busy = accepting();
  CHECK( all( busy.opening( "ibb", "q2", Opening::TooLarge ) )
         == "DropMethod s5b, RefuseCurrent s5b item-not-found, ReportFailure s5b: given up by the sender, "
            "start RNext, RefuseOpening resource-constraint" );
  CHECK( all( busy.opening( "ibb", "q3", Opening::Good ) ) == "stop RNext, Accept ibb" );
  Responder unproven = tentative();
  CHECK( all( unproven.opening( "ibb", "q2", Opening::TooLarge ) )
         == "start RTotal, DropMethod s5b, start RNext, RefuseOpening resource-constraint" );
  Responder lost = written();
  CHECK( all( lost.opening( "ibb", "q2", Opening::TooLarge ) )
         == "RefuseOpening not-acceptable, AbortStream, End StreamConflict" );
  Responder after = grace();
  CHECK( all( after.opening( "ibb", "q2", Opening::TooLarge ) )
         == "stop RGrace, start RNext, RefuseOpening resource-constraint" );
  CHECK( all( after.timer( Timer::RGrace ) ).empty() );
}

TEST_CASE( "ST-R-12, NEG-22: what is not in the list, used up or earlier is refused and changes nothing", "[responder]" )
{
  Responder machine = waiting( { "ibb" } );
  CHECK( all( machine.opening( "s5b", "q1", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( all( machine.opening( "", "q1", Opening::Unusable ) ) == "RefuseOpening not-acceptable" );
  CHECK( machine.state() == State::Waiting );
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "stop RNext, Accept ibb" );
}

TEST_CASE( "NEG-21: a sender that skips a method is served, and the skipped one is used up", "[responder]" )
{
  Responder machine = waiting();
  CHECK( all( machine.opening( "ibb", "q1", Opening::Good ) ) == "stop RNext, Accept ibb" );
  CHECK( all( machine.opening( "s5b", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  (void)machine.methodAccepted( "ibb" );
  CHECK( machine.state() == State::Open );
  CHECK( all( machine.opening( "s5b", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
}

TEST_CASE( "GEN-1: a malformed opening is a bad request and changes nothing", "[responder]" )
{
  Responder idle = waiting();
  CHECK( all( idle.opening( "ibb", "q1", Opening::Malformed ) ) == "RefuseOpening bad-request" );
  CHECK( idle.state() == State::Waiting );
  Responder busy = accepting();
  CHECK( all( busy.opening( "ibb", "q2", Opening::Malformed ) ) == "RefuseOpening bad-request" );
  CHECK( busy.method() == "s5b" );
  Responder lost = written();
  CHECK( all( lost.opening( "ibb", "q2", Opening::Malformed ) ) == "RefuseOpening bad-request" );
  CHECK( lost.state() == State::Tentative );
}

TEST_CASE( "ST-R-13, NEG-31: without an opening the session times out", "[responder]" )
{
  Responder machine = waiting();
  CHECK( all( machine.timer( Timer::RNext ) ) == "End Timeout" );
}

TEST_CASE( "ST-R-14, NEG-27: when T-R-GRACE is over the stream was closed by the peer", "[responder]" )
{
  Responder machine = grace();
  CHECK( all( machine.timer( Timer::RNext ) ).empty() );
  CHECK( all( machine.timer( Timer::RGrace ) ) == "End ClosedRemote" );
}

TEST_CASE( "ST-R-15, S5B-14: the channel is the candidate before the answer leaves", "[responder]" )
{
  Responder machine = accepting();
  CHECK( all( machine.methodAccepted( "ibb" ) ).empty() );
  CHECK( all( machine.methodAccepted( "s5b" ) ) == "TakeCandidate s5b, AnswerCurrent s5b, stop RTotal, ReportOpen s5b" );
  CHECK( machine.state() == State::Tentative );
  CHECK( all( machine.methodAccepted( "s5b" ) ).empty() );
}

TEST_CASE( "ST-R-16, NEG-29: after a failure the machine waits for the next method before the error leaves", "[responder]" )
{
  Responder machine = accepting();
  CHECK( all( machine.methodFailed( "ibb", "no", "item-not-found" ) ).empty() );
  // The machine's own string may be handed back to it.
  CHECK( all( machine.methodFailed( machine.method(), "no streamhost", "item-not-found" ) )
         == "start RNext, RefuseCurrent s5b item-not-found, ReportFailure s5b: no streamhost" );
  CHECK( machine.state() == State::Waiting );
  CHECK( machine.method().empty() );
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "stop RNext, Accept ibb" );
}

TEST_CASE( "ST-R-17, NEG-29: after the last method's failure the error leaves, then the session ends", "[responder]" )
{
  Responder machine = accepting();
  (void)machine.methodFailed( "s5b", "no streamhost", "item-not-found" );
  (void)machine.opening( "ibb", "q2", Opening::Good );
  const auto actions = machine.methodFailed( "ibb", "no memory", "not-acceptable" );
  REQUIRE( all( actions ) == "RefuseCurrent ibb not-acceptable, ReportFailure ibb: no memory, End MethodsExhausted" );
  CHECK( actions.back().reason == "s5b: no streamhost; ibb: no memory" );
}

TEST_CASE( "ST-R-19, NEG-23: a later opening stops the work and answers the old query first", "[responder]" )
{
  Responder machine = accepting();
  Responder last = machine;
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) )
         == "DropMethod s5b, RefuseCurrent s5b item-not-found, ReportFailure s5b: given up by the sender, Accept ibb" );
  CHECK( machine.method() == "ibb" );
  CHECK( all( machine.methodAccepted( "ibb" ) ) == "TakeCandidate ibb, AnswerCurrent ibb, stop RTotal, ReportOpen ibb" );
  CHECK( all( last.opening( "ibb", "q2", Opening::Unusable ) )
         == "DropMethod s5b, RefuseCurrent s5b item-not-found, ReportFailure s5b: given up by the sender, "
            "RefuseOpening not-acceptable, ReportFailure ibb: unusable, End MethodsExhausted" );
}

TEST_CASE( "ST-R-20, NEG-30: a second opening of the same method is refused, a retransmission ignored", "[responder]" )
{
  Responder machine = accepting();
  CHECK( all( machine.opening( "s5b", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( all( machine.opening( "s5b", "q1", Opening::Good ) ).empty() );
  CHECK( machine.state() == State::Accepting );
  (void)machine.methodAccepted( "s5b" );
  CHECK( all( machine.opening( "s5b", "q1", Opening::Good ) ) == "RefuseOpening not-acceptable" );
}

TEST_CASE( "ST-R-21, NEG-20, NEG-26: payload confirms, and later openings are refused from then on", "[responder]" )
{
  Responder machine = tentative();
  CHECK( all( machine.payloadReceived() ).empty() );
  CHECK( machine.state() == State::Open );
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( all( machine.payloadReceived() ).empty() );
}

TEST_CASE( "ST-R-22, NEG-24: a later opening replaces an unproven candidate, and the application hears of a change", "[responder]" )
{
  Responder machine = tentative();
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "start RTotal, DropMethod s5b, Accept ibb" );
  CHECK( all( machine.methodAccepted( "ibb" ) ) == "TakeCandidate ibb, AnswerCurrent ibb, stop RTotal, ReportChange ibb" );
}

TEST_CASE( "ST-R-22, GEN-10: if the replacement fails too, the session ends without a second open", "[responder]" )
{
  Responder machine = tentative();
  (void)machine.opening( "ibb", "q2", Opening::Good );
  CHECK( all( machine.methodFailed( "ibb", "no", "not-acceptable" ) )
         == "RefuseCurrent ibb not-acceptable, ReportFailure ibb: no, End MethodsExhausted" );
}

TEST_CASE( "ST-R-23, NEG-25: a later opening after we have written is a conflict", "[responder]" )
{
  Responder machine = written();
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) )
         == "RefuseOpening not-acceptable, AbortStream, End StreamConflict" );
}

TEST_CASE( "NEG-25: what was written to a candidate that is gone does not count for the next", "[responder]" )
{
  Responder machine = accepting( { "a", "s5b", "ibb" } );
  (void)machine.payloadWritten(); // nothing to write to yet
  (void)machine.methodAccepted( "a" );
  (void)machine.opening( "s5b", "q2", Opening::Good );
  (void)machine.methodAccepted( "s5b" );
  CHECK( all( machine.opening( "ibb", "q3", Opening::Good ) ) == "start RTotal, DropMethod s5b, Accept ibb" );
}

TEST_CASE( "ST-R-24: an opening that is not acceptable leaves the candidate alone", "[responder]" )
{
  Responder machine = written();
  CHECK( all( machine.opening( "s5b", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( machine.state() == State::Tentative );
}

TEST_CASE( "ST-R-25, NEG-27: where nothing is expected an early end of file is completion", "[responder]" )
{
  Responder machine = tentative( nothingToCome );
  Responder broken = machine;
  CHECK( all( machine.streamEnded( Cause::ClosedRemote, "" ) ) == "End ClosedRemote" );
  CHECK( all( broken.streamEnded( Cause::IoError, "reset" ) ) == "start RTotal, DropMethod s5b, start RGrace" );
}

TEST_CASE( "ST-R-26, NEG-27, S5B-17: an early end without payload means waiting for the next opening", "[responder]" )
{
  const Cause cause = GENERATE( Cause::ClosedRemote, Cause::IoError );
  Responder machine = tentative();
  CHECK( all( machine.streamEnded( cause, "end" ) ) == "start RTotal, DropMethod s5b, start RGrace" );
  CHECK( machine.state() == State::Waiting );
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "stop RGrace, Accept ibb" );
  CHECK( all( machine.methodAccepted( "ibb" ) ) == "TakeCandidate ibb, AnswerCurrent ibb, stop RTotal, ReportChange ibb" );
}

TEST_CASE( "ST-R-27: an early end after we have written is the end, and so is a violation", "[responder]" )
{
  const Cause cause = GENERATE( Cause::ClosedRemote, Cause::IoError );
  Responder machine = written();
  CHECK( all( machine.streamEnded( cause, "" ) ) == "End " + show::name( cause ) );
  Responder unwritten = tentative();
  CHECK( all( unwritten.streamEnded( Cause::ProtocolViolation, "" ) ) == "End ProtocolViolation" );
}

TEST_CASE( "ST-R-28, IBB-13, CLS-8: the sender's close of a tentative IBB stream is an ordinary close, and nothing follows a broken one", "[responder]" )
{
  const Cause cause = GENERATE( Cause::ClosedRemote, Cause::IoError );
  Responder machine = waiting( { "ibb", "s5b" } );
  (void)machine.opening( "ibb", "q1", Opening::Good );
  (void)machine.methodAccepted( "ibb" );
  REQUIRE( machine.state() == State::Tentative );
  CHECK( all( machine.streamEnded( cause, "", true ) ) == "End " + show::name( cause ) );
}

TEST_CASE( "ST-R-29, CLS-5, IBB-15: a close from the sender cancels what is not confirmed", "[responder]" )
{
  Responder offered;
  (void)offered.offered();
  CHECK( all( offered.closeReceived() ) == "AnswerClose, SendDecline, End CancelledRemote" );
  Responder idle = waiting();
  CHECK( all( idle.closeReceived() ) == "AnswerClose, End CancelledRemote" );
  Responder busy = accepting();
  CHECK( all( busy.closeReceived() )
         == "RefuseCurrent s5b item-not-found, DropMethod s5b, AnswerClose, End CancelledRemote" );
  Responder unproven = tentative();
  CHECK( all( unproven.closeReceived() ) == "DropMethod s5b, AnswerClose, End CancelledRemote" );
}

TEST_CASE( "IBB-15, CLS-9: a close on a confirmed stream changes nothing, on a tombstone it gets a result", "[responder]" )
{
  Responder running = open();
  CHECK( all( running.closeReceived() ) == "RefuseClose" );
  CHECK( running.state() == State::Open );
  Responder draining = closing();
  CHECK( all( draining.closeReceived() ) == "RefuseClose" );
  Responder over = ended();
  CHECK( all( over.closeReceived() ) == "AnswerClose" );
}

TEST_CASE( "ST-R-30, CLS-6: cancelling before a stream is open refuses what is pending", "[responder]" )
{
  const bool abort = GENERATE( false, true );
  Responder offered;
  (void)offered.offered();
  CHECK( all( offered.cancel( abort ) ) == "SendDecline, End CancelledLocal" );
  Responder idle = waiting();
  CHECK( all( idle.cancel( abort ) ) == "End CancelledLocal" );
  Responder busy = accepting();
  CHECK( all( busy.cancel( abort ) ) == "RefuseCurrent s5b not-acceptable, DropMethod s5b, End CancelledLocal" );
  CHECK( all( busy.opening( "ibb", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
}

TEST_CASE( "ST-R-30: a tentative stream closes like an open one", "[responder]" )
{
  Responder machine = tentative( fileTransfer );
  Responder other = machine;
  CHECK( all( machine.cancel( false ) ) == "stop RFirst, CloseStream" );
  CHECK( machine.state() == State::Closing );
  CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( all( other.cancel( true ) ) == "AbortStream, End ClosedLocal" );
}

TEST_CASE( "ST-R-31: T-R-FIRST runs from the positive answer to the first payload, confirmed or not", "[responder]" )
{
  Responder machine = accepting( both, fileTransfer );
  CHECK( all( machine.methodAccepted( "s5b" ) )
         == "TakeCandidate s5b, AnswerCurrent s5b, start RFirst, stop RTotal, ReportOpen s5b" );
  SECTION( "expiry while tentative" )
  {
    CHECK( all( machine.timer( Timer::RFirst ) ) == "AbortStream, End Timeout" );
  }
  SECTION( "our own payload does not stop it" )
  {
    (void)machine.payloadWritten();
    CHECK( all( machine.timer( Timer::RFirst ) ) == "AbortStream, End Timeout" );
  }
  SECTION( "payload stops it" )
  {
    CHECK( all( machine.payloadReceived() ) == "stop RFirst" );
    CHECK( all( machine.timer( Timer::RFirst ) ).empty() );
  }
  SECTION( "a later opening stops it, and its answer starts it again" )
  {
    CHECK( all( machine.opening( "ibb", "q2", Opening::Good ) ) == "stop RFirst, start RTotal, DropMethod s5b, Accept ibb" );
    CHECK( all( machine.timer( Timer::RFirst ) ).empty() );
    CHECK( all( machine.methodAccepted( "ibb" ) )
           == "TakeCandidate ibb, AnswerCurrent ibb, start RFirst, stop RTotal, ReportChange ibb" );
    Responder silent = machine;
    CHECK( all( silent.timer( Timer::RFirst ) ) == "AbortStream, End Timeout" );
    CHECK( all( machine.payloadReceived() ) == "stop RFirst" );
  }
  SECTION( "an early end of file stops it" )
  {
    CHECK( all( machine.streamEnded( Cause::ClosedRemote, "" ) ) == "stop RFirst, start RTotal, DropMethod s5b, start RGrace" );
  }
}

TEST_CASE( "ST-R-32, NEG-26: every opening on an open stream is refused", "[responder]" )
{
  Responder machine = open();
  for( const Opening verdict : { Opening::Good, Opening::TooLarge, Opening::Malformed, Opening::Unusable } )
    CHECK( all( machine.opening( "ibb", "q2", verdict ) ) == "RefuseOpening not-acceptable" );
  CHECK( machine.state() == State::Open );
}

TEST_CASE( "ST-R-33, CLS-1: an open stream is closed by us, ended by the peer, or breaks", "[responder]" )
{
  Responder machine = open();
  CHECK( all( machine.cancel( false ) ) == "CloseStream" );
  CHECK( machine.state() == State::Closing );
  const Cause cause = GENERATE( Cause::ClosedRemote, Cause::IoError, Cause::ProtocolViolation );
  Responder other = open();
  CHECK( all( other.streamEnded( cause, "" ) ) == "End " + show::name( cause ) );
  Responder aborted = open();
  CHECK( all( aborted.cancel( true ) ) == "AbortStream, End ClosedLocal" );
}

TEST_CASE( "ST-R-34: the end of a stream that we are closing is ours", "[responder]" )
{
  Responder machine = closing();
  Responder impatient = machine;
  Responder lossy = machine;
  CHECK( all( machine.cancel( false ) ).empty() );
  CHECK( all( machine.streamEnded( Cause::ClosedRemote, "" ) ) == "End ClosedLocal" );
  CHECK( all( lossy.streamEnded( Cause::IoError, "" ) ) == "End IoError" );
  CHECK( all( impatient.cancel( true ) ) == "AbortStream, End ClosedLocal" );
}

TEST_CASE( "ST-R-36: another method ends as S5B does", "[responder]" )
{
  Responder good = accepting( { "jabber:iq:oob", "ibb" } );
  Responder bad = good;
  CHECK( all( good.methodAccepted( "jabber:iq:oob" ) )
         == "TakeCandidate jabber:iq:oob, AnswerCurrent jabber:iq:oob, stop RTotal, ReportOpen jabber:iq:oob" );
  CHECK( all( bad.methodFailed( "jabber:iq:oob", "no", "not-acceptable" ) )
         == "start RNext, RefuseCurrent jabber:iq:oob not-acceptable, ReportFailure jabber:iq:oob: no" );
}

TEST_CASE( "ST-R-37, CLS-9: a tombstone refuses openings and nothing else happens", "[responder]" )
{
  Responder machine = ended();
  CHECK( all( machine.opening( "s5b", "q1", Opening::Good ) ) == "RefuseOpening not-acceptable" );
  CHECK( all( machine.cancel( true ) ).empty() );
  CHECK( all( machine.disconnected( false ) ).empty() );
  CHECK( all( machine.payloadReceived() ).empty() );
}

TEST_CASE( "TMO-4: T-R-TOTAL ends the session even in the middle of a method, and answers what is pending", "[responder]" )
{
  Responder idle = waiting();
  CHECK( all( idle.timer( Timer::RTotal ) ) == "End Timeout" );
  Responder busy = accepting();
  CHECK( all( busy.timer( Timer::RTotal ) ) == "RefuseCurrent s5b item-not-found, DropMethod s5b, End Timeout" );
}

TEST_CASE( "TMO-7: T-R-TOTAL leaves a tentative stream alone, and runs again when the candidate is lost", "[responder]" )
{
  Responder unproven = tentative();
  CHECK( all( unproven.timer( Timer::RTotal ) ).empty() );
  CHECK( unproven.state() == State::Tentative );

  Responder moved = unproven;
  CHECK( all( moved.opening( "ibb", "q2", Opening::Good ) ) == "start RTotal, DropMethod s5b, Accept ibb" );
  CHECK( all( moved.timer( Timer::RTotal ) ) == "RefuseCurrent ibb item-not-found, DropMethod ibb, End Timeout" );

  Responder lost = unproven;
  CHECK( all( lost.streamEnded( Cause::ClosedRemote, "end" ) ) == "start RTotal, DropMethod s5b, start RGrace" );
  CHECK( all( lost.timer( Timer::RTotal ) ) == "End Timeout" );
}

TEST_CASE( "CLS-7: a disconnect ends what is not established and sends nothing", "[responder]" )
{
  for( const bool survives : { false, true } )
  {
    Responder offered;
    (void)offered.offered();
    CHECK( all( offered.disconnected( survives ) ) == "End Disconnected" );
    Responder idle = waiting();
    CHECK( all( idle.disconnected( survives ) ) == "End Disconnected" );
    Responder busy = accepting();
    CHECK( all( busy.disconnected( survives ) ) == "DropMethod s5b, End Disconnected" );
  }
  Responder unproven = tentative();
  CHECK( all( unproven.disconnected( false ) ) == "DropMethod s5b, End Disconnected" );
  Responder running = open();
  CHECK( all( running.disconnected( false ) ) == "End Disconnected" );
  Responder draining = closing();
  CHECK( all( draining.disconnected( false ) ) == "End Disconnected" );
}

TEST_CASE( "CLS-7: a tentative S5B stream survives a disconnect as if confirmed", "[responder]" )
{
  Responder machine = tentative( fileTransfer );
  CHECK( all( machine.disconnected( true ) ).empty() );
  CHECK( machine.state() == State::Open );
  Responder silent = machine;
  CHECK( all( silent.timer( Timer::RFirst ) ) == "AbortStream, End Timeout" );
  CHECK( all( machine.streamEnded( Cause::ClosedRemote, "" ) ) == "End ClosedRemote" );
  Responder running = open();
  CHECK( all( running.disconnected( true ) ).empty() );
  CHECK( running.state() == State::Open );
}
