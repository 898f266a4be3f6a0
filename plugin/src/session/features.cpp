// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/features.h"

#include <gloox/client.h>
#include <gloox/disco.h>
#include <gloox/presence.h>

#include <algorithm>

namespace simultiple::session
{

bool Features::set( const std::set<std::string>& wanted )
{
  auto* disco = m_client.disco();
  bool changed = false;
  for( auto feature = m_added.begin(); feature != m_added.end(); )
  {
    if( wanted.count( *feature ) > 0 )
    {
      ++feature;
      continue;
    }
    disco->removeFeature( *feature );
    feature = m_added.erase( feature );
    changed = true;
  }
  for( const auto& feature : wanted )
  {
    const auto& there = disco->features();
    if( std::find( there.begin(), there.end(), feature ) != there.end() )
      continue;
    disco->addFeature( feature );
    m_added.insert( feature );
    changed = true;
  }
  return changed;
}

void Features::announce()
{
  auto* client = dynamic_cast<gloox::Client*>( &m_client );
  if( !client || client->state() != gloox::StateConnected || client->resource().empty() )
    return;
  if( client->presence().subtype() != gloox::Presence::Unavailable )
    client->setPresence();
}

} // namespace simultiple::session
