// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/socks5listener.h"

#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/noentropy.h"
#include "support/sockets.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using namespace std::string_literals;
using test::ManualClock;
using test::SocketClient;

namespace
{

const std::string Digest = "78d27136cf2cf4aba921d8355d64c261646d05fc";
const std::string Other = "f48fa1cdef3fea0a7799703bbf14b23a58f65c75";
const std::string Greeting = "\x05\x01\x00"s;
const std::string Choice = "\x05\x00"s;

std::string connectFor( const std::string& digest )
{
  return "\x05\x01\x00\x03\x28"s + digest + "\0\0"s;
}

std::string replyFor( char status, const std::string& digest )
{
  return "\x05"s + status + "\x00\x03\x28"s + digest + "\0\0"s;
}

struct Link final : public LinkHandler
{
  void handleLink( Fd socket, std::string payload ) override
  {
    ++links;
    fd = std::move( socket );
    early = std::move( payload );
    if( then )
      then();
  }
  int links = 0;
  Fd fd{};
  std::string early{};
  std::function<void()> then{};
};

ListenOptions onLoopback( const std::string& address = "127.0.0.1" )
{
  ListenOptions options;
  options.address = address;
  return options;
}

struct Bench
{
  explicit Bench( const ListenOptions& options = onLoopback() )
    : listener( std::make_unique<Socks5Listener>( loop, options, 10s ) )
  {
  }
  ManualClock clock{};
  EventLoop loop{ clock };
  std::unique_ptr<Socks5Listener> listener;

  [[nodiscard]] std::unique_ptr<SocketClient> client( const std::string& host = "127.0.0.1", const std::string& from = {} )
  {
    return std::make_unique<SocketClient>( loop, test::connectTo( listener->port(), host, from ) );
  }
  /** Begins @a count handshakes from that address, and leaves them at that. */
  void crowd( std::vector<std::unique_ptr<SocketClient>>& clients, std::size_t count, const std::string& from )
  {
    for( std::size_t i = 0; i < count; ++i )
    {
      clients.push_back( client( "127.0.0.1", from ) );
      REQUIRE( runUntil( [&] { return clients.back()->send( "\x05" ); } ) );
      test::settle( loop );
    }
  }
  [[nodiscard]] bool runUntil( const std::function<bool()>& done ) { return test::runUntil( loop, done ); }
  /** Runs a whole handshake. */
  [[nodiscard]] std::unique_ptr<SocketClient> shake( const std::string& digest, const std::string& from = {} )
  {
    auto c = client( "127.0.0.1", from );
    REQUIRE( runUntil( [&] { return c->send( Greeting ); } ) );
    REQUIRE( runUntil( [&] { return c->received() == Choice; } ) );
    REQUIRE( c->send( connectFor( digest ) ) );
    REQUIRE( runUntil( [&] { return c->received().size() >= 49; } ) );
    return c;
  }
};

} // namespace

TEST_CASE( "S5B-1: a client with the registered DST.ADDR is handed over", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  REQUIRE( b.listener->port() != 0 );
  const auto client = b.shake( Digest );
  CHECK( client->received() == Choice + replyFor( 0, Digest ) );
  REQUIRE( b.runUntil( [&] { return link.links == 1; } ) );
  CHECK( link.early.empty() );

  REQUIRE( client->send( "payload" ) );
  std::string got;
  REQUIRE( b.runUntil( [&] { return ( got += test::receiveNow( link.fd ) ).size() >= 7; } ) );
  CHECK( got == "payload" );
}

TEST_CASE( "TC-138: a handshake byte by byte is accepted", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const auto client = b.client();
  for( const char c : Greeting + connectFor( Digest ) )
  {
    REQUIRE( b.runUntil( [&] { return client->send( std::string( 1, c ) ); } ) );
    test::settle( b.loop );
  }
  REQUIRE( b.runUntil( [&] { return link.links == 1; } ) );
  CHECK( b.runUntil( [&] { return client->received() == Choice + replyFor( 0, Digest ); } ) );
}

