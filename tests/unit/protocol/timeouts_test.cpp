// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include <gloox-si-multiple/timeouts.h>

using namespace simultiple;
using namespace std::chrono_literals;

namespace
{

struct Row
{
  Timer timer;
  const char* name;
  std::chrono::milliseconds value;
};

const Row Defaults[] = {
    { Timer::SOffer, "T-S-OFFER", 600s },    { Timer::SNext, "T-S-NEXT", 0s },         { Timer::SS5B, "T-S-S5B", 60s },
    { Timer::SLink, "T-S-LINK", 2s },        { Timer::SProxy, "T-S-PROXY", 10s },      { Timer::SProxyAll, "T-S-PROXY-ALL", 20s },
    { Timer::SAct, "T-S-ACT", 15s },         { Timer::SIbb, "T-S-IBB", 30s },          { Timer::STotal, "T-S-TOTAL", 240s },
    { Timer::RApp, "T-R-APP", 600s },        { Timer::RNext, "T-R-NEXT", 150s },       { Timer::RHost, "T-R-HOST", 8s },
    { Timer::RHostTcp, "T-R-HOST-TCP", 3s }, { Timer::RStagger, "T-R-STAGGER", 300ms }, { Timer::RS5B, "T-R-S5B", 25s },
    { Timer::RGrace, "T-R-GRACE", 15s },     { Timer::RFirst, "T-R-FIRST", 120s },     { Timer::RHold, "T-R-HOLD", 5s },
    { Timer::RTotal, "T-R-TOTAL", 300s },    { Timer::Close, "T-CLOSE", 10s },         { Timer::Socks, "T-SOCKS", 10s },
    { Timer::Tomb, "T-TOMB", 300s },
    { Timer::Note, "T-NOTE", 2s },
    { Timer::Remember, "T-REMEMBER", 600s } };

} // namespace

TEST_CASE( "PROTOCOL 2.8: the timers start with the values of the table, under their names", "[timeouts]" )
{
  CHECK( std::size( Defaults ) == TimerCount );
  for( const Row& row : Defaults )
  {
    CHECK( Timeouts().get( row.timer ) == row.value );
    CHECK( timerName( row.timer ) == std::string( row.name ) );
    CHECK( timerFromName( row.name ) == row.timer );
    CHECK( timerFromName( row.name + 2 ) == row.timer );
  }
}

TEST_CASE( "timer names are read in either case, and nothing else is a name", "[timeouts]" )
{
  CHECK( timerFromName( "t-r-s5b" ) == Timer::RS5B );
  CHECK( timerFromName( "r-S5b" ) == Timer::RS5B );
  CHECK( timerFromName( "close" ) == Timer::Close );
  const auto bad = GENERATE( "", "T-", "T-S", "S5B", "T-T-CLOSE", "T_CLOSE", " T-CLOSE", "T-?" );
  CHECK_FALSE( timerFromName( bad ) );
}

TEST_CASE( "TMO-1: every timer can be set; negative counts as zero and absurd values cannot overflow", "[timeouts]" )
{
  for( const Row& row : Defaults )
  {
    Timeouts timeouts;
    timeouts.set( row.timer, 1234ms );
    CHECK( timeouts.get( row.timer ) == 1234ms );
    timeouts.set( row.timer, -5ms );
    CHECK( timeouts.get( row.timer ) == 0ms );
    timeouts.set( row.timer, std::chrono::milliseconds::max() );
    CHECK( timeouts.get( row.timer ) >= std::chrono::hours( 24 ) );
    CHECK( timeouts.s5bAnswer( 8 ) > 0ms );
    (void)timeouts.problem();
  }
}

TEST_CASE( "TC-077, PROTOCOL 2.8: T-S-S5B grows with the streamhosts unless it was set", "[timeouts]" )
{
  Timeouts timeouts;
  CHECK( timeouts.s5bAnswer( 0 ) == 60s );
  CHECK( timeouts.s5bAnswer( 2 ) == 60s );
  CHECK( timeouts.s5bAnswer( 5 ) == 60s );
  CHECK( timeouts.s5bAnswer( 6 ) == 70s );
  CHECK( timeouts.s5bAnswer( 8 ) == 90s );
  CHECK( timeouts.s5bAnswer( static_cast<std::size_t>( -1 ) ) >= 90s );
  timeouts.set( Timer::SS5B, 40s );
  CHECK( timeouts.s5bAnswer( 8 ) == 40s );
}

TEST_CASE( "TMO-2: the defaults are sound", "[timeouts]" )
{
  CHECK_THAT( Timeouts().problem(), Catch::Matchers::Equals( "" ) );
}

TEST_CASE( "TC-230, TMO-2: timers that do not fit each other are rejected, those that just fit are not", "[timeouts]" )
{
  Timeouts a;
  a.set( Timer::RS5B, 60s );
  a.set( Timer::SS5B, 60s );
  CHECK_FALSE( a.problem().empty() );
  a.set( Timer::RS5B, 50s );
  CHECK( a.problem().empty() );
  a.set( Timer::RS5B, 50001ms );
  CHECK_FALSE( a.problem().empty() );

  Timeouts b;
  b.set( Timer::RNext, 30s );
  CHECK_FALSE( b.problem().empty() );
  b.set( Timer::RNext, 124999ms );
  CHECK_FALSE( b.problem().empty() );
  b.set( Timer::RNext, 125s );
  CHECK( b.problem().empty() );

  Timeouts c;
  c.set( Timer::RS5B, 60s );
  CHECK_FALSE( c.problem().empty() );
}

TEST_CASE( "TMO-1: zero is accepted where it means no limit or no waiting, and nowhere else", "[timeouts]" )
{
  for( const Timer timer : { Timer::SOffer, Timer::RApp, Timer::RFirst, Timer::SNext, Timer::RStagger, Timer::RHold } )
  {
    Timeouts timeouts;
    timeouts.set( timer, 0ms );
    CHECK( timeouts.problem().empty() );
  }
  for( const Timer timer : { Timer::SS5B, Timer::SProxy, Timer::SProxyAll, Timer::SAct, Timer::SIbb, Timer::STotal, Timer::RNext, Timer::RHost,
                             Timer::RHostTcp, Timer::RS5B, Timer::RTotal, Timer::Socks } )
  {
    Timeouts timeouts;
    timeouts.set( timer, 0ms );
    CHECK( timeouts.problem().find( timerName( timer ) ) == 0 );
  }
}
