// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "loop.h"

#include <poll.h>

#include <algorithm>
#include <vector>

namespace sample
{

namespace
{

constexpr std::chrono::milliseconds TurnTime{ 100 };

} // namespace

Loop::Loop( Connection& connection, simultiple::SIMultipleManager& streams )
  : m_connection( connection ), m_streams( streams )
{
}

void Loop::turn()
{
  if( m_connection.up() )
    (void)m_streams.recv( static_cast<int>( std::chrono::microseconds( TurnTime ).count() ) ); // a loss arrives in onDisconnect()
  else
    waitForStreams();
}

void Loop::waitForStreams()
{
  std::vector<pollfd> waiting;
  for( const auto& descriptor : m_streams.pollDescriptors() )
    waiting.push_back( { descriptor.fd, descriptor.events, 0 } );
  const auto time = std::clamp( m_streams.nextDeadline().value_or( TurnTime ), std::chrono::milliseconds( 0 ), TurnTime );
  (void)::poll( waiting.data(), static_cast<nfds_t>( waiting.size() ), static_cast<int>( time.count() ) );
  m_streams.process();
}

void Loop::runFor( std::chrono::milliseconds limit, const std::function<bool()>& done )
{
  const auto end = std::chrono::steady_clock::now() + limit;
  while( !done() && std::chrono::steady_clock::now() < end )
    turn();
}

bool Loop::dead() const
{
  return !m_connection.up() && m_streams.sessions() == 0;
}

} // namespace sample
