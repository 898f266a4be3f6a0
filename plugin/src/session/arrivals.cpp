// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What arrives at the gate: which stanzas are ours, the checks of an offer, and the answers for sessions that are over or never were.

#include "session/plugin.h"

#include <gloox-si-multiple/simultiple.h>

#include "protocol/sioffer.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace simultiple
{

namespace errors = protocol::errors;
using Plugin = SIMultipleManager::Private;
using airlock::StanzaKind;
using session::SessionTable;

// GEN-3, GEN-8: only what has a session or a tombstone with exactly this peer, and offers that are for us.
bool Plugin::claims( const airlock::Stanza& stanza )
{
  if( stanza.kind == StanzaKind::Offer )
    return on && claimsOffer( stanza );
  if( !stanza.peer )
    return false;   // SEC-1
  const auto key = SessionTable::key( stanza.local, stanza.peer, stanza.sid );
  if( stanza.kind == StanzaKind::Application )
    return claimsOwn( stanza, key );
  if( sessions.find( key ) )
    return true;
  if( stanza.message )
    return false;
  return sessions.hasTomb( key ) || runtime->airlock.offerWaiting( stanza.local, stanza.peer, stanza.sid ) || ( on && options.ownsNamespaces );
}

// PCU-8, PCU-12. Not by Options::ownsNamespaces: that one speaks of SI, S5B and IBB.
bool Plugin::claimsOwn( const airlock::Stanza& stanza, const std::string& key ) const
{
  if( const auto* session = sessions.find( key ) )
    return session->notes() == stanza.ns || methodOf( stanza );
  return sessions.tombNotes( key, stanza.ns ) || ( sessions.hasTomb( key ) && methodOf( stanza ) ) || runtime->airlock.offerWaiting( stanza.local, stanza.peer, stanza.sid );
}

bool Plugin::claimsOffer( const airlock::Stanza& stanza ) const
{
  const bool multiple = options.siMultiple && SIMultiple::find( stanza.element ) != nullptr;
  const auto* ours = profile( stanza.element->findAttribute( "profile" ) );
  if( ours )
    return multiple || ours->options.takePlainOffers;
  // A faulty or unknown profile: the bot's own stream initiation knows better than we do, if it has one.
  return options.ownsNamespaces || ( multiple && !runtime->airlock.botDoesSi() );
}

void Plugin::handleStanza( const airlock::Stanza& stanza )
{
  if( loop.roster().attempt( [&] { takeStanza( stanza ); } ) || stanza.kind == StanzaKind::Offer )
    return;
  // CLS-12: there was not even the memory to look up whose it is.
  const auto* session = sessions.any( [&]( const session::Session& one ) { return one.id().sid == stanza.sid && one.id().peer.full() == stanza.peer.full(); } );
  if( session )
    loop.roster().fail( session->duty() );
}

void Plugin::takeStanza( const airlock::Stanza& stanza )
{
  const auto key = SessionTable::key( stanza.local, stanza.peer, stanza.sid );
  if( stanza.kind == StanzaKind::Offer )
    return handleOffer( stanza );
  if( stanza.tooLarge )
  {
    logger.debug( stanza.sid.empty() ? "-" : stanza.sid, "SEC-12: too large: <" + stanza.element->name() + "/> of " + stanza.peer.full() );
    return runtime->airlock.sendError( stanza, errors::badRequest() );
  }
  if( auto* session = sessions.find( key ) )
  {
    (void)session->work( [&] { session->handleStanza( stanza ); } );
    return;
  }
  if( stanza.message )
    return;
  if( sessions.hasTomb( key ) )
    answerForTheDead( stanza );
  else
    answerForNobody( stanza );
}

// CLS-9.
void Plugin::answerForTheDead( const airlock::Stanza& stanza )
{
  auto& airlock = runtime->airlock;
  switch( stanza.kind )
  {
    case StanzaKind::Offer: return airlock.sendError( stanza, errors::conflict() );
    case StanzaKind::S5bQuery: return airlock.sendError( stanza, errors::s5bNotAcceptable() );
    case StanzaKind::IbbOpen: return airlock.sendError( stanza, errors::ibbNotAcceptable() );
    case StanzaKind::IbbData: return airlock.sendError( stanza, errors::itemNotFound() );
    case StanzaKind::IbbClose: return airlock.sendResult( stanza );
    case StanzaKind::Application:
      if( const auto* method = methodOf( stanza ) )
        return airlock.sendError( stanza, method->notAcceptable() );
      if( sessions.tombAsked( SessionTable::key( stanza.local, stanza.peer, stanza.sid ), stanza.element->name() ) )
        return airlock.sendError( stanza, errors::itemNotFound() );
      airlock.sendResult( stanza );
      return handleLateNote( stanza );
  }
}

// PCU-8: nothing after the end, unless the profile wants it.
void Plugin::handleLateNote( const airlock::Stanza& stanza )
{
  const auto note = sessions.takeLateNote( SessionTable::key( stanza.local, stanza.peer, stanza.sid ) );
  auto* ours = note ? profile( note->profile ) : nullptr;
  if( ours && &ours->handler == note->handler && ours->options.notesAfterEnd )
    ours->handler.handleNote( stanza.sid, stanza.peer, *protocol::detach( *stanza.element ) );
}

// Sections 1.6 and 1.7: an opening needs a sid, and data need a session.
void Plugin::answerForNobody( const airlock::Stanza& stanza )
{
  auto& airlock = runtime->airlock;
  const auto* method = methodOf( stanza );
  if( method && stanza.sid.empty() )
    return airlock.sendError( stanza, errors::badRequest() );
  if( method )
    return airlock.sendError( stanza, method->notAcceptable() );
  airlock.sendError( stanza, errors::itemNotFound() );
}

// ---- offers

std::string Plugin::offersFull( const gloox::JID& peer )
{
  // What has been decided is a session like others from then on.
  pendingOffers.erase( std::remove_if( pendingOffers.begin(), pendingOffers.end(), []( const auto* session ) { return !session->undecided(); } ),
                       pendingOffers.end() );
  if( pendingOffers.size() >= options.limits.offers )
    return "offers";
  const auto mine = std::count_if( pendingOffers.begin(), pendingOffers.end(),
                                   [&]( const session::ResponderSession* session ) { return session->id().peer.bare() == peer.bare(); } );
  if( static_cast<std::size_t>( mine ) >= options.limits.offersPerPeer )
    return "offers per peer";
  return sessions.full( peer );
}

void Plugin::refuseOffer( const airlock::Stanza& stanza, const protocol::StanzaError& error )
{
  logger.debug( stanza.sid.empty() ? "-" : stanza.sid, "ST-R-1: offer of " + stanza.peer.full() + " refused: " + error.condition + " " + error.extra );
  runtime->airlock.sendError( stanza, error );
}

namespace
{

bool elementName( const std::string& text )
{
  const auto letter = []( char c ) { return ( c >= 'a' && c <= 'z' ) || ( c >= 'A' && c <= 'Z' ) || c == '_'; };
  const auto follows = [&]( char c ) { return letter( c ) || ( c >= '0' && c <= '9' ) || c == '-' || c == '.'; };
  return !text.empty() && letter( text.front() ) && std::all_of( text.begin(), text.end(), follows );
}

// PCU-3.
protocol::StanzaError screenedOut( const Refusal& refusal, const std::string& profile )
{
  auto error = errors::badRequest();
  switch( refusal.reason )
  {
    case Decline::Forbidden: return errors::forbidden();
    case Decline::Stranger: return errors::serviceUnavailable();
    case Decline::BadRequest: break;
  }
  if( elementName( refusal.condition ) )
  {
    error.extra = refusal.condition;
    error.extraNamespace = profile;
  }
  return error;
}

} // namespace

void Plugin::handleOffer( const airlock::Stanza& stanza )
{
  session::ResponderSession* fresh = nullptr;
  auto& roster = loop.roster();
  if( !roster.attempt( [&] { fresh = makeSession( stanza ); } ) )
    roster.attempt( [&] { runtime->airlock.sendError( stanza, errors::tooMany() ); } );   // CLS-12
  if( fresh && !fresh->work( [fresh] { fresh->start(); } ) && !fresh->asked() )
    fresh->silence();   // the application hears of no end of what it has not heard of
}

// SI-9: the checks run in this order, the first hit wins.
session::ResponderSession* Plugin::makeSession( const airlock::Stanza& stanza )
{
  const auto refuse = [&]( const protocol::StanzaError& error )
  {
    refuseOffer( stanza, error );
    return nullptr;
  };
  const auto head = protocol::readOfferHead( *stanza.element );
  auto* ours = profile( head.profile );

  if( !stanza.peer )
    return refuse( errors::badRequest() );
  if( ours && ours->options.knows && !ours->options.knows( stanza.peer ) )
    return refuse( errors::serviceUnavailable() );   // SEC-21
  if( stanza.type != "set" || stanza.tooLarge )
    return refuse( errors::badRequest() );   // SEC-12
  if( const auto limit = offersFull( stanza.peer ); !limit.empty() )
  {
    logger.warn( "limit hit: " + limit );
    if( ours )
      ours->handler.handleLimit( stanza.peer, limit );
    return refuse( errors::tooMany() );   // SEC-13
  }
  if( head.sid.empty() )
    return refuse( errors::badRequest() );
  const auto key = SessionTable::key( stanza.local, stanza.peer, head.sid );
  if( sessions.find( key ) || sessions.hasTomb( key ) )
    return refuse( errors::conflict() );   // GEN-9
  if( head.profile.empty() )
    return refuse( errors::badRequest() );
  if( !ours || !on )
    return refuse( errors::badProfile() );

  Offer offer;
  offer.peer = stanza.peer;
  offer.local = stanza.local;
  offer.sid = head.sid;
  offer.profile = head.profile;
  offer.si = std::shared_ptr<const gloox::Tag>( stanza.tag, stanza.element );
  if( ours->options.childRequired && !offer.profileChild() )
    return refuse( errors::badRequest() );

  auto read = protocol::readOfferForm( *stanza.element, ours->options.mandatoryMethod );
  if( const auto* error = std::get_if<protocol::StanzaError>( &read ) )
    return refuse( *error );
  const auto& form = std::get<protocol::OfferForm>( read );
  offer.mimeType = form.mimeType;
  offer.methods = form.methods;
  offer.multiple = form.multiple && options.siMultiple;
  const bool usable = std::any_of( form.methods.begin(), form.methods.end(), [this]( const std::string& name )
  {
    const auto* known = method( name );
    return known && known->canAccept( *runtime->shared, options.privacy );
  } );
  if( !usable )
    return refuse( errors::noValidStreams() );   // W-7

  if( ours->options.screen )
    if( const auto refusal = ours->options.screen( offer ) )   // PCU-3
      return refuse( screenedOut( *refusal, head.profile ) );
  if( !on || profile( head.profile ) != ours )
    return refuse( errors::badProfile() );   // switched off or retired by what it was asked

  methods::StreamId id{ offer.local, offer.peer, offer.sid };
  auto session = std::make_unique<session::ResponderSession>( *this, std::move( id ), ours->handler, stanza, std::move( offer ), form.listMulti,
                                                              ours->options.senderSpeaksFirst );
  session->setNotes( ours->options );
  auto* fresh = session.get();
  pendingOffers.reserve( pendingOffers.size() + 1 );
  makeRoomForTheDead();
  sessions.add( std::move( session ) );
  pendingOffers.push_back( fresh );
  return fresh;
}

// ---- the connection

void Plugin::handleConnected()
{
  runtime->airlock.sendAtOnce();
  askForProxies( options.privacy );
}

void Plugin::askForProxies( Privacy privacy )
{
  if( method( gloox::XMLNS_BYTESTREAMS ) && privacy != Privacy::IbbOnly )
    runtime->proxies.ask();
}

void Plugin::handleDisconnected() { lossUntold = true; }

// CLS-7. Thousands hear of it over many turns, in which nothing else happens: whoever does not know yet might take the next connection for the last one.
bool Plugin::tellOfLoss( const net::EventLoop::Enough& enough )
{
  if( !bereaved )
  {
    bereaved = sessions.keys();
    {
      const airlock::Airlock::LastWords words( runtime->airlock );   // who waits for proxies would go on with what there is
      runtime->proxies.forget();
    }
    runtime->turns.reset();
    memory.forget();   // S5B-21: the next connection may be in another network
  }
  while( !bereaved->empty() )
  {
    auto* session = sessions.find( bereaved->back() );
    bereaved->pop_back();
    if( session && session->era() < runtime->airlock.era() )
      (void)session->work( [session] { session->disconnected(); } );
    if( enough && enough() && !bereaved->empty() )
      return false;
  }
  runtime->notes.disconnected();
  bereaved.reset();
  lossUntold = false;
  return true;
}

void Plugin::handleUnavailable( const gloox::JID& peer )
{
  for( auto* session : sessions.of( peer ) )
    (void)session->work( [session] { session->peerUnavailable(); } );   // CLS-8
}

// Whose it was can be seen without any memory: only direct children carry a stream id (GEN-7).
void Plugin::handleLost( const gloox::Tag& stanza ) noexcept
{
  const auto& from = protocol::origin( stanza );
  for( const auto* child : stanza.children() )
  {
    const auto& sid = child->findAttribute( "sid" );
    const auto* session = sid.empty() ? nullptr : sessions.any( [&]( const session::Session& one ) { return one.id().sid == sid && one.id().peer.full() == from; } );
    if( session )
      loop.roster().fail( session->duty() );
  }
}

} // namespace simultiple
