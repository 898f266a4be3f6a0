// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/tracker.h"

#include <utility>

namespace simultiple::airlock
{

bool Tracker::awaited( const std::string& id, const std::string& from ) const
{
  const auto* pending = m_pending.find( id );
  if( !pending || pending->answered )
    return false;
  const std::string& to = pending->to.full();
  return !to.empty() && ( from == to || gloox::JID( from ).full() == to ); // JIDs compare after preparation (GEN-2)
}

bool Tracker::answered( const std::string& id )
{
  auto* pending = m_pending.find( id );
  return pending && !std::exchange( pending->answered, true );
}

std::string Tracker::find( const Tenant& tenant, const gloox::JID& peer, const std::string& id ) const
{
  for( const auto* inner : m_asked.of( tenant ) )
    if( const auto* asked = m_asked.find( *inner ); asked->id == id && asked->peer == peer )
      return *inner;
  return {};
}

std::vector<Asked> Tracker::forget( const Tenant& tenant )
{
  for( const auto* id : m_pending.of( tenant ) )
    (void)m_pending.take( *id );
  std::vector<Asked> left;
  for( const auto* inner : m_asked.of( tenant ) )
    left.push_back( std::move( *m_asked.take( *inner ) ) );
  return left;
}

} // namespace simultiple::airlock
