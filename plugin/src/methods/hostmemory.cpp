// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/hostmemory.h"

#include <algorithm>
#include <iterator>

namespace simultiple::methods
{

const HostMemory::Entry* HostMemory::find( const Host& host, TimePoint now ) const
{
  const auto found = m_entries.find( key( host ) );
  return found == m_entries.end() || expired( found->second, now ) ? nullptr : &found->second;
}

bool HostMemory::workedLast( const Host& host, TimePoint now ) const
{
  const auto* entry = find( host, now );
  return entry && entry->failures == 0;
}

unsigned HostMemory::failures( const Host& host, TimePoint now ) const
{
  const auto* entry = find( host, now );
  return entry ? entry->failures : 0;
}

void HostMemory::touch( const Host& host, TimePoint now, bool worked )
{
  if( m_most == 0 || host.host.size() > MaxHost )
    return;
  auto found = m_entries.find( key( host ) );
  if( found != m_entries.end() && expired( found->second, now ) )
    found->second = Entry();
  if( found == m_entries.end() )
  {
    makeRoom( host.peer, now );
    found = m_entries.emplace( key( host ), Entry() ).first;
  }
  auto& entry = found->second;
  entry.at = now;
  entry.failures = worked ? 0 : std::min( entry.failures + 1, 2U );
}

// What has expired goes first, then the peer's own oldest, and somebody else's only if the table is full.
void HostMemory::makeRoom( const std::string& peer, TimePoint now )
{
  if( m_entries.size() >= m_most )
    for( auto entry = m_entries.begin(); entry != m_entries.end(); )
      entry = expired( entry->second, now ) ? m_entries.erase( entry ) : std::next( entry );

  const auto older = []( const auto& a, const auto& b ) { return a.second.at < b.second.at; };
  const auto begin = m_entries.lower_bound( { peer, std::string(), 0, Side::Offered } );
  auto end = begin;
  while( end != m_entries.end() && std::get<0>( end->first ) == peer )
    ++end;
  if( static_cast<std::size_t>( std::distance( begin, end ) ) >= MaxPerPeer )
    m_entries.erase( std::min_element( begin, end, older ) );
  else if( m_entries.size() >= m_most )
    m_entries.erase( std::min_element( m_entries.begin(), m_entries.end(), older ) );
}

} // namespace simultiple::methods
