// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/socks5channel.h"

#include <system_error>
#include <utility>

namespace simultiple::methods
{

Socks5Channel::Socks5Channel( net::EventLoop& loop, net::Fd fd, std::string early, bool proxied, std::string host,
                              std::chrono::milliseconds linger )
  : m_socket( loop, std::move( fd ), std::move( early ), *this ), m_proxied( proxied ), m_host( std::move( host ) ), m_linger( linger )
{
}

void Socks5Channel::start( ChannelHandler& handler )
{
  m_handler = &handler;
  m_socket.start();
}

// S5B-19: the end of the TCP stream is the end of the bytestream.
void Socks5Channel::handleSocketEnd( int error )
{
  if( !m_socket.fileProblem().empty() )
    m_handler->handleChannelEnd( Cause::IoError, m_socket.fileProblem(), false );
  else if( error == 0 )
    m_handler->handleChannelEnd( Cause::ClosedRemote, "end of file", false );
  else
    m_handler->handleChannelEnd( Cause::IoError, std::generic_category().message( error ), false );
}

// A reset after our end of file: the kernel has told us that it took the last bytes, and nobody that they arrived.
void Socks5Channel::handleSocketClosed( int error )
{
  const std::string why = error != 0 ? std::generic_category().message( error ) : std::string();
  const std::string lost = m_socket.queued() > 0 ? std::to_string( m_socket.queued() ) + " bytes could not be sent" : std::string();
  if( !m_socket.fileProblem().empty() )
    m_handler->handleChannelEnd( Cause::IoError, m_socket.fileProblem(), false );
  else if( !why.empty() || !lost.empty() )
    m_handler->handleChannelEnd( Cause::IoError, lost + ( why.empty() || lost.empty() ? "" : ": " ) + why, false );
  else
    m_handler->handleChannelClosed();
}

} // namespace simultiple::methods
