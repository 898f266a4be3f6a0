// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sender through SOCKS5 proxies, which are scripted hosts on loopback; and which streamhosts it offers at all.

#include "flow/sender_fixture.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

constexpr std::size_t Handshake = 3 + 47;   // what a client sends in W-16

std::function<void( Options& )> with( std::uint16_t port )
{
  return [port]( Options& options ) { options.proxies.known = { { gloox::JID( Proxy ), "127.0.0.1", port } }; };
}

/// A sender that has one proxy.
struct Proxied
{
  explicit Proxied( const HostScript& script = {} ) : proxy( world->loop, script ), s( with( proxy.port() ), world ) {}

  /** Up to W-11. */
  void start()
  {
    (void)s.offer();
    s.accept( Both );
    REQUIRE( s.queries() == 1 );
    CHECK( s.count( "<streamhost jid='proxy.montague.example' host='127.0.0.1' port='" + std::to_string( proxy.port() ) + "'/>" ) == 1 );
    query = s.queryId();
    s.used( Proxy );
  }
  [[nodiscard]] std::string activation() const { return s.solo.idOf( "<activate>" ); }

  std::shared_ptr<World> world = std::make_shared<World>();
  ScriptedHost proxy;
  Sender s;
  std::string query{};
};

/// host attributes in the order of the newest W-9
std::vector<std::string> hostsOf( const std::string& query )
{
  std::vector<std::string> hosts;
  for( auto at = query.find( " host='" ); at != std::string::npos; at = query.find( " host='", at + 1 ) )
    hosts.push_back( query.substr( at + 7, query.find( '\'', at + 7 ) - at - 7 ) );
  return hosts;
}

} // namespace

