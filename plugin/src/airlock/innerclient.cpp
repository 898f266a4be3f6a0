// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/innerclient.h"

#include <new>

namespace simultiple::airlock
{

namespace
{

/// What a gloox object gets that asks for a connection when there is none for it: one that stays down.
class DeadEnd final : public gloox::ConnectionBase
{
  public:
    DeadEnd() : ConnectionBase( nullptr ) {}
    gloox::ConnectionError connect() override { return gloox::ConnConnectionRefused; }
    gloox::ConnectionError recv( int ) override { return gloox::ConnNotConnected; }
    bool send( const std::string& ) override { return false; }
    gloox::ConnectionError receive() override { return gloox::ConnNotConnected; }
    void disconnect() override {}
    void getStatistics( long int& totalIn, long int& totalOut ) override { totalIn = totalOut = 0; }
    [[nodiscard]] gloox::ConnectionBase* newInstance() const override { return new ( std::nothrow ) DeadEnd; } // the caller owns it
};

/// The private client's connection: always up, and its other end is the airlock.
class Lock final : public gloox::ConnectionBase
{
  public:
    explicit Lock( InnerHandler& handler ) : ConnectionBase( nullptr ), m_airlock( handler ) { m_state = gloox::StateConnected; }

    bool send( const std::string& data ) override
    {
      m_airlock.handleInnerText( data );
      return true;
    }
    [[nodiscard]] gloox::ConnectionBase* newInstance() const override
    {
      auto made = m_airlock.makeInnerConnection();
      return made ? made.release() : new ( std::nothrow ) DeadEnd; // the caller owns it; gloox does with a null pointer, too
    }
    gloox::ConnectionError connect() override { return gloox::ConnNoError; }
    gloox::ConnectionError recv( int ) override { return gloox::ConnNoError; }
    gloox::ConnectionError receive() override { return gloox::ConnNoError; }
    void disconnect() override {}
    void getStatistics( long int& totalIn, long int& totalOut ) override { totalIn = totalOut = 0; }

  private:
    InnerHandler& m_airlock;
};

} // namespace

InnerClient::InnerClient( InnerHandler& handler )
  : ClientBase( gloox::XMLNS_CLIENT, std::string( "airlock" ), -1 )
{
  // Each registered type costs time on every stanza (GLOOX-NOTES 2k), and nobody asks this client for anything.
  for( const int type : { gloox::ExtDiscoInfo, gloox::ExtDiscoItems, gloox::ExtVersion, gloox::ExtPing } )
    (void)removeStanzaExtension( type );
  setConnectionImpl( new Lock( handler ) ); // gloox owns it
}

} // namespace simultiple::airlock
