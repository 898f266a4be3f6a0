// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "methods/channel.h"
#include "net/streamsocket.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace simultiple::methods
{

/// A committed S5B stream: payload flows between socket and bot and passes no gloox object (DESIGN 3, *Data*).
class Socks5Channel final : public Channel, private net::SocketHandler
{
  public:
    Socks5Channel( net::EventLoop& loop, net::Fd fd, std::string early, bool proxied, std::string host, std::chrono::milliseconds linger );

    void start( ChannelHandler& handler ) override;
    void write( const std::string& data ) override { m_socket.write( data ); }
    [[nodiscard]] bool sendFile( int fd, std::uint64_t offset, std::uint64_t length ) override
    {
      return m_socket.sendFile( fd, offset, length );
    }
    [[nodiscard]] std::size_t queued() const override { return m_socket.queued(); }
    [[nodiscard]] std::size_t useful() const override { return net::StreamSocket::BytesPerTurn; }
    void pause( bool paused ) override { m_socket.pause( paused ); }
    void close() override { m_socket.close( m_linger, DrainPatience * m_linger ); }
    void abort() override { m_socket.abort(); }
    void drop() override { m_socket.abort(); }
    [[nodiscard]] bool inBand() const override { return false; }
    [[nodiscard]] bool proxied() const override { return m_proxied; }
    [[nodiscard]] bool taken() const override { return !m_proxied && m_socket.taken(); } ///< A proxy takes it, too, and may lose it.
    [[nodiscard]] std::string host() const override { return m_host; }

  private:
    void handleSocketData( const std::string& data ) override { m_handler->handleChannelData( data ); }
    void handleSocketWritten( std::size_t bytes ) override { m_handler->handleChannelWritten( bytes ); }
    void handleSocketEnd( int error ) override;
    void handleSocketClosed( int error ) override;

    ChannelHandler* m_handler = nullptr;
    net::StreamSocket m_socket;
    bool m_proxied;
    std::string m_host;
    std::chrono::milliseconds m_linger;
};

} // namespace simultiple::methods
