// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/gate.h"

#include "support/sockets.h"

#include <sys/socket.h>

#include <utility>

namespace simultiple::model
{

Gate::Gate() : m_listener( test::boundSocket() ) { (void)::listen( m_listener.get(), 4 ); }

std::uint16_t Gate::port() const { return test::portOf( m_listener ); }

void Gate::pump()
{
  if( !m_r )
    m_r = net::Fd( ::accept4( m_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC ) );
  if( m_r )
    m_toS += test::receiveNow( m_r );
  if( m_s )
    m_toR += test::receiveNow( m_s, &m_serverGone );
  if( !m_open )
    return;
  payloadToS();
  if( m_forwarded == 0 && m_toR.size() >= 2 )
  {
    m_forwarded = 2;
    (void)test::sendAll( m_r, m_toR.substr( 0, 2 ) );
  }
}

void Gate::letIn()
{
  m_s = test::connectTo( m_server );
  m_open = true;
}

void Gate::tellR()
{
  m_open = false;
  m_toR.erase( 0, m_forwarded );
  payloadToR();
}

void Gate::payloadToS()
{
  if( m_s && !m_toS.empty() )
    (void)test::sendAll( m_s, std::exchange( m_toS, {} ) );
}

void Gate::payloadToR()
{
  if( m_r && !m_toR.empty() )
    (void)test::sendAll( m_r, std::exchange( m_toR, {} ) );
}

} // namespace simultiple::model
