// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/scripted.h"

#include "support/harness.h"
#include "support/schema.h"

#include <stdexcept>

namespace simultiple::test
{

// ---- the connection

ScriptedConnection::ScriptedConnection( gloox::ConnectionDataHandler* handler, std::function<void( const std::string& )> sink )
  : ConnectionBase( handler ), m_sink( std::move( sink ) )
{
}

void ScriptedConnection::feed( const std::string& xml )
{
  m_handler->handleReceivedData( this, xml );
}

void ScriptedConnection::lose()
{
  m_state = gloox::StateDisconnected;
  m_handler->handleDisconnect( this, gloox::ConnStreamClosed );
}

gloox::ConnectionError ScriptedConnection::connect()
{
  m_state = gloox::StateConnected;
  m_handler->handleConnect( this );
  return gloox::ConnNoError;
}

gloox::ConnectionError ScriptedConnection::recv( int )
{
  return m_state == gloox::StateConnected ? gloox::ConnNoError : gloox::ConnNotConnected;
}

bool ScriptedConnection::send( const std::string& data )
{
  if( m_state != gloox::StateConnected )
    return false;

  switch( m_onSend )
  {
    case OnSend::Accept:
      m_sink( data );
      return true;
    case OnSend::Fail:
      return false;
    case OnSend::Lose:
      lose();
      return false;
  }
  return false;
}

gloox::ConnectionBase* ScriptedConnection::newInstance() const
{
  return m_newInstance ? m_newInstance() : new ScriptedConnection( nullptr, m_sink ); // the caller owns it
}

// ---- both kinds

ScriptedEntity::~ScriptedEntity()
{
  if( m_base )
    m_base->removeConnectionListener( this );
}

void ScriptedEntity::attach( std::unique_ptr<gloox::ClientBase> client )
{
  m_base = std::move( client );
  m_connection = new ScriptedConnection( m_base.get(), [this]( const std::string& data ) { written( data ); } );
  m_base->setConnectionImpl( m_connection ); // gloox owns it
  m_base->setTls( gloox::TLSDisabled );
  m_base->setCompression( false );
  m_base->registerConnectionListener( this );
  if( !m_base->connect( false ) || !logIn() )
    throw std::runtime_error( "the scripted login failed" );
}

bool ScriptedEntity::logIn( const std::string& until )
{
  // Replies wait here, since the client is not to be fed from inside its own send().
  m_partway = !until.empty();
  while( !m_replies.empty() && ( until.empty() || m_replies.front().find( until ) == std::string::npos ) )
  {
    const std::string reply = std::move( m_replies.front() );
    m_replies.pop_front();
    m_connection->feed( reply );
  }
  return m_online;
}

void ScriptedEntity::written( const std::string& data )
{
  const Harness ours;
  if( !m_online )
  {
    const std::vector<std::string> stanzas = splitStanzas( data );
    if( data.find( "<stream:stream" ) != std::string::npos )
      m_replies.push_back( streamReply() );
    for( const std::string& stanza : stanzas )
    {
      std::string reply = loginReply( stanza );
      if( !reply.empty() )
        m_replies.push_back( std::move( reply ) );
      else if( m_partway )
        m_sent += stanza;
    }
    return;
  }

  checkSiMultiples( data );   // TC-011: whatever test it is
  m_sent += data;
  for( const std::string& stanza : splitStanzas( data ) )
  {
    for( const char* name : { "<iq", "<message", "<presence" } )
      m_seen += stanza.rfind( name, 0 ) == 0 ? 1 : 0;
    if( m_onStanza )
      m_onStanza( stanza );
  }
}

void ScriptedEntity::onDisconnect( gloox::ConnectionError )
{
  m_online = false;
  ++m_disconnects;
}

void ScriptedEntity::feed( const std::string& xml )
{
  m_connection->feed( xml );
}

void ScriptedEntity::dropConnection()
{
  m_connection->lose();
}

bool ScriptedEntity::reconnect( const std::string& until )
{
  m_connection->setOnSend( ScriptedConnection::OnSend::Accept );
  m_replies.clear();
  return m_base->connect( false ) && logIn( until );
}

// ---- a client

ScriptedClient::ScriptedClient( const std::string& fullJid )
  : m_jid( fullJid )
{
  auto client = std::make_unique<gloox::Client>( m_jid, "secret" );
  m_client = client.get();
  attach( std::move( client ) );
}

std::string ScriptedClient::streamReply()
{
  const std::string header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
                             " id='scripted' from='" + m_jid.server() + "' version='1.0'><stream:features>";
  const bool again = m_authenticated;
  m_authenticated = false;
  return header + ( again ? std::string( "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>" ) + ( m_managed ? "<sm xmlns='urn:xmpp:sm:3'/>" : "" )
                          : "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>" )
         + "</stream:features>";
}

std::string ScriptedClient::loginReply( const std::string& stanza )
{
  const std::string result = "<iq type='result' id='" + attribute( stanza, "id" ) + "' to='" + m_jid.full() + "'>";
  if( stanza.compare( 0, 5, "<auth" ) == 0 )
  {
    m_authenticated = true;
    return "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
  }
  if( stanza.find( "urn:ietf:params:xml:ns:xmpp-bind" ) != std::string::npos )
    return result + "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>" + m_jid.full() + "</jid></bind></iq>";
  if( stanza.find( "jabber:iq:roster" ) != std::string::npos )
    return result + "<query xmlns='jabber:iq:roster'/></iq>";
  if( stanza.compare( 0, 7, "<resume" ) == 0 )
  {
    m_seen -= m_unseen;
    return "<resumed xmlns='urn:xmpp:sm:3' previd='scripted' h='" + std::to_string( m_seen ) + "'/>";
  }
  return "";
}

// gloox asks once the resource is bound, which it is, and then goes through the end of a login again.
void ScriptedClient::manageStream()
{
  m_managed = true;
  m_client->setStreamManagement( true, true );
  m_seen = 0;
  feed( "<enabled xmlns='urn:xmpp:sm:3' id='scripted' resume='true'/>" );
  feed( loginReply( stanzas().back() ) );
  clear();
}

bool ScriptedClient::resumeStream( int unseen )
{
  m_unseen = unseen;
  return reconnect();
}

// ---- a component

ScriptedComponent::ScriptedComponent( const std::string& domain )
  : m_domain( domain )
{
  auto component = std::make_unique<gloox::Component>( gloox::XMLNS_COMPONENT_ACCEPT, "server.example", domain, "secret" );
  m_component = component.get();
  attach( std::move( component ) );
}

std::string ScriptedComponent::streamReply()
{
  return "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'"
         " id='scripted' from='" + m_domain + "'>";
}

std::string ScriptedComponent::loginReply( const std::string& stanza )
{
  return stanza.compare( 0, 10, "<handshake" ) == 0 ? "<handshake/>" : "";
}

} // namespace simultiple::test