TEST_CASE( "TC-081, S5B-7: W-11 and the proxy refuses TCP: W-17 follows", "[sender]" )
{
  const auto closed = boundSocket();   // nobody listens
  Sender s( with( portOf( closed ) ) );
  (void)s.offer();
  s.accept( Both );
  s.used( Proxy );
  REQUIRE( s.solo.until( [&] { return s.opens() == 1; } ) );
  CHECK( s.count( "<activate>" ) == 0 );
  CHECK( s.bot.streams.empty() );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-082, S5B-7: W-11 and the proxy's handshake fails or stays silent: W-17 follows", "[sender]" )
{
  HostScript script;
  SECTION( "status 01" ) { script.reply = std::string( "\x05\x01\x00\x03\x00\x00\x00", 7 ); }
  SECTION( "no method" ) { script.choice = std::string( "\x05\xFF", 2 ); }
  SECTION( "silence for T-S-PROXY" ) { script.answersConnect = false; }
  Proxied p( script );
  p.start();
  if( !script.answersConnect )
  {
    p.s.advance( 10s - 1ms );
    CHECK( p.s.opens() == 0 );
    p.s.advance( 1ms );
  }
  CHECK( p.proxy.accepted() == 1 );
  CHECK( p.proxy.open() == 0 );
  CHECK( p.s.opens() == 1 );
  CHECK( p.s.count( "<activate>" ) == 0 );
  CHECK( p.s.bot.streams.empty() );
}

TEST_CASE( "TC-083, S5B-7: W-15 or silence to W-13: the proxy's socket is closed, then W-17 follows", "[sender]" )
{
  Proxied p;
  p.start();
  REQUIRE( p.s.count( "<activate>" ) == 1 );
  CHECK( p.proxy.open() == 1 );
  int looked = 0;
  p.s.solo.client.setOnStanza( [&]( const std::string& stanza )
  {
    if( stanza.find( "<open " ) == std::string::npos )
      return;
    ++looked;
    while( p.world->loop.runReady() )
    {
    }
    CHECK( p.proxy.open() == 0 );
  } );
  SECTION( "W-15" )
  {
    p.s.refuse( p.activation(), GENERATE( as<std::string>(), "not-allowed", "item-not-found", "forbidden", "internal-server-error", "gone" ),
                "cancel", Proxy );
  }
  SECTION( "silence" )
  {
    p.s.advance( 15s - 1ms );
    CHECK( p.s.opens() == 0 );
    p.s.advance( 1ms );
  }
  CHECK( looked == 1 );
  CHECK( p.s.opens() == 1 );
  CHECK( p.s.bot.streams.empty() );
  p.s.reply( p.activation(), "", Proxy );   // late: nothing (NEG-12)
  CHECK( p.s.bot.streams.empty() );
  p.s.reply( p.s.openId() );
  p.s.checkOpen( Ibb );
  p.s.checkClosed();
}

TEST_CASE( "TC-083, ST-S-28: a proxy that hangs up before the activation: W-17 follows", "[sender]" )
{
  HostScript script;
  script.closeAfterReply = true;
  Proxied p( script );
  p.start();
  CHECK( p.s.opens() == 1 );
  CHECK( p.s.bot.streams.empty() );
  p.s.reply( p.s.openId() );
  p.s.checkOpen( Ibb );
  p.s.checkClosed();
}

TEST_CASE( "TC-084, S5B-7, section 1.6: after W-14 the proxy carries the stream, and no payload before it", "[sender]" )
{
  HostScript script;
  script.payload = "too early";   // of the receiver, through the proxy
  Proxied p( script );
  p.s.bot.onOpen = []( MultiBytestream& stream ) { CHECK( stream.send( "Hello" ) ); };
  p.start();
  REQUIRE( p.s.count( "<activate>" ) == 1 );
  const auto w13 = p.s.solo.sent( "<activate>" ).front();
  CHECK( attribute( w13, "type" ) == "set" );
  CHECK( attribute( w13, "to" ) == Proxy );
  CHECK( w13.find( "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + p.s.sid + "'><activate>juliet@capulet.example/balcony</activate></query>" )
         != std::string::npos );
  p.s.advance( 14s );
  CHECK( p.proxy.received().size() == Handshake );
  CHECK( p.s.bot.opens == 0 );
  CHECK( p.s.bot.received.empty() );

  p.s.reply( p.activation(), "", Juliet );   // not the proxy's word (GEN-5)
  CHECK( p.s.bot.opens == 0 );
  p.s.reply( p.activation(), "<x xmlns='urn:x'/>", Proxy );
  p.s.checkOpen( S5b );
  p.s.work();
  CHECK( p.proxy.received().substr( Handshake ) == "Hello" );
  CHECK( p.proxy.received().substr( 8, 40 ) == p.s.dstAddr() );
  CHECK( p.s.bot.received == "too early" );
  CHECK( p.s.opens() == 0 );
  p.s.checkClosed();
}

TEST_CASE( "TC-085, S5B-7: W-11 after a direct connection: the proxy is used and the direct connection closed", "[sender]" )
{
  Proxied p;
  (void)p.s.offer();
  p.s.accept( Both );
  auto direct = p.s.dial();
  REQUIRE( p.s.shake( *direct, p.s.dstAddr() ) );
  p.s.used( Proxy );
  CHECK( direct->closed() );
  CHECK( p.s.bot.manager.listenPort() == 0 );
  p.s.reply( p.activation(), "", Proxy );
  p.s.checkOpen( S5b );
  CHECK( p.s.bot.stream().send( "Hello" ) );
  p.s.work();
  CHECK( p.proxy.received().substr( Handshake ) == "Hello" );
  CHECK( direct->received().size() == 49 );
  p.s.checkClosed();
}

TEST_CASE( "TC-181, SEC-10: W-11 with a JID that was never offered leads to no connection", "[sender]" )
{
  Proxied p;
  (void)p.s.offer();
  p.s.accept( Both );
  const auto before = openDescriptors();
  p.s.used( GENERATE( as<std::string>(), "proxy.verona.example", "proxy.montague.example/x", "127.0.0.1" ) );
  CHECK( p.proxy.accepted() == 0 );
  CHECK( openDescriptors() < before );   // the listener went, and nothing came
  CHECK( p.s.count( "<activate>" ) == 0 );
  CHECK( p.s.opens() == 1 );
  CHECK( std::none_of( p.s.bot.attempts.begin(), p.s.bot.attempts.end(), []( const Attempt& a ) { return !a.host.empty(); } ) );
}

TEST_CASE( "TC-181a, SEC-10: a proxy that says it is where we would not go is not offered, or not connected to", "[sender]" )
{
  const std::vector<std::pair<std::string, std::string>> said{   // whose address, and which
    { "p1.example", "jid='p1.example' host='127.0.0.1' port='7777'" }, { "p2.example", "jid='p2.example' host='169.254.169.254' port='7777'" },
    { "p3.example", "jid='p3.example' host='192.0.2.3' port='22'" },   { "p4.example", "jid='another.example' host='192.0.2.4' port='7777'" },
    { "p5.example", "jid='p5.example' host='192.168.2.5' port='7777'" },
    { "p6.example", "jid='p6.example' host='2130706433' port='7777'" } };   // getaddrinfo()'s way to say 127.0.0.1
  auto options = testOptions( std::make_shared<ManualClock>() );
  options.listen.enabled = false;
  options.streamHosts.allow.clear();
  for( const auto& proxy : said )
    options.proxies.jids.emplace_back( proxy.first );
  ScriptedClient client( Romeo );
  Bot bot( client.client(), options );
  REQUIRE( bot.manager.enable() );
  const auto idOf = [&]( const std::string& text )
  {
    std::string id;
    for( const auto& stanza : client.stanzas() )
      if( stanza.find( text ) != std::string::npos )
        id = attribute( stanza, "id" );
    return id;
  };
  const auto answer = [&]( const std::string& id, const std::string& content, const std::string& from = Juliet )
  {
    client.feed( "<iq type='result' id='" + id + "' from='" + from + "' to='" + Romeo + "'>" + content + "</iq>" );
    test::settle( { &bot }, {} );
  };
  const std::string query = "<query xmlns='http://jabber.org/protocol/bytestreams'";
  for( const auto& proxy : said )
    answer( idOf( "to='" + proxy.first + "'" ), query + "><streamhost " + proxy.second + "/></query>", proxy.first );

  const auto sid = bot.offer( Juliet );
  test::settle( { &bot }, {} );
  answer( idOf( "<si " ), "<si xmlns='http://jabber.org/protocol/si'>" + Both + "</si>" );
  CHECK( client.stanzas().back().find( query + " sid='" + sid + "' mode='tcp'><streamhost " + said[4].second + "/><streamhost " + said[5].second + "/></query>" )
         != std::string::npos );
  answer( idOf( query + " sid" ), query + "><streamhost-used jid='p6.example'/></query>" );
  CHECK( test::runUntil( { &bot }, {}, [&] { return !idOf( "<open " ).empty(); } ) );
  CHECK( bot.attempts[bot.attempts.size() - 3].reason == "refused by our own rules: loopback address" );
}

TEST_CASE( "TC-183, SEC-16: proxy-only offers no own address and never listens", "[sender]" )
{
  auto world = std::make_shared<World>();
  ScriptedHost proxy( world->loop );
  Sender s( [&proxy]( Options& options )
  {
    with( proxy.port() )( options );
    options.privacy = Privacy::ProxyOnly;
  }, world );
  (void)s.offer();
  CHECK( s.bot.manager.listenPort() == 0 );
  s.accept( Both );
  CHECK( s.bot.manager.listenPort() == 0 );
  const auto query = s.solo.sent( "<query " );
  REQUIRE( query.size() == 1 );
  CHECK( query.front().find( "sid='" + s.sid + "' mode='tcp'><streamhost jid='proxy.montague.example' host='127.0.0.1' port='"
                             + std::to_string( proxy.port() ) + "'/></query>" ) != std::string::npos );
  s.used( Romeo );   // never offered
  CHECK( s.opens() == 1 );
}

TEST_CASE( "TC-218, INT-1: gabble refuses IBB after it has answered W-11; a refused activation is then the end", "[sender]" )
{
  Proxied p;
  p.start();
  p.s.refuse( p.activation(), "not-allowed", "cancel", Proxy );
  REQUIRE( p.s.opens() == 1 );
  p.s.refuse( p.s.openId(), "bad-request", "modify" );
  CHECK( p.s.solo.sent().size() == 4 );   // W-1, W-9, W-13, W-17
  p.s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-224, S5B-2, S5B-3: of 12 interfaces and 3 proxies at most 8 are offered, own ones first, none loopback or link-local", "[sender]" )
{
  Sender s( []( Options& options )
  {
    options.listen.address.clear();
    for( int i = 1; i <= 3; ++i )
      options.proxies.known.push_back( { gloox::JID( "proxy" + std::to_string( i ) + ".montague.example" ), "198.51.100." + std::to_string( i ), 7777 } );
  } );
  s.bot.manager.priv().localAddresses = []
  {
    std::vector<net::Address> all;
    for( const char* text : { "127.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3", "169.254.1.1", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7", "::1",
                              "fe80::1", "2001:470::1" } )
      all.push_back( *net::Address::parse( text ) );
    return all;
  };
  (void)s.offer();
  s.accept( Both );
  const auto query = s.solo.sent( "<query " );
  REQUIRE( query.size() == 1 );
  const auto hosts = hostsOf( query.front() );
  CHECK( hosts == std::vector<std::string>{ "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "198.51.100.1", "198.51.100.2" } );
  CHECK( query.front().find( "<streamhost jid='romeo@montague.example/orchard' host='10.0.0.1' port='"
                             + std::to_string( s.bot.manager.listenPort() ) + "'/>" ) != std::string::npos );
}
