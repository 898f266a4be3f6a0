// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/dialer.h"

#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/nodescriptors.h"
#include "support/sockets.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace simultiple;
using namespace simultiple::net;
using namespace std::chrono_literals;
using namespace std::string_literals;
using test::HostScript;
using test::ManualClock;
using test::NoDescriptors;
using test::ScriptedHost;
using test::ScriptedResolver;
using test::SilentPort;

namespace
{

const std::string Digest = "78d27136cf2cf4aba921d8355d64c261646d05fc";
const std::string Greeting = "\x05\x01\x00"s;
const std::string Peer = "romeo@montague.example/orchard";
const std::string Proxy = "proxy.montague.example";

/// Writes down what a Dialer tells: "+0" started, "-0" failed, "=1" dialed, "." exhausted.
class Diary final : public DialHandler
{
  public:
    void handleDialStarted( std::size_t target ) override { note( '+', target ); }
    void handleDialFailed( std::size_t target, const std::string& reason, std::chrono::milliseconds took ) override
    {
      reasons.resize( std::max( reasons.size(), target + 1 ) );
      reasons[target] = reason;
      times.push_back( took );
      note( '-', target );
    }
    void handleDialed( std::size_t target, Fd socket, std::string payload, std::chrono::milliseconds took ) override
    {
      fd = std::move( socket );
      early = std::move( payload );
      times.push_back( took );
      if( onDialed )
        onDialed();
      note( '=', target );
    }
    void handleDialExhausted() override
    {
      log += '.';
      if( deleteAt == '.' )
        dialer.reset();
    }

    [[nodiscard]] bool over() const { return log.find_first_of( "=." ) != std::string::npos; }

    std::string log{};
    std::vector<std::string> reasons{};
    std::vector<std::chrono::milliseconds> times{};
    Fd fd{};
    std::string early{};
    std::function<void()> onDialed{};
    char deleteAt = 0;
    std::unique_ptr<Dialer> dialer{};

  private:
    void note( char what, std::size_t target )
    {
      log += what + std::to_string( target );
      if( what == deleteAt )
        dialer.reset();
    }
};

struct Bench
{
  ManualClock clock{};
  EventLoop loop{ clock };
  ScriptedResolver resolver{ loop };
  DialOptions options{};
  Diary diary{};
  std::optional<HostFilter> filter{};

  void dial( std::vector<DialTarget> targets )
  {
    if( filter )
      options.filter = &*filter;
    diary.dialer = std::make_unique<Dialer>( loop, resolver, options, diary );
    diary.dialer->start( std::move( targets ), Digest );
  }
  [[nodiscard]] bool runUntilLog( const std::string& log )
  {
    return test::runUntil( loop, [&] { return diary.log == log; } );
  }
  void advance( std::chrono::milliseconds by )
  {
    clock.advance( by );
    test::settle( loop );
  }
};

DialTarget peerHost( std::uint16_t port, const std::string& host = "127.0.0.1" )
{
  return { Peer, host, port, true };
}

DialTarget proxyHost( std::uint16_t port, const std::string& host = "127.0.0.1" )
{
  return { Proxy, host, port, false };
}

HostScript silent()
{
  HostScript script;
  script.choice.reset();
  return script;
}

} // namespace

TEST_CASE( "S5B-11: a good host is dialed; nothing is told from inside start(), and the socket is ours alone", "[net]" )
{
  Bench b;
  HostScript script;
  script.host = GENERATE( as<std::string>{}, "127.0.0.1", "::1" );
  script.byteByByte = GENERATE( false, true );
  ScriptedHost host( b.loop, script );
  b.dial( { peerHost( host.port(), script.host ) } );
  CHECK( b.diary.log.empty() );
  REQUIRE( b.runUntilLog( "+0=0" ) );
  CHECK( b.diary.early.empty() );
  CHECK( host.received() == Greeting + "\x05\x01\x00\x03\x28"s + Digest + "\0\0"s );
  CHECK( ( ::fcntl( b.diary.fd.get(), F_GETFL ) & O_NONBLOCK ) != 0 );
  CHECK( ( ::fcntl( b.diary.fd.get(), F_GETFD ) & FD_CLOEXEC ) != 0 );
  test::settle( b.loop );
  CHECK( host.open() == 1 );
  CHECK_FALSE( b.loop.nextAlarm() );
  CHECK( b.resolver.lookups() == 0 );
}

