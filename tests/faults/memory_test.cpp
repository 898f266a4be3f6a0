// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// CLS-12: every allocation of the plugin's fails once, in each way in which a stream can come about.

#include "faults/course.h"
#include "faults/scarcity.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <chrono>
#include <cstdlib>
#include <string>

using namespace simultiple;
using namespace simultiple::test;

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

// Minutes, by command: faults-tests "[every]"
TEST_CASE( "CLS-12: every single allocation", "[.every]" )
{
  for( const auto way : Ways )
  {
    INFO( wayText( way ) );
    CHECK( all( way, 1, 1 ) > 100 );
  }
}
