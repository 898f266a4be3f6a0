// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "loop.h"

#include <gloox/connectiontcpbase.h>

#include <algorithm>
#include <string>

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

ExitStatus Loop::enable( bool valid, Reporter& reporter )
{
  if( valid && m_streams.enable() )
    return ExitStatus::Done;
  reporter.problem( "these options do not work: " + m_streams.problem() );
  return ExitStatus::Usage;
}

ExitStatus Loop::logIn( Reporter& reporter )
{
  std::string problem = m_connection.prepare();
  if( problem.empty() )
    problem = m_connection.login();
  if( !problem.empty() )
  {
    reporter.problem( problem );
    return ExitStatus::Login;
  }
  reporter.connected( m_connection.client().jid() );
  return ExitStatus::Done;
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
  std::vector<pollfd> none;
  turn( none, TurnTime );
}

std::chrono::milliseconds Loop::time( std::chrono::milliseconds atMost ) const
{
  const auto most = std::min( m_streams.nextDeadline().value_or( TurnTime ), atMost );
  return std::clamp( most, std::chrono::milliseconds( 0 ), TurnTime );
}

void Loop::turn( std::vector<pollfd>& own, std::chrono::milliseconds atMost )
{
  std::vector<pollfd> waiting = own;
  for( const auto& descriptor : m_streams.pollDescriptors() )
    waiting.push_back( { descriptor.fd, descriptor.events, 0 } );
  const auto* const tcp = dynamic_cast<gloox::ConnectionTCPBase*>( m_connection.client().connectionImpl() );
  if( m_connection.up() && tcp )
    waiting.push_back( { tcp->socket(), POLLIN, 0 } );
  (void)::poll( waiting.data(), static_cast<nfds_t>( waiting.size() ), static_cast<int>( time( atMost ).count() ) );
  std::copy_n( waiting.begin(), own.size(), own.begin() );

  if( m_connection.up() )
    (void)m_streams.recv( 0 ); // a loss arrives in onDisconnect()
  else
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
