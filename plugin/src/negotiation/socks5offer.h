// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/timeouts.h>

#include <string>
#include <vector>

namespace simultiple::negotiation
{

/**
 * The sender's S5B part of PROTOCOL 3.1: rows ST-S-9 to ST-S-11 and ST-S-15 to ST-S-28. Pure, one object per query.
 *
 * state \ event | answerSelf              | answerProxy | bogus, error | linked       | proxyDialled | activated | timer
 * --------------+-------------------------+-------------+--------------+--------------+--------------+-----------+------------
 * Query         | linked: Done 15, Link 16| Proxy 17    | Failed 18-20 | (remembered) | -            | -         | Failed 21
 * Link          | -                       | -           | -            | Done 23      | -            | -         | Failed 24
 * Proxy         | -                       | -           | -            | dropped      | Activate 25  | -         | Failed 26
 * Activate      | -                       | -           | -            | dropped      | -            | Done 27   | Failed 28
 * Done, Failed  | -                       | -           | -            | -            | -            | -         | -
 */
class Socks5Offer final
{
  public:
    enum class State { Idle, Query, Link, Proxy, Activate, Done, Failed };

    struct Action
    {
      enum class Do
      {
        SendQuery,     ///< W-9, with the streamhosts there are (none: S5B-4). The DST.ADDR is registered first (S5B-1).
        StartTimer,    ///< @a timer
        StopTimer,     ///< @a timer
        DropLink,      ///< S5B-7: close the connection R may have made to us.
        ConnectProxy,  ///< S5B-7: dial the proxy the answer named.
        SendActivate,  ///< W-13.
        CommitDirect,  ///< NEG-10: the accepted connection is the stream.
        CommitProxy,   ///< NEG-10: the activated connection is the stream.
        Fail           ///< @a reason; @a peerUnreachable by NEG-7.
      };
      Do what;
      Timer timer = Timer::SS5B;
      std::string reason{};
      bool peerUnreachable = false;
    };
    using Actions = std::vector<Action>;

    /** ST-S-9, 10, 11. @param last Nothing follows in the list: without hosts the method fails at once (S5B-4). */
    [[nodiscard]] Actions start( bool haveHosts, bool last );

    /** W-10 naming our own JID: ST-S-15, 16. */
    [[nodiscard]] Actions answerSelf();
    /** W-11 naming a proxy that we offered: ST-S-17. */
    [[nodiscard]] Actions answerProxy();
    /** S5B-8: ST-S-18. @param reason For people. */
    [[nodiscard]] Actions answerBogus( const std::string& reason );
    /** ST-S-19, 20. */
    [[nodiscard]] Actions answerError( const std::string& condition, bool peerUnreachable );

    /** Our server holds an accepted connection: remembered, or ST-S-23; dropped if the peer chose a proxy (S5B-7). */
    [[nodiscard]] Actions linked();
    /** S5B-10: that connection broke before the answer. Never a failure by itself (ST-S-22); W-10 is bogus from now on. */
    [[nodiscard]] Actions linkBroken();

    /** ST-S-25. */
    [[nodiscard]] Actions proxyDialled();
    /** ST-S-26, and ST-S-28 when the socket breaks later. */
    [[nodiscard]] Actions proxyFailed( const std::string& reason );
    /** W-14: ST-S-27. */
    [[nodiscard]] Actions activated();
    /** W-15: ST-S-28. */
    [[nodiscard]] Actions activationRefused( const std::string& condition );

    /** T-S-S5B, T-S-LINK, T-S-PROXY (SProxyAll), T-S-ACT. A stale one is ignored (TMO-6). */
    [[nodiscard]] Actions timer( Timer timer );

    [[nodiscard]] State state() const noexcept { return m_state; }

  private:
    Actions fail( Actions actions, const std::string& reason, bool peerUnreachable = false );

    State m_state = State::Idle;
    bool m_haveHosts = false;
    bool m_linked = false;
    bool m_broken = false;   ///< S5B-9: the one connection that this DST.ADDR admits came and went.
};

} // namespace simultiple::negotiation
