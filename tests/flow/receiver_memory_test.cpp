// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the receiver remembers of the streamhosts it dialled (S5B-22).

#include "flow/receiver_fixture.h"

#include <algorithm>
#include <memory>
#include <utility>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace
{

/// Transfer after transfer from romeo; each query has two hosts, the first of them dead.
struct Rememberer
{
  explicit Rememberer( const std::function<void( Options& )>& tune = {} ) : juliet( tune ) {}

  /** Offers, queries, ends it. @return What was tried: "+PORT" started, "-PORT" failed, "=PORT" opened, without the method as a whole. */
  Words transfer( const std::string& hosts, const std::string& from = Romeo )
  {
    ++n;
    const auto sid = "sid" + std::to_string( n ), query = "q" + std::to_string( n );
    const auto as = [&]( const std::string& xml ) { return from == Romeo ? xml : withAttribute( xml, "from", from ); };
    juliet.feed( as( replaced( replaced( W1, Sid, sid ), "q7d1f03a9", "o" + std::to_string( n ) ) ) );
    juliet.bot.attempts.clear();
    juliet.feed( as( s5bQuery( query, hosts, sid ) ) );
    REQUIRE( juliet.until( [&] { return !juliet.answer( query ).empty(); } ) );
    Words words;
    reasons.clear();
    for( const auto& word : juliet.attempts() )
      if( const auto colon = word.find( ':' ); colon != std::string::npos )
        words.push_back( word.substr( 0, 1 ) + word.substr( colon + 1 ) );
    for( const auto& one : juliet.bot.attempts )
      if( one.port != 0 && one.state == Attempt::State::Failed )
        reasons.push_back( one.reason );
    juliet.bot.profile->cancel( gloox::JID( from ), sid );
    juliet.settle();
    return words;
  }

  Receiver juliet;
  net::Fd nobody = boundSocket();
  ScriptedHost host{ juliet.loop };
  std::string dead = streamHost( Romeo, portOf( nobody ) );
  std::string alive = streamHost( ProxyJid, host.port() );
  std::string d = std::to_string( portOf( nobody ) );
  std::string a = std::to_string( host.port() );
  int n = 0;
  Words reasons{};
};

} // namespace

TEST_CASE( "S5B-22: a streamhost that failed twice is not dialled the third time, until it has been forgotten", "[receiver][s5b][memory]" )
{
  Rememberer r;
  for( int i = 0; i < 2; ++i )
    CHECK( r.transfer( r.dead + r.alive ) == Words{ "+" + r.d, "-" + r.d, "+" + r.a, "=" + r.a } );
  CHECK( r.transfer( r.dead + r.alive ) == Words{ "-" + r.d, "+" + r.a, "=" + r.a } );
  CHECK( r.reasons == Words{ "left out: failed twice lately" } );
  r.juliet.advance( 10min - 1ms );
  CHECK( r.transfer( r.dead + r.alive ) == Words{ "-" + r.d, "+" + r.a, "=" + r.a } );
  r.juliet.advance( 1ms );
  CHECK( r.transfer( r.dead + r.alive ) == Words{ "+" + r.d, "-" + r.d, "+" + r.a, "=" + r.a } );
}

TEST_CASE( "S5B-22: how long a failure is remembered can be set, and whether at all", "[receiver][s5b][memory]" )
{
  const bool off = GENERATE( true, false );
  Rememberer r( [off]( Options& options )
  {
    if( off )
      options.limits.rememberedHosts = 0;
    else
      options.timeouts.set( Timer::Remember, 60s );
  } );
  for( int i = 0; i < 2; ++i )
    (void)r.transfer( r.dead + r.alive );
  CHECK( r.transfer( r.dead + r.alive ).front() == ( off ? "+" : "-" ) + r.d );
  r.juliet.advance( 60s );
  CHECK( r.transfer( r.dead + r.alive ).front() == "+" + r.d );
}

