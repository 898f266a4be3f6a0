// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/simultiplemanager.h>

#include "session/plugin.h"

#include <poll.h>

#include <utility>

namespace simultiple
{

SIMultipleManager::SIMultipleManager( gloox::ClientBase& client, Options options )
  : d( std::make_unique<Private>( client, std::move( options ) ) )
{
}

SIMultipleManager::~SIMultipleManager() = default;

bool SIMultipleManager::enable() { return d->enable(); }
bool SIMultipleManager::registerMethod( BytestreamMethod& method ) { return d->registerMethod( method ); }
void SIMultipleManager::disable() { d->disable(); }
bool SIMultipleManager::enabled() const { return d->on; }
std::string SIMultipleManager::problem() const { return d->problem(); }
const Options& SIMultipleManager::options() const { return d->options; }
gloox::ClientBase& SIMultipleManager::client() const { return d->client; }
gloox::ConnectionError SIMultipleManager::recv( int timeout ) { return d->wait( timeout ); }
void SIMultipleManager::process() { d->turn(); }
std::optional<std::chrono::milliseconds> SIMultipleManager::nextDeadline() const { return d->nextDeadline(); }
std::vector<PollDescriptor> SIMultipleManager::pollDescriptors() const { return { { d->loop.descriptor(), POLLIN } }; }
std::size_t SIMultipleManager::sessions() const { return d->sessions.size(); }
std::uint16_t SIMultipleManager::listenPort() const { return d->listener.port(); }

} // namespace simultiple