TEST_CASE( "TC-095, S5B-10: a wrong DST.ADDR gets status 02 and is closed; a good connection is accepted later", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const auto stranger = b.shake( Other );
  CHECK( stranger->received() == Choice + replyFor( 2, Other ) );
  CHECK( b.runUntil( [&] { return stranger->closed(); } ) );
  CHECK( link.links == 0 );
  const auto client = b.shake( Digest );
  CHECK( b.runUntil( [&] { return link.links == 1; } ) );
}

TEST_CASE( "SEC-17: of hundreds of digests each leads to its own session, and all digits count", "[net]" )
{
  Bench b;
  std::vector<Link> links( 300 );
  std::vector<std::string> digests;
  for( std::size_t i = 0; i < links.size(); ++i )
  {
    digests.push_back( Digest.substr( 0, 37 ) + std::to_string( 100 + i ) );   // they differ in their last digits
    REQUIRE( b.listener->add( digests[i], links[i] ) );
  }
  for( const std::size_t i : { 0U, 1U, 150U, 299U } )
  {
    const auto client = b.shake( digests[i] );
    REQUIRE( b.runUntil( [&] { return links[i].links == 1; } ) );
  }
  const auto stranger = b.shake( Digest.substr( 0, 37 ) + "400" );
  CHECK( stranger->received() == Choice + replyFor( 2, Digest.substr( 0, 37 ) + "400" ) );
  std::size_t all = 0;
  for( const auto& link : links )
    all += static_cast<std::size_t>( link.links );
  CHECK( all == 4 );
}

TEST_CASE( "TC-096, S5B-9: a second connection with the same DST.ADDR gets status 02, also after the first is gone", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  auto first = b.shake( Digest );
  REQUIRE( b.runUntil( [&] { return link.links == 1; } ) );
  const auto second = b.shake( Digest );
  CHECK( second->received() == Choice + replyFor( 2, Digest ) );
  CHECK( b.runUntil( [&] { return second->closed(); } ) );
  CHECK_FALSE( first->closed() );

  first.reset();
  link.fd.reset();
  const auto third = b.shake( Digest );
  CHECK( third->received() == Choice + replyFor( 2, Digest ) );
  CHECK( link.links == 1 );
}

TEST_CASE( "TC-097, SEC-17: nobody listens while nothing is registered", "[net]" )
{
  Bench b;
  Link link;
  CHECK( b.listener->port() == 0 );
  REQUIRE( b.listener->add( Digest, link ) );
  REQUIRE( b.listener->add( Other, link ) );
  const auto port = b.listener->port();
  const auto pending = b.client();
  test::settle( b.loop );
  b.listener->remove( "never there" );
  b.listener->remove( Digest );
  CHECK( b.listener->port() == port );
  CHECK_FALSE( b.listener->has( Digest ) );
  const auto late = b.shake( Digest ); // NEG-5
  CHECK( late->received() == Choice + replyFor( 2, Digest ) );

  b.listener->remove( Other );
  CHECK( b.listener->port() == 0 );
  CHECK( b.runUntil( [&] { return pending->closed(); } ) );
  bool end = false;
  const Fd refused = test::connectTo( port );
  if( refused )
    (void)test::receiveNow( refused, &end );
  CHECK( ( !refused || end ) );
}

TEST_CASE( "SEC-5: the same DST.ADDR cannot be registered twice, and nothing else than 40 lower-case digits at all", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  CHECK( b.listener->has( Digest ) );
  CHECK_FALSE( b.listener->add( Digest, link ) );
  CHECK( b.listener->problem() == "this DST.ADDR is registered already" );
  CHECK_FALSE( b.listener->add( "", link ) );
  CHECK_FALSE( b.listener->add( Digest.substr( 1 ), link ) );
  CHECK_FALSE( b.listener->add( "78D27136CF2CF4ABA921D8355D64C261646D05FC", link ) );
}

