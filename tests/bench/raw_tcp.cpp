// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The yardstick: one writer and one reader, processes of their own, over loopback TCP with 256 KiB buffers and blocking calls.
//
//   bench-raw-tcp BYTES      prints one object of JSON

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace
{

constexpr std::size_t BufferSize = 262144;

double cpuOf( int who )
{
  rusage usage{};
  getrusage( who, &usage );
  const auto seconds = []( const timeval& time ) { return static_cast<double>( time.tv_sec ) + static_cast<double>( time.tv_usec ) * 1e-6; };
  return seconds( usage.ru_utime ) + seconds( usage.ru_stime );
}

int writeAll( const sockaddr_in& to, std::size_t total )
{
  const int fd = ::socket( AF_INET, SOCK_STREAM, 0 );
  if( ::connect( fd, reinterpret_cast<const sockaddr*>( &to ), sizeof( to ) ) != 0 )
    return 1;
  const std::vector<char> buffer( BufferSize, 'Z' );
  while( total > 0 )
  {
    const ssize_t sent = ::send( fd, buffer.data(), std::min( total, buffer.size() ), MSG_NOSIGNAL );
    if( sent <= 0 )
      return 1;
    total -= static_cast<std::size_t>( sent );
  }
  ::close( fd );
  return 0;
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
    ::_exit( writeAll( address, total ) );

  const int fd = ::accept( listener, nullptr, nullptr );
  const double cpuBefore = cpuOf( RUSAGE_SELF );
  const auto start = std::chrono::steady_clock::now();
  std::vector<char> buffer( BufferSize );
  std::size_t got = 0;
  for( ssize_t bytes = 0; ( bytes = ::recv( fd, buffer.data(), buffer.size(), 0 ) ) > 0; )
    got += static_cast<std::size_t>( bytes );
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  int status = 0;
  ::waitpid( child, &status, 0 );
  std::printf( "{\"bytes\": %zu, \"seconds\": %.6f, \"cpu_send\": %.4f, \"cpu_receive\": %.4f}\n", got, took.count(), cpuOf( RUSAGE_CHILDREN ),
               cpuOf( RUSAGE_SELF ) - cpuBefore );
  return got == total && status == 0 ? 0 : 1;
}
