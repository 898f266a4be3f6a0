// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/manual_clock.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace simultiple::soak
{

using std::chrono::milliseconds;

/// What everybody in the soak shares: the time, chance, what is to be done later, and what went wrong.
class Stage final
{
  public:
    explicit Stage( std::uint32_t seed ) : m_chance( seed ) {}

    [[nodiscard]] TimePoint now() const { return clock->now(); }
    [[nodiscard]] unsigned below( unsigned bound ) { return static_cast<unsigned>( m_chance() % bound ); }
    [[nodiscard]] bool oneIn( unsigned n ) { return below( n ) == 0; }
    [[nodiscard]] milliseconds between( milliseconds least, milliseconds most )
    {
      return least + milliseconds( below( static_cast<unsigned>( ( most - least ).count() + 1 ) ) );
    }

    /** To be done from the outer loop, never from inside a callback. */
    void later( milliseconds after, std::function<void()> what ) { m_agenda.emplace( now() + after, std::move( what ) ); }
    [[nodiscard]] bool nothingPlanned() const { return m_agenda.empty(); }
    [[nodiscard]] TimePoint nextPlan() const { return m_agenda.empty() ? TimePoint::max() : m_agenda.begin()->first; }
    /** Does what is due. @return Whether there was anything. */
    bool doPlanned()
    {
      bool any = false;
      for( ; !m_agenda.empty() && m_agenda.begin()->first <= now(); any = true )
      {
        const auto what = std::move( m_agenda.begin()->second );
        m_agenda.erase( m_agenda.begin() );
        what();
      }
      return any;
    }

    void wrong( const std::string& what )
    {
      if( m_wrong.size() < MostWrong )
        m_wrong.push_back( what );
    }
    [[nodiscard]] const std::vector<std::string>& wrongs() const { return m_wrong; }

    const std::shared_ptr<test::ManualClock> clock = std::make_shared<test::ManualClock>();

  private:
    static constexpr std::size_t MostWrong = 20;
    std::mt19937 m_chance;
    std::multimap<TimePoint, std::function<void()>> m_agenda{};
    std::vector<std::string> m_wrong{};
};

} // namespace simultiple::soak
