// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// R: what ResponderSession, Socks5Incoming and InBandIncoming do.

#include "model/step.h"

#include <utility>

namespace simultiple::model
{

using negotiation::Opening;
using negotiation::Responder;

void Step::receiver( Responder::Actions actions )
{
  m_receiver.run( std::move( actions ), [this]( const Responder::Action& action ) { perform( action ); } );
}

namespace
{

Say errorOf( const std::string& condition )
{
  if( condition == "item-not-found" )
    return Say::NotFound;
  return condition == "resource-constraint" ? Say::TooLarge : Say::NotAcceptable;
}

Say goodAnswer( Way way )
{
  switch( way )
  {
    case Way::Direct: return Say::UsedSelf;
    case Way::Proxied: return Say::UsedProxy;
    case Way::Other: return Say::OtherOk;
    case Way::None:
    case Way::InBand: break;
  }
  return Say::OpenOk;
}

} // namespace

void Step::perform( const Responder::Action& action )
{
  using Do = Responder::Action::Do;
  rule( w.r.ends == 0 || action.what == Do::RefuseOpening || action.what == Do::AnswerClose, "R: nothing follows the end but what CLS-9 answers" );
  switch( action.what )
  {
    case Do::AskApplication: w.asked = true; return;
    case Do::SendAccept:
    case Do::SendDecline:
      rule( ++w.offersAnswered == 1, "GEN-1: the offer has one answer" );
      return send( w.r, { action.what == Do::SendAccept ? Say::Accept : Say::Decline } );
    case Do::StartTimer: w.r.timers |= bit( action.timer ); return;
    case Do::StopTimer: w.r.timers &= ~bit( action.timer ); return;
    case Do::Accept: return accept( action.method );
    case Do::RefuseOpening:
      if( action.condition == "resource-constraint" )                        // NEG-22: it may come again, but nothing before it
        while( setup.receiverList[w.usedUp] != action.method )
          ++w.usedUp;
      return answer( w.received, errorOf( action.condition ) );
    case Do::RefuseCurrent:
      if( setup.fault != Fault::LeavesUnanswered )
        answer( w.working, errorOf( action.condition ) );
      return;
    case Do::AnswerCurrent:
      return answer( w.working, goodAnswer( w.candidate ) );
    case Do::DropMethod: return dropMethod();
    case Do::TakeCandidate:
      rule( w.candidate == Way::None, "NEG-21: R holds one candidate at most" );
      rule( w.r.wroteOn == Way::None, "NEG-25: R never carries on after what it wrote went to another stream" );
      w.candidate = w.winner;
      w.r.inBandOpen = w.candidate == Way::InBand;
      w.holding = w.candidate == Way::Proxied && !setup.senderFirst;         // NEG-28
      if( w.holding )
        w.r.timers |= bit( Timer::RHold );
      return;
    case Do::ReportOpen:
      rule( !std::exchange( w.reportedOpen, true ), "GEN-10: open is reported once" );
      return flush();
    case Do::ReportChange:
      rule( w.reportedOpen, "NEG-24: a change follows an open" );
      return flush();
    case Do::ReportFailure: return;
    case Do::AnswerClose: return send( w.r, { Say::CloseOk } );
    case Do::RefuseClose: return send( w.r, { Say::CloseError } );
    case Do::CloseStream: return closeChannel( w.r );
    case Do::AbortStream: return abortChannel( w.r );
    case Do::End: return receiverEnds( action.cause );
  }
}

void Step::accept( const std::string& method )
{
  rule( w.candidate == Way::None && w.direct.r != End::Dialing && w.proxied.r != End::Dialing && w.other.r != End::Dialing, "NEG-21: R works on one method at a time" );
  w.working = w.received;
  while( setup.receiverList[w.usedUp++] != method )
    ;
  if( setup.fault == Fault::AnswersTwice )
    answer( w.working, Say::NotFound );
  if( method == Ibb )
  {
    w.winner = Way::InBand;
    return receiver( w.responder.methodAccepted( method ) );
  }
  if( method == App )
  {
    w.other.r = End::Dialing;                                                // ST-R-35
    return;
  }
  w.r.timers |= bit( Timer::RS5B );
  ( setup.own ? w.direct.r : w.proxied.r ) = End::Dialing;
  if( !setup.own && !setup.proxy )
  {
    w.proxied.r = End::Dead;
    dialFailed();
  }
}

void Step::answer( std::uint8_t id, Say say )
{
  if( !w.r.online )
    return;
  const auto mask = static_cast<std::uint16_t>( 1U << id );
  rule( ( w.openingsSeen & mask ) != 0 && ( w.openingsAnswered & mask ) == 0, "GEN-1: an opening has one answer" );
  w.openingsAnswered = static_cast<std::uint16_t>( w.openingsAnswered | mask );
  send( w.r, { say, id } );
}

// NEG-23, NEG-24, NEG-27: without a word to S.
void Step::dropMethod()
{
  w.r.timers &= ~( bit( Timer::RS5B ) | bit( Timer::RHold ) );
  w.holding = false;
  for( End* end : { &w.direct.r, &w.proxied.r, &w.other.r } )
    if( *end == End::Dialing )
      *end = End::Shut;
  if( setup.fault == Fault::KeepsCandidate && w.candidate != Way::InBand )
  {
    w.candidate = Way::None;
    return;
  }
  dropChannel( w.r );
}

// ---- the application's portion

void Step::flush()
{
  if( !w.holding && std::exchange( w.held, false ) )
    paid();
}

// The end of NEG-28, by time or by S's first payload.
void Step::release()
{
  if( !std::exchange( w.holding, false ) )
    return;
  w.r.timers &= ~bit( Timer::RHold );
  flush();
  if( w.r.closing )
    shut( w.link( w.candidate ).r );
}

void Step::paid()
{
  write( w.r );
  if( setup.fault != Fault::ForgetsWriting )
    receiver( w.responder.payloadWritten() );
}

// ---- dialing

// S5B-11: one streamhost after the other; S5B-13.
void Step::dialFailed()
{
  if( w.direct.r == End::Dialing || w.proxied.r == End::Dialing )
    return;
  if( setup.proxy && w.proxied.r == End::None )
  {
    w.proxied.r = End::Dialing;
    return;
  }
  w.r.timers &= ~bit( Timer::RS5B );
  receiver( w.responder.methodFailed( S5b, "no", "item-not-found" ) );
}

// The first that completes the handshake wins.
void Step::dialed( Way way )
{
  w.link( way ).r = End::Up;
  if( End& other = w.link( way == Way::Direct ? Way::Proxied : Way::Direct ).r; other == End::Dialing )
    other = End::Shut;
  w.r.timers &= ~bit( Timer::RS5B );
  w.winner = way;
  receiver( w.responder.methodAccepted( S5b ) );
}

// ---- what arrives

void Step::reachesR( Stanza stanza )
{
  switch( stanza.say )
  {
    case Say::Offer: return receiver( w.responder.offered() );
    case Say::Query:
    case Say::Open:
    case Say::OpenLarge:
    case Say::OpenOther:
      w.received = stanza.id;
      w.openingsSeen = static_cast<std::uint16_t>( w.openingsSeen | ( 1U << stanza.id ) );
      return receiver( w.responder.opening( stanza.say == Say::Query ? S5b : stanza.say == Say::OpenOther ? App : Ibb, std::to_string( stanza.id ),
                                            stanza.say == Say::OpenLarge ? Opening::TooLarge : Opening::Good ) );
    case Say::Close:
      if( !w.r.inBandOpen )
        return receiver( w.responder.closeReceived() );
      return inBandReaches( w.r, stanza );
    default:
      return inBandReaches( w.r, stanza );
  }
}

void Step::receiverTimer( Timer timer )
{
  w.r.timers &= ~bit( timer );
  switch( timer )
  {
    case Timer::RS5B:
      if( w.direct.r == End::Dialing )
        w.direct.r = End::Shut;
      w.proxied.r = w.proxied.r == End::Dialing ? End::Shut : w.proxied.r == End::None ? End::Dead : w.proxied.r;
      return dialFailed();
    case Timer::RHold: return release();
    case Timer::Close: return inBandTimer( w.r );
    default: return receiver( w.responder.timer( timer ) );
  }
}

void Step::receiverEnds( Cause cause )
{
  ++w.r.ends;
  rule( w.r.ends == 1, "GEN-10: R ends once" );
  w.r.cause = cause;
  if( setup.fault != Fault::ForgetsToClose )
    dropMethod();
  w.r.timers = 0;
}

} // namespace simultiple::model
