// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/tracker.h"

namespace simultiple::airlock
{

bool Tracker::awaited( const std::string& id, const std::string& from ) const
{
  const auto i = m_pending.find( id );
  if( i == m_pending.end() )
    return false;
  const std::string& to = i->second.to.full();
  return !to.empty() && ( from == to || gloox::JID( from ).full() == to ); // JIDs compare after preparation (GEN-2)
}

std::optional<Pending> Tracker::take( const std::string& id )
{
  const auto i = m_pending.find( id );
  if( i == m_pending.end() )
    return std::nullopt;
  std::optional<Pending> pending( std::move( i->second ) );
  m_pending.erase( i );
  return pending;
}

std::optional<Asked> Tracker::settle( const std::string& inner )
{
  const auto i = m_asked.find( inner );
  if( i == m_asked.end() )
    return std::nullopt;
  std::optional<Asked> asked( std::move( i->second ) );
  m_asked.erase( i );
  return asked;
}

std::string Tracker::find( const Tenant& tenant, const gloox::JID& peer, const std::string& id ) const
{
  // Blocks are answered while they are handed in: only a few queries wait here.
  for( const auto& [inner, asked] : m_asked )
    if( asked.tenant == &tenant && asked.id == id && asked.peer == peer )
      return inner;
  return {};
}

std::vector<Asked> Tracker::forget( const Tenant& tenant )
{
  for( auto i = m_pending.begin(); i != m_pending.end(); )
    i = i->second.tenant == &tenant ? m_pending.erase( i ) : std::next( i );

  std::vector<Asked> left;
  for( auto i = m_asked.begin(); i != m_asked.end(); )
  {
    if( i->second.tenant != &tenant )
    {
      ++i;
      continue;
    }
    left.push_back( std::move( i->second ) );
    i = m_asked.erase( i );
  }
  return left;
}

} // namespace simultiple::airlock
