// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/address.h"

#include <algorithm>

namespace simultiple::net
{

namespace
{

constexpr std::uint16_t FirstUnprivilegedPort = 1024;

bool anyContains( const std::vector<Network>& networks, const Address& address )
{
  return std::any_of( networks.begin(), networks.end(),
                      [&address]( const Network& n ) { return n.contains( address ); } );
}

/// SEC-6. Empty if such an address is fine.
std::string refuseScope( Scope scope, bool ofPeer )
{
  switch( scope )
  {
    case Scope::Global:
      return {};
    case Scope::Private:
      return ofPeer ? "" : "private address of a host that is not the peer's own";
    case Scope::LinkLocal:
      return "link-local address";
    case Scope::Loopback:
      return "loopback address";
    case Scope::Forbidden:
      break;
  }
  return "unspecified, multicast, reserved or disguised address";
}

} // namespace

bool Network::contains( const Address& address ) const
{
  if( address.family != base.family )
    return false;
  const std::size_t whole = bits / 8;
  if( !std::equal( base.bytes.begin(), base.bytes.begin() + static_cast<std::ptrdiff_t>( whole ), address.bytes.begin() ) )
    return false;
  const unsigned rest = bits % 8;
  if( rest == 0 )
    return true;
  const unsigned mask = 0xffU << ( 8 - rest ) & 0xffU;
  return ( base.bytes[whole] & mask ) == ( address.bytes[whole] & mask );
}

std::optional<Network> Network::parse( std::string_view text )
{
  const auto slash = text.find( '/' );
  const auto base = Address::parse( text.substr( 0, slash ) );
  if( !base )
    return std::nullopt;

  const unsigned most = base->family == AF_INET ? 32 : 128;
  if( slash == std::string_view::npos )
    return Network{ *base, most };

  const auto digits = text.substr( slash + 1 );
  if( digits.empty() || digits.size() > 3 )
    return std::nullopt;
  unsigned bits = 0;
  for( const char c : digits )
  {
    if( c < '0' || c > '9' )
      return std::nullopt;
    bits = bits * 10 + static_cast<unsigned>( c - '0' );
  }
  if( bits > most )
    return std::nullopt;
  return Network{ *base, bits };
}

HostFilter::HostFilter( const StreamHostFilter& options )
  : m_lowPorts( options.lowPorts ), m_accept( options.accept )
{
  const auto read = [this]( const std::vector<std::string>& texts, std::vector<Network>& networks )
  {
    for( const auto& text : texts )
    {
      if( const auto network = Network::parse( text ) )
        networks.push_back( *network );
      else if( m_invalid.empty() )
        m_invalid = text.empty() ? "(empty)" : text;
    }
  };
  read( options.allow, m_allow );
  read( options.deny, m_deny );
}

std::string HostFilter::refuse( const Address& address, std::uint16_t port, bool ofPeer ) const
{
  if( port == 0 )
    return "port 0";

  // A denied IPv4 network stays denied behind an IPv6 form of its addresses; an allowed one is allowed as written only.
  const auto inner = address.inner();
  if( anyContains( m_deny, address ) || ( inner && anyContains( m_deny, *inner ) ) )
    return "denied network";

  if( !anyContains( m_allow, address ) )
  {
    auto why = refuseScope( classify( address ), ofPeer );
    if( !why.empty() )
      return why;
  }

  // SEC-8. Listing a network lifts nothing but the address rule.
  if( port < FirstUnprivilegedPort && port != 80 && port != 443 && !m_lowPorts )
    return "port below 1024";

  if( m_accept && !m_accept( address.text(), port ) )
    return "refused by the application";
  return {};
}

} // namespace simultiple::net
