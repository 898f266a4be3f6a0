// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/resolver.h"

#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/sockets.h"

#include <memory>
#include <string>
#include <vector>

using namespace simultiple;
using namespace simultiple::net;
using test::ManualClock;

TEST_CASE( "GEN-13: a name is looked up aside and answered from the loop", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  SystemResolver resolver( loop );
  std::vector<Address> found;
  std::string problem;
  int answers = 0;
  const auto lookup = resolver.resolve( "localhost", [&]( std::vector<Address> addresses, const std::string& error )
                                        {
                                          ++answers;
                                          found = std::move( addresses );
                                          problem = error;
                                        } );
  CHECK( answers == 0 );
  REQUIRE( test::runUntil( loop, [&] { return answers > 0; } ) );
  CHECK( problem.empty() );
  REQUIRE_FALSE( found.empty() );
  CHECK( classify( found.front() ) == Scope::Loopback );
  test::settle( loop );
  CHECK( answers == 1 );
  CHECK( loop.watched() == 0 );
}

TEST_CASE( "Odd spellings of an address are resolved to the address that they mean", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  SystemResolver resolver( loop );
  std::vector<Address> found;
  const auto lookup = resolver.resolve( "0x7f.1", [&]( std::vector<Address> addresses, const std::string& ) { found = std::move( addresses ); } );
  REQUIRE( test::runUntil( loop, [&] { return !found.empty(); } ) );
  CHECK( found.front().text() == "127.0.0.1" );
}

TEST_CASE( "What cannot be a host name fails without a thread, from the loop", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  SystemResolver resolver( loop );
  const std::string name = GENERATE( as<std::string>{}, "", std::string( "local\0host", 10 ), std::string( 256, 'a' ) );
  std::string problem;
  const auto lookup = resolver.resolve( name, [&]( const std::vector<Address>& a, const std::string& e ) { problem = a.empty() ? e : ""; } );
  CHECK( problem.empty() );
  CHECK( loop.watched() == 0 );
  test::settle( loop );
  CHECK( problem == "not a host name" );
}

TEST_CASE( "A look-up that was dropped is never answered, also after its resolver is gone", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  bool answered = false;
  bool kept = false;
  std::unique_ptr<Lookup> survivor;
  {
    SystemResolver resolver( loop );
    const auto forget = resolver.resolve( "localhost", [&]( const std::vector<Address>&, const std::string& ) { answered = true; } );
    const auto wrong = resolver.resolve( "", [&]( const std::vector<Address>&, const std::string& ) { answered = true; } );
    survivor = resolver.resolve( "localhost", [&]( const std::vector<Address>&, const std::string& ) { kept = true; } );
  }
  REQUIRE( test::runUntil( loop, [&] { return kept; } ) );
  test::settle( loop );
  CHECK_FALSE( answered );
}

TEST_CASE( "A look-up may be destroyed in its own answer", "[net]" )
{
  ManualClock clock;
  EventLoop loop( clock );
  SystemResolver resolver( loop );
  const std::string name = GENERATE( as<std::string>{}, "localhost", "" );
  std::unique_ptr<Lookup> lookup;
  bool answered = false;
  lookup = resolver.resolve( name, [&]( const std::vector<Address>&, const std::string& )
                             {
                               lookup.reset();
                               answered = true;
                             } );
  CHECK( test::runUntil( loop, [&] { return answered; } ) );
}
