// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/offer.h>

#include "negotiation/responder.h"
#include "session/actionqueue.h"
#include "session/session.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace simultiple::session
{

/// An offer of a peer's: runs negotiation::Responder.
class ResponderSession final : public Session
{
  public:
    /**
     * @param stanza The offer.
     * @param listMulti Its field was `list-multi` (SIM-16).
     */
    ResponderSession( SessionHost& host, methods::StreamId id, SIProfileMultipleHandler& handler, const airlock::Stanza& stanza, Offer offer,
                      bool listMulti, bool senderSpeaksFirst );
    ~ResponderSession() override;
    ResponderSession( const ResponderSession& ) = delete;
    ResponderSession& operator=( const ResponderSession& ) = delete;

    void start();   ///< ST-R-2
    [[nodiscard]] bool asked() const { return m_asked; }              ///< The application has been told of the offer.
    [[nodiscard]] bool undecided() const { return m_machine.state() == Machine::State::Offered; }
    bool accept( const AcceptOptions& options );                      ///< ST-R-3, 4
    bool decline( const protocol::StanzaError& error );               ///< ST-R-5

    void handleStanza( const airlock::Stanza& stanza ) override;
    void cancel( bool abort ) override;
    void disconnected() override;
    [[nodiscard]] bool busy() const override { return m_actions.running(); }

  private:
    using Machine = negotiation::Responder;

    // methods::MethodHandler
    void handleMethodReady( std::unique_ptr<methods::Channel> channel ) override;
    void handleMethodFailed( const std::string& reason, bool peerUnreachable, const std::string& condition ) override;

    // StreamOwner
    void streamPayloadReceived() override;
    void streamPayloadWritten() override { run( m_machine.payloadWritten() ); }
    void streamEnded( Cause cause, const std::string& text, bool inBand ) override { run( m_machine.streamEnded( cause, text, inBand ) ); }
    void streamClosed() override { run( m_machine.streamEnded( Cause::ClosedLocal, {} ) ); }
    void streamCloseWanted( bool abort ) override { run( m_machine.cancel( abort ) ); }

    /// A stanza of the sender's.
    struct Subject
    {
      airlock::Stanza stanza;
      protocol::StanzaError error{};   ///< What the method found wrong with it
    };
    /// What the machine has decided, and upon which stanza: if the bot makes a turn inside a callback, more may come before this is carried out.
    struct Step
    {
      Machine::Action action;
      std::shared_ptr<const Subject> about;
    };

    void run( Machine::Actions actions, const std::shared_ptr<const Subject>& about = {} );
    void perform( const Step& step );
    void timerFired( Timer timer );
    void askApplication();
    void sendAccept();
    void handleOpening( const airlock::Stanza& stanza );
    void accept( const std::string& name, const airlock::Stanza& opening );
    void refuseCurrent( const std::string& condition );
    void dropMethod();
    void takeCandidate();
    void refuse( const std::string& condition, const Subject& opening );
    [[nodiscard]] std::vector<std::string> usable( const std::vector<std::string>& preferred ) const;

    Machine m_machine{};
    airlock::Stanza m_question;            ///< What it takes to answer the offer
    Offer m_offer;                         ///< The application has what it holds of the stanza; we let go of that (SEC-12).
    bool m_listMulti;
    bool m_senderSpeaksFirst;
    bool m_asked = false;
    std::shared_ptr<gloox::Tag> m_child{}; ///< For the answer
    std::vector<std::string> m_list{};     ///< As answered
    protocol::StanzaError m_decline;
    ActionQueue<Step> m_actions{};
    std::string m_methodName{};
    std::unique_ptr<methods::IncomingMethod> m_method{};   ///< Being accepted, or the candidate's
    std::weak_ptr<methods::IncomingMethod> m_dropped{};    ///< Buried in this turn: can still answer its opening
    std::unique_ptr<methods::Channel> m_ready{};
};

} // namespace simultiple::session
