// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/tracker.h"

#include <exception>
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
  const auto* inner = m_asked.first( tenant, [&]( const Asked& asked ) { return asked.id == id && asked.peer == peer; } );
  return inner ? *inner : std::string();
}

void Tracker::forgetRequests( const Tenant& tenant ) noexcept
{
  while( const auto* id = m_pending.first( tenant ) )
    m_pending.drop( *id );
}

std::optional<Asked> Tracker::forgetOne( const Tenant& tenant ) noexcept
{
  while( const auto* inner = m_asked.first( tenant ) )
    try
    {
      return m_asked.take( *inner );
    }
    catch( const std::exception& )
    {
      m_asked.drop( *inner ); // no memory to tell: the peer has timers
    }
  return std::nullopt;
}

std::shared_ptr<net::Duty> Tracker::dutyOf( const std::string& id ) const noexcept
{
  const auto* pending = m_pending.find( id );
  return pending ? pending->duty : nullptr;
}

} // namespace simultiple::airlock