TEST_CASE( "S5B-13: without targets the list is exhausted, from the loop", "[net]" )
{
  Bench b;
  b.dial( {} );
  CHECK( b.diary.log.empty() );
  test::settle( b.loop );
  CHECK( b.diary.log == "." );
}

TEST_CASE( "TC-107, S5B-11: hosts of one JID are tried in order, one at a time, and none after the good one", "[net]" )
{
  Bench b;
  const Fd refusing = test::boundSocket();
  ScriptedHost good( b.loop ), never( b.loop );
  b.dial( { peerHost( test::portOf( refusing ) ), peerHost( good.port() ), peerHost( never.port() ) } );
  REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
  b.advance( 10s );
  CHECK( b.diary.reasons[0] == "connection refused" );
  CHECK( good.accepted() == 1 );
  CHECK( never.accepted() == 0 );
}

TEST_CASE( "S5B-11 a: the stagger does not start a second host of the same JID", "[net]" )
{
  Bench b;
  SilentPort slow;
  ScriptedHost second( b.loop );
  b.dial( { peerHost( slow.port() ), peerHost( second.port() ) } );
  test::settle( b.loop );
  b.advance( 2999ms );
  CHECK( b.diary.log == "+0" );
  CHECK( second.accepted() == 0 );
  b.clock.advance( 1ms ); // T-R-HOST, TCP alone
  REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
  CHECK( b.diary.reasons[0] == "timed out while connecting" );
  CHECK( b.diary.times[0] == 3000ms );
}

TEST_CASE( "TC-107a, TC-212, S5B-11: a host of another JID is started after the stagger and wins; the silent one is closed", "[net]" )
{
  Bench b;
  const auto before = test::openDescriptors();
  SilentPort slow;
  ScriptedHost proxy( b.loop );
  const auto withHosts = test::openDescriptors();
  b.dial( { peerHost( slow.port() ), proxyHost( proxy.port() ) } );
  test::settle( b.loop );
  b.advance( 299ms );
  CHECK( b.diary.log == "+0" );
  b.clock.advance( 1ms );
  b.diary.onDialed = [&] { CHECK( test::openDescriptors() == withHosts + 2 ); }; // the proxy's two ends
  REQUIRE( b.runUntilLog( "+0+1=1" ) );
  CHECK( b.diary.times[0] == 0ms );
  CHECK( before < withHosts );
}

TEST_CASE( "S5B-11: when one fails, the next is started at once", "[net]" )
{
  Bench b;
  const Fd refusing = test::boundSocket();
  ScriptedHost proxy( b.loop );
  b.dial( { peerHost( test::portOf( refusing ) ), proxyHost( proxy.port() ) } );
  CHECK( b.runUntilLog( "+0-0+1=1" ) );
}

TEST_CASE( "S5B-11: after a failure the remaining hosts of a pending JID are passed over for another JID's", "[net]" )
{
  Bench b;
  SilentPort a, third;
  const Fd refusing = test::boundSocket();
  b.dial( { peerHost( a.port() ), peerHost( third.port() ), proxyHost( test::portOf( refusing ) ), { "third.example", "127.0.0.1", third.port(), false } } );
  test::settle( b.loop );
  b.clock.advance( 300ms );
  REQUIRE( b.runUntilLog( "+0+2-2+3" ) );
}

TEST_CASE( "T-R-STAGGER 0: strictly one after the other", "[net]" )
{
  Bench b;
  b.options.stagger = 0ms;
  SilentPort slow;
  ScriptedHost proxy( b.loop );
  b.dial( { peerHost( slow.port() ), proxyHost( proxy.port() ) } );
  test::settle( b.loop );
  b.advance( 2999ms );
  CHECK( b.diary.log == "+0" );
  b.clock.advance( 1ms );
  CHECK( b.runUntilLog( "+0-0+1=1" ) );
}

