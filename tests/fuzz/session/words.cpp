// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/session/words.h"

#include "fuzz/session/app.h"
#include "protocol/base64.h"

#include <array>

namespace simultiple::fuzz::words
{

const std::string Own = "juliet@capulet.example/balcony";
const std::string Romeo = "romeo@montague.example/orchard";
const std::string Proxy = "proxy.capulet.example";

namespace
{

const std::string S5b = "http://jabber.org/protocol/bytestreams";
const std::string Ibb = "http://jabber.org/protocol/ibb";
const std::string Multiple = "http://telepathy.freedesktop.org/xmpp/si-multiple";

/// Four at most, two bits each.
template<typename Wrap>
std::string methodsOf( std::uint8_t which, Wrap wrap )
{
  const std::array<std::string, 4> names{ "", S5b, Ibb, "urn:x:unknown" };
  std::string xml;
  for( unsigned i = 0; i < 4; ++i, which = static_cast<std::uint8_t>( which >> 2 ) )
    if( ( which & 3U ) != 0 )
      xml += wrap( names[which & 3U] );
  return xml;
}

std::string value( const std::string& name ) { return "<value>" + name + "</value>"; }
std::string option( const std::string& name ) { return "<option>" + value( name ) + "</option>"; }

std::string form( const std::string& type, const std::string& field, const std::string& inside )
{
  return "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='" + type + "'><field var='stream-method'" + field + ">" + inside
         + "</field></x></feature>";
}

std::string sidOf( const std::string& sid ) { return sid.empty() ? "" : " sid='" + escaped( sid ) + "'"; }

std::string ofIbb( const std::string& name, const std::string& sid, const std::string& more, const std::string& content = {} )
{
  return "<" + name + " xmlns='" + Ibb + "'" + sidOf( sid ) + more + ">" + content + "</" + name + ">";
}

} // namespace

std::string escaped( const std::string& text )
{
  std::string xml;
  for( const char c : text )
    xml += c == '&' ? "&amp;" : c == '\'' ? "&apos;" : c == '<' ? "&lt;" : c == '\n' ? "&#10;" : std::string( 1, c );
  return xml;
}

std::string iq( const std::string& type, const std::string& id, const std::string& from, const std::string& payload )
{
  return "<iq type='" + type + "' id='" + id + "'" + ( from.empty() ? "" : " from='" + from + "'" ) + " to='" + Own + "'>" + payload + "</iq>";
}

std::string offer( const std::string& sid, std::uint8_t methods, std::uint8_t how )
{
  const bool multiple = ( how & 1U ) == 0;
  std::string content = ( how & 2U ) != 0 ? "" : "<thing xmlns='" + App::Profile + "'/>";
  const char* field = ( how & 4U ) != 0 ? " type='list-multi'" : ( how & 8U ) != 0 ? " type='text-single'" : " type='list-single'";
  if( ( how & 16U ) == 0 )
    content += form( "form", field, methodsOf( methods, option ) );
  if( multiple )
    content += "<si-multiple xmlns='" + Multiple + "'/>";
  const auto profile = ( how & 32U ) != 0 ? std::string( "urn:x:none" ) : App::Profile;
  return "<si xmlns='http://jabber.org/protocol/si'" + ( sid.empty() ? std::string() : " id='" + escaped( sid ) + "'" ) + " profile='" + profile + "'>" + content + "</si>";
}

std::string query( const std::string& sid, std::uint8_t hosts )
{
  std::string inside;
  const std::array<std::string, 4> who{ Romeo, Romeo, Proxy, "not@@a jid" };
  const unsigned first = hosts >> 2U;
  for( unsigned i = 0; i < ( hosts & 3U ); ++i )
    inside += "<streamhost jid='" + who[( first + i ) & 3U] + "' host='192.0.2." + std::to_string( i + 1 ) + "' port='7777'/>";
  const char* mode = ( hosts & 64U ) != 0 ? " mode='udp'" : ( hosts & 128U ) != 0 ? "" : " mode='tcp'";
  return "<query xmlns='" + S5b + "'" + sidOf( sid ) + mode + ">" + inside + "</query>";
}

std::string open( const std::string& sid, unsigned blockSize, std::uint8_t how )
{
  if( how >= 250 )
    return ofIbb( "open", sid, how & 1U ? "" : " block-size='-1'" );
  return ofIbb( "open", sid, " block-size='" + std::to_string( how >= 240 ? 65535 : blockSize ) + "' stanza='iq'" );
}

std::string data( const std::string& sid, unsigned seq, unsigned size, std::uint8_t how )
{
  auto text = protocol::encodeBase64( std::string( size, 'i' ) );
  if( how == 1 )
    text = " " + text.substr( 0, text.size() / 2 ) + "\n" + text.substr( text.size() / 2 );
  else if( how == 2 )
    text += "=";
  return ofIbb( "data", sid, " seq='" + std::to_string( seq & 0xffffU ) + "'", text );
}

std::string close( const std::string& sid ) { return ofIbb( "close", sid, "" ); }

std::string note( const std::string& sid ) { return "<alive xmlns='" + App::Notes + "'" + sidOf( sid ) + "/>"; }

std::string error( std::uint8_t which )
{
  static const std::array<const char*, 8> conditions{ "item-not-found", "service-unavailable", "resource-constraint", "not-acceptable",
                                                      "forbidden", "recipient-unavailable", "bad-request", "remote-server-timeout" };
  if( which == 255 )
    return "";
  return std::string( "<error type='cancel'><" ) + conditions[which & 7U] + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
}

namespace
{

std::string acceptance( std::uint8_t how )
{
  const auto methods = how & 63U;
  std::string content;
  if( ( how & 64U ) != 0 || methods == 0 )
    content += form( "submit", "", methodsOf( static_cast<std::uint8_t>( methods == 0 ? how : methods ), value ) );
  if( ( how & 128U ) == 0 )
    content += "<si-multiple xmlns='" + Multiple + "'>" + methodsOf( static_cast<std::uint8_t>( methods ), value ) + "</si-multiple>";
  return "<si xmlns='http://jabber.org/protocol/si'>" + content + "</si>";
}

// Whose streamhost was used: ours, the proxy's, a stranger's, nobody's.
std::string used( const Ledger::Request& request, std::uint8_t how )
{
  const std::array<std::string, 4> who{ Own, Proxy, "stranger@example.org/x", "" };
  const auto sid = ( how & 4U ) != 0 ? "" : sidOf( ( how & 8U ) != 0 ? "other" : request.sid );
  return "<query xmlns='" + S5b + "'" + sid + ">" + ( ( how & 16U ) != 0 ? "" : "<streamhost-used jid='" + who[how & 3U] + "'/>" ) + "</query>";
}

} // namespace

std::string result( const Ledger::Request& request, std::uint8_t how )
{
  const auto asks = [&]( const char* ns ) { return request.xml.find( ns ) != std::string::npos; };
  if( request.kind == "si" )
    return acceptance( how );
  if( request.kind != "query" )
    return how == 255 ? "<surprise xmlns='urn:x:unknown'/>" : "";
  if( asks( "disco#items" ) )
    return "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='" + Proxy + "'/><item jid='room.capulet.example'/></query>";
  if( asks( "disco#info" ) )
    return std::string( "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='" ) + ( how & 1U ? "conference" : "proxy" )
           + "' type='bytestreams'/></query>";
  if( asks( "type='get'" ) )
    return "<query xmlns='" + S5b + "'><streamhost jid='" + Proxy + "' host='198.51.100.4' port='" + ( how & 1U ? "0" : "7777" ) + "'/></query>";
  return used( request, how );
}

std::string strange( std::uint8_t which, const std::string& id, const std::string& from, const std::string& sid )
{
  const auto message = [&]( const std::string& attributes, const std::string& inside )
  {
    return "<message" + attributes + ( from.empty() ? "" : " from='" + from + "'" ) + " to='" + Own + "'>" + inside + "</message>";
  };
  switch( which % 10 )
  {
    case 0: return iq( "get", id, from, offer( sid, 0x9, 0 ) );
    case 1: return iq( "get", id, from, query( sid, 1 ) );
    case 2: return iq( "result", id, from, "" );
    case 3: return iq( "error", id, from, error( which ) );
    case 4: return iq( "set", id, from, "<nothing xmlns='urn:x:unknown'/>" );
    case 5: return iq( "set", id, from, offer( sid, 0x9, 0 ) + query( sid, 1 ) + close( sid ) );
    case 6: return iq( "get", id, from, "<query xmlns='http://jabber.org/protocol/disco#info'/>" );
    case 7: return message( " type='error'", data( sid, 0, 1, 0 ) );
    case 8: return message( "", "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='" + Romeo + "' to='" + Own + "'>" + data( sid, 0, 1, 0 ) + "</message></forwarded>" );
    default: return iq( "set", id, from, "" );
  }
}

} // namespace simultiple::fuzz::words
