// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/promises.h"

namespace simultiple::model
{

namespace
{

using S = negotiation::Initiator::State;
using R = negotiation::Responder::State;

bool alive( End end ) { return end == End::Up || end == End::Dialing; }

// One stream, and the same one.
void agreement( const World& w, const Setup& setup )
{
  const bool open = w.initiator.state() == S::Open || w.initiator.state() == S::Closing;
  rule( open == ( w.committed != Way::None && !w.sEnded() ), "NEG-10: S is open when it has committed, not before" );
  if( w.committed != Way::None )
  {
    rule( w.candidate == Way::None || w.candidate == w.committed, "NEG-24: R holds no other stream than the one S committed to" );
    rule( w.responder.state() != R::Accepting, "NEG-11: R works on no opening once S has committed" );
  }
  rule( !w.s.got || w.committed == w.r.wroteOn, "NEG-10: S got what R wrote on the stream S committed to" );
  rule( !w.r.got || w.committed == w.s.wroteOn, "NEG-24: R got what S wrote on the stream S committed to" );
  rule( w.r.cause != Cause::StreamConflict || w.r.wroteOn != Way::None, "NEG-25: a conflict needs something written" );

  // "The last opening R sees is the one S means": while nothing is under way, both work on the same.
  const bool same = setup.senderList == setup.receiverList && !setup.loses && w.s.online && w.r.online && w.toR.empty() && w.toS.empty();
  const auto r = w.responder.state();
  if( same && w.initiator.state() == S::Trying && ( r == R::Accepting || r == R::Tentative || r == R::Open ) )
    rule( w.responder.method() == w.initiator.method(), "NEG-21: with nothing under way, R works on what S tries" );
}

// Nothing is kept of what was given up.
void leftovers( const World& w )
{
  const bool atS5b = w.s5b.has_value();
  for( const Way way : { Way::Direct, Way::Proxied, Way::Other } )
  {
    const bool opening = way == Way::Other ? w.otherOpening : atS5b;
    if( w.sEnded() || ( w.committed != way && !opening ) )
      rule( !alive( w.link( way ).s ), "NEG-5: S closes the sockets of what it abandons" );
    if( w.rEnded() || ( w.candidate != way && w.responder.state() != R::Accepting ) )
      rule( !alive( w.link( way ).r ), "NEG-24: R closes the sockets of what it drops" );
    rule( w.candidate == Way::None || w.candidate == way || !alive( w.link( way ).r ), "S5B-11: the others are closed" );
  }
  rule( !w.registered || atS5b, "S5B-1: the DST.ADDR goes with the method" );
  rule( !w.sEnded() || ( w.s.ends == 1 && w.s.timers == 0 && !w.s.inBandOpen ), "GEN-10, TMO-6: S's end is told and stops its timers" );
  rule( !w.rEnded() || ( w.r.ends == 1 && w.r.timers == 0 && !w.r.inBandOpen && w.candidate == Way::None ), "GEN-10, TMO-6: R's end is told and stops its timers" );
}

void answers( const World& w )
{
  if( !w.r.online )
    return;                                                                  // CLS-7: nothing is sent
  rule( w.responder.state() == R::Offered || w.offersAnswered == 1, "GEN-1: the offer has one answer" );
  const auto open = w.openingsSeen & ~w.openingsAnswered;
  const bool accepting = w.responder.state() == R::Accepting;
  rule( open == ( accepting ? 1 << w.working : 0 ), "GEN-1: each opening has an answer, or is being worked on" );
}

} // namespace

void checkPromises( const World& world, const Setup& setup )
{
  agreement( world, setup );
  if( setup.streamsOnly )
    return;
  leftovers( world );
  answers( world );
}

bool leftAlone( const World& w ) { return w.sEnded() != w.rEnded(); }

void checkAtRest( const World& w, const Setup& setup )
{
  const auto s = w.initiator.state();
  const auto r = w.responder.state();
  const bool asked = r != R::Offered || w.asked;
  const bool open = r == R::Open || r == R::Tentative;
  rule( s == S::Open || s == S::Ended, "every wait of S has a deadline" );
  rule( open || r == R::Ended || ( !asked && s == S::Ended ), "every wait of R has a deadline" );
  if( s == S::Open && open )
    return rule( w.committed == w.candidate, "both are open on the same stream" );
  if( s == S::Ended && r == R::Ended )
    return;
  if( !asked )
    return rule( setup.loses || setup.disconnects, "the offer arrives" );

  // A stream that nobody will end: its owner may close it, and if S speaks first T-R-FIRST does.
  const Way way = s == S::Open ? w.committed : w.candidate;
  const bool cut = setup.loses || !w.s.online || !w.r.online;
  rule( ( way == Way::InBand && cut ) || ( way == Way::Proxied && w.activation != World::Activation::Active ),
        "who is left alone waits in-band for somebody cut off, or at a proxy that nobody else came to" );
  const bool heard = w.r.got || w.r.wroteOn == Way::InBand;                  // an acknowledgement stops T-R-FIRST, too
  rule( s == S::Open || !setup.senderFirst || heard, "ST-R-31: T-R-FIRST ends a stream without payload" );
}

} // namespace simultiple::model
