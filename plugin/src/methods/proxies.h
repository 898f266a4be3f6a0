// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include "airlock/airlock.h"
#include "methods/bothosts.h"
#include "net/eventloop.h"
#include "protocol/s5b.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace simultiple::net
{
class HostFilter;
}

namespace simultiple::methods
{

/// A SOCKS5 proxy that we may offer and connect to (SEC-10).
struct Proxy
{
  protocol::StreamHost host;
  bool configured = false;   ///< The bot's owner named its address: taken as it is.
};

/**
 * The proxies this client knows: from its options, and from its own server by service discovery, asked once per connection. Every
 * question has the same deadline; an answer after it is ignored.
 */
class Proxies final : private airlock::Tenant
{
  public:
    static constexpr std::size_t MaxItems = 32;     ///< Entries of disco#items that are asked.
    static constexpr std::size_t MaxProxies = 8;
    static constexpr std::chrono::seconds Patience{ 5 };

    Proxies( airlock::Airlock& airlock, net::EventLoop& loop, const Options& options, const BotHosts& bot, const net::HostFilter& filter );
    ~Proxies() override;
    Proxies( const Proxies& ) = delete;
    Proxies& operator=( const Proxies& ) = delete;

    void ask();      ///< Once per connection; further calls do nothing, nor do those without one.
    void forget();   ///< On disconnect.
    /** Calls @a done once nothing is being asked any more; at most one for each @a who. Only while asking(). */
    void wait( const void* who, std::function<void()> done );
    void stopWaiting( const void* who ) { m_waiting.erase( who ); }

    /** @return Those the bot named, then configured ones, then those asked for and discovered; each host and port once. */
    [[nodiscard]] std::vector<Proxy> known() const;
    /** @return Whether questions are still open, so that waiting a moment may bring a proxy. */
    [[nodiscard]] bool asking() const { return m_open > 0; }
    /** Some proxy may turn up, or is known. */
    [[nodiscard]] bool any() const { return asking() || !known().empty(); }
    /** @return Whether one of the known ones has exactly this host and port (SEC-16, `proxy-only`). */
    [[nodiscard]] bool isKnown( const std::string& host, std::uint16_t port ) const;

  private:
    [[nodiscard]] const gloox::JID& local() const override { return m_local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_server; }
    bool handleAnswer( const std::string& kind, const gloox::Tag& iq ) override;

    void askFor( const char* kind, const std::string& ns, const gloox::JID& whom );
    void handleItems( const gloox::Tag& iq );
    void handleInfo( const gloox::Tag& iq );
    void handleAddress( const gloox::Tag& iq );
    void finished();

    airlock::Airlock& m_airlock;
    const Options& m_options;
    const BotHosts& m_bot;
    const net::HostFilter& m_filter;
    gloox::JID m_local{};
    gloox::JID m_server{};
    net::Alarm m_patience;
    std::size_t m_open = 0;
    bool m_asked = false;
    struct Waiting
    {
      std::function<void()> done;
      std::shared_ptr<net::Duty> duty;
    };
    net::EventLoop& m_loop;
    std::unordered_map<const void*, Waiting> m_waiting{};
    std::vector<Proxy> m_found{};
};

} // namespace simultiple::methods