TEST_CASE( "TC-107b, S5B-11 b: while the peer's own host is in its handshake no other JID is started; then at once", "[net]" )
{
  Bench b;
  HostScript script;
  script.answersConnect = false;
  ScriptedHost slow( b.loop, script ), proxy( b.loop );
  b.dial( { peerHost( slow.port() ), proxyHost( proxy.port() ) } );
  REQUIRE( test::runUntil( b.loop, [&] { return slow.received().size() > Greeting.size(); } ) );
  b.advance( 7999ms );
  CHECK( b.diary.log == "+0" );
  CHECK( proxy.accepted() == 0 );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
  CHECK( b.diary.reasons[0] == "timed out during the handshake" );
  CHECK( b.diary.times[0] == 8000ms );
}

TEST_CASE( "TC-107d, S5B-11 b: a peer's own host that accepts and says nothing holds others back for T-R-STAGGER, and is closed", "[net]" )
{
  Bench b;
  ScriptedHost mute( b.loop, silent() ), proxy( b.loop );
  b.dial( { peerHost( mute.port() ), proxyHost( proxy.port() ) } );
  REQUIRE( test::runUntil( b.loop, [&] { return mute.received() == Greeting; } ) );
  b.advance( 299ms );
  CHECK( b.diary.log == "+0" );
  CHECK( proxy.accepted() == 0 );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntilLog( "+0+1=1" ) );
  CHECK( mute.received() == Greeting ); // SEC-8
  test::settle( b.loop );
  CHECK( mute.open() == 0 );
}

TEST_CASE( "S5B-11: of two proxies behind a host that says nothing, the second waits its T-R-STAGGER, too", "[net]" )
{
  Bench b;
  ScriptedHost mute( b.loop, silent() );
  SilentPort first;
  ScriptedHost second( b.loop );
  b.dial( { peerHost( mute.port() ), { "first.example", "127.0.0.1", first.port(), false }, { "second.example", "127.0.0.1", second.port(), false } } );
  REQUIRE( test::runUntil( b.loop, [&] { return mute.received() == Greeting; } ) );
  b.advance( 300ms );
  b.advance( 1ms );
  CHECK( b.diary.log == "+0+1" );
  b.advance( 298ms );
  CHECK( b.diary.log == "+0+1" );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntilLog( "+0+1+2=2" ) );
}

TEST_CASE( "S5B-11 b: a host with a long way has the time of two of its round trips for its first word", "[net]" )
{
  Bench b;
  ScriptedHost distant( b.loop, silent() ), proxy( b.loop );
  b.dial( { peerHost( distant.port() ), proxyHost( proxy.port() ) } );
  b.loop.runAlarms();        // connects
  b.clock.advance( 400ms );  // a round trip, as far as we can tell
  REQUIRE( test::runUntil( b.loop, [&] { return distant.received() == Greeting; } ) );
  b.advance( 799ms );
  CHECK( proxy.accepted() == 0 );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntilLog( "+0+1=1" ) );
}

TEST_CASE( "S5B-11 b: a peer's own host whose first word comes late is spoken to all the same, and may win", "[net]" )
{
  Bench b;
  ScriptedHost late( b.loop, silent() );
  SilentPort proxy;
  b.dial( { peerHost( late.port() ), proxyHost( proxy.port() ) } );
  REQUIRE( test::runUntil( b.loop, [&] { return late.received() == Greeting; } ) );
  b.advance( 300ms );
  CHECK( b.diary.log == "+0+1" );
  REQUIRE( late.send( "\x05\x00"s ) );
  REQUIRE( test::runUntil( b.loop, [&] { return late.received().size() > Greeting.size(); } ) );
  std::string good = late.received().substr( Greeting.size() );
  good[1] = '\0';
  REQUIRE( late.send( good ) );
  REQUIRE( b.runUntilLog( "+0+1=0" ) );
}

