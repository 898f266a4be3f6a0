// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/scripted.h"

#include <gloox/tag.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

/**
 * A server in memory. It joins real clients and components: what one of them sends waits in one queue, gets its `from`, and is delivered
 * a stanza at a time by step() or run(), so the order between each pair is kept and a test can stop between any two.
 * It answers disco for its own domain and for the domains of its clients, and `service-unavailable` for whom it does not know.
 * Declare it before whatever uses its clients.
 */
class Hub final
{
  public:
    using Filter = std::function<bool( std::string& xml )>;
    using Entity = std::function<std::string( const gloox::Tag& stanza )>;

    explicit Hub( std::string domain = "hub" );
    ~Hub();
    Hub( const Hub& ) = delete;
    Hub& operator=( const Hub& ) = delete;

    // ---- who is there
    /** A logged-in client; it stays the hub's. */
    ScriptedClient& join( const std::string& fullJid );
    /** A component for all addresses of a domain. */
    ScriptedComponent& joinComponent( const std::string& domain );
    /** Somebody without a client: gets each stanza, and what it returns (none, one or more stanzas, `to` included) is sent from its JID. */
    void serve( const std::string& jid, Entity entity );
    /** Lists @a jid among the server's items and answers for it as a SOCKS5 proxy at @a host and @a port; each activation succeeds if @a activate
        says so (always, if there is none). */
    void serveProxy( const std::string& jid, const std::string& host, int port, std::function<bool( const gloox::Tag& iq )> activate = {} );
    [[nodiscard]] const std::string& domain() const { return m_domain; }

    // ---- traffic
    /** Delivers the oldest stanza. @return false if there was none. */
    bool step();
    /** Delivers until the queue is empty, at most @a atMost stanzas. @return How many there were. */
    std::size_t run( std::size_t atMost = 100000 );
    [[nodiscard]] std::size_t waiting() const { return m_queue.size(); }
    /** Seen before each delivery, with `from` and `to`: may change the text, or return false to drop it (and inject() it later). */
    void setFilter( Filter filter ) { m_filter = std::move( filter ); }
    /** Queues a stanza that has its `from` and `to`, whoever is said to have sent it. */
    void inject( const std::string& xml );

    /** Everything delivered so far (after the filter), in order. */
    [[nodiscard]] const std::vector<std::string>& log() const { return m_log; }
    /** @return The delivered stanzas that contain @a text. */
    [[nodiscard]] std::vector<std::string> logged( const std::string& text ) const;
    void clearLog() { m_log.clear(); }

  private:
    void accept( const std::string& sender, bool component, const std::string& stanza );
    void deliver( const std::string& xml );
    [[nodiscard]] ScriptedEntity* find( const std::string& jid ) const;
    std::string serverReply( const gloox::Tag& stanza ) const;

    std::string m_domain;
    std::map<std::string, std::unique_ptr<ScriptedEntity>> m_entities{};   // full JIDs and component domains
    std::map<std::string, Entity> m_served{};
    std::vector<std::string> m_items{};
    std::deque<std::string> m_queue{};
    std::vector<std::string> m_log{};
    Filter m_filter{};
};

} // namespace simultiple::test
