// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the manager tells SIProfileMultipleFT, in the words of gloox::SIProfileFTHandler.

#include "ft/profile.h"

#include <gloox-si-multiple/fileinfo.h>

#include "ft/errors.h"

#include <gloox/error.h>
#include <gloox/gloox.h>
#include <gloox/iq.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace simultiple
{

using Private = SIProfileMultipleFT::Private;
using session::SessionTable;

namespace
{

const std::string DefaultMimeType = "binary/octet-stream";   // gloox's word for "not given"

long asLong( std::uint64_t size )
{
  return static_cast<long>( std::min( size, static_cast<std::uint64_t>( std::numeric_limits<long>::max() ) ) );
}

int typesOf( const std::vector<std::string>& methods )
{
  int types = 0;
  for( const auto& name : methods )
    if( name == gloox::XMLNS_BYTESTREAMS )
      types |= SIProfileMultipleFT::FTTypeS5B;
    else if( name == gloox::XMLNS_IBB )
      types |= SIProfileMultipleFT::FTTypeIBB;
  return types;
}

bool went( Cause cause ) { return cause == Cause::ClosedLocal || cause == Cause::ClosedRemote || cause == Cause::CancelledLocal; }

} // namespace

std::optional<Refusal> Private::screen( const Offer& offer ) const
{
  if( !FileInfo::parse( offer.profileChild() ) )
    return Decline::BadRequest;   // PFT-1
  if( !handler )
    return Decline::Forbidden;
  return std::nullopt;
}

void Private::handleOffer( const Offer& offer )
{
  const auto file = FileInfo::parse( offer.profileChild() );
  auto* session = plugin.sessions.find( SessionTable::key( offer.local, offer.peer, offer.sid ) );
  if( !file || !session || !handler )
    return;
  Transfer transfer{ session, true };
  transfer.offer = offer;
  transfer.offer.si.reset();   // all that counts of it has been read
  transfer.size = file->size;
  transfers.push_back( std::move( transfer ) );

  const auto& mimeType = offer.mimeType.empty() ? file->mimeType : offer.mimeType;
  handler->handleFTRequest( offer.peer, offer.local, offer.sid, file->name, asLong( file->size ), file->md5, file->date,
                            mimeType.empty() ? DefaultMimeType : mimeType, file->desc, typesOf( offer.methods ) );
}

bool Private::handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect, const std::vector<std::string>& methods, const gloox::Tag& si )
{
  const auto found = std::find_if( transfers.begin(), transfers.end(), [&]( const Transfer& one )
                                   { return !one.incoming && one.session->id().sid == sid && one.session->id().peer == peer; } );
  if( found == transfers.end() )
    return true;
  if( !answeredRange( si, found->size, false ) )
    return false;   // PFT-9
  if( handler )
    handOut( *found, methods.front() );
  else
    found->session->stop( true );   // nobody takes the stream
  return true;
}

// Early, as gloox does it: the walk that opens the stream is served by the stream's recv().
void Private::handOut( Transfer& transfer, const std::string& firstMethod )
{
  const auto& id = transfer.session->id();
  const auto& initiator = transfer.incoming ? id.peer : id.local;
  const auto& target = transfer.incoming ? id.local : id.peer;
  const auto type = firstMethod == gloox::XMLNS_IBB ? gloox::Bytestream::IBB : gloox::Bytestream::S5B;
  const auto stream = std::make_shared<ft::Stream>( *this, plugin.sink(), initiator, target, id.sid, type );
  transfer.stream = stream;
  streams.push_back( stream );
  handler->handleFTBytestream( stream.get() );   // may change our tables
}

void Private::handleStream( std::shared_ptr<MultiBytestream> stream )
{
  const auto found = std::find_if( transfers.begin(), transfers.end(), [&]( const Transfer& one )
  {
    const auto& id = one.session->id();
    return !one.session->over() && id.sid == stream->sid() && id.peer == stream->peer() && ( one.incoming ? id.peer : id.local ) == stream->initiator()
           && ( one.incoming ? id.local : id.peer ) == stream->target();
  } );
  if( found == transfers.end() )
    return;
  found->carrier = stream;
  if( found->stream )
    found->stream->carriedBy( std::move( stream ) );
}

void Private::handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& )
{
  // On a component two sessions may share peer and sid; of these one is over.
  const auto found = std::find_if( transfers.begin(), transfers.end(), [&]( const Transfer& one )
                                   { return one.session->over() && one.session->id().sid == sid && one.session->id().peer == peer; } );
  if( found == transfers.end() )
    return;
  const auto transfer = std::move( *found );
  transfers.erase( found );
  if( transfer.quiet )
    return;

  const auto error = ft::errorFor( cause, transfer.session->refusal(), text ).tag();
  gloox::IQ iq( gloox::IQ::Error, transfer.session->id().local, sid );
  iq.setFrom( peer );
  iq.addExtension( new gloox::Error( error.get() ) );   // gloox owns it
  if( transfer.stream )
    transfer.stream->finish( went( cause ) ? nullptr : &iq );

  // gloox tells an initiator here, whether it had a stream already (GLOOX-NOTES 5c) or not; a receiver only learns that its connect() failed.
  const bool told = transfer.stream && ( transfer.incoming || transfer.stream->wasOpen() );
  const bool asked = !transfer.incoming || transfer.accepted;
  if( !went( cause ) && asked && !told && handler )
    handler->handleFTRequestError( iq, sid );
}

} // namespace simultiple
