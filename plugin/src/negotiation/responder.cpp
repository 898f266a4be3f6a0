// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/responder.h"

#include "negotiation/reasons.h"

#include <utility>

namespace simultiple::negotiation
{

namespace
{

using Action = Responder::Action;
using Do = Action::Do;

constexpr const char* NotAcceptable = "not-acceptable";
constexpr const char* ItemNotFound = "item-not-found";
constexpr const char* BadRequest = "bad-request";
constexpr const char* ResourceConstraint = "resource-constraint";

Action plain( Do what )
{
  return Action{ what };
}

Action timed( Do what, Timer timer )
{
  return Action{ what, timer };
}

Action about( Do what, const std::string& method, const std::string& condition = std::string() )
{
  return Action{ what, Timer::RApp, method, condition };
}

Action failure( const std::string& method, const std::string& reason )
{
  return Action{ Do::ReportFailure, Timer::RApp, method, std::string(), reason };
}

} // namespace

// ---- the application's decision ----

Responder::Actions Responder::offered()
{
  if( m_asked || m_state != State::Offered )
    return {};

  m_asked = true;
  return { timed( Do::StartTimer, Timer::RApp ), plain( Do::AskApplication ) }; // ST-R-2
}

Responder::Actions Responder::accepted( const std::vector<std::string>& list )
{
  if( m_state != State::Offered || list.empty() )
    return {};                                                               // SI-14, SI-15; SIM-13

  m_list = list;
  Actions actions = startWaiting( { timed( Do::StopTimer, Timer::RApp ) }, Timer::RNext );
  startTotal( actions );
  actions.push_back( plain( Do::SendAccept ) );                              // ST-R-3, ST-R-4; SIM-15: we are ready
  return actions;
}

Responder::Actions Responder::declined( Cause cause )
{
  if( m_state != State::Offered )
    return {};                                                               // SI-14, SI-15
  return end( { plain( Do::SendDecline ) }, cause, "declined" );             // ST-R-5
}

// ---- openings ----

Responder::Actions Responder::opening( const std::string& method, const std::string& iqId, Opening verdict )
{
  switch( m_state )
  {
    case State::Offered:                                                     // ST-R-6
    case State::Open:                                                        // ST-R-32: NEG-26
    case State::Closing:
    case State::Ended:                                                       // ST-R-37: CLS-9
      return { about( Do::RefuseOpening, method, NotAcceptable ) };
    case State::Waiting:
    case State::Accepting:
    case State::Tentative:
      break;
  }

  if( m_state == State::Accepting && method == m_method && iqId == m_iqId )
    return {};                                                               // ST-R-20: NEG-30, one answer serves both
  if( verdict == Opening::Malformed )
    return { about( Do::RefuseOpening, method, BadRequest ) };

  std::size_t index = 0;
  if( !later( method, index ) )
    return { about( Do::RefuseOpening, method, NotAcceptable ) };            // ST-R-12, 20, 24: NEG-22, NEG-30
  if( m_state == State::Tentative && m_written )
    return end( { about( Do::RefuseOpening, method, NotAcceptable ), plain( Do::AbortStream ) },
                Cause::StreamConflict, "the sender moved on after we had written" ); // ST-R-23: NEG-25
  return serve( index, iqId, verdict );
}

// An acceptable opening (NEG-21). Whatever was worked on before has been given up by the sender.
Responder::Actions Responder::serve( std::size_t index, const std::string& iqId, Opening verdict )
{
  const std::string& method = m_list[index];
  Actions actions = superseded();
  if( verdict == Opening::TooLarge )
  {
    m_next = index;                                                          // NEG-22: it may be opened again, smaller
    actions = startWaiting( std::move( actions ), Timer::RNext );
    actions.push_back( about( Do::RefuseOpening, method, ResourceConstraint ) ); // ST-R-11
    return actions;
  }

  m_next = index + 1;
  if( verdict == Opening::Unusable )
    return failed( std::move( actions ), about( Do::RefuseOpening, method, NotAcceptable ), "unusable" ); // ST-R-9

  if( m_state == State::Waiting )
    actions.push_back( timed( Do::StopTimer, m_waitTimer ) );
  m_state = State::Accepting;                                                // ST-R-8, ST-R-10, ST-R-35
  m_method = method;
  m_iqId = iqId;
  actions.push_back( about( Do::Accept, method ) );
  return actions;
}

// ST-R-19, ST-R-22: stops the work, or drops the candidate, to make room for a later opening.
Responder::Actions Responder::superseded()
{
  static constexpr const char* reason = "given up by the sender";
  Actions actions;
  if( m_state == State::Accepting )
  {
    addReason( m_reasons, m_method, reason );
    actions.push_back( about( Do::DropMethod, m_method ) );                  // NEG-23
    actions.push_back( about( Do::RefuseCurrent, m_method, ItemNotFound ) );
    actions.push_back( failure( m_method, reason ) );                        // GEN-11
  }
  else if( m_state == State::Tentative )
  {
    addReason( m_reasons, m_method, reason );
    stopFirst( actions );
    startTotal( actions );
    actions.push_back( about( Do::DropMethod, m_method ) );                  // NEG-24: nothing is sent for it
  }
  return actions;
}

bool Responder::later( const std::string& method, std::size_t& index ) const
{
  for( index = m_next; index < m_list.size(); ++index )
    if( m_list[index] == method )                                            // GEN-12
      return true;
  return false;
}

// ---- the method's outcome ----

Responder::Actions Responder::methodAccepted( const std::string& method )
{
  if( m_state != State::Accepting || method != m_method )
    return {};

  Actions actions{ about( Do::TakeCandidate, method ), about( Do::AnswerCurrent, method ) }; // ST-R-10, 15, 36: S5B-14
  if( m_config.senderSpeaksFirst )
  {
    m_firstRuns = true;
    actions.push_back( timed( Do::StartTimer, Timer::RFirst ) );
  }
  m_state = haveLater() ? State::Tentative : State::Open;                    // NEG-20
  stopTotal( actions );                                                      // TMO-7: S may be using it already
  actions.push_back( about( m_reportedOpen ? Do::ReportChange : Do::ReportOpen, method ) ); // GEN-10, NEG-24
  m_reportedOpen = true;
  return actions;
}

Responder::Actions Responder::methodFailed( const std::string& method, const std::string& reason,
                                            const std::string& condition )
{
  if( m_state != State::Accepting || method != m_method )
    return {};
  return failed( {}, about( Do::RefuseCurrent, method, condition ), reason ); // ST-R-16, ST-R-17, ST-R-36
}

// NEG-29: be ready for the next opening first, then answer.
Responder::Actions Responder::failed( Actions actions, const Action& answer, const std::string& reason )
{
  addReason( m_reasons, answer.method, reason );
  if( haveLater() )
    actions = startWaiting( std::move( actions ), Timer::RNext );            // ST-R-16
  actions.push_back( answer );
  actions.push_back( failure( answer.method, reason ) );                     // GEN-11
  if( haveLater() )
    return actions;
  return end( std::move( actions ), Cause::MethodsExhausted, m_reasons );    // ST-R-17
}

Responder::Actions Responder::payloadReceived()
{
  if( m_state != State::Tentative && m_state != State::Open )
    return {};

  Actions actions;
  m_state = State::Open;                                                     // ST-R-21
  stopFirst( actions );
  return actions;
}

Responder::Actions Responder::payloadWritten()
{
  if( m_state == State::Tentative || m_state == State::Open )
    m_written = true;                                                        // NEG-25
  return {};
}

// ---- endings ----

Responder::Actions Responder::streamEnded( Cause cause, const std::string& text, bool inBand )
{
  switch( m_state )
  {
    case State::Tentative:
      return tentativeEnded( cause, text, inBand );
    case State::Open:
      return end( {}, cause, text );                                         // ST-R-33: NEG-11
    case State::Closing:
      return end( {}, cause == Cause::ClosedRemote ? Cause::ClosedLocal : cause, text ); // ST-R-34
    case State::Offered:
    case State::Waiting:
    case State::Accepting:
    case State::Ended:
      return {};
  }
  return {};
}

Responder::Actions Responder::tentativeEnded( Cause cause, const std::string& text, bool inBand )
{
  if( inBand )
    return end( {}, cause, text );                                           // ST-R-28: IBB-13, CLS-8
  if( m_written || ( cause != Cause::ClosedRemote && cause != Cause::IoError ) )
    return end( {}, cause, text );                                           // ST-R-27
  if( m_config.expectsNothing && cause == Cause::ClosedRemote )
    return end( {}, Cause::ClosedRemote, text );                             // ST-R-25

  // ST-R-26: NEG-27, S5B-17. The sender may be moving on.
  Actions actions;
  addReason( m_reasons, m_method, text.empty() ? "ended without payload" : text );
  stopFirst( actions );
  startTotal( actions );
  actions.push_back( about( Do::DropMethod, m_method ) );
  return startWaiting( std::move( actions ), Timer::RGrace );
}

Responder::Actions Responder::closeReceived()
{
  Actions actions;
  switch( m_state )
  {
    case State::Offered:
      actions = { plain( Do::AnswerClose ), plain( Do::SendDecline ) };      // CLS-4 seen from here, SI-8
      break;
    case State::Waiting:
    case State::Accepting:
    case State::Tentative:
      dropCurrent( actions, ItemNotFound );                                  // ST-R-29: CLS-5, IBB-15
      actions.push_back( plain( Do::AnswerClose ) );
      break;
    case State::Open:
    case State::Closing:
      return { plain( Do::RefuseClose ) };                                   // IBB-15
    case State::Ended:
      return { plain( Do::AnswerClose ) };                                   // ST-R-37: CLS-9
  }
  return end( std::move( actions ), Cause::CancelledRemote, "cancelled by the sender" );
}

Responder::Actions Responder::cancel( bool abort )
{
  Actions actions;
  switch( m_state )
  {
    case State::Offered:
      return end( { plain( Do::SendDecline ) }, Cause::CancelledLocal, "cancelled" );
    case State::Waiting:
    case State::Accepting:
      dropCurrent( actions, NotAcceptable );                                 // ST-R-30: CLS-6
      return end( std::move( actions ), Cause::CancelledLocal, "cancelled" );
    case State::Tentative:
    case State::Open:
      if( abort )
        return end( { plain( Do::AbortStream ) }, Cause::ClosedLocal, "closed" );
      stopFirst( actions );
      m_state = State::Closing;
      actions.push_back( plain( Do::CloseStream ) );                         // ST-R-30, ST-R-33: CLS-1
      return actions;
    case State::Closing:
      if( abort )
        return end( { plain( Do::AbortStream ) }, Cause::ClosedLocal, "closed" );
      return {};
    case State::Ended:
      return {};
  }
  return {};
}

// CLS-7. Nothing is sent any more: not even the answer to a pending query.
Responder::Actions Responder::disconnected( bool streamSurvives )
{
  Actions actions;
  switch( m_state )
  {
    case State::Offered:
    case State::Waiting:
      break;
    case State::Tentative:
      if( streamSurvives )
      {
        m_state = State::Open;                                               // as if confirmed: no later opening can come
        return {};
      }
      actions.push_back( about( Do::DropMethod, m_method ) );
      break;
    case State::Accepting:
      actions.push_back( about( Do::DropMethod, m_method ) );
      break;
    case State::Open:
    case State::Closing:
      if( streamSurvives )
        return {};
      break;
    case State::Ended:
      return {};
  }
  return end( std::move( actions ), Cause::Disconnected, "the XMPP connection was lost" );
}

Responder::Actions Responder::timer( Timer timer )
{
  if( timer == Timer::RApp && m_state == State::Offered )
    return end( { plain( Do::SendDecline ) }, Cause::Timeout, "nobody decided" ); // ST-R-5

  if( m_state == State::Waiting && timer == m_waitTimer )
  {
    if( timer == Timer::RGrace )
      return end( {}, Cause::ClosedRemote, m_reasons );                      // ST-R-14
    return end( {}, Cause::Timeout, withReasons( "no opening came", m_reasons ) ); // ST-R-13: NEG-31
  }
  if( timer == Timer::RFirst && m_firstRuns )
    return end( { plain( Do::AbortStream ) }, Cause::Timeout, "no payload came" ); // ST-R-31

  if( timer == Timer::RTotal && m_totalRuns )
  {
    Actions actions;
    dropCurrent( actions, ItemNotFound );                                    // GEN-1
    return end( std::move( actions ), Cause::Timeout, withReasons( "no stream in time", m_reasons ) ); // TMO-4
  }
  return {};                                                                 // TMO-6
}

// ---- small steps ----

// Answers the opening being worked on and drops it, or drops the candidate; nothing when waiting.
void Responder::dropCurrent( Actions& actions, const char* condition )
{
  if( m_state == State::Accepting )
    actions.push_back( about( Do::RefuseCurrent, m_method, condition ) );    // GEN-1
  if( m_state == State::Accepting || m_state == State::Tentative )
    actions.push_back( about( Do::DropMethod, m_method ) );
}

Responder::Actions Responder::startWaiting( Actions actions, Timer timer )
{
  if( m_state == State::Waiting && m_waitTimer != timer )
    actions.push_back( timed( Do::StopTimer, m_waitTimer ) );
  m_state = State::Waiting;
  m_waitTimer = timer;
  m_method.clear();
  actions.push_back( timed( Do::StartTimer, timer ) );
  return actions;
}

void Responder::stopFirst( Actions& actions )
{
  if( std::exchange( m_firstRuns, false ) )
    actions.push_back( timed( Do::StopTimer, Timer::RFirst ) );
}

void Responder::startTotal( Actions& actions )
{
  m_totalRuns = true;
  actions.push_back( timed( Do::StartTimer, Timer::RTotal ) );
}

void Responder::stopTotal( Actions& actions )
{
  if( std::exchange( m_totalRuns, false ) )
    actions.push_back( timed( Do::StopTimer, Timer::RTotal ) );
}

Responder::Actions Responder::end( Actions actions, Cause cause, const std::string& text )
{
  m_state = State::Ended;
  m_method.clear();
  m_firstRuns = false;
  m_totalRuns = false;
  actions.push_back( Action{ Do::End, Timer::RApp, std::string(), std::string(), text, cause } ); // GEN-10
  return actions;
}

} // namespace simultiple::negotiation
