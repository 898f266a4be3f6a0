// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/features.h"

#include "net/nobrokenpipe.h"

#include <gloox/client.h>
#include <gloox/disco.h>
#include <gloox/presence.h>

#include <algorithm>

namespace simultiple::session
{

bool Features::set( const std::set<std::string>& wanted )
{
  putRight();
  m_skipped = LookAnyway;
  m_wanted = wanted;
  bool changed = false;
  for( auto feature = m_added.begin(); feature != m_added.end(); )
  {
    if( wanted.count( *feature ) > 0 )
    {
      ++feature;
      continue;
    }
    take( *feature );
    feature = m_added.erase( feature );
    changed = true;
  }
  for( const auto& feature : wanted )
    if( listed( feature ) == 0 )
    {
      add( feature );
      changed = true;
    }
  return changed;
}

void Features::repair()
{
  const auto look = [this]()
  {
    const auto there = m_client.disco()->features();   // a copy: gloox gives no other
    return Look{ there.size(), there.empty() ? std::string() : there.back() };
  };
  if( m_skipped++ < LookAnyway && look() == m_right )
    return;
  putRight();
  m_skipped = 0;
  m_right = look();
}

void Features::putRight()
{
  for( const auto& feature : m_wanted )
  {
    const auto there = listed( feature );
    if( there == 0 )
      add( feature );   // the bot's object that had it, or took ours along, is gone
    else if( there > 1 && m_added.erase( feature ) > 0 )
      take( feature );  // the bot has it itself now
  }
}

void Features::add( const std::string& feature )
{
  m_client.disco()->addFeature( feature );
  m_added.insert( feature );
}

void Features::take( const std::string& feature )
{
  const auto left = listed( feature ) - 1;
  m_client.disco()->removeFeature( feature );   // all there are
  for( auto i = left; i > 0; --i )
    m_client.disco()->addFeature( feature );
}

std::ptrdiff_t Features::listed( const std::string& feature ) const
{
  const auto& there = m_client.disco()->features();
  return std::count( there.begin(), there.end(), feature );
}

void Features::announce()
{
  auto* client = dynamic_cast<gloox::Client*>( &m_client );
  if( !client || client->state() != gloox::StateConnected || client->resource().empty() )
    return;
  if( client->presence().subtype() == gloox::Presence::Unavailable )
    return;
  net::NoBrokenPipe shield;   // we may be the first to notice that the connection is gone
  shield.mayBeRaised();
  client->setPresence();
}

} // namespace simultiple::session
