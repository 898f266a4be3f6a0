// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/timeouts.h>

#include "model/explorer.h"

#include <chrono>
#include <map>
#include <string>

namespace simultiple::model
{

/**
 * A trace as real time: each side has a clock that moves by one tick for each timer that fires there, and timeouts so long that exactly these fire, then.
 */
struct Schedule
{
  static constexpr std::chrono::minutes Tick{ 6 };

  Timeouts sender{};
  Timeouts receiver{};
  std::string problem{};   ///< Why this trace cannot be played to the real thing; empty if it can.
};

[[nodiscard]] Schedule scheduleOf( const Setup& setup, const Trace& trace );

/** @return Whether a wait of this side is over with @a event; then @a timer says which. */
[[nodiscard]] bool isTick( const Event& event, bool atS, Timer& timer );

} // namespace simultiple::model
