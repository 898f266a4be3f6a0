// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Methods of an application's own (PCU-5, PCU-11 to PCU-13): its BytestreamMethod dressed as one of ours.

#include <gloox-si-multiple/bytestreammethod.h>

#include "methods/customchannel.h"
#include "methods/methods.h"
#include "net/eventloop.h"
#include "protocol/xml.h"

#include <utility>

namespace simultiple
{

namespace methods
{
namespace
{
class Work;
}
} // namespace methods

/// An application may keep its opening too long: then it finds nobody here.
struct MethodOpening::Private
{
  methods::StreamId id;
  bool initiator;
  methods::Work* work;
};

namespace methods
{

namespace
{

/// One opening, as far as both roles have it in common: what the application reports waits for the loop, and it is told of the end exactly once.
class Work
{
  public:
    Work( Shared& shared, const StreamId& id, BytestreamMethod& method, MethodHandler& handler, bool initiator )
      : m_shared( shared ), m_method( method ), m_handler( handler ),
        m_opening( std::make_unique<MethodOpening::Private>( MethodOpening::Private{ id, initiator, this } ) ), m_alarm( shared.loop ), m_patience( shared.loop )
    {
    }
    virtual ~Work() { giveUp(); }
    Work( const Work& ) = delete;
    Work& operator=( const Work& ) = delete;

    virtual bool send( std::unique_ptr<gloox::Tag> element )
    {
      (void)element;
      return false;
    }

    void ready( std::unique_ptr<ByteCarrier> carrier, std::unique_ptr<gloox::Tag> answer )
    {
      if( !carrier )
        return failed( "it brought no stream" );
      if( answer && protocol::namespaceOf( *answer ) != m_method.name() )
        return failed( "its answer is in a foreign namespace" );
      if( std::exchange( m_reported, true ) )
        return;
      m_carrier = std::move( carrier );
      m_answer = std::move( answer );
      wake();
    }

    void failed( const std::string& reason )
    {
      if( std::exchange( m_reported, true ) )
        return;
      m_failure = reason.empty() ? "no reason given" : reason;
      wake();
    }

  protected:
    void begin( bool initiator )
    {
      m_begun = true;
      m_patience.start( m_method.patience( initiator ), [this] { fail( "no result in time", false ); } );
    }

    /** The application's "abandon": once, and not for what has become the stream. */
    void giveUp()
    {
      stop();
      if( std::exchange( m_over, true ) )
        return;
      m_opening.priv().work = nullptr;
      auto& roster = m_shared.loop.roster();
      if( m_carrier )
        roster.attempt( [this] { m_carrier->abort(); } );
      if( m_begun )
        roster.attempt( [this] { m_method.abandon( m_opening ); } );
      m_carrier.reset();
    }

    void stop()
    {
      m_alarm.stop();
      m_patience.stop();
    }

    void wake()
    {
      if( !m_over && !m_alarm.running() )
        m_alarm.start( std::chrono::milliseconds( 0 ), [this] { act(); } );
    }

    // GEN-11, NEG-5, NEG-29: everything is undone before anybody hears of it.
    void fail( const std::string& reason, bool peerUnreachable )
    {
      giveUp();
      m_handler.handleMethodFailed( reason, peerUnreachable, "item-not-found" );
    }

    void act()
    {
      if( !m_failure.empty() )
        return fail( m_failure, false );
      if( !m_carrier || !maySucceed() )
        return;
      stop();
      succeed( std::make_unique<CustomChannel>( m_shared, std::move( m_carrier ) ) );
    }

    [[nodiscard]] virtual bool maySucceed() const { return true; }
    virtual void succeed( std::unique_ptr<Channel> channel ) = 0;
    void becomeStream()
    {
      m_over = true;
      m_opening.priv().work = nullptr;
    }

    Shared& m_shared;
    BytestreamMethod& m_method;
    MethodHandler& m_handler;
    MethodOpening m_opening;
    std::unique_ptr<gloox::Tag> m_answer{};
    bool m_over = false;

  private:
    net::Alarm m_alarm;
    net::Alarm m_patience;
    std::unique_ptr<ByteCarrier> m_carrier{};
    std::string m_failure{};
    bool m_begun = false;
    bool m_reported = false;
};

// ---- ST-S-13, ST-S-34

class CustomOutgoing final : public OutgoingMethod, private Work, private airlock::Tenant
{
  public:
    CustomOutgoing( Shared& shared, const StreamId& id, BytestreamMethod& method, MethodHandler& handler )
      : Work( shared, id, method, handler, true ), m_id( id )
    {
    }
    ~CustomOutgoing() override { CustomOutgoing::abandon(); }
    CustomOutgoing( const CustomOutgoing& ) = delete;
    CustomOutgoing& operator=( const CustomOutgoing& ) = delete;

    void open() override
    {
      begin( true );
      m_method.open( m_opening );
    }

    void abandon() override
    {
      m_shared.airlock.forget( *this );   // NEG-12
      giveUp();
    }

  private:
    // W-38
    bool send( std::unique_ptr<gloox::Tag> element ) override
    {
      auto& airlock = m_shared.airlock;
      if( m_over || m_sent || !element || protocol::namespaceOf( *element ) != m_method.name() || !airlock.connected() )
        return false;
      element->addAttribute( "sid", m_id.sid );
      m_sent = !airlock.request( *this, gloox::IQ::Set, m_id.peer, std::move( element ), "opening" ).empty();
      return m_sent;
    }

