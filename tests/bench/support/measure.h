// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace bench
{

using SteadyClock = std::chrono::steady_clock;

inline double since( SteadyClock::time_point start )
{
  return std::chrono::duration<double>( SteadyClock::now() - start ).count();
}

/// @return CPU seconds of this process, user and system.
inline double cpuSeconds()
{
  timespec time{};
  ::clock_gettime( CLOCK_PROCESS_CPUTIME_ID, &time );
  return static_cast<double>( time.tv_sec ) + static_cast<double>( time.tv_nsec ) * 1e-9;
}

/// @return A figure of /proc/self/status. getrusage() would count what was resident in the process before exec(), too.
inline long statusKiB( const std::string& name )
{
  std::ifstream status( "/proc/self/status" );
  for( std::string line; std::getline( status, line ); )
    if( line.compare( 0, name.size(), name ) == 0 )
      return std::strtol( line.c_str() + name.size(), nullptr, 10 );
  return 0;
}

inline long peakKiB() { return statusKiB( "VmHWM:" ); }       ///< The most memory that was ever resident.
inline long residentKiB() { return statusKiB( "VmRSS:" ); }   ///< The memory that is resident now.

/**
 * How long the bot's loop was held: from where poll() returns to where it is called again, or one piece of work. Time for which the kernel
 * gave the processor to another process does not count where it tells: with more processes than processors that is nobody's work.
 */
class LoopMeter final
{
  public:
    LoopMeter() : m_schedule( ::open( "/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC ) ) {}
    ~LoopMeter()
    {
      if( m_schedule >= 0 )
        ::close( m_schedule );
    }
    LoopMeter( const LoopMeter& ) = delete;
    LoopMeter& operator=( const LoopMeter& ) = delete;

    void begin()
    {
      m_begin = SteadyClock::now();
      m_waited = waited();
    }
    void end()
    {
      const double took = since( m_begin );
      if( took > m_longest )
        m_longest = std::max( m_longest, took - ( waited() - m_waited ) );
    }
    void forget() { m_longest = 0; }
    [[nodiscard]] double longest() const { return m_longest; }   ///< Seconds

  private:
    /// @return Seconds that this thread was ready and did not run.
    [[nodiscard]] double waited() const
    {
      char text[96] = {};
      unsigned long long ran = 0;
      unsigned long long waits = 0;
      if( m_schedule < 0 || ::pread( m_schedule, text, sizeof( text ) - 1, 0 ) <= 0 || std::sscanf( text, "%llu %llu", &ran, &waits ) != 2 )
        return 0;
      return static_cast<double>( waits ) * 1e-9;
    }

    int m_schedule;
    SteadyClock::time_point m_begin{};
    double m_waited = 0;
    double m_longest = 0;
};

/// Stops this process until the driver has all pairs ready that are to run in turns (turns.py).
inline void awaitTurn()
{
  ::raise( SIGSTOP );
}

/// Does it. An instruction counter that is told this name counts nothing else.
[[gnu::noinline]] inline void measured( const std::function<void()>& work )
{
  work();
  asm volatile( "" );   // or the call would become a jump
}

inline double median( std::vector<double> values )
{
  if( values.empty() )
    return -1;
  std::sort( values.begin(), values.end() );
  return values[values.size() / 2];
}

/// One line of JSON, `{"event": NAME, ...}`, written when it goes.
class Event final
{
  public:
    explicit Event( const std::string& name ) : m_text( "{\"event\": \"" + name + "\"" ) {}
    ~Event()
    {
      std::printf( "%s}\n", m_text.c_str() );
      std::fflush( stdout );
    }
    Event( const Event& ) = delete;
    Event& operator=( const Event& ) = delete;

    Event& add( const std::string& key, double value )
    {
      char number[64];
      std::snprintf( number, sizeof( number ), "%.9g", value );
      return raw( key, number );
    }
    /** @param value Without quotes and control characters. */
    Event& add( const std::string& key, const std::string& value ) { return raw( key, '"' + value + '"' ); }
    Event& add( const std::string& key, const char* value ) { return add( key, std::string( value ) ); }

  private:
    Event& raw( const std::string& key, const std::string& value )
    {
      m_text += ", \"" + key + "\": " + value;
      return *this;
    }
    std::string m_text;
};

} // namespace bench
