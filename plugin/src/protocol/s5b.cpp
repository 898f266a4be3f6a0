// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/s5b.h"

#include "protocol/sioffer.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace simultiple::protocol
{

namespace
{

constexpr std::size_t MaxParsed = 32;     // SEC-9
constexpr std::size_t MaxHost = 255;      // of a DNS name, and more than any address
constexpr std::uint16_t DefaultPort = 1080;

/// `[2001:db8::1]` without its brackets; anything else in brackets is no host.
std::optional<std::string> readHost( std::string_view text )
{
  if( !text.empty() && text.front() == '[' )
  {
    if( text.back() != ']' || text.find( ':' ) == std::string_view::npos )
      return std::nullopt;
    text = text.substr( 1, text.size() - 2 );
  }
  const bool bad = std::any_of( text.begin(), text.end(), []( char c )
                                { return static_cast<unsigned char>( c ) <= 0x20 || c == 0x7F || c == '[' || c == ']'; } );
  if( text.empty() || text.size() > MaxHost || bad )
    return std::nullopt;
  return std::string( text );
}

std::optional<std::uint16_t> readPort( const gloox::Tag& tag )
{
  const auto text = attribute( tag, "port" );
  if( !text )
    return DefaultPort;
  const auto value = decimal( *text, 65535 );
  if( !value || *value == 0 )
    return std::nullopt;
  return static_cast<std::uint16_t>( *value );
}

/// Section 1.6: one streamhost, or nothing if it is to be skipped.
std::optional<StreamHost> readStreamHost( const gloox::Tag& tag )
{
  const std::string rawJid = attribute( tag, "jid" ).value_or( "" );
  const auto host = readHost( attribute( tag, "host" ).value_or( "" ) );
  const auto port = readPort( tag );
  if( rawJid.empty() || !host || !port || attribute( tag, "zeroconf" ) )
    return std::nullopt;

  const gloox::JID jid( rawJid );
  if( !jid )
    return std::nullopt;
  return StreamHost{ jid, rawJid, *host, *port };
}

char lower( char c ) noexcept
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>( c - 'A' + 'a' ) : c;
}

std::vector<StreamHost> readStreamHosts( const gloox::Tag& query )
{
  std::vector<StreamHost> hosts;
  for( const gloox::Tag* tag : children( query, "streamhost", gloox::XMLNS_BYTESTREAMS, MaxParsed ) )
    if( auto host = readStreamHost( *tag ) )
      hosts.push_back( std::move( *host ) );
  dropRepeats( hosts );
  return hosts;
}

const gloox::Tag* findQuery( const gloox::Tag& iq )
{
  return child( iq, "query", gloox::XMLNS_BYTESTREAMS );
}

StreamHostUsed bogus( const char* problem )
{
  return { gloox::JID(), problem };
}

} // namespace

bool samePlace( const StreamHost& a, const StreamHost& b )
{
  return a.port == b.port && a.host.size() == b.host.size()
         && std::equal( a.host.begin(), a.host.end(), b.host.begin(),
                        []( char x, char y ) { return lower( x ) == lower( y ); } );
}

void dropRepeats( std::vector<StreamHost>& hosts )
{
  for( auto host = hosts.begin(); host != hosts.end(); )
  {
    const bool repeat = std::any_of( hosts.begin(), host, [&]( const StreamHost& other ) { return samePlace( other, *host ); } );
    host = repeat ? hosts.erase( host ) : host + 1;
  }
}

std::unique_ptr<gloox::Tag> buildQuery( const std::string& sid, const std::vector<StreamHost>& hosts )
{
  auto query = element( "query", gloox::XMLNS_BYTESTREAMS );
  query->addAttribute( "sid", sid );
  query->addAttribute( "mode", "tcp" );
  for( const StreamHost& host : hosts )
  {
    auto* tag = new gloox::Tag( query.get(), "streamhost" );   // gloox owns it
    tag->addAttribute( "jid", host.rawJid.empty() ? host.jid.full() : host.rawJid );
    tag->addAttribute( "host", host.host );
    tag->addAttribute( "port", static_cast<int>( host.port ) );
  }
  return query;
}

std::unique_ptr<gloox::Tag> buildProxyQuestion()
{
  return element( "query", gloox::XMLNS_BYTESTREAMS );
}

Query readQuery( const gloox::Tag& query )
{
  Query read;
  const auto sid = attribute( query, "sid" );
  if( sid && characters( *sid ) <= MaxSid )
    read.sid = *sid;
  read.tcp = attribute( query, "mode" ).value_or( "tcp" ) == "tcp";
  read.hosts = readStreamHosts( query );
  return read;
}

StreamHostUsed readStreamHostUsed( const gloox::Tag& iq, const std::string& sid )
{
  const gloox::Tag* query = findQuery( iq );
  if( !query )
    return bogus( "the answer has no <query/>" );
  if( attribute( *query, "sid" ).value_or( sid ) != sid )   // gabble leaves it out
    return bogus( "the answer is about another stream id" );

  const gloox::Tag* used = child( *query, "streamhost-used", gloox::XMLNS_BYTESTREAMS );
  const std::string jid = used ? attribute( *used, "jid" ).value_or( "" ) : std::string();
  if( jid.empty() )
    return bogus( "the answer names no streamhost" );

  StreamHostUsed answer{ gloox::JID( jid ), {} };
  return answer.jid ? answer : bogus( "the answer names a streamhost that is no JID" );
}

std::vector<StreamHost> readProxyAddress( const gloox::Tag& iq )
{
  const gloox::Tag* query = findQuery( iq );
  return query ? readStreamHosts( *query ) : std::vector<StreamHost>();
}

} // namespace simultiple::protocol
