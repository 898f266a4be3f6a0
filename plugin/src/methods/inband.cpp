// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// In-band bytestreams (XEP-0047): how they are opened and accepted. PROTOCOL 2.7, rows ST-S-12, ST-S-29 to 33, ST-R-10, ST-R-11.

#include "methods/inbandchannel.h"
#include "methods/method.h"
#include "methods/methods.h"
#include "negotiation/inbandoffer.h"
#include "net/eventloop.h"
#include "protocol/ibb.h"

#include <gloox/gloox.h>

#include <utility>
#include <variant>

namespace simultiple::methods
{

namespace
{

using negotiation::InBandOffer;

class InBandOutgoing final : public OutgoingMethod
{
  public:
    InBandOutgoing( Shared& shared, StreamId id, bool last, MethodHandler& handler )
      : m_shared( shared ), m_id( std::move( id ) ), m_offer( shared.options.inBand.blockSize, last ), m_handler( handler ), m_alarm( shared.loop )
    {
    }
    ~InBandOutgoing() override { abandon(); }
    InBandOutgoing( const InBandOutgoing& ) = delete;
    InBandOutgoing& operator=( const InBandOutgoing& ) = delete;

    void open() override { run( m_offer.start() ); }

    void abandon() override
    {
      m_abandoned = true;
      m_alarm.stop();
      if( m_channel )
        m_channel->drop();
    }

    bool handleStanza( const airlock::Stanza& stanza ) override
    {
      if( stanza.kind != airlock::StanzaKind::IbbClose || m_offer.state() != InBandOffer::State::Waiting )
        return false;
      m_close = stanza.question();
      run( m_offer.closeReceived() );
      return true;
    }

  private:
    void run( const InBandOffer::Actions& actions )
    {
      using Do = InBandOffer::Action::Do;
      for( const auto& action : actions )
      {
        if( m_abandoned )
          return;
        switch( action.what )
        {
          case Do::SendOpen: sendOpen( action.blockSize ); break;
          case Do::StartTimer:
            m_alarm.start( m_shared.options.timeouts.get( Timer::SIbb ), [this] { run( m_offer.timer( Timer::SIbb ) ); } );
            break;
          case Do::StopTimer: m_alarm.stop(); break;
          case Do::SendClose: m_shared.airlock.sendAndForget( m_id.local, m_id.peer, protocol::buildClose( m_id.sid ) ); break;
          case Do::AnswerClose: m_shared.airlock.sendResult( m_close ); break;
          case Do::Commit: m_handler.handleMethodReady( std::move( m_channel ) ); break;
          case Do::Fail: m_handler.handleMethodFailed( action.reason, action.peerUnreachable, {} ); break;
        }
      }
    }

    // IBB-3: every try has its own gloox object, because a refused one cannot be asked again. The refused channel stays until the
    // method goes: we may be inside a call of its.
    void sendOpen( std::uint16_t blockSize )
    {
      if( m_channel )
        m_channel->drop();
      m_refused = std::move( m_channel );
      m_channel = std::make_unique<InBandChannel>( m_shared, m_id, blockSize );
      m_channel->open( [this]( const protocol::ReceivedError* error )
      {
        if( !error )
          run( m_offer.accepted() );
        else if( error->condition == "resource-constraint" )
          run( m_offer.resourceConstraint() );
        else
          run( m_offer.error( error->describe(), error->peerUnreachable() ) );
      } );
    }

    Shared& m_shared;
    StreamId m_id;
    InBandOffer m_offer;
    MethodHandler& m_handler;
    net::Alarm m_alarm;
    std::unique_ptr<InBandChannel> m_channel{};
    std::unique_ptr<InBandChannel> m_refused{};
    airlock::Stanza m_close{};
    bool m_abandoned = false;
};

class InBandIncoming final : public IncomingMethod
{
  public:
    InBandIncoming( Shared& shared, StreamId id, MethodHandler& handler ) : m_shared( shared ), m_id( std::move( id ) ), m_handler( handler ) {}

    // ST-R-10: nothing to wait for, the channel is there at once.
    void accept( const airlock::Stanza& opening ) override
    {
      m_opening = opening;
      const auto open = protocol::readOpen( *opening.element, m_shared.options.inBand.maxBlockSize );
      auto channel = std::make_unique<InBandChannel>( m_shared, m_id, std::get<protocol::Open>( open ).blockSize );
      m_channel = channel.get();
      m_handler.handleMethodReady( std::move( channel ) );
    }
    void confirm() override
    {
      m_channel->acceptOpen( m_opening );
      m_opening.letGo();
    }
    void refuse( const protocol::StanzaError& error ) override { m_shared.airlock.sendError( m_opening, error ); }
    void abandon() override { m_channel = nullptr; }

  private:
    Shared& m_shared;
    StreamId m_id;
    MethodHandler& m_handler;
    airlock::Stanza m_opening{};
    InBandChannel* m_channel = nullptr;  ///< Whoever took it keeps it at least until confirm().
};

class InBand final : public Method
{
  public:
    [[nodiscard]] const std::string& name() const override { return gloox::XMLNS_IBB; }
    [[nodiscard]] airlock::StanzaKind opening() const override { return airlock::StanzaKind::IbbOpen; }
    [[nodiscard]] bool canOffer( const Shared& shared, Privacy privacy ) const override { return canAccept( shared, privacy ); }
    [[nodiscard]] bool canAccept( const Shared&, Privacy privacy ) const override { return privacy != Privacy::S5bOnly; }
    [[nodiscard]] std::unique_ptr<OutgoingMethod> makeOutgoing( Shared& shared, const StreamId& id, Privacy, bool last, MethodHandler& handler ) const override
    {
      return std::make_unique<InBandOutgoing>( shared, id, last, handler );
    }
    [[nodiscard]] std::unique_ptr<IncomingMethod> makeIncoming( Shared& shared, const StreamId& id, Privacy, MethodHandler& handler ) const override
    {
      return std::make_unique<InBandIncoming>( shared, id, handler );
    }
    [[nodiscard]] negotiation::Opening check( const airlock::Stanza& opening, const Shared& shared, protocol::StanzaError& error ) const override
    {
      const auto read = protocol::readOpen( *opening.element, shared.options.inBand.maxBlockSize );
      const auto* problem = std::get_if<protocol::StanzaError>( &read );
      if( !problem )
        return negotiation::Opening::Good;
      error = *problem;
      return error.condition == "resource-constraint" ? negotiation::Opening::TooLarge : negotiation::Opening::Malformed;
    }
    [[nodiscard]] protocol::StanzaError notAcceptable() const override { return protocol::errors::ibbNotAcceptable(); }
};

} // namespace

std::unique_ptr<Method> makeInBandMethod() { return std::make_unique<InBand>(); }

} // namespace simultiple::methods
