// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/inbandoffer.h"

#include <utility>

namespace simultiple::negotiation
{

namespace
{

using Action = InBandOffer::Action;
using Do = Action::Do;

Action plain( Do what )
{
  return Action{ what };
}

} // namespace

InBandOffer::Actions InBandOffer::start()
{
  if( m_state != State::Idle )
    return {};

  m_state = State::Waiting;                                                  // ST-S-12
  return { Action{ Do::SendOpen, m_blockSize }, plain( Do::StartTimer ) };
}

InBandOffer::Actions InBandOffer::accepted()
{
  if( m_state != State::Waiting )
    return {};                                                               // NEG-12

  m_state = State::Done;                                                     // ST-S-29
  return { plain( Do::StopTimer ), plain( Do::Commit ) };
}

InBandOffer::Actions InBandOffer::resourceConstraint()
{
  if( m_state != State::Waiting )
    return {};

  const auto half = static_cast<std::uint16_t>( m_blockSize / 2 );
  if( m_retries == MaxRetries || half < SmallestBlock )
    return fail( { plain( Do::StopTimer ) }, "resource-constraint" );        // IBB-3, ST-S-32

  ++m_retries;
  m_blockSize = half;
  return { Action{ Do::SendOpen, m_blockSize }, plain( Do::StartTimer ) };   // ST-S-30
}

InBandOffer::Actions InBandOffer::error( const std::string& condition, bool peerUnreachable )
{
  if( m_state != State::Waiting )
    return {};
  return fail( { plain( Do::StopTimer ) }, condition, peerUnreachable );     // ST-S-31, ST-S-32
}

InBandOffer::Actions InBandOffer::closeReceived()
{
  switch( m_state )
  {
    case State::Waiting:
      return fail( { plain( Do::AnswerClose ), plain( Do::StopTimer ) }, "closed by the peer" ); // ST-S-33
    case State::Idle:
    case State::Failed:
      return { plain( Do::AnswerClose ) };                                   // GEN-1: as a tombstone would
    case State::Done:
      return {};                                                             // the open stream answers (IBB-13)
  }
  return {};
}

InBandOffer::Actions InBandOffer::timer( Timer timer )
{
  if( timer != Timer::SIbb || m_state != State::Waiting )
    return {};                                                               // TMO-6

  Actions actions;
  if( m_last )
    actions.push_back( plain( Do::SendClose ) );                             // IBB-4; else the next opening tells R
  return fail( std::move( actions ), "no answer to the in-band open" );      // ST-S-32
}

InBandOffer::Actions InBandOffer::fail( Actions actions, const std::string& reason, bool peerUnreachable )
{
  m_state = State::Failed;
  actions.push_back( Action{ Do::Fail, 0, reason, peerUnreachable } );
  return actions;
}

} // namespace simultiple::negotiation
