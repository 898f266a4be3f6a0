// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the sender remembers of the streamhosts it offered (S5B-21).

#include "flow/sender_fixture.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace
{

const std::string One = "one.montague.example", Other = "other.montague.example";

/// Streamhosts of the newest W-9: "own" or the proxy's first label, in order.
Words listed( const Sender& s )
{
  const auto query = s.solo.sent( "<query " ).back();
  Words hosts;
  for( auto at = query.find( "<streamhost jid='" ); at != std::string::npos; at = query.find( "<streamhost jid='", at + 1 ) )
  {
    const auto jid = query.substr( at + 17, query.find( '\'', at + 17 ) - at - 17 );
    hosts.push_back( jid == Romeo ? "own" : jid.substr( 0, jid.find( '.' ) ) );
  }
  return hosts;
}

/// A sender with its own address and two proxies, of which only the other one can be reached.
struct Rememberer
{
  explicit Rememberer( const std::function<void( Options& )>& tune = {} )
    : s( [&]( Options& options )
         {
           options.proxies.known = { { gloox::JID( One ), "127.0.0.1", portOf( nobody ) }, { gloox::JID( Other ), "127.0.0.1", proxy.port() } };
           if( tune )
             tune( options );
         },
         world )
  {
  }

  /** Offers and hears of S5B alone. @return What was listed. */
  Words query( const std::string& to = Juliet )
  {
    s.sid = s.bot.offer( to );
    s.work();
    peer = to;
    s.reply( s.offerId(), "<si xmlns='http://jabber.org/protocol/si'>" + OnlyS5b + "</si>", to );
    return listed( s );
  }
  /** The peer says which host it used. */
  void used( const std::string& jid )
  {
    s.reply( s.queryId(), "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + s.sid + "'><streamhost-used jid='" + jid + "'/></query>", peer );
  }
  /** It has used the other proxy, which is activated; then the stream is closed. */
  void byProxy()
  {
    const auto opened = s.bot.opens;
    used( Other );
    REQUIRE( s.solo.until( [&] { return world->loop.runReady(), s.count( "<activate>" ) > activations; } ) );
    ++activations;
    s.reply( s.solo.idOf( "<activate>" ), "", Other );
    REQUIRE( s.bot.opens == opened + 1 );
    close();
  }
  void direct()
  {
    const auto opened = s.bot.opens;
    const auto link = s.dial();
    REQUIRE( s.shake( *link, net::dstAddr( s.sid, Romeo, peer ) ) );
    used( Romeo );
    REQUIRE( s.bot.opens == opened + 1 );
    close();
  }
  void nothingWorked( const std::string& condition = "item-not-found" ) { s.refuse( s.queryId(), condition, "cancel", peer ); }
  void close()
  {
    s.bot.stream().abort();
    s.work();
  }

  std::shared_ptr<World> world = std::make_shared<World>();
  net::Fd nobody = boundSocket();
  ScriptedHost proxy{ world->loop };
  Sender s;
  std::string peer{};
  std::size_t activations = 0;
};

} // namespace

TEST_CASE( "S5B-21: a proxy that worked goes before everything that did not", "[sender][memory]" )
{
  Rememberer r;
  CHECK( r.query() == Words{ "own", "one", "other" } );
  r.byProxy();
  CHECK( r.query() == Words{ "other", "own", "one" } );
  r.byProxy();
  CHECK( r.query() == Words{ "other", "own", "one" } );   // what was not tried has not failed again
  // A direct stream that works is the best there is, and clears its failure.
  r.direct();
  CHECK( r.query() == Words{ "own", "one", "other" } );   // "other" was passed over
}

TEST_CASE( "S5B-21: an error that is not about hosts changes nothing", "[sender][memory]" )
{
  Rememberer r;
  CHECK( r.query() == Words{ "own", "one", "other" } );
  r.byProxy();
  const auto condition = GENERATE( as<std::string>(), "not-acceptable", "service-unavailable", "recipient-unavailable" );
  for( int i = 0; i < 2; ++i )
  {
    CHECK( r.query() == Words{ "other", "own", "one" } );
    r.nothingWorked( condition );
  }
  CHECK( r.query() == Words{ "other", "own", "one" } );
}

TEST_CASE( "S5B-21: without own addresses a proxy that worked is the first of the proxies", "[sender][memory]" )
{
  Rememberer none( []( Options& options ) { options.listen.enabled = false; } );
  CHECK( none.query() == Words{ "one", "other" } );
  none.byProxy();
  CHECK( none.query() == Words{ "other", "one" } );
}

TEST_CASE( "S5B-21: what failed twice in a row is left out until it has been forgotten", "[sender][memory]" )
{
  Rememberer r;
  (void)r.query();
  r.byProxy();   // own and one have failed
  CHECK( r.query() == Words{ "other", "own", "one" } );
  SECTION( "by an error" ) { r.nothingWorked(); }
  SECTION( "by silence" ) { r.s.advance( 60s ); }
  CHECK( r.s.bot.cause() == "methods-exhausted" );
  CHECK( r.query() == Words{ "other" } );
  CHECK( r.s.bot.manager.listenPort() == 0 );   // nobody can come
  r.byProxy();
  r.s.advance( 10min - 61s );
  CHECK( r.query() == Words{ "other" } );
  r.byProxy();
  r.s.advance( 61s );
  CHECK( r.query() == Words{ "own", "other", "one" } );
}

TEST_CASE( "S5B-21: nothing is left out when nothing would be left", "[sender][memory]" )
{
  Rememberer r;
  for( int i = 0; i < 4; ++i )
  {
    CHECK( r.query() == Words{ "own", "one", "other" } );
    r.nothingWorked();
  }
}

TEST_CASE( "S5B-21: a proxy that we cannot use ourselves has failed, too", "[sender][memory]" )
{
  Rememberer r;
  for( int i = 0; i < 2; ++i )
  {
    CHECK( r.query() == Words{ "own", "one", "other" } );
    r.used( One );   // nobody listens there
    REQUIRE( r.s.solo.until( [&] { return r.s.bot.ends.size() == static_cast<std::size_t>( i ) + 1; } ) );
    CHECK( r.s.bot.cause() == "methods-exhausted" );
  }
  CHECK( r.query() == Words{ "other" } );   // own was passed over twice
}

TEST_CASE( "S5B-21: what one peer says changes nothing for another, and a lost connection forgets everything", "[sender][memory]" )
{
  Rememberer r;
  (void)r.query();
  r.nothingWorked();
  (void)r.query();
  r.byProxy();
  CHECK( r.query() == Words{ "other" } );
  r.byProxy();
  CHECK( r.query( "tybalt@capulet.example/street" ) == Words{ "own", "one", "other" } );
  r.nothingWorked();
  CHECK( r.query( "juliet@capulet.example/garden" ) == Words{ "other" } );   // the same person elsewhere
  r.byProxy();
  r.s.solo.client.dropConnection();
  r.s.work();
  REQUIRE( r.s.solo.client.reconnect() );
  r.s.work();
  CHECK( r.query() == Words{ "own", "one", "other" } );
}

TEST_CASE( "S5B-21: the memory can be switched off", "[sender][memory]" )
{
  Rememberer r( []( Options& options ) { options.limits.rememberedHosts = 0; } );
  for( int i = 0; i < 3; ++i )
  {
    CHECK( r.query() == Words{ "own", "one", "other" } );
    r.byProxy();
  }
}
