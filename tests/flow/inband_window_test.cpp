// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// In-band: how much may be under way, on a stream and on the whole connection.

#include "flow/inband_fixture.h"

#include <gloox/base64.h>

#include <algorithm>
#include <deque>
#include <map>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// Juliet's bot with several streams open to romeo, who is the test.
struct Many : Receiver
{
  explicit Many( std::size_t count )
  {
    for( std::size_t i = 0; i < count; ++i )
    {
      const auto sid = "s" + std::to_string( i );
      feed( offerOf( { Ibb }, sid ) );
      set( "open-" + sid, openElement( "4096", sid ) );
    }
    REQUIRE( bot->streams.size() == count );
    REQUIRE( bot->opens == static_cast<int>( count ) );
    client.clear();
  }

  struct Block
  {
    std::string id;
    std::string sid;
    unsigned seq;
  };
  /** Adds the blocks sent since the last call to those that wait. */
  void collect()
  {
    settle();
    for( const auto& stanza : sent( "<data" ) )
    {
      const auto tag = parse( stanza );
      const auto* data = tag->findChild( "data" );
      waiting.push_back( { tag->findAttribute( "id" ), data->findAttribute( "sid" ), static_cast<unsigned>( std::stoul( data->findAttribute( "seq" ) ) ) } );
    }
    client.clear();
  }
  /** Acknowledges the oldest block; of one stream, if it is named. */
  void acknowledge( const std::string& sid = "" )
  {
    const auto block = std::find_if( waiting.begin(), waiting.end(), [&]( const Block& b ) { return sid.empty() || b.sid == sid; } );
    REQUIRE( block != waiting.end() );
    const auto id = block->id;
    waiting.erase( block );
    answer( id );
    collect();
  }
  std::size_t waitingFor( const std::string& sid ) const
  {
    return static_cast<std::size_t>( std::count_if( waiting.begin(), waiting.end(), [&]( const Block& b ) { return b.sid == sid; } ) );
  }

  std::deque<Block> waiting{};
};

} // namespace

TEST_CASE( "TC-250, IBB-17: twenty streams have one window together, and each gets its turn and keeps its order", "[ibb][large]" )
{
  Many juliet( 20 );
  for( const auto& stream : juliet.bot->streams )
    REQUIRE( stream->send( std::string( 40000, 'x' ) ) );
  juliet.collect();
  CHECK( juliet.waiting.size() == 4 );   // IBB-16
  std::map<std::string, unsigned> next;
  std::size_t most = 0;
  for( int i = 0; i < 200; ++i )
  {
    most = std::max( most, juliet.waiting.size() );
    const auto block = juliet.waiting.front();
    REQUIRE( block.seq == next[block.sid]++ );
    juliet.acknowledge();
    if( i == 60 )
      CHECK( next.size() == 20 );
  }
  CHECK( most == 10 );
  CHECK( juliet.waiting.empty() );
  for( const auto& stream : juliet.bot->streams )
    CHECK( stream->bytesSent() == 40000 );
}

TEST_CASE( "TC-251, IBB-17, IBB-18: a peer that acknowledges nothing does not hold up another stream", "[ibb]" )
{
  Many juliet( 4 );
  for( std::size_t i = 0; i < 3; ++i )
    REQUIRE( juliet.bot->streams[i]->send( std::string( 100000, 'x' ) ) );
  juliet.collect();
  REQUIRE( juliet.waiting.size() == 4 );
  REQUIRE( juliet.bot->streams[3]->send( std::string( 1000000, 'y' ) ) );
  juliet.collect();
  CHECK( juliet.waitingFor( "s3" ) == 0 );
  for( int i = 0; i < 3 && juliet.waitingFor( "s3" ) == 0; ++i )
  {
    juliet.advance( std::chrono::seconds( 1 << i ) );
    juliet.collect();
  }
  REQUIRE( juliet.waitingFor( "s3" ) == 1 );
  for( int i = 0; i < 200; ++i )
    juliet.acknowledge( "s3" );
  CHECK( juliet.bot->streams[3]->bytesSent() == 200 * 4096 );
  CHECK( juliet.waitingFor( "s3" ) >= 4 );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "TC-252, IBB-16: late acknowledgements halve the window, timely ones let it grow again", "[ibb]" )
{
  Many juliet( 1 );
  REQUIRE( juliet.bot->streams[0]->send( std::string( 1000000, 'x' ) ) );
  juliet.collect();
  for( int i = 0; i < 10; ++i )
    juliet.acknowledge();
  CHECK( juliet.waiting.size() == 10 );

  juliet.advance( 600ms );
  for( int i = 0; i < 10; ++i )
    juliet.acknowledge();
  CHECK( juliet.waiting.size() == 5 );
  for( int i = 0; i < 5; ++i )
    juliet.acknowledge();
  CHECK( juliet.waiting.size() == 6 );
  for( int i = 0; i < 50; ++i )
    juliet.acknowledge();
  CHECK( juliet.waiting.size() == 10 );
}

