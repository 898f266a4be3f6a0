// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/offer.h>

#include "negotiation/initiator.h"
#include "session/actionqueue.h"
#include "session/session.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace simultiple::session
{

/// An offer of ours: runs negotiation::Initiator.
class InitiatorSession final : public Session, private airlock::Tenant
{
  public:
    /** @param methods What is offered, in order; at least one. */
    InitiatorSession( SessionHost& host, methods::StreamId id, const std::string& profile, SIProfileMultipleHandler& handler,
                      OfferOptions options, std::vector<std::string> methods );
    ~InitiatorSession() override;
    InitiatorSession( const InitiatorSession& ) = delete;
    InitiatorSession& operator=( const InitiatorSession& ) = delete;

    void start( std::unique_ptr<gloox::Tag> profileChild );   ///< ST-S-1

    void handleStanza( const airlock::Stanza& stanza ) override;
    void cancel( bool abort ) override { run( m_machine.cancel( abort ) ); }
    void disconnected() override;
    [[nodiscard]] bool busy() const override { return m_actions.running(); }
    void peerUnavailable() override;
    [[nodiscard]] bool awaitsLateAnswer() const override { return m_offerPending; }

  private:
    using Machine = negotiation::Initiator;

    // airlock::Tenant
    [[nodiscard]] const gloox::JID& local() const override { return m_id.local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_id.peer; }
    bool handleAnswer( const std::string& kind, const gloox::Tag& iq ) override;

    // methods::MethodHandler
    void handleMethodReady( std::unique_ptr<methods::Channel> channel ) override;
    void handleMethodFailed( const std::string& reason, bool peerUnreachable, const std::string& condition ) override;

    // StreamOwner
    void streamPayloadReceived() override {}
    void streamPayloadWritten() override {}
    void streamEnded( Cause cause, const std::string& text, bool inBandClose ) override;
    void streamClosed() override { run( m_machine.streamEnded( Cause::ClosedLocal, {} ) ); }
    void streamCloseWanted( bool abort ) override { run( m_machine.cancel( abort ) ); }

    // Session: what was agreed on may not have become the stream yet.
    [[nodiscard]] bool endsInBand() const override { return m_ready ? m_ready->inBand() : Session::endsInBand(); }

    void run( Machine::Actions actions )
    {
      m_actions.run( std::move( actions ), [this]( const Machine::Action& action ) { perform( action ); } );
    }
    void perform( const Machine::Action& action );
    void sendOffer();
    void readResult( const gloox::Tag& iq );
    void startMethod( const std::string& name );
    void abandonMethod();
    void commit();

    Machine m_machine;
    OfferOptions m_options;
    std::vector<std::string> m_offered;
    bool m_multiple;                    ///< SIM-1 to SIM-3
    std::unique_ptr<gloox::Tag> m_child{};
    bool m_offerPending = false;
    ActionQueue<Machine::Action> m_actions{};
    std::unique_ptr<methods::OutgoingMethod> m_method{};
    std::unique_ptr<methods::Channel> m_ready{};
};

} // namespace simultiple::session
