// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/initiator.h"

#include "support/catch2.h"
#include "unit/negotiation/show.h"

using simultiple::Cause;
using simultiple::Timer;
using simultiple::negotiation::Initiator;
using show::all;

namespace
{

const std::vector<std::string> both{ "s5b", "ibb" };

Initiator offering()
{
  Initiator machine;
  (void)machine.offer();
  return machine;
}

Initiator trying( const std::vector<std::string>& list = both, bool hasInBand = true )
{
  Initiator machine = offering();
  (void)machine.listReceived( list, hasInBand );
  return machine;
}

Initiator choosing()
{
  Initiator machine( true );
  (void)machine.offer();
  (void)machine.listReceived( both, true );
  (void)machine.methodFailed( "s5b", "refused", false );
  return machine;
}

Initiator open()
{
  Initiator machine = trying();
  (void)machine.methodOpened( "s5b" );
  return machine;
}

Initiator closing()
{
  Initiator machine = open();
  (void)machine.cancel( false );
  return machine;
}

} // namespace

TEST_CASE( "ST-S-1: an offer is sent, and its timer runs", "[initiator]" )
{
  Initiator machine;
  CHECK( all( machine.offer() ) == "SendOffer, start SOffer" );
  CHECK( machine.state() == Initiator::State::Offering );
  CHECK( machine.method().empty() );
  CHECK( all( machine.offer() ).empty() );
}

TEST_CASE( "ST-S-2: before the offer nothing happens, whatever comes", "[initiator]" )
{
  Initiator machine;
  CHECK( all( machine.listReceived( both, true ) ).empty() );
  CHECK( all( machine.refused( Cause::Declined, "", true ) ).empty() );
  CHECK( all( machine.cancel( true ) ).empty() );
  CHECK( all( machine.disconnected( false ) ).empty() );
  CHECK( all( machine.timer( Timer::SOffer ) ).empty() );
  CHECK( machine.state() == Initiator::State::Idle );
}

TEST_CASE( "ST-S-3, NEG-1: the list starts its first method at once", "[initiator]" )
{
  Initiator machine = offering();
  CHECK( all( machine.listReceived( both, true ) ) == "stop SOffer, start STotal, StartMethod s5b" );
  CHECK( machine.state() == Initiator::State::Trying );
  CHECK( machine.method() == "s5b" );
  CHECK_FALSE( machine.onLastMethod() );
  CHECK( trying( { "ibb" } ).onLastMethod() );
}

TEST_CASE( "ST-S-3, SI-23: a second list is ignored", "[initiator]" )
{
  Initiator machine = trying();
  CHECK( all( machine.listReceived( { "ibb" }, true ) ).empty() );
  CHECK( all( machine.refused( Cause::Declined, "", true ) ).empty() );
  CHECK( machine.method() == "s5b" );
}

TEST_CASE( "ST-S-4, CLS-4: an acceptance that means nothing gets a never-mind if it named IBB", "[initiator]" )
{
  Initiator without = offering();
  CHECK( all( without.refused( Cause::MalformedReply, "", false ) ) == "End MalformedReply" );
  Initiator with = offering();
  CHECK( all( with.refused( Cause::MalformedReply, "", true ) ) == "NeverMind, End MalformedReply" );
  Initiator empty = offering();
  CHECK( all( empty.listReceived( {}, false ) ) == "End NoValidStreams" );
}

TEST_CASE( "ST-S-5: an error ends the session with the mapped cause and the peer's words", "[initiator]" )
{
  Initiator machine = offering();
  const auto actions = machine.refused( Cause::Declined, "no, thank you" );
  REQUIRE( all( actions ) == "End Declined" );
  CHECK( actions[0].reason == "no, thank you" );
  CHECK( machine.state() == Initiator::State::Ended );
}

TEST_CASE( "ST-S-7, TMO-4: an offer without an answer times out", "[initiator]" )
{
  Initiator machine = offering();
  CHECK( all( machine.timer( Timer::SOffer ) ) == "End Timeout" );
}

TEST_CASE( "ST-S-8, CLS-3: an offer cancelled before its answer ends without sending anything", "[initiator]" )
{
  const bool abort = GENERATE( false, true );
  Initiator machine = offering();
  CHECK( all( machine.cancel( abort ) ) == "End CancelledLocal" );
}

TEST_CASE( "ST-S-9 to ST-S-13, NEG-6: with T-S-NEXT the next method waits for it", "[initiator]" )
{
  Initiator machine( true );
  (void)machine.offer();
  CHECK( all( machine.listReceived( both, true ) ) == "stop SOffer, start STotal, StartMethod s5b" );
  CHECK( all( machine.methodFailed( "s5b", "silence", false ) )
         == "ReportFailure s5b: silence, AbandonMethod s5b, start SNext" );
  CHECK( machine.state() == Initiator::State::Choosing );
  CHECK( machine.method().empty() );
  CHECK( all( machine.timer( Timer::SNext ) ) == "StartMethod ibb" );
  CHECK( machine.state() == Initiator::State::Trying );
}

