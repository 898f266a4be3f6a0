// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/clientbase.h>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace simultiple::session
{

/// What we added to the client's service discovery, and nothing else (ADV-1, ADV-7). gloox counts nothing: a feature added twice is listed twice, and one
/// removal takes both (GLOOX-NOTES 13b), so what the bot has is left alone, also what it comes to have or loses while we are there.
class Features final
{
  public:
    explicit Features( gloox::ClientBase& client ) : m_client( client ) {}
    ~Features() { set( {} ); }
    Features( const Features& ) = delete;
    Features& operator=( const Features& ) = delete;

    /** Makes @a wanted our contribution. @return Whether anything changed. */
    bool set( const std::set<std::string>& wanted );
    /**
     * Puts right what the bot's own objects have done to what we wanted since; each feature is listed once again, whoever did it. Costs next to nothing
     * as long as nobody has done anything, which is looked at in two places only; an exchange that shows in neither is found some turns later.
     */
    void repair();
    /** ADV-6: contacts learn of the change through the entity capabilities in our presence. */
    void announce();

  private:
    static constexpr unsigned LookAnyway = 64;   ///< Every so many calls of repair().

    /// At gloox's list. What is added to it comes last.
    struct Look
    {
      std::size_t size = 0;
      std::string last{};
      bool operator==( const Look& other ) const { return size == other.size && last == other.last; }
    };

    gloox::ClientBase& m_client;
    void putRight();
    void add( const std::string& feature );
    void take( const std::string& feature );   ///< One of it: ours.
    [[nodiscard]] std::ptrdiff_t listed( const std::string& feature ) const;

    std::set<std::string> m_wanted{};
    std::set<std::string> m_added{};

    Look m_right{};                    ///< How it looked when all was right.
    unsigned m_skipped = LookAnyway;   ///< Calls of repair() since
};

} // namespace simultiple::session
