// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/stanza.h"
#include "protocol/stanzaerror.h"

#include <gloox/connectionbase.h>
#include <gloox/gloox.h>
#include <gloox/iq.h>
#include <gloox/jid.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace gloox
{
class BytestreamHandler;
class ClientBase;
class InBandBytestream;
class IqHandler;
class SOCKS5BytestreamManager;
class Tag;
}

namespace simultiple::net
{
class Roster;
}

namespace simultiple::airlock
{

/// Whoever has requests or gloox objects in the airlock: a method at work for one session, or the search for proxies.
class Tenant
{
  public:
    virtual ~Tenant() = default;

    [[nodiscard]] virtual const gloox::JID& local() const = 0;  ///< `from` of everything sent for it (GEN-4, CMP-1).
    [[nodiscard]] virtual const gloox::JID& peer() const = 0;

    /**
     * The answer to a request: id and sender were checked (GEN-5), and it is the only one (SI-23).
     * @param kind As given to Airlock::request(), or for what a gloox object sent: the name of the payload element
     *             (`query`, `open`, `data`, `close`), `activate` for W-13.
     * @param iq Type `result` or `error`.
     * @return Whether a gloox object is to see it, too. Ignored for requests of our own.
     */
    virtual bool handleAnswer( const std::string& kind, const gloox::Tag& iq ) = 0;

    /**
     * The gloox object has seen the answer that handleAnswer() let through. Called from outside of gloox: the place to act on what the object
     * has just told. Not called if the tenant was forgotten (Airlock::forget()) in between.
     */
    virtual void handleAnswerDone( const std::string& kind ) { (void)kind; }

    /**
     * The last look at the payload of something a gloox object says for this tenant, before it leaves; already reduced to what PROTOCOL 1.6
     * and 1.7 list. For spellings that gloox does not keep (W-10: `streamhost-used` exactly as S wrote it).
     */
    virtual void finish( gloox::Tag& payload ) { (void)payload; }

    /**
     * A gloox object asks for a connection of its own (ConnectionBase::newInstance()).
     * @return Must not say that it is connected yet. gloox takes ownership. May be null.
     */
    [[nodiscard]] virtual std::unique_ptr<gloox::ConnectionBase> makeConnection() { return nullptr; }
};

/// Who decides what is ours, and hears of it.
class GateHandler
{
  public:
    virtual ~GateHandler() = default;

    /**
     * Asked while gloox dispatches the stanza: is it ours? Must be cheap and change nothing. @a stanza.tag is not set yet, its element is
     * borrowed.
     */
    [[nodiscard]] virtual bool claims( const Stanza& stanza ) = 0;

    /** Asked likewise: does anything end when the presence of this full JID does (CLS-8)? */
    [[nodiscard]] virtual bool concerns( const gloox::JID& peer ) const = 0;

    /** @return The namespaces in which the application has elements of its own (StanzaKind::Application); null: none. */
    [[nodiscard]] virtual const std::set<std::string>* namespaces() const { return nullptr; }

    /** An `iq` of ours was put into the inbox. Called below gloox's dispatcher: nothing of the airlock may be destroyed here. */
    virtual void handleArrival() {}

    // From dispatchOne(), in the order of arrival, never from inside gloox:
    virtual void handleStanza( const Stanza& stanza ) = 0;
    virtual void handleNewStream() {}                             ///< Before handleConnected(): nothing that belongs to the last stream comes any more (CLS-9).
    virtual void handleConnected() = 0;                           ///< The bot's client has a stream and a JID.
    virtual void handleDisconnected() = 0;                        ///< It is lost (CLS-7). What is said meanwhile leaves if the stream is resumed (CLS-13).
    virtual void handleUnavailable( const gloox::JID& peer ) = 0; ///< A full JID's presence went away (CLS-8).

    /** There was no memory to take this request, of whatever kind (CLS-12). Called below gloox's dispatcher. */
    virtual void handleLost( const gloox::Tag& stanza ) noexcept { (void)stanza; }
};

/**
 * The airlock between the bot's client and gloox's bytestream objects (DESIGN 3).
 *
 * Outside, on the bot's client: one extension type, which attaches itself to our stanzas only, one IqHandler and one ConnectionListener; nothing
 * else of gloox's is registered there on our behalf. Inside: a private client that never connects, where
 * all gloox objects of our sessions live. What they send comes out of its connection, is stamped with the session's `from` and a
 * random id of ours (GEN-6), and leaves as an untracked IQ of the bot's client. What arrives is checked (GEN-3, GEN-5) before they see it.
 *
 * Everything that arrives waits in an inbox until dispatchOne(), so that none of our code runs below gloox's dispatcher and
 * nothing can be destroyed or unregistered inside its own callback.
 */
class Airlock final
{
  public:
    static constexpr std::size_t MaxInbox = 4096;           ///< Stanzas waiting; above, nothing is claimed.
    static constexpr std::size_t MaxInboxBytes = 64 << 20;  ///< The same, in memory.
    static constexpr std::size_t MaxNodes = 4096;           ///< SEC-12: elements and attributes of a stanza; Stanza::tooLarge above.

