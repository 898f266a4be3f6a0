// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A machine that was suspended: when it wakes up all deadlines have passed at once, in whatever state the sessions are.

#include "faults/course.h"
#include "support/catch2.h"

#include <chrono>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/** The transfer, with a day passing after step @a at. @return false if it was over by then. */
bool sleepAt( Way way, int at )
{
  Course course( way );
  course.begin();
  if( !course.walk( at ) )
    return false;
  course.pair().clock->advance( 24h );
  const auto before = course.steps();
  course.finish();
  INFO( "asleep after step " << at << ": " << course.where() );
  course.checkEnds();
  CHECK( course.steps() - before < 500 );
  course.checkNothingLeft();
  course.again();
  return true;
}

} // namespace

TEST_CASE( "TMO-3, TMO-6: when a day passes at once in any state, each session ends once, with one cause, in few turns", "[faults]" )
{
  for( const auto way : Ways )
  {
    INFO( wayText( way ) );
    int at = 0;
    while( sleepAt( way, at ) )
      ++at;
    CHECK( at > 8 );
  }
}
