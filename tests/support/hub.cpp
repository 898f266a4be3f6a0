// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/hub.h"

#include "support/stanza.h"

#include <gloox/gloox.h>
#include <gloox/jid.h>

#include <stdexcept>

namespace simultiple::test
{

namespace
{

const std::string Disco = "http://jabber.org/protocol/disco#";
const std::string ServiceUnavailable =
    "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

std::string reply( const gloox::Tag& iq, const std::string& type, const std::string& payload )
{
  return withAttribute( withAttribute( "<iq type='" + type + "'>" + payload + "</iq>", "id", iq.findAttribute( "id" ) ), "to",
                        iq.findAttribute( "from" ) );
}

bool isRequest( const gloox::Tag& stanza )
{
  const std::string& type = stanza.findAttribute( "type" );
  return stanza.name() == "iq" && ( type == "get" || type == "set" );
}

std::string infoOf( const std::string& category, const std::string& type, const std::vector<std::string>& features )
{
  std::string xml = "<query xmlns='" + Disco + "info'><identity category='" + category + "' type='" + type + "'/>";
  for( const std::string& feature : features )
    xml += "<feature var='" + feature + "'/>";
  return xml + "</query>";
}

} // namespace

Hub::Hub( std::string domain )
  : m_domain( std::move( domain ) )
{
  m_served.emplace( m_domain, [this]( const gloox::Tag& stanza ) { return serverReply( stanza ); } );
}

Hub::~Hub()
{
  for( const auto& entity : m_entities )
    entity.second->setOnStanza( {} ); // what they say while they die is not for us
}

ScriptedClient& Hub::join( const std::string& fullJid )
{
  auto client = std::make_unique<ScriptedClient>( fullJid );
  ScriptedClient& result = *client;
  client->setOnStanza( [this, fullJid]( const std::string& xml ) { accept( fullJid, false, xml ); } );
  m_entities[fullJid] = std::move( client );

  // Its own server is this one, too, whatever the domain.
  m_served.emplace( gloox::JID( fullJid ).server(), [this]( const gloox::Tag& stanza ) { return serverReply( stanza ); } );
  return result;
}

ScriptedComponent& Hub::joinComponent( const std::string& domain )
{
  auto component = std::make_unique<ScriptedComponent>( domain );
  ScriptedComponent& result = *component;
  component->setOnStanza( [this, domain]( const std::string& xml ) { accept( domain, true, xml ); } );
  m_entities[domain] = std::move( component );
  return result;
}

void Hub::serve( const std::string& jid, Entity entity )
{
  m_served[jid] = std::move( entity );
}

void Hub::serveProxy( const std::string& jid, const std::string& host, int port,
                      std::function<bool( const gloox::Tag& )> activate )
{
  m_items.push_back( jid );
  serve( jid, [=]( const gloox::Tag& iq ) -> std::string {
    if( !isRequest( iq ) )
      return "";
    if( iq.hasChild( "query", "xmlns", Disco + "info" ) )
      return reply( iq, "result", infoOf( "proxy", "bytestreams", { gloox::XMLNS_BYTESTREAMS } ) );
    const gloox::Tag* query = iq.findChild( "query", "xmlns", gloox::XMLNS_BYTESTREAMS );
    if( query && query->hasChild( "activate" ) )
      return !activate || activate( iq ) ? reply( iq, "result", "" )
                                         : reply( iq, "error", "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" );
    if( query && iq.findAttribute( "type" ) == "get" )
      return reply( iq, "result",
                    "<query xmlns='" + gloox::XMLNS_BYTESTREAMS + "'><streamhost jid='" + jid + "' host='" + host + "' port='"
                        + std::to_string( port ) + "'/></query>" );
    return reply( iq, "error", ServiceUnavailable );
  } );
}

std::string Hub::serverReply( const gloox::Tag& stanza ) const
{
  if( !isRequest( stanza ) )
    return "";
  if( stanza.hasChild( "query", "xmlns", Disco + "info" ) )
    return reply( stanza, "result", infoOf( "server", "im", { Disco + "info", Disco + "items" } ) );
  if( !stanza.hasChild( "query", "xmlns", Disco + "items" ) )
    return reply( stanza, "error", ServiceUnavailable );

  std::string items = "<query xmlns='" + Disco + "items'>";
  for( const std::string& item : m_items )
    items += "<item jid='" + item + "'/>";
  return reply( stanza, "result", items + "</query>" );
}

void Hub::accept( const std::string& sender, bool component, const std::string& stanza )
{
  const std::string name = stanza.substr( 1, stanza.find_first_of( " />" ) - 1 );
  if( name != "iq" && name != "message" && name != "presence" )
    return;

  // As servers do it: a client cannot choose its `from`, a component may, within its domain.
  std::string xml = withAttribute( stanza, "xmlns", "" );
  const std::string from = component ? attribute( stanza, "from" ) : sender;
  xml = withAttribute( xml, "from", from.empty() ? sender : from );
  if( attribute( xml, "to" ).empty() )
  {
    if( name != "iq" )
      return; // presence to the roster
    xml = withAttribute( xml, "to", m_domain );
  }
  m_queue.push_back( std::move( xml ) );
}

void Hub::inject( const std::string& xml )
{
  m_queue.push_back( xml );
}

bool Hub::step()
{
  if( m_queue.empty() )
    return false;
  std::string xml = std::move( m_queue.front() );
  m_queue.pop_front();
  if( m_filter && !m_filter( xml ) )
    return true;
  m_log.push_back( xml );
  deliver( xml );
  return true;
}

std::size_t Hub::run( std::size_t atMost )
{
  std::size_t n = 0;
  while( n < atMost && step() )
    ++n;
  return n;
}

ScriptedEntity* Hub::find( const std::string& jid ) const
{
  auto i = m_entities.find( jid );
  if( i == m_entities.end() )
    i = m_entities.find( gloox::JID( jid ).server() );
  return i != m_entities.end() && i->second->online() ? i->second.get() : nullptr;
}

void Hub::deliver( const std::string& xml )
{
  const std::string to = attribute( xml, "to" );
  const auto served = m_served.find( to );
  if( served == m_served.end() )
  {
    if( ScriptedEntity* entity = find( to ) )
      return entity->feed( xml );
  }

  const std::unique_ptr<gloox::Tag> stanza = parse( xml );
  if( !stanza )
    throw std::runtime_error( "not a stanza: " + xml );
  const std::string answers = served != m_served.end() ? served->second( *stanza )
                              : isRequest( *stanza )   ? reply( *stanza, "error", ServiceUnavailable )
                                                       : "";
  for( const std::string& answer : splitStanzas( answers ) )
    m_queue.push_back( withAttribute( answer, "from", to ) );
}

std::vector<std::string> Hub::logged( const std::string& text ) const
{
  std::vector<std::string> found;
  for( const std::string& xml : m_log )
    if( xml.find( text ) != std::string::npos )
      found.push_back( xml );
  return found;
}

} // namespace simultiple::test
