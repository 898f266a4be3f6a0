// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "model/event.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace simultiple::model
{

using Trace = std::vector<Event>;

/// How a run came out when nothing moves any more.
struct Outcome
{
  std::string s;         ///< A cause, or "open"
  std::string r;         ///< The same, or "never asked": the offer did not arrive
  Way committed = Way::None;
  Way candidate = Way::None;   ///< R's at the end, while it is open

  [[nodiscard]] bool operator<( const Outcome& other ) const
  {
    return std::tie( s, r, committed, candidate ) < std::tie( other.s, other.r, other.committed, other.candidate );
  }
};

/// What an exploration found.
struct Explored
{
  std::size_t states = 0;
  std::size_t transitions = 0;
  std::size_t depth = 0;                 ///< Longest of the shortest ways to a state
  std::size_t atRest = 0;                ///< States in which time and the network have nothing left to do
  std::size_t alone = 0;                 ///< Of these, one side open and the other gone
  std::map<Outcome, Trace> outcomes{};   ///< Each with a shortest way to it
  std::vector<Trace> sample{};           ///< Shortest ways to some more of the states at rest
  std::string broken{};                  ///< The promise that does not hold; exploring stopped there
  Trace trace{};                         ///< The way to it

  [[nodiscard]] std::string summary() const;
};

/**
 * Breadth first through all worlds of @a setup. In each, checkPromises(); where only applications or misfortune could go on, checkAtRest(). Since no
 * run comes back to where it was (checked), each ends there: that is the promise that there is always an end.
 * @param twins Also proves that keyOf() leaves out nothing that matters: whenever two ways lead to one key, both worlds must go on alike. It is enough
 * to look one step ahead, because the next worlds are compared in turn. Needs the memory for all worlds.
 * @param sampleEach Of so many states at rest, one goes into the sample; 0: none.
 */
[[nodiscard]] Explored explore( const Setup& setup, bool twins = false, std::size_t sampleEach = 0 );

/** @return The events as lines. */
[[nodiscard]] std::string textOf( const Trace& trace );

} // namespace simultiple::model
