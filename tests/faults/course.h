// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/bot.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

/// The ways a stream can come about.
enum class Way
{
  Direct,    ///< S5B to the sender's listener; the last of the list, so open at once on both sides
  Tentative, ///< S5B, and in-band might follow
  Proxied,   ///< S5B by a proxy, which takes what it gets and passes nothing on
  InBand,
  Fallback   ///< S5B to a host where nobody listens, then in-band
};
inline constexpr Way Ways[] = { Way::Direct, Way::Tentative, Way::Proxied, Way::InBand, Way::Fallback };
[[nodiscard]] const char* wayText( Way way );

/**
 * A transfer from romeo to juliet in steps so small that between two of them each state of both machines can be met: offered, undecided, answered, query
 * sent and received, connecting, linked, activating, tentative, in-band opening, open, closing, over. One step is one stanza delivered, or a turn of both.
 */
class Course final
{
  public:
    using Tune = std::function<void( Options& sender, Options& receiver )>;
    explicit Course( Way way, const Tune& tune = {} );
    ~Course();

    void begin();         ///< romeo offers; juliet decides in a step of its own.
    bool step();          ///< @return false if nothing moves without time going by, or it is over.
    /** So many steps. @return false if nothing moved any more before that. */
    [[nodiscard]] bool walk( int steps );
    void finish();        ///< Lets everything happen, hours included, until nobody has a session.

    [[nodiscard]] bool over() const;
    [[nodiscard]] int steps() const { return m_steps; }
    /** GEN-10 on both sides, and that nobody calls it a success if bytes are missing. */
    void checkEnds() const;
    [[nodiscard]] bool arrived() const { return juliet().received == m_payload; }
    /** The bots live: another transfer, all of it. */
    void again();
    /** No matter what was, nothing is left: no session, no listener, no watch. */
    void checkNothingLeft() const;

    [[nodiscard]] Bot& romeo() const { return *m_pair->romeo; }
    [[nodiscard]] Bot& juliet() const { return *m_pair->juliet; }
    [[nodiscard]] Pair& pair() const { return *m_pair; }
    [[nodiscard]] std::string where() const;   ///< What has been said so far, for people

  private:
    void work( Bot& bot );
    void decide();
    bool wait();

    Way m_way;
    std::string m_payload;
    std::unique_ptr<class Hosts> m_hosts;
    std::unique_ptr<Pair> m_pair;
    std::string m_sid{};
    std::size_t m_decided = 0;
    int m_steps = 0;
    std::vector<std::string> m_said{};
};

} // namespace simultiple::test
