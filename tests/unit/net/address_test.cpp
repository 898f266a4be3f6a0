// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/address.h"

#include "support/catch2.h"

#include <netinet/in.h>

#include <string>
#include <utility>

using namespace simultiple;
using namespace simultiple::net;

namespace
{

Address addr( const std::string& text )
{
  return Address::parse( text ).value();
}

} // namespace

TEST_CASE( "An address is read from its numeric forms only", "[net]" )
{
  const auto good = GENERATE( table<std::string, std::string>( {
    { "192.0.2.7", "192.0.2.7" },
    { "2001:db8::1", "2001:db8::1" },
    { "[2001:DB8:0::1]", "2001:db8::1" },
    { "::ffff:192.0.2.7", "::ffff:192.0.2.7" },
    { "fe80::1%1", "fe80::1" },
  } ) );
  const auto parsed = Address::parse( std::get<0>( good ) );
  REQUIRE( parsed );
  CHECK( parsed->text() == std::get<1>( good ) );
}

TEST_CASE( "What only looks like an address is not one", "[net]" )
{
  const std::string text = GENERATE( as<std::string>{}, "", "[]", "127.1", "0x7f000001", "2130706433", "01.2.3.4", "1.2.3.4.", " 1.2.3.4",
                                     "1.2.3.4/8", "[1.2.3.4]", "[::1", "::1]", ":::", "1.2.3.256", "example.org", "fe80::1%", "fe80::1%no-such-if0",
                                     std::string( "1.2.3.4\0x", 9 ), std::string( 300, ':' ) );
  CHECK_FALSE( Address::parse( text ) );
}

TEST_CASE( "An address survives the way through a socket address", "[net]" )
{
  const std::string text = GENERATE( as<std::string>{}, "192.0.2.7", "2001:db8::1" );
  sockaddr_storage storage{};
  const socklen_t size = addr( text ).toSockaddr( 7777, storage );
  CHECK( size == ( text.find( ':' ) == std::string::npos ? sizeof( sockaddr_in ) : sizeof( sockaddr_in6 ) ) );
  CHECK( ntohs( reinterpret_cast<sockaddr_in*>( &storage )->sin_port ) == 7777 );
  const auto back = Address::fromSockaddr( *reinterpret_cast<sockaddr*>( &storage ) );
  REQUIRE( back );
  CHECK( *back == addr( text ) );
  CHECK( *back != addr( "192.0.2.8" ) );
}

TEST_CASE( "SEC-6: every address is put into its class", "[net]" )
{
  const auto [text, scope] = GENERATE( table<std::string, Scope>( {
    { "8.8.8.8", Scope::Global },            { "172.15.255.255", Scope::Global },      { "172.32.0.0", Scope::Global },
    { "100.63.255.255", Scope::Global },     { "100.128.0.0", Scope::Global },         { "223.255.255.255", Scope::Global },
    { "10.0.0.1", Scope::Private },          { "172.16.0.1", Scope::Private },         { "172.31.255.255", Scope::Private },
    { "192.0.0.1", Scope::Private },         { "192.0.0.170", Scope::Private },        { "192.0.1.1", Scope::Global },
    { "198.18.0.1", Scope::Private },        { "198.19.255.255", Scope::Private },     { "198.17.255.255", Scope::Global },
    { "198.20.0.0", Scope::Global },         { "::ffff:198.18.0.1", Scope::Forbidden }, { "64:ff9b::c000:1", Scope::Forbidden },
    { "192.168.255.1", Scope::Private },     { "100.64.0.1", Scope::Private },         { "100.127.255.255", Scope::Private },
    { "169.254.169.254", Scope::LinkLocal }, { "127.0.0.1", Scope::Loopback },         { "127.255.255.255", Scope::Loopback },
    { "0.0.0.0", Scope::Forbidden },         { "0.1.2.3", Scope::Forbidden },          { "224.0.0.1", Scope::Forbidden },
    { "240.0.0.1", Scope::Forbidden },       { "255.255.255.255", Scope::Forbidden },  { "2a00:1450::1", Scope::Global },
    { "fc00::1", Scope::Private },           { "fdff::1", Scope::Private },            { "fec0::1", Scope::Private },
    { "fe80::1", Scope::LinkLocal },         { "febf::1", Scope::LinkLocal },          { "::1", Scope::Loopback },
    { "::", Scope::Forbidden },              { "ff02::1", Scope::Forbidden },          { "::ffff:127.0.0.1", Scope::Forbidden },
    { "::ffff:10.0.0.1", Scope::Forbidden }, { "::ffff:8.8.8.8", Scope::Global },      { "::ffff:0.0.0.0", Scope::Forbidden },
    { "2002:7f00:1::", Scope::Forbidden },   { "2002:0808:0808::1", Scope::Global },   { "2002:c0a8:1::1", Scope::Forbidden },
    { "64:ff9b::7f00:1", Scope::Forbidden }, { "64:ff9b::808:808", Scope::Global },    { "64:ff9b:1::808:808", Scope::Forbidden },
    { "::127.0.0.1", Scope::Forbidden },     { "::ffff:0:10.0.0.1", Scope::Forbidden }, { "2001::1", Scope::Forbidden },
    { "2001:db8::1", Scope::Global },
  } ) );
  CAPTURE( text );
  CHECK( classify( addr( text ) ) == scope );
}

