// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/throttle.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace simultiple::files
{

void Throttle::setRate( std::uint64_t bytesPerSecond, TimePoint now )
{
  m_rate = static_cast<double>( bytesPerSecond );
  m_bytes = burst();
  m_filled = now;
  m_empty = false;
}

double Throttle::burst() const { return std::max( m_rate / 10, static_cast<double>( SmallestBurst ) ); }

std::uint64_t Throttle::allowance( TimePoint now )
{
  if( m_rate <= 0 )
    return std::numeric_limits<std::uint64_t>::max();
  m_bytes = std::min( burst(), m_bytes + m_rate * std::chrono::duration<double>( now - m_filled ).count() );
  m_filled = now;
  if( m_empty && m_bytes < burst() / 2 )
    return 0;
  m_empty = m_bytes < 1;
  return m_empty ? 0 : static_cast<std::uint64_t>( m_bytes );
}

void Throttle::take( std::uint64_t bytes )
{
  if( m_rate <= 0 )
    return;
  m_bytes -= static_cast<double>( bytes );
  m_empty = m_empty || m_bytes < 1;
}

std::chrono::milliseconds Throttle::wait() const
{
  if( m_rate <= 0 || !m_empty )
    return std::chrono::milliseconds::zero();
  return std::chrono::milliseconds( static_cast<std::int64_t>( std::ceil( ( burst() - m_bytes ) / m_rate * 1000 ) ) );
}

} // namespace simultiple::files