TEST_CASE( "TC-139: a client without method 00 gets 05 FF and is closed, one with version 04 is closed", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const auto row = GENERATE( table<std::string, std::string>( { { "\x05\x02\x01\x02"s, "\x05\xff"s }, { "\x04\x01\x00"s, ""s } } ) );
  const auto client = b.client();
  REQUIRE( b.runUntil( [&] { return client->send( std::get<0>( row ) ); } ) );
  REQUIRE( b.runUntil( [&] { return client->closed(); } ) );
  CHECK( client->received() == std::get<1>( row ) );
}

TEST_CASE( "TC-140: BIND is refused, digits in upper case are not", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const auto bind = b.client();
  REQUIRE( b.runUntil( [&] { return bind->send( Greeting + "\x05\x02\x00\x03\x28"s + Digest + "\0\0"s ); } ) );
  REQUIRE( b.runUntil( [&] { return bind->closed(); } ) );
  CHECK( link.links == 0 );
  const std::string upper = "78D27136CF2CF4ABA921D8355D64C261646D05FC";
  const auto client = b.shake( upper );
  CHECK( client->received() == Choice + replyFor( 0, upper ) );
  CHECK( b.runUntil( [&] { return link.links == 1; } ) );
}

TEST_CASE( "S5B-15: a hasty client that does not wait for our reply loses nothing", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const std::string payload( 5000, 'p' );
  const auto client = b.client();
  const bool waits = GENERATE( false, true );
  REQUIRE( b.runUntil( [&] { return client->send( waits ? Greeting : Greeting + connectFor( Digest ) + payload ); } ) );
  REQUIRE( b.runUntil( [&] { return client->received().substr( 0, 2 ) == Choice; } ) );
  if( waits )
    REQUIRE( client->send( connectFor( Digest ) + payload ) );
  REQUIRE( b.runUntil( [&] { return link.links == 1; } ) );
  CHECK( link.early.size() + 50 <= 262 ); // SEC-17
  CHECK_FALSE( link.early.empty() );
  CHECK( link.early + test::receiveNow( link.fd ) == payload );
}

TEST_CASE( "SEC-17: without random numbers for the key that hides the digests nobody listens", "[net]" )
{
  const test::NoEntropy none;
  Bench b;
  Link link;
  CHECK_FALSE( b.listener->add( Digest, link ) );
  CHECK( b.listener->problem() == "no random numbers to be had" );
  CHECK( b.listener->port() == 0 );
}

TEST_CASE( "TC-188, SEC-17: the 17th unfinished handshake is refused, a slow one is closed after T-SOCKS", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  std::vector<std::unique_ptr<SocketClient>> clients;
  b.crowd( clients, 16, "127.0.0.1" );
  const auto extra = b.client();
  REQUIRE( b.runUntil( [&] { return extra->closed(); } ) );
  for( const auto& client : clients )
    CHECK_FALSE( client->closed() );

  b.clock.advance( 9999ms );
  REQUIRE( clients.front()->send( "\x01" ) );
  test::settle( b.loop );
  CHECK_FALSE( clients.front()->closed() );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntil( [&] { return clients.front()->closed() && clients.back()->closed(); } ) );
  const auto client = b.shake( Digest );
  CHECK( b.runUntil( [&] { return link.links == 1; } ) );
}

TEST_CASE( "TC-188a, SEC-17: strangers of one address who hold all places keep nobody else out", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  std::vector<std::unique_ptr<SocketClient>> strangers;
  b.crowd( strangers, 16, "127.0.0.2" );
  const auto client = b.shake( Digest, "127.0.0.1" );
  CHECK( b.runUntil( [&] { return link.links == 1; } ) );
  CHECK( strangers[0]->closed() );
  for( std::size_t i = 1; i < strangers.size(); ++i )
    CHECK_FALSE( strangers[i]->closed() );
}

