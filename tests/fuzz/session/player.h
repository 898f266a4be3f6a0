// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "fuzz/session/app.h"
#include "fuzz/session/internet.h"
#include "fuzz/support/ledger.h"
#include "fuzz/support/program.h"
#include "support/manual_clock.h"
#include "support/scripted.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace simultiple::fuzz
{

/// Plays a program: what the peers say, what the application does, what happens in the network and with the time, in any order.
class Player final
{
  public:
    Player( test::ScriptedClient& client, const Program& program );
    ~Player();
    Player( const Player& ) = delete;
    Player& operator=( const Player& ) = delete;

    void play();

    /** Everything that can still end by itself does; nothing is left then but what lives as long as its peers want. */
    void drain();
    /** Destroys the plugin: everybody is answered, everything is closed. */
    void finish();

  private:
    using Key = std::pair<std::string, std::string>;   ///< Peer, sid

    void step( const Step& step );
    void settle();
    void checkConnection();
    void react( Heard& session );

    // ---- peers
    void peer( unsigned what, const Step& step );
    void answer( const Step& step );
    void say( const std::string& type, const Step& step, const std::string& payload, const char* fromTheGrave = nullptr );
    void feed( const std::string& stanza );
    [[nodiscard]] std::string who( std::uint8_t a ) const;
    [[nodiscard]] std::string sid( std::uint8_t b ) const;

    // ---- the application
    void act( unsigned what, const Step& step );
    void offer( const Step& step );
    void decide( const Step& step );
    void stream( unsigned what, const Step& step );
    [[nodiscard]] Heard* pick( std::uint8_t which, bool ( *fits )( const Heard& ) );

    // ---- the world
    void world( unsigned what, const Step& step );
    void advance( const Step& step );
    void lose( bool inSend );

    test::ScriptedClient& m_client;
    const Program& m_program;
    std::shared_ptr<test::ManualClock> m_clock = std::make_shared<test::ManualClock>();
    Internet m_internet{};
    Ledger m_ledger{};
    Options m_options;
    std::unique_ptr<App> m_app{};
    std::vector<std::string> m_sids{ "s0", "s1", "s2" };
    std::map<Key, unsigned> m_next{};          ///< What the peer counts its blocks with
    std::deque<Step> m_armed{};                ///< What the application does from inside its next callbacks
    std::vector<std::pair<std::string, Key>> m_opens{};   ///< In-band opens not answered yet, by id
    std::string m_lastId{}, m_lastFrom{};
    std::size_t m_ids = 0;
    int m_disconnects;
    int m_depth = 0;                           ///< Of callbacks
    std::size_t m_notesSent = 0, m_notesAnswered = 0;
    bool m_settled = true;
};

} // namespace simultiple::fuzz
