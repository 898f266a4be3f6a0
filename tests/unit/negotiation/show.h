// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Actions of the state machines as one line of text, so that a test reads like a row of PROTOCOL section 3.

#pragma once

#include "negotiation/inbandoffer.h"
#include "negotiation/initiator.h"
#include "negotiation/responder.h"
#include "negotiation/socks5offer.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace show
{

inline std::string name( simultiple::Timer timer )
{
  static const char* const names[] = { "SOffer", "SNext", "SS5B", "SLink", "SProxy", "SProxyAll", "SAct", "SIbb",
                                       "STotal", "RApp", "RNext", "RHost", "RHostTcp", "RStagger", "RS5B", "RGrace",
                                       "RFirst", "RHold", "RTotal", "Close", "Socks", "Tomb" };
  return names[static_cast<std::size_t>( timer )];
}

inline std::string name( simultiple::Cause cause )
{
  static const char* const names[] = { "ClosedLocal", "ClosedRemote", "Declined", "NoValidStreams", "BadProfile",
                                       "Unsupported", "PeerUnreachable", "MalformedReply", "MethodsExhausted",
                                       "Timeout", "CancelledLocal", "CancelledRemote", "Disconnected",
                                       "ProtocolViolation", "StreamConflict", "LimitExceeded", "IoError" };
  return names[static_cast<std::size_t>( cause )];
}

inline std::string text( const simultiple::negotiation::Initiator::Action& action )
{
  using Do = simultiple::negotiation::Initiator::Action::Do;
  switch( action.what )
  {
    case Do::SendOffer: return "SendOffer";
    case Do::StartTimer: return "start " + name( action.timer );
    case Do::StopTimer: return "stop " + name( action.timer );
    case Do::StartMethod: return "StartMethod " + action.method;
    case Do::AbandonMethod: return "AbandonMethod " + action.method;
    case Do::ReportFailure: return "ReportFailure " + action.method + ": " + action.reason;
    case Do::Commit: return "Commit " + action.method;
    case Do::NeverMind: return "NeverMind";
    case Do::CloseStream: return "CloseStream";
    case Do::AbortStream: return "AbortStream";
    case Do::End: return "End " + name( action.cause );
  }
  return "?";
}

inline std::string text( const simultiple::negotiation::Responder::Action& action )
{
  using Do = simultiple::negotiation::Responder::Action::Do;
  switch( action.what )
  {
    case Do::AskApplication: return "AskApplication";
    case Do::SendAccept: return "SendAccept";
    case Do::SendDecline: return "SendDecline";
    case Do::StartTimer: return "start " + name( action.timer );
    case Do::StopTimer: return "stop " + name( action.timer );
    case Do::Accept: return "Accept " + action.method;
    case Do::RefuseOpening: return "RefuseOpening " + action.condition;
    case Do::RefuseCurrent: return "RefuseCurrent " + action.method + " " + action.condition;
    case Do::AnswerCurrent: return "AnswerCurrent " + action.method;
    case Do::DropMethod: return "DropMethod " + action.method;
    case Do::TakeCandidate: return "TakeCandidate " + action.method;
    case Do::ReportOpen: return "ReportOpen " + action.method;
    case Do::ReportChange: return "ReportChange " + action.method;
    case Do::ReportFailure: return "ReportFailure " + action.method + ": " + action.reason;
    case Do::AnswerClose: return "AnswerClose";
    case Do::RefuseClose: return "RefuseClose";
    case Do::CloseStream: return "CloseStream";
    case Do::AbortStream: return "AbortStream";
    case Do::End: return "End " + name( action.cause );
  }
  return "?";
}

inline std::string text( const simultiple::negotiation::Socks5Offer::Action& action )
{
  using Do = simultiple::negotiation::Socks5Offer::Action::Do;
  switch( action.what )
  {
    case Do::SendQuery: return "SendQuery";
    case Do::StartTimer: return "start " + name( action.timer );
    case Do::StopTimer: return "stop " + name( action.timer );
    case Do::DropLink: return "DropLink";
    case Do::ConnectProxy: return "ConnectProxy";
    case Do::SendActivate: return "SendActivate";
    case Do::CommitDirect: return "CommitDirect";
    case Do::CommitProxy: return "CommitProxy";
    case Do::Fail: return action.peerUnreachable ? "Fail unreachable" : "Fail";
  }
  return "?";
}

inline std::string text( const simultiple::negotiation::InBandOffer::Action& action )
{
  using Do = simultiple::negotiation::InBandOffer::Action::Do;
  switch( action.what )
  {
    case Do::SendOpen: return "SendOpen " + std::to_string( action.blockSize );
    case Do::StartTimer: return "start";
    case Do::StopTimer: return "stop";
    case Do::SendClose: return "SendClose";
    case Do::AnswerClose: return "AnswerClose";
    case Do::Commit: return "Commit";
    case Do::Fail: return action.peerUnreachable ? "Fail unreachable" : "Fail";
  }
  return "?";
}

/// All actions, in order, separated by ", ".
template<typename Action>
std::string all( const std::vector<Action>& actions )
{
  std::string line;
  for( const auto& action : actions )
    line += ( line.empty() ? "" : ", " ) + text( action );
  return line;
}

/// The same numbers on every machine: the standard's distributions differ between libraries.
class Dice
{
  public:
    explicit Dice( std::uint64_t seed ) : m_state( seed ) {}

    std::size_t roll( std::size_t sides )
    {
      m_state = m_state * 6364136223846793005u + 1442695040888963407u;
      return static_cast<std::size_t>( m_state >> 33 ) % sides;
    }

  private:
    std::uint64_t m_state;
};

/**
 * Fires all sequences of @a depth events at a machine and whatever watches it.
 * @param at Copied for every branch; has the machine as `machine` and says in `fault` what went wrong.
 * @param seen Gets every state on the way.
 * @param fault Gets the last fault; the walk ends with it.
 */
template<typename Watcher, typename Events, typename State>
void walk( const Watcher& at, const Events& events, int depth, std::set<State>& seen, std::string& fault )
{
  seen.insert( at.machine.state() );
  if( depth == 0 || !fault.empty() )
    return;
  for( const auto& event : events )
  {
    Watcher next = at;
    event( next );
    if( !next.fault.empty() )
      fault = next.fault;
    walk( next, events, depth - 1, seen, fault );
  }
}

} // namespace show
