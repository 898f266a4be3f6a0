// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/socks5outgoing.h"

#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/sockets.h"

#include <chrono>
#include <string>
#include <utility>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// How the one dial of a proxy has ended.
struct Outcome final : public net::DialHandler
{
  void handleDialStarted( std::size_t ) override {}
  void handleDialFailed( std::size_t, const std::string& why, std::chrono::milliseconds ) override { reason = why; }
  void handleDialed( std::size_t, net::Fd fd, std::string, std::chrono::milliseconds ) override { link = std::move( fd ); }
  void handleDialExhausted() override {}

  net::Fd link{};
  std::string reason{};
};

} // namespace

TEST_CASE( "S5B-7, T-S-PROXY: of a proxy given by name a dead address has ten seconds, then the next one is tried", "[methods]" )
{
  ManualClock clock;
  net::EventLoop loop( clock );
  ScriptedResolver resolver( loop );
  resolver.set( "proxy.example", { { "127.0.0.1", "127.0.0.2" } } );
  SilentPort dead;
  Outcome outcome;
  net::Dialer dialer( loop, resolver, methods::Socks5Outgoing::proxyTimes( "proxy.example", Timeouts() ), outcome );
  dialer.start( { { "proxy.example", "proxy.example", dead.port(), true } }, std::string( 40, 'a' ) );
  const auto advance = [&]( std::chrono::milliseconds by )
  {
    clock.advance( by );
    settle( loop );
  };
  settle( loop );
  SECTION( "the next one is good" )
  {
    const ScriptedHost good( loop, {}, boundSocket( "127.0.0.2", dead.port() ) );
    advance( 10s - 1ms );
    CHECK( good.accepted() == 0 );
    advance( 1ms );
    REQUIRE( runUntil( loop, [&] { return static_cast<bool>( outcome.link ); } ) );
    CHECK( good.accepted() == 1 );
  }
  SECTION( "the next one says nothing, either" )
  {
    HostScript silent;
    silent.choice.reset();
    const ScriptedHost mute( loop, silent, boundSocket( "127.0.0.2", dead.port() ) );
    advance( 10s );
    REQUIRE( runUntil( loop, [&] { return mute.open() == 1; } ) );
    advance( 10s - 1ms );
    CHECK( outcome.reason.empty() );
    advance( 1ms );
    CHECK( outcome.reason == "timed out during the handshake" );
  }
}

TEST_CASE( "S5B-7, T-S-PROXY: a proxy given by its address has ten seconds in all", "[methods]" )
{
  CHECK( methods::Socks5Outgoing::proxyTimes( "198.51.100.4", Timeouts() ).perHost == 10s );
  CHECK( methods::Socks5Outgoing::proxyTimes( "proxy.example", Timeouts() ).perHost == 20s );
}
