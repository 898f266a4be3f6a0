// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/airlock.h"

#include "airlock/airlock_p.h"
#include "airlock/random.h"
#include "net/xmppsocket.h"

#include <gloox/connectiontcpbase.h>
#include <gloox/inbandbytestream.h>
#include <gloox/socks5bytestreammanager.h>

#include <limits>
#include <utility>

namespace simultiple::airlock
{

Airlock::Airlock( gloox::ClientBase& bot, int extensionType, GateHandler& handler, net::Roster& roster )
  : d( std::make_unique<Private>( *this, bot, extensionType, handler, roster ) )
{
}

Airlock::~Airlock() = default;

Airlock::Scope::Scope( Airlock& airlock, Tenant& tenant )
  : m_airlock( airlock ), m_tenant( tenant ), m_outer( airlock.d->scope )
{
  m_airlock.d->scope = this;
}

Airlock::Scope::~Scope()
{
  m_airlock.d->scope = m_outer;
  if( !m_outer )
    m_airlock.d->flush();
}

std::size_t Airlock::waiting() const
{
  return d->inbox.size();
}

bool Airlock::dispatchOne()
{
  return d->dispatchOne();
}

bool Airlock::offerWaiting( const gloox::JID& local, const gloox::JID& peer, const std::string& sid ) const
{
  return d->inbox.holdsOffer( local, peer, sid );
}

const gloox::JID& Airlock::ownJid() const
{
  return d->bot.jid();
}

bool Airlock::isComponent() const
{
  return d->component;
}

bool Airlock::connected() const
{
  return d->line != Private::Line::Lost && d->bot.connectionImpl() && d->bot.state() == gloox::StateConnected && d->bot.authed()
         && ( d->component || !d->bot.jid().resource().empty() );
}

std::uint64_t Airlock::era() const
{
  return d->era;
}

bool Airlock::waitsForStream() const
{
  return d->line != Private::Line::Up;
}

Airlock::LastWords::LastWords( Airlock& airlock ) : m_hushed( airlock.d->hushed ), m_outer( std::exchange( m_hushed, true ) ) {}
Airlock::LastWords::~LastWords() { m_hushed = m_outer; }

std::size_t Airlock::room() const
{
  const auto* tcp = dynamic_cast<const gloox::ConnectionTCPBase*>( d->bot.connectionImpl() );
  return tcp ? net::sendRoom( tcp->socket() ) : std::numeric_limits<std::size_t>::max();
}

void Airlock::sendAtOnce() const
{
  if( const auto* tcp = dynamic_cast<const gloox::ConnectionTCPBase*>( d->bot.connectionImpl() ) )
    net::sendAtOnce( tcp->socket() );
}

void Airlock::hurry() const
{
  if( const auto* tcp = dynamic_cast<const gloox::ConnectionTCPBase*>( d->bot.connectionImpl() ) )
    net::acknowledgeNow( tcp->socket() );
}

bool Airlock::speaking() const
{
  return d->speaking;
}

bool Airlock::botDoesSi() const
{
  return d->botDoesSi;
}

std::string Airlock::request( Tenant& tenant, gloox::IQ::IqType type, const gloox::JID& to, std::unique_ptr<gloox::Tag> child,
                              const std::string& kind )
{
  std::optional<std::string> id = randomHex();
  if( !id || !to )
    return {};
  d->tracker.expect( *id, Pending{ &tenant, kind, to, {}, false, d->roster.current() } );
  d->send( type, tenant.local(), to, *id, std::move( child ) );
  return std::move( *id );   // once it has been sent nothing may fail
}

void Airlock::sendAndForget( const gloox::JID& from, const gloox::JID& to, std::unique_ptr<gloox::Tag> child )
{
  if( const std::optional<std::string> id = randomHex() )
    d->send( gloox::IQ::Set, from, to, *id, std::move( child ) );
}

void Airlock::sendResult( const Stanza& to, std::unique_ptr<gloox::Tag> child )
{
  d->answer( to, gloox::IQ::Result, std::move( child ) );
}

void Airlock::sendError( const Stanza& to, const protocol::StanzaError& error )
{
  d->answer( to, gloox::IQ::Error, error.tag() );
}

std::unique_ptr<gloox::InBandBytestream> Airlock::makeInBand( Tenant& tenant, const std::string& sid )
{
  return d->inBand.make( tenant.local(), tenant.peer(), sid );
}

std::unique_ptr<gloox::SOCKS5BytestreamManager> Airlock::makeSocks5( gloox::BytestreamHandler& handler )
{
  auto manager = std::make_unique<gloox::SOCKS5BytestreamManager>( &d->inner, &handler );
  d->inner.removeIqHandler( manager.get(), gloox::ExtS5BQuery );
  return manager;
}

void Airlock::feed( Tenant& tenant, gloox::IqHandler& object, const Stanza& stanza )
{
  d->feed( tenant, object, stanza );
}

bool Airlock::refuseFed( Tenant& tenant, const Stanza& query, const protocol::StanzaError& error )
{
  const std::string inner = d->tracker.find( tenant, query.peer, query.id );
  if( inner.empty() || !d->tracker.settle( inner ) )
    return false;
  d->answer( query, gloox::IQ::Error, error.tag() );
  return true;
}

void Airlock::forget( Tenant& tenant )
{
  d->forget( tenant );
}

std::size_t Airlock::pending() const
{
  return d->tracker.size();
}

} // namespace simultiple::airlock
