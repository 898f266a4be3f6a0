// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace simultiple::methods
{

/**
 * How many blocks may wait for acknowledgement (IBB-16): grows with every acknowledgement, and with every round trip once it has been cut;
 * halves, once per round trip, when blocks take so much longer than the quickest did that they must be standing in a queue.
 */
class InBandWindow final
{
  public:
    explicit InBandWindow( std::size_t most, std::size_t least = 1 );

    [[nodiscard]] std::size_t size() const noexcept { return m_size; }

    /**
     * A block was acknowledged.
     * @param number Its running number.
     * @param newest The number of the newest block sent so far.
     * @param took From sending to acknowledgement.
     * @param full Whether the window held up more blocks until now; one that nobody uses does not grow.
     */
    void acknowledged( std::uint64_t number, std::uint64_t newest, std::chrono::milliseconds took, TimePoint now, bool full );

  private:
    [[nodiscard]] std::chrono::milliseconds quickest( std::chrono::milliseconds took, TimePoint now );

    std::size_t m_most;
    std::size_t m_least;
    std::size_t m_size;
    std::size_t m_threshold;       ///< Above, it grows by one per round trip.
    std::size_t m_credit = 0;      ///< Acknowledgements since it grew last.
    std::uint64_t m_cut = 0;       ///< The newest block when it was halved: those before have seen the old queue.
    std::array<std::chrono::milliseconds, 2> m_quickest;  ///< Of this period and of the one before: paths change.
    TimePoint m_period{};
};

} // namespace simultiple::methods
