// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One turn of the plugin: it ends in time however much there is to do, and in the end everybody had theirs.

#include "flow/inband_fixture.h"

#include "session/plugin.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

constexpr std::size_t Streams = 12;

/// Many open S5B streams to juliet, whose turns take a millisecond for everything they do.
struct Busy : Pair
{
  Busy()
  {
    for( std::size_t i = 1; i <= Streams; ++i )
    {
      REQUIRE_FALSE( romeo->offer( Juliet ).empty() );
      REQUIRE( until( [&] { return romeo->opens == int( i ) && juliet->opens == int( i ); } ) );
    }
    juliet->onData = [this]( MultiBytestream& stream, const std::string& ) { ++heard[stream.sid()]; };
    plugin().turnClock = [this] { return now += 1ms; };
  }
  [[nodiscard]] SIMultipleManager::Private& plugin() { return juliet->manager.priv(); }
  void sendAll()
  {
    for( auto& stream : romeo->streams )
      REQUIRE( stream->send( "something" ) );
  }
  [[nodiscard]] int total() const
  {
    int all = 0;
    for( const auto& one : heard )
      all += one.second;
    return all;
  }

  std::chrono::steady_clock::time_point now{};
  std::map<std::string, int> heard{};
};

} // namespace

TEST_CASE( "A turn ends in time, and all busy streams get on, one after the other, over the next ones", "[stream]" )
{
  Busy pair;
  pair.sendAll();
  int turns = 0;
  for( int before = 0; pair.total() < int( Streams ); before = pair.total() )
  {
    pair.juliet->manager.process();
    REQUIRE( pair.total() > before );
    REQUIRE( pair.total() <= before + 3 );
    CHECK( ( pair.total() == int( Streams ) || pair.juliet->manager.nextDeadline() == 0ms ) );
    ++turns;
  }
  CHECK( turns >= 4 );
  CHECK( pair.heard.size() == Streams );   // none was served twice before all were served once
}

TEST_CASE( "TMO-3: a deadline is kept however busy the streams are", "[stream]" )
{
  Busy pair;
  pair.sendAll();
  int at = -1;
  net::Alarm alarm( pair.plugin().loop );
  alarm.start( 1s, [&] { at = pair.total(); } );
  pair.juliet->manager.process();
  pair.clock->advance( 1s );
  for( int turn = 0; turn < 50 && at < 0; ++turn )
  {
    pair.sendAll();   // always something
    pair.juliet->manager.process();
  }
  CHECK( at >= int( Streams ) );       // all that was there when it came due
  CHECK( at < 2 * int( Streams ) );
}

TEST_CASE( "TMO-3: of a thousand deadlines that come due at once many are kept in each turn, however busy the streams are", "[stream]" )
{
  Busy pair;
  pair.plugin().turnClock = [&pair] { return pair.now; };
  pair.juliet->onData = [&pair]( MultiBytestream&, const std::string& ) { pair.now += 1ms; };
  int fired = 0;
  std::vector<std::unique_ptr<net::Alarm>> alarms;
  for( int i = 0; i < 1000; ++i )
  {
    alarms.push_back( std::make_unique<net::Alarm>( pair.plugin().loop ) );
    alarms.back()->start( 1s, [&] { ++fired; pair.now += 10us; } );
  }
  pair.clock->advance( 1s );
  int turns = 0;
  for( ; turns < 100 && fired < 1000; ++turns )
  {
    const int before = fired;
    const auto begin = pair.now;
    pair.sendAll();
    pair.juliet->manager.process();
    CHECK( fired - before <= 51 );           // half a millisecond of them
    CHECK( pair.now - begin <= 5ms );
  }
  CHECK( turns <= 30 );                      // a round of the sockets comes first
}

TEST_CASE( "CLS-10: a thousand sessions that end at once are destroyed over many turns, and each of them ends in time", "[stream]" )
{
  Busy pair;
  pair.plugin().turnClock = [&pair] { return pair.now; };
  int gone = 0;
  for( int i = 0; i < 1000; ++i )
    pair.plugin().bury( std::shared_ptr<void>( &pair, [&]( void* )
    {
      ++gone;
      pair.now += 100us;
    } ) );
  int turns = 0;
  for( ; turns < 200 && gone < 1000; ++turns )
  {
    const auto begin = pair.now;
    CHECK( pair.juliet->manager.nextDeadline() == 0ms );
    pair.juliet->manager.process();
    CHECK( pair.now - begin <= 5ms );
  }
  CHECK( gone == 1000 );
  CHECK( turns <= 50 );
}

