// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/address.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace simultiple::net
{

std::vector<Address> localAddresses()
{
  ifaddrs* list = nullptr;
  if( ::getifaddrs( &list ) != 0 )
    return {};
  const std::unique_ptr<ifaddrs, decltype( &::freeifaddrs )> owner( list, &::freeifaddrs );

  std::vector<Address> found;
  for( const ifaddrs* i = list; i; i = i->ifa_next )
  {
    if( !i->ifa_addr || !( i->ifa_flags & IFF_UP ) )
      continue;
    const auto address = Address::fromSockaddr( *i->ifa_addr );
    if( address && std::find( found.begin(), found.end(), *address ) == found.end() )
      found.push_back( *address );
  }

  const auto rank = []( const Address& a ) { return std::make_pair( a.family != AF_INET, classify( a ) ); };
  std::stable_sort( found.begin(), found.end(),
                    [&rank]( const Address& a, const Address& b ) { return rank( a ) < rank( b ); } );
  return found;
}

std::vector<Address> offerable( const std::vector<Address>& all, bool noLocal )
{
  std::vector<Address> result;
  std::copy_if( all.begin(), all.end(), std::back_inserter( result ),
                [noLocal]( const Address& a )
                {
                  const Scope scope = classify( a );
                  return scope == Scope::Global || ( scope == Scope::Private && !noLocal );
                } );
  return result;
}

std::string localAddressOf( int fd )
{
  sockaddr_storage storage{};
  socklen_t length = sizeof( storage );
  if( ::getsockname( fd, reinterpret_cast<sockaddr*>( &storage ), &length ) != 0 )
    return {};
  const auto address = Address::fromSockaddr( reinterpret_cast<const sockaddr&>( storage ) );
  if( !address )
    return {};
  const auto inner = address->inner();   // our listener takes IPv4 clients in IPv6 clothes
  return ( inner ? *inner : *address ).text();
}

} // namespace simultiple::net
