// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// S: what InitiatorSession, Socks5Outgoing and InBandOutgoing do.

#include "model/step.h"

#include <utility>

namespace simultiple::model
{

using negotiation::InBandOffer;
using negotiation::Initiator;
using negotiation::Socks5Offer;

void Step::begin() { sender( w.initiator.offer() ); }

void Step::sender( Initiator::Actions actions )
{
  m_sender.run( std::move( actions ), [this]( const Initiator::Action& action ) { perform( action ); } );
}

void Step::perform( const Initiator::Action& action )
{
  using Do = Initiator::Action::Do;
  rule( w.s.ends == 0 || action.what == Do::NeverMind, "S: nothing follows the end but the word of CLS-4" );
  switch( action.what )
  {
    case Do::SendOffer:
      w.offerPending = true;
      return send( w.s, { Say::Offer } );
    case Do::StartTimer: w.s.timers |= bit( action.timer ); return;
    case Do::StopTimer: w.s.timers &= ~bit( action.timer ); return;
    case Do::StartMethod: return startMethod();
    case Do::AbandonMethod: return abandonMethod();
    case Do::ReportFailure: return;
    case Do::Commit:
      rule( w.committed == Way::None, "NEG-11: S commits once" );
      w.committed = w.ready;
      w.s.inBandOpen = w.committed == Way::InBand;
      return;
    case Do::NeverMind:
      rule( !std::exchange( w.neverMind, true ), "CLS-4: one word is enough" );
      return send( w.s, { Say::Close } );
    case Do::CloseStream: return closeChannel( w.s );
    case Do::AbortStream: return abortChannel( w.s );
    case Do::End: return senderEnds( action.cause );
  }
}

void Step::startMethod()
{
  rule( w.committed == Way::None, "NEG-11: once committed, no other method" );
  const std::string& method = w.initiator.method();
  rule( ++w.started <= setup.senderList.size() && setup.senderList[w.started - 1U] == method, "NEG-1, NEG-2: in list order, each once" );
  if( method == S5b )
  {
    w.s5b.emplace();
    return runQuery( w.s5b->start( setup.own || setup.proxy, w.initiator.onLastMethod() ) );
  }
  if( method == App )
  {
    w.otherId = ++w.openings;
    w.otherOpening = true;
    return send( w.s, { Say::OpenOther, w.otherId } );
  }
  w.ibb.emplace( setup.blockSize, w.initiator.onLastMethod() );
  runOpen( w.ibb->start() );
}

// NEG-5.
void Step::abandonMethod()
{
  if( setup.fault == Fault::NeverAbandons )
    return;
  w.s.timers &= ~( bit( Timer::SS5B ) | bit( Timer::SLink ) | bit( Timer::SProxyAll ) | bit( Timer::SAct ) | bit( Timer::SIbb ) );
  w.registered = w.registered && setup.fault == Fault::ServerForgets;
  if( w.s5b )
  {
    shut( w.direct.s );
    shut( w.proxied.s );
  }
  if( std::exchange( w.otherOpening, false ) )
    w.other.s = End::Shut;
  w.activationWaits = false;   // its IQ id is forgotten
  w.s5b.reset();
  w.ibb.reset();
}

// The method is done: what it leaves is the channel.
void Step::commit( Way way )
{
  w.registered = false;
  w.ready = way;
  if( std::exchange( w.otherOpening, false ) )
    w.other.s = End::Up;
  w.s5b.reset();
  w.ibb.reset();
  sender( w.initiator.methodOpened( w.initiator.method() ) );
}

// ---- SOCKS5

void Step::runQuery( const Socks5Offer::Actions& actions )
{
  using Do = Socks5Offer::Action::Do;
  for( const auto& action : actions )
    switch( action.what )
    {
      case Do::SendQuery:
        w.queryId = ++w.openings;
        w.registered = setup.own;
        send( w.s, { Say::Query, w.queryId } );
        break;
      case Do::StartTimer: w.s.timers |= bit( action.timer ); break;
      case Do::StopTimer: w.s.timers &= ~bit( action.timer ); break;
      case Do::DropLink:
        w.registered = false;
        shut( w.direct.s );
        break;
      case Do::ConnectProxy: w.proxied.s = End::Dialing; break;
      case Do::SendActivate: w.activation = World::Activation::Asked; break;
      case Do::CommitDirect: return commit( Way::Direct );
      case Do::CommitProxy: return commit( Way::Proxied );
      case Do::Fail: return sender( w.initiator.methodFailed( w.initiator.method(), "no", action.peerUnreachable ) );
    }
}

// ---- in-band

void Step::runOpen( const InBandOffer::Actions& actions )
{
  using Do = InBandOffer::Action::Do;
  for( const auto& action : actions )
    switch( action.what )
    {
      case Do::SendOpen:
        w.openId = ++w.openings;
        rule( w.openings <= 7, "IBB-3: four smaller blocks are tried, not more" );
        send( w.s, { action.blockSize > setup.maxBlockSize ? Say::OpenLarge : Say::Open, w.openId } );
        break;
      case Do::StartTimer: w.s.timers |= bit( Timer::SIbb ); break;
      case Do::StopTimer: w.s.timers &= ~bit( Timer::SIbb ); break;
      case Do::SendClose: send( w.s, { Say::Close } ); break;
      case Do::AnswerClose: send( w.s, { Say::CloseOk } ); break;
      case Do::Commit: return commit( Way::InBand );
      case Do::Fail: return sender( w.initiator.methodFailed( w.initiator.method(), "no", action.peerUnreachable ) );
    }
}

// ---- what arrives

void Step::reachesS( Stanza stanza )
{
  switch( stanza.say )
  {
    case Say::Accept:
      if( std::exchange( w.offerPending, false ) )
        sender( w.initiator.listReceived( setup.senderList, setup.inBandNamed ) );
      return;
    case Say::Decline:
      if( std::exchange( w.offerPending, false ) )
        sender( w.initiator.refused( Cause::Declined, "no" ) );
      return;
    case Say::Data:
    case Say::DataOk:
    case Say::DataUnexpected:
    case Say::DataGone:
    case Say::CloseOk:
    case Say::CloseError:
      return inBandReaches( w.s, stanza );
    case Say::Close:
      if( w.s.inBandOpen )
        return inBandReaches( w.s, stanza );
      if( w.ibb && w.ibb->state() == InBandOffer::State::Waiting )
        return runOpen( w.ibb->closeReceived() );                            // ST-S-33
      return send( w.s, { w.committed != Way::None && !w.sEnded() ? Say::CloseError : Say::CloseOk } );   // IBB-15; CLS-9
    default:
      return answerReachesS( stanza );
  }
}

// NEG-12: only what answers the present opening.
void Step::answerReachesS( Stanza stanza )
{
  if( stanza.id == 0 && stanza.say == Say::Unreachable )
  {
    w.offerPending = false;
    return sender( w.initiator.refused( Cause::PeerUnreachable, "no" ) );
  }
  const bool late = setup.fault == Fault::HonoursLate;
  if( w.s5b && ( late || stanza.id == w.queryId ) )
    switch( stanza.say )
    {
      case Say::UsedSelf: return runQuery( w.s5b->answerSelf() );
      case Say::UsedProxy: return runQuery( w.s5b->answerProxy() );
      default: return runQuery( w.s5b->answerError( "no", stanza.say == Say::Unreachable ) );
    }
  if( w.otherOpening && ( late || stanza.id == w.otherId ) )
  {
    if( stanza.say == Say::OtherOk )
      return commit( Way::Other );
    return sender( w.initiator.methodFailed( w.initiator.method(), "no", stanza.say == Say::Unreachable ) );
  }
  if( w.ibb && ( late || stanza.id == w.openId ) )
    switch( stanza.say )
    {
      case Say::OpenOk: return runOpen( w.ibb->accepted() );
      case Say::UsedSelf:
      case Say::UsedProxy: return runOpen( w.ibb->accepted() );              // HonoursLate: any result will do
      case Say::TooLarge: return runOpen( w.ibb->resourceConstraint() );
      default: return runOpen( w.ibb->error( "no", stanza.say == Say::Unreachable ) );
    }
}

void Step::senderTimer( Timer timer )
{
  w.s.timers &= ~bit( timer );
  switch( timer )
  {
    case Timer::SS5B:
    case Timer::SLink:
    case Timer::SProxyAll:
    case Timer::SAct:
      return w.s5b ? runQuery( w.s5b->timer( timer ) ) : void();
    case Timer::SIbb: return w.ibb ? runOpen( w.ibb->timer( timer ) ) : void();
    case Timer::Close: return inBandTimer( w.s );
    default: return sender( w.initiator.timer( timer ) );
  }
}

void Step::senderEnds( Cause cause )
{
  ++w.s.ends;
  rule( w.s.ends == 1, "GEN-10: S ends once" );
  w.s.cause = cause;
  w.s.timers = 0;
  abandonMethod();
  dropChannel( w.s );
}

} // namespace simultiple::model
