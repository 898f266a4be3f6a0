// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The model says what the code does: a shortest way to each outcome, played to real bots.

#include "model/replay.h"
#include "support/catch2.h"

#include <iostream>

using namespace simultiple::model;

namespace
{

// A shortest way to each outcome, and a sample of the others. What cannot be played is counted; it must not be much.
void replays( const Setup& setup, std::size_t sampleEach, std::size_t atLeast )
{
  const auto found = explore( setup, false, sampleEach );
  REQUIRE( found.broken == "" );
  auto traces = found.sample;
  for( const auto& outcome : found.outcomes )
    traces.push_back( outcome.second );
  std::size_t played = 0;
  for( const auto& trace : traces )
  {
    const auto schedule = scheduleOf( setup, trace );
    if( !schedule.problem.empty() )
      continue;
    INFO( setup.name << "\n" << textOf( trace ) );
    CHECK( Replay( setup, schedule ).run( trace ) == "" );
    ++played;
  }
  std::cout << "model: replayed " << setup.name << ": " << played << " of " << traces.size() << " ways, " << found.outcomes.size() << " outcomes" << std::endl;
  CHECK( played >= atLeast );
  CHECK( played * 4 >= traces.size() * 3 );
}

Setup setupOf( const std::string& name, const std::vector<std::string>& list, bool own, bool loses )
{
  Setup setup;
  setup.name = name;
  setup.senderList = setup.receiverList = list;
  setup.inBandNamed = list.size() > 1 || list[0] == Ibb;
  setup.own = own;
  setup.loses = loses;
  return setup;
}

} // namespace

TEST_CASE( "The real plugin does in-band, step by step, what the model says", "[model][replay]" )
{
  replays( setupOf( "IBB, loses", { Ibb }, false, true ), 5, 60 );
  replays( setupOf( "S5B without streamhosts IBB, loses", { S5b, Ibb }, false, true ), 20, 45 );
  replays( setupOf( "IBB S5B without streamhosts, loses", { Ibb, S5b }, false, true ), 20, 40 );
}

TEST_CASE( "The real plugin does over SOCKS5, step by step, what the model says", "[model][replay]" )
{
  replays( setupOf( "S5B", { S5b }, true, false ), 5, 20 );
  replays( setupOf( "S5B IBB", { S5b, Ibb }, true, false ), 20, 50 );
  replays( setupOf( "IBB S5B", { Ibb, S5b }, true, false ), 10, 50 );
  replays( setupOf( "S5B IBB, loses", { S5b, Ibb }, true, true ), 50, 60 );
}

TEST_CASE( "CLS-7, CLS-8: the real plugin does when a connection to a server is lost, step by step, what the model says", "[model][replay]" )
{
  for( const auto& list : { std::vector<std::string>{ S5b, Ibb }, { Ibb, S5b } } )
  {
    auto setup = setupOf( ( list[0] == S5b ? "S5B IBB" : "IBB S5B" ) + std::string( ", disconnects" ), list, true, false );
    setup.disconnects = true;
    replays( setup, 60, 50 );
  }
}

TEST_CASE( "The real plugin does where S speaks first, step by step, what the model says", "[model][replay]" )
{
  auto setup = setupOf( "S5B IBB, S speaks first, loses", { S5b, Ibb }, true, true );
  setup.senderFirst = true;
  replays( setup, 50, 60 );
}
