// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/manual_clock.h"

#include "files/jobs.h"

#include <poll.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace simultiple;
using namespace simultiple::files;

namespace
{

struct JobsFixture
{
  test::ManualClock clock{};
  net::EventLoop loop{ clock };
  Jobs jobs{ loop };

  /** Lets the loop work until @a done; helper threads run in real time. */
  bool until( const std::function<bool()>& done )
  {
    for( int i = 0; i < 1000 && !done(); ++i )
    {
      pollfd ready{ loop.descriptor(), POLLIN, 0 };
      (void)::poll( &ready, 1, 10 );
      (void)loop.runReady();
      (void)loop.runAlarms();
    }
    return done();
  }
};

} // namespace

TEST_CASE_METHOD( JobsFixture, "a job works on its own thread and reports from the loop", "[files]" )
{
  std::thread::id worker;
  std::thread::id reporter;
  bool done = false;
  std::unique_ptr<Jobs::Job> job = jobs.run( [&]( const std::atomic<bool>& ) { worker = std::this_thread::get_id(); },
                                             [&]( const std::string& problem )
  {
    CHECK( problem.empty() );
    reporter = std::this_thread::get_id();
    job.reset(); // allowed
    done = true;
  }, Jobs::AtEnd::Join );
  CHECK_FALSE( done );
  REQUIRE( until( [&] { return done; } ) );
  CHECK( reporter == std::this_thread::get_id() );
  CHECK( worker != reporter );
  CHECK( loop.watched() == 0 );
}

TEST_CASE_METHOD( JobsFixture, "no more than two jobs run at once, and all get their turn", "[files]" )
{
  std::atomic<int> running{ 0 };
  std::atomic<int> most{ 0 };
  std::size_t done = 0;
  std::vector<std::unique_ptr<Jobs::Job>> all;
  for( int i = 0; i < 20; ++i )
    all.push_back( jobs.run( [&]( const std::atomic<bool>& )
    {
      const int now = ++running;
      int seen = most;
      while( now > seen && !most.compare_exchange_weak( seen, now ) )
        ;
      --running;
    }, [&]( const std::string& ) { ++done; }, Jobs::AtEnd::Join ) );
  REQUIRE( until( [&] { return done == all.size(); } ) );
  CHECK( most <= 2 );
}

TEST_CASE_METHOD( JobsFixture, "a job that is forgotten stops, is waited for, and never reports", "[files]" )
{
  std::atomic<bool> ended{ false };
  bool reported = false;
  auto job = jobs.run( [&]( const std::atomic<bool>& goOn )
  {
    while( goOn )
      std::this_thread::yield();
    ended = true;
  }, [&]( const std::string& ) { reported = true; }, Jobs::AtEnd::Join );
  job.reset();
  CHECK( ended );
  bool other = false;
  const auto next = jobs.run( []( const std::atomic<bool>& ) {}, [&]( const std::string& ) { other = true; }, Jobs::AtEnd::Join );
  REQUIRE( until( [&] { return other; } ) );
  CHECK_FALSE( reported );
}

TEST_CASE_METHOD( JobsFixture, "a job that still waits can be forgotten, and the others go on", "[files]" )
{
  std::atomic<bool> hold{ true };
  std::vector<std::unique_ptr<Jobs::Job>> busy;
  std::size_t done = 0;
  const auto wait = [&]( const std::atomic<bool>& goOn )
  {
    while( hold && goOn )
      std::this_thread::yield();
  };
  for( std::size_t i = 0; i < Jobs::AtOnce; ++i )
    busy.push_back( jobs.run( wait, [&]( const std::string& ) { ++done; }, Jobs::AtEnd::Join ) );
  bool begun = false;
  auto waiting = jobs.run( [&]( const std::atomic<bool>& ) { begun = true; }, []( const std::string& ) {}, Jobs::AtEnd::Join );
  waiting.reset();
  bool last = false;
  const auto next = jobs.run( []( const std::atomic<bool>& ) {}, [&]( const std::string& ) { last = true; }, Jobs::AtEnd::Join );
  hold = false;
  REQUIRE( until( [&] { return last && done == Jobs::AtOnce; } ) );
  CHECK_FALSE( begun );
}
