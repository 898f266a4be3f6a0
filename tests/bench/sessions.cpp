// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Many sessions in one process: two gloox entities with the plugin, joined in memory, S5B over loopback. Prints one object of JSON.
//
//   bench-sessions at-once  METHOD KIND N [IN-FLIGHT]    N sessions negotiated, IN-FLIGHT (32) of them at a time, and kept open
//   bench-sessions moving   METHOD KIND N BYTES          N open sessions, over each of which a sends BYTES, all at once
//   bench-sessions lost     ibb KIND N                   N open sessions when the connection breaks (S5B streams would live on)
//   bench-sessions in-turn  METHOD KIND COUNT            COUNT sessions one after another: offer, accept, open, 4 KiB, close
//
// METHOD is s5b or ibb, KIND what both ends are: client or component. All sessions of clients are between the same two JIDs, each session of
// components is between two JIDs of its own.
//
// Common fields: mode, method, kind, sessions, ok, problem (empty if ok), descriptors (open at the end; S5B has two for each session),
// descriptor_limit, wire_us (what the joint between the two ends costs for each stanza, measured in the same run; it is included in cpu).
// Both ends are in this process: what is given "per session" is for two ends, "per end" is half of it.
//   at-once: cpu (seconds for all, user and system, negotiation to the last open), cpu_us_per_session, stanzas (delivered, both ways),
//            resident_kib_per_session, resident_kib_per_end, heap_kib_per_end (what malloc has given out); *_used_*: the same after 4 KiB went
//            over each stream; heap_left_kib_per_session: after all were closed, tombstones included.
//   moving:  heap_idle_kib_per_end (when all has arrived and nothing moves), goodput_mib_s, seconds, fairness (first finish / last finish), share (bytes of the slowest / of the fastest stream when the first
//            has finished), longest_ms (one call of process()), cpu_per_gib, peak_kib (resident, most ever).
//   lost:    longest_ms (one call of process()), all_ms (until the last session had ended).
//   in-turn: first_us, last_us (CPU, the median of the first and of the last thousand sessions), ratio, wall_first_us, wall_last_us, growth_kib
//            (resident, from the first thousand to the end), heap_growth_kib.

#include "support/ends.h"
#include "support/measure.h"

#include <gloox/gloox.h>

#include <dirent.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>

namespace
{

using namespace bench;
using Clock = std::chrono::steady_clock;
constexpr std::size_t Block = 4096;

double heapKiB() { return static_cast<double>( mallinfo2().uordblks + mallinfo2().hblkhd ) / 1024; }

std::size_t descriptors()
{
  std::size_t count = 0;
  if( DIR* directory = ::opendir( "/proc/self/fd" ) )
  {
    while( ::readdir( directory ) )
      ++count;
    ::closedir( directory );
  }
  return count - 3;   // ".", "..", and the directory itself
}

rlim_t raiseDescriptors()
{
  rlimit limit{};
  ::getrlimit( RLIMIT_NOFILE, &limit );
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit( RLIMIT_NOFILE, &limit );
  return limit.rlim_cur;
}

/// What it costs to hand a stanza over: the string, not what gloox does with it.
double wireMicroseconds()
{
  class Nobody final : public gloox::ConnectionDataHandler
  {
    void handleReceivedData( const gloox::ConnectionBase*, const std::string& ) override {}
    void handleConnect( const gloox::ConnectionBase* ) override {}
    void handleDisconnect( const gloox::ConnectionBase*, gloox::ConnectionError ) override {}
  } nobody;
  constexpr int Times = 20000;
  const std::string stanza = "<iq to='a@wired.example/a' from='b@wired.example/b' type='set' xmlns='jabber:client'>" + std::string( 400, 'x' ) + "</iq>";
  Wire one( &nobody, "", false );
  Wire other( &nobody, "", false );
  other.joinTo( &one );
  other.goOnline();
  const double before = cpuSeconds();
  for( int i = 0; i < Times; ++i )
  {
    (void)other.send( stanza );
    (void)one.deliver( 1 );
  }
  return ( cpuSeconds() - before ) * 1e6 / Times;
}

/// The object that is printed.
class Object final
{
  public:
    Object& text( const char* name, const std::string& value )
    {
      std::string clean;
      for( const char c : value )
        clean += c == '"' || c == '\\' || static_cast<unsigned char>( c ) < ' ' ? '\'' : c;
      return raw( name, "\"" + clean + "\"" );
    }
    Object& number( const char* name, double value )
    {
      char buffer[64];
      std::snprintf( buffer, sizeof( buffer ), "%.4f", value );
      return raw( name, buffer );
    }
    Object& count( const char* name, std::size_t value ) { return raw( name, std::to_string( value ) ); }
    void print() const { std::printf( "{%s}\n", m_text.c_str() ); }