TEST_CASE( "TC-188a, SEC-17: nor others of their own address, once their oldest handshake is a second old", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  std::vector<std::unique_ptr<SocketClient>> strangers;
  b.crowd( strangers, 1, "127.0.0.1" );
  b.clock.advance( 1ms );
  b.crowd( strangers, 15, "127.0.0.1" );
  b.clock.advance( 998ms );
  const auto early = b.client();
  REQUIRE( b.runUntil( [&] { return early->closed(); } ) );
  b.clock.advance( 1ms );
  const auto client = b.shake( Digest );
  CHECK( b.runUntil( [&] { return link.links == 1; } ) );
  CHECK( strangers[0]->closed() );
  CHECK_FALSE( strangers[1]->closed() );
}

TEST_CASE( "SEC-17: the oldest handshake of the address with most of them gives way, the newcomer counted", "[net]" )
{
  auto options = onLoopback();
  options.handshakes = 4;
  Bench b( options );
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  std::vector<std::unique_ptr<SocketClient>> clients;
  b.crowd( clients, 1, "127.0.0.1" );
  b.crowd( clients, 2, "127.0.0.2" );
  b.crowd( clients, 1, "127.0.0.3" );
  const auto closed = [&]
  {
    test::settle( b.loop );
    std::string which;
    for( std::size_t i = 0; i < clients.size(); ++i )
      which += clients[i]->closed() ? std::to_string( i ) : "";
    return which;
  };
  b.crowd( clients, 1, "127.0.0.4" );   // .2 has most
  CHECK( closed() == "1" );
  b.crowd( clients, 1, "127.0.0.3" );   // it would have most itself
  CHECK( closed() == "15" );
  b.crowd( clients, 1, "127.0.0.5" );   // all have one
  CHECK( closed() == "156" );
  b.clock.advance( 1s );
  b.crowd( clients, 1, "127.0.0.3" );
  CHECK( closed() == "1356" );
  b.crowd( clients, 1, "127.0.0.5" );
  CHECK( closed() == "01356" );
}

TEST_CASE( "SEC-17: of a crowd that comes at once, as many get through as there are places", "[net]" )
{
  auto options = onLoopback();
  options.handshakes = 3;
  Bench b( options );
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const bool oneAddress = GENERATE( true, false );
  std::vector<std::unique_ptr<SocketClient>> clients;
  for( int i = 1; i <= 9; ++i )   // all in the queue before the first is accepted
    clients.push_back( b.client( "127.0.0.1", "127.0.0." + std::to_string( oneAddress ? 1 : i ) ) );
  test::settle( b.loop );
  for( std::size_t i = 0; i < clients.size(); ++i )
    CHECK( clients[i]->closed() == ( i >= 3 ) );
}

TEST_CASE( "A finished handshake frees its place, and its deadline is over", "[net]" )
{
  auto options = onLoopback();
  options.handshakes = 1;
  Bench b( options );
  Link first, second;
  REQUIRE( b.listener->add( Digest, first ) );
  REQUIRE( b.listener->add( Other, second ) );
  const auto a = b.shake( Digest );
  const auto c = b.shake( Other );
  REQUIRE( b.runUntil( [&] { return first.links == 1 && second.links == 1; } ) );
  CHECK_FALSE( b.loop.nextAlarm() );
  b.clock.advance( 1min );
  test::settle( b.loop );
  CHECK_FALSE( a->closed() );
}

TEST_CASE( "S5B-10: a connection that breaks during its handshake costs nothing", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const std::string all = Greeting + connectFor( Digest );
  for( std::size_t i = 0; i < all.size(); ++i )
  {
    auto client = b.client();
    REQUIRE( b.runUntil( [&] { return client->send( all.substr( 0, i ) ); } ) );
    test::settle( b.loop );
    client.reset();
    test::settle( b.loop );
  }
  const auto client = b.shake( Digest );
  CHECK( b.runUntil( [&] { return link.links == 1; } ) );
}

