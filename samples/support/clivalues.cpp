// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "clivalues.h"

#include "cli.h"
#include "text.h"

#include <gloox/gloox.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace sample
{

namespace
{

bool isAddress( const std::string& text, int family )
{
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton( family, text.c_str(), bytes.data() ) == 1;
}

} // namespace

std::vector<std::string> split( std::string_view text, char separator )
{
  std::vector<std::string> parts;
  for( auto at = text.find( separator ); at != std::string_view::npos; at = text.find( separator ) )
  {
    parts.emplace_back( text.substr( 0, at ) );
    text.remove_prefix( at + 1 );
  }
  parts.emplace_back( text );
  return parts;
}

bool isCidr( const std::string& text )
{
  const auto slash = text.find( '/' );
  const std::string address = text.substr( 0, slash );
  const bool v4 = isAddress( address, AF_INET );
  if( !v4 && !isAddress( address, AF_INET6 ) )
    return false;
  return slash == std::string::npos || decimal( text.substr( slash + 1 ), v4 ? 32 : 128 ).has_value();
}

bool methodList( const std::string& text, std::vector<std::string>& methods )
{
  methods.clear();
  for( const auto& name : split( text, ',' ) )
  {
    if( name != "s5b" && name != "ibb" )
      return false;
    const std::string& method = name == "s5b" ? gloox::XMLNS_BYTESTREAMS : gloox::XMLNS_IBB;
    if( std::find( methods.begin(), methods.end(), method ) != methods.end() )
      return false;
    methods.push_back( method );
  }
  return true;
}

bool addressAndPort( const std::string& text, std::string& address, std::uint16_t& port )
{
  const auto colon = text.rfind( ':' );
  if( colon == std::string::npos )
    return false;
  address = text.substr( 0, colon );
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if( bracketed )
    address = address.substr( 1, address.size() - 2 );
  const auto number = decimal( std::string_view( text ).substr( colon + 1 ), 65535 );
  port = static_cast<std::uint16_t>( number.value_or( 0 ) );
  return number && ( address.empty() || isAddress( address, bracketed ? AF_INET6 : AF_INET ) );
}

bool streamHost( const std::string& text, std::vector<simultiple::StreamHostEntry>& hosts )
{
  // From the right: the JID may hold commas.
  const auto second = text.rfind( ',' );
  const auto first = second == std::string::npos || second == 0 ? std::string::npos : text.rfind( ',', second - 1 );
  if( first == std::string::npos )
    return false;

  simultiple::StreamHostEntry entry;
  const std::string jid = text.substr( 0, first );
  if( !jid.empty() && ( !entry.jid.setJID( jid ) || entry.jid.server().empty() ) )
    return false;
  entry.host = text.substr( first + 1, second - first - 1 );
  entry.port = static_cast<std::uint16_t>( decimal( std::string_view( text ).substr( second + 1 ), 65535 ).value_or( 0 ) );
  hosts.push_back( entry );
  return entry.port > 0 && !entry.host.empty();
}

bool timer( const std::string& text, simultiple::Timeouts& timeouts )
{
  const auto equals = text.find( '=' );
  if( equals == std::string::npos )
    return false;
  const auto which = simultiple::timerFromName( std::string_view( text ).substr( 0, equals ) );

  std::string_view seconds = std::string_view( text ).substr( equals + 1 );
  const auto point = seconds.find( '.' );
  std::string fraction( point == std::string_view::npos ? std::string_view() : seconds.substr( point + 1 ) );
  seconds = seconds.substr( 0, point );
  if( ( seconds.empty() && fraction.empty() ) || ( point != std::string_view::npos && fraction.empty() ) )
    return false;
  const bool digits = std::all_of( fraction.begin(), fraction.end(), []( char c ) { return c >= '0' && c <= '9'; } );
  fraction.resize( 3, '0' ); // milliseconds

  const auto whole = decimal( seconds.empty() ? "0" : seconds, 10000000 );
  const auto milliseconds = decimal( fraction, 999 );
  if( !which || !whole || !digits || !milliseconds )
    return false;
  timeouts.set( *which, std::chrono::milliseconds( static_cast<std::int64_t>( *whole * 1000 + *milliseconds ) ) );
  return true;
}

bool jidList( const std::string& text, std::vector<gloox::JID>& jids )
{
  for( const auto& part : split( text, ',' ) )
  {
    jids.emplace_back( part );
    if( !jids.back() || jids.back().server().empty() )
      return false;
  }
  return true;
}

std::optional<std::uint64_t> rate( const std::string& text )
{
  static constexpr std::string_view units = "kMG";
  const auto unit = text.empty() ? std::string_view::npos : units.find( text.back() );
  const unsigned shift = unit == std::string_view::npos ? 0 : 10 * ( static_cast<unsigned>( unit ) + 1 );
  const auto number = decimal( std::string_view( text ).substr( 0, text.size() - ( shift > 0 ? 1 : 0 ) ), 0x7fffffffffffffff >> shift );
  return number ? std::optional<std::uint64_t>( *number << shift ) : std::nullopt;
}

} // namespace sample
