// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/airlock_p.h"
#include "airlock/plaintag.h"

#include "protocol/xml.h"

#include <gloox/inbandbytestream.h>
#include <gloox/iqhandler.h>

#include <algorithm>
#include <iterator>
#include <utility>

// From the bot's client to us: the gate and the inbox; from the inbox to gloox's objects.

namespace simultiple::airlock
{

namespace
{

constexpr std::size_t NodeBytes = 256;   // of gloox's, for an element or attribute: 170 to 310

/// Whose stanza it is can still be said, and of an offer whether its profile knows the peer (SEC-21).
void keepStub( Stanza& stanza )
{
  auto stub = std::make_shared<gloox::Tag>( stanza.element->name() );
  const std::string profile = stanza.kind == StanzaKind::Offer ? protocol::attribute( *stanza.element, "profile" ).value_or( "" ) : "";
  stub->addAttribute( "profile", profile );
  stanza.bytes = profile.size();
  stanza.element = stub.get();
  stanza.tag = std::move( stub );
}

void keepCopy( Stanza& stanza, const gloox::Tag& tag )
{
  const auto& children = tag.children();
  const auto at = std::distance( children.begin(), std::find( children.begin(), children.end(), stanza.element ) );

  // detach() keeps what the stanza inherits, and the order of its children.
  std::shared_ptr<const gloox::Tag> copy = protocol::detach( tag );
  stanza.element = *std::next( copy->children().begin(), at );
  stanza.tag = std::move( copy );
}

} // namespace

// ---- at the gate, below gloox's dispatcher

std::optional<Stanza> Airlock::Private::admitsRequest( const gloox::Tag& iq )
{
  if( full() )
    return std::nullopt;
  std::optional<Stanza> stanza = classifyIq( iq, whereabouts() );
  if( stanza && !handler.claims( *stanza ) )
    stanza.reset();
  return stanza;
}

bool Airlock::Private::admitsAnswer( const gloox::Tag& iq )
{
  // However full the inbox is: there are no more answers than requests of ours.
  return tracker.awaited( iq.findAttribute( "id" ), protocol::origin( iq ) );
}

bool Airlock::Private::takeRequest( Stanza stanza, const gloox::Tag& iq, bool botDoesSi_ )
{
  bool ours = true;
  if( stanza.kind == StanzaKind::Offer )
  {
    botDoesSi = botDoesSi_;
    ours = false;
    const bool sure = roster.attempt( [&] { ours = handler.claims( stanza ); } );
    botDoesSi = false;
    ours = ours && sure;
  }
  if( !ours )
    return false;
  own( std::move( stanza ), iq );
  handler.handleArrival();
  return true;
}

void Airlock::Private::takeAnswer( const gloox::Tag& iq )
{
  const std::string& id = iq.findAttribute( "id" );
  if( !tracker.answered( id ) )
    return;
  inbox.push( Answer{ id, std::unique_ptr<const gloox::Tag>( iq.clone() ) } );
  handler.handleArrival();
}

/// An answer is nobody's but ours. A request of one of our sessions the bot's client refuses, and the session is not to wait for the next.
void Airlock::Private::lost( const gloox::Tag& stanza ) noexcept
{
  roster.fail( tracker.dutyOf( stanza.findAttribute( "id" ) ) );
  handler.handleLost( stanza );
}

void Airlock::Private::seeMessage( const gloox::Tag& message )
{
  const bool inside = m_forwarded.inside( message ); // has to see all of them
  if( inside || full() )
    return;
  std::optional<Stanza> stanza = classifyMessage( message, whereabouts() );
  if( stanza && handler.claims( *stanza ) )
    own( std::move( *stanza ), message );
}

void Airlock::Private::seePresence( const gloox::Tag& presence )
{
  if( presence.findAttribute( "type" ) != "unavailable" || full() )
    return;
  const gloox::JID peer( protocol::origin( presence ) );
  // Of all the others nothing is kept: there may be thousands before the bot's loop comes round, and they must not take the room of stanzas.
  if( peer && !peer.resource().empty() && ( handler.concerns( peer ) || inbox.holdsOfferOf( peer ) ) )
    inbox.push( Unavailable{ peer } );
}

// A listener of the bot's may hear of the connection before we do, and offer at once; but the last event of a stream comes first.
void Airlock::Private::seeStream( gloox::StreamEvent event ) noexcept
{
  if( event == gloox::StreamEventSMResumed )
    line = Line::Resumed;
  else if( event == gloox::StreamEventFinished )
    beginStream();
}

/// A stream that is not the lost one. Where a resource is bound it begins there: others can reach us from then on, long before onConnect().
void Airlock::Private::beginStream() noexcept
{
  if( line != Line::Lost )
    return;
  line = Line::Up;
  streamEra = era;
  m_newStream = true;
  m_unsaid.clear();
}

void Airlock::Private::seeConnect()
{
  beginStream();
  const Line now = std::exchange( line, Line::Up ); // and so it stays if there is no memory for the news: nothing else would end the waiting
  inbox.push( Connected() );
  line = now;
}

void Airlock::Private::seeDisconnect() noexcept
{
  line = Line::Lost;
  ++era;
  inbox.pushDisconnected();
}

/// The element of a Stanza is borrowed from gloox until here, then it points into a copy of ours. Of a block only what matters is copied.
void Airlock::Private::own( Stanza stanza, const gloox::Tag& tag )
{
  stanza.era = era;
  if( stanza.kind == StanzaKind::IbbData )
  {
    stanza.seq = protocol::attribute( *stanza.element, "seq" ).value_or( "" );
    stanza.text = stanza.element->cdata();
    stanza.bytes = stanza.text.size();
    stanza.element = nullptr;
    inbox.push( std::move( stanza ) );
    return;
  }

  const protocol::Size size = protocol::sizeOf( tag, MaxNodes );
  stanza.tooLarge = size.nodes > MaxNodes;
  stanza.bytes = size.nodes * NodeBytes + size.text;
  if( stanza.tooLarge )
    keepStub( stanza );
  else
    keepCopy( stanza, tag );
  inbox.push( std::move( stanza ) );
}

// ---- in the outer loop

bool Airlock::Private::dispatchOne()
{
  if( inbox.empty() || scope ) // inside a scope we are below a gloox object
    return false;
  const auto arrival = inbox.pop();
  std::visit( [this]( const auto& what ) { dispatch( what ); }, arrival.front() );
  return true;
}

void Airlock::Private::dispatch( const Connected& )
{
  if( std::exchange( m_newStream, false ) )
    handler.handleNewStream();
  catchUp();
  handler.handleConnected();
}

void Airlock::Private::catchUp()
{
  if( line == Line::Resumed )
    line = Line::Up;
  while( line == Line::Up && !m_unsaid.empty() )   // it may be lost again in the middle
  {
    const auto iq = std::move( m_unsaid.front() );
    m_unsaid.pop_front();
    speak( *iq );
  }
}

void Airlock::Private::dispatch( const Answer& answer )
{
  const std::shared_ptr<net::Duty> duty = tracker.dutyOf( answer.id );
  roster.run( duty, [&]
  {
    if( const std::optional<Pending> pending = tracker.take( answer.id ) ) // or whoever asked was forgotten meanwhile
      hear( answer, *pending );
  } );
}

void Airlock::Private::hear( const Answer& answer, const Pending& pending )
{
  Handling handling( pending.tenant, m_handling );
  const bool forGloox = pending.tenant->handleAnswer( pending.kind, *answer.tag ) && !pending.inner.empty();
  if( handling.tenant && forGloox )
    handIn( *pending.tenant, *answer.tag, pending.inner );
  if( handling.tenant && forGloox )
    pending.tenant->handleAnswerDone( pending.kind );
}

/// gloox finds object and meaning of an answer by the id it gave to the request; so that id is put back.
void Airlock::Private::handIn( Tenant& tenant, const gloox::Tag& iq, const std::string& innerId )
{
  gloox::Tag copy( "iq", "type", iq.findAttribute( "type" ) );
  copy.addAttribute( "id", innerId );
  copy.addAttribute( "from", protocol::origin( iq ) );
  copy.addAttribute( "to", tenant.local().full() );
  for( const gloox::Tag* child : iq.children() )
    copy.addChild( plainCopy( *child ).release() ); // gloox owns it

  const Scope entered( airlock, tenant );
  inner.speakFor( tenant.local() ); // by this gloox's manager knows that the answer names ourselves and not a proxy
  roster.attempt( [&] { inner.handleTag( &copy ); } );
  inner.speakFor( gloox::JID() );
}

void Airlock::Private::feed( Tenant& tenant, gloox::IqHandler& object, const Stanza& stanza )
{
  if( !stanza.element )
    return;

  const std::string id = "in" + std::to_string( ++m_fed );
  if( !stanza.message ) // W-23 has no answer: what the object says to it is dropped
    tracker.owe( id, Asked{ &tenant, stanza.local, stanza.peer, stanza.id, stanza.era } );

  gloox::IQ iq( gloox::IQ::Set, stanza.local, id );
  iq.setFrom( stanza.peer );
  if( auto extension = prototypes.make( *stanza.element ) )
    iq.addExtension( extension.release() ); // gloox owns it

  const Scope entered( airlock, tenant );
  object.handleIq( iq );
  if( stanza.kind != StanzaKind::S5bQuery ) // a query is answered when the streamhosts have been tried
    m_outgoing.push_back( Outgoing{ &tenant, {}, id } );
}

} // namespace simultiple::airlock
