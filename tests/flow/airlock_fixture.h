// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/airlock.h"
#include "net/roster.h"
#include "support/scripted.h"

#include <gloox/bytestream.h>
#include <gloox/bytestreamdatahandler.h>
#include <gloox/bytestreamhandler.h>
#include <gloox/inbandbytestream.h>
#include <gloox/socks5bytestream.h>
#include <gloox/socks5bytestreammanager.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

// Users of the airlock that only take notes.

namespace simultiple::test::lock
{

const int ExtensionType = gloox::ExtUser + 47;
const std::string Romeo = "romeo@montague.example/orchard";
const std::string Juliet = "juliet@capulet.example/balcony";
const std::string Mallory = "mallory@montague.example/orchard";

/// Claims what its peer sends with one of its stream ids, and keeps what happens as short words.
class Room final : public airlock::GateHandler
{
  public:
    std::string peer = Romeo;
    std::set<std::string> live{};            // sids
    std::vector<airlock::Stanza> stanzas{};
    std::vector<std::string> events{};       // "connected", "disconnected", "gone JID", "stanza SID", in order
    std::function<void( const airlock::Stanza& )> onStanza{};
    net::Roster roster{};

    bool claims( const airlock::Stanza& stanza ) override { return stanza.peer.full() == peer && live.count( stanza.sid ) > 0; }
    bool concerns( const gloox::JID& who ) const override { return who.full() == peer; }
    void handleStanza( const airlock::Stanza& stanza ) override
    {
      stanzas.push_back( stanza );
      events.push_back( "stanza " + stanza.sid );
      if( onStanza )
        onStanza( stanza );
    }
    void handleConnected() override { events.push_back( "connected" ); }
    void handleDisconnected() override { events.push_back( "disconnected" ); }
    void handleUnavailable( const gloox::JID& who ) override { events.push_back( "gone " + who.full() ); }
};

class FakeTenant : public airlock::Tenant
{
  public:
    explicit FakeTenant( std::string localJid = Juliet, std::string peerJid = Romeo ) : m_local( localJid ), m_peer( peerJid ) {}

    std::vector<std::string> answers{};      // "KIND TYPE", and "KIND done" after the gloox object
    bool letThrough = true;
    std::function<void( gloox::Tag& )> onFinish{};
    std::function<void( const std::string& kind )> onAnswer{};

    const gloox::JID& local() const override { return m_local; }
    const gloox::JID& peer() const override { return m_peer; }
    bool handleAnswer( const std::string& kind, const gloox::Tag& iq ) override
    {
      answers.push_back( kind + " " + iq.findAttribute( "type" ) );
      if( onAnswer )
        onAnswer( kind );
      return letThrough;
    }
    void handleAnswerDone( const std::string& kind ) override { answers.push_back( kind + " done" ); }
    void finish( gloox::Tag& payload ) override
    {
      if( onFinish )
        onFinish( payload );
    }

  private:
    gloox::JID m_local;
    gloox::JID m_peer;
};

/// A real client (or component) with an airlock, and somebody at work in it.
template <class Entity>
struct Behind
{
    Entity entity{};
    Room room{};
    std::unique_ptr<airlock::Airlock> lock = std::make_unique<airlock::Airlock>( entity.base(), ExtensionType, room, room.roster );

    /** Feeds, then empties the inbox. */
    void arrive( const std::string& xml )
    {
      entity.feed( xml );
      dispatch();
    }
    void dispatch()
    {
      while( lock->dispatchOne() )
      {
      }
    }
    /** @return What was written since the last call, and forgets it. */
    std::string said()
    {
      std::string text = entity.sent();
      entity.clear();
      return text;
    }
    /** @return The id of the newest stanza written. */
    std::string newestId() { return attribute( entity.stanzas().back(), "id" ); }
};

using BehindClient = Behind<ScriptedClient>;
using BehindComponent = Behind<ScriptedComponent>;

/// An in-band stream in the airlock.
class InBandTenant final : public FakeTenant, private gloox::BytestreamDataHandler
{
  public:
    InBandTenant( airlock::Airlock& airlock, const std::string& sid, std::string localJid = Juliet )
      : FakeTenant( localJid ), m_airlock( airlock ), stream( airlock.makeInBand( *this, sid ) )
    {
      stream->registerBytestreamDataHandler( this );
    }
    ~InBandTenant() override
    {
      {
        const airlock::Airlock::Scope scope( m_airlock, *this );
        stream.reset();
      }
      m_airlock.forget( *this );
    }

    void open() { within( [this] { (void)stream->connect(); } ); }
    bool send( const std::string& block )
    {
      bool sent = false;
      within( [&] { sent = stream->send( block ); } );
      return sent;
    }
    void close() { within( [this] { stream->close(); } ); }

  private:
    airlock::Airlock& m_airlock;

  public:
    std::unique_ptr<gloox::InBandBytestream> stream;
    std::string data{};
    std::vector<std::string> events{};

