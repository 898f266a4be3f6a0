// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/timeouts.h>

#include "model/world.h"

#include <string>
#include <vector>

namespace simultiple::model
{

/// Whatever may happen next.
struct Event
{
  enum class Kind : std::uint8_t
  {
    // the applications
    SCancels, SCloses, SAborts, SWrites, RAccepts, RDeclines, RCancels, RCloses, RAborts, RWrites,
    // XMPP
    ReachesS, ReachesR, LostToS, LostToR, SDisconnects, RDisconnects, SHearsGone, RHearsGone,
    // time
    STimer, RTimer, RHostTimer, RProxyTimer,
    // S's server and the way to it
    ServerAccepts, ServerRefuses, HandshakeDone, ProxyToo,
    // an application's method at R
    OtherReady, OtherFails,
    // the proxy
    ProxyTakesR, ProxyRefusesR, ProxyTakesS, ProxyRefusesS, Activates, RefusesActivation, ActivationReachesS, ActivationLost, ProxyEats, ProxyTidies,
    // connections
    SReads, RReads, SSeesEnd, RSeesEnd, Breaks, SDrained, RDrained
  };
  Kind kind = Kind::ReachesS;
  std::uint8_t which = 0;   ///< A Timer, or a Way
};

[[nodiscard]] std::string textOf( const Event& event );

/// Brings itself about: not an application's wish, and no misfortune. Time and the network alone must end every negotiation by these.
[[nodiscard]] bool isProgress( const Event& event );

/// @return All that may happen in @a world.
[[nodiscard]] std::vector<Event> possible( const World& world, const Setup& setup );

} // namespace simultiple::model
