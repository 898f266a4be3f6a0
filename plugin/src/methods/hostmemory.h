// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace simultiple::methods
{

/**
 * What worked and what failed with a peer lately, host by host (S5B-21, S5B-22). A hint only: it forgets after a while and when it is full.
 *
 * Half of what it hears is the word of peers, so each peer has entries of its own and not many of them: nobody can make us avoid or forget
 * another's hosts. Pure: the time is passed in.
 */
class HostMemory final
{
  public:
    static constexpr std::size_t MaxPerPeer = 16;   ///< Twice what one query may list; a peer's own oldest goes first.
    static constexpr std::size_t MaxHost = 255;     ///< Bytes of a host's name; no DNS name is longer, and longer ones are not remembered.

    /// Which way the connection goes. What the peer cannot reach says nothing about what we can.
    enum class Side
    {
      Offered,   ///< We list it, the peer dials.
      Dialled    ///< The peer lists it, we dial.
    };

    struct Host
    {
      Side side;
      std::string peer;          ///< Bare JID.
      std::string host;
      std::uint16_t port = 0;
    };

    /** @param most Entries in all; 0: nothing is remembered. @param expiry Since an entry was last touched. */
    HostMemory( std::size_t most, std::chrono::milliseconds expiry ) : m_most( most ), m_expiry( expiry ) {}

    void worked( const Host& host, TimePoint now ) { touch( host, now, true ); }
    void failed( const Host& host, TimePoint now ) { touch( host, now, false ); }
    void forget() { m_entries.clear(); }

    /** @return Whether the last that is known of it is that it worked. */
    [[nodiscard]] bool workedLast( const Host& host, TimePoint now ) const;
    /** @return Whether the last that is known of it is that it failed. */
    [[nodiscard]] bool failedLast( const Host& host, TimePoint now ) const { return failures( host, now ) >= 1; }
    /** @return Whether it failed twice without having worked in between, and not long ago. */
    [[nodiscard]] bool failedTwice( const Host& host, TimePoint now ) const { return failures( host, now ) >= 2; }
    [[nodiscard]] std::size_t size() const noexcept { return m_entries.size(); }

  private:
    using Key = std::tuple<std::string, std::string, std::uint16_t, Side>;   // the peer first: its entries stand together
    struct Entry
    {
      TimePoint at{};
      unsigned failures = 0;   ///< In a row; 0: it worked.
    };
    using Entries = std::map<Key, Entry>;

    [[nodiscard]] static Key key( const Host& host ) { return { host.peer, host.host, host.port, host.side }; }
    [[nodiscard]] const Entry* find( const Host& host, TimePoint now ) const;
    [[nodiscard]] unsigned failures( const Host& host, TimePoint now ) const;
    [[nodiscard]] bool expired( const Entry& entry, TimePoint now ) const { return now - entry.at >= m_expiry; }
    void touch( const Host& host, TimePoint now, bool worked );
    void makeRoom( const std::string& peer, TimePoint now );

    std::size_t m_most;
    std::chrono::milliseconds m_expiry;
    Entries m_entries{};
};

} // namespace simultiple::methods
