// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/airlock_p.h"
#include "airlock/plaintag.h"
#include "airlock/random.h"
#include "airlock/wire.h"
#include "net/nobrokenpipe.h"

#include <gloox/component.h>
#include <gloox/inbandbytestream.h>

#include <algorithm>
#include <utility>

// From gloox's objects and from us to the bot's client.

namespace simultiple::airlock
{

Airlock::Private::Private( Airlock& airlock_, gloox::ClientBase& bot_, int extensionType, GateHandler& handler_, net::Roster& roster_ )
  : airlock( airlock_ ),
    bot( bot_ ),
    component( dynamic_cast<const gloox::Component*>( &bot_ ) != nullptr ),
    handler( handler_ ),
    roster( roster_ ),
    inner( *this ),
    inBand( inner ),
    prototypes( inner, inBand ),
    m_side( std::make_unique<BotSide>( bot_, extensionType, static_cast<GateKeeper&>( *this ) ) )
{
}

Airlock::Private::~Private()
{
  m_side.reset();
  refuseWaiting();
}

/// GEN-1: what was claimed and never dispatched gets the answer it would have got without us.
void Airlock::Private::refuseWaiting() noexcept
{
  while( !inbox.empty() )
  {
    const auto arrival = inbox.pop();
    if( const Stanza* stanza = std::get_if<Stanza>( &arrival.front() ) )
      roster.attempt( [&] { answer( *stanza, gloox::IQ::Error, protocol::errors::serviceUnavailable().tag() ); } );
  }
}

void Airlock::Private::send( gloox::IQ::IqType type, const gloox::JID& from, const gloox::JID& to, const std::string& id,
                             std::unique_ptr<gloox::Tag> child ) noexcept
{
  roster.attempt( [&]
  {
    auto iq = std::make_unique<gloox::IQ>( type, to, id );
    iq->setFrom( from ); // GEN-4, CMP-1
    addPayload( *iq, std::move( child ) );
    if( line != Line::Up && m_unsaid.size() < MaxInbox )
      m_unsaid.push_back( std::move( iq ) );
    else if( line == Line::Up && !hushed )
      speak( *iq );
  } );
}

// Not send( Tag* ): that one leaves out namespace and stream management queue. Not tracked by gloox: it matches by id alone (GEN-5).
void Airlock::Private::speak( const gloox::IQ& iq ) noexcept
{
  const bool outer = std::exchange( speaking, true );
  roster.attempt( [&]
  {
    net::NoBrokenPipe shield;
    shield.mayBeRaised();
    bot.send( iq );
  } );
  speaking = outer;
}

void Airlock::Private::answer( const Stanza& to, gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> child )
{
  if( !to.message && to.era >= streamEra )
    send( type, to.local, to.peer, to.id, std::move( child ) );
}

void Airlock::Private::answer( const Asked& to, gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> child )
{
  if( to.era >= streamEra )
    send( type, to.local, to.peer, to.id, std::move( child ) );
}

// ---- what gloox objects say

void Airlock::Private::handleInnerText( const std::string& xml ) noexcept
{
  roster.attempt( [&]
  {
    if( scope )
      m_outgoing.push_back( Outgoing{ &scope->m_tenant, xml, {} } );
    else
      bot.logInstance().err( gloox::LogAreaUser, "si-multiple: a gloox object spoke outside of its scope; nothing was sent" );
  } );
}

std::unique_ptr<gloox::ConnectionBase> Airlock::Private::makeInnerConnection() noexcept
{
  std::unique_ptr<gloox::ConnectionBase> made;
  roster.attempt( [&] { made = scope ? scope->m_tenant.makeConnection() : nullptr; } );
  return made;
}

/// Runs when the outermost scope has ended, so that the bot's send(), and a disconnect reported from within it (GLOOX-NOTES a7.lost-in-send), never
/// run below a gloox object.
void Airlock::Private::flush() noexcept
{
  if( m_flushing )
    return;
  m_flushing = true;
  while( !m_outgoing.empty() )
  {
    const Outgoing next = std::move( m_outgoing.front() );
    m_outgoing.pop_front();
    // cppcheck-suppress throwInNoexceptFunction ; attempt() keeps what is thrown
    roster.attempt( [&]
    {
      if( next.unanswered.empty() )
        pass( *next.tenant, next.text );
      else
        refuseUnanswered( next.unanswered );
    } );
  }
  m_flushing = false;
}

void Airlock::Private::pass( Tenant& tenant, const std::string& text )
{
  const std::unique_ptr<gloox::Tag> iq = parseOutgoing( text );
  if( !iq || iq->name() != "iq" )
    return;

  const std::string& type = iq->findAttribute( "type" );
  if( type == "result" )
    passAnswer( tenant, *iq, gloox::IQ::Result );
  else if( type == "error" )
    passAnswer( tenant, *iq, gloox::IQ::Error );
  else
    passRequest( tenant, *iq );
}

namespace
{

std::string kindOf( const gloox::Tag& payload )
{
  return payload.name() == "query" && payload.hasChild( "activate" ) ? "activate" : payload.name();
}

/// None of gloox's stream objects puts more than one element into an `iq`.
std::unique_ptr<gloox::Tag> finished( Tenant& tenant, const gloox::Tag& iq )
{
  if( iq.children().empty() )
    return nullptr;
  std::unique_ptr<gloox::Tag> payload = listedCopy( *iq.children().front() );
  tenant.finish( *payload );
  return payload;
}

} // namespace

void Airlock::Private::passRequest( Tenant& tenant, const gloox::Tag& iq )
{
  const std::optional<std::string> id = randomHex();
  std::unique_ptr<gloox::Tag> payload = finished( tenant, iq );
  if( !id || !payload )
    return; // without entropy nothing is sent; the timer of the request decides

  const std::string& written = iq.findAttribute( "to" );
  const gloox::JID to = written == tenant.peer().full() ? tenant.peer() : gloox::JID( written );
  tracker.expect( *id, Pending{ &tenant, kindOf( *payload ), to, iq.findAttribute( "id" ), false, roster.current() } );
  send( gloox::IQ::Set, tenant.local(), to, *id, std::move( payload ) );
}

void Airlock::Private::passAnswer( Tenant& tenant, const gloox::Tag& iq, gloox::IQ::IqType type )
{
  const std::optional<Asked> asked = tracker.settle( iq.findAttribute( "id" ) );
  if( asked ) // GEN-1: a second answer is dropped
    answer( *asked, type, finished( tenant, iq ) );
}

void Airlock::Private::refuseUnanswered( const std::string& innerId )
{
  if( const std::optional<Asked> asked = tracker.settle( innerId ) )
    answer( *asked, gloox::IQ::Error, protocol::errors::itemNotFound().tag() );
}

void Airlock::Private::forget( Tenant& tenant ) noexcept
{
  for( Handling* h = m_handling; h; h = h->outer )
    if( h->tenant == &tenant )
      h->tenant = nullptr;
  m_outgoing.erase( std::remove_if( m_outgoing.begin(), m_outgoing.end(), [&tenant]( const Outgoing& o ) { return o.tenant == &tenant; } ),
                    m_outgoing.end() );

  // GEN-1, 1.6: "session lost its purpose". One by one, because sending may lead back here.
  tracker.forgetRequests( tenant );
  while( const auto asked = tracker.forgetOne( tenant ) )
    roster.attempt( [&] { answer( *asked, gloox::IQ::Error, protocol::errors::itemNotFound().tag() ); } );
}

} // namespace simultiple::airlock