    /** @param roster Answers are dealt with in the name in which the request was made. No exception comes out of what is sent: who sends has failed. */
    Airlock( gloox::ClientBase& bot, int extensionType, GateHandler& handler, net::Roster& roster );
    ~Airlock();   ///< From the outer loop only. Every tenant must be gone. What still waits in the inbox is refused (GEN-1).
    Airlock( const Airlock& ) = delete;
    Airlock& operator=( const Airlock& ) = delete;

    /** Around every call into a gloox object of @a tenant, destructors included. What it sends leaves when the outermost scope ends. */
    class Scope final
    {
      public:
        Scope( Airlock& airlock, Tenant& tenant );
        ~Scope();
        Scope( const Scope& ) = delete;
        Scope& operator=( const Scope& ) = delete;

      private:
        friend class Airlock;
        Airlock& m_airlock;
        Tenant& m_tenant;
        Scope* m_outer;
    };

    /// Around what belongs to a stream that is lost (CLS-7): what is said in it does not leave on the next one.
    class LastWords final
    {
      public:
        explicit LastWords( Airlock& airlock );
        ~LastWords();
        LastWords( const LastWords& ) = delete;
        LastWords& operator=( const LastWords& ) = delete;

      private:
        bool& m_hushed;
        const bool m_outer;
    };

    // ---- what arrived
    [[nodiscard]] bool hasWork() const { return waiting() > 0; }
    [[nodiscard]] std::size_t waiting() const;   ///< How much dispatchOne() could hand over.
    bool dispatchOne();   ///< Hands the oldest stanza or event to its handler. @return false if there was none.
    /** @return Whether an offer with this key waits in the inbox (GEN-9). */
    [[nodiscard]] bool offerWaiting( const gloox::JID& local, const gloox::JID& peer, const std::string& sid ) const;

    // ---- speaking on the bot's client
    /** @return The bot's own JID; a component's domain. */
    [[nodiscard]] const gloox::JID& ownJid() const;
    [[nodiscard]] bool isComponent() const;
    [[nodiscard]] bool connected() const;
    /** @return How many connections were lost so far, those included that handleDisconnected() has not told of yet. */
    [[nodiscard]] std::uint64_t era() const;
    /** @return Whether what is said now waits for a stream that may be resumed, and is dropped if it is not. */
    [[nodiscard]] bool waitsForStream() const;
    /** @return How many bytes the connection surely takes without blocking; the largest number if that cannot be known. */
    [[nodiscard]] std::size_t room() const;
    /** Has the kernel send each stanza at once (IBB-20). */
    void sendAtOnce() const;
    /** Has the kernel acknowledge at once what the connection has received so far (IBB-19). */
    void hurry() const;
    /** @return Whether the bot's client is just sending something for us: what it reports meanwhile comes from below one of our sessions. */
    [[nodiscard]] bool speaking() const;
    /** For GateHandler::claims(), which is asked about an offer again once that is known: whether the bot has stream initiation of its own
        (a gloox::SIManager), since whenever. */
    [[nodiscard]] bool botDoesSi() const;
    /** GEN-5, GEN-6: sends a request of our own; the answer comes to Tenant::handleAnswer() with @a kind. @return Its id; empty, and nothing was
        sent, if @a to is invalid or there is no entropy. */
    std::string request( Tenant& tenant, gloox::IQ::IqType type, const gloox::JID& to, std::unique_ptr<gloox::Tag> child,
                         const std::string& kind );
    /** As request(), but the answer is ignored (CLS-4). */
    void sendAndForget( const gloox::JID& from, const gloox::JID& to, std::unique_ptr<gloox::Tag> child );
    void sendResult( const Stanza& to, std::unique_ptr<gloox::Tag> child = nullptr );
    void sendError( const Stanza& to, const protocol::StanzaError& error );

    // ---- gloox objects
    /** An in-band stream between tenant's local and peer, out of gloox's dispatch; feed it with feed(). Delete it inside a Scope. */
    [[nodiscard]] std::unique_ptr<gloox::InBandBytestream> makeInBand( Tenant& tenant, const std::string& sid );
    /** A manager for one session, out of gloox's dispatch. Delete it inside a Scope. */
    [[nodiscard]] std::unique_ptr<gloox::SOCKS5BytestreamManager> makeSocks5( gloox::BytestreamHandler& handler );
    /**
     * Hands a checked set to a gloox object. GEN-1: if it is not an S5B query and the object does not answer, we answer `item-not-found`;
     * a second answer of the object's is dropped. A message
     * (W-23) is handed in as a set whose answer is dropped. The tag of @a stanza may differ from what arrived.
     */
    void feed( Tenant& tenant, gloox::IqHandler& object, const Stanza& stanza );
    /** Answers a fed S5B query ourselves; what gloox answers later is dropped. @return false if it was answered already. */
    bool refuseFed( Tenant& tenant, const Stanza& query, const protocol::StanzaError& error );

    /**
     * Forgets everything of a tenant: pending answers (NEG-5), unsent text. Fed sets that nobody has answered get `item-not-found` (GEN-1). Every
     * tenant calls this before it goes, after its gloox objects.
     */
    void forget( Tenant& tenant );

    /** @return Requests waiting for an answer and fed sets not answered; for tests. */
    [[nodiscard]] std::size_t pending() const;

  private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace simultiple::airlock
