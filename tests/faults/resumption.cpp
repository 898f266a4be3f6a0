// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Loaded before a program, has gloox manage its stream and resume it after a loss (XEP-0198), as a bot would that wants this. gloox 1.0.24 resumes
// a stream once, and after a refusal it waits for ever: what it takes to go on in both cases is here, too (GLOOX-NOTES 12).

#include <gloox/client.h>
#include <gloox/connectionlistener.h>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace
{

class Resumption final : private gloox::ConnectionListener
{
  public:
    void beforeConnect( gloox::Client& client )
    {
      if( m_client && !m_spent )
        return;   // gloox asks by itself
      if( !m_client )
        client.registerConnectionListener( this );
      else
        client.disconnect();   // forgets the stream, and that there was to be management
      m_client = &client;
      m_spent = false;
      client.setStreamManagement( true, true );
    }
    void afterReceive()
    {
      if( m_refused )
        m_client->disconnect();   // not in the event: gloox writes down its own view of things afterwards
      m_refused = false;
    }

  private:
    void onConnect() override {}
    void onDisconnect( gloox::ConnectionError ) override {}
    bool onTLSConnect( const gloox::CertInfo& ) override { return true; }
    void onStreamEvent( gloox::StreamEvent event ) override
    {
      m_refused = m_refused || event == gloox::StreamEventSMResumeFailed;
      m_spent = m_spent || m_refused || event == gloox::StreamEventSMResumed;
      if( event == gloox::StreamEventSMResumed )
        std::fputs( "stream resumed\n", stderr );
      if( event == gloox::StreamEventSMResumeFailed )
        std::fputs( "stream not resumed\n", stderr );
    }

    gloox::Client* m_client = nullptr;
    bool m_spent = false;
    bool m_refused = false;
};

Resumption& resumption()
{
  static Resumption one;
  return one;
}

template<typename Function>
Function originalOf( const char* name )
{
  const auto function = reinterpret_cast<Function>( ::dlsym( RTLD_NEXT, name ) ); // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym() is for
  if( !function )
    std::abort();
  return function;
}

} // namespace

namespace gloox
{

bool ClientBase::connect( bool block )
{
  if( auto* const client = dynamic_cast<Client*>( this ) )
    resumption().beforeConnect( *client );
  static const auto original = originalOf<bool ( * )( ClientBase*, bool )>( "_ZN5gloox10ClientBase7connectEb" );
  return original( this, block );
}

ConnectionError ClientBase::recv( int timeout )
{
  static const auto original = originalOf<ConnectionError ( * )( ClientBase*, int )>( "_ZN5gloox10ClientBase4recvEi" );
  const auto error = original( this, timeout );
  resumption().afterReceive();
  return error;
}

} // namespace gloox
