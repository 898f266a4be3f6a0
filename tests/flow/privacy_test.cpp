// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SEC-16: each policy in both roles, for a client and for a single session.

#include "flow/receiver_fixture.h"
#include "flow/sender_fixture.h"
#include "methods/ownhosts.h"

#include <gloox/gloox.h>

#include <optional>

using namespace simultiple;
using namespace simultiple::test;
using Catch::Matchers::Equals;

namespace
{

using Words = std::vector<std::string>;

/// A policy said once: for all sessions, or for this one against what is said for all.
struct Said
{
  Privacy client;
  std::optional<Privacy> session;
};

Said saidOnce( Privacy privacy )
{
  const Privacy other = privacy == Privacy::IbbOnly ? Privacy::Any : Privacy::IbbOnly;
  return GENERATE_COPY( Said{ privacy, {} }, Said{ other, privacy } );
}

Words hostsIn( const std::vector<std::string>& queries )
{
  Words hosts;
  for( const auto& query : queries )
    for( auto at = query.find( " host='" ); at != std::string::npos; at = query.find( " host='", at + 1 ) )
      hosts.push_back( query.substr( at + 7, query.find( '\'', at + 7 ) - at - 7 ) );
  return hosts;
}

} // namespace

TEST_CASE( "SEC-16: what each policy tells a receiver about us", "[sender][privacy]" )
{
  struct Row
  {
    Privacy privacy;
    Words methods;
    bool listens;
    Words hosts;   ///< Offered in W-9
  };
  const auto row = GENERATE( values<Row>( {
    { Privacy::Any, { S5b, Ibb }, true, { "10.9.9.9", "bot.example", "10.1.2.3", "203.0.113.9", "198.51.100.4" } },
    { Privacy::NoLocal, { S5b, Ibb }, true, { "bot.example", "203.0.113.9", "198.51.100.4" } },
    { Privacy::ProxyOnly, { S5b, Ibb }, false, { "198.51.100.4" } },
    { Privacy::IbbOnly, { Ibb }, false, {} },
    { Privacy::S5bOnly, { S5b }, true, { "10.9.9.9", "bot.example", "10.1.2.3", "203.0.113.9", "198.51.100.4" } },
  } ) );
  const auto said = saidOnce( row.privacy );
  CAPTURE( static_cast<int>( row.privacy ), said.session.has_value() );
  Sender s( [&]( Options& options )
  {
    options.privacy = said.client;
    options.listen.address.clear();
    options.proxies.known = { { gloox::JID(), "10.9.9.9", 7001 }, { gloox::JID(), "bot.example", 7002 }, { gloox::JID( Proxy ), "198.51.100.4", 7777 } };
  } );
  s.bot.manager.priv().localAddresses = []
  {
    std::vector<net::Address> all;
    for( const char* text : { "127.0.0.1", "10.1.2.3", "203.0.113.9" } )
      all.push_back( *net::Address::parse( text ) );
    return all;
  };
  OfferOptions options;
  options.privacy = said.session;
  (void)s.offer( options );
  const auto offer = s.solo.sent( "<si " );
  REQUIRE( offer.size() == 1 );
  for( const auto& method : { S5b, Ibb } )
    CHECK( ( offer.front().find( "<value>" + method + "</value>" ) != std::string::npos ) == ( row.methods.front() == method || row.methods.back() == method ) );

  s.accept( Both );
  CHECK( hostsIn( s.solo.sent( "<query " ) ) == row.hosts );
  CHECK( ( s.bot.manager.listenPort() != 0 ) == row.listens );
  if( s.opens() == 0 )
    s.refuse( s.queryId(), "item-not-found" );
  CHECK( s.opens() == ( row.methods.back() == Ibb ? 1 : 0 ) );
}