TEST_CASE( "ST-S-14, NEG-6: when the list is used up the end names each method's reason", "[initiator]" )
{
  Initiator machine = trying();
  (void)machine.methodFailed( "s5b", "item-not-found", false );
  const auto actions = machine.methodFailed( "ibb", "not-acceptable", false );
  REQUIRE( all( actions ) == "ReportFailure ibb: not-acceptable, AbandonMethod ibb, End MethodsExhausted" );
  CHECK( actions.back().reason == "s5b: item-not-found; ibb: not-acceptable" );
}

TEST_CASE( "ST-S-15, ST-S-23, ST-S-27, ST-S-29, NEG-10: the first method to connect is committed", "[initiator]" )
{
  Initiator machine = trying();
  CHECK( all( machine.methodOpened( "s5b" ) ) == "stop STotal, Commit s5b" );
  CHECK( machine.state() == Initiator::State::Open );
  CHECK( machine.method() == "s5b" );
}

TEST_CASE( "ST-S-18, ST-S-20, ST-S-21, ST-S-24, NEG-5: a failed method is undone before the next starts", "[initiator]" )
{
  Initiator machine = trying();
  // The machine's own string may be handed back to it.
  CHECK( all( machine.methodFailed( machine.method(), "refused", false ) )
         == "ReportFailure s5b: refused, AbandonMethod s5b, StartMethod ibb" );
  CHECK( machine.method() == "ibb" );
  CHECK( machine.onLastMethod() );
}

TEST_CASE( "ST-S-19, ST-S-31, NEG-7: an unreachable peer ends the session though methods remain", "[initiator]" )
{
  Initiator machine = trying();
  CHECK( all( machine.methodFailed( "s5b", "gone", true ) )
         == "ReportFailure s5b: gone, AbandonMethod s5b, End PeerUnreachable" );
}

TEST_CASE( "ST-S-34: an application's method is committed or passed over like any other", "[initiator]" )
{
  Initiator machine = trying( { "jabber:iq:oob", "ibb" } );
  Initiator other = machine;
  CHECK( all( machine.methodOpened( "jabber:iq:oob" ) ) == "stop STotal, Commit jabber:iq:oob" );
  CHECK( all( other.methodFailed( "jabber:iq:oob", "no", false ) )
         == "ReportFailure jabber:iq:oob: no, AbandonMethod jabber:iq:oob, StartMethod ibb" );
}

TEST_CASE( "ST-S-35, CLS-5: cancelling while a method is tried undoes it and tells a receiver that knows IBB", "[initiator]" )
{
  const bool abort = GENERATE( false, true );
  Initiator with = trying();
  CHECK( all( with.cancel( abort ) ) == "AbandonMethod s5b, NeverMind, End CancelledLocal" );
  Initiator without = trying( { "s5b" }, false );
  CHECK( all( without.cancel( abort ) ) == "AbandonMethod s5b, End CancelledLocal" );
  Initiator between = choosing();
  CHECK( all( between.cancel( abort ) ) == "NeverMind, End CancelledLocal" );
}

TEST_CASE( "TMO-4: T-S-TOTAL ends the session even in the middle of a method", "[initiator]" )
{
  Initiator machine = trying();
  CHECK( all( machine.timer( Timer::STotal ) ) == "AbandonMethod s5b, NeverMind, End Timeout" );
  Initiator between = choosing();
  const auto actions = between.timer( Timer::STotal );
  REQUIRE( all( actions ) == "NeverMind, End Timeout" );
  CHECK( actions.back().reason == "no method connected in time (s5b: refused)" );
}

TEST_CASE( "ST-S-36, NEG-12, NEG-11: news of a method that is not the current one is dropped", "[initiator]" )
{
  Initiator machine = trying();
  (void)machine.methodFailed( "s5b", "silence", false );
  CHECK( all( machine.methodOpened( "s5b" ) ).empty() );
  CHECK( all( machine.methodFailed( "s5b", "again", false ) ).empty() );
  CHECK( machine.method() == "ibb" );

  Initiator committed = open();
  CHECK( all( committed.methodOpened( "s5b" ) ).empty() );
  CHECK( all( committed.methodFailed( "s5b", "late", true ) ).empty() );
  CHECK( committed.state() == Initiator::State::Open );
}

