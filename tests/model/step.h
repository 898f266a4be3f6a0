// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "model/event.h"
#include "session/actionqueue.h"

#include <string>

namespace simultiple::model
{

/**
 * One event carried out: tells the machines, does what they say, as InitiatorSession, ResponderSession and the methods do, with the world
 * for sockets and stanzas. Throws Broken at once where an action itself breaks a promise; promises about whole worlds are in promises.h.
 */
class Step final
{
  public:
    Step( World& world, const Setup& setup_ ) : w( world ), setup( setup_ ) {}

    void begin();                     ///< S offers.
    void apply( const Event& event );

  private:
    using Initiator = negotiation::Initiator;
    using Responder = negotiation::Responder;

    // ---- S: sender.cpp
    void sender( Initiator::Actions actions );
    void perform( const Initiator::Action& action );
    void startMethod();
    void abandonMethod();
    void commit( Way way );
    void runQuery( const negotiation::Socks5Offer::Actions& actions );
    void runOpen( const negotiation::InBandOffer::Actions& actions );
    void reachesS( Stanza stanza );
    void answerReachesS( Stanza stanza );
    void senderTimer( Timer timer );
    void senderEnds( Cause cause );

    // ---- R: receiver.cpp
    void receiver( Responder::Actions actions );
    void perform( const Responder::Action& action );
    void accept( const std::string& method );
    void answer( std::uint8_t id, Say say );
    void dropMethod();
    void flush();
    void release();
    void paid();
    void reachesR( Stanza stanza );
    void receiverTimer( Timer timer );
    void dialFailed();
    void dialed( Way way );
    void receiverEnds( Cause cause );

    // ---- both: channels.cpp
    [[nodiscard]] bool isS( const Side& side ) const { return &side == &w.s; }
    [[nodiscard]] Way wayOf( const Side& side ) const { return isS( side ) ? w.committed : w.candidate; }
    void send( const Side& from, Stanza stanza );
    void write( Side& side );
    void closeChannel( Side& side );
    void abortChannel( Side& side );
    void dropChannel( Side& side );
    void channelEnded( Side& side, Cause cause, bool inBand = false );
    void inBandMaybeClose( Side& side );
    void inBandEnds( Side& side, Cause cause, bool sendClose );
    void inBandTimer( Side& side );
    void inBandReaches( Side& side, Stanza stanza );
    void disconnects( Side& side );

    // ---- connections: network.cpp
    void network( const Event& event );
    void shut( End& end ) const;
    void seesEnd( Side& side, Way way );
    void reads( Side& side, Way way );

    World& w;
    const Setup& setup;
    session::ActionQueue<Initiator::Action> m_sender{};
    session::ActionQueue<Responder::Action> m_receiver{};
};

} // namespace simultiple::model
