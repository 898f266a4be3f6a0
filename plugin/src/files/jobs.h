// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/helperthread.h"

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace simultiple::files
{

/// Work on whole files, away from the bot's loop: at most AtOnce pieces at a time, the others wait for their turn.
class Jobs final
{
  public:
    static constexpr std::size_t AtOnce = 2;
    using AtEnd = net::HelperThread::AtEnd;

    /// One piece of work. Destroying it forgets it: what waits is not begun, what runs is told to stop, and done() is not called.
    class Job final
    {
      public:
        ~Job();
        Job( const Job& ) = delete;
        Job& operator=( const Job& ) = delete;

      private:
        friend class Jobs;
        explicit Job( Jobs& jobs ) : m_jobs( jobs ) {}

        Jobs& m_jobs;
        std::function<void()> m_work{};
        std::function<void( const std::string& )> m_done{};
        AtEnd m_atEnd = AtEnd::Detach;
        std::shared_ptr<std::atomic<bool>> m_goOn = std::make_shared<std::atomic<bool>>( true );
        std::unique_ptr<net::HelperThread> m_thread{};
        std::unique_ptr<net::Alarm> m_failed{};
        std::shared_ptr<net::Duty> m_duty{};   ///< Whose work it is
        bool m_running = false;
    };

    explicit Jobs( net::EventLoop& loop ) : m_loop( loop ) {}

    /**
     * In the present name: a job for which there is no memory once it is its turn ends the one whose work it is (CLS-12). Nobody's waits for the next occasion.
     * @param work On a helper thread; must own what it touches. With AtEnd::Join it looks at its argument often, and ends when that is false.
     * @param done From the loop, never from inside this call, once @a work is over; may destroy the job. Its argument says why there was no thread; empty if there was.
     */
    [[nodiscard]] std::unique_ptr<Job> run( std::function<void( const std::atomic<bool>& goOn )> work, std::function<void( const std::string& problem )> done,
                                            AtEnd atEnd );

  private:
    void startNext();
    void start( Job& job );
    void leave( Job& job );

    net::EventLoop& m_loop;
    std::deque<Job*> m_waiting{};
    std::size_t m_running = 0;
};

} // namespace simultiple::files
