// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A bot's life in simulated hours, and what it keeps of them: nothing. SOAK_SESSIONS, SOAK_HOURS and SOAK_SEED change the long one.

#include "soak/life.h"
#include "support/catch2.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

// Memory that is kept back to catch its late use would hide what is kept by mistake. LeakSanitizer cannot see that: somebody still knows it.
extern "C" const char* __asan_default_options() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): AddressSanitizer's name
{
  return "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:malloc_context_size=12";
}

using namespace simultiple::soak;
using namespace std::chrono_literals;

namespace
{

constexpr std::size_t WarmUp = 300;
constexpr std::size_t HeapMayVary = 131072;  // bytes, from hour to hour: who happens to be remembered, and what malloc() keeps for the next one
#if defined( __SANITIZE_ADDRESS__ )
constexpr long ResidentMayGrow = 65536;      // KiB: the sanitizer never forgets where memory came from
#else
constexpr long ResidentMayGrow = 4096;
#endif

struct Plan
{
  std::size_t sessions;
  unsigned hours;
  std::uint32_t seed;
  std::size_t heapMayGrow;   ///< Bytes, from the lowest of the first quarter to the lowest of the last
};

std::size_t setting( const char* name, std::size_t otherwise )
{
  const char* value = std::getenv( name );
  return value && *value ? std::strtoull( value, nullptr, 10 ) : otherwise;
}

void print( unsigned hour, const Life& life, const Life::Peak& peak, const Gauge& now, double seconds )
{
  const auto& bot = life.bot();
  std::printf( "%4u %9zu %7zu %7zu %6zu/%-5zu %8zu %5zu %8.1f %6zu %6zu %7zu %10.1f %8.1f %5zu %7.0f\n", hour, life.sessions(), bot.opened - bot.inBand, bot.inBand,
               life.transfers().completed, life.transfers().resumed, life.crowd().stanzas, life.cuts, static_cast<double>( life.talks().bytes ) / 1048576, peak.sessions, peak.tombs,
               peak.descriptors, static_cast<double>( now.heap ) / 1024, static_cast<double>( now.resident ) / 1024, now.descriptors, seconds );
  std::fflush( stdout );
}

void soak( const Plan& plan )
{
  const auto begun = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>( std::chrono::steady_clock::now() - begun ).count(); };
  std::printf( "\n%zu sessions in %u simulated hours, seed %u (SOAK_SEED)\n", plan.sessions, plan.hours, plan.seed );
  std::printf( "                   so far:                                               most at once:            at rest:\n" );
  std::printf( "hour  sessions     S5B in-band files/resumed strangers' cuts      MiB sessions tombs watched   heap, KiB  RSS, MiB   fds real, s\n" );

  Life life( plan.seed );
  const auto hour = [&]( unsigned number, std::size_t sessions )
  {
    life.live( sessions, 60min );
    life.rest();
    const auto now = gauge();
    print( number, life, life.takePeak(), now, seconds() );
    for( const auto& wrong : life.stage.wrongs() )
      UNSCOPED_INFO( wrong );
    REQUIRE( life.stage.wrongs().empty() );
    return now;
  };

  (void)hour( 0, std::min( WarmUp, plan.sessions / 4 ) );
  const auto each = plan.sessions / plan.hours;
  const auto first = hour( 1, each );
  std::vector<std::size_t> heaps{ first.heap };
  for( unsigned number = 2; number <= plan.hours; ++number )
  {
    const auto now = hour( number, each );
    heaps.push_back( now.heap );
    CHECK( now.heap <= first.heap + HeapMayVary );
    CHECK( now.resident <= first.resident + ResidentMayGrow );
    CHECK( now.descriptors == first.descriptors );
    CHECK( now.threads == 1 );
  }
  const auto quarter = static_cast<std::ptrdiff_t>( std::max<std::size_t>( heaps.size() / 4, 1 ) );
  CHECK( *std::min_element( heaps.end() - quarter, heaps.end() ) <= *std::min_element( heaps.begin(), heaps.begin() + quarter ) + plan.heapMayGrow );
  life.end();
  CHECK( life.stage.wrongs().empty() );
  CHECK( life.sessions() >= plan.sessions );
  CHECK( life.talks().completed > plan.sessions / 4 );   // or nothing was proven
}

} // namespace

TEST_CASE( "SEC-13, SEC-14, GEN-10, CLS-9: two hours of a bot's life leave nothing behind", "[soak]" )
{
  soak( { 1600, 2, 1, 40960 } );   // one entry for each session of an hour would be more
}

TEST_CASE( "SEC-13, SEC-14, GEN-10, CLS-9: 100 000 sessions in 24 hours leave nothing behind", "[.][whole]" )
{
  soak( { setting( "SOAK_SESSIONS", 100000 ), static_cast<unsigned>( setting( "SOAK_HOURS", 24 ) ),
          static_cast<std::uint32_t>( setting( "SOAK_SEED", std::random_device()() ) ), 65536 } );   // a byte for each session would be more
}
