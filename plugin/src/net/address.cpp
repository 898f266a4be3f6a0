// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace simultiple::net
{

namespace
{

constexpr std::size_t LongestText = 64;  ///< Longer than any numeric address with brackets and zone.

std::optional<Address> embedded( const Address& a, std::size_t offset )
{
  Address v4;
  v4.family = AF_INET;
  std::copy_n( a.bytes.begin() + static_cast<std::ptrdiff_t>( offset ), 4, v4.bytes.begin() );
  return v4;
}

bool startsWith( const Address& a, std::initializer_list<std::uint8_t> prefix )
{
  return std::equal( prefix.begin(), prefix.end(), a.bytes.begin() );
}

Scope classify4( const Address& a )
{
  const auto b0 = a.bytes[0];
  const auto b1 = a.bytes[1];
  if( b0 == 0 || b0 >= 224 )
    return Scope::Forbidden;
  if( b0 == 127 )
    return Scope::Loopback;
  if( b0 == 169 && b1 == 254 )
    return Scope::LinkLocal;
  const bool rfc1918 = b0 == 10 || ( b0 == 172 && ( b1 & 0xf0 ) == 16 ) || ( b0 == 192 && b1 == 168 );
  const bool shared = b0 == 100 && ( b1 & 0xc0 ) == 64;
  const bool special = ( b0 == 192 && b1 == 0 && a.bytes[2] == 0 ) || ( b0 == 198 && ( b1 & 0xfe ) == 18 ); // RFC 6890: of one network, too
  return rfc1918 || shared || special ? Scope::Private : Scope::Global;
}

Scope classify6( const Address& a )
{
  const auto b0 = a.bytes[0];
  const auto b1 = a.bytes[1];
  const bool zeros = std::all_of( a.bytes.begin(), a.bytes.end() - 1, []( std::uint8_t b ) { return b == 0; } );
  if( zeros && a.bytes[15] <= 1 )
    return a.bytes[15] == 1 ? Scope::Loopback : Scope::Forbidden;
  if( const auto v4 = a.inner() )
    return classify4( *v4 ) == Scope::Global ? Scope::Global : Scope::Forbidden;
  if( b0 == 0xff )
    return Scope::Forbidden;
  if( startsWith( a, { 0x20, 0x01, 0, 0 } ) || startsWith( a, { 0, 0x64, 0xff, 0x9b, 0, 1 } ) )
    return Scope::Forbidden; // Teredo and local-use NAT64 lead to IPv4 hosts that cannot be told from here
  if( b0 == 0xfe && ( b1 & 0xc0 ) == 0x80 )
    return Scope::LinkLocal;
  const bool siteLocal = b0 == 0xfe && ( b1 & 0xc0 ) == 0xc0;
  return ( b0 & 0xfe ) == 0xfc || siteLocal ? Scope::Private : Scope::Global;
}

bool readZone( const std::string& zone, std::uint32_t& out )
{
  if( zone.empty() || zone.size() > 15 )
    return false;
  if( std::all_of( zone.begin(), zone.end(), []( char c ) { return c >= '0' && c <= '9'; } ) && zone.size() <= 9 )
    out = static_cast<std::uint32_t>( std::stoul( zone ) );
  else
    out = ::if_nametoindex( zone.c_str() );
  return out != 0;
}

} // namespace

std::string Address::text() const
{
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if( ( family != AF_INET && family != AF_INET6 )
      || !::inet_ntop( family, bytes.data(), buffer.data(), static_cast<socklen_t>( buffer.size() ) ) )
    return {};
  return buffer.data();
}

std::optional<Address> Address::inner() const
{
  if( family != AF_INET6 )
    return std::nullopt;
  if( startsWith( *this, { 0x20, 0x02 } ) )
    return embedded( *this, 2 ); // 6to4
  const bool mapped = startsWith( *this, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } );
  const bool compatible = startsWith( *this, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } );
  const bool translated = startsWith( *this, { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0 } );
  const bool nat64 = startsWith( *this, { 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0 } );
  if( mapped || compatible || translated || nat64 )
    return embedded( *this, 12 );
  return std::nullopt;
}

socklen_t Address::toSockaddr( std::uint16_t port, sockaddr_storage& out ) const
{
  out = sockaddr_storage{};
  if( family == AF_INET )
  {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons( port );
    std::memcpy( &in.sin_addr, bytes.data(), 4 );
    std::memcpy( &out, &in, sizeof( in ) );
    return sizeof( in );
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons( port );
  in6.sin6_scope_id = scope;
  std::memcpy( &in6.sin6_addr, bytes.data(), 16 );
  std::memcpy( &out, &in6, sizeof( in6 ) );
  return sizeof( in6 );
}

std::optional<Address> Address::parse( std::string_view text )
{
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if( bracketed )
    text = text.substr( 1, text.size() - 2 );
  if( text.empty() || text.size() > LongestText || text.find( '\0' ) != std::string_view::npos )
    return std::nullopt;

  std::string host( text );
  Address a;
  if( host.find( ':' ) == std::string::npos )
  {
    a.family = AF_INET;
    if( bracketed || ::inet_pton( AF_INET, host.c_str(), a.bytes.data() ) != 1 )
      return std::nullopt;
    return a;
  }

  const auto percent = host.find( '%' );
  if( percent != std::string::npos )
  {
    if( !readZone( host.substr( percent + 1 ), a.scope ) )
      return std::nullopt;
    host.resize( percent );
  }
  a.family = AF_INET6;
  if( ::inet_pton( AF_INET6, host.c_str(), a.bytes.data() ) != 1 )
    return std::nullopt;
  return a;
}

std::optional<Address> Address::fromSockaddr( const sockaddr& sa )
{
  Address a;
  a.family = sa.sa_family;
  if( sa.sa_family == AF_INET )
  {
    sockaddr_in in{};
    std::memcpy( &in, &sa, sizeof( in ) );
    std::memcpy( a.bytes.data(), &in.sin_addr, 4 );
    return a;
  }
  if( sa.sa_family == AF_INET6 )
  {
    sockaddr_in6 in6{};
    std::memcpy( &in6, &sa, sizeof( in6 ) );
    std::memcpy( a.bytes.data(), &in6.sin6_addr, 16 );
    a.scope = in6.sin6_scope_id;
    return a;
  }
  return std::nullopt;
}

Scope classify( const Address& address )
{
  if( address.family == AF_INET )
    return classify4( address );
  return address.family == AF_INET6 ? classify6( address ) : Scope::Forbidden;
}

Address neighbourhood( const Address& address )
{
  if( const auto v4 = address.inner() )
    return *v4;
  Address network = address;
  network.scope = 0;
  if( network.family == AF_INET6 )
    std::fill( network.bytes.begin() + 8, network.bytes.end(), std::uint8_t( 0 ) );
  return network;
}

} // namespace simultiple::net