TEST_CASE( "ST-S-37, CLS-1: closing sends what is queued first, aborting does not", "[initiator]" )
{
  Initiator machine = open();
  CHECK( all( machine.cancel( false ) ) == "CloseStream" );
  CHECK( machine.state() == Initiator::State::Closing );
  CHECK( all( machine.cancel( false ) ).empty() );
  CHECK( all( machine.cancel( true ) ) == "AbortStream, End ClosedLocal" );

  Initiator other = open();
  CHECK( all( other.cancel( true ) ) == "AbortStream, End ClosedLocal" );
}

TEST_CASE( "ST-S-38, ST-S-39, NEG-11: the end of an open stream is the end, never a fallback", "[initiator]" )
{
  const Cause cause = GENERATE( Cause::ClosedRemote, Cause::IoError, Cause::ProtocolViolation );
  Initiator machine = open();
  const auto actions = machine.streamEnded( cause, "why" );
  REQUIRE( all( actions ) == "End " + show::name( cause ) );
  CHECK( actions[0].reason == "why" );
}

TEST_CASE( "ST-S-40: the end of a stream that we are closing is ours", "[initiator]" )
{
  Initiator machine = closing();
  Initiator crossed = machine;
  Initiator lossy = machine;
  CHECK( all( machine.streamEnded( Cause::ClosedLocal, "" ) ) == "End ClosedLocal" );
  CHECK( all( crossed.streamEnded( Cause::ClosedRemote, "" ) ) == "End ClosedLocal" );
  CHECK( all( lossy.streamEnded( Cause::IoError, "" ) ) == "End IoError" );
}

TEST_CASE( "ST-S-41, CLS-4: a late acceptance gets one never-mind, after cancel and timeout only", "[initiator]" )
{
  SECTION( "cancelled" )
  {
    Initiator machine = offering();
    (void)machine.cancel( false );
    CHECK( all( machine.listReceived( both, true ) ) == "NeverMind" );
    CHECK( all( machine.listReceived( both, true ) ).empty() );
  }
  SECTION( "timed out" )
  {
    Initiator machine = offering();
    (void)machine.timer( Timer::SOffer );
    CHECK( all( machine.listReceived( both, true ) ) == "NeverMind" );
    CHECK( all( machine.refused( Cause::MalformedReply, "", true ) ).empty() );
  }
  SECTION( "an acceptance without IBB gets nothing, and neither does a second answer (SI-23)" )
  {
    Initiator machine = offering();
    (void)machine.cancel( true );
    CHECK( all( machine.listReceived( { "s5b" }, false ) ).empty() );
    CHECK( all( machine.listReceived( both, true ) ).empty() );
  }
  SECTION( "a late refusal uses the answer up" )
  {
    Initiator machine = offering();
    (void)machine.cancel( true );
    CHECK( all( machine.refused( Cause::Declined, "" ) ).empty() );
    CHECK( all( machine.listReceived( both, true ) ).empty() );
  }
  SECTION( "the offer was answered before it was cancelled (SI-23)" )
  {
    Initiator machine = trying();
    (void)machine.cancel( true );
    CHECK( all( machine.listReceived( both, true ) ).empty() );
  }
  SECTION( "disconnected: nothing is sent even after a reconnect (CLS-7)" )
  {
    Initiator machine = offering();
    (void)machine.disconnected( true );
    CHECK( all( machine.listReceived( both, true ) ).empty() );
  }
}

TEST_CASE( "CLS-7: a disconnect ends what is not open, and open streams that need the connection", "[initiator]" )
{
  for( const bool survives : { false, true } )
  {
    Initiator pending = offering();
    CHECK( all( pending.disconnected( survives ) ) == "End Disconnected" );
    Initiator busy = trying();
    CHECK( all( busy.disconnected( survives ) ) == "AbandonMethod s5b, End Disconnected" );
    Initiator between = choosing();
    CHECK( all( between.disconnected( survives ) ) == "End Disconnected" );
  }
  Initiator inBand = open();
  CHECK( all( inBand.disconnected( false ) ) == "End Disconnected" );
  Initiator draining = closing();
  CHECK( all( draining.disconnected( false ) ) == "End Disconnected" );
  Initiator socks = open();
  CHECK( all( socks.disconnected( true ) ).empty() );
  CHECK( all( socks.streamEnded( Cause::ClosedRemote, "" ) ) == "End ClosedRemote" );
}

TEST_CASE( "CLS-8: lost presence matters to a pending offer only", "[initiator]" )
{
  Initiator pending = offering();
  CHECK( all( pending.peerUnavailable() ) == "End PeerUnreachable" );
  Initiator busy = trying();
  CHECK( all( busy.peerUnavailable() ).empty() );
  Initiator running = open();
  CHECK( all( running.peerUnavailable() ).empty() );
}
