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

void Socks5Channel::handleSocketClosed()
{
  if( m_socket.queued() == 0 )
    m_handler->handleChannelClosed();
  else if( !m_socket.fileProblem().empty() )
    m_handler->handleChannelEnd( Cause::IoError, m_socket.fileProblem(), false );
  else
    m_handler->handleChannelEnd( Cause::IoError, std::to_string( m_socket.queued() ) + " bytes could not be sent", false );
}

} // namespace simultiple::methods
