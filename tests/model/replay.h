// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "model/explorer.h"
#include "model/gate.h"
#include "model/schedule.h"
#include "support/bot.h"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace simultiple::model
{

/**
 * A trace played to two real bots: plugin, gloox, stanzas, and for S5B sockets. Whatever the trace says happens there, too; and after every event the
 * stanzas under way, what the applications heard and what became of the sessions are what the model says.
 */
class Replay final
{
  public:
    Replay( const Setup& setup, const Schedule& schedule );

    /** @return The first difference in words; empty if there is none. */
    [[nodiscard]] std::string run( const Trace& trace );

  private:
    using Queue = std::deque<std::string>;

    bool pass( std::string& xml );
    void send( bool fromS, const std::string& xml );
    void bounce( bool toS, const std::string& request );
    void disconnect( bool s );
    void hearsGone( bool s );
    void settle();
    void deliver( Queue& queue );
    void apply( const Event& event );
    [[nodiscard]] Say sayOf( const std::string& xml );
    [[nodiscard]] std::string compareQueue( const char* name, const Queue& real, const Pipe& pipe );
    [[nodiscard]] std::string compare();

    Setup m_setup;
    World m_world;
    std::shared_ptr<test::ManualClock> m_senderClock = std::make_shared<test::ManualClock>();
    std::shared_ptr<test::ManualClock> m_receiverClock = std::make_shared<test::ManualClock>();
    Gate m_gate{};
    test::Hub m_hub{ "capulet.example" };
    test::ScriptedClient& m_senderClient;
    test::ScriptedClient& m_receiverClient;
    std::unique_ptr<test::Bot> m_sender{};
    std::unique_ptr<test::Bot> m_receiver{};
    std::string m_sid{};
    Queue m_toS{};
    Queue m_toR{};
    bool m_passing = false;
    std::map<std::string, Say> m_requests{};   ///< By id: what an answer is about
};

} // namespace simultiple::model
