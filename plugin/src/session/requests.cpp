// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the bot asks for: profiles, offers, decisions.

#include "session/plugin.h"

#include <gloox-si-multiple/simultiple.h>

#include "net/socks5.h"
#include "protocol/sioffer.h"
#include "protocol/xml.h"
#include "session/initiatorsession.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <new>
#include <utility>

namespace simultiple
{

using Plugin = SIMultipleManager::Private;
using session::SessionTable;

// PCU-1.
bool Plugin::addProfile( SIProfileMultiple::Private& profile )
{
  const auto& ns = profile.profile;
  const auto& notes = profile.options.noteNamespace;
  const auto core = []( const std::string& name ) { return name == gloox::XMLNS_SI || name == XMLNS_SI_MULTIPLE; };
  const bool opensMethod = std::any_of( methods.begin(), methods.end(), [&]( const auto& known ) { return known->name() == notes; } );   // PCU-7
  if( ns.empty() || core( ns ) || core( notes ) || opensMethod || !profiles.emplace( ns, &profile ).second )
    return false;
  if( !notes.empty() )
    ownNamespaces.insert( notes );
  if( on )
    updateFeatures();
  return true;
}

// PCU-6.
void Plugin::retireProfile( SIProfileMultiple::Private& profile )
{
  profiles.erase( profile.profile );
  if( on )
    updateFeatures();
}

// The profile's owner is about to go: its sessions end without a word to him, and with the right one to the peers.
void Plugin::removeProfile( SIProfileMultiple::Private& profile )
{
  if( runtime )
    runtime->notes.silence( &profile );
  if( std::exchange( profile.valid, false ) )
    loop.roster().attempt( [&] { retireProfile( profile ); } );
  const auto next = [&] { return sessions.any( [&]( const session::Session& one ) { return one.belongsTo( profile.profile, profile.handler ); } ); };
  for( auto* session = next(); session; session = next() )
  {
    session->silence();
    session->stop( true );
  }
}

// SI-2, SI-3: those of the wanted methods that can be opened now, in the bot's order.
std::vector<std::string> Plugin::offerable( const std::vector<std::string>& wanted, Privacy privacy )
{
  std::vector<std::string> list;
  for( const auto& name : wanted )
  {
    const auto* known = method( name );
    if( known && known->canOffer( *runtime->shared, privacy ) && std::find( list.begin(), list.end(), name ) == list.end() )
      list.push_back( name );
  }
  return list;
}

OfferResult Plugin::offer( SIProfileMultiple::Private& profile, const gloox::JID& to, std::unique_ptr<gloox::Tag> child, const OfferOptions& offerOptions,
                           const std::string& wantedSid )
{
  OfferResult result;
  if( !loop.roster().run( nullptr, [&] { result = tryToOffer( profile, to, std::move( child ), offerOptions, wantedSid ); } ) )
    result.problem = "out of memory";
  return result;
}

// ST-S-1, ST-S-2.
OfferResult Plugin::tryToOffer( SIProfileMultiple::Private& profile, const gloox::JID& to, std::unique_ptr<gloox::Tag> child, const OfferOptions& offerOptions,
                           const std::string& wantedSid )
{
  const auto no = []( const char* why ) { return OfferResult{ {}, why }; };
  if( !profile.valid )
    return no( "the profile is not registered" );
  if( !on )
    return no( "the plugin is not enabled" );
  if( !runtime->airlock.connected() )
    return no( "not connected" );
  if( !to || ( to.resource().empty() && !to.username().empty() ) )
    return no( "the peer must be a full JID" );   // SI-1
  if( child && protocol::namespaceOf( *child ) != profile.profile )
    return no( "the profile's element is in a foreign namespace" );   // PCU-2
  const gloox::JID local = component ? offerOptions.from : runtime->airlock.ownJid();
  if( !local || ( component && local.server() != runtime->airlock.ownJid().server() ) )
    return no( "from must be a JID of the component" );   // CMP-2
  if( const auto limit = sessions.full( to ); !limit.empty() )
  {
    profile.handler.handleLimit( to, limit );
    return no( "too many sessions" );
  }
  const auto privacy = offerOptions.privacy.value_or( options.privacy );
  handleConnected();   // the news of the connection may still wait in the inbox
  askForProxies( privacy );
  auto list = offerable( offerOptions.methods.empty() ? options.methods : offerOptions.methods, privacy );
  if( list.empty() )
    return no( "no method can be opened right now" );

  methods::StreamId id{ local, to, wantedSid };
  if( !wantedSid.empty() )
  {
    const auto key = SessionTable::key( local, to, wantedSid );
    if( protocol::characters( wantedSid ) > protocol::MaxSid || !protocol::xmlText( wantedSid ) )
      return no( "the sid is not well formed" );
    if( sessions.find( key ) || sessions.hasTomb( key ) || listener.has( net::dstAddr( wantedSid, local.full(), to.full() ) ) )
      return no( "the sid is in use" );   // SI-4, SEC-5
  }
  else do
  {
    const auto sid = makeSid();
    if( !sid )
      return no( "no random numbers to be had" );
    id.sid = *sid;
  } while( listener.has( net::dstAddr( id.sid, local.full(), to.full() ) ) );   // SEC-5

  auto session = std::make_unique<session::InitiatorSession>( *this, id, profile.profile, profile.handler, offerOptions, std::move( list ) );
  session->setNotes( profile.options );
  auto* fresh = session.get();
  OfferResult result{ id.sid, {} };
  makeRoomForTheDead();
  sessions.add( std::move( session ) );
  (void)fresh->work( [&] { fresh->start( std::move( child ) ); } );
  return result;
}

session::ResponderSession* Plugin::undecided( const Offer& offer ) const
{
  const auto found = std::find_if( pendingOffers.begin(), pendingOffers.end(), [&]( const session::ResponderSession* session )
  {
    const auto& id = session->id();
    return id.sid == offer.sid && id.peer == offer.peer && id.local == offer.local && session->undecided();
  } );
  return found == pendingOffers.end() ? nullptr : *found;
}

bool Plugin::cancel( const std::string& profile, const gloox::JID& peer, const std::string& sid )
{
  const auto wanted = [&]( const session::Session& one ) { return one.profile() == profile && one.id().sid == sid && one.id().peer == peer; };
  session::Session* session = nullptr;
  try
  {
    const auto some = sessions.of( peer, sid );
    const auto found = std::find_if( some.begin(), some.end(), [&]( const auto* one ) { return wanted( *one ); } );
    session = found == some.end() ? nullptr : *found;
  }
  catch( const std::bad_alloc& )
  {
    session = sessions.any( wanted );   // CLS-12: slower, but it takes no memory
  }
  if( session )
    session->stop( true );
  return session != nullptr;
}

// PCU-9.
bool Plugin::sendNote( SIProfileMultiple::Private& profile, const gloox::JID& peer, const std::string& sid, std::unique_ptr<gloox::Tag> note,
                       std::function<void( NoteAnswer )> answered )
{
  const auto& ns = profile.options.noteNamespace;
  if( !runtime || !note || ns.empty() )
    return false;
  bool sent = false;
  loop.roster().run( nullptr, [&]
  {
    if( protocol::namespaceOf( *note ) != ns )
      return;
    const methods::StreamId id{ sessions.localOf( profile.profile, profile.handler, peer, sid ), peer, sid };
    if( !id.local )
      return;
    note->addAttribute( "sid", sid );
    sent = runtime->notes.send( &profile, id, std::move( note ), std::move( answered ) );
  } );
  return sent;
}

// An offer that came through the bot's own SIManager: gloox has taken the IQ apart, so it is put together again.
void Plugin::offerFromSIManager( SIProfileMultiple::Private& profile, const gloox::JID& from, const gloox::JID& to, const std::string& id,
                                 const gloox::SIManager::SI& si )
{
  if( !on || !profile.valid )
    return;
  std::unique_ptr<gloox::Tag> element( si.tag() );
  if( !element )
    return;
  airlock::Stanza stanza;
  stanza.kind = airlock::StanzaKind::Offer;
  stanza.type = "set";
  stanza.id = id;
  stanza.peer = from;
  stanza.local = to ? to : runtime->airlock.ownJid();
  stanza.sid = si.id();
  stanza.era = runtime->airlock.era();
  auto iq = std::make_shared<gloox::Tag>( "iq" );
  stanza.tooLarge = protocol::sizeOf( *element, airlock::Airlock::MaxNodes ).nodes > airlock::Airlock::MaxNodes;
  stanza.element = element.get();
  iq->addChild( element.release() ); // gloox owns it
  stanza.tag = std::move( iq );
  handleOffer( stanza );
}

} // namespace simultiple
