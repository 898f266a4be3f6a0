// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <chrono>

namespace simultiple::test
{

/// A clock that stands still until a test moves it.
class ManualClock final : public Clock
{
  public:
    [[nodiscard]] TimePoint now() const noexcept override { return m_now; }
    void advance( std::chrono::milliseconds by ) { m_now += by; }

  private:
    TimePoint m_now{ std::chrono::hours( 1 ) };
};

} // namespace simultiple::test
