// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// CLS-12: every allocation of the plugin's fails once, in each way in which a stream can come about.

#include "faults/course.h"
#include "faults/scarcity.h"
#include "net/socks5.h"
#include "net/socks5listener.h"
#include "support/bot.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <gloox/tag.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// How many allocations one transfer takes.
std::size_t allocations( Way way )
{
  Course course( way );
  const Scarcity none( 0 );
  course.begin();
  course.finish();
  REQUIRE( course.romeo().ends.size() == 1 );
  return none.asked();
}

/** The transfer, with the allocation @a number and those after it refused. @return Whether that was one of the plugin's. */
bool transfer( Way way, std::size_t number, std::size_t count )
{
  Course course( way );
  bool struck = false;
  {
    const Scarcity scarcity( number, count );
    course.begin();
    course.finish();
    struck = scarcity.refused() > 0;
  }
  course.finish();
  if( !struck )
    return false;
  INFO( "allocation " << number << ": " << course.where() );
  course.checkEnds();
  course.checkNothingLeft();
  course.again();
  return true;
}

/** Every @a stride-th allocation. @return How many were refused. */
std::size_t all( Way way, std::size_t stride, std::size_t count )
{
  const auto most = allocations( way );
  std::size_t struck = 0;
  for( std::size_t number = 1; number <= most; number += stride )
    struck += transfer( way, number, count ) ? 1U : 0U;
  return struck;
}

} // namespace

TEST_CASE( "CLS-12: when an allocation fails, the session at work ends and the bot lives on", "[faults]" )
{
  for( const auto way : Ways )
  {
    INFO( wayText( way ) );
    (void)all( way, 331, 1 );   // once, so that what is made for good is there
    const auto before = openDescriptors();
    CHECK( all( way, 97, 1 ) > 4 );
    CHECK( openDescriptors() == before );
  }
}

TEST_CASE( "CLS-12, PCU-9: a note that there is no memory for is not sent, and its answer expected by nobody", "[faults]" )
{
  ProfileOptions options;
  options.noteNamespace = "urn:example:notes";
  Pair pair( {}, options );
  const auto sid = pair.romeo->offer( Juliet );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  std::size_t number = 0;
  for( bool struck = true; struck; )
  {
    auto note = std::make_unique<gloox::Tag>( "disk-full" );
    note->setXmlns( options.noteNamespace );
    const auto answers = std::make_shared<int>( 0 );
    std::function<void( NoteAnswer )> answered = [answers]( NoteAnswer ) { ++*answers; };
    const gloox::JID to( Juliet );
    bool sent = false;
    {
      const Scarcity scarcity( ++number );
      const Scarcity::Here here( Scarcity::Here::Whose::All );
      sent = pair.romeo->profile->sendNote( to, sid, std::move( note ), std::move( answered ) );
      struck = scarcity.refused() > 0;
    }
    pair.advance( 10min );
    INFO( "allocation " << number );
    CHECK( *answers == ( sent ? 1 : 0 ) );
  }
  CHECK( number > 10 );
  CHECK( pair.juliet->notes.size() == 1 );
  CHECK( pair.romeo->ends.empty() );
}

TEST_CASE( "CLS-12, SEC-17: a DST.ADDR that there is no memory for leaves nobody listening", "[faults]" )
{
  struct Nobody final : net::LinkHandler
  {
    void handleLink( net::Fd, std::string ) override {}
  };
  Clock clock;
  net::EventLoop loop( clock );
  const ListenOptions options;
  const auto dstAddr = net::dstAddr( "sid", "a@example", "b@example" );
  Nobody nobody;
  std::size_t failed = 0;
  for( bool struck = true; struck; )
  {
    net::Socks5Listener listener( loop, options, 10s );
    bool added = false;
    {
      const Scarcity scarcity( failed + 1 );
      const Scarcity::Here here( Scarcity::Here::Whose::All );
      (void)loop.roster().attempt( [&] { added = listener.add( dstAddr, nobody ); } );
      struck = scarcity.refused() > 0;
    }
    INFO( "allocation " << failed + 1 );
    CHECK( listener.has( dstAddr ) == added );
    CHECK( ( listener.port() != 0 ) == added );
    failed += struck ? 1U : 0U;
  }
  CHECK( failed > 3 );
}

// Long, by command: faults-tests "[every]", or one way of it with -c in-band
TEST_CASE( "CLS-12: every single allocation", "[.every]" )
{
  for( const auto way : Ways )
    DYNAMIC_SECTION( wayText( way ) )
    {
      CHECK( all( way, 1, 1 ) > 100 );
    }
}
