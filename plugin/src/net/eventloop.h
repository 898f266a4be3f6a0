// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"
#include "net/roster.h"

#include <gloox-si-multiple/clock.h>

#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace simultiple::net
{

class Watch;
class Alarm;

/**
 * Our sockets and our deadlines: one epoll descriptor that a foreign loop can watch, and one ordered queue of deadlines on an
 * injected clock (DESIGN 4). Nothing here waits unless it is asked to.
 */
class EventLoop final
{
  public:
    explicit EventLoop( const Clock& clock );
    ~EventLoop();
    EventLoop( const EventLoop& ) = delete;
    EventLoop& operator=( const EventLoop& ) = delete;

    /** @return The epoll descriptor: readable when runReady() has something to do. */
    [[nodiscard]] int descriptor() const noexcept { return m_epoll.get(); }
    [[nodiscard]] TimePoint now() const noexcept { return m_clock.now(); }

    /// Whether a turn has done enough; asked after each callback. Empty: never.
    using Enough = std::function<bool()>;

    /**
     * Calls the watches whose descriptors are ready, without waiting: a round. One of them at least; those that @a enough has left over go
     * first in the next call, so that nobody waits for longer than a round. @return Whether there were any.
     */
    bool runReady( const Enough& enough = {} );
    /**
     * Fires the alarms that are due, in the order of their deadlines, one at least. TMO-3: what was ready when a deadline passed is handled
     * before it, so call this after runReady(); in the middle of a round only those fire that were due at the end of the one before. @return Whether there were any.
     */
    bool runAlarms( const Enough& enough = {} );
    /** @return The earliest deadline. */
    [[nodiscard]] std::optional<TimePoint> nextAlarm() const;

    /**
     * One buffer for all sockets, as only one of them is being read at a time: a quiet one keeps none. Whoever takes it gives it back.
     * @return Its size is what the last reader left, its content nobody's.
     */
    [[nodiscard]] std::string takeReceiveBuffer() { return std::exchange( m_receiveBuffer, {} ); }
    void giveReceiveBuffer( std::string buffer ) { m_receiveBuffer = std::move( buffer ); }

    /** Whose work is being done. Watches and alarms go on in the name in which they were started, and let no exception through. */
    [[nodiscard]] Roster& roster() noexcept { return m_roster; }
    [[nodiscard]] const Roster& roster() const noexcept { return m_roster; }

    /** @return How many descriptors are watched; for tests and leak checks. */
    [[nodiscard]] std::size_t watched() const noexcept { return m_watches.size(); }

  private:
    friend class Watch;
    friend class Alarm;
    struct Watched
    {
      std::uint32_t events;
      std::function<void( std::uint32_t )> ready;
      std::shared_ptr<Duty> duty;
    };
    struct Armed
    {
      std::function<void()> fire;
      std::shared_ptr<Duty> duty;
    };
    using Key = std::pair<TimePoint, std::uint64_t>;

    void beginRound();

    const Clock& m_clock;
    Fd m_epoll;
    std::uint64_t m_lastId = 0;
    std::unordered_map<std::uint64_t, std::shared_ptr<Watched>> m_watches{};  ///< by id, not by fd: an fd may be reused within one round
    std::vector<epoll_event> m_round{};         ///< What was ready when the round began, and room for more.
    std::size_t m_ready = 0;                    ///< So many were.
    std::size_t m_next = 0;                     ///< Into m_round: whose turn it is.
    TimePoint m_heard = TimePoint::min();       ///< When the newest round was over.
    std::string m_receiveBuffer{};
    std::map<Key, std::shared_ptr<Armed>> m_alarms{};
    Roster m_roster{};
};

/// Watches one descriptor while it lives. Does not own the descriptor. May be destroyed inside its own callback.
class Watch final
{
  public:
    /**
     * @param events EPOLLIN, EPOLLOUT; EPOLLERR and EPOLLHUP are always reported. 0: only those.
     * @param ready Called with the events that are there (level-triggered).
     */
    Watch( EventLoop& loop, int fd, std::uint32_t events, std::function<void( std::uint32_t )> ready );
    ~Watch();
    Watch( const Watch& ) = delete;
    Watch& operator=( const Watch& ) = delete;

    void want( std::uint32_t events );
    /** @return false if the kernel refused to watch the descriptor. */
    [[nodiscard]] bool valid() const noexcept { return m_valid; }

  private:
    EventLoop& m_loop;
    int m_fd;
    std::uint64_t m_id;
    std::shared_ptr<EventLoop::Watched> m_watched;
    bool m_valid = false;
};

/// One deadline. Restartable; stops when destroyed. May be destroyed or restarted inside its own callback.
class Alarm final
{
  public:
    explicit Alarm( EventLoop& loop ) : m_loop( loop ) {}
    ~Alarm() { stop(); }
    Alarm( const Alarm& ) = delete;
    Alarm& operator=( const Alarm& ) = delete;

    void start( std::chrono::milliseconds after, std::function<void()> fire );
    void stop();
    [[nodiscard]] bool running() const;

  private:
    EventLoop& m_loop;
    std::optional<EventLoop::Key> m_key{};
};

} // namespace simultiple::net