    // airlock::Tenant
    [[nodiscard]] const gloox::JID& local() const override { return m_id.local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_id.peer; }
    bool handleAnswer( const std::string&, const gloox::Tag& iq ) override
    {
      if( iq.findAttribute( "type" ) == "error" )
      {
        const auto error = protocol::readError( iq );
        fail( error.describe(), error.peerUnreachable() );
        return false;
      }
      m_accepted = true;
      const auto words = protocol::children( iq, m_method.name() );
      m_method.handleAnswer( m_opening, words.empty() ? nullptr : protocol::detach( *words.front() ).get() );
      wake();
      return false;
    }

    // NEG-10: nothing is the stream before the receiver has agreed to it.
    [[nodiscard]] bool maySucceed() const override { return m_accepted; }
    void succeed( std::unique_ptr<Channel> channel ) override
    {
      becomeStream();
      m_handler.handleMethodReady( std::move( channel ) );
    }

    StreamId m_id;
    bool m_sent = false;
    bool m_accepted = false;
};

// ---- ST-R-35, ST-R-36

class CustomIncoming final : public IncomingMethod, private Work
{
  public:
    CustomIncoming( Shared& shared, const StreamId& id, BytestreamMethod& method, MethodHandler& handler ) : Work( shared, id, method, handler, false ) {}

    void accept( const airlock::Stanza& opening ) override
    {
      m_question = opening.question();
      begin( false );
      m_method.accept( m_opening, *protocol::detach( *opening.element ) );
    }
    void confirm() override
    {
      m_confirmed = true;
      m_shared.airlock.sendResult( m_question, std::move( m_answer ) );
    }
    void refuse( const protocol::StanzaError& error ) override { m_shared.airlock.sendError( m_question, error ); }
    void abandon() override { giveUp(); }

    // What was confirmed and never abandoned is the stream.
    ~CustomIncoming() override
    {
      if( m_confirmed )
        becomeStream();
    }
    CustomIncoming( const CustomIncoming& ) = delete;
    CustomIncoming& operator=( const CustomIncoming& ) = delete;

  private:
    void succeed( std::unique_ptr<Channel> channel ) override { m_handler.handleMethodReady( std::move( channel ) ); }

    airlock::Stanza m_question{};
    bool m_confirmed = false;
};

// ---- the method

class Custom final : public Method
{
  public:
    explicit Custom( BytestreamMethod& method ) : m_method( method ), m_name( method.name() ) {}

    [[nodiscard]] const std::string& name() const override { return m_name; }
    [[nodiscard]] airlock::StanzaKind opening() const override { return airlock::StanzaKind::Application; }
    [[nodiscard]] bool canOffer( const Shared& shared, Privacy privacy ) const override { return canAccept( shared, privacy ); }
    [[nodiscard]] bool canAccept( const Shared&, Privacy privacy ) const override
    {
      return privacy != Privacy::IbbOnly && privacy != Privacy::S5bOnly && m_method.available( privacy );   // SEC-16
    }
    [[nodiscard]] std::unique_ptr<OutgoingMethod> makeOutgoing( Shared& shared, const StreamId& id, Privacy, bool, MethodHandler& handler ) const override
    {
      return std::make_unique<CustomOutgoing>( shared, id, m_method, handler );
    }
    [[nodiscard]] std::unique_ptr<IncomingMethod> makeIncoming( Shared& shared, const StreamId& id, Privacy, MethodHandler& handler ) const override
    {
      return std::make_unique<CustomIncoming>( shared, id, m_method, handler );
    }
    [[nodiscard]] negotiation::Opening check( const airlock::Stanza&, const Shared&, protocol::StanzaError& ) const override
    {
      return negotiation::Opening::Good;   // the gate has seen to the sid; what else is in it the application knows
    }
    [[nodiscard]] protocol::StanzaError notAcceptable() const override { return protocol::errors::ibbNotAcceptable(); }

  private:
    BytestreamMethod& m_method;
    std::string m_name;
};

} // namespace

std::unique_ptr<Method> makeCustomMethod( BytestreamMethod& method ) { return std::make_unique<Custom>( method ); }

} // namespace methods

// ---- what the application holds

MethodOpening::MethodOpening( std::unique_ptr<Private> d_ ) : d( std::move( d_ ) ) {}
MethodOpening::~MethodOpening() = default;

const std::string& MethodOpening::sid() const { return d->id.sid; }
const gloox::JID& MethodOpening::local() const { return d->id.local; }
const gloox::JID& MethodOpening::peer() const { return d->id.peer; }
bool MethodOpening::initiator() const { return d->initiator; }

bool MethodOpening::send( std::unique_ptr<gloox::Tag> element ) { return d->work && d->work->send( std::move( element ) ); }

void MethodOpening::ready( std::unique_ptr<ByteCarrier> carrier, std::unique_ptr<gloox::Tag> answer )
{
  if( d->work )
    d->work->ready( std::move( carrier ), std::move( answer ) );
}

void MethodOpening::failed( const std::string& reason )
{
  if( d->work )
    d->work->failed( reason );
}

} // namespace simultiple
