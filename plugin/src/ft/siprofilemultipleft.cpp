// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/siprofilemultipleft.h>

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>

#include "ft/profile.h"

#include <utility>

namespace simultiple
{

namespace
{

// The bot has not heard of a manager, so this one has to work in its loop as it is.
std::unique_ptr<SIMultipleManager> makeManager( gloox::ClientBase& parent, const Options& options, bool exclusive )
{
  auto manager = std::make_unique<SIMultipleManager>( parent, options );
  manager->priv().servesAtOnce = true;
  manager->priv().botHosts.exclusive = exclusive;
  return manager;
}

std::unique_ptr<SIProfileMultipleFT::Private> make( SIProfileMultipleFT& facade, std::unique_ptr<SIMultipleManager> own, gloox::SIProfileFTHandler* handler,
                                                    gloox::SIManager* siManager, gloox::SOCKS5BytestreamManager* s5Manager )
{
  auto& manager = *own;
  return std::make_unique<SIProfileMultipleFT::Private>( facade, std::move( own ), manager, handler, siManager, s5Manager );
}

} // namespace

SIProfileMultipleFT::SIProfileMultipleFT( gloox::ClientBase* parent, gloox::SIProfileFTHandler* sipfth, gloox::SIManager* manager,
                                          gloox::SOCKS5BytestreamManager* s5Manager )
  : d( make( *this, makeManager( *parent, Options(), true ), sipfth, manager, s5Manager ) )
{
}

SIProfileMultipleFT::SIProfileMultipleFT( gloox::ClientBase* parent, gloox::SIProfileFTHandler* sipfth, const Options& options,
                                          gloox::SIManager* manager, gloox::SOCKS5BytestreamManager* s5Manager )
  : d( make( *this, makeManager( *parent, options, false ), sipfth, manager, s5Manager ) )
{
}

SIProfileMultipleFT::SIProfileMultipleFT( SIMultipleManager& multiple, gloox::SIProfileFTHandler* sipfth, gloox::SIManager* manager,
                                          gloox::SOCKS5BytestreamManager* s5Manager )
  : d( std::make_unique<Private>( *this, nullptr, multiple, sipfth, manager, s5Manager ) )
{
}

SIProfileMultipleFT::~SIProfileMultipleFT() = default;

const std::string SIProfileMultipleFT::requestFT( const gloox::JID& to, const std::string& name, std::int64_t size, const std::string& hash,
                                                  const std::string& desc, const std::string& date, const std::string& mimetype, int streamTypes,
                                                  const gloox::JID& from, const std::string& sid )
{
  return d->request( to, name, size, hash, desc, date, mimetype, streamTypes, from, sid );
}

void SIProfileMultipleFT::acceptFT( const gloox::JID& to, const std::string& sid, StreamType type, const gloox::JID& from )
{
  d->accept( to, sid, type, from );
}

void SIProfileMultipleFT::declineFT( const gloox::JID& to, const std::string& sid, gloox::SIManager::SIError reason, const std::string& text )
{
  switch( reason )
  {
    case gloox::SIManager::NoValidStreams: return d->decline( to, sid, protocol::errors::noValidStreams() );
    case gloox::SIManager::BadProfile: return d->decline( to, sid, protocol::errors::badProfile() );
    case gloox::SIManager::RequestRejected: break;
  }
  d->decline( to, sid, text.empty() ? protocol::errors::forbidden() : protocol::errors::forbidden( text ) );
}

void SIProfileMultipleFT::cancel( gloox::Bytestream* bs ) { d->forget( bs, true ); }
void SIProfileMultipleFT::dispose( gloox::Bytestream* bs ) { d->forget( bs, false ); }
void SIProfileMultipleFT::registerSIProfileFTHandler( gloox::SIProfileFTHandler* sipfth ) { d->handler = sipfth; }
void SIProfileMultipleFT::removeSIProfileFTHandler() { d->handler = nullptr; }

// NOLINTNEXTLINE(performance-unnecessary-value-param): as gloox::SIProfileFT has it
void SIProfileMultipleFT::setStreamHosts( gloox::StreamHostList hosts )
{
  if( d->s5Manager )
    d->s5Manager->setStreamHosts( hosts );
  d->setHosts( hosts );
}

void SIProfileMultipleFT::addStreamHost( const gloox::JID& jid, const std::string& host, int port )
{
  if( d->s5Manager )
    d->s5Manager->addStreamHost( jid, host, port );
  d->addHost( jid, host, port );
}

void SIProfileMultipleFT::registerSOCKS5BytestreamServer( gloox::SOCKS5BytestreamServer* server )
{
  if( d->s5Manager )
    d->s5Manager->registerSOCKS5BytestreamServer( server );
  if( valid() )
    d->plugin.botHosts.server = server;
}

void SIProfileMultipleFT::removeSOCKS5BytestreamServer()
{
  if( d->s5Manager )
    d->s5Manager->removeSOCKS5BytestreamServer();
  if( valid() )
    d->plugin.botHosts.server = nullptr;
}

void SIProfileMultipleFT::handleSIRequest( const gloox::JID& from, const gloox::JID& to, const std::string& id, const gloox::SIManager::SI& si )
{
  d->profile->handleSIRequest( from, to, id, si );
}

bool SIProfileMultipleFT::valid() const { return d->profile->valid(); }
SIMultipleManager& SIProfileMultipleFT::manager() const { return d->manager; }
gloox::ConnectionError SIProfileMultipleFT::recv( int timeout ) { return d->manager.recv( timeout ); }
void SIProfileMultipleFT::process() { d->manager.process(); }

std::shared_ptr<MultiBytestream> SIProfileMultipleFT::stream( const gloox::Bytestream* bs ) const
{
  for( const auto& one : d->streams )
    if( one.get() == bs )
      return one->carrier();
  return nullptr;
}

} // namespace simultiple
