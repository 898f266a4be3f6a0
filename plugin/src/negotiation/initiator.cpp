// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/initiator.h"

#include "negotiation/reasons.h"

#include <utility>

namespace simultiple::negotiation
{

namespace
{

using Action = Initiator::Action;
using Do = Action::Do;

Action plain( Do what )
{
  return Action{ what };
}

Action timed( Do what, Timer timer )
{
  return Action{ what, timer };
}

Action about( Do what, const std::string& method, const std::string& reason = std::string() )
{
  return Action{ what, Timer::SOffer, method, reason };
}

} // namespace

// ---- offer ----

Initiator::Actions Initiator::offer()
{
  if( m_state != State::Idle )
    return {};

  m_state = State::Offering;
  return { plain( Do::SendOffer ), timed( Do::StartTimer, Timer::SOffer ) }; // ST-S-1
}

// ---- list ----

Initiator::Actions Initiator::listReceived( const std::vector<std::string>& methods, bool hasInBand )
{
  if( m_state == State::Ended )
    return lateAnswer( hasInBand );                                          // ST-S-41
  if( m_state != State::Offering )
    return {};                                                               // SI-23
  if( methods.empty() )
    return refused( Cause::NoValidStreams, "no method in common", hasInBand ); // SIM-27

  m_list = methods;
  m_hasInBand = hasInBand;
  return tryNext( { timed( Do::StopTimer, Timer::SOffer ), timed( Do::StartTimer, Timer::STotal ) } ); // ST-S-3
}

Initiator::Actions Initiator::refused( Cause cause, const std::string& text, bool acceptedWithInBand )
{
  if( m_state == State::Ended )
    return lateAnswer( acceptedWithInBand );
  if( m_state != State::Offering )
    return {};                                                               // SI-23

  Actions actions;
  if( acceptedWithInBand )
    actions.push_back( plain( Do::NeverMind ) );                             // ST-S-4: CLS-4
  return end( std::move( actions ), cause, text );                           // ST-S-4, ST-S-5
}

Initiator::Actions Initiator::peerUnavailable()
{
  if( m_state != State::Offering )
    return {};                                                               // CLS-8: sockets and IQ errors decide
  return end( {}, Cause::PeerUnreachable, "the peer went offline" );         // CLS-8
}

// CLS-4: only the first answer to an offer that was cancelled or timed out counts; a second one is SI-23's.
Initiator::Actions Initiator::lateAnswer( bool hasInBand )
{
  if( !m_awaitsLate )
    return {};

  m_awaitsLate = false;
  if( !hasInBand )
    return {};
  return { plain( Do::NeverMind ) };
}

// ---- try, next ----

// ST-S-9 to ST-S-13: which kind of method it is, is the method's affair. NEG-1, NEG-2: in list order, each once.
Initiator::Actions Initiator::tryNext( Actions actions )
{
  m_state = State::Trying;
  m_method = m_list[m_next++];
  actions.push_back( about( Do::StartMethod, m_method ) );
  return actions;
}

Initiator::Actions Initiator::methodFailed( const std::string& method, const std::string& reason, bool peerUnreachable )
{
  if( m_state != State::Trying || method != m_method )
    return {};                                                               // ST-S-36: NEG-12, NEG-11

  Actions actions{ about( Do::ReportFailure, method, reason ) };             // GEN-11
  addReason( m_reasons, method, reason );
  abandon( actions );                                                        // NEG-5 comes before the next opening

  if( peerUnreachable )
    return end( std::move( actions ), Cause::PeerUnreachable, m_reasons );   // ST-S-19, ST-S-31: NEG-7
  if( m_next >= m_list.size() )
    return end( std::move( actions ), Cause::MethodsExhausted, m_reasons );  // ST-S-11, ST-S-14
  if( !m_delayNext )
    return tryNext( std::move( actions ) );                                  // ST-S-18, 20, 21, 24, 26, 28, 32 to 34

  m_state = State::Choosing;
  actions.push_back( timed( Do::StartTimer, Timer::SNext ) );                // NEG-6
  return actions;
}

void Initiator::abandon( Actions& actions )
{
  if( m_method.empty() )
    return;                                                                  // between two methods there is none
  actions.push_back( about( Do::AbandonMethod, m_method ) );
  m_method.clear();
}

// ---- open ----

Initiator::Actions Initiator::methodOpened( const std::string& method )
{
  if( m_state != State::Trying || method != m_method )
    return {};                                                               // ST-S-36: NEG-12

  m_state = State::Open;                                                     // ST-S-15, 23, 27, 29, 34: NEG-10
  return { timed( Do::StopTimer, Timer::STotal ), about( Do::Commit, method ) };
}

Initiator::Actions Initiator::streamEnded( Cause cause, const std::string& text )
{
  if( m_state == State::Closing )
    return end( {}, cause == Cause::ClosedRemote ? Cause::ClosedLocal : cause, text ); // ST-S-40
  if( m_state == State::Open )
    return end( {}, cause, text );                                           // ST-S-38, ST-S-39: NEG-11
  return {};
}

// ---- giving up ----

Initiator::Actions Initiator::cancel( bool abort )
{
  switch( m_state )
  {
    case State::Idle:
    case State::Ended:
      return {};
    case State::Offering:
      m_awaitsLate = true;
      return end( {}, Cause::CancelledLocal, "cancelled" );                  // ST-S-8: CLS-3, nothing is sent
    case State::Choosing:
    case State::Trying:
      return stop( Cause::CancelledLocal, "cancelled" );                     // ST-S-35
    case State::Open:
      if( abort )
        return end( { plain( Do::AbortStream ) }, Cause::ClosedLocal, "closed" );
      m_state = State::Closing;
      return { plain( Do::CloseStream ) };                                   // ST-S-37: CLS-1
    case State::Closing:
      if( abort )
        return end( { plain( Do::AbortStream ) }, Cause::ClosedLocal, "closed" );
      return {};
  }
  return {};
}

// CLS-5: clean up as NEG-5, then the best-effort "never mind" of CLS-4, since the receiver still waits.
Initiator::Actions Initiator::stop( Cause cause, const std::string& text )
{
  Actions actions;
  abandon( actions );
  if( m_hasInBand )
    actions.push_back( plain( Do::NeverMind ) );
  return end( std::move( actions ), cause, text );
}

Initiator::Actions Initiator::disconnected( bool streamSurvives )
{
  if( m_state == State::Idle || m_state == State::Ended )
    return {};

  const bool open = m_state == State::Open || m_state == State::Closing;
  if( open && streamSurvives )
    return {};                                                               // CLS-7: a committed S5B stream lives on

  Actions actions;
  if( !open )
    abandon( actions );
  return end( std::move( actions ), Cause::Disconnected, "the XMPP connection was lost" ); // CLS-7
}

Initiator::Actions Initiator::timer( Timer timer )
{
  if( timer == Timer::SOffer && m_state == State::Offering )
  {
    m_awaitsLate = true;
    return end( {}, Cause::Timeout, "no answer to the offer" );              // ST-S-7: TMO-4
  }
  if( timer == Timer::SNext && m_state == State::Choosing )
    return tryNext( {} );                                                    // ST-S-9 to ST-S-13
  if( timer == Timer::STotal && ( m_state == State::Choosing || m_state == State::Trying ) )
    return stop( Cause::Timeout, withReasons( "no method connected in time", m_reasons ) ); // TMO-4
  return {};                                                                 // TMO-6
}

Initiator::Actions Initiator::end( Actions actions, Cause cause, const std::string& text )
{
  m_state = State::Ended;
  m_method.clear();
  actions.push_back( Action{ Do::End, Timer::SOffer, std::string(), text, cause } ); // GEN-10
  return actions;
}

} // namespace simultiple::negotiation