TEST_CASE( "S5B-11 b protects the peer's own host only: a proxy's handshake does not hold others back", "[net]" )
{
  Bench b;
  ScriptedHost slow( b.loop, silent() ), direct( b.loop );
  b.dial( { proxyHost( slow.port() ), peerHost( direct.port() ) } );
  REQUIRE( test::runUntil( b.loop, [&] { return slow.received() == Greeting; } ) );
  b.clock.advance( 300ms );
  CHECK( b.runUntilLog( "+0+1=1" ) );
}

TEST_CASE( "TC-107c, S5B-11 a: after a failed handshake the other addresses of that JID are never connected to", "[net]" )
{
  Bench b;
  HostScript script;
  script.closeAfterChoice = true;
  ScriptedHost first( b.loop, script ), second( b.loop ), third( b.loop ), proxy( b.loop );
  b.dial( { peerHost( first.port() ), peerHost( second.port() ), proxyHost( proxy.port() ), peerHost( third.port() ) } );
  REQUIRE( b.runUntilLog( "+0-0-1-3+2=2" ) );
  CHECK( b.diary.reasons[0] == "closed during the handshake" );
  CHECK( b.diary.reasons[1] == "not tried: its owner's listener answered and failed" );
  CHECK( second.accepted() == 0 );
  CHECK( third.accepted() == 0 );
}

TEST_CASE( "S5B-11 a: nor are the other addresses of the same name", "[net]" )
{
  Bench b;
  HostScript script;
  script.closeAtOnce = true;
  ScriptedHost first( b.loop, script );
  b.resolver.set( "host.example", { { "127.0.0.1", "127.0.0.1" } } );
  b.dial( { peerHost( first.port(), "host.example" ) } );
  REQUIRE( b.runUntilLog( "+0-0." ) );
  CHECK( first.accepted() == 1 );
}

TEST_CASE( "TC-108, S5B-12: a host that accepts and stays silent has T-R-HOST", "[net]" )
{
  Bench b;
  HostScript script;
  SECTION( "before the choice" ) { script.choice.reset(); }
  SECTION( "after the choice" ) { script.answersConnect = false; }
  SECTION( "TC-223, INT-8: two bytes of a reply" ) { script.reply = "\x05\x00"s; }
  ScriptedHost slow( b.loop, script ), good( b.loop );
  b.options.stagger = 0ms;
  b.dial( { proxyHost( slow.port() ), { "other.example", "127.0.0.1", good.port(), false } } );
  REQUIRE( test::runUntil( b.loop, [&] { return slow.received().size() >= Greeting.size(); } ) );
  b.advance( 7999ms );
  CHECK( b.diary.log == "+0" );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
  CHECK( b.diary.reasons[0] == "timed out during the handshake" );
}

TEST_CASE( "TC-109, S5B-12: a refused choice, a hang-up and a bad status are failures of that host only", "[net]" )
{
  Bench b;
  HostScript a, hangUp, c;
  a.choice = "\x05\xff"s;
  hangUp.closeAtOnce = true;
  c.reply = "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"s;
  ScriptedHost hostA( b.loop, a ), hostB( b.loop, hangUp ), hostC( b.loop, c ), hostD( b.loop );
  b.dial( { { "a.example", "127.0.0.1", hostA.port(), false },
            { "b.example", "127.0.0.1", hostB.port(), false },
            { "c.example", "127.0.0.1", hostC.port(), false },
            { "d.example", "127.0.0.1", hostD.port(), false } } );
  REQUIRE( b.runUntilLog( "+0-0+1-1+2-2+3=3" ) );
  CHECK( b.diary.reasons == std::vector<std::string>{ "no common authentication (05 FF)", "closed during the handshake", "SOCKS5 status 05" } );
  CHECK( hostA.received() == Greeting ); // SEC-8
}