  private:
    Object& raw( const char* name, const std::string& value )
    {
      m_text += ( m_text.empty() ? "\"" : ", \"" ) + std::string( name ) + "\": " + value;
      return *this;
    }
    std::string m_text{};
};

/// One session from beginning to end: what is made once in a process is not to be counted.
bool warmUp( Ends& ends )
{
  const bool ok = ends.open( 1, 1 );
  if( ok )
    ends.a.streams.front()->close();
  const bool over = ok && ends.until( [&] { return ends.a.ended > 0 && ends.b.ended > 0; }, 10 );
  for( End* end : { &ends.a, &ends.b } )
  {
    end->streams.clear();
    end->opened = end->ended = 0;
  }
  ends.settle();
  return over;
}

bool atOnce( Ends& ends, std::size_t count, std::size_t inFlight, Object& out )
{
  const auto delivered = ends.a.entity.wire().delivered() + ends.b.entity.wire().delivered();
  ends.a.streams.reserve( count );
  ends.b.streams.reserve( count );
  const double resident = static_cast<double>( residentKiB() );
  const double heap = heapKiB();
  const double before = cpuSeconds();
  const bool ok = ends.open( count, inFlight );
  const double took = cpuSeconds() - before;
  const auto each = static_cast<double>( std::max<std::size_t>( 1, std::min( ends.a.opened, ends.b.opened ) ) );
  out.count( "descriptors", descriptors() ).count( "opened", std::min( ends.a.opened, ends.b.opened ) ).count( "in_flight", inFlight );
  out.number( "cpu", took ).number( "cpu_us_per_session", took * 1e6 / each );
  out.count( "stanzas", ends.a.entity.wire().delivered() + ends.b.entity.wire().delivered() - delivered );
  ends.settle();
  out.number( "resident_kib_per_session", ( static_cast<double>( residentKiB() ) - resident ) / each );
  out.number( "resident_kib_per_end", ( static_cast<double>( residentKiB() ) - resident ) / each / 2 ).number( "heap_kib_per_end", ( heapKiB() - heap ) / each / 2 );
  if( !ok )
    return false;

  std::size_t got = 0;
  ends.b.onData = [&got]( simultiple::MultiBytestream&, std::size_t bytes ) { got += bytes; };
  const std::string block( Block, 'x' );
  for( const auto& stream : ends.a.streams )
    (void)stream->send( block );
  const bool used = ends.until( [&] { return got >= count * Block; }, 60 );
  ends.settle();
  out.number( "resident_used_kib_per_end", ( static_cast<double>( residentKiB() ) - resident ) / each / 2 ).number( "heap_used_kib_per_end", ( heapKiB() - heap ) / each / 2 );

  for( const auto& stream : ends.a.streams )
    stream->close();
  const bool closed = ends.until( [&] { return ends.a.ended >= count && ends.b.ended >= count; }, 60 );
  ends.a.streams.clear();
  ends.b.streams.clear();
  ends.settle();
  out.number( "heap_left_kib_per_session", ( heapKiB() - heap ) / each );
  return used && closed;
}

/// The connection breaks while all of them are open, and the bot waits for the plugin no longer than for any other call of it.
bool lost( Ends& ends, std::size_t count, Object& out )
{
  if( !ends.open( count, 32 ) )
    return false;
  ends.settle();
  ends.b.longest = 0;
  const auto begin = Clock::now();
  ends.b.entity.wire().lose();
  ends.b.longest = std::chrono::duration<double>( Clock::now() - begin ).count();
  const bool over = ends.until( [&] { return ends.b.ended >= count; }, 60 );
  ends.settle();
  out.number( "longest_ms", ends.b.longest * 1000 ).number( "all_ms", std::chrono::duration<double>( Clock::now() - begin ).count() * 1000 );
  return over;
}

bool moving( Ends& ends, std::size_t count, std::size_t bytes, Object& out )
{
  const double heap = heapKiB();
  std::map<const simultiple::MultiBytestream*, std::size_t> got;
  if( !ends.open( count, 32 ) )
    return false;
  const std::string block( 16384, 'x' );
  std::vector<std::size_t> given( count, 0 );
  const auto fill = [&]( std::size_t i )
  {
    while( given[i] < bytes && ends.a.streams[i]->send( block.substr( 0, bytes - given[i] ) ) )
      given[i] += std::min( block.size(), bytes - given[i] );
  };
  for( std::size_t i = 0; i < count; ++i )
  {
    got[ends.b.streams[i].get()] = 0;
    ends.a.streams[i]->setWritableCallback( [&fill, i] { fill( i ); } );
  }

  const auto start = Clock::now();
  const auto now = [&] { return std::chrono::duration<double>( Clock::now() - start ).count(); };
  double first = 0;
  double share = 0;
  std::size_t finished = 0;
  ends.b.onData = [&]( simultiple::MultiBytestream& stream, std::size_t size )
  {
    auto& mine = got[&stream];
    mine += size;
    if( mine < bytes )
      return;
    if( finished++ == 0 )
    {
      first = now();
      std::size_t least = bytes;
      for( const auto& entry : got )
        least = std::min( least, entry.second );
      share = static_cast<double>( least ) / static_cast<double>( bytes );
    }
  };
  ends.a.longest = ends.b.longest = 0;
  const double before = cpuSeconds();
  for( std::size_t i = 0; i < count; ++i )
    fill( i );
  const bool ok = ends.until( [&] { return finished >= count || ends.a.failed + ends.b.failed > 0; } );
  const double took = now();
  const double mib = static_cast<double>( count ) * static_cast<double>( bytes ) / 1048576;
  out.count( "descriptors", descriptors() ).count( "bytes", bytes ).number( "seconds", took ).number( "goodput_mib_s", mib / took );
  out.number( "fairness", first / took ).number( "share", share ).number( "longest_ms", std::max( ends.a.longest, ends.b.longest ) * 1000 );
  out.number( "cpu_per_gib", ( cpuSeconds() - before ) * 1024 / mib ).number( "peak_kib", static_cast<double>( peakKiB() ) );
  for( const auto& stream : ends.a.streams )
    stream->setWritableCallback( {} );
  ends.b.onData = {};
  ends.settle();
  out.number( "heap_idle_kib_per_end", ( heapKiB() - heap ) / static_cast<double>( count ) / 2 );
  return ok && finished >= count;
}

// The last thousand is what counts; before it the process may stop, to go on side by side with a fresh one, whose last thousand is its first.
bool inTurn( Ends& ends, std::size_t count, bool takesTurns, Object& out )
{
  ends.a.keep = ends.b.keep = false;
  const std::string block( Block, 'x' );
  std::size_t got = 0;
  End::Stream current;
  ends.a.onOpen = [&]( const End::Stream& stream )
  {
    current = stream;
    (void)stream->send( block );
  };
  ends.b.onData = [&]( simultiple::MultiBytestream&, std::size_t bytes )
  {
    got += bytes;
    if( got % Block == 0 )
      current->close();
  };

  const std::size_t thousand = std::min<std::size_t>( 1000, count );
  std::vector<double> last, wall;
  double resident = 0, heap = 0;
  for( std::size_t i = 0; i < count; ++i )
  {
    if( takesTurns && i == count - thousand )
      awaitTurn();
    const double before = cpuSeconds();
    const auto begin = Clock::now();
    if( !ends.offer() || !ends.until( [&] { return ends.a.ended > i && ends.b.ended > i; }, 30 ) || ends.a.failed + ends.b.failed > 0 )
      return false;
    current.reset();
    const double took = cpuSeconds() - before;
    if( i >= count - thousand )
    {
      last.push_back( took );
      wall.push_back( std::chrono::duration<double>( Clock::now() - begin ).count() );
    }
    if( i + 1 == thousand )
    {
      resident = static_cast<double>( residentKiB() );
      heap = heapKiB();
    }
  }
  out.number( "last_cpu_us", median( last ) * 1e6 ).number( "last_us", median( wall ) * 1e6 );
  out.number( "growth_kib", static_cast<double>( residentKiB() ) - resident ).number( "heap_growth_kib", heapKiB() - heap ).count( "descriptors", descriptors() );
  return got == count * Block;
}

} // namespace

