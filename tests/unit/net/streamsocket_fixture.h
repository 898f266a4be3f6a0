// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/streamsocket.h"

#include "support/files.h"
#include "support/manual_clock.h"
#include "support/sockets.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace simultiple::test
{

/// Hears what a StreamSocket tells.
struct Ears final : public net::SocketHandler
{
  void handleSocketData( const std::string& bytes ) override
  {
    log += 'd';
    data += bytes;
    largest = std::max( largest, bytes.size() );
    if( onData )
      onData();
  }
  void handleSocketWritten( std::size_t bytes ) override
  {
    written += bytes;
    if( onWritten )
      onWritten();
  }
  void handleSocketEnd( int why ) override
  {
    log += 'e';
    error = why;
    if( onLast )
      onLast();
  }
  void handleSocketClosed( int why ) override
  {
    log += 'c';
    error = why;
    if( onLast )
      onLast();
  }
  [[nodiscard]] bool over() const { return log.find_first_of( "ec" ) != std::string::npos; }

  std::string log{};
  std::string data{};
  std::size_t written = 0;
  std::size_t largest = 0;
  int error = -1;
  std::function<void()> onData{};
  std::function<void()> onWritten{};
  std::function<void()> onLast{};
};

/// A StreamSocket and its peer.
struct Bench
{
  explicit Bench( const std::string& early = {} )
  {
    auto pair = tcpPair();
    peer = std::move( pair.other );
    socket = std::make_unique<net::StreamSocket>( loop, std::move( pair.one ), early, ears );
  }
  ManualClock clock{};
  net::EventLoop loop{ clock };
  Ears ears{};
  net::Fd peer{};
  std::unique_ptr<net::StreamSocket> socket{};
  std::string atPeer{};
  bool peerSawEnd = false;

  [[nodiscard]] bool runUntil( const std::function<bool()>& done ) { return test::runUntil( loop, done ); }
  /** As a reader on the other side. */
  [[nodiscard]] bool readUntil( const std::function<bool()>& done )
  {
    std::unique_ptr<net::Watch> reader;
    reader = std::make_unique<net::Watch>( loop, peer.get(), EPOLLIN, [&]( std::uint32_t )
                                      {
                                        atPeer += receiveNow( peer, &peerSawEnd );
                                        if( peerSawEnd )
                                          reader.reset();
                                      } );
    return runUntil( done );
  }
  /** Closes with a reset. */
  void resetPeer()
  {
    const linger hard{ 1, 0 };
    ::setsockopt( peer.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof( hard ) );
    peer.reset();
  }
};

} // namespace simultiple::test
