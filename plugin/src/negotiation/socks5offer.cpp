// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/socks5offer.h"

#include <utility>

namespace simultiple::negotiation
{

namespace
{

using Action = Socks5Offer::Action;
using Do = Action::Do;

Action plain( Do what )
{
  return Action{ what };
}

Action timed( Do what, Timer timer )
{
  return Action{ what, timer };
}

} // namespace

Socks5Offer::Actions Socks5Offer::start( bool haveHosts, bool last )
{
  if( m_state != State::Idle )
    return {};

  m_haveHosts = haveHosts;
  if( !haveHosts && last )
    return fail( { plain( Do::SendQuery ) }, "no streamhost is available" ); // ST-S-11: S5B-4, the answer is ignored

  m_state = State::Query;                                                    // ST-S-9, ST-S-10
  return { plain( Do::SendQuery ), timed( Do::StartTimer, Timer::SS5B ) };
}

// ---- the answer ----

Socks5Offer::Actions Socks5Offer::answerSelf()
{
  if( m_state != State::Query )
    return {};

  Actions actions{ timed( Do::StopTimer, Timer::SS5B ) };
  if( !m_haveHosts )
    return fail( std::move( actions ), "the answer names a streamhost that was not offered" ); // ST-S-18: S5B-8
  if( m_broken )
    return fail( std::move( actions ), "the peer's connection broke before its answer" );      // ST-S-18: S5B-10
  if( m_linked )
  {
    m_state = State::Done;
    actions.push_back( plain( Do::CommitDirect ) );                          // ST-S-15
    return actions;
  }
  m_state = State::Link;
  actions.push_back( timed( Do::StartTimer, Timer::SLink ) );                // ST-S-16
  return actions;
}

Socks5Offer::Actions Socks5Offer::answerProxy()
{
  if( m_state != State::Query )
    return {};

  Actions actions{ timed( Do::StopTimer, Timer::SS5B ) };
  if( !m_haveHosts )
    return fail( std::move( actions ), "the answer names a streamhost that was not offered" ); // ST-S-18: S5B-8

  m_state = State::Proxy;                                                    // ST-S-17
  actions.push_back( plain( Do::DropLink ) );                                // S5B-7
  actions.push_back( plain( Do::ConnectProxy ) );
  actions.push_back( timed( Do::StartTimer, Timer::SProxyAll ) );
  return actions;
}

Socks5Offer::Actions Socks5Offer::answerBogus( const std::string& reason )
{
  if( m_state != State::Query )
    return {};
  return fail( { timed( Do::StopTimer, Timer::SS5B ) }, reason );            // ST-S-18
}

Socks5Offer::Actions Socks5Offer::answerError( const std::string& condition, bool peerUnreachable )
{
  if( m_state != State::Query )
    return {};
  return fail( { timed( Do::StopTimer, Timer::SS5B ) }, condition, peerUnreachable ); // ST-S-19, ST-S-20
}

// ---- our server ----

Socks5Offer::Actions Socks5Offer::linked()
{
  switch( m_state )
  {
    case State::Query:
      if( m_broken )
        return { plain( Do::DropLink ) };                                    // S5B-9: one connection, even if it broke
      m_linked = true;
      return {};
    case State::Link:
      m_state = State::Done;
      return { timed( Do::StopTimer, Timer::SLink ), plain( Do::CommitDirect ) }; // ST-S-23
    case State::Proxy:
    case State::Activate:
      return { plain( Do::DropLink ) };                                      // S5B-7: the peer chose the proxy
    case State::Idle:
    case State::Done:
    case State::Failed:
      return {};
  }
  return {};
}

Socks5Offer::Actions Socks5Offer::linkBroken()
{
  if( m_state == State::Query && m_linked )
  {
    m_linked = false;
    m_broken = true;
  }
  return {};                                                                 // ST-S-22: no failure by itself
}

// ---- the proxy ----

Socks5Offer::Actions Socks5Offer::proxyDialled()
{
  if( m_state != State::Proxy )
    return {};

  m_state = State::Activate;                                                 // ST-S-25
  return { timed( Do::StopTimer, Timer::SProxyAll ), plain( Do::SendActivate ), timed( Do::StartTimer, Timer::SAct ) };
}

Socks5Offer::Actions Socks5Offer::proxyFailed( const std::string& reason )
{
  if( m_state == State::Proxy )
    return fail( { timed( Do::StopTimer, Timer::SProxyAll ) }, reason );     // ST-S-26
  if( m_state == State::Activate )
    return fail( { timed( Do::StopTimer, Timer::SAct ) }, reason );          // ST-S-28
  return {};
}

Socks5Offer::Actions Socks5Offer::activated()
{
  if( m_state != State::Activate )
    return {};

  m_state = State::Done;                                                     // ST-S-27
  return { timed( Do::StopTimer, Timer::SAct ), plain( Do::CommitProxy ) };
}

Socks5Offer::Actions Socks5Offer::activationRefused( const std::string& condition )
{
  if( m_state != State::Activate )
    return {};
  return fail( { timed( Do::StopTimer, Timer::SAct ) }, "the proxy refused activation: " + condition ); // ST-S-28
}

// ---- time ----

Socks5Offer::Actions Socks5Offer::timer( Timer timer )
{
  if( timer == Timer::SS5B && m_state == State::Query )
    return fail( {}, "no answer to the S5B query" );                         // ST-S-21
  if( timer == Timer::SLink && m_state == State::Link )
    return fail( {}, "the answer names us, but the peer never connected" );  // ST-S-24: S5B-6
  if( timer == Timer::SProxyAll && m_state == State::Proxy )
    return fail( {}, "the proxy did not answer in time" );                   // ST-S-26
  if( timer == Timer::SAct && m_state == State::Activate )
    return fail( {}, "the proxy did not confirm activation in time" );       // ST-S-28
  return {};                                                                 // TMO-6
}

Socks5Offer::Actions Socks5Offer::fail( Actions actions, const std::string& reason, bool peerUnreachable )
{
  m_state = State::Failed;
  actions.push_back( Action{ Do::Fail, Timer::SS5B, reason, peerUnreachable } );
  return actions;
}

} // namespace simultiple::negotiation
