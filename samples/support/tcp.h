// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "descriptor.h"

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sample
{

/// Where a TCP server is.
struct TcpAddress
{
  sockaddr_storage address{};
  socklen_t length = 0;

  /** @return `192.0.2.1:80` or `[2001:db8::1]:80`. */
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string host() const; ///< Numeric, without brackets.
  [[nodiscard]] std::uint16_t port() const;
};

/** Reads `HOST:PORT` or `[ADDR6]:PORT`; the port is 1 to 65535. @return false if it is neither. */
[[nodiscard]] bool hostAndPort( const std::string& text, std::string& host, std::uint16_t& port );

/**
 * Looks a host up. Waits as long as the system's resolver does, so do it before there is a connection to neglect.
 * @return Its addresses in the order in which they should be tried; none: see @a problem.
 */
[[nodiscard]] std::vector<TcpAddress> resolve( const std::string& host, std::uint16_t port, std::string& problem );

/**
 * Starts to connect, without waiting. When the socket becomes writable, connectError() tells what came of it.
 * @return The socket; none if that failed at once: errno says why.
 */
[[nodiscard]] Descriptor startConnecting( const TcpAddress& to );

/** @return What came of connecting: 0 or an error number. */
[[nodiscard]] int connectError( const Descriptor& socket );

/// Takes TCP connections.
class TcpListener final
{
  public:
    /** Takes the address, but no connections yet. @return Why that is not possible, for people; empty if it was. */
    [[nodiscard]] std::string bind( const std::string& numericAddress, std::uint16_t port );

    /** From now on connections are taken. @return Why that is not possible; empty if it was. */
    [[nodiscard]] std::string listen();

    /** @return The next connection, non-blocking; none if there is none. */
    [[nodiscard]] Descriptor accept();

    /** @return What it is bound to, with the port that the system chose. */
    [[nodiscard]] TcpAddress address() const;

    [[nodiscard]] int descriptor() const { return m_fd.get(); }

    void close() { m_fd = Descriptor(); }

  private:
    Descriptor m_fd;
};

} // namespace sample
