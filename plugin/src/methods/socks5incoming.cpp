// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/socks5incoming.h"

#include "methods/hostattempt.h"
#include "methods/proxies.h"
#include "methods/socks5channel.h"
#include "net/socks5.h"
#include "protocol/xml.h"

#include <gloox/socks5bytestream.h>
#include <gloox/socks5bytestreammanager.h>

#include <utility>

namespace simultiple::methods
{

Socks5Incoming::Socks5Incoming( Shared& shared, StreamId id, Privacy privacy, MethodHandler& handler )
  : m_shared( shared ), m_id( std::move( id ) ), m_privacy( privacy ), m_handler( handler ), m_alarm( shared.loop )
{
}

Socks5Incoming::~Socks5Incoming()
{
  abandon();
  if( m_manager )
  {
    airlock::Airlock::Scope scope( m_shared.airlock, *this );
    if( m_stream )
      m_stream->removeBytestreamDataHandler();
    m_manager.reset();
  }
  m_shared.airlock.forget( *this );
}

void Socks5Incoming::stopWork()
{
  m_alarm.stop();
  m_dialer.reset();
  if( std::exchange( m_budget, false ) )
    m_shared.queries.give( m_id.peer.bare() );
}

void Socks5Incoming::abandon() { stopWork(); }

void Socks5Incoming::accept( const airlock::Stanza& opening )
{
  m_question = opening.question();
  m_manager = m_shared.airlock.makeSocks5( *this );
  m_shared.airlock.feed( *this, *m_manager, opening );

  m_budget = m_shared.queries.take( m_id.peer.bare() );
  if( !m_budget )
    return failed( "too many queries at once (SEC-9)" );
  auto dial = targets( *opening.element );
  if( dial.empty() )
    return failed( m_reasons.empty() ? "no usable streamhost in the query" : m_reasons );

  const auto& timeouts = m_shared.options.timeouts;
  m_alarm.start( timeouts.get( Timer::RS5B ), [this] { failed( m_reasons.empty() ? "no streamhost answered in time" : m_reasons + "; out of time" ); } );
  net::DialOptions options;
  options.perHost = timeouts.get( Timer::RHost );
  options.tcp = timeouts.get( Timer::RHostTcp );
  options.stagger = timeouts.get( Timer::RStagger );
  options.filter = &m_shared.filter;
  net::DialHandler& self = *this;
  m_dialer = std::make_unique<net::Dialer>( m_shared.loop, m_shared.resolver, options, self );
  m_dialer->start( std::move( dial ), net::dstAddr( m_id.sid, m_id.peer.full(), m_id.local.full() ) );
}

// SEC-9, SEC-16: the first eight that policy allows; S5B-22: without those that failed twice lately, as long as others are left.
std::vector<net::DialTarget> Socks5Incoming::targets( const gloox::Tag& query )
{
  std::vector<protocol::StreamHost> usable, dead;
  for( auto& host : protocol::readQuery( query ).hosts )
  {
    if( m_privacy == Privacy::ProxyOnly && !m_shared.proxies.isKnown( host.host, host.port ) )
    {
      m_reasons += m_reasons.empty() ? "streamhosts not allowed by the privacy policy" : "";
      continue;
    }
    auto& those = m_shared.memory.failedTwice( memorable( host ), m_shared.loop.now() ) ? dead : usable;
    if( those.size() < m_shared.options.limits.streamHosts )
      those.push_back( std::move( host ) );
  }
  if( usable.empty() )
    usable.swap( dead );
  for( const auto& host : dead )
    m_handler.handleMethodAttempt( hostAttempt( host.host, host.port, host.jid, Attempt::State::Failed, "left out: failed twice lately" ) );

  std::vector<net::DialTarget> dial;
  for( auto& host : usable )
  {
    dial.push_back( { host.jid.full(), host.host, host.port, host.jid == m_id.peer } );
    m_hosts.push_back( std::move( host ) );
  }
  return dial;
}

HostMemory::Host Socks5Incoming::memorable( const protocol::StreamHost& host ) const
{
  return { HostMemory::Side::Dialled, m_id.peer.bare(), host.host, host.port };
}

void Socks5Incoming::failed( const std::string& reason )
{
  stopWork();
  m_handler.handleMethodFailed( reason, false, "item-not-found" );   // S5B-13: SEC-8, always the same words
}

// ---- the dialer

void Socks5Incoming::attempt( std::size_t target, Attempt::State state, const std::string& reason, std::chrono::milliseconds took )
{
  const auto& host = m_hosts[target];
  m_handler.handleMethodAttempt( hostAttempt( host.host, host.port, host.jid, state, reason, took ) );
}

void Socks5Incoming::handleDialStarted( std::size_t target ) { attempt( target, Attempt::State::Started, {}, {} ); }

void Socks5Incoming::handleDialFailed( std::size_t target, const std::string& reason, std::chrono::milliseconds took )
{
  m_reasons += ( m_reasons.empty() ? "streamhost " : ", streamhost " ) + std::to_string( target + 1 ) + ": " + reason;
  if( m_dialer->tried( target ) )
    m_shared.memory.failed( memorable( m_hosts[target] ), m_shared.loop.now() );
  attempt( target, Attempt::State::Failed, reason, took );
}

void Socks5Incoming::handleDialExhausted() { failed( m_reasons ); }

void Socks5Incoming::handleDialed( std::size_t target, net::Fd fd, std::string early, std::chrono::milliseconds took )
{
  m_winner = target;
  m_shared.memory.worked( memorable( m_hosts[target] ), m_shared.loop.now() );
  attempt( target, Attempt::State::Opened, {}, took );
  const auto& host = m_hosts[target];
  auto channel = std::make_unique<Socks5Channel>( m_shared.loop, std::move( fd ), std::move( early ), host.jid != m_id.peer,
                                                  host.host + ":" + std::to_string( host.port ),
                                                  m_shared.options.timeouts.get( Timer::Close ) );
  stopWork();
  m_handler.handleMethodReady( std::move( channel ) );
}

// ---- the answers

std::unique_ptr<gloox::ConnectionBase> Socks5Incoming::makeConnection()
{
  auto seat = std::make_unique<Seat>();
  m_seat = seat.get();
  return seat;
}

void Socks5Incoming::handleIncomingBytestream( gloox::Bytestream* stream )
{
  m_stream = static_cast<gloox::SOCKS5Bytestream*>( stream );
  m_stream->registerBytestreamDataHandler( this );
}

// GLOOX-NOTES 11, *Incoming S5B*: the connection becomes connected between accept and connect(), then handleConnect() sends W-10.
void Socks5Incoming::confirm()
{
  gloox::StreamHost winner;
  winner.jid = m_hosts[m_winner].jid;
  winner.host = m_hosts[m_winner].host;
  winner.port = m_hosts[m_winner].port;
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_manager->acceptSOCKS5Bytestream( m_id.sid );
  if( !m_stream || !m_seat )
    return;
  m_seat->becomeConnected();
  m_stream->setStreamHosts( gloox::StreamHostList( 1, winner ) );
  (void)m_stream->connect();
  m_stream->handleConnect( m_seat );
}

// Section 1.6: the JID goes back exactly as the sender wrote it; gloox writes the prepared one.
void Socks5Incoming::finish( gloox::Tag& payload )
{
  if( auto* used = payload.findChild( "streamhost-used" ) )
    used->addAttribute( "jid", m_hosts[m_winner].rawJid );
}

void Socks5Incoming::refuse( const protocol::StanzaError& error )
{
  if( !m_manager )
    return m_shared.airlock.sendError( m_question, error );
  if( error.condition != "item-not-found" )
    (void)m_shared.airlock.refuseFed( *this, m_question, error );   // gloox has no way to say this one; what it says next is dropped
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_manager->rejectSOCKS5Bytestream( m_id.sid, gloox::StanzaErrorItemNotFound );
}

} // namespace simultiple::methods
