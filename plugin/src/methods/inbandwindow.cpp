// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/inbandwindow.h"

#include <algorithm>

namespace simultiple::methods
{

using namespace std::chrono;

namespace
{

constexpr std::size_t Start = 4;
constexpr milliseconds Queue{ 500 };       // so much over the quickest: halve
constexpr milliseconds Crowd{ 250 };       // so much: do not grow
constexpr milliseconds Period{ 15000 };
constexpr milliseconds Unknown = milliseconds::max();

} // namespace

InBandWindow::InBandWindow( std::size_t most, std::size_t least )
  : m_most( std::max<std::size_t>( 1, most ) ), m_least( std::min( least, m_most ) ), m_size( std::min( Start, m_most ) ), m_threshold( m_most ),
    m_quickest{ { Unknown, Unknown } }
{
}

milliseconds InBandWindow::quickest( milliseconds took, TimePoint now )
{
  if( now - m_period >= Period )
  {
    m_quickest[1] = now - m_period < 2 * Period ? m_quickest[0] : Unknown;   // after a silence it says nothing
    m_quickest[0] = Unknown;
    m_period = now;
  }
  m_quickest[0] = std::min( m_quickest[0], took );
  return std::min( m_quickest[0], m_quickest[1] );
}

void InBandWindow::acknowledged( std::uint64_t number, std::uint64_t newest, milliseconds took, TimePoint now, bool full )
{
  const milliseconds extra = took - quickest( took, now );
  if( extra >= Queue )
  {
    if( number <= m_cut )
      return;
    m_cut = newest;
    m_size = m_threshold = std::max( m_least, m_size / 2 );
    m_credit = 0;
    return;
  }
  if( extra >= Crowd || !full || m_size >= m_most )
    return;
  if( m_size >= m_threshold && ++m_credit < m_size )
    return;
  m_credit = 0;
  ++m_size;
}

} // namespace simultiple::methods
