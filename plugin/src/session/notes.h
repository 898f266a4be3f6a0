// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "airlock/airlock.h"
#include "methods/method.h"
#include "net/eventloop.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::session
{

/**
 * Notes of ours that wait for their answer (PCU-9). They live outside of the sessions, because a session often ends while its last note is
 * still under way.
 */
class Notes final
{
  public:
    static constexpr std::size_t MaxWaiting = 256;   ///< Above, the oldest counts as unanswered; with as many again in one turn, nothing is sent.

    /** @param bury Destroys something from the outer loop. */
    Notes( airlock::Airlock& airlock, net::EventLoop& loop, const Options& options, std::function<void( std::shared_ptr<void> )> bury );
    ~Notes();   ///< Without a callback.
    Notes( const Notes& ) = delete;
    Notes& operator=( const Notes& ) = delete;

    /**
     * Sends @a note, which names its session already.
     * @param owner Whose callback it is, for silence().
     * @return false if nothing was sent; @a answered is then never called.
     */
    [[nodiscard]] bool send( const void* owner, const methods::StreamId& id, std::unique_ptr<gloox::Tag> note, std::function<void( NoteAnswer )> answered );

    void silence( const void* owner );   ///< The owner goes away: none of its callbacks is called any more.
    void disconnected();                 ///< No answer comes any more.
    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }

  private:
    class Note;
    void withdraw( Note& last );   ///< Nothing was sent.
    void expect( Note& note, std::chrono::milliseconds within );
    void finish( const Note& note, NoteAnswer answer );

    airlock::Airlock& m_airlock;
    net::EventLoop& m_loop;
    const Options& m_options;
    std::function<void( std::shared_ptr<void> )> m_bury;
    std::vector<std::shared_ptr<Note>> m_waiting{};   ///< The oldest first
    std::size_t m_givenUp = 0;                        ///< So many of them end with this turn
};

} // namespace simultiple::session