TEST_CASE( "S5B-12: a host to which there is no way fails at once, with a word that says so", "[net]" )
{
  Bench b;
  ScriptedHost good( b.loop );
  b.dial( { peerHost( 7625, "224.0.0.1" ), proxyHost( good.port() ) } ); // no TCP goes to a group, so nothing leaves
  REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
  CHECK( b.diary.reasons[0] == "network unreachable" );
}

TEST_CASE( "S5B-12: without a descriptor for it a host fails, not the dialer; nothing is left", "[net]" )
{
  std::optional<NoDescriptors> none( std::in_place );
  Bench b; // has nothing to watch with
  const bool socket = GENERATE( false, true );
  if( socket )
    none->giveBackOne();
  b.dial( { peerHost( 7625 ), proxyHost( 7625 ) } );
  test::settle( b.loop );
  CHECK( b.diary.log == "+0-0+1-1." );
  CHECK( b.diary.reasons[0] == ( socket ? "out of descriptors to watch" : "Too many open files" ) );
  CHECK( b.loop.watched() == 0 );

  none.reset();
  ScriptedHost good( b.loop );
  b.diary.log.clear();
  b.dial( { peerHost( good.port() ) } );
  CHECK( b.runUntilLog( "+0=0" ) );
}

TEST_CASE( "TC-111, S5B-12: silent hosts use up their time and no more, then the list is exhausted", "[net]" )
{
  Bench b;
  SilentPort a, c;
  b.dial( { peerHost( a.port() ), proxyHost( c.port() ) } );
  test::settle( b.loop );
  b.advance( 300ms );
  CHECK( b.diary.log == "+0+1" );
  b.advance( 2700ms ); // no untried host is left: T-R-HOST in full
  CHECK( b.diary.log == "+0+1" );
  b.advance( 5000ms );
  CHECK( b.diary.log == "+0+1-0" );
  b.advance( 300ms );
  CHECK( b.diary.log == "+0+1-0-1." );
  CHECK_FALSE( b.loop.nextAlarm() );
  CHECK( b.loop.watched() == 0 );
}

TEST_CASE( "TC-135, S5B-15: payload in one segment with the reply is handed over", "[net]" )
{
  Bench b;
  HostScript script;
  script.payload = "first bytes of the file" + std::string( 5000, '.' );
  script.byteByByte = GENERATE( false, true );
  script.closeAfterReply = GENERATE( false, true );
  ScriptedHost host( b.loop, script );
  b.dial( { peerHost( host.port() ) } );
  REQUIRE( b.runUntilLog( "+0=0" ) );
  std::string all = b.diary.early;
  REQUIRE( test::runUntil( b.loop, [&] { return ( all += test::receiveNow( b.diary.fd ) ).size() >= script.payload.size() || host.open() == 0; } ) );
  all += test::receiveNow( b.diary.fd );
  CHECK( all == script.payload );
}

TEST_CASE( "TC-136: replies of other hosts are understood", "[net]" )
{
  Bench b;
  HostScript script;
  script.reply = GENERATE( as<std::string>{}, "\x05\x00\x00\x03\x07"s + "1.2.3.4" + "\x1e\x61"s, "\x05\x00\x00\x01\x01\x02\x03\x04\x1e\x61"s, "\x05\x00\x00\x00\x00\x00"s );
  ScriptedHost host( b.loop, script );
  b.dial( { peerHost( host.port() ) } );
  CHECK( b.runUntilLog( "+0=0" ) );
}

