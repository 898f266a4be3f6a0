// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "soak/party.h"
#include "soak/stage.h"

#include "net/fd.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace simultiple::soak
{

/**
 * Strangers who mean harm, or are broken: each a new JID that offers and then does what it should not, or says things that concern no session
 * of its own. What they get is an answer for each request, once (GEN-1); that each is the right one is for other tests to look at.
 */
class Crowd final
{
  public:
    Crowd( Stage& stage, const std::string& bot, Party& party, const std::string& domain );

    void setVictim( std::function<std::string()> sid ) { m_victim = std::move( sid ); }   ///< Of a session that is somebody else's
    void act();                     ///< One of them does something.
    void overhear( const std::string& xml );   ///< Anything that was delivered to the bot.
    /** @return Whether it was for one of them. */
    [[nodiscard]] bool takes( const std::string& to, const std::string& xml );
    void disconnected() { m_asked.clear(); }   ///< Nobody answers any more.
    void work();                    ///< Their sockets

    // For the Director
    void offered( const Offer& offer );
    void ended( const gloox::JID& peer );

    [[nodiscard]] std::size_t live() const { return m_strangers.size() + m_connections.size(); }
    [[nodiscard]] bool looksUpNames() const { return m_lookups > 0; }
    void checkRest();

    std::size_t stanzas = 0;
    std::size_t sessions = 0;

  private:
    enum class Manner { Silent, Refused, Mute, Unknown, InBand, WrongOrder, NotBase64, TooLarge, Garbage, Closes, Hangs, Leaves, OffersTwice, Count };
    struct Stranger
    {
      Manner manner;
      std::string sid;
      unsigned step = 0;
    };

    void say( const std::string& from, const std::string& type, const std::string& payload );
    void raw( const std::string& xml );
    void offer();
    void meddle();
    void repeat( const std::string& xml, const std::string& from );
    void connect();
    void proceed( const std::string& jid, Stranger& stranger );
    [[nodiscard]] std::string newId() { return "c" + std::to_string( ++m_made ); }
    [[nodiscard]] std::string newJid() { return "s" + std::to_string( ++m_made ) + "@" + m_domain + "/x"; }

    Stage& m_stage;
    const std::string m_bot;
    Party& m_party;
    const std::string m_domain;
    std::function<std::string()> m_victim{};
    std::size_t m_made = 0;
    std::size_t m_lookups = 0;
    std::unordered_map<std::string, Stranger> m_strangers{};   ///< By JID
    std::unordered_set<std::string> m_asked{};                 ///< Ids of requests without an answer yet
    std::deque<std::string> m_heard{};
    net::Fd m_nobody;                                          ///< A port at which nobody listens
    net::Fd m_mute;                                            ///< One at which somebody listens who says nothing
    std::deque<net::Fd> m_held{};
    std::unordered_map<int, net::Fd> m_connections{};
};

} // namespace simultiple::soak