TEST_CASE( "SEC-16, S5B-3: with no-local an address that was chosen to listen at stays untold if it is private, and only then", "[sender][privacy]" )
{
  // 127.0.0.2 is not private: it tells nothing about anybody, and whoever listens there wants to be found there.
  Sender s( []( Options& options )
  {
    options.privacy = Privacy::NoLocal;
    options.listen.address = "127.0.0.2";
  } );
  (void)s.offer();
  s.accept( Both );
  CHECK( hostsIn( s.solo.sent( "<query " ) ) == Words{ "127.0.0.2" } );
  CHECK_FALSE( methods::mayTell( "192.168.1.5", Privacy::NoLocal ) );
  CHECK_FALSE( methods::mayTell( "fd00::5", Privacy::NoLocal ) );
  CHECK( methods::mayTell( "192.168.1.5", Privacy::Any ) );
}

TEST_CASE( "SEC-6, SEC-16, SEC-20: how a bot is restricted, as the README writes it", "[privacy]" )
{
  using Restrict = void ( * )( simultiple::Options& options );
  const Restrict restrict = GENERATE( values<Restrict>( {
    []( simultiple::Options& options )
    {
      options.privacy = simultiple::Privacy::ProxyOnly;
      options.proxies.discover = false;
      options.proxies.jids = { gloox::JID( "proxy.example.org" ) };
    },
    []( simultiple::Options& options )
    {
      options.privacy = simultiple::Privacy::IbbOnly;
    },
    []( simultiple::Options& options )
    {
      options.streamHosts.deny = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7" };
    },
  } ) );
  Receiver juliet( restrict );
  CHECK( juliet.bot.manager.problem().empty() );
  juliet.accepted();
  const auto query = juliet.ask( s5bQuery( "a1", streamHost( Romeo, 7001, "10.1.2.3" ) + streamHost( Romeo, 7002, "fd00::1" ) ) );
  CHECK( attribute( query, "type" ) == "error" );   // without a connection: it would not be answered yet
  CHECK( juliet.ask( ibbOpen( "a2" ) ) == result( "a2" ) );
}

TEST_CASE( "SEC-16: what each policy lets a sender do with us", "[receiver][privacy]" )
{
  struct Row
  {
    Privacy privacy;
    std::string values;   ///< Of the list that we answer with
    bool direct;          ///< A streamhost of the sender's own is connected to
    bool proxy;           ///< One that is a proxy we know
    bool inBand;
  };
  const auto row = GENERATE( values<Row>( {
    { Privacy::Any, ValueS5b + ValueIbb, true, true, true },
    { Privacy::NoLocal, ValueS5b + ValueIbb, true, true, true },
    { Privacy::ProxyOnly, ValueS5b + ValueIbb, false, true, true },
    { Privacy::IbbOnly, ValueIbb, false, false, true },
    { Privacy::S5bOnly, ValueS5b, true, true, false },
  } ) );
  const auto said = saidOnce( row.privacy );
  const bool viaProxy = GENERATE( false, true );
  CAPTURE( static_cast<int>( row.privacy ), said.session.has_value(), viaProxy );
  const auto refusing = boundSocket(), known = boundSocket();
  Receiver juliet( [&]( Options& options )
  {
    options.privacy = said.client;
    options.proxies.known = { { gloox::JID( ProxyJid ), "127.0.0.1", portOf( known ) } };
  } );
  juliet.bot.acceptOptions.privacy = said.session;
  CHECK_THAT( juliet.ask( W1 ), Equals( listAnswer( "q7d1f03a9", row.values ) ) );

  const auto query = juliet.ask( s5bQuery( "a1", streamHost( Romeo, portOf( viaProxy ? known : refusing ) ) ) );
  CHECK( query == ( row.privacy == Privacy::IbbOnly ? s5bNotAcceptable( "a1" ) : itemNotFound( "a1" ) ) );
  CHECK( ( juliet.hostsStarted() == 1 ) == ( viaProxy ? row.proxy : row.direct ) );
  CHECK( juliet.ask( ibbOpen( "a2" ) ) == ( row.inBand ? result( "a2" ) : ibbNotAcceptable( "a2" ) ) );
}
