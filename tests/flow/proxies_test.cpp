// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SEC-10: which proxies we offer and connect to: those that the owner names, and those that our own server leads us to.

#include "flow/sender_fixture.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

using Words = std::vector<std::string>;

const std::string Server = "montague.example";

/// A sender whose server is asked for proxies. Of addresses nothing is allowed but what SEC-6 allows.
struct Seeker : Sender
{
  explicit Seeker( const std::function<void( Options& )>& tune = {}, std::shared_ptr<World> w = std::make_shared<World>() )
    : Sender( [&tune]( Options& options )
              {
                options.proxies.discover = true;
                options.streamHosts.allow.clear();
                options.listen.enabled = false;
                if( tune )
                  tune( options );
              }, std::move( w ) )
  {
    solo.client.dropConnection();   // what was asked on the first one, the fixture has put aside
    work();
    REQUIRE( solo.client.reconnect() );
    work();
  }

  /** @return The `id` of our newest question of this kind to @a whom; empty if there was none. */
  [[nodiscard]] std::string asked( const std::string& ns, const std::string& whom ) const
  {
    std::string id;
    for( const auto& stanza : solo.sent( "<query xmlns='" + ns + "'/>" ) )
      if( attribute( stanza, "to" ) == whom )
        id = attribute( stanza, "id" );
    return id;
  }
  [[nodiscard]] std::string askedItems() const { return asked( "http://jabber.org/protocol/disco#items", Server ); }
  [[nodiscard]] std::string askedInfo( const std::string& whom ) const { return asked( "http://jabber.org/protocol/disco#info", whom ); }
  [[nodiscard]] std::string askedAddress( const std::string& whom ) const { return asked( "http://jabber.org/protocol/bytestreams", whom ); }

  void items( const Words& jids )
  {
    std::string all;
    for( const auto& jid : jids )
      all += "<item jid='" + jid + "'/>";
    reply( askedItems(), "<query xmlns='http://jabber.org/protocol/disco#items'>" + all + "</query>", Server );
  }
  void info( const std::string& jid, const std::string& category = "proxy", const std::string& type = "bytestreams" )
  {
    reply( askedInfo( jid ), "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='" + category + "' type='" + type + "'/></query>", jid );
  }
  void address( const std::string& jid, const std::string& hosts, const std::string& from )
  {
    reply( askedAddress( jid ), "<query xmlns='http://jabber.org/protocol/bytestreams'>" + hosts + "</query>", from );
  }
  /** The whole search, which finds Proxy there. */
  void found( const std::string& host, std::uint16_t port )
  {
    items( { Proxy } );
    info( Proxy );
    address( Proxy, hostOf( Proxy, host, port ), Proxy );
  }
  static std::string hostOf( const std::string& jid, const std::string& host, std::uint16_t port )
  {
    return "<streamhost jid='" + jid + "' host='" + host + "' port='" + std::to_string( port ) + "'/>";
  }
};

bool refusedByUs( const Seeker& s )
{
  return std::any_of( s.bot.attempts.begin(), s.bot.attempts.end(), []( const Attempt& a )
                      { return a.port != 0 && a.state == Attempt::State::Failed && a.reason.find( "refused by our own rules" ) == 0; } );
}

} // namespace

TEST_CASE( "SEC-10: the own server's proxies are asked for their address once, and offered to everybody", "[sender][proxies]" )
{
  Seeker s;
  REQUIRE_FALSE( s.askedItems().empty() );
  s.items( { "muc.montague.example", Proxy } );
  s.info( "muc.montague.example", "conference", "text" );
  CHECK( s.askedAddress( "muc.montague.example" ).empty() );
  s.info( Proxy );
  s.address( Proxy, Seeker::hostOf( Proxy, "198.51.100.4", 7777 ), Proxy );
  const auto said = s.solo.sent().size();
  for( int i = 0; i < 2; ++i )
  {
    (void)s.offer();
    s.accept( Both );
    CHECK( s.count( "<streamhost jid='proxy.montague.example' host='198.51.100.4' port='7777'/>" ) == static_cast<std::size_t>( i ) + 1 );
  }
  CHECK( s.solo.sent().size() == said + 4 );   // W-1 and W-9 twice, and no question
}

TEST_CASE( "SEC-10, SEC-6: what a proxy says of its address is no more than a peer's word", "[sender][proxies]" )
{
  struct Row
  {
    std::string host;
    std::uint16_t port;
    bool tried;
  };
  const auto row = GENERATE( values<Row>( { { "127.0.0.1", 7777, false }, { "169.254.169.254", 7777, false }, { "::ffff:127.0.0.1", 7777, false },
                                            { "198.51.100.4", 22, false }, { "10.1.2.3", 7777, true }, { "fd00::7", 7777, true }, { "198.51.100.4", 7777, true } } ) );
  CAPTURE( row.host, row.port );
  Words passed;   // what would be connected to if this did not say no at last
  Seeker s( [&passed]( Options& options )
  {
    options.streamHosts.accept = [&passed]( const std::string& host, std::uint16_t )
    {
      passed.push_back( host );
      return false;
    };
  } );
  s.found( row.host, row.port );
  (void)s.offer();
  s.accept( Both );
  s.used( Proxy );
  CHECK( s.count( "<streamhost jid='proxy.montague.example'" ) == 0 );
  CHECK( passed == ( row.tried ? Words{ row.host } : Words() ) );
  CHECK( s.opens() == 1 );   // W-17 follows
}

