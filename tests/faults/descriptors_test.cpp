// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// EMFILE in every state: the process has no descriptor left from there on.

#include "faults/course.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>

using namespace simultiple;
using namespace simultiple::test;

namespace
{

/// While it lives, no descriptor can be opened.
class NoDescriptors final
{
  public:
    NoDescriptors()
    {
      ::getrlimit( RLIMIT_NOFILE, &m_before );
      // The lowest free number is the first that is not to be had.
      const net::Fd free( ::open( "/dev/null", O_RDONLY | O_CLOEXEC ) );
      auto now = m_before;
      now.rlim_cur = static_cast<rlim_t>( free.get() );
      ::setrlimit( RLIMIT_NOFILE, &now );
    }
    ~NoDescriptors() { ::setrlimit( RLIMIT_NOFILE, &m_before ); }
    NoDescriptors( const NoDescriptors& ) = delete;
    NoDescriptors& operator=( const NoDescriptors& ) = delete;

  private:
    rlimit m_before{};
};

/** The transfer, without descriptors from step @a at on. @return false if it was over by then. */
bool starve( Way way, int at )
{
  Course course( way );
  course.begin();
  if( !course.walk( at ) )
    return false;
  {
    const NoDescriptors starving;
    course.finish();
  }
  INFO( "from step " << at << ": " << course.where() );
  course.checkEnds();
  CHECK( course.steps() < 500 );   // nobody spins
  if( way == Way::Tentative || way == Way::InBand || way == Way::Fallback )
    CHECK( course.arrived() );   // in-band takes no descriptor
  course.checkNothingLeft();
  course.again();
  return true;
}

} // namespace

TEST_CASE( "Out of descriptors in any state, a stream falls back or ends with a cause, and the bots live on", "[faults]" )
{
  for( const auto way : Ways )
  {
    INFO( wayText( way ) );
    int at = 0;
    while( starve( way, at ) )
      ++at;
    CHECK( at > 8 );
  }
}

TEST_CASE( "A loop that was made without descriptors watches once there are some", "[faults]" )
{
  const auto clock = std::make_shared<ManualClock>();
  std::unique_ptr<net::EventLoop> loop;
  {
    const NoDescriptors starving;
    loop = std::make_unique<net::EventLoop>( *clock );
  }
  const auto pair = tcpPair();
  bool readable = false;
  const net::Watch watch( *loop, pair.one.get(), EPOLLIN, [&]( std::uint32_t ) { readable = true; } );
  CHECK( watch.valid() );
  REQUIRE( sendAll( pair.other, "x" ) );
  CHECK( test::runUntil( *loop, [&] { return readable; } ) );
}
