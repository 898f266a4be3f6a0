// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/timeouts.h>

#include <algorithm>

namespace simultiple
{

namespace
{

using namespace std::chrono_literals;
using Duration = Timeouts::Duration;

/// What zero makes of a timer.
enum class Zero
{
  NoLimit,   // TMO-1
  AtOnce,    // a wait that may be left out
  Senseless  // nothing could ever succeed
};

struct Row
{
  const char* name;
  Duration value;
  Zero zero;
};

/// PROTOCOL 2.8, in the order of enum Timer.
constexpr std::array<Row, TimerCount> Table{ {
    { "T-S-OFFER", 600s, Zero::NoLimit },
    { "T-S-NEXT", 0s, Zero::AtOnce },
    { "T-S-S5B", 60s, Zero::Senseless },
    { "T-S-LINK", 2s, Zero::AtOnce },
    { "T-S-PROXY", 10s, Zero::Senseless },
    { "T-S-PROXY-ALL", 20s, Zero::Senseless },
    { "T-S-ACT", 15s, Zero::Senseless },
    { "T-S-IBB", 30s, Zero::Senseless },
    { "T-S-TOTAL", 240s, Zero::Senseless },
    { "T-R-APP", 600s, Zero::NoLimit },
    { "T-R-NEXT", 150s, Zero::Senseless },
    { "T-R-HOST", 8s, Zero::Senseless },
    { "T-R-HOST-TCP", 3s, Zero::Senseless },
    { "T-R-STAGGER", 300ms, Zero::AtOnce },
    { "T-R-S5B", 25s, Zero::Senseless },
    { "T-R-GRACE", 15s, Zero::AtOnce },
    { "T-R-FIRST", 120s, Zero::NoLimit },
    { "T-R-HOLD", 5s, Zero::AtOnce },
    { "T-R-TOTAL", 300s, Zero::Senseless },
    { "T-CLOSE", 10s, Zero::AtOnce },
    { "T-SOCKS", 10s, Zero::Senseless },
    { "T-TOMB", 300s, Zero::AtOnce },
    { "T-NOTE", 2s, Zero::AtOnce },
    { "T-REMEMBER", 600s, Zero::AtOnce },
} };

constexpr Duration Longest = std::chrono::hours( 24 * 365 );   // so that sums of timers cannot overflow
constexpr std::size_t MostHosts = 8;                           // TMO-2, S5B-2

char upper( char c ) noexcept
{
  return c >= 'a' && c <= 'z' ? static_cast<char>( c - 'a' + 'A' ) : c;
}

bool sameWord( std::string_view a, std::string_view b ) noexcept
{
  return a.size() == b.size()
         && std::equal( a.begin(), a.end(), b.begin(), []( char x, char y ) { return upper( x ) == upper( y ); } );
}

std::string inWords( Duration d )
{
  return std::to_string( d.count() ) + " ms";
}

} // namespace

const char* timerName( Timer timer ) noexcept
{
  const auto i = static_cast<std::size_t>( timer );
  return i < Table.size() ? Table[i].name : "T-?";
}

std::optional<Timer> timerFromName( std::string_view name ) noexcept
{
  for( std::size_t i = 0; i < Table.size(); ++i )
  {
    const std::string_view full = Table[i].name;
    if( sameWord( name, full ) || sameWord( name, full.substr( 2 ) ) )
      return static_cast<Timer>( i );
  }
  return std::nullopt;
}

Timeouts::Timeouts() noexcept
  : m_values()
{
  std::transform( Table.begin(), Table.end(), m_values.begin(), []( const Row& row ) { return row.value; } );
}

void Timeouts::set( Timer timer, Duration value ) noexcept
{
  m_values[static_cast<std::size_t>( timer )] = std::clamp( value, Duration::zero(), Longest );
  if( timer == Timer::SS5B )
    m_s5bSet = true;
}

Timeouts::Duration Timeouts::s5bAnswer( std::size_t streamhosts ) const noexcept
{
  if( m_s5bSet )
    return get( Timer::SS5B );
  const auto hosts = static_cast<int>( std::min<std::size_t>( streamhosts, 1000 ) );
  return std::max<Duration>( get( Timer::SS5B ), 10s * hosts + 10s );
}

std::string Timeouts::problem() const
{
  for( std::size_t i = 0; i < Table.size(); ++i )
    if( Table[i].zero == Zero::Senseless && m_values[i] == Duration::zero() )
      return std::string( Table[i].name ) + " must not be zero (TMO-1).";

  const Duration answer = get( Timer::RS5B ) + 10s;
  if( answer > s5bAnswer( 0 ) )
    return "T-R-S5B + 10 s (" + inWords( answer ) + ") must not exceed T-S-S5B (" + inWords( s5bAnswer( 0 ) ) + "; TMO-2).";

  const Duration slowest = s5bAnswer( MostHosts ) + get( Timer::SProxyAll ) + get( Timer::SAct );
  if( get( Timer::RNext ) < slowest )
    return "T-R-NEXT (" + inWords( get( Timer::RNext ) ) + ") must be at least T-S-S5B + T-S-PROXY + T-S-ACT for 8 streamhosts ("
           + inWords( slowest ) + "; TMO-2).";
  return {};
}

} // namespace simultiple
