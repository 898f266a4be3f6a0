// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/airlock.h"
#include "airlock/classify.h"
#include "airlock/gate.h"
#include "airlock/inbandfactory.h"
#include "airlock/inbox.h"
#include "airlock/innerclient.h"
#include "airlock/prototypes.h"
#include "airlock/tracker.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace simultiple::airlock
{

/// Both sides of the airlock: what comes in from the bot's client (incoming.cpp), what goes out to it (outgoing.cpp).
struct Airlock::Private final : private GateKeeper, private InnerHandler
{
  public:
    Private( Airlock& airlock, gloox::ClientBase& bot, int extensionType, GateHandler& handler, net::Roster& roster );
    ~Private() override;
    Private( const Private& ) = delete;
    Private& operator=( const Private& ) = delete;

    // ---- in
    bool dispatchOne();
    void feed( Tenant& tenant, gloox::IqHandler& object, const Stanza& stanza );

    // ---- out
    void send( gloox::IQ::IqType type, const gloox::JID& from, const gloox::JID& to, const std::string& id,
               std::unique_ptr<gloox::Tag> child ) noexcept;
    void answer( const Stanza& to, gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> child );
    void answer( const Asked& to, gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> child );
    void speak( const gloox::IQ& iq ) noexcept;
    /** Sends what the gloox objects have said meanwhile. */
    void flush() noexcept;
    void forget( Tenant& tenant ) noexcept;

    Airlock& airlock;
    gloox::ClientBase& bot;
    const bool component;
    GateHandler& handler;
    net::Roster& roster;
    Scope* scope = nullptr;   // the innermost
    bool botDoesSi = false;   ///< For Airlock::botDoesSi()
    bool speaking = false;    // below bot.send()

    /// CLS-13: what is said while there is no stream is kept for the case that gloox resumes it (XEP-0198).
    enum class Line
    {
      Up,
      Lost,
      Resumed   ///< gloox has yet to repeat what the server has not seen, and would repeat what we say now with it.
    };
    Line line = Line::Up;
    std::uint64_t era = 0;         ///< Connections lost so far
    std::uint64_t streamEra = 0;   ///< That when the stream began: what is owed to an older one is dropped, for it does not concern this one
    bool hushed = false;   ///< There is a LastWords

    InnerClient inner;
    InBandFactory inBand;
    Prototypes prototypes;
    Tracker tracker{};
    Inbox inbox{};

  private:
    /// Text of a gloox object that waits for the outermost scope to end; or the question whether a set was answered meanwhile.
    struct Outgoing
    {
      Tenant* tenant = nullptr;
      std::string text{};
      std::string unanswered{};   // an inner id
    };

    /// The tenant whose answer is being handled. It may be forgotten during that, so dispatches inside dispatches are linked.
    struct Handling
    {
      Handling( Tenant* t, Handling*& innermost_ ) : tenant( t ), outer( innermost_ ), innermost( innermost_ ) { innermost = this; }
      ~Handling() { innermost = outer; }
      Handling( const Handling& ) = delete;
      Handling& operator=( const Handling& ) = delete;
      Tenant* tenant;
      Handling* outer;
      Handling*& innermost;
    };

    // GateKeeper
    std::optional<Stanza> admitsRequest( const gloox::Tag& iq ) override;
    bool admitsAnswer( const gloox::Tag& iq ) override;
    bool takeRequest( Stanza stanza, const gloox::Tag& iq, bool botDoesSi_ ) override;
    void takeAnswer( const gloox::Tag& iq ) override;
    void seeMessage( const gloox::Tag& message ) override;
    void seePresence( const gloox::Tag& presence ) override;
    void seeStream( gloox::StreamEvent event ) noexcept override;
    void seeBound() noexcept override { beginStream(); }
    void seeConnect() override;
    void seeDisconnect() noexcept override;
    void lost( const gloox::Tag& stanza ) noexcept override;

    // InnerHandler
    void handleInnerText( const std::string& xml ) noexcept override;
    std::unique_ptr<gloox::ConnectionBase> makeInnerConnection() noexcept override;

    [[nodiscard]] Whereabouts whereabouts() { return { bot.jid(), m_jids, component, handler.namespaces() }; }
    [[nodiscard]] bool full() const { return inbox.size() >= MaxInbox || inbox.bytes() >= MaxInboxBytes; }
    void own( Stanza stanza, const gloox::Tag& tag );
    void dispatch( const Stanza& stanza ) { handler.handleStanza( stanza ); }
    void dispatch( const Answer& answer );
    void hear( const Answer& answer, const Pending& pending );
    void dispatch( const Connected& connected );
    void beginStream() noexcept;
    void catchUp();
    void dispatch( const Disconnected& ) { handler.handleDisconnected(); }
    void dispatch( const Unavailable& unavailable ) { handler.handleUnavailable( unavailable.peer ); }
    void handIn( Tenant& tenant, const gloox::Tag& iq, const std::string& innerId );
    void pass( Tenant& tenant, const std::string& text );
    void passRequest( Tenant& tenant, const gloox::Tag& iq );
    void passAnswer( Tenant& tenant, const gloox::Tag& iq, gloox::IQ::IqType type );
    void refuseUnanswered( const std::string& innerId );
    void refuseWaiting() noexcept;

    Forwarded m_forwarded{};
    JidCache m_jids{};
    std::deque<Outgoing> m_outgoing{};
    bool m_flushing = false;
    std::deque<std::unique_ptr<const gloox::IQ>> m_unsaid{};
    bool m_newStream = false;   ///< Nobody has been told of it yet
    Handling* m_handling = nullptr;
    std::uint64_t m_fed = 0;
    std::unique_ptr<BotSide> m_side;   // last: it must find everything in place, and goes first
};

} // namespace simultiple::airlock
