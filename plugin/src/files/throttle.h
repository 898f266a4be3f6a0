// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <chrono>
#include <cstdint>

namespace simultiple::files
{

/**
 * So many bytes per second and no more: a bucket that fills with time and holds a tenth of a second's worth, at least SmallestBurst. Pure: time is passed in.
 */
class Throttle final
{
  public:
    static constexpr std::uint64_t SmallestBurst = 4096;

    /** @param bytesPerSecond 0: no limit. */
    void setRate( std::uint64_t bytesPerSecond, TimePoint now );

    /** @return Bytes that may move now. Once there are none, none until half a burst is there: who asks in a loop is to get out of it. */
    [[nodiscard]] std::uint64_t allowance( TimePoint now );

    /** @a bytes have moved; more than the allowance is taken from what comes. */
    void take( std::uint64_t bytes );

    /** @return How long until there is a whole burst again; zero if something may move now. Ask after allowance(). */
    [[nodiscard]] std::chrono::milliseconds wait() const;

  private:
    [[nodiscard]] double burst() const;

    double m_rate = 0;   ///< Bytes per second; 0: no limit
    double m_bytes = 0;  ///< In the bucket; negative: overdrawn
    bool m_empty = false; ///< It was, and is filling
    TimePoint m_filled{};
};

} // namespace simultiple::files