TEST_CASE( "TC-174, SEC-6: a forbidden address is never connected to, numeric or behind a name", "[net]" )
{
  Bench b;
  ScriptedHost host( b.loop );
  b.filter.emplace( StreamHostFilter{} );
  b.resolver.set( "evil.example", { { "127.0.0.1" } } );
  const std::string name = GENERATE( as<std::string>{}, "127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "evil.example" );
  b.dial( { peerHost( host.port(), name ) } );
  test::settle( b.loop );
  CHECK( b.diary.log == "+0-0." );
  CHECK( host.accepted() == 0 );
  const std::string expected = name == "127.0.0.1" || name == "evil.example" ? "loopback address" : "unspecified, multicast, reserved or disguised address";
  CHECK( b.diary.reasons[0] == "refused by our own rules: " + expected );
}

TEST_CASE( "TC-176, SEC-7: a name is looked up once and only the addresses of that answer are used", "[net]" )
{
  Bench b;
  ScriptedHost host( b.loop );
  StreamHostFilter options;
  options.allow = { "127.0.0.1/32" };
  b.filter.emplace( options );
  b.resolver.set( "host.example", { { "127.0.0.9", "127.0.0.1" }, { "10.0.0.1" } } );
  b.dial( { proxyHost( host.port(), "host.example" ) } );
  REQUIRE( b.runUntilLog( "+0=0" ) );
  CHECK( b.resolver.lookups() == 1 );
  CHECK( host.accepted() == 1 );
}

TEST_CASE( "SEC-7: at most four addresses of a name are tried", "[net]" )
{
  Bench b;
  ScriptedHost host( b.loop ); // listens on 127.0.0.1 only
  b.resolver.set( "host.example", { { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.1" } } );
  b.resolver.set( "short.example", { { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1" } } );
  SECTION( "the fifth is not" )
  {
    b.dial( { peerHost( host.port(), "host.example" ) } );
    CHECK( b.runUntilLog( "+0-0." ) );
    CHECK( host.accepted() == 0 );
    CHECK( b.diary.reasons[0] == "connection refused" );
  }
  SECTION( "the fourth is" )
  {
    b.dial( { peerHost( host.port(), "short.example" ) } );
    CHECK( b.runUntilLog( "+0=0" ) );
  }
}

TEST_CASE( "TC-178, SEC-8: a forbidden port is not tried, the next host is", "[net]" )
{
  Bench b;
  ScriptedHost good( b.loop );
  StreamHostFilter options;
  options.allow = { "127.0.0.0/8" };
  b.filter.emplace( options );
  const std::uint16_t port = GENERATE( as<std::uint16_t>{}, 25, 0 );
  b.dial( { peerHost( port ), peerHost( good.port() ) } );
  REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
  CHECK( b.diary.reasons[0] == ( port == 25 ? "refused by our own rules: port below 1024" : "refused by our own rules: port 0" ) );
}

TEST_CASE( "GEN-13, S5B-12: a name that is not found, or not answered in time, is a failure of that host", "[net]" )
{
  Bench b;
  ScriptedHost good( b.loop );
  b.resolver.set( "none.example", { {} } );
  SECTION( "not found" )
  {
    b.dial( { peerHost( 7777, "none.example" ), peerHost( good.port() ) } );
    REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
    CHECK( b.diary.reasons[0] == "name not resolved: no such name" );
  }
  SECTION( "no answer" )
  {
    b.dial( { peerHost( 7777, "silent.example" ), peerHost( good.port() ) } );
    test::settle( b.loop );
    b.advance( 7999ms );
    CHECK( b.diary.log == "+0" );
    b.clock.advance( 1ms );
    REQUIRE( b.runUntilLog( "+0-0+1=1" ) );
    CHECK( b.diary.reasons[0] == "timed out during the name look-up" );
    CHECK( b.resolver.waiting() == 0 );
  }
}

TEST_CASE( "T-R-HOST: a silent address of a name gives way to the next one", "[net]" )
{
  Bench b;
  SilentPort silentPort;
  // the port is silent on the first address and closed on the second: that we hear of the second shows that it was tried
  b.resolver.set( "host.example", { { "127.0.0.1", "127.0.0.2" } } );
  b.dial( { peerHost( silentPort.port(), "host.example" ) } );
  test::settle( b.loop );
  b.advance( 2999ms );
  CHECK( b.diary.log == "+0" );
  b.clock.advance( 1ms );
  REQUIRE( b.runUntilLog( "+0-0." ) );
  CHECK( b.diary.reasons[0] == "connection refused" );
}

TEST_CASE( "The dialer may be deleted in each of its callbacks, and closes everything", "[net]" )
{
  Bench b;
  const auto before = test::openDescriptors();
  {
    const Fd refusing = test::boundSocket();
    HostScript bad;
    bad.closeAfterChoice = true;
    ScriptedHost hostBad( b.loop, bad ), good( b.loop );
    SilentPort slow;
    b.diary.deleteAt = GENERATE( '+', '-', '=', '.', 'x' );
    const bool early = GENERATE( false, true );
    const std::uint16_t first = early ? std::uint16_t( 0 ) : hostBad.port();
    b.filter.emplace( []
                      {
                        StreamHostFilter f;
                        f.allow = { "127.0.0.0/8" };
                        return f;
                      }() );
    std::vector<DialTarget> targets{ peerHost( first ), peerHost( test::portOf( refusing ) ) };
    if( b.diary.deleteAt == '=' )
      targets.push_back( proxyHost( good.port() ) );
    else if( b.diary.deleteAt == 'x' )
      targets.push_back( proxyHost( slow.port() ) );
    b.dial( targets );
    if( b.diary.deleteAt == 'x' )
    {
      REQUIRE( test::runUntil( b.loop, [&] { return b.diary.log.find( "+2" ) != std::string::npos; } ) );
      b.diary.dialer.reset();
    }
    REQUIRE( test::runUntil( b.loop, [&] { return !b.diary.dialer; } ) );
    const std::string log = b.diary.log;
    b.advance( 1min );
    CHECK( b.diary.log == log );
    CHECK_FALSE( b.loop.nextAlarm() );
    b.diary.fd.reset();
  }
  CHECK( b.loop.watched() == 0 );
  CHECK( test::openDescriptors() == before );
}

TEST_CASE( "The dialer may be deleted while the application is asked for an address; that one is not connected to", "[net]" )
{
  Bench b;
  SilentPort silentPort;
  ScriptedHost good( b.loop );
  const Fd refusing = test::boundSocket();
  std::size_t asked = 0, fatal = 1;
  StreamHostFilter options;
  options.allow = { "127.0.0.0/8" };
  options.accept = [&]( const std::string&, std::uint16_t )
  {
    if( ++asked == fatal )
      b.diary.dialer.reset();
    return true;
  };
  b.filter.emplace( options );
  std::uint16_t port = good.port();
  std::string host = "127.0.0.1";
  SECTION( "a numeric address" ) {}
  SECTION( "the first address of a name" ) { host = "host.example"; }
  SECTION( "the second address of a name, after a refusal" )
  {
    host = "host.example";
    port = test::portOf( refusing );
    fatal = 2;
  }
  SECTION( "the second address of a name, after T-R-HOST" )
  {
    host = "host.example";
    port = silentPort.port();
    fatal = 2;
  }
  b.resolver.set( "host.example", { { "127.0.0.1", "127.0.0.1" } } );
  b.options.stagger = 1h;
  b.dial( { peerHost( port, host ), proxyHost( good.port() ) } );
  REQUIRE( test::runUntil( b.loop, [&]
  {
    if( asked == 1 && fatal == 2 )
      b.clock.advance( 3s );
    return !b.diary.dialer;
  } ) );
  test::settle( b.loop );
  CHECK( asked == fatal );
  CHECK( b.diary.log == "+0" );
  CHECK( good.accepted() == 0 );
  CHECK_FALSE( b.loop.nextAlarm() );
}

TEST_CASE( "TC-179: a long list of refused hosts is walked through without recursion and told in full", "[net]" )
{
  Bench b;
  b.filter.emplace( StreamHostFilter{} );
  b.dial( std::vector<DialTarget>( 1000, peerHost( 7777 ) ) );
  test::settle( b.loop );
  CHECK( b.diary.reasons.size() == 1000 );
  CHECK( b.diary.log.back() == '.' );
  CHECK( b.diary.log.substr( 0, 8 ) == "+0-0+1-1" );
}
