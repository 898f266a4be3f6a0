// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/client.h>
#include <gloox/component.h>
#include <gloox/connectionbase.h>
#include <gloox/connectionlistener.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench
{

/**
 * A server of two: the connection of one gloox entity, whose other end is another entity in this process. It logs its entity in and hands
 * stanzas over nearly as they stand, so that what is measured is the entities' work: a stanza costs one copy of a string here, however many
 * sessions there are. (Both plugins write `from` by themselves, so no stamping is needed; what has no `to` is for a server that has nothing to say.)
 */
class Wire final : public gloox::ConnectionBase
{
  public:
    Wire( gloox::ConnectionDataHandler* handler, std::string own, bool component )
      : ConnectionBase( handler ), m_own( std::move( own ) ), m_component( component )
    {
    }

    ~Wire() override
    {
      if( m_other )
        m_other->m_other = nullptr;
    }
    Wire( const Wire& ) = delete;
    Wire& operator=( const Wire& ) = delete;

    void joinTo( Wire* other ) { m_other = other; }
    void goOnline() { m_online = true; }   ///< Its entity is logged in
    [[nodiscard]] bool online() const { return m_online; }
    /** Hands stanzas to gloox until it has had so many bytes. @return How many stanzas there were. */
    std::size_t deliver( std::size_t bytes )
    {
      std::size_t done = 0;
      for( std::size_t had = 0; had < bytes && !m_waiting.empty(); ++done )
      {
        const std::string next = std::move( m_waiting.front() );
        m_waiting.pop_front();
        had += next.size();
        m_handler->handleReceivedData( this, next );
      }
      m_delivered += done;
      return done;
    }
    /** For measurements of what arrives: to gloox at once. */
    void feed( const std::string& xml ) { m_handler->handleReceivedData( this, xml ); }
    /** What a broken connection does. */
    void lose()
    {
      m_state = gloox::StateDisconnected;
      m_waiting.clear();
      m_handler->handleDisconnect( this, gloox::ConnStreamClosed );
    }
    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }
    [[nodiscard]] std::size_t delivered() const { return m_delivered; }
    [[nodiscard]] std::size_t written() const { return m_written; }

    gloox::ConnectionError connect() override
    {
      m_state = gloox::StateConnected;
      m_handler->handleConnect( this );
      return gloox::ConnNoError;
    }
    gloox::ConnectionError recv( int ) override { return gloox::ConnNoError; }
    gloox::ConnectionError receive() override { return gloox::ConnNoError; }
    void disconnect() override { m_state = gloox::StateDisconnected; }
    void getStatistics( long int& totalIn, long int& totalOut ) override { totalIn = totalOut = 0; }
    gloox::ConnectionBase* newInstance() const override { return new Wire( nullptr, m_own, m_component ); } // the caller owns it

    bool send( const std::string& data ) override
    {
      if( !m_online )
        return logIn( data );
      ++m_written;
      const auto head = data.substr( 0, std::min( data.find( '>' ), data.size() ) );
      if( m_other && head.find( " to='" ) != std::string::npos )
      {
        // As servers do it: the stanza is in the namespace of the stream, whichever that is at the other end.
        static const std::string Namespace = " xmlns='jabber:";
        const auto at = head.find( Namespace );
        const auto end = at == std::string::npos ? at : head.find( '\'', at + Namespace.size() );
        m_other->m_waiting.push_back( end == std::string::npos ? data : std::string( data ).erase( at, end + 1 - at ) );
      }
      return true;
    }

  private:
    void reply( std::string xml ) { m_waiting.push_back( std::move( xml ) ); }

    bool logIn( const std::string& data )
    {
      const auto has = [&data]( const char* text ) { return data.find( text ) != std::string::npos; };
      const auto result = [&data]( const std::string& payload )
      {
        const auto at = data.find( " id='" ) + 5;
        return "<iq type='result' id='" + data.substr( at, data.find( '\'', at ) - at ) + "'>" + payload + "</iq>";
      };
      if( has( "<stream:stream" ) )
      {
        const bool again = std::exchange( m_authenticated, false );
        std::string xml = "<?xml version='1.0'?><stream:stream xmlns='jabber:" + std::string( m_component ? "component:accept" : "client" )
                          + "' xmlns:stream='http://etherx.jabber.org/streams' id='wired' from='wired.example' version='1.0'>";
        if( !m_component )
          xml += std::string( "<stream:features>" )
                 + ( again ? "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
                           : "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>" )
                 + "</stream:features>";
        reply( xml );
      }
      else if( has( "<handshake" ) )
        reply( "<handshake/>" );
      else if( has( "<auth" ) )
      {
        m_authenticated = true;
        reply( "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" );
      }
      else if( has( "urn:ietf:params:xml:ns:xmpp-bind" ) )
        reply( result( "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>" + m_own + "</jid></bind>" ) );
      else if( has( "jabber:iq:roster" ) )
        reply( result( "<query xmlns='jabber:iq:roster'/>" ) );
      return true;
    }

    std::string m_own;
    bool m_component;
    bool m_authenticated = false;
    bool m_online = false;
    Wire* m_other = nullptr;
    std::deque<std::string> m_waiting{};
    std::size_t m_delivered = 0;
    std::size_t m_written = 0;
};

/// A gloox::Client or gloox::Component, logged in on a Wire.
class Entity final : private gloox::ConnectionListener
{
  public:
    /** @param jid Full JID of a client, domain of a component. */
    Entity( const std::string& jid, bool component )
    {
      if( component )
        m_base = std::make_unique<gloox::Component>( gloox::XMLNS_COMPONENT_ACCEPT, "wired.example", jid, "secret" );
      else
        m_base = std::make_unique<gloox::Client>( gloox::JID( jid ), "secret" );
      m_wire = new Wire( m_base.get(), jid, component );
      m_base->setConnectionImpl( m_wire ); // gloox owns it
      m_base->setTls( gloox::TLSDisabled );
      m_base->setCompression( false );
      m_base->registerConnectionListener( this );
      bool alive = m_base->connect( false );
      while( alive && !m_wire->online() )
        alive = m_wire->deliver( 1 ) > 0;
      if( !m_wire->online() )
        throw std::runtime_error( "the login on the wire failed" );
    }
    ~Entity() override { m_base->removeConnectionListener( this ); }
    Entity( const Entity& ) = delete;
    Entity& operator=( const Entity& ) = delete;

    [[nodiscard]] gloox::ClientBase& base() { return *m_base; }
    [[nodiscard]] Wire& wire() { return *m_wire; }

  private:
    void onConnect() override { m_wire->goOnline(); }
    void onDisconnect( gloox::ConnectionError ) override {}
    bool onTLSConnect( const gloox::CertInfo& ) override { return true; }

    std::unique_ptr<gloox::ClientBase> m_base{};
    Wire* m_wire = nullptr;   ///< gloox's
};

/** Joins two entities: what one sends with a `to`, the other receives. */
inline void join( Entity& one, Entity& other )
{
  one.wire().joinTo( &other.wire() );
  other.wire().joinTo( &one.wire() );
}

} // namespace bench
