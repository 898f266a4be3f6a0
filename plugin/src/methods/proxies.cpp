// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/proxies.h"

#include "net/address.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <utility>

namespace simultiple::methods
{

namespace
{

/// 1.6, S5B-21: however many have told us of it.
void addOnce( std::vector<Proxy>& all, Proxy fresh )
{
  if( std::none_of( all.begin(), all.end(), [&]( const Proxy& other ) { return protocol::samePlace( other.host, fresh.host ); } ) )
    all.push_back( std::move( fresh ) );
}

} // namespace

Proxies::Proxies( airlock::Airlock& airlock, net::EventLoop& loop, const Options& options, const BotHosts& bot, const net::HostFilter& filter )
  : m_airlock( airlock ), m_options( options ), m_bot( bot ), m_filter( filter ), m_patience( loop ), m_loop( loop )
{
}

Proxies::~Proxies() { m_airlock.forget( *this ); }

void Proxies::wait( const void* who, std::function<void()> done ) { m_waiting[who] = { std::move( done ), m_loop.roster().current() }; }

void Proxies::ask()
{
  const net::Roster::Shift nobody( m_loop.roster(), nullptr );   // they are asked for everybody
  if( !m_airlock.connected() || std::exchange( m_asked, true ) )
    return;
  m_local = m_airlock.ownJid();
  // A component's domain is its own; the proxies belong to the server above it.
  const auto& domain = m_local.server();
  const auto dot = domain.find( '.' );
  m_server = gloox::JID( m_airlock.isComponent() && dot != std::string::npos ? domain.substr( dot + 1 ) : domain );

  m_patience.start( Patience, [this]
  {
    m_airlock.forget( *this );
    finished();
  } );
  for( const auto& jid : m_options.proxies.jids )
    askFor( "address", gloox::XMLNS_BYTESTREAMS, jid );
  if( m_options.proxies.discover )
    askFor( "items", gloox::XMLNS_DISCO_ITEMS, m_server );
}

void Proxies::forget()
{
  m_airlock.forget( *this );
  m_found.clear();
  m_asked = false;
  finished();
}

void Proxies::askFor( const char* kind, const std::string& ns, const gloox::JID& whom )
{
  if( !whom )
    return;
  ++m_open;
  m_airlock.request( *this, gloox::IQ::Get, whom, protocol::element( "query", ns ), kind );
}

bool Proxies::handleAnswer( const std::string& kind, const gloox::Tag& iq )
{
  if( m_open > 0 )
    --m_open;
  if( iq.findAttribute( "type" ) == "result" )
  {
    if( kind == "items" )
      handleItems( iq );
    else if( kind == "info" )
      handleInfo( iq );
    else
      handleAddress( iq );
  }
  if( m_open == 0 )
    finished();
  return false;
}

void Proxies::finished()
{
  m_open = 0;
  m_patience.stop();
  while( !m_waiting.empty() )
  {
    const auto next = m_waiting.extract( m_waiting.begin() );
    m_loop.roster().run( next.mapped().duty, next.mapped().done );
  }
}

void Proxies::handleItems( const gloox::Tag& iq )
{
  const auto* query = protocol::child( iq, "query", gloox::XMLNS_DISCO_ITEMS );
  if( !query )
    return;
  std::size_t asked = 0;
  for( const auto* item : query->children() )
    if( item->name() == "item" && asked++ < MaxItems )
      askFor( "info", gloox::XMLNS_DISCO_INFO, gloox::JID( item->findAttribute( "jid" ) ) );
}

void Proxies::handleInfo( const gloox::Tag& iq )
{
  const auto* query = protocol::child( iq, "query", gloox::XMLNS_DISCO_INFO );
  if( !query )
    return;
  const auto& children = query->children();
  const bool proxy = std::any_of( children.begin(), children.end(), []( const gloox::Tag* identity )
  {
    return identity->name() == "identity" && identity->findAttribute( "category" ) == "proxy"
           && identity->findAttribute( "type" ) == "bytestreams";
  } );
  if( proxy )
    askFor( "address", gloox::XMLNS_BYTESTREAMS, gloox::JID( protocol::origin( iq ) ) );
}

void Proxies::handleAddress( const gloox::Tag& iq )
{
  const gloox::JID from( protocol::origin( iq ) );
  for( auto& host : protocol::readProxyAddress( iq ) )
  {
    // SEC-10: nor do we send a peer where we would not go. What is behind a name shows when we connect.
    const auto address = net::Address::parse( host.host );
    const bool allowed = !address || m_filter.refuse( *address, host.port, true ).empty();
    if( allowed && host.jid == from && m_found.size() < MaxProxies )   // a proxy speaks for itself only
      addOnce( m_found, { std::move( host ), false } );
  }
}

std::vector<Proxy> Proxies::known() const
{
  std::vector<Proxy> all;
  for( const auto& entry : m_bot.hosts )
    if( !BotHosts::isOwn( entry, m_airlock ) )
      addOnce( all, { { entry.jid, entry.jid.full(), entry.host, entry.port }, true } );
  for( const auto& entry : m_options.proxies.known )
    if( entry.jid )
      addOnce( all, { { entry.jid, entry.jid.full(), entry.host, entry.port }, true } );
  for( const auto& proxy : m_found )
    addOnce( all, proxy );
  return all;
}

bool Proxies::isKnown( const std::string& host, std::uint16_t port ) const
{
  const auto all = known();
  return std::any_of( all.begin(), all.end(), [&]( const Proxy& proxy ) { return proxy.host.host == host && proxy.host.port == port; } );
}

} // namespace simultiple::methods
