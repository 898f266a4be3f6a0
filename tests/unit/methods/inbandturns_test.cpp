// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/manual_clock.h"

#include "methods/inbandturns.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <list>
#include <string>

using namespace simultiple;
using namespace std::chrono_literals;
using methods::InBandTurns;

namespace
{

/// The shared connection, with a record of who sent.
struct Line
{
  explicit Line( std::size_t window = 10 ) : turns( loop, window, [this] { return room; } ) {}

  void pass( std::chrono::milliseconds by )
  {
    clock.advance( by );
    while( loop.nextAlarm() && *loop.nextAlarm() <= clock.now() && loop.runAlarms() )
    {
    }
  }

  test::ManualClock clock{};
  net::EventLoop loop{ clock };
  std::size_t room = std::numeric_limits<std::size_t>::max();
  InBandTurns turns;
  std::string order{};
};

struct Stream final : InBandTurns::Rider
{
  Stream( Line& line_, char name_, std::size_t blocks, std::size_t size_ = 4096 ) : line( line_ ), name( name_ ), left( blocks ), size( size_ )
  {
    line.turns.wants( *this );
  }
  ~Stream() override { line.turns.leave( *this ); }
  Stream( const Stream& ) = delete;
  Stream& operator=( const Stream& ) = delete;

  std::size_t nextBlock() const override { return left > 0 && tickets.size() < own ? size : 0; }
  bool sendBlock( std::size_t most ) override
  {
    --left;
    cut += most < size ? 1U : 0U;
    tickets.push_back( line.turns.board( std::min( size, most ) ) );
    line.order += name;
    return nextBlock() > 0;
  }
  void acknowledge()
  {
    REQUIRE_FALSE( tickets.empty() );
    const auto ticket = tickets.front();
    tickets.pop_front();
    line.turns.acknowledged( ticket );
    line.turns.wants( *this );
  }

  Line& line;
  char name;
  std::size_t left;
  std::size_t size;
  std::size_t own = 10;
  std::size_t cut = 0;   ///< Blocks that were sent in part
  std::list<InBandTurns::Ticket> tickets{};
};

} // namespace

TEST_CASE( "IBB-17: however many streams there are, one window of blocks is under way, and each gets its turn", "[ibb]" )
{
  Line line;
  std::list<Stream> streams;
  for( int i = 0; i < 1000; ++i )
    streams.emplace_back( line, 'x', 3u );
  std::size_t most = line.turns.underWay();
  CHECK( most == 4 );
  for( int round = 0; round < 3000; ++round )
  {
    const auto first = std::min_element( streams.begin(), streams.end(), []( const Stream& a, const Stream& b )
    {
      return !a.tickets.empty() && ( b.tickets.empty() || a.tickets.front().number < b.tickets.front().number );
    } );
    first->acknowledge();
    most = std::max( most, line.turns.underWay() );
    if( round == 1010 )
      CHECK( std::all_of( streams.begin(), streams.end(), []( const Stream& s ) { return s.left < 3; } ) );
  }
  CHECK( most == 10 );
  CHECK( line.order.size() == 3000 );
}

TEST_CASE( "IBB-17: streams take turns, each in its own order", "[ibb]" )
{
  Line line( 3 );
  Stream a( line, 'a', 4 ), b( line, 'b', 2 ), c( line, 'c', 3 );
  CHECK( line.order == "aaa" );   // it was alone when it came
  a.acknowledge();
  a.acknowledge();
  a.acknowledge();
  CHECK( line.order == "aaaabc" );
  b.acknowledge();
  c.acknowledge();
  a.acknowledge();
  CHECK( line.order == "aaaabcbcc" );
  std::uint64_t last = 0;
  for( const auto& ticket : c.tickets )
  {
    CHECK( ticket.number > last );
    last = ticket.number;
  }
}

TEST_CASE( "IBB-17: an acknowledgement proves that everything sent before has gone, whoever keeps his back", "[ibb]" )
{
  Line line( 4 );
  Stream stalled( line, 's', 100 );
  CHECK( stalled.tickets.size() == 4 );
  stalled.own = 4;
  Stream brisk( line, 'b', 1000 );
  CHECK( brisk.tickets.empty() );
  line.pass( 1000ms );
  REQUIRE( brisk.tickets.size() == 1 );   // IBB-18
  for( int i = 0; i < 500; ++i )
    brisk.acknowledge();
  CHECK( brisk.tickets.size() == 4 );     // the whole window, as if nobody were stalled
  CHECK( line.turns.underWay() == 4 );
  CHECK( stalled.tickets.size() == 4 );

  stalled.acknowledge();                  // what is old proves nothing, and nothing is counted twice
  CHECK( line.turns.underWay() == 4 );
}

TEST_CASE( "IBB-17: a slow reader does not set the pace of the others", "[ibb]" )
{
  Line line( 10 );
  Stream slow( line, 's', 100 );
  slow.own = 1;
  while( !slow.tickets.empty() && line.order.size() < 20 )
  {
    line.pass( line.order.size() < 5 ? 5ms : 4000ms );
    slow.acknowledge();
  }
  CHECK( line.turns.window() >= 2 );
  Stream brisk( line, 'b', 1000 );
  const auto before = line.order.size();
  for( int i = 0; i < 100; ++i )
  {
    line.pass( 5ms );
    REQUIRE_FALSE( brisk.tickets.empty() );
    brisk.acknowledge();
  }
  CHECK( line.order.size() - before > 100 );
  CHECK( line.turns.window() == 10 );
}

