// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include "net/address.h"
#include "protocol/s5b.h"

#include <gloox/jid.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace simultiple::methods
{

/** @return Whether own addresses are offered at all (SEC-16). */
[[nodiscard]] inline bool offersDirect( const Options& options, Privacy privacy )
{
  return options.listen.enabled && privacy != Privacy::ProxyOnly;
}

/** @return Whether the peer may be told of @a host, which is ourselves (SEC-16). Of a name nobody can say what it stands for. */
[[nodiscard]] bool mayTell( const std::string& host, Privacy privacy );

/**
 * S5B-3: the streamhosts that are ourselves, in the order to offer them.
 * @param privacy The session's.
 * @param local The session's local JID, which they carry.
 * @param port Our listener's.
 * @param dualStack IPv6 reaches it, too.
 * @param localAddresses Asked for this machine's addresses if all of them are listened at.
 */
[[nodiscard]] std::vector<protocol::StreamHost> ownHosts( const Options& options, Privacy privacy, const gloox::JID& local, std::uint16_t port,
                                                          bool dualStack, const std::function<std::vector<net::Address>()>& localAddresses );

} // namespace simultiple::methods
