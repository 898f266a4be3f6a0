// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace simultiple::files
{

/// How fast a count has been growing over the last few seconds. Pure: time is passed in.
class RateMeter final
{
  public:
    /** Begins at @a bytes. */
    void start( std::uint64_t bytes, TimePoint now );
    /** The count is @a bytes now. */
    void update( std::uint64_t bytes, TimePoint now );

    [[nodiscard]] std::uint64_t rate() const; ///< Bytes per second.
    /** @return How long @a bytes more will take; nothing if nothing moves. */
    [[nodiscard]] std::optional<std::chrono::seconds> left( std::uint64_t bytes ) const;

  private:
    double m_rate = 0;
    std::uint64_t m_bytes = 0;
    TimePoint m_at{};
    bool m_known = false;
};

} // namespace simultiple::files
