// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the builds that tests run in promise.

#include "support/catch2.h"
#include "support/overrun.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace simultiple::test;

namespace
{

/// The signal that ended a process which did @a what, or 0.
int endOf( void ( *what )( std::size_t ), std::size_t argument )
{
  const pid_t child = ::fork();
  if( child == 0 )
  {
    const rlimit none{ 0, 0 };
    ::setrlimit( RLIMIT_CORE, &none );
    ::signal( SIGABRT, SIG_DFL );
    ::close( STDERR_FILENO );
    what( argument );
    ::_exit( 0 );
  }
  int status = 0;
  REQUIRE( ::waitpid( child, &status, 0 ) == child );
  return WIFSIGNALED( status ) ? WTERMSIG( status ) : 0;
}

} // namespace

#ifdef _GLIBCXX_ASSERTIONS
TEST_CASE( "_GLIBCXX_ASSERTIONS: an index beyond the end of a vector ends the process", "[assertions]" )
{
  CHECK( endOf( readBeyondEnd, 1 ) == SIGABRT );
}
#endif

TEST_CASE( "_FORTIFY_SOURCE: where there is any it is level 3, which knows sizes that are known at run time only", "[fortify]" )
{
  if( fortifyLevel() == 0 )
    return; // with AddressSanitizer, which sees more
  CHECK( fortifyLevel() == 3 );
  CHECK( endOf( copyBeyondEnd, 40 ) == SIGABRT );
}
