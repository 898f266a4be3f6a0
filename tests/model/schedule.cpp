// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/schedule.h"

#include "model/step.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace simultiple::model
{

using Kind = Event::Kind;

namespace
{

/// One side's waits along the trace.
class Clockwork final
{
  public:
    explicit Clockwork( bool atS ) : m_atS( atS ) {}

    void before( const World& world, const Event& event )
    {
      Timer timer{};
      m_fired.reset();
      if( !isTick( event, m_atS, timer ) )
        return;
      m_fired = timer;
      ++m_now;
      int length = m_now - m_since[timer];
      if( timer == Timer::Close && !( m_atS ? world.s : world.r ).closeSent && event.kind != Kind::SDrained && event.kind != Kind::RDrained )
        length = -length;   // IBB-12: a sixth of it, because patience is six times T-CLOSE
      if( const auto known = m_length.emplace( timer, length ); known.first->second != length )
        problem = "a timer would need two lengths";
    }

    void after( const World& old, const World& world )
    {
      const Side& was = m_atS ? old.s : old.r;
      const Side& is = m_atS ? world.s : world.r;
      const auto link = m_atS ? End::None : world.direct.r;
      for( std::size_t i = 0; i < TimerCount; ++i )
      {
        const auto timer = static_cast<Timer>( i );
        change( timer, ( was.timers & bit( timer ) ) != 0, ( is.timers & bit( timer ) ) != 0 );
      }
      change( Timer::RHost, !m_atS && old.direct.r == End::Dialing, link == End::Dialing );
      if( ( is.closing && !was.closing ) || ( is.closeSent && !was.closeSent ) )
        m_since[Timer::Close] = m_now;
    }

    [[nodiscard]] Timeouts timeouts() const
    {
      Timeouts all;
      for( std::size_t i = 0; i < TimerCount; ++i )
      {
        const auto timer = static_cast<Timer>( i );
        const auto length = m_length.find( timer );
        all.set( timer, length == m_length.end() ? std::chrono::hours( 24 * 100 )
                                                 : length->second > 0 ? Schedule::Tick * length->second : Schedule::Tick * -length->second / 6 );
      }
      return all;
    }

    /** Whether some earlier run of a timer would have been over before it was stopped. */
    [[nodiscard]] bool tooLong() const
    {
      for( const auto& [timer, longest] : m_longest )
        if( const auto length = m_length.find( timer ); length != m_length.end() && longest >= std::abs( length->second ) )
          return true;
      return false;
    }

    std::string problem{};

  private:
    void change( Timer timer, bool was, bool is )
    {
      if( !was && is )
        m_since[timer] = m_now;
      else if( was && !is && m_fired != timer )
        m_longest[timer] = std::max( m_longest[timer], m_now - m_since[timer] );
    }

    bool m_atS;
    int m_now = 0;
    std::optional<Timer> m_fired{};
    std::map<Timer, int> m_since{};    // when it was started last
    std::map<Timer, int> m_length{};   // until it fired; less than 0: a sixth of that
    std::map<Timer, int> m_longest{};  // it ran without firing
};

} // namespace

bool isTick( const Event& event, bool atS, Timer& timer )
{
  switch( event.kind )
  {
    case Kind::STimer:
    case Kind::RTimer:
      timer = static_cast<Timer>( event.which );
      return atS == ( event.kind == Kind::STimer );
    case Kind::RHostTimer:
      timer = Timer::RHost;
      return !atS;
    case Kind::SDrained:
    case Kind::RDrained:
      timer = Timer::Close;
      return atS == ( event.kind == Kind::SDrained );
    default: return false;
  }
}

Schedule scheduleOf( const Setup& setup, const Trace& trace )
{
  Schedule schedule;
  Clockwork sender( true ), receiver( false );
  World world = worldOf( setup );
  World old = world;
  Step( world, setup ).begin();
  sender.after( old, world );
  for( const Event& event : trace )
  {
    if( event.kind == Kind::ServerAccepts && world.direct.r != End::Dialing )
      schedule.problem = "a handshake that R had given up does not get through";
    old = world;
    sender.before( world, event );
    receiver.before( world, event );
    Step( world, setup ).apply( event );
    sender.after( old, world );
    receiver.after( old, world );
  }
  schedule.sender = sender.timeouts();
  if( !setup.delayNext )
    schedule.sender.set( Timer::SNext, std::chrono::milliseconds( 0 ) );
  schedule.receiver = receiver.timeouts();
  for( const auto* side : { &sender, &receiver } )
    if( !side->problem.empty() || side->tooLong() )
      schedule.problem = "a timer would need two lengths";
  return schedule;
}

} // namespace simultiple::model