TEST_CASE( "GEN-5, IBB-10: a foreign acknowledgement, and one that comes twice, let nothing more out", "[ibb]" )
{
  Many juliet( 1 );
  auto& stream = *juliet.bot->streams[0];
  REQUIRE( stream.send( std::string( 100000, 'x' ) ) );
  juliet.collect();
  REQUIRE( juliet.waiting.size() == 4 );
  const auto first = juliet.waiting[0].id;
  juliet.feed( fromPeer( "mallory@montague.example/orchard", Juliet, "result", first ) );
  juliet.feed( fromPeer( "mallory@montague.example/orchard", Juliet, "error", first, errorElement( "item-not-found" ) ) );
  juliet.feed( fromPeer( Romeo, Juliet, "result", "made-up" ) );
  juliet.collect();
  CHECK( juliet.waiting.size() == 4 );
  CHECK( stream.bytesSent() == 0 );

  juliet.acknowledge();
  CHECK( juliet.waiting.size() == 5 );
  juliet.answer( first );
  juliet.collect();
  CHECK( juliet.waiting.size() == 5 );
  CHECK( stream.bytesSent() == 4096 );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "IBB-10, IBB-12: acknowledgements may come in any order; the close waits for all of them", "[ibb]" )
{
  Many juliet( 1 );
  auto& stream = *juliet.bot->streams[0];
  REQUIRE( stream.send( std::string( 4 * 4096, 'x' ) ) );
  stream.close();
  juliet.settle();
  auto ids = std::vector<std::string>();
  for( const auto& stanza : juliet.sent( "<data" ) )
    ids.push_back( attribute( stanza, "id" ) );
  REQUIRE( ids.size() == 4 );
  for( const std::size_t i : { 3u, 0u, 2u } )
    juliet.answer( ids[i] );
  CHECK( juliet.sent( "<close" ).empty() );
  juliet.answer( ids[1] );
  CHECK( juliet.sent( "<close" ).size() == 1 );
}

TEST_CASE( "CLS-7, IBB-17: what was under way when the connection was lost does not count on the next one", "[ibb]" )
{
  Many juliet( 2 );
  for( const auto& stream : juliet.bot->streams )
    REQUIRE( stream->send( std::string( 100000, 'x' ) ) );
  juliet.collect();
  CHECK( juliet.waiting.size() == 4 );
  juliet.client.dropConnection();
  juliet.settle();
  CHECK( juliet.bot->ends.size() == 2 );
  REQUIRE( juliet.client.reconnect() );
  juliet.settle();

  juliet.feed( offerOf( { Ibb }, "again" ) );
  juliet.set( "open-again", openElement( "4096", "again" ) );
  juliet.client.clear();
  juliet.waiting.clear();
  REQUIRE( juliet.bot->stream().send( std::string( 100000, 'x' ) ) );
  juliet.collect();
  CHECK( juliet.waitingFor( "again" ) == 4 );
}

TEST_CASE( "IBB-17: streams that end while others wait leave the way free", "[ibb]" )
{
  Many juliet( 3 );
  for( const auto& stream : juliet.bot->streams )
    REQUIRE( stream->send( std::string( 20000, 'x' ) ) );
  juliet.collect();
  REQUIRE( juliet.waitingFor( "s0" ) == 4 );
  const auto gone = juliet.bot->streams[0];
  gone->abort();
  juliet.bot->streams[1]->abort();
  juliet.settle();
  CHECK( juliet.bot->ends.size() == 2 );
  juliet.advance( 1000ms );   // IBB-18
  juliet.collect();
  REQUIRE( juliet.waitingFor( "s2" ) == 1 );
  for( int i = 0; i < 5; ++i )
    juliet.acknowledge( "s2" );
  CHECK( juliet.bot->streams[2]->bytesSent() == 20000 );
}

TEST_CASE( "IBB-17: the answer to an open proves that blocks of a stream that has ended are gone", "[ibb]" )
{
  Sender romeo;
  romeo.opened();
  REQUIRE( romeo.bot->stream().send( std::string( 100000, 'x' ) ) );
  romeo.settle();
  REQUIRE( romeo.ids( "<data" ).size() == 4 );
  const auto gone = romeo.bot->streams.back();
  gone->abort();
  romeo.settle();
  romeo.client.clear();

  romeo.accepted();
  const auto open = romeo.idOf( "<open" );
  romeo.client.clear();
  romeo.answer( open );
  REQUIRE( romeo.bot->opens == 2 );
  REQUIRE( romeo.bot->stream().send( std::string( 100000, 'y' ) ) );
  romeo.settle();
  CHECK( romeo.ids( "<data" ).size() >= 4 );   // at once, not by IBB-18
}

