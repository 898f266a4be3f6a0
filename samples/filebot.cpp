// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A bot that takes files from its contacts and sends each back: FileReceiver and FileSender in as few lines as they need.
//
// filebot --jid JID [--dir DIR] [--host HOST] [--port N] [--ca-file FILE] [--tls off]    password: $XMPP_PASSWORD

#include <gloox-si-multiple/contacts.h>
#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filereceiver.h>
#include <gloox-si-multiple/filesender.h>
#include <gloox-si-multiple/simultiplemanager.h>

#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/tlsdefault.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

using namespace gloox;

class Bot final : public ConnectionListener, public simultiple::FileReceiverHandler
{
  public:
    explicit Bot( std::map<std::string, std::string>& options )
      : m_client( JID( options["--jid"] ), options["password"] ), m_receiver( m_files, options["--dir"], *this )
    {
      if( !options["--host"].empty() ) // not setServer(): the certificate is to bear the JID's domain
        m_client.setConnectionImpl( new ConnectionTCPClient( // gloox owns it
          &m_client, m_client.logInstance(), options["--host"], static_cast<int>( std::strtol( options["--port"].c_str(), nullptr, 10 ) ) ) );
      m_client.setTls( options["--tls"] == "off" ? TLSDisabled : TLSRequired );
      if( !options["--ca-file"].empty() )
      {
        auto tls = std::make_unique<TLSDefault>( &m_client, m_client.jid().server() );
        if( tls->init() )
          tls->setCACerts( { options["--ca-file"] } ); // gloox 1.0.24 does not use what Client::setCACerts() stores
        m_client.setEncryptionImpl( tls.release() ); // gloox owns it
      }
      m_client.registerConnectionListener( this );
      m_streams.enable();
    }

    bool run()
    {
      if( m_client.connect( false ) )
        while( m_streams.recv( 100000 ) == ConnNoError ) {}
      return m_online;
    }

  private:
    static constexpr std::uint64_t MaxSize = 1 << 30;

    void onConnect() override { std::printf( "online as %s\n", m_client.jid().full().c_str() ), m_online = true; }
    void onDisconnect( ConnectionError error ) override { std::printf( "offline: %d\n", static_cast<int>( error ) ); }
    bool onTLSConnect( const CertInfo& info ) override { return info.status == CertOk; }

    void handleFileOffer( const simultiple::Offer& offer, const simultiple::FileInfo& info ) override
    {
      if( info.size > MaxSize )
        return void( m_receiver.decline( offer ) );
      (void)m_receiver.accept( offer ); // if it cannot be stored it is declined
    }
    void handleFileEnd( simultiple::FileTransfer& transfer, const simultiple::FileResult& result ) override
    {
      std::printf( "%s: %s\n", simultiple::fileCauseText( result.cause ), result.path.c_str() );
      if( !transfer.outgoing() && result.cause == simultiple::FileCause::Complete )
        (void)m_sender.send( transfer.peer(), result.path );
    }

    simultiple::FileProfileOptions contactsOnly()
    {
      simultiple::FileProfileOptions options;
      options.knows = [this]( const JID& peer ) { return m_contacts.contain( peer ); }; // not gloox's roster: see there
      return options;
    }

    Client m_client;
    simultiple::Contacts m_contacts{ m_client };
    bool m_online = false;
    simultiple::SIMultipleManager m_streams{ m_client };
    simultiple::FileProfile m_files{ m_streams, contactsOnly() };
    simultiple::FileReceiver m_receiver;
    simultiple::FileSender m_sender{ m_files, *this };
};

int main( int argc, char** argv )
{
  const char* const password = std::getenv( "XMPP_PASSWORD" );
  std::map<std::string, std::string> options{ { "--dir", "." }, { "--port", "5222" }, { "password", password ? password : "" } };
  for( int i = 1; i + 1 < argc; i += 2 )
    options[argv[i]] = argv[i + 1];
  std::setvbuf( stdout, nullptr, _IOLBF, 0 );
  std::signal( SIGPIPE, SIG_IGN ); // gloox writes without MSG_NOSIGNAL
  return Bot( options ).run() ? 0 : 2;
}