  private:
    void within( const std::function<void()>& f )
    {
      const airlock::Airlock::Scope scope( m_airlock, *this );
      f();
    }
    void handleBytestreamData( gloox::Bytestream*, const std::string& d ) override { data += d; }
    void handleBytestreamDataAck( gloox::Bytestream* ) override { events.push_back( "ack" ); }
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override { events.push_back( "error" ); }
    void handleBytestreamOpen( gloox::Bytestream* ) override { events.push_back( "open" ); }
    void handleBytestreamClose( gloox::Bytestream* ) override { events.push_back( "close" ); }
};

/// A SOCKS5 negotiation in the airlock, without any socket.
class S5bTenant final : public FakeTenant, private gloox::BytestreamHandler, private gloox::BytestreamDataHandler
{
  public:
    explicit S5bTenant( airlock::Airlock& airlock, std::string localJid = Juliet )
      : FakeTenant( localJid ), m_airlock( airlock ), manager( airlock.makeSocks5( *this ) )
    {
    }
    ~S5bTenant() override
    {
      {
        const airlock::Airlock::Scope scope( m_airlock, *this );
        if( m_stream )
          m_stream->removeBytestreamDataHandler();
        manager.reset();
      }
      m_airlock.forget( *this );
    }

    static gloox::StreamHost host( const std::string& jid, const std::string& address, int port )
    {
      gloox::StreamHost h;
      h.jid = gloox::JID( jid );
      h.host = address;
      h.port = port;
      return h;
    }
    void request( const std::string& sid, const gloox::StreamHostList& hosts )
    {
      const airlock::Airlock::Scope scope( m_airlock, *this );
      manager->setStreamHosts( hosts );
      (void)manager->requestSOCKS5Bytestream( peer(), gloox::SOCKS5BytestreamManager::S5BTCP, sid, local() );
    }
    void accept( const std::string& sid, const gloox::StreamHost& winner )
    {
      const airlock::Airlock::Scope scope( m_airlock, *this );
      manager->acceptSOCKS5Bytestream( sid );
      if( !m_stream || !m_seat )
        return;
      m_seat->setConnected();
      m_stream->setStreamHosts( { winner } );
      (void)m_stream->connect();
      m_stream->handleConnect( m_seat );
    }
    void reject( const std::string& sid )
    {
      const airlock::Airlock::Scope scope( m_airlock, *this );
      manager->rejectSOCKS5Bytestream( sid, gloox::StanzaErrorItemNotFound );
    }
    void activate()
    {
      const airlock::Airlock::Scope scope( m_airlock, *this );
      m_stream->handleConnect( m_seat );
    }

  private:
    class Seat final : public gloox::ConnectionBase
    {
      public:
        Seat() : ConnectionBase( nullptr ) {}
        void setConnected() { m_state = gloox::StateConnected; }
        gloox::ConnectionError connect() override { return gloox::ConnNoError; }
        gloox::ConnectionError recv( int ) override { return gloox::ConnNoError; }
        bool send( const std::string& ) override { return false; }
        gloox::ConnectionError receive() override { return gloox::ConnNoError; }
        void disconnect() override {}
        void getStatistics( long int& in, long int& out ) override { in = out = 0; }
        gloox::ConnectionBase* newInstance() const override { return new Seat; } // the caller owns it
    };

    std::unique_ptr<gloox::ConnectionBase> makeConnection() override
    {
      auto seat = std::make_unique<Seat>();
      m_seat = seat.get();
      return seat;
    }
    void handleIncomingBytestreamRequest( const std::string& sid, const gloox::JID& from ) override
    {
      events.push_back( "asked " + sid + " by " + from.full() );
    }
    void handleIncomingBytestream( gloox::Bytestream* stream ) override { take( stream ); }
    void handleOutgoingBytestream( gloox::Bytestream* stream ) override
    {
      take( stream );
      (void)stream->connect();
      events.push_back( "use " + m_seat->server() + ":" + std::to_string( m_seat->port() ) );
    }
    void handleBytestreamError( const gloox::IQ&, const std::string& sid ) override { events.push_back( "refused " + sid ); }
    void take( gloox::Bytestream* stream )
    {
      m_stream = static_cast<gloox::SOCKS5Bytestream*>( stream );
      m_stream->registerBytestreamDataHandler( this );
    }
    void handleBytestreamData( gloox::Bytestream*, const std::string& ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override { events.push_back( "open" ); }
    void handleBytestreamClose( gloox::Bytestream* ) override { events.push_back( "close" ); }

    airlock::Airlock& m_airlock;
    Seat* m_seat = nullptr;
    gloox::SOCKS5Bytestream* m_stream = nullptr;

  public:
    std::unique_ptr<gloox::SOCKS5BytestreamManager> manager;
    std::vector<std::string> events{};
};

inline std::string iqFrom( const std::string& from, const std::string& type, const std::string& id, const std::string& payload = "",
                           const std::string& to = Juliet )
{
  return "<iq type='" + type + "' id='" + id + "' from='" + from + "' to='" + to + "'>" + payload + "</iq>";
}

const std::string ItemNotFound = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

} // namespace simultiple::test::lock

// A namespace of its own, because all test files become one program and other fixtures use the same plain names.
namespace simultiple::test
{
using namespace lock;
} // namespace simultiple::test
