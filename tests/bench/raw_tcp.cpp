// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The yardstick: one writer and one reader, processes of their own, over TCP with 256 KiB buffers and blocking calls.
//
//   bench-raw-tcp --bytes N [--in-turns yes] [--address A --writer-in FILE]
//
// Over loopback, or with the writer in another network namespace, which is that file, and the reader at this address.
// Prints ended and result{bytes, to_last_data, cpu_send, cpu_receive}.

#include "bench/support/arguments.h"
#include "bench/support/measure.h"
#include "bench/support/rawsocket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace
{

double cpuOf( int who )
{
  rusage usage{};
  getrusage( who, &usage );
  const auto seconds = []( const timeval& time ) { return static_cast<double>( time.tv_sec ) + static_cast<double>( time.tv_usec ) * 1e-6; };
  return seconds( usage.ru_utime ) + seconds( usage.ru_stime );
}

int connectAndWrite( const std::string& where, const sockaddr_in& to, std::size_t total, bool inTurns )
{
  if( !where.empty() && ::setns( ::open( where.c_str(), O_RDONLY | O_CLOEXEC ), CLONE_NEWNET ) != 0 )
    return 1;
  const int fd = ::socket( AF_INET, SOCK_STREAM, 0 );
  if( ::connect( fd, reinterpret_cast<const sockaddr*>( &to ), sizeof( to ) ) != 0 )
    return 1;
  if( inTurns )
    bench::awaitTurn();
  const int status = bench::writeRaw( fd, total );
  ::close( fd );
  return status;
}

} // namespace

int main( int argc, char** argv )
{
  const bench::Arguments arguments( argc, argv );
  const auto total = static_cast<std::size_t>( arguments.number( "bytes", 0 ) );
  const bool inTurns = arguments.has( "in-turns" );
  const int listener = ::socket( AF_INET, SOCK_STREAM, 0 );
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::inet_addr( arguments.text( "address", "127.0.0.1" ).c_str() );
  socklen_t length = sizeof( address );
  if( total == 0 || ::bind( listener, reinterpret_cast<sockaddr*>( &address ), length ) != 0 || ::listen( listener, 1 ) != 0
      || ::getsockname( listener, reinterpret_cast<sockaddr*>( &address ), &length ) != 0 )
    return 2;

  const pid_t child = ::fork();
  if( child == 0 )
    ::_exit( connectAndWrite( arguments.text( "writer-in" ), address, total, inTurns ) );

  const int fd = ::accept( listener, nullptr, nullptr );
  if( inTurns )
    bench::awaitTurn();
  const double cpuBefore = cpuOf( RUSAGE_SELF );
  const auto start = bench::SteadyClock::now();
  const std::size_t got = bench::readRaw( fd );
  const double took = bench::since( start );
  bench::Event( "ended" );
  int status = 0;
  ::waitpid( child, &status, 0 );
  const double sender = cpuOf( RUSAGE_CHILDREN );
  const double receiver = cpuOf( RUSAGE_SELF ) - cpuBefore;
  bench::Event( "result" ).add( "bytes", static_cast<double>( got ) ).add( "to_last_data", took ).add( "cpu_send", sender ).add( "cpu_receive", receiver )
    .add( "cpu", ( sender + receiver ) / 2 );   // of each: the driver adds up two ends
  return got == total && status == 0 ? 0 : 1;
}
