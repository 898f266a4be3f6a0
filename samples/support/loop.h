// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "connection.h"
#include "exitstatus.h"
#include "reporter.h"

#include <gloox-si-multiple/simultiplemanager.h>

#include <poll.h>

#include <chrono>
#include <functional>
#include <vector>

namespace sample
{

/**
 * Waits for the XMPP connection and for the streams; goes on with the streams alone when the connection is lost,
 * because an open SOCKS5 stream survives that (CLS-7).
 */
class Loop final
{
  public:
    Loop( Connection& connection, simultiple::SIMultipleManager& streams );

    /** @param valid Whether the program's profile is. @return Done, or Usage after the problem was told. */
    [[nodiscard]] ExitStatus enable( bool valid, Reporter& reporter );

    /** Connects and logs in, and tells who we are. @return Done, or Login after the problem was told. */
    [[nodiscard]] ExitStatus logIn( Reporter& reporter );

    /** Waits for at most 100 ms and does what there is to do. */
    void turn();

    /**
     * The same for a program with descriptors of its own: waits for all of them at once.
     * @param own What to wait for; those with a negative `fd` do not count. `revents` is filled in.
     * @param atMost How long to wait at most.
     */
    void turn( std::vector<pollfd>& own, std::chrono::milliseconds atMost );

    /** turn() until @a done says so or @a limit has passed. */
    void runFor( std::chrono::milliseconds limit, const std::function<bool()>& done );

    /** @return Whether nothing can happen any more: no connection, no session. */
    [[nodiscard]] bool dead() const;

  private:
    void waitForStreams();
    [[nodiscard]] std::chrono::milliseconds time( std::chrono::milliseconds atMost ) const;

    Connection& m_connection;
    simultiple::SIMultipleManager& m_streams;
};

} // namespace sample
