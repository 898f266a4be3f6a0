// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/address.h"
#include "net/eventloop.h"
#include "net/fd.h"
#include "net/resolver.h"
#include "net/socks5.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::net
{

/// One streamhost to try.
struct DialTarget
{
  std::string jid;         ///< Prepared; hosts with the same one share a listener (S5B-11 a).
  std::string host;
  std::uint16_t port = 0;
  bool ofPeer = false;     ///< The JID is the peer's own: SEC-6, and S5B-11 (b).
};

struct DialOptions
{
  std::chrono::milliseconds perHost{ 8000 };   ///< T-R-HOST / T-S-PROXY: name, TCP and handshake together.
  std::chrono::milliseconds tcp{ 3000 };       ///< T-R-HOST, TCP alone while an untried host or address remains; T-S-PROXY per address. 0: no own limit.
  std::chrono::milliseconds stagger{ 300 };    ///< T-R-STAGGER. 0: strictly one after the other.
  std::size_t addressesPerName = 4;            ///< SEC-7
  const HostFilter* filter = nullptr;          ///< Null: everything is allowed (our own proxies, SEC-10). Not owned.
};

/// What a Dialer tells. Called from the event loop, never from inside start(). Deleting the dialer is allowed in every method, and in the filter's.
class DialHandler
{
  public:
    virtual ~DialHandler() = default;
    virtual void handleDialStarted( std::size_t target ) = 0;
    virtual void handleDialFailed( std::size_t target, const std::string& reason, std::chrono::milliseconds took ) = 0;
    /** The first that completed the handshake; all others are closed already. @param early Payload that came with the reply (S5B-15). */
    virtual void handleDialed( std::size_t target, Fd fd, std::string early, std::chrono::milliseconds took ) = 0;
    /** Every target failed; each was told before. */
    virtual void handleDialExhausted() = 0;
};

/**
 * Connects to the first streamhost that answers: non-blocking, staggered by S5B-11, each with its own deadline (S5B-12), the address
 * checked after its only look-up (SEC-6, SEC-7). Sends nothing beyond the greeting to a host that has not
 * answered `05 00` (SEC-8). The socket handed over is non-blocking and close-on-exec.
 */
class Dialer final
{
  public:
    Dialer( EventLoop& loop, Resolver& resolver, DialOptions options, DialHandler& handler );
    ~Dialer();   ///< Closes everything.
    Dialer( const Dialer& ) = delete;
    Dialer& operator=( const Dialer& ) = delete;

    /** Once per Dialer. No targets: handleDialExhausted() comes from the loop. */
    void start( std::vector<DialTarget> targets, const std::string& dstAddr );

    /** @return Whether a connection to the target was begun: what then failed was the network or the host, not our own rules. */
    [[nodiscard]] bool tried( std::size_t target ) const;

  private:
    struct Private;
    std::shared_ptr<Private> d;  ///< shared: kept alive on the stack while a callback runs in which we are deleted
};

} // namespace simultiple::net
