// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The yardstick: one writer and one reader, processes of their own, over loopback TCP with 256 KiB buffers and blocking calls.
//
//   bench-raw-tcp BYTES      prints one object of JSON

#include "bench/support/rawsocket.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace
{

double cpuOf( int who )
{
  rusage usage{};
  getrusage( who, &usage );
  const auto seconds = []( const timeval& time ) { return static_cast<double>( time.tv_sec ) + static_cast<double>( time.tv_usec ) * 1e-6; };
  return seconds( usage.ru_utime ) + seconds( usage.ru_stime );
}

int connectAndWrite( const sockaddr_in& to, std::size_t total )
{
  const int fd = ::socket( AF_INET, SOCK_STREAM, 0 );
  if( ::connect( fd, reinterpret_cast<const sockaddr*>( &to ), sizeof( to ) ) != 0 )
    return 1;
  const int status = bench::writeRaw( fd, total );
  ::close( fd );
  return status;
}

} // namespace

int main( int argc, char** argv )
{
  const std::size_t total = argc > 1 ? std::strtoull( argv[1], nullptr, 10 ) : 0;
  const int listener = ::socket( AF_INET, SOCK_STREAM, 0 );
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl( INADDR_LOOPBACK );
  socklen_t length = sizeof( address );
  if( total == 0 || ::bind( listener, reinterpret_cast<sockaddr*>( &address ), length ) != 0 || ::listen( listener, 1 ) != 0
      || ::getsockname( listener, reinterpret_cast<sockaddr*>( &address ), &length ) != 0 )
    return 2;

  const pid_t child = ::fork();
  if( child == 0 )
    ::_exit( connectAndWrite( address, total ) );

  const int fd = ::accept( listener, nullptr, nullptr );
  const double cpuBefore = cpuOf( RUSAGE_SELF );
  const auto start = std::chrono::steady_clock::now();
  const std::size_t got = bench::readRaw( fd );
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  int status = 0;
  ::waitpid( child, &status, 0 );
  std::printf( "{\"bytes\": %zu, \"seconds\": %.6f, \"cpu_send\": %.4f, \"cpu_receive\": %.4f}\n", got, took.count(), cpuOf( RUSAGE_CHILDREN ),
               cpuOf( RUSAGE_SELF ) - cpuBefore );
  return got == total && status == 0 ? 0 : 1;
}
