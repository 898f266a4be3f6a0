// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/eventloop.h"
#include "net/fd.h"

#include <gloox-si-multiple/options.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace simultiple::net
{

/// Who waits for a connection with a certain DST.ADDR.
class LinkHandler
{
  public:
    virtual ~LinkHandler() = default;
    /** A client completed the handshake with our DST.ADDR. Called from the event loop, at most once per registration (S5B-9). Any method of the listener, and its destruction, is allowed in it. @param early What it sent at once. */
    virtual void handleLink( Fd fd, std::string early ) = 0;
};

/**
 * The one SOCKS5 server of all sessions (NEG-42): listens only while a DST.ADDR is registered (SEC-17) or from listen() on, also if the
 * options fix the port; never blocks, survives strangers. A free port is drawn anew each time: add() first, then ask for port().
 */
class Socks5Listener final
{
  public:
    Socks5Listener( EventLoop& loop, const ListenOptions& options, std::chrono::milliseconds handshakeTime );
    ~Socks5Listener();
    Socks5Listener( const Socks5Listener& ) = delete;
    Socks5Listener& operator=( const Socks5Listener& ) = delete;

    /**
     * S5B-1. Starts listening if need be.
     * @return false if @a dstAddr is registered already (SEC-5) or we cannot listen: see problem().
     */
    [[nodiscard]] bool add( const std::string& dstAddr, LinkHandler& handler );
    /** NEG-5: later clients get status 02. Harmless if absent. Stops listening with the last one; pending handshakes are closed then. */
    void remove( const std::string& dstAddr );
    [[nodiscard]] bool has( const std::string& dstAddr ) const;

    /** Binds (so that port() is known) without registering anything, until the next remove() leaves nothing registered. @return false: see problem(). */
    [[nodiscard]] bool listen();
    /** @return 0 while not listening. */
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const std::string& problem() const;
    /** @return Whether IPv6 clients can connect, too. */
    [[nodiscard]] bool dualStack() const;

  private:
    struct Private;
    std::shared_ptr<Private> d;
};

} // namespace simultiple::net