TEST_CASE( "Whoever floods us with stanzas does not keep the streams from getting on", "[stream]" )
{
  Busy pair;
  pair.sendAll();
  for( int turn = 0; turn < 40 && pair.heard.size() < Streams; ++turn )
  {
    for( int i = 0; i < 3; ++i )   // as many as one turn can take
      pair.julietClient.feed( "<iq type='set' id='f" + std::to_string( 3 * turn + i ) + "' from='" + Romeo + "' to='" + Juliet
                              + "'><data xmlns='http://jabber.org/protocol/ibb' sid='" + pair.romeo->stream().sid() + "' seq='0'>AAAA</data></iq>" );
    pair.juliet->manager.process();
  }
  CHECK( pair.heard.size() == Streams );
}

namespace
{

std::string numbered( std::size_t i ) { return Sid.substr( 0, 32 ) + std::to_string( 10 + i ); }

} // namespace

TEST_CASE( "CLS-7, GEN-9: many sessions hear over many turns that the connection is lost, all of them before anything of the next one", "[stream]" )
{
  std::chrono::steady_clock::time_point now{};
  Receiver juliet( []( Options& options ) { options.limits.offersPerPeer = Streams; } );
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  for( std::size_t i = 0; i < Streams; ++i )
    juliet.feed( offerOf( { Ibb }, numbered( i ), true, "q" + std::to_string( i ) ) );
  REQUIRE( juliet.bot->offers.size() == Streams );

  juliet.bot->manager.priv().turnClock = [&now] { return now += 1ms; };
  juliet.client.dropConnection();
  REQUIRE( juliet.client.reconnect() );
  juliet.client.clear();
  // The sender knows of the loss, too, and offers again what it offered last: whatever the order in which they hear of it, one has not when this arrives.
  juliet.client.feed( offerOf( { Ibb }, numbered( 0 ), true, "again0" ) );
  juliet.client.feed( offerOf( { Ibb }, numbered( Streams - 1 ), true, "again1" ) );
  int turns = 0;
  for( std::size_t before = 0; before < Streams; before = juliet.bot->ends.size(), ++turns )
  {
    juliet.bot->manager.process();
    REQUIRE( juliet.bot->ends.size() > before );
    REQUIRE( juliet.bot->ends.size() <= before + 3 );
    if( juliet.bot->ends.size() < Streams )
    {
      CHECK( juliet.bot->offers.size() == Streams );
      CHECK( juliet.bot->manager.nextDeadline() == 0ms );
    }
  }
  CHECK( turns >= 4 );
  for( const auto& end : juliet.bot->ends )
    CHECK( end.cause == Cause::Disconnected );
  juliet.settle();
  CHECK( juliet.bot->offers.size() == Streams + 2 );
  CHECK( juliet.bot->manager.sessions() == 2 );
  CHECK( juliet.said().empty() );
}

TEST_CASE( "CLS-7, TC-160: in-band streams that hear of a loss when the next connection is there already say nothing on it", "[stream]" )
{
  std::chrono::steady_clock::time_point now{};
  Receiver juliet;
  for( std::size_t i = 0; i < Streams; ++i )
  {
    const auto sid = numbered( i );
    juliet.feed( offerOf( { Ibb }, sid, true, "q" + std::to_string( i ) ) );
    juliet.set( "open" + std::to_string( i ), openElement( "4096", sid ) );
    REQUIRE( juliet.bot->opens == int( i + 1 ) );
  }
  juliet.bot->manager.priv().turnClock = [&now] { return now += 1ms; };
  juliet.client.dropConnection();
  REQUIRE( juliet.client.reconnect() );
  juliet.client.clear();
  juliet.settle();
  CHECK( juliet.bot->ends.size() == Streams );
  CHECK( juliet.bot->cause() == "disconnected" );
  CHECK( juliet.said().empty() );
}

TEST_CASE( "CLS-7, ADV-7: a bot that is switched off while its sessions hear of a loss keeps what they need until the last has", "[stream]" )
{
  std::chrono::steady_clock::time_point now{};
  Receiver juliet( []( Options& options ) { options.limits.offersPerPeer = Streams; } );
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  for( std::size_t i = 0; i < Streams; ++i )
    juliet.feed( offerOf( { Ibb }, numbered( i ), true, "q" + std::to_string( i ) ) );
  juliet.bot->manager.priv().turnClock = [&now] { return now += 1ms; };
  juliet.client.dropConnection();
  juliet.bot->manager.process();
  REQUIRE( juliet.bot->ends.size() < Streams );
  juliet.bot->manager.disable();
  juliet.settle();
  CHECK( juliet.bot->ends.size() == Streams );
  CHECK( juliet.bot->manager.sessions() == 0 );
  CHECK_FALSE( juliet.bot->manager.priv().runtime );
}
