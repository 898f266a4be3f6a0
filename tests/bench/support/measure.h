// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
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
  rusage usage{};
  getrusage( RUSAGE_SELF, &usage );
  const auto seconds = []( const timeval& time ) { return static_cast<double>( time.tv_sec ) + static_cast<double>( time.tv_usec ) * 1e-6; };
  return seconds( usage.ru_utime ) + seconds( usage.ru_stime );
}

/// @return The most memory that was ever resident.
inline long peakKiB()
{
  rusage usage{};
  getrusage( RUSAGE_SELF, &usage );
  return usage.ru_maxrss;
}

/// @return The memory that is resident now.
inline long residentKiB()
{
  long size = 0;
  long resident = 0;
  if( std::FILE* file = std::fopen( "/proc/self/statm", "r" ) )
  {
    if( std::fscanf( file, "%ld %ld", &size, &resident ) != 2 )
      resident = 0;
    std::fclose( file );
  }
  return resident * ( ::sysconf( _SC_PAGESIZE ) / 1024 );
}

/// How long the bot's loop was held: from where poll() returns to where it is called again, or one piece of work.
class LoopMeter final
{
  public:
    void begin() { m_begin = SteadyClock::now(); }
    void end() { m_longest = std::max( m_longest, since( m_begin ) ); }
    void forget() { m_longest = 0; }
    [[nodiscard]] double longest() const { return m_longest; }   ///< Seconds

  private:
    SteadyClock::time_point m_begin{};
    double m_longest = 0;
};

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
