// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/sockets.h"

#include "net/fd.h"
#include "net/xmppsocket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

using namespace simultiple;

namespace
{

constexpr auto Unknown = std::numeric_limits<std::size_t>::max();

/** @return How many of so many bytes the kernel takes now. */
std::size_t sendNow( const net::Fd& fd, std::size_t bytes )
{
  const std::string data( bytes, 'x' );
  const auto sent = ::send( fd.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL );
  return sent < 0 ? 0 : static_cast<std::size_t>( sent );
}

} // namespace

TEST_CASE( "IBB-17: what a socket is said to have room for, it takes without blocking", "[net]" )
{
  const auto connection = test::tcpPair();   // nobody reads
  CHECK( net::sendRoom( connection.one.get() ) == Unknown );   // nothing is queued
  while( sendNow( connection.one, 65536 ) == 65536 )
  {
    const auto room = net::sendRoom( connection.one.get() );
    if( room == Unknown || room == 0 )
      continue;
    const auto some = std::min<std::size_t>( room, 20000 );
    REQUIRE( sendNow( connection.one, some ) == some );
  }
  while( sendNow( connection.one, 4096 ) > 0 )
  {
    // until the kernel takes nothing more
  }
  CHECK( net::sendRoom( connection.one.get() ) < 4096 );
}

TEST_CASE( "IBB-17: of what is no TCP socket nobody knows, and nothing happens to it", "[net]" )
{
  int ends[2] = { -1, -1 };
  REQUIRE( ::pipe( ends ) == 0 );
  const net::Fd out( ends[0] ), in( ends[1] );
  CHECK( net::sendRoom( in.get() ) == Unknown );
  CHECK( net::sendRoom( -1 ) == Unknown );
  net::acknowledgeNow( in.get() );
  net::acknowledgeNow( -1 );
}
