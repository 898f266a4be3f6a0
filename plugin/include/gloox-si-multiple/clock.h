// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>

namespace simultiple
{

/// The one clock of the library's time: monotonic, so that a wall clock set back or forth changes no deadline.
using TimePoint = std::chrono::steady_clock::time_point;

/**
 * Where the library reads the time. Every wait of PROTOCOL 2.8 is measured on it (TMO-1), so a test
 * that replaces it can move time forward without sleeping.
 *
 * @par Thread
 * Called only from the thread that calls SIMultipleManager::process().
 * @since 0.1
 */
class Clock
{
  public:
    virtual ~Clock() = default;

    /** @return The present time. Must never go backwards. */
    [[nodiscard]] virtual TimePoint now() const noexcept { return std::chrono::steady_clock::now(); }
};

} // namespace simultiple
