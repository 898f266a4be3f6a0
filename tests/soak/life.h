// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "soak/crowd.h"
#include "soak/party.h"
#include "soak/stage.h"
#include "soak/talks.h"
#include "soak/transfers.h"
#include "support/hub.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace simultiple::soak
{

/// What can be measured from outside.
struct Gauge
{
  std::size_t heap = 0;          ///< Bytes in use; 0 if the C library cannot tell.
  long resident = 0;             ///< KiB
  std::size_t descriptors = 0;
  std::size_t threads = 0;
};
[[nodiscard]] Gauge gauge();

/**
 * A bot's life, hour by hour: a client with the plugin and its default limits, a component with thousands of JIDs to talk with, files both ways,
 * strangers, and connections that break. In memory but for SOCKS5, which goes over loopback, and for the files. The time is simulated: it stands still as long as
 * anything moves, then goes on to the next thing that somebody waits for.
 */
class Life final : private Director
{
  public:
    explicit Life( std::uint32_t seed );
    ~Life() override;

    /** So many sessions begin within the time. */
    void live( std::size_t sessions, std::chrono::minutes time );
    /** Nobody begins anything; what there is comes to its end, and is forgotten. */
    void rest();
    /** The plugin is switched off, and leaves nothing on the client. */
    void end();

    /// The most there was since the last time.
    struct Peak
    {
      std::size_t sessions = 0;
      std::size_t tombs = 0;
      std::size_t descriptors = 0;
    };
    [[nodiscard]] Peak takePeak() { return std::exchange( m_peak, {} ); }

    Stage stage;

  private:
    // Director
    void offered( Party& party, const Offer& offer ) override;
    bool accepted( Party& party, const std::string& sid ) override;
    void opened( Party& party, const std::shared_ptr<MultiBytestream>& stream ) override;
    void data( Party& party, MultiBytestream& stream, const std::string& bytes ) override;
    void ended( Party& party, const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text ) override;

    [[nodiscard]] bool passes( std::string& xml );
    void begin();                 ///< Somebody begins something.
    void lose( Party& party );    ///< Its connection, for a while
    void switchOff();             ///< The plugin, for a while
    void sample();
    bool turn();
    [[nodiscard]] bool wait( int atMost );   ///< Milliseconds, real ones
    void settle();                ///< Everything that can happen without the time passing
    void passUntil( TimePoint when );

    test::Hub m_hub{ "capulet.example" };
    test::ScriptedClient& m_client;
    test::ScriptedComponent& m_component;
    Talks m_talks;
    Party m_bot;
    Party m_other;
    Transfers m_transfers;
    Crowd m_crowd;
    Peak m_peak{};

  public:
    std::size_t cuts = 0;
    [[nodiscard]] const Party& bot() const { return m_bot; }
    [[nodiscard]] const Talks& talks() const { return m_talks; }
    [[nodiscard]] const Transfers& transfers() const { return m_transfers; }
    [[nodiscard]] const Crowd& crowd() const { return m_crowd; }
    [[nodiscard]] std::size_t sessions() const { return m_bot.begun + m_transfers.sessions; }   ///< Of the bot, so far
};

} // namespace simultiple::soak
