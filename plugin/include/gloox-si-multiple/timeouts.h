// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace simultiple
{

/// The timers of PROTOCOL 2.8, in the order of its table.
enum class Timer
{
  SOffer,    ///< T-S-OFFER: offer sent to answer.
  SNext,     ///< T-S-NEXT: method failed to next opening.
  SS5B,      ///< T-S-S5B: S5B query to answer. Unset, it is max( 60 s, 10 s for each streamhost + 10 s ).
  SLink,     ///< T-S-LINK: an answer names us and nobody has connected yet.
  SProxy,    ///< T-S-PROXY: one address of the proxy, connect and handshake.
  SProxyAll, ///< T-S-PROXY, all addresses of the proxy together.
  SAct,      ///< T-S-ACT: activation to its answer.
  SIbb,      ///< T-S-IBB: in-band open to its answer.
  STotal,    ///< T-S-TOTAL: answer to the offer to commit.
  RApp,      ///< T-R-APP: offer to the application's decision.
  RNext,     ///< T-R-NEXT: waiting for an opening.
  RHost,     ///< T-R-HOST: one streamhost; name, TCP and handshake together.
  RHostTcp,  ///< T-R-HOST, the TCP connection alone while an untried streamhost remains.
  RStagger,  ///< T-R-STAGGER: start of one streamhost to start of the next of another JID.
  RS5B,      ///< T-R-S5B: one S5B query.
  RGrace,    ///< T-R-GRACE: a tentative S5B stream ended without payload.
  RFirst,    ///< T-R-FIRST: positive answer to first payload, if the sender speaks first.
  RHold,     ///< T-R-HOLD: how long we hold back our own first byte on a proxied stream.
  RTotal,    ///< T-R-TOTAL: acceptance to an open stream.
  Close,     ///< T-CLOSE: our in-band close to its answer.
  Socks,     ///< T-SOCKS: handshake of one incoming connection.
  Tomb,      ///< T-TOMB: life of a tombstone.
  Note,      ///< T-NOTE: a profile's note to its answer (PCU-9).
  Remember   ///< T-REMEMBER: life of what is remembered of a streamhost (S5B-21, S5B-22).
};

inline constexpr std::size_t TimerCount = static_cast<std::size_t>( Timer::Remember ) + 1;

/** @return The timer's name in PROTOCOL 2.8, such as `T-S-OFFER`. Static storage. */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT const char* timerName( Timer timer ) noexcept;

/** @return The timer named @a name (case-insensitive, `T-` may be left out), or nothing. */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::optional<Timer> timerFromName( std::string_view name ) noexcept;

/**
 * How long each wait may take. Starts out with the defaults of PROTOCOL 2.8 (TMO-1).
 * A plain value; copy it freely.
 * @since 0.1
 */
class GLOOX_SI_MULTIPLE_EXPORT Timeouts
{
  public:
    using Duration = std::chrono::milliseconds;

    Timeouts() noexcept;

    /** @return The timer's duration. Zero means "no limit" for T-S-OFFER, T-R-APP and T-R-FIRST only. */
    [[nodiscard]] Duration get( Timer timer ) const noexcept { return m_values[static_cast<std::size_t>( timer )]; }

    /** Sets @a timer to @a value (milliseconds; negative counts as zero, more than 365 days as 365 days). */
    void set( Timer timer, Duration value ) noexcept;

    /**
     * T-S-S5B for a query that lists @a streamhosts hosts.
     * @return The value set, or max( 60 s, 10 s x streamhosts + 10 s ) if none was set.
     */
    [[nodiscard]] Duration s5bAnswer( std::size_t streamhosts ) const noexcept;

    /**
     * Checks TMO-1 and TMO-2.
     * @return Empty if the set is sound, otherwise one sentence that says what is wrong.
     */
    [[nodiscard]] std::string problem() const;

  private:
    std::array<Duration, TimerCount> m_values;
    bool m_s5bSet = false;
};

} // namespace simultiple
