// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "flow/beside_fixture.h"

#include <gloox/connectiontcpclient.h>
#include <gloox/message.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

/// gloox 1.0.24 looks the server's address up and does not free what it got.
extern "C" const char* __lsan_default_suppressions() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): LeakSanitizer's name
{
  return "leak:gloox::ConnectionTCPServer::connect\n";
}

extern "C" const char* __lsan_default_options() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
{
  return "print_suppressions=0";
}

namespace simultiple::test::beside
{

StockBot::StockBot( ScriptedClient& entity )
  : m_client( entity.client() ), m_initiation( &m_client ), m_socks5( &m_client, nullptr ), m_server( m_client.logInstance(), 0, "127.0.0.1" ),
    m_files( &m_client, this, &m_initiation, &m_socks5 )
{
  entity.connection().setNewInstance( [&entity] { return new gloox::ConnectionTCPClient( entity.base().logInstance(), "", 0 ); } );   // the caller owns it
  m_socks5.registerBytestreamHandler( &m_files );
  if( m_server.listen() != gloox::ConnNoError )
    throw std::runtime_error( "the stock bot cannot listen" );
  m_files.registerSOCKS5BytestreamServer( &m_server );
  m_client.registerMessageHandler( this );
}

StockBot::~StockBot()
{
  m_client.removeMessageHandler( this );
  for( const auto& running : m_streams )
  {
    running.first->removeBytestreamDataHandler();
    m_files.dispose( running.first );
  }
}

void StockBot::offer( const std::string& to, const std::string& sid, const std::string& payload, int types, int streamhostPort )
{
  gloox::StreamHost host;
  host.jid = m_client.jid();
  host.host = "127.0.0.1";
  host.port = streamhostPort != 0 ? streamhostPort : m_server.localPort();
  m_files.setStreamHosts( { host } );
  m_outgoing[sid] = payload;
  m_files.requestFT( gloox::JID( to ), "of " + sid, static_cast<long>( payload.size() ), {}, {}, {}, {}, types, {}, sid );
}

void StockBot::pump()
{
  m_server.recv( 0 );
  const auto streams = m_streams;
  for( const auto& [stream, running] : streams )
  {
    const auto waiting = m_outgoing.find( stream->sid() );
    if( running.over )
    {
      stream->removeBytestreamDataHandler();
      m_files.dispose( stream );   // not inside its own callback: gloox would use it once more
      m_streams.erase( stream );
    }
    else if( running.open && waiting != m_outgoing.end() )
    {
      stream->send( waiting->second );
      m_outgoing.erase( waiting );
      stream->close();
    }
    else if( stream->type() == gloox::Bytestream::S5B )
    {
      stream->recv( 0 );
    }
  }
}

void StockBot::handleFTRequest( const gloox::JID& from, const gloox::JID& to, const std::string& sid, const std::string& name, long size, const std::string&,
                                const std::string&, const std::string&, const std::string&, int types )
{
  events.push_back( "offer " + sid + " " + name + " of " + std::to_string( size ) + " from " + from.full() + " to " + to.full() + " by "
                    + std::to_string( types ) );
  if( name.compare( 0, 3, "ibb" ) == 0 )
    m_files.acceptFT( from, sid, gloox::SIProfileFT::FTTypeIBB );
  else if( name.compare( 0, 3, "s5b" ) == 0 )
    m_files.acceptFT( from, sid, gloox::SIProfileFT::FTTypeS5B );
  else if( name.compare( 0, 2, "of" ) == 0 )
    m_files.acceptFT( from, sid, types & gloox::SIProfileFT::FTTypeS5B ? gloox::SIProfileFT::FTTypeS5B : gloox::SIProfileFT::FTTypeIBB );
  else if( name.compare( 0, 2, "no" ) == 0 )
    m_files.declineFT( from, sid, gloox::SIManager::RequestRejected, "no" );
}

void StockBot::handleFTRequestError( const gloox::IQ& answer, const std::string& sid )
{
  events.push_back( "request error " + sid + " from " + answer.from().full() );
}

void StockBot::handleFTBytestream( gloox::Bytestream* stream )
{
  note( "stream", *stream );
  stream->registerBytestreamDataHandler( this );
  m_streams[stream];
  stream->connect();
}

void StockBot::handleBytestreamData( gloox::Bytestream* stream, const std::string& data )
{
  note( "data", *stream );
  received[stream->sid()] += data;
}

void StockBot::handleBytestreamOpen( gloox::Bytestream* stream )
{
  note( "open", *stream );
  m_streams[stream].open = true;
}

void StockBot::handleBytestreamClose( gloox::Bytestream* stream )
{
  note( "close", *stream );
  m_streams[stream].over = true;
}

void StockBot::handleMessage( const gloox::Message& message, gloox::MessageSession* )
{
  events.push_back( "message " + message.body() );
  if( message.subtype() == gloox::Message::Chat && !message.body().empty() )
    m_client.send( gloox::Message( gloox::Message::Chat, message.from(), message.body() ) );
}

std::string Renamer::operator()( const std::string& text )
{
  constexpr std::size_t Shortest = 48;   // a digest and a counter, in hexadecimal digits
  std::string result;
  for( std::size_t at = 0; at < text.size(); )
  {
    std::size_t end = at;
    while( end < text.size() && std::isxdigit( static_cast<unsigned char>( text[end] ) ) )
      ++end;
    const auto word = text.substr( at, std::max<std::size_t>( end - at, 1 ) );
    result += word.size() < Shortest ? word : m_names.emplace( word, "#" + std::to_string( m_names.size() + 1 ) ).first->second;
    at += word.size();
  }
  return result;
}

std::string withoutPlugin( std::string stanza )
{
  for( const auto& feature : { gloox::XMLNS_FEATURE_NEG, gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB, OtherProfile,
                               std::string( "http://telepathy.freedesktop.org/xmpp/si-multiple" ) } )
  {
    const auto text = "<feature var='" + feature + "'/>";
    if( const auto at = stanza.find( text ); at != std::string::npos )
      stanza.erase( at, text.size() );   // once: a second one is a fault
  }
  if( const auto at = stanza.find( " ver='" ); at != std::string::npos )
    stanza.erase( at, stanza.find( '\'', at + 6 ) + 1 - at );
  return stanza;
}

std::string discoOf( ScriptedClient& client )
{
  client.clear();
  client.feed( iq( "get", "disco", "<query xmlns='http://jabber.org/protocol/disco#info'/>" ) );
  return client.sent();
}

ProfileOptions besideStock()
{
  ProfileOptions options;
  options.takePlainOffers = false;
  return options;
}

std::string offerOf( const std::string& from, const std::string& sid, const std::string& name, const std::string& id, bool multiple, const std::string& profile )
{
  const bool file = profile == Profile;
  return iq( "set", id,
             "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' mime-type='text/plain' profile='" + profile + "'>"
               + ( file ? "<file xmlns='" + Profile + "' name='" + name + "' size='5'><desc>a file</desc></file>" : "<what xmlns='" + profile + "'/>" )
               + "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                 "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/bytestreams</value></option>"
                 "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>"
               + ( multiple ? "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>" : "" ) + "</si>",
             from );
}

std::string iq( const std::string& type, const std::string& id, const std::string& payload, const std::string& from )
{
  return "<iq type='" + type + "' id='" + id + "' to='" + Juliet + "'" + ( from.empty() ? "" : " from='" + from + "'" ) + ">" + payload + "</iq>";
}

} // namespace simultiple::test::beside
