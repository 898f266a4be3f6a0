// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What both sides do with a stream, as InBandChannel and Socks5Channel: write, close, hear of the end; and stanzas leaving.

#include "model/step.h"

#include <utility>

namespace simultiple::model
{

namespace
{

// What a server says for somebody who is not there.
bool bounced( Stanza request, Stanza& answer )
{
  switch( request.say )
  {
    case Say::Offer:
    case Say::Query:
    case Say::Open:
    case Say::OpenLarge:
    case Say::OpenOther: answer = { Say::Unreachable, request.id }; return true;
    case Say::Data: answer = { Say::DataGone }; return true;
    case Say::Close: answer = { Say::CloseError }; return true;
    default: return false;
  }
}

} // namespace

void Step::send( const Side& from, Stanza stanza )
{
  if( !from.online )
    return;                                                                  // CLS-7
  const bool arrives = ( isS( from ) ? w.r : w.s ).online;
  if( Stanza answer; arrives )
    ( isS( from ) ? w.toR : w.toS ).push( stanza );
  else if( bounced( stanza, answer ) )
    ( isS( from ) ? w.toS : w.toR ).push( answer );
}

void Step::disconnects( Side& side )
{
  side.online = false;
  Side& other = isS( side ) ? w.r : w.s;
  auto& incoming = isS( side ) ? w.toS : w.toR;
  for( const Stanza& stanza : incoming )
    if( Stanza answer; other.online && bounced( stanza, answer ) )
      ( isS( other ) ? w.toS : w.toR ).push( answer );
  incoming.clear();

  const bool there = isS( side ) ? w.committed != Way::None && !w.sEnded() : w.candidate != Way::None;
  const bool survives = there && wayOf( side ) != Way::InBand;
  if( there && !survives )
    abortChannel( side );
  if( isS( side ) )
  {
    w.offerPending = false;
    sender( w.initiator.disconnected( survives ) );
  }
  else if( w.asked || w.responder.state() != Responder::State::Offered )    // else there is no session yet
  {
    receiver( w.responder.disconnected( survives ) );
  }
}

// ---- out

void Step::write( Side& side )
{
  const Way way = wayOf( side );
  side.wroteOn = way;
  if( way == Way::InBand )
  {
    side.unacknowledged = true;
    return send( side, { Say::Data } );
  }
  auto& link = w.link( way );
  const End other = isS( side ) ? link.r : link.s;
  const bool arrives = !link.broken && other != End::Shut && other != End::Dead;
  ( isS( side ) ? link.toR : link.toS ) = arrives;
}

// CLS-1.
void Step::closeChannel( Side& side )
{
  side.closing = true;
  if( wayOf( side ) == Way::InBand )
  {
    side.timers |= bit( Timer::Close );
    return inBandMaybeClose( side );
  }
  if( !isS( side ) && w.holding )
  {
    if( w.held )
      return;                                                                // release() closes
    return release();
  }
  auto& link = w.link( wayOf( side ) );
  shut( isS( side ) ? link.s : link.r );
}

void Step::abortChannel( Side& side )
{
  if( wayOf( side ) == Way::InBand && side.inBandOpen && !side.closeSent )
    send( side, { Say::Close } );
  const Way way = wayOf( side );
  dropChannel( side );
  if( !isS( side ) )
    w.candidate = way;   // the session drops it when it ends
}

void Step::dropChannel( Side& side )
{
  const Way way = wayOf( side );
  side.timers &= ~bit( Timer::Close );
  side.inBandOpen = side.unacknowledged = side.closing = side.closeSent = false;
  if( way != Way::None && way != Way::InBand )
    shut( isS( side ) ? w.link( way ).s : w.link( way ).r );
  if( !isS( side ) )
    w.candidate = Way::None;
}

void Step::channelEnded( Side& side, Cause cause, bool inBand )
{
  if( isS( side ) )
    sender( w.initiator.streamEnded( cause, "" ) );
  else
    receiver( w.responder.streamEnded( cause, "", inBand ) );
}

// ---- in-band

// IBB-12: all acknowledgements, then W-24.
void Step::inBandMaybeClose( Side& side )
{
  if( !side.closing || side.closeSent || side.unacknowledged )
    return;
  side.closeSent = true;
  side.timers |= bit( Timer::Close );
  send( side, { Say::Close } );
}

void Step::inBandEnds( Side& side, Cause cause, bool sendClose )
{
  if( !std::exchange( side.inBandOpen, false ) )
    return;
  side.timers &= ~bit( Timer::Close );
  if( sendClose )
    send( side, { Say::Close } );
  const bool lost = std::exchange( side.unacknowledged, false );
  if( side.closing )
    channelEnded( side, lost ? Cause::IoError : Cause::ClosedLocal, true );
  else
    channelEnded( side, cause, true );
}

void Step::inBandTimer( Side& side )
{
  if( side.closeSent )
    inBandEnds( side, Cause::ClosedLocal, false );
  else
    inBandEnds( side, Cause::IoError, true );
}

void Step::inBandReaches( Side& side, Stanza stanza )
{
  const bool ended = isS( side ) ? w.sEnded() : w.rEnded();
  switch( stanza.say )
  {
    case Say::Data:
      if( !side.inBandOpen )
        return send( side, { ended ? Say::DataGone : Say::DataUnexpected } );
      send( side, { Say::DataOk } );
      rule( w.committed == Way::InBand, "NEG-10, NEG-24: payload is delivered on the stream that S committed to" );
      side.got = true;
      if( isS( side ) )
        return;
      return receiver( w.responder.payloadReceived() );
    case Say::DataOk:
      if( !std::exchange( side.unacknowledged, false ) )
        return;
      if( !isS( side ) )
        receiver( w.responder.payloadReceived() );                           // NEG-20
      return inBandMaybeClose( side );
    case Say::DataUnexpected:
    case Say::DataGone:
      return inBandEnds( side, Cause::IoError, stanza.say == Say::DataUnexpected );   // IBB-11
    case Say::Close:
      send( side, { Say::CloseOk } );
      return inBandEnds( side, Cause::ClosedRemote, false );                 // IBB-13
    case Say::CloseOk:
    case Say::CloseError:
      if( side.closeSent )
        inBandEnds( side, Cause::ClosedLocal, false );
      return;
    default:
      return;
  }
}

} // namespace simultiple::model
