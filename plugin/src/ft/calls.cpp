// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the bot asks of SIProfileMultipleFT, and its beginning and end.

#include "ft/profile.h"

#include <gloox-si-multiple/fileinfo.h>

#include <gloox/gloox.h>
#include <gloox/simanager.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace simultiple
{

using namespace std::chrono;
using Private = SIProfileMultipleFT::Private;
using session::SessionTable;

namespace
{
// For what closed streams still have to send when the profile goes.
constexpr seconds LastPatience{ 1 };
constexpr milliseconds FlushStep{ 10 };
constexpr int MaxPort = 65535;
}

Private::Private( SIProfileMultipleFT& facade, std::unique_ptr<SIMultipleManager> own_, SIMultipleManager& manager_,
                  gloox::SIProfileFTHandler* handler_, gloox::SIManager* siManager_, gloox::SOCKS5BytestreamManager* s5Manager_ )
  : own( std::move( own_ ) ), manager( manager_ ), plugin( manager.priv() ), handler( handler_ ), siManager( siManager_ ), s5Manager( s5Manager_ )
{
  // Its features come first: gloox adds them without looking, we add what is missing (GLOOX-NOTES 13b).
  if( siManager )
    siManager->registerProfile( gloox::XMLNS_SI_FT, &facade );

  ProfileOptions options;
  options.senderSpeaksFirst = true;   // PFT-3
  options.screen = [this]( const Offer& offer ) { return screen( offer ); };
  profile = std::make_unique<SIProfileMultiple>( manager, gloox::XMLNS_SI_FT, *this, std::move( options ) );
  if( own )
    (void)own->enable();
}

Private::~Private()
{
  handler = nullptr;
  const bool valid = profile->valid();
  if( valid )
    plugin.botHosts.server = nullptr;   // gloox's manual deletes it just before us
  for( auto& transfer : transfers )
    transfer.quiet = true;
  for( const auto& stream : streams )
    stream->leave();
  flush();
  profile.reset();
  if( valid )
    plugin.botHosts.hosts.clear();
  own.reset();
  if( siManager )
    siManager->removeProfile( gloox::XMLNS_SI_FT );
}

// gloox has handed to the kernel what its send() took, and so the bot leaves.
void Private::flush()
{
  const auto unsent = []( const Transfer& one ) { return one.carrier && one.carrier->type() == gloox::Bytestream::S5B && one.carrier->bytesQueued() > 0; };
  const auto until = steady_clock::now() + LastPatience;
  while( std::any_of( transfers.begin(), transfers.end(), unsent ) && steady_clock::now() < until )
    if( !pump( FlushStep ) )
      return;
}

// ---- offers of ours

std::vector<std::string> Private::methodsOf( int types ) const
{
  auto methods = plugin.options.methods;
  const auto unwanted = [types]( const std::string& name )
  {
    if( name == gloox::XMLNS_BYTESTREAMS )
      return ( types & FTTypeS5B ) == 0;
    return name == gloox::XMLNS_IBB ? ( types & FTTypeIBB ) == 0 : types != FTTypeAll;
  };
  methods.erase( std::remove_if( methods.begin(), methods.end(), unwanted ), methods.end() );
  return methods;
}

std::string Private::request( const gloox::JID& to, const std::string& name, std::int64_t size, const std::string& hash, const std::string& desc,
                              const std::string& date, const std::string& mimeType, int types, const gloox::JID& from, const std::string& sid )
{
  (void)pump( microseconds::zero() );
  FileInfo file;
  file.name = name.substr( name.rfind( '/' ) + 1 );   // 6.1: gloox's own example offers a path; a directory has no name then
  file.size = static_cast<std::uint64_t>( size );
  file.md5 = hash;
  file.desc = desc;
  file.date = date;
  OfferOptions options;
  options.from = from;
  options.mimeType = mimeType;
  options.methods = methodsOf( types );
  auto child = file.tag();
  if( file.name.empty() || size <= 0 || options.methods.empty() || !child || !profile->valid() )
    return {};
  // handleAccepted() does not say which of a component's JIDs it is about.
  const bool used = std::any_of( transfers.begin(), transfers.end(), [&]( const Transfer& one )
                                 { return !one.incoming && one.session->id().sid == sid && one.session->id().peer == to; } );
  if( used )
    return {};

  const auto result = plugin.offer( *plugin.profile( gloox::XMLNS_SI_FT ), to, std::move( child ), options, sid );
  if( !result )
  {
    plugin.logger.debug( "-", "nothing was offered: " + result.problem );
    return {};
  }
  const auto& local = plugin.component ? from : plugin.runtime->airlock.ownJid();
  Transfer transfer{ plugin.sessions.find( SessionTable::key( local, to, result.sid ) ), false };
  transfer.size = file.size;
  if( transfer.session )
    transfers.push_back( std::move( transfer ) );
  return result.sid;
}

// ---- offers of others

Private::Transfer* Private::undecided( const gloox::JID& peer, const std::string& sid, const gloox::JID& local )
{
  Transfer* first = nullptr;
  for( auto& one : transfers )
    if( one.incoming && !one.accepted && one.offer.peer == peer && one.offer.sid == sid && plugin.undecided( one.offer ) )
    {
      if( local && one.offer.local == local )
        return &one;
      first = first ? first : &one;
    }
  return first;
}

Private::Transfer* Private::bySession( const session::Session* session )
{
  const auto found = std::find_if( transfers.begin(), transfers.end(), [&]( const Transfer& one ) { return one.session == session; } );
  return found == transfers.end() ? nullptr : &*found;
}

void Private::accept( const gloox::JID& to, const std::string& sid, StreamType type, const gloox::JID& from )
{
  (void)pump( microseconds::zero() );
  auto* transfer = undecided( to, sid, from );
  if( !transfer )
    return;
  if( type == FTTypeOOB )
    return decline( to, sid, protocol::errors::noValidStreams() );

  AcceptOptions options;
  options.methods = { type == FTTypeIBB ? gloox::XMLNS_IBB : gloox::XMLNS_BYTESTREAMS };
  for( const auto& name : plugin.options.methods )
    if( name != options.methods.front() )
      options.methods.push_back( name );
  options.expectsNothing = transfer->size == 0;
  const auto* session = transfer->session;
  const auto offer = transfer->offer;
  transfer->accepted = true;
  if( !profile->accept( offer, options ) )
    return;
  // Not before the answer: what the bot says now must not overtake it. Now in this call: nothing else may ever work for a bot without a stream.
  auto* accepted = bySession( session );
  if( accepted && handler )
    handOut( *accepted, accepted->session->acceptedMethods().front() );
  else if( accepted )
    accepted->session->stop( true );   // nobody takes the stream
}

void Private::decline( const gloox::JID& to, const std::string& sid, const protocol::StanzaError& error )
{
  (void)pump( microseconds::zero() );
  if( const auto* transfer = undecided( to, sid, gloox::JID() ) )
    (void)plugin.undecided( transfer->offer )->decline( error );
}

// ---- streams

void Private::giveUp( ft::Stream& stream )
{
  for( auto& transfer : transfers )
    if( transfer.stream.get() == &stream )
      return transfer.session->stop( true );
}

void Private::letGo( ft::Stream& stream )
{
  for( auto& transfer : transfers )
    if( transfer.stream.get() == &stream )
    {
      transfer.quiet = true;
      transfer.stream.reset();
      return;
    }
}

void Private::forget( const gloox::Bytestream* bs, bool abort )
{
  (void)pump( microseconds::zero() );
  const auto found = std::find_if( streams.begin(), streams.end(), [bs]( const auto& one ) { return one.get() == bs; } );
  if( found == streams.end() )
    return;
  const auto stream = *found;
  streams.erase( found );
  stream->leave();
  for( auto& transfer : transfers )
    if( transfer.stream == stream )
    {
      transfer.quiet = true;
      transfer.stream.reset();
      transfer.session->stop( abort );
      return;   // the table may have changed
    }
}

// ---- streamhosts

void Private::setHosts( const gloox::StreamHostList& hosts )
{
  if( !profile->valid() )
    return;
  plugin.botHosts.hosts.clear();
  for( const auto& one : hosts )
    addHost( one.jid, one.host, one.port );
}

void Private::addHost( const gloox::JID& jid, const std::string& host, int port )
{
  if( profile->valid() && jid && !host.empty() && port > 0 && port <= MaxPort )
    plugin.botHosts.hosts.push_back( { jid, host, static_cast<std::uint16_t>( port ) } );
}

} // namespace simultiple
