// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/ownhosts.h"

#include <sys/socket.h>

namespace simultiple::methods
{

bool mayTell( const std::string& host, Privacy privacy )
{
  const auto address = net::Address::parse( host );
  return privacy != Privacy::NoLocal || !address || net::classify( *address ) != net::Scope::Private;
}

std::vector<protocol::StreamHost> ownHosts( const Options& options, Privacy privacy, const gloox::JID& local, std::uint16_t port, bool dualStack,
                                            const std::function<std::vector<net::Address>()>& localAddresses )
{
  std::vector<protocol::StreamHost> hosts;
  const auto add = [&]( const std::string& host, std::uint16_t at )
  {
    if( mayTell( host, privacy ) )
      hosts.push_back( { local, local.full(), host, at } );
  };

  // What the owner says about ourselves (a forwarded port, a public name) comes first: he knows more than our interfaces do.
  for( const auto& entry : options.proxies.known )
    if( !entry.jid )
      add( entry.host, entry.port );

  if( !options.listen.address.empty() )
  {
    const auto bound = net::Address::parse( options.listen.address );
    const bool every = bound && net::classify( *bound ) == net::Scope::Forbidden;   // 0.0.0.0, ::
    if( !every )
    {
      add( options.listen.address, port );
      return hosts;
    }
  }
  for( const auto& address : net::offerable( localAddresses(), privacy == Privacy::NoLocal ) )
    if( dualStack || address.family == AF_INET )
      add( address.text(), port );
  return hosts;
}

} // namespace simultiple::methods
