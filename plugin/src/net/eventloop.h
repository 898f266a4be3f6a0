// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"

#include <gloox-si-multiple/clock.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
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

    /** Calls the watches whose descriptors are ready, without waiting. @return Whether there were any. */
    bool runReady();
    /** Fires the alarms that are due, in the order of their deadlines (TMO-3: call it after all input was handled). @return Whether there were any. */
    bool runAlarms();
    /** @return The earliest deadline. */
    [[nodiscard]] std::optional<TimePoint> nextAlarm() const;

    /** @return How many descriptors are watched; for tests and leak checks. */
    [[nodiscard]] std::size_t watched() const noexcept { return m_watches.size(); }

  private:
    friend class Watch;
    friend class Alarm;
    using Ready = std::function<void( std::uint32_t )>;
    using Key = std::pair<TimePoint, std::uint64_t>;

    const Clock& m_clock;
    Fd m_epoll;
    std::uint64_t m_lastId = 0;
    std::unordered_map<std::uint64_t, std::shared_ptr<Ready>> m_watches{};  ///< by id, not by fd: an fd may be reused within one batch
    std::map<Key, std::shared_ptr<std::function<void()>>> m_alarms{};
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
    std::uint32_t m_events;
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
