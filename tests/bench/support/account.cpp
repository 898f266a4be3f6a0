// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "account.h"

#include "measure.h"

#include <gloox/connectiontcpclient.h>
#include <gloox/tlsdefault.h>

#include <cstdlib>
#include <memory>

namespace bench
{

namespace
{

std::string password()
{
  const char* value = std::getenv( "XMPP_PASSWORD" );
  return value ? value : "";
}

} // namespace

Account::Account( const Arguments& arguments ) : m_client( gloox::JID( arguments.text( "jid" ) ), password() )
{
  m_client.setConnectionImpl( new gloox::ConnectionTCPClient( // gloox owns it
    &m_client, m_client.logInstance(), arguments.text( "host" ), static_cast<int>( arguments.number( "port", 5222 ) ) ) );
  m_client.setTls( gloox::TLSRequired );
  auto tls = std::make_unique<gloox::TLSDefault>( &m_client, m_client.jid().server() );
  if( tls->init( std::string(), std::string(), gloox::StringList() ) )
    tls->setCACerts( { arguments.text( "ca-file" ) } ); // gloox 1.0.24 does not use what Client::setCACerts() stores
  m_client.setEncryptionImpl( tls.release() );          // gloox owns it
  m_client.registerConnectionListener( this );
}

Account::~Account()
{
  m_client.removeConnectionListener( this );
}

bool Account::login()
{
  bool alive = m_client.connect( false );
  while( alive && !m_up )
    alive = m_client.recv( 100000 ) == gloox::ConnNoError;
  if( m_up )
    Event( "connected" ).add( "jid", m_client.jid().full() );
  return m_up;
}

int Account::socket() const
{
  const auto* tcp = dynamic_cast<const gloox::ConnectionTCPBase*>( m_client.connectionImpl() );
  return tcp ? tcp->socket() : -1;
}

} // namespace bench