TEST_CASE( "SEC-10: what the owner says of a proxy is not doubted", "[sender][proxies]" )
{
  auto world = std::make_shared<World>();
  ScriptedHost proxy( world->loop );
  Seeker s( [&proxy]( Options& options )
  {
    options.proxies.discover = false;
    options.proxies.known = { { gloox::JID( Proxy ), "127.0.0.1", proxy.port() } };
  }, world );
  (void)s.offer();
  s.accept( Both );
  s.used( Proxy );
  CHECK( proxy.accepted() == 1 );
  CHECK_FALSE( refusedByUs( s ) );
}

TEST_CASE( "SEC-10: a proxy speaks for itself only, and nobody else for it", "[sender][proxies]" )
{
  Seeker s;
  s.items( { Proxy } );
  s.info( Proxy );
  SECTION( "it names another" )
  {
    s.address( Proxy, Seeker::hostOf( "proxy.capulet.example", "198.51.100.5", 7777 ) + Seeker::hostOf( Proxy, "198.51.100.4", 7777 ), Proxy );
  }
  SECTION( "another answers first (GEN-5)" )
  {
    s.address( Proxy, Seeker::hostOf( Proxy, "198.51.100.5", 7777 ), "proxy.capulet.example" );
    s.address( Proxy, Seeker::hostOf( Proxy, "198.51.100.4", 7777 ), Proxy );
  }
  SECTION( "it speaks twice (SI-23)" )
  {
    s.address( Proxy, Seeker::hostOf( Proxy, "198.51.100.4", 7777 ), Proxy );
    s.address( Proxy, Seeker::hostOf( Proxy, "198.51.100.5", 7777 ), Proxy );
  }
  (void)s.offer();
  s.accept( Both );
  CHECK( s.count( "<streamhost " ) == 1 );
  CHECK( s.count( "mode='tcp'><streamhost jid='proxy.montague.example' host='198.51.100.4' port='7777'/></query>" ) == 1 );
}

TEST_CASE( "SEC-10: a server that lists thousands of proxies gets 32 questions, and eight of its proxies are kept", "[sender][proxies]" )
{
  Seeker s( []( Options& options ) { options.limits.streamHosts = 100; } );
  Words all;
  for( int i = 0; i < 2000; ++i )
    all.push_back( "p" + std::to_string( i ) + ".montague.example" );
  s.items( all );
  CHECK( s.count( "disco#info" ) == 32 );
  for( int i = 0; i < 32; ++i )
  {
    s.info( all[static_cast<std::size_t>( i )] );
    s.address( all[static_cast<std::size_t>( i )], Seeker::hostOf( all[static_cast<std::size_t>( i )], "198.51.100." + std::to_string( i ), 7777 ),
               all[static_cast<std::size_t>( i )] );
  }
  (void)s.offer();
  s.accept( Both );
  const auto query = s.solo.sent( "<streamhost " );
  REQUIRE( query.size() == 1 );
  std::size_t hosts = 0;
  for( auto at = query[0].find( "<streamhost " ); at != std::string::npos; at = query[0].find( "<streamhost ", at + 1 ) )
    ++hosts;
  CHECK( hosts == 8 );
}

TEST_CASE( "SEC-10: a server that does not answer is waited for five seconds, and asked again on the next connection only", "[sender][proxies]" )
{
  Seeker s;
  const auto id = s.askedItems();
  s.advance( 5s );
  s.reply( id, "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='proxy.montague.example'/></query>", Server );
  CHECK( s.count( "disco#info" ) == 0 );
  (void)s.offerOnly( { Ibb } );
  CHECK( s.askedItems() == id );
}

TEST_CASE( "Section 1.6, S5B-21: a host is offered once, however we have heard of it, and fails once", "[sender][proxies]" )
{
  const auto there = "<streamhost jid='proxy.montague.example' host='198.51.100.4' port='7777'/>";
  const bool asked = GENERATE( true, false );
  Seeker s( [asked]( Options& options )
  {
    if( asked )
      options.proxies.jids = { gloox::JID( Proxy ) };
    else
      options.proxies.known = { { gloox::JID( Proxy ), "198.51.100.4", 7777 }, { gloox::JID( Proxy ), "198.51.100.4", 7777 },
                                { gloox::JID(), "192.0.2.17", 7890 }, { gloox::JID(), "192.0.2.17", 7890 } };
    options.listen.enabled = !asked;
  } );
  const auto first = s.askedAddress( Proxy );
  CHECK( first.empty() != asked );
  s.items( { Proxy } );
  s.info( Proxy );
  REQUIRE( s.askedAddress( Proxy ) != first );
  s.address( Proxy, there, Proxy );
  if( asked )
    s.reply( first, std::string( "<query xmlns='http://jabber.org/protocol/bytestreams'>" ) + there + "</query>", Proxy );
  (void)s.offer();
  s.accept( Both );
  REQUIRE( s.queries() == 1 );
  const auto query = s.solo.sent( "<streamhost " ).front();
  CHECK( query.find( there ) == query.rfind( there ) );
  CHECK( query.find( "host='192.0.2.17'" ) == query.rfind( "host='192.0.2.17'" ) );
  s.refuse( s.queryId(), "item-not-found" );
  auto& memory = s.bot.manager.priv().memory;
  const methods::HostMemory::Host host{ methods::HostMemory::Side::Offered, "juliet@capulet.example", "198.51.100.4", 7777 };
  CHECK( memory.failedLast( host, s.solo.clock->now() ) );
  CHECK_FALSE( memory.failedTwice( host, s.solo.clock->now() ) );
}