int main( int argc, char** argv )
try
{
  const auto word = [&]( int i ) { return std::string( i < argc ? argv[i] : "" ); };
  const auto number = [&]( int i, std::size_t otherwise ) { return i < argc ? std::strtoull( argv[i], nullptr, 10 ) : otherwise; };
  const auto mode = word( 1 ), method = word( 2 ), kind = word( 3 );
  const std::size_t count = number( 4, 0 );
  const bool known = ( mode == "at-once" || mode == "moving" || mode == "in-turn" || mode == "lost" ) && ( method == "s5b" || method == "ibb" )
                     && ( kind == "client" || kind == "component" ) && count > 0;
  if( !known )
    return 2;

  Object out;
  out.text( "mode", mode ).text( "method", method ).text( "kind", kind ).count( "sessions", count ).count( "descriptor_limit", raiseDescriptors() );
  out.number( "wire_us", wireMicroseconds() );
  Ends ends( kind == "component", manySessions( method == "s5b" ? gloox::XMLNS_BYTESTREAMS : gloox::XMLNS_IBB ) );
  bool ok = warmUp( ends );
  if( !ok )
    out.text( "ended", "in the warm-up" );
  else if( mode == "at-once" )
    ok = atOnce( ends, count, number( 5, 32 ), out );
  else if( mode == "lost" )
    ok = lost( ends, count, out );
  else if( mode == "moving" )
    ok = moving( ends, count, number( 5, 65536 ), out );
  else
    ok = inTurn( ends, count, word( 5 ) == "in-turns", out );
  out.text( "ok", ok ? "yes" : "no" ).text( "problem", ends.a.problem.empty() ? ends.b.problem : ends.a.problem ).print();
  return ok ? 0 : 1;
}
catch( const std::exception& error )
{
  std::fprintf( stderr, "bench-sessions: %s\n", error.what() );
  return 1;
}
