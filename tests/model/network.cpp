// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// TCP, S's server and the proxy; and the one place where events are carried out.

#include "model/step.h"

namespace simultiple::model
{

using Kind = Event::Kind;

void Step::apply( const Event& event )
{
  const auto timer = static_cast<Timer>( event.which );
  switch( event.kind )
  {
    case Kind::SCancels:
    case Kind::SAborts: return sender( w.initiator.cancel( true ) );
    case Kind::SCloses: return sender( w.initiator.cancel( false ) );
    case Kind::SWrites:
      w.s.wrote = true;
      return write( w.s );
    case Kind::RAccepts:
      w.asked = false;
      return receiver( w.responder.accepted( setup.receiverList ) );
    case Kind::RDeclines:
      w.asked = false;
      return receiver( w.responder.declined() );
    case Kind::RCancels:
    case Kind::RAborts: return receiver( w.responder.cancel( true ) );
    case Kind::RCloses: return receiver( w.responder.cancel( false ) );
    case Kind::RWrites:
      w.r.wrote = w.held = true;
      return w.candidate == Way::None ? void() : flush();
    case Kind::ReachesS: return reachesS( w.toS.pop() );
    case Kind::ReachesR: return reachesR( w.toR.pop() );
    case Kind::LostToS: (void)w.toS.pop(); return;
    case Kind::LostToR: (void)w.toR.pop(); return;
    case Kind::SDisconnects: return disconnects( w.s );
    case Kind::RDisconnects: return disconnects( w.r );
    case Kind::SHearsGone:
      sender( w.initiator.peerUnavailable() );
      return inBandEnds( w.s, Cause::IoError, false );                       // CLS-8
    case Kind::RHearsGone: return inBandEnds( w.r, Cause::IoError, false );
    case Kind::STimer: return setup.fault == Fault::LosesTimers ? void() : senderTimer( timer );
    case Kind::RTimer:
      if( setup.fault != Fault::LosesTimers )
        return receiverTimer( timer );
      w.r.timers &= ~bit( timer );
      return;
    default: return network( event );
  }
}

void Step::network( const Event& event )
{
  using Activation = World::Activation;
  const auto way = static_cast<Way>( event.which );
  switch( event.kind )
  {
    case Kind::ServerAccepts:
      w.direct.s = End::Up;
      return w.s5b ? runQuery( w.s5b->linked() ) : void();
    case Kind::ServerRefuses:
      w.direct.r = End::Dead;
      return dialFailed();
    case Kind::OtherReady:
      w.other.r = End::Up;
      w.winner = Way::Other;
      return receiver( w.responder.methodAccepted( App ) );                  // ST-R-36
    case Kind::OtherFails:
      w.other.r = End::Dead;
      return receiver( w.responder.methodFailed( App, "no", "not-acceptable" ) );
    case Kind::HandshakeDone: return dialed( Way::Direct );
    case Kind::RHostTimer:
      w.direct.r = End::Shut;
      return dialFailed();
    case Kind::ProxyToo:
      w.proxied.r = End::Dialing;
      return;
    case Kind::ProxyTakesR: return dialed( Way::Proxied );
    case Kind::ProxyRefusesR:
      w.proxied.r = End::Dead;
      return dialFailed();
    case Kind::RProxyTimer:
      w.proxied.r = End::Shut;
      return dialFailed();
    case Kind::ProxyTakesS:
      w.proxied.s = End::Up;
      return w.s5b ? runQuery( w.s5b->proxyDialled() ) : void();
    case Kind::ProxyRefusesS:
      w.proxied.s = End::Dead;
      return w.s5b ? runQuery( w.s5b->proxyFailed( "no" ) ) : void();
    case Kind::Activates:
    case Kind::RefusesActivation:
      w.activation = event.kind == Kind::Activates ? Activation::Active : Activation::Refused;
      w.activationWaits = true;
      w.activationAnswer = event.kind == Kind::Activates ? Say::OpenOk : Say::NotAcceptable;
      return;
    case Kind::ActivationReachesS:
      w.activationWaits = false;
      if( w.s5b )
        runQuery( w.activationAnswer == Say::OpenOk ? w.s5b->activated() : w.s5b->activationRefused( "no" ) );
      return;
    case Kind::ActivationLost: w.activationWaits = false; return;
    case Kind::ProxyEats: w.proxied.toS = false; return;
    case Kind::SReads: return reads( w.s, way );
    case Kind::RReads: return reads( w.r, way );
    case Kind::SSeesEnd: return seesEnd( w.s, way );
    case Kind::ProxyTidies:
    case Kind::RSeesEnd: return seesEnd( w.r, way );
    case Kind::Breaks:
      w.link( way ).broken = true;
      w.link( way ).toS = w.link( way ).toR = false;
      return;
    case Kind::SDrained: return channelEnded( w.s, w.link( w.committed ).broken ? Cause::IoError : Cause::ClosedLocal );
    case Kind::RDrained: return channelEnded( w.r, w.link( w.candidate ).broken ? Cause::IoError : Cause::ClosedLocal );
    default: throw Broken( "an event that nobody handles" );
  }
}

void Step::shut( End& end ) const
{
  if( end == End::Up || end == End::Dialing )
    end = End::Shut;
}

void Step::reads( Side& side, Way way )
{
  ( isS( side ) ? w.link( way ).toS : w.link( way ).toR ) = false;
  rule( w.committed == way, "NEG-10, NEG-24: payload is delivered on the stream that S committed to" );
  side.got = true;
  if( isS( side ) )
    return;
  receiver( w.responder.payloadReceived() );
  release();
}

void Step::seesEnd( Side& side, Way way )
{
  auto& link = w.link( way );
  End& own = isS( side ) ? link.s : link.r;
  const bool dialing = own == End::Dialing;
  const Cause cause = link.broken ? Cause::IoError : Cause::ClosedRemote;
  own = End::Dead;
  if( !isS( side ) )
    return w.candidate == way ? channelEnded( side, cause ) : dialing ? dialFailed() : void();
  if( w.committed == way )
    return channelEnded( side, cause );
  if( w.s5b )
    runQuery( way == Way::Direct ? w.s5b->linkBroken() : w.s5b->proxyFailed( "no" ) );
}

} // namespace simultiple::model
