// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace simultiple::model
{

inline const std::string S5b = "s5b";   ///< The machines know methods by name only; short names keep a state small.
inline const std::string Ibb = "ibb";
inline const std::string App = "app";   ///< A method that the application brings along

/// One thing done wrong on purpose, to see that the explorer finds it. All in the world around the machines, none in them.
enum class Fault : std::uint8_t
{
  None,
  NeverAbandons,      ///< S opens the next method and keeps the previous one (NEG-1, NEG-5).
  HonoursLate,        ///< S takes an answer to an abandoned opening for one to the present (NEG-12).
  DeliversEarly,      ///< S hands on what it finds on a connection before it commits to it (NEG-10).
  KeepsCandidate,     ///< R takes a later opening and keeps the earlier candidate (NEG-24).
  ForgetsWriting,     ///< R does not tell its machine that it has written (NEG-25).
  LeavesUnanswered,   ///< R drops the opening it works on without an answer (NEG-23, GEN-1).
  AnswersTwice,       ///< R answers an opening when it starts on it and when it is done.
  LosesTimers,        ///< R's timers never fire.
  ForgetsToClose,     ///< R's end leaves its socket open (CLS-10).
  ServerForgets       ///< S's server goes on admitting the DST.ADDR of a method that is over (S5B-1, NEG-12).
};

/// What is explored: who wants what, and what the network may do.
struct Setup
{
  std::string name;
  std::vector<std::string> senderList;     ///< As S understood the answer
  std::vector<std::string> receiverList;   ///< As R serves it; the two differ where one of them does INT-9 and the other does not
  bool inBandNamed = true;                 ///< The answer named IBB
  bool own = true;                         ///< S offers its own address,
  bool proxy = false;                      ///< and a proxy.
  bool loses = false;                      ///< Any stanza may be lost: a request or an answer that never comes.
  bool breaks = false;                     ///< Hosts and proxies refuse, connections break.
  bool disconnects = false;                ///< Each side may lose its XMPP connection (CLS-7), and the other may hear of it (CLS-8).
  bool cancels = true;                     ///< The applications give up and close when they like,
  bool writes = true;                      ///< and write once each.
  bool defaultTimes = false;               ///< Timers keep the order that TMO-2 and the defaults promise; otherwise any may fire at any time.
  bool senderFirst = false;                ///< The profile of file transfer: T-R-FIRST runs.
  bool expectsNothing = false;             ///< NEG-27
  bool delayNext = false;                  ///< T-S-NEXT is not 0
  std::uint16_t blockSize = 4096;          ///< What S asks for in-band,
  std::uint16_t maxBlockSize = 4096;       ///< and the most that R takes.
  Fault fault = Fault::None;
  bool streamsOnly = false;                ///< Checks only which streams there are, not how it was done: what a fault leads to
};

} // namespace simultiple::model