TEST_CASE( "S5B-22: a dead streamhost is dialled when there is no other", "[receiver][s5b][memory]" )
{
  Rememberer r;
  for( int i = 0; i < 4; ++i )
    CHECK( r.transfer( r.dead ) == Words{ "+" + r.d, "-" + r.d } );
  CHECK( r.transfer( r.dead + r.alive ).front() == "-" + r.d );
}

TEST_CASE( "S5B-22: a broken handshake counts like a refused connection", "[receiver][s5b][memory]" )
{
  Rememberer r;
  HostScript script;
  script.closeAtOnce = true;
  const ScriptedHost rude( r.juliet.loop, script );
  const auto list = streamHost( "rude.montague.example", rude.port() ) + r.alive;
  for( int i = 0; i < 2; ++i )
  {
    CHECK( r.transfer( list ).front() == "+" + std::to_string( rude.port() ) );
    CHECK( r.reasons == Words{ "closed during the handshake" } );
  }
  CHECK( r.transfer( list ).front() == "-" + std::to_string( rude.port() ) );
  CHECK( rude.accepted() == 2 );
}

TEST_CASE( "S5B-22: one success clears what a streamhost did before", "[receiver][s5b][memory]" )
{
  Rememberer r;
  const bool twice = GENERATE( true, false );
  (void)r.transfer( r.dead + r.alive );
  if( twice )
  {
    (void)r.transfer( r.dead + r.alive );
    CHECK( r.transfer( r.dead + r.alive ).front() == "-" + r.d );
  }
  auto awake = std::make_unique<ScriptedHost>( r.juliet.loop, HostScript(), std::move( r.nobody ) );
  CHECK( r.transfer( r.dead ) == Words{ "+" + r.d, "=" + r.d } );   // alone it is dialled, whatever it did
  awake.reset();
  CHECK( r.transfer( r.dead + r.alive ).front() == "+" + r.d );
  CHECK( r.transfer( r.dead + r.alive ).front() == "+" + r.d );
  CHECK( r.transfer( r.dead + r.alive ).front() == "-" + r.d );
}

TEST_CASE( "S5B-22: what our own rules refuse has not failed", "[receiver][s5b][memory]" )
{
  Rememberer r;
  const auto forbidden = "<streamhost jid='far.example' host='10.1.2.3' port='7777'/>" + r.alive;
  for( int i = 0; i < 3; ++i )
  {
    CHECK( r.transfer( forbidden ) == Words{ "+7777", "-7777", "+" + r.a, "=" + r.a } );
    CHECK( r.reasons.front().find( "refused by our own rules" ) == 0 );
  }
}

TEST_CASE( "S5B-22: nobody makes us avoid another peer's streamhost", "[receiver][s5b][memory]" )
{
  Rememberer r;
  for( int i = 0; i < 3; ++i )
    (void)r.transfer( r.dead + r.alive );
  CHECK( r.reasons == Words{ "left out: failed twice lately" } );
  const auto theirs = streamHost( "tybalt@capulet.example/street", portOf( r.nobody ) ) + r.alive;
  CHECK( r.transfer( theirs, "tybalt@capulet.example/street" ).front() == "+" + r.d );
  // The port matters, and so does the person, but not where he is.
  CHECK( r.transfer( r.dead + r.alive, "romeo@montague.example/garden" ).front() == "-" + r.d );
}

TEST_CASE( "S5B-11, S5B-22: what is left keeps the sender's order", "[receiver][s5b][memory]" )
{
  Rememberer r;
  ScriptedHost second( r.juliet.loop );
  const auto s = std::to_string( second.port() );
  const auto list = r.dead + r.alive + streamHost( "second.montague.example", second.port() );
  for( int i = 0; i < 3; ++i )
  {
    const auto words = r.transfer( list );
    CHECK( std::count( words.begin(), words.end(), "=" + r.a ) == 1 );
  }
  // The second one is listed first now: that it never was the one does not matter.
  const auto words = r.transfer( streamHost( "second.montague.example", second.port() ) + r.alive );
  CHECK( words.front() == "+" + s );
  CHECK( std::count( words.begin(), words.end(), "=" + s ) == 1 );
}