namespace
{

/// Does not read, and its buffer is full.
struct FullReader : Receiver
{
  FullReader() : Receiver( []( Options& options ) { options.limits.readBuffer = 8192; } )
  {
    opened();
    bot->stream().pause();
    const std::string block = std::string( 5460, 'Q' ) + "QQ==";
    for( ; seq < 3; ++seq )
      set( "d" + std::to_string( seq ), dataElement( seq, block ) );
  }

  unsigned seq = 0;
};

} // namespace

TEST_CASE( "TC-253, SEC-15: blocks held back are bounded though they are empty", "[ibb]" )
{
  FullReader juliet;
  unsigned seq = juliet.seq;
  while( seq < 5000 && juliet.bot->ends.empty() )
  {
    juliet.set( "d" + std::to_string( seq ), dataElement( seq, "" ) );
    ++seq;
  }
  CHECK( seq < 1000 );
  CHECK( juliet.bot->cause() == "limit-exceeded" );
}

TEST_CASE( "TC-253, SEC-15: the ids of blocks held back count, too", "[ibb]" )
{
  FullReader juliet;
  unsigned seq = juliet.seq;
  REQUIRE( juliet.bot->ends.empty() );
  const std::string id( 20000, 'i' );
  for( const unsigned first = seq; seq < first + 10 && juliet.bot->ends.empty(); ++seq )
    juliet.set( id + std::to_string( seq ), dataElement( seq, "" ) );
  CHECK( seq < 10 );
  CHECK( juliet.bot->cause() == "limit-exceeded" );
}

TEST_CASE( "IBB-13: after the peer's close nothing more is sent, and what it says to our blocks costs us nothing of its own", "[ibb]" )
{
  Receiver juliet;
  juliet.opened();
  auto& stream = juliet.bot->stream();
  stream.pause();
  juliet.set( "d0", dataElement( 0, "aGVsbG8=" ) );
  REQUIRE( stream.send( std::string( 100000, 'x' ) ) );
  juliet.settle();
  const auto blocks = juliet.sent( "<data" );
  REQUIRE( blocks.size() == 4 );
  juliet.client.clear();
  juliet.set( "c1", closeElement() );
  for( const auto& block : blocks )
    juliet.feed( fromPeer( Romeo, Juliet, "error", attribute( block, "id" ), errorElement( "item-not-found" ) ) );
  juliet.settle();
  CHECK( juliet.sent( "<data" ).empty() );
  CHECK( juliet.bot->ends.empty() );
  stream.resume();
  juliet.settle();
  CHECK( juliet.bot->received == "hello" );
  CHECK( juliet.bot->cause() == "closed-remote" );
}

TEST_CASE( "IBB-12, IBB-17: a stream that closes and has to wait for its turn does not run out of patience", "[ibb]" )
{
  Many juliet( 31 );
  for( std::size_t i = 0; i < 30; ++i )
    REQUIRE( juliet.bot->streams[i]->send( std::string( 100000, 'a' ) ) );
  juliet.collect();
  REQUIRE( juliet.bot->streams[30]->send( "last" ) );
  juliet.bot->streams[30]->close();
  // A server so slow that a round of all streams takes longer than six times T-CLOSE.
  for( int i = 0; i < 25; ++i )
  {
    juliet.clock->advance( 2500ms );
    juliet.collect();
    juliet.acknowledge();
  }
  REQUIRE( juliet.waitingFor( "s30" ) == 0 );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "IBB-10: what is written in small pieces while the window is closed leaves in full blocks", "[ibb]" )
{
  Many juliet( 1 );
  auto& stream = *juliet.bot->streams[0];
  std::string bytes;
  for( unsigned i = 0; i < 100; ++i )
  {
    std::string piece( 1000, static_cast<char>( 'a' + i % 26 ) );
    bytes += piece;
    REQUIRE( stream.send( piece ) );
  }
  std::string out;
  std::size_t blocks = 0;
  for( bool more = true; more; )
  {
    juliet.settle();
    const auto stanzas = juliet.sent( "<data" );
    more = !stanzas.empty();
    juliet.client.clear();
    for( const auto& stanza : stanzas )
    {
      out += gloox::Base64::decode64( parse( stanza )->findChild( "data" )->cdata() );
      ++blocks;
      juliet.answer( attribute( stanza, "id" ) );
    }
  }
  CHECK( ( out == bytes ) );
  CHECK( blocks <= 4 + 24 );
  CHECK( stream.bytesSent() == bytes.size() );
}
