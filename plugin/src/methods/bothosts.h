// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include "airlock/airlock.h"

#include <algorithm>
#include <vector>

namespace gloox
{
class SOCKS5BytestreamServer;
}

namespace simultiple::methods
{

/**
 * What a bot that was written for gloox::SIProfileFT has said about SOCKS5 (SIProfileMultipleFT): nothing, if there is no such bot. Read
 * anew for every query.
 *
 * The bot lets its own server work, whatever else it does, and its loop may let nothing of ours work before it has a stream. So with such
 * a server our own listener stays out of it. With nothing named at all, where gloox could not do SOCKS5 by any means, our listener is
 * offered: it is served by the stream's recv(), which gloox asks every bot to call from its loop.
 */
struct BotHosts
{
  gloox::SOCKS5BytestreamServer* server = nullptr;   ///< The bot's. It answers for those of @a hosts that are ourselves.
  std::vector<StreamHostEntry> hosts{};              ///< Offered as they stand, before all others.
  bool exclusive = false;                            ///< The bot has no Options to say it: naming hosts means that our own addresses stay private.

  /** @return Whether an entry is an address of ours and not a proxy. The bot may have written our JID down before the server gave us our resource. */
  [[nodiscard]] static bool isOwn( const StreamHostEntry& entry, const airlock::Airlock& airlock )
  {
    const auto& self = airlock.ownJid();
    return !entry.jid || ( airlock.isComponent() ? entry.jid.server() == self.server() : entry.jid.bare() == self.bare() );
  }

  /** @return Whether the bot's own server is to be connected to. */
  [[nodiscard]] bool served( Privacy privacy, const airlock::Airlock& airlock ) const
  {
    return server && privacy != Privacy::ProxyOnly
           && std::any_of( hosts.begin(), hosts.end(), [&]( const StreamHostEntry& entry ) { return isOwn( entry, airlock ); } );
  }

  /** @return Whether our own listener may be offered, as far as this bot is concerned. */
  [[nodiscard]] bool leavesListener( Privacy privacy, const airlock::Airlock& airlock ) const
  {
    return !served( privacy, airlock ) && ( hosts.empty() || !exclusive );
  }
};

} // namespace simultiple::methods
