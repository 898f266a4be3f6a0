// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// CLS-12, where helper threads are at work: whoever's work cannot be begun ends, and nobody else.

#include "faults/scarcity.h"
#include "files/jobs.h"
#include "files/sourcefile.h"
#include "support/catch2.h"
#include "support/manual_clock.h"
#include "support/temporarydirectory.h"

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <new>
#include <string>

using namespace simultiple;
using namespace simultiple::test;
using files::Jobs;

namespace
{

constexpr std::size_t Most = 100;   ///< Allocations: more than any of this takes

struct Bench
{
  ManualClock clock{};
  net::EventLoop loop{ clock };
  Jobs jobs{ loop };

  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    for( int i = 0; i < 1000 && !done(); ++i )
    {
      pollfd ready{ loop.descriptor(), POLLIN, 0 };
      (void)::poll( &ready, 1, 10 );
      (void)loop.runReady();
      (void)loop.runAlarms();
      (void)loop.roster().giveUpFailed();
    }
    return done();
  }
};

/// As a file transfer: has a job, and a duty that lets go of it.
struct Worker
{
  explicit Worker( Bench& b ) : bench( b )
  {
    duty->giveUp = [this]
    {
      gaveUp = true;
      job.reset();
      return true;
    };
  }
  ~Worker() { duty->giveUp = nullptr; }
  Worker( const Worker& ) = delete;
  Worker& operator=( const Worker& ) = delete;

  /** @return false if an exception came out of it. */
  bool begin( std::function<void( const std::atomic<bool>& )> work = []( const std::atomic<bool>& ) {} )
  {
    return bench.loop.roster().run( duty, [&]
    {
      job = bench.jobs.run( std::move( work ), [this]( const std::string& problem )
      {
        const auto over = std::move( job );
        told = problem.empty();
      }, Jobs::AtEnd::Join );
    } );
  }
  [[nodiscard]] bool over() const { return told || gaveUp; }

  Bench& bench;
  std::shared_ptr<net::Duty> duty = std::make_shared<net::Duty>();
  std::unique_ptr<Jobs::Job> job{};
  bool told = false;
  bool gaveUp = false;
};

/// Two that work until they are let go, and one that waits for its turn.
struct Queue : Bench
{
  Queue()
  {
    const auto hold = [wait = std::shared_future<void>( gate.get_future() )]( const std::atomic<bool>& goOn )
    {
      while( goOn && wait.wait_for( std::chrono::milliseconds( 1 ) ) != std::future_status::ready )
        ;
    };
    REQUIRE( one.begin( hold ) );
    REQUIRE( other.begin( hold ) );
    REQUIRE( waiting.begin() );
    (void)loop.runReady();   // what it takes to look is there
  }
  std::promise<void> gate{};
  Worker one{ *this }, other{ *this }, waiting{ *this };
};

} // namespace

TEST_CASE( "CLS-12: a helper thread for which there is no memory is none, and the program lives on", "[faults]" )
{
  std::size_t number = 1;
  for( bool struck = true; struck; ++number )
  {
    REQUIRE( number < Most );
    Bench b;
    std::unique_ptr<net::HelperThread> helper;
    std::string problem;
    bool done = false;
    {
      const Scarcity scarcity( number );
      const Scarcity::Here here( Scarcity::Here::Whose::All );
      try
      {
        helper = net::HelperThread::start( b.loop, [] {}, [&done] { done = true; }, net::HelperThread::AtEnd::Join, problem );
      }
      catch( const std::bad_alloc& )
      {
      }
      struck = scarcity.refused() > 0;
    }
    INFO( "allocation " << number );
    CHECK( ( helper != nullptr ) == !struck );
    if( helper )
      CHECK( b.until( [&] { return done; } ) );
    CHECK( b.loop.watched() == ( helper && !done ? 1 : 0 ) );
  }
  CHECK( number > 3 );
}

TEST_CASE( "CLS-12: a job that cannot be begun when another one is forgotten ends its own transfer", "[faults]" )
{
  std::size_t number = 1;
  for( bool struck = true; struck; ++number )
  {
    REQUIRE( number < Most );
    Queue q;
    {
      const Scarcity scarcity( number );
      const Scarcity::Here here( Scarcity::Here::Whose::All );
      q.one.job.reset();
      struck = scarcity.refused() > 0;
    }
    INFO( "allocation " << number );
    q.gate.set_value();
    REQUIRE( q.until( [&] { return q.waiting.over() && q.other.over(); } ) );
    CHECK( q.waiting.gaveUp == struck );
    CHECK( q.waiting.told == !struck );
    CHECK_FALSE( q.one.gaveUp );
    CHECK( q.other.told );
    Worker next( q ), afterThat( q );   // both places are free
    REQUIRE( next.begin() );
    REQUIRE( afterThat.begin() );
    CHECK( q.until( [&] { return next.told && afterThat.told; } ) );
  }
  CHECK( number > 3 );
}

TEST_CASE( "CLS-12: a job that cannot be begun when another one is done does not keep that one's word", "[faults]" )
{
  std::size_t number = 1, blamed = 0;
  for( bool struck = true; struck; ++number )
  {
    REQUIRE( number < Most );
    Queue q;
    q.gate.set_value();
    {
      pollfd ready{ q.loop.descriptor(), POLLIN, 0 };
      REQUIRE( ::poll( &ready, 1, 10000 ) == 1 );
      const Scarcity scarcity( number );
      const Scarcity::Here here( Scarcity::Here::Whose::All );
      (void)q.loop.runReady();
      struck = scarcity.refused() > 0;
    }
    INFO( "allocation " << number );
    REQUIRE( q.until( [&] { return q.waiting.over() && q.one.over() && q.other.over(); } ) );
    CHECK( q.one.told );
    CHECK( q.other.told );
    blamed += q.waiting.gaveUp ? 1U : 0U;
  }
  CHECK( blamed > 3 );
}

TEST_CASE( "CLS-12: nobody's job that cannot be begun waits for the next occasion", "[faults]" )
{
  Queue q;
  bool tidied = false;
  const auto tidying = q.jobs.run( []( const std::atomic<bool>& ) {}, [&]( const std::string& ) { tidied = true; }, Jobs::AtEnd::Detach );
  q.waiting.job.reset();
  {
    const Scarcity scarcity( 1, Most );
    const Scarcity::Here here( Scarcity::Here::Whose::All );
    q.one.job.reset();
    CHECK( scarcity.refused() > 0 );
  }
  Worker next( q );   // need not wait for it
  REQUIRE( next.begin() );
  CHECK( q.until( [&] { return tidied && next.told; } ) );
  q.gate.set_value();
  CHECK( q.until( [&] { return q.other.told; } ) );
}

TEST_CASE( "CLS-12, PFT-6: digests of a file for which there was no memory are none", "[faults]" )
{
  TemporaryDirectory directory;
  directory.write( "letter.txt", "abc" );
  std::string problem;
  const auto file = files::SourceFile::open( directory.file( "letter.txt" ), problem );
  REQUIRE( file );
  Bench b;
  bool done = false, begun = true;
  const NoLargeBlocks none( 100000 );
  const auto job = files::readDigests( b.jobs, file->descriptor(), file->size(), [&]( files::Digests& read )
  {
    done = true;
    begun = read.begun;
    problem = read.problem;
  } );
  REQUIRE( b.until( [&] { return done; } ) );
  CHECK( problem == "out of memory" );
  CHECK_FALSE( begun );
}