TEST_CASE( "IBB-18: while nothing at all is acknowledged one more block leaves, later and later", "[ibb]" )
{
  Line line( 2 );
  Stream stalled( line, 's', 2 );
  REQUIRE( line.order == "ss" );
  std::list<Stream> others;
  for( char name = 'a'; name <= 'f'; ++name )
    others.emplace_back( line, name, 1u );
  line.pass( 999ms );
  CHECK( line.order == "ss" );
  line.pass( 1ms );
  CHECK( line.order == "ssa" );
  line.pass( 1999ms );
  CHECK( line.order == "ssa" );
  line.pass( 1ms );
  CHECK( line.order == "ssab" );
  line.pass( 4000ms );
  CHECK( line.order == "ssabc" );
  line.pass( 8000ms );
  CHECK( line.order == "ssabcd" );
  line.pass( 8000ms );
  CHECK( line.order == "ssabcde" );
  others.front().acknowledge();    // from here on everything older is gone: "bcde" are under way, two are allowed
  CHECK( line.order == "ssabcde" );
  std::next( others.begin(), 4 )->acknowledge();
  CHECK( line.order == "ssabcdef" );
}

TEST_CASE( "IBB-17: no more bytes are under way than a socket surely takes, but one block always is", "[ibb]" )
{
  Line line;
  Stream large( line, 'l', 100, 16384 );
  line.pass( 0ms );
  CHECK( large.tickets.size() == 3 );
  large.acknowledge();
  CHECK( large.tickets.size() == 3 );

  Line other;
  Stream largest( other, 'L', 100, 65535 );
  CHECK( largest.tickets.size() == 1 );
  largest.acknowledge();
  CHECK( largest.tickets.size() == 1 );
}

TEST_CASE( "IBB-17: nothing is sent into a socket without room, and sending goes on when there is some", "[ibb]" )
{
  Line line;
  line.room = 1000;
  Stream stream( line, 's', 3 );
  CHECK( line.order.empty() );
  line.pass( 5s );
  CHECK( line.order.empty() );
  line.room = 1u << 20;
  line.pass( 10ms );
  CHECK( line.order == "sss" );
}

TEST_CASE( "IBB-17: a block that a busy buffer never has room for is cut to what there is, and holds up nobody", "[ibb]" )
{
  Line line;
  line.room = 20000;   // there is always something else in it
  Stream large( line, 'a', 2, 32768 );
  Stream usual( line, 'b', 2 );
  line.pass( 10ms );
  CHECK( large.tickets.size() + usual.tickets.size() == 4 );
  CHECK( large.cut == 2 );
  CHECK( usual.cut == 0 );
  for( const auto& ticket : large.tickets )
    CHECK( ticket.bytes <= 2 * 20000 + 2 * 4096 );

  for( Stream* stream : { &large, &usual, &large, &usual } )
    stream->acknowledge();
  line.room = 5000;    // not even for a usual one
  Stream late( line, 'c', 1, 32768 );
  line.pass( 100ms );
  CHECK( late.tickets.empty() );
  line.room = std::numeric_limits<std::size_t>::max();
  line.pass( 10ms );
  REQUIRE( late.tickets.size() == 1 );
  CHECK( late.cut == 0 );
}

TEST_CASE( "IBB-17: a wide window leaves in pieces, between which the loop works on other things", "[ibb]" )
{
  Line line( 64 );
  Stream stream( line, 's', 1000, 64 );
  stream.own = 64;
  while( line.turns.window() < 64 )
    stream.acknowledge();
  while( !stream.tickets.empty() )
  {
    stream.left = 0;
    stream.acknowledge();
  }
  line.order.clear();
  stream.left = 1000;
  line.turns.wants( stream );
  CHECK( line.order.size() == 8 );
  (void)line.loop.runAlarms();
  CHECK( line.order.size() == 16 );
}

TEST_CASE( "CLS-7: with the connection all blocks are lost, and their tickets prove nothing any more", "[ibb]" )
{
  Line line( 4 );
  Stream stream( line, 's', 100 );
  REQUIRE( line.turns.underWay() == 4 );
  line.turns.reset();
  CHECK( line.turns.underWay() == 0 );
  Stream next( line, 'n', 100 );
  CHECK( line.turns.underWay() == 4 );
  stream.left = 0;
  stream.acknowledge();
  CHECK( line.turns.underWay() == 4 );
}

TEST_CASE( "IBB-17: a stream that leaves loses its turn", "[ibb]" )
{
  Line line( 4 );
  Stream first( line, 'f', 4 );
  {
    Stream gone( line, 'g', 4 );
    Stream left( line, 'l', 4 );
    line.turns.leave( left );
  }
  Stream last( line, 'z', 4 );
  first.acknowledge();
  CHECK( line.order.substr( 0, 5 ) == "ffffz" );
}

TEST_CASE( "IBB-17: what a stream had on its way when it went holds up nobody", "[ibb]" )
{
  Line line( 4 );
  Stream a( line, 'a', 100 );
  line.pass( 0ms );
  REQUIRE( line.order == "aaaa" );
  Stream b( line, 'b', 1 );
  line.pass( 0ms );
  CHECK( line.order == "aaaa" );
  line.turns.leave( a );
  line.turns.lost( a.tickets.back() );
  CHECK( line.order == "aaaa" );   // whoever goes may be in its destructor
  line.pass( 0ms );
  CHECK( line.order == "aaaab" );
  b.acknowledge();
  CHECK( line.turns.underWay() == 0 );
}
