// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include "methods/method.h"
#include "net/eventloop.h"
#include "session/session.h"

#include <cstddef>
#include <deque>
#include <list>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace simultiple::session
{

/**
 * All sessions of one client by their key (GEN-2), and the tombstones of those that ended (CLS-9). Bounded by SEC-13 and SEC-14.
 */
class SessionTable final
{
  public:
    SessionTable( net::EventLoop& loop, const Options& options, bool component );

    /** @return The key under which a session or tombstone is kept; those of one peer stand together. The role is not part of it: GEN-9 allows one
        session for a key. */
    [[nodiscard]] static std::string key( const gloox::JID& local, const gloox::JID& peer, const std::string& sid );

    /** SEC-13. @return The limit that one more session with @a peer would break; empty if none. */
    [[nodiscard]] std::string full( const gloox::JID& peer ) const;

    Session& add( std::unique_ptr<Session> session );
    /** @return The live session, or null. */
    [[nodiscard]] Session* find( const std::string& key ) const;
    [[nodiscard]] bool hasTomb( const std::string& key ) const { return m_tombs.count( key ) > 0; }
    /** @return Whether there is a tombstone of a session that had notes in this namespace (PCU-8). */
    [[nodiscard]] bool tombNotes( const std::string& key, const std::string& ns ) const;
    /** @return Whether there is one of a session in which a note of this name asks whether it is still there (PCU-8). */
    [[nodiscard]] bool tombAsked( const std::string& key, const std::string& name ) const;
    struct LateNote
    {
      std::string profile;
      const SIProfileMultipleHandler* handler;   ///< Only to be compared: it may be gone
    };
    /** PCU-8, PCU-10. @return Whose session the tombstone is of, if one more of its notes may be handed on; counts it. */
    [[nodiscard]] std::optional<LateNote> takeLateNote( const std::string& key );
    /** PCU-9. @return Our JID in a session of this profile and handler with notes, live or ended; invalid if there is none. */
    [[nodiscard]] gloox::JID localOf( const std::string& profile, const SIProfileMultipleHandler& handler, const gloox::JID& peer, const std::string& sid ) const;
    [[nodiscard]] std::deque<std::string> keys() const;   ///< Of the live sessions.
    /** @return The live sessions with this full JID. */
    [[nodiscard]] std::vector<Session*> of( const gloox::JID& peer ) const;
    /** @return Those with this stream id; on a client there is one at most. */
    [[nodiscard]] std::vector<Session*> of( const gloox::JID& peer, const std::string& sid ) const;
    [[nodiscard]] std::size_t size() const { return m_live.size(); }
    [[nodiscard]] std::size_t tombs() const { return m_tombs.size(); }   ///< For tests.

    /** @return Any of the live sessions that @a wanted says yes to, or null. */
    template<typename Wanted>
    [[nodiscard]] Session* any( const Wanted& wanted ) const
    {
      for( const auto& entry : m_live )
        if( wanted( *entry.second ) )
          return entry.second.get();
      return nullptr;
    }

    /**
     * The session has ended: a tombstone takes its place (CLS-9), if there is memory for one. The object waits for clearOneDead(), or in the
     * tombstone for a late answer (CLS-4).
     */
    void entomb( Session& session ) noexcept;
    [[nodiscard]] bool anyDead() const { return !m_dead.empty() || !m_oldTombs.empty(); }
    void clearOneDead(); ///< From the outer loop.

    void clearTombs();   ///< CLS-9: they end with the connection.

  private:
    struct Order
    {
      std::string key;
      TimePoint until;
    };

    /// CLS-9: the profile is kept for its notes alone.
    struct Tomb
    {
      std::unique_ptr<Session> late{};   ///< Usually null
      std::string profile{};
      std::string notes{};
      std::string aliveNote{};
      const SIProfileMultipleHandler* handler = nullptr;   ///< Only to be compared: it may be gone
      std::size_t notesLeft = 0;
    };

    void expire();
    void schedule();
    void countOne( const gloox::JID& peer );
    void discount( const gloox::JID& peer ) noexcept;
    [[nodiscard]] std::map<std::string, std::unique_ptr<Session>>::iterator place( const Session& session ) noexcept;

    net::EventLoop& m_loop;
    const Options& m_options;
    bool m_component;
    std::map<std::string, std::unique_ptr<Session>> m_live{};
    std::multimap<std::string, std::unique_ptr<Session>> m_dead{};   ///< Nodes of m_live: who ends needs no memory for it
    std::unordered_map<std::string, std::size_t> m_perPeer{};     ///< By bare JID
    std::unordered_map<std::string, std::size_t> m_perDomain{};
    std::map<std::string, Tomb> m_tombs{};
    std::map<std::string, Tomb> m_oldTombs{};                              ///< Answer nothing any more, and wait for clearOneDead()
    std::list<Order> m_order{};                                            ///< Oldest first
    net::Alarm m_alarm;
};

} // namespace simultiple::session
