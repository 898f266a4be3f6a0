// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox-si-multiple/simultiplemanager.h>

#include "session/plugin.h"

#include <utility>

namespace simultiple
{

namespace
{

protocol::StanzaError errorFor( Decline reason, const std::string& text )
{
  switch( reason )
  {
    case Decline::Forbidden: break;
    case Decline::Stranger: return protocol::errors::serviceUnavailable();
    case Decline::BadRequest: return protocol::errors::badRequest();
  }
  return text.empty() ? protocol::errors::forbidden() : protocol::errors::forbidden( text );
}

} // namespace

SIProfileMultiple::SIProfileMultiple( SIMultipleManager& manager, const std::string& profile, SIProfileMultipleHandler& handler, ProfileOptions options )
  : d( std::make_unique<Private>( Private{ manager, profile, handler, std::move( options ) } ) )
{
  d->valid = d->wasValid = manager.priv().addProfile( *d );
}

SIProfileMultiple::~SIProfileMultiple()
{
  if( d->wasValid )
    d->manager.priv().removeProfile( *d );
}

void SIProfileMultiple::retire()
{
  if( std::exchange( d->valid, false ) )
    d->manager.priv().retireProfile( *d );
}

bool SIProfileMultiple::valid() const { return d->valid; }
const std::string& SIProfileMultiple::profile() const { return d->profile; }

OfferResult SIProfileMultiple::offer( const gloox::JID& to, std::unique_ptr<gloox::Tag> profileChild, const OfferOptions& options )
{
  return d->manager.priv().offer( *d, to, std::move( profileChild ), options );
}

bool SIProfileMultiple::accept( const Offer& offer, const AcceptOptions& options )
{
  auto* session = d->manager.priv().undecided( offer );
  bool accepted = false;
  if( session && session->profile() == d->profile )
    (void)session->work( [&] { accepted = session->accept( options ); } );
  return accepted;
}

bool SIProfileMultiple::decline( const Offer& offer, Decline reason, const std::string& text )
{
  auto* session = d->manager.priv().undecided( offer );
  if( !session || session->profile() != d->profile )
    return false;
  bool declined = false;
  (void)session->work( [&] { declined = session->decline( errorFor( reason, text ) ); } );
  return declined;
}

bool SIProfileMultiple::cancel( const gloox::JID& peer, const std::string& sid )
{
  return d->manager.priv().cancel( d->profile, peer, sid );
}

bool SIProfileMultiple::sendNote( const gloox::JID& peer, const std::string& sid, std::unique_ptr<gloox::Tag> note,
                                  std::function<void( NoteAnswer )> answered )
{
  return d->manager.priv().sendNote( *d, peer, sid, std::move( note ), std::move( answered ) );
}

void SIProfileMultiple::handleSIRequest( const gloox::JID& from, const gloox::JID& to, const std::string& id, const gloox::SIManager::SI& si )
{
  auto& manager = d->manager.priv();
  manager.loop.roster().run( nullptr, [&] { manager.offerFromSIManager( *d, from, to, id, si ); } );
}

} // namespace simultiple