TEST_CASE( "Without an address clients of both families can connect", "[net]" )
{
  Bench b( ListenOptions{} );
  REQUIRE( b.listener->listen() );
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const auto four = b.client();
  REQUIRE( b.runUntil( [&] { return four->send( Greeting ); } ) );
  CHECK( b.runUntil( [&] { return four->received() == Choice; } ) );
  if( b.listener->dualStack() )
  {
    const auto six = b.client( "::1" );
    REQUIRE( b.runUntil( [&] { return six->send( Greeting ); } ) );
    CHECK( b.runUntil( [&] { return six->received() == Choice; } ) );
  }
}

TEST_CASE( "What keeps us from listening is said", "[net]" )
{
  Link link;
  auto options = onLoopback();
  SECTION( "switched off" )
  {
    options.enabled = false;
    Bench b( options );
    CHECK_FALSE( b.listener->add( Digest, link ) );
    CHECK( b.listener->problem() == "listening is switched off" );
    CHECK_FALSE( b.listener->has( Digest ) );
  }
  SECTION( "a name" )
  {
    Bench b( onLoopback( "localhost" ) );
    CHECK_FALSE( b.listener->listen() );
    CHECK( b.listener->problem() == "not a numeric address to listen at: localhost" );
  }
  SECTION( "a port in use" )
  {
    const Fd taken = test::boundSocket();
    REQUIRE( ::listen( taken.get(), 1 ) == 0 );
    options.port = test::portOf( taken );
    Bench b( options );
    CHECK_FALSE( b.listener->listen() );
    CHECK( b.listener->problem() == "cannot listen: Address already in use" );
  }
}

TEST_CASE( "A fixed port can be listened at again right after it was given up", "[net]" )
{
  auto options = onLoopback();
  {
    const Fd free = test::boundSocket();
    options.port = test::portOf( free );
  }
  Bench b( options );
  for( int i = 0; i < 3; ++i )
  {
    Link link;
    REQUIRE( b.listener->add( Digest, link ) );
    CHECK( b.listener->port() == options.port );
    const auto client = b.shake( Digest );
    REQUIRE( b.runUntil( [&] { return link.links == 1; } ) );
    link.fd.reset(); // our side closes first: TIME_WAIT is ours
    b.listener->remove( Digest );
  }
}

TEST_CASE( "Out of descriptors the loop does not spin, and clients are accepted when there are some again", "[net]" )
{
  Bench b;
  Link link;
  REQUIRE( b.listener->add( Digest, link ) );
  const auto client = b.client();

  rlimit before{};
  REQUIRE( ::getrlimit( RLIMIT_NOFILE, &before ) == 0 );
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE( ::setrlimit( RLIMIT_NOFILE, &none ) == 0 );
  const bool looked = test::runUntil( b.loop, [&] { return b.loop.nextAlarm().has_value(); } );
  const bool busy = b.loop.runReady();
  REQUIRE( ::setrlimit( RLIMIT_NOFILE, &before ) == 0 );
  CHECK( looked );
  CHECK_FALSE( busy );

  b.clock.advance( 1s );
  REQUIRE( client->send( Greeting ) );
  CHECK( b.runUntil( [&] { return client->received() == Choice; } ) );
}

TEST_CASE( "The listener may be emptied or destroyed when it hands a connection over; no descriptor is left", "[net]" )
{
  const auto before = test::openDescriptors();
  {
    Bench b;
    Link link;
    const bool destroy = GENERATE( false, true );
    link.then = [&]
    {
      if( destroy )
        b.listener.reset();
      else
        b.listener->remove( Digest );
    };
    REQUIRE( b.listener->add( Digest, link ) );
    const auto client = b.client();
    const auto idle = b.client();
    REQUIRE( b.runUntil( [&] { return client->send( Greeting + connectFor( Digest ) ); } ) );
    REQUIRE( b.runUntil( [&] { return link.links == 1; } ) );
    CHECK( b.runUntil( [&] { return idle->closed(); } ) );
    CHECK( b.runUntil( [&] { return client->received() == Choice + replyFor( 0, Digest ); } ) );
    CHECK_FALSE( client->closed() );
    CHECK( b.loop.watched() == 1 );
  }
  CHECK( test::openDescriptors() == before );
}
