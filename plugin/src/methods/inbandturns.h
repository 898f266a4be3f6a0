// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "methods/inbandwindow.h"
#include "net/eventloop.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace simultiple::methods
{

/**
 * Whose block is next on the XMPP connection, which all in-band streams share with the bot's own stanzas (IBB-17). However many streams there are,
 * no more than one window of blocks, and no more bytes than a socket surely takes, is on its way to the server at once; the streams take turns.
 *
 * A server works on one client's stanzas in their order. So blocks have running numbers across all streams, and an acknowledgement, whoever
 * gave it, proves that the server has taken every block up to that one: only those after it count. A peer that keeps its acknowledgements
 * back (IBB-9) holds up itself and nobody else. If nobody acknowledges anything, one more block leaves from time to time (IBB-18). All of it costs
 * the same whether there is one stream or a thousand.
 */
class InBandTurns final
{
  public:
    /// A block on its way.
    struct Ticket
    {
      std::uint64_t number = 0;   ///< From 1, across all streams.
      std::uint64_t bytes = 0;    ///< Sent by all streams, this block included.
      TimePoint sent{};
    };

    /// A stream with blocks to send. Leaves before it goes.
    class Rider
    {
      public:
        virtual ~Rider() = default;
        [[nodiscard]] virtual std::size_t nextBlock() const = 0;  ///< The size of the next one in bytes; 0: none now.
        /** Sends it, no more than @a most bytes of it, and calls board() first. @return Whether it wants another turn. May leave from inside. */
        virtual bool sendBlock( std::size_t most ) = 0;

      private:
        friend class InBandTurns;
        std::optional<std::list<Rider*>::iterator> m_place{};
        std::shared_ptr<net::Duty> m_duty{};   ///< In whose name its blocks are sent
    };

    /**
     * @param window Options::inBand.window.
     * @param room How many bytes the connection takes without blocking; the largest number if nobody knows.
     */
    InBandTurns( net::EventLoop& loop, std::size_t window, std::function<std::size_t()> room );

    void wants( Rider& rider );    ///< Waits for its turn, which may be now. Once is enough until sendBlock() is called.
    void leave( Rider& rider );    ///< Waits no more. Its blocks count until an acknowledgement proves that they are gone.
    [[nodiscard]] Ticket board( std::size_t bytes );
    void acknowledged( const Ticket& ticket );
    /** @return A ticket for a stanza of another kind, sent now: its answer proves as much as an acknowledgement. */
    [[nodiscard]] Ticket mark() const { return { m_newest, m_newestBytes, m_loop.now() }; }
    /** Nobody will acknowledge what a stream has sent, up to @a newest, because it has gone: the others need not wait for that. Calls nothing back. */
    void lost( const Ticket& newest );
    void reset();                  ///< The connection is lost, and all blocks with it.

    void received() { m_received = m_loop.now(); }   ///< A block has come in.
    /** @return Whether blocks are coming in just now (IBB-19). */
    [[nodiscard]] bool receiving() const { return m_received && m_loop.now() - *m_received < std::chrono::seconds( 1 ); }

    [[nodiscard]] std::size_t window() const noexcept { return m_window.size(); }                            ///< For tests.
    [[nodiscard]] std::size_t underWay() const noexcept { return static_cast<std::size_t>( m_newest - m_taken ); } ///< For tests.

  private:
    enum class Verdict { Go, Probe, Full, NoRoom };

    void run();
    void runAll();
    [[nodiscard]] Verdict verdict( std::size_t block, std::size_t& fits ) const;   ///< @param fits Receives how much of it may go.
    [[nodiscard]] std::chrono::milliseconds probeAfter() const;
    void comeBack( std::chrono::milliseconds after );

    net::EventLoop& m_loop;
    std::size_t m_most;
    InBandWindow m_window;
    std::size_t m_mostBytes;
    std::function<std::size_t()> m_room;
    std::list<Rider*> m_waiting{};
    bool m_running = false;

    std::uint64_t m_newest = 0;       ///< Number of the newest block sent
    std::uint64_t m_newestBytes = 0;
    std::uint64_t m_taken = 0;        ///< The server has it, and all before
    std::uint64_t m_takenBytes = 0;
    std::chrono::milliseconds m_took{ 0 };  ///< How long the newest proof was on its way
    TimePoint m_progress{};           ///< When something was proven, or a probe left
    unsigned m_probes = 0;            ///< Since then
    std::optional<TimePoint> m_received{};
    net::Alarm m_alarm;
    TimePoint m_alarmAt{};
};

} // namespace simultiple::methods
