// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/ratemeter.h"

#include <algorithm>
#include <cmath>

namespace simultiple::files
{

namespace
{

constexpr double Memory = 3;      // seconds after which the past counts for little
constexpr double Shortest = 0.05; // seconds; what is closer together says nothing of the rate

} // namespace

void RateMeter::start( std::uint64_t bytes, TimePoint now )
{
  m_bytes = bytes;
  m_at = now;
  m_rate = 0;
  m_known = false;
}

void RateMeter::update( std::uint64_t bytes, TimePoint now )
{
  const double seconds = std::chrono::duration<double>( now - m_at ).count();
  if( seconds < Shortest || bytes < m_bytes )
    return;
  const double rate = static_cast<double>( bytes - m_bytes ) / seconds;
  const double weight = m_known ? 1 - std::exp( -seconds / Memory ) : 1;
  m_rate += ( rate - m_rate ) * weight;
  m_known = true;
  m_bytes = bytes;
  m_at = now;
}

std::uint64_t RateMeter::rate() const { return static_cast<std::uint64_t>( std::max( m_rate, 0.0 ) ); }

std::optional<std::chrono::seconds> RateMeter::left( std::uint64_t bytes ) const
{
  constexpr double Longest = 365.0 * 24 * 3600; // what takes longer cannot be told
  const double seconds = m_rate > 0 ? static_cast<double>( bytes ) / m_rate : 2 * Longest;
  if( seconds > Longest )
    return std::nullopt;
  return std::chrono::seconds( static_cast<std::int64_t>( std::ceil( seconds ) ) );
}

} // namespace simultiple::files