TEST_CASE( "SEC-17: of IPv4 each address is counted by itself, of IPv6 each /64", "[net]" )
{
  const auto [text, counted] = GENERATE( table<std::string, std::string>( { { "192.0.2.1", "192.0.2.1" },
                                                                            { "::ffff:192.0.2.1", "192.0.2.1" },
                                                                            { "2002:c000:201:5::6", "192.0.2.1" },
                                                                            { "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
                                                                            { "2001:db8:1:3:3:4:5:6", "2001:db8:1:3::" } } ) );
  CAPTURE( text );
  CHECK( neighbourhood( addr( text ) ).text() == counted );
}

TEST_CASE( "A network holds its addresses and no other", "[net]" )
{
  const auto n = Network::parse( "10.16.0.0/12" );
  REQUIRE( n );
  CHECK( n->contains( addr( "10.31.255.255" ) ) );
  CHECK_FALSE( n->contains( addr( "10.32.0.0" ) ) );
  CHECK_FALSE( n->contains( addr( "::ffff:10.16.0.1" ) ) );
  CHECK( Network::parse( "0.0.0.0/0" )->contains( addr( "1.2.3.4" ) ) );
  CHECK_FALSE( Network::parse( "::/0" )->contains( addr( "1.2.3.4" ) ) );
  CHECK( Network::parse( "::1" )->contains( addr( "::1" ) ) );
  CHECK_FALSE( Network::parse( "::1" )->contains( addr( "::2" ) ) );
  CHECK( Network::parse( "2001:db8::/33" )->contains( addr( "2001:db8:7fff::1" ) ) );
  CHECK_FALSE( Network::parse( "2001:db8::/33" )->contains( addr( "2001:db8:8000::1" ) ) );
}

TEST_CASE( "What is not a CIDR block is not read as one", "[net]" )
{
  const std::string text = GENERATE( as<std::string>{}, "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/0x8", "10.0.0.0/8/8",
                                     "10.0.0.0/ 8", "10.0.0.0/0008", "example.org/8", "10/8" );
  CHECK_FALSE( Network::parse( text ) );
}

TEST_CASE( "TC-174, SEC-6: addresses that lead to ourselves or nowhere are refused, whoever names them", "[net]" )
{
  const std::string text = GENERATE( as<std::string>{}, "127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", "224.0.0.1",
                                     "255.255.255.255" );
  const HostFilter filter( StreamHostFilter{} );
  CAPTURE( text );
  CHECK_FALSE( filter.refuse( addr( text ), 7777, true ).empty() );
  CHECK_FALSE( filter.refuse( addr( text ), 7777, false ).empty() );
}

TEST_CASE( "TC-175, SEC-6: a private address is allowed with the peer's own JID only", "[net]" )
{
  const std::string text = GENERATE( as<std::string>{}, "10.1.2.3", "192.168.1.1", "172.20.0.1", "100.64.1.1", "fd00::1" );
  const HostFilter filter( StreamHostFilter{} );
  CHECK( filter.refuse( addr( text ), 7777, true ).empty() );
  CHECK_FALSE( filter.refuse( addr( text ), 7777, false ).empty() );
}

TEST_CASE( "TC-178, SEC-8: low ports are refused except 80 and 443, unless they are allowed; port 0 always is", "[net]" )
{
  StreamHostFilter options;
  const HostFilter strict( options );
  options.lowPorts = true;
  const HostFilter loose( options );
  const Address host = addr( "8.8.8.8" );
  CHECK_FALSE( strict.refuse( host, 25, true ).empty() );
  CHECK_FALSE( strict.refuse( host, 1023, true ).empty() );
  CHECK( strict.refuse( host, 80, true ).empty() );
  CHECK( strict.refuse( host, 443, true ).empty() );
  CHECK( strict.refuse( host, 1024, true ).empty() );
  CHECK( loose.refuse( host, 25, true ).empty() );
  CHECK_FALSE( loose.refuse( host, 0, true ).empty() );
}

TEST_CASE( "SEC-6: the owner's lists widen and narrow what is allowed; deny wins, and the port rule stays", "[net]" )
{
  StreamHostFilter options;
  options.allow = { "127.0.0.0/8", "10.0.0.0/8" };
  options.deny = { "127.0.0.2/32", "8.8.8.0/24" };
  const HostFilter filter( options );
  CHECK( filter.invalid().empty() );
  CHECK( filter.refuse( addr( "127.0.0.1" ), 7777, false ).empty() );
  CHECK( filter.refuse( addr( "10.0.0.1" ), 7777, false ).empty() );
  CHECK_FALSE( filter.refuse( addr( "127.0.0.2" ), 7777, false ).empty() );
  CHECK_FALSE( filter.refuse( addr( "127.0.0.1" ), 25, false ).empty() );
  CHECK_FALSE( filter.refuse( addr( "127.0.0.1" ), 0, false ).empty() );
  CHECK_FALSE( filter.refuse( addr( "8.8.8.8" ), 7777, true ).empty() );
  CHECK_FALSE( filter.refuse( addr( "::ffff:8.8.8.8" ), 7777, true ).empty() );
  CHECK_FALSE( filter.refuse( addr( "::ffff:127.0.0.1" ), 7777, true ).empty() );
  CHECK( filter.refuse( addr( "8.8.9.8" ), 7777, true ).empty() );
}

TEST_CASE( "The application is asked last and can only refuse", "[net]" )
{
  std::string asked;
  StreamHostFilter options;
  options.accept = [&asked]( const std::string& address, std::uint16_t port )
  {
    asked = address + " " + std::to_string( port );
    return port != 8888;
  };
  const HostFilter filter( options );
  CHECK_FALSE( filter.refuse( addr( "127.0.0.1" ), 7777, true ).empty() );
  CHECK( asked.empty() );
  CHECK( filter.refuse( addr( "2001:db8::1" ), 7777, true ).empty() );
  CHECK( asked == "2001:db8::1 7777" );
  CHECK_FALSE( filter.refuse( addr( "2001:db8::1" ), 8888, true ).empty() );
}

TEST_CASE( "The first entry of the lists that is not a CIDR block is named", "[net]" )
{
  StreamHostFilter options;
  options.allow = { "10.0.0.0/8" };
  options.deny = { "example.org", "nonsense" };
  CHECK( HostFilter( options ).invalid() == "example.org" );
}

TEST_CASE( "TC-224, S5B-3, SEC-16: neither loopback nor link-local addresses are offered, nor private ones against the policy", "[net]" )
{
  const std::vector<Address> all{ addr( "127.0.0.1" ), addr( "192.168.1.2" ), addr( "8.8.8.8" ), addr( "::1" ), addr( "fe80::1" ), addr( "fd00::1" ),
                                  addr( "2a00::1" ),   addr( "0.0.0.0" ),     addr( "ff02::1" ) };
  const std::vector<Address> any{ addr( "192.168.1.2" ), addr( "8.8.8.8" ), addr( "fd00::1" ), addr( "2a00::1" ) };
  const std::vector<Address> open{ addr( "8.8.8.8" ), addr( "2a00::1" ) };
  CHECK( offerable( all, false ) == any );
  CHECK( offerable( all, true ) == open );
}

TEST_CASE( "Our own addresses come IPv4 first, without repeats", "[net]" )
{
  const auto all = localAddresses();
  bool six = false;
  for( std::size_t i = 0; i < all.size(); ++i )
  {
    CAPTURE( all[i].text() );
    CHECK_FALSE( ( six && all[i].family == AF_INET ) );
    six = all[i].family == AF_INET6;
    for( std::size_t j = 0; j < i; ++j )
      CHECK( all[i] != all[j] );
    if( i > 0 && all[i].family == all[i - 1].family )
      CHECK( classify( all[i - 1] ) <= classify( all[i] ) );
  }
  CHECK_FALSE( all.empty() );
}
