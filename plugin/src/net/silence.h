// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <chrono>
#include <optional>

namespace simultiple::net
{

/** @return Bytes that the peer's TCP has not acknowledged, or that were not sent yet; our end of file counts as one. Nothing if the kernel does not say. */
[[nodiscard]] std::optional<int> unacknowledged( int fd );

/**
 * S5B-19: how long the peer's TCP has owed an answer. Not TCP_USER_TIMEOUT: that ends a connection whose window has been shut for so long, too, though
 * the peer answers each time it is asked whether it still is.
 */
class Silence final
{
  public:
    /// What the kernel knows of a connection.
    struct Look
    {
      bool pending = false;                  ///< Something has not been acknowledged, or not been sent yet.
      bool unanswered = false;               ///< Something was sent, data or a question about the window, and there was no answer yet.
      std::chrono::milliseconds heard{ 0 };  ///< Since the last answer.
    };
    [[nodiscard]] static Look lookAt( int fd );

    explicit Silence( std::chrono::milliseconds limit ) : m_limit( limit ) {}

    /** To be told of each look. @return Whether there has been no answer for the limit; a look at its beginning is part of that. */
    [[nodiscard]] bool tooLong( const Look& look, TimePoint now );
    /** @return How often it is worth looking. */
    [[nodiscard]] std::chrono::milliseconds interval() const { return m_limit / 8; }

  private:
    std::chrono::milliseconds m_limit;
    std::optional<TimePoint> m_since{};  ///< Since this look nothing was heard.
};

} // namespace simultiple::net
