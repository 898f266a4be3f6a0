// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bot of echobot.cpp with the plugin beside its SIProfileFT: compare the two files.
//
// echobot_multiple --jid JID [--dir DIR] [--host HOST] [--port N] [--ca-file FILE] [--tls off]    password: $XMPP_PASSWORD
//
// The chat messages `si-multiple on` and `si-multiple off` switch the plugin while the bot runs.

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox/bytestreamdatahandler.h>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/tlsdefault.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

using namespace gloox;

class Bot final : public ConnectionListener, public MessageHandler, public SIProfileFTHandler,
                  public BytestreamDataHandler, public simultiple::SIProfileMultipleHandler
{
  public:
    explicit Bot( std::map<std::string, std::string>& options )
      : m_client( JID( options["--jid"] ), options["password"] ), m_directory( options["--dir"] + "/received-" ),
        m_files( &m_client, this )
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
      m_client.registerMessageHandler( this );
      m_multiple = std::make_unique<simultiple::SIProfileMultiple>( m_streams, XMLNS_SI_FT, *this, besideStock() );
      m_streams.enable();
    }

    bool run()
    {
      if( m_client.connect( false ) )
        while( m_streams.recv( m_stock.empty() ? 100000 : 1000 ) == ConnNoError )
          pump();
      return m_online;
    }

  private:
    using Key = std::pair<std::string, std::string>; // peer and sid: two peers may choose the same sid
    struct Download { std::shared_ptr<std::FILE> file; std::size_t left = 0; };

    // What the file is called is our business, not the peer's, and an existing one is never overwritten.
    bool expect( const Key& key, const std::string& name, long size )
    {
      std::string path = m_directory + name.substr( name.find_last_of( "/\\" ) + 1 ).substr( 0, 200 );
      std::replace_if( path.begin(), path.end(), []( unsigned char c ) { return c < 0x20 || c == 0x7f; }, '_' );
      const bool allowed = size >= 0 && m_downloads.size() < 16 && m_downloads.count( key ) == 0;
      std::FILE* const file = allowed ? std::fopen( path.c_str(), "wbx" ) : nullptr;
      std::printf( "%s %s\n", file ? "receiving" : "refusing", path.c_str() );
      if( file )
        m_downloads[key] = { { file, std::fclose }, static_cast<std::size_t>( size ) };
      return file != nullptr;
    }

    // gloox's in-band stream has the receiver for its initiator.
    Key keyOf( const Bytestream& stream )
    {
      const bool turned = stream.initiator().full() == m_client.jid().full();
      return { ( turned ? stream.target() : stream.initiator() ).full(), stream.sid() };
    }

    void pump()
    {
      for( auto it = m_stock.begin(); it != m_stock.end(); )
      {
        const auto stream = it++;
        if( stream->second )
        {
          m_files.dispose( stream->first ); // not inside its own callback: gloox would use it once more
          m_stock.erase( stream );
        }
        else if( stream->first->type() == Bytestream::S5B )
          stream->first->recv( 1000 ); // gloox reads it only when it is asked to
      }
    }

    void onConnect() override { std::printf( "online as %s\n", m_client.jid().full().c_str() ), m_online = true; }
    void onDisconnect( ConnectionError error ) override { std::printf( "offline: %d\n", static_cast<int>( error ) ); }
    bool onTLSConnect( const CertInfo& info ) override { return info.status == CertOk; }

    void handleMessage( const Message& message, MessageSession* ) override
    {
      if( message.body().empty() || ( message.subtype() & ( Message::Chat | Message::Normal ) ) == 0 )
        return;
      if( message.body() == "si-multiple on" )
        m_streams.enable();
      if( message.body() == "si-multiple off" )
        m_streams.disable();
      m_client.send( Message( Message::Chat, message.from(), message.body() ) );
    }
    void handleFTRequest( const JID& from, const JID&, const std::string& sid, const std::string& name, long size, const
                          std::string&, const std::string&, const std::string&, const std::string&, int types ) override
    {
      if( !expect( { from.full(), sid }, name, size ) )
        return m_files.declineFT( from, sid, SIManager::RequestRejected );
      m_files.acceptFT( from, sid, types & SIProfileFT::FTTypeS5B ? SIProfileFT::FTTypeS5B : SIProfileFT::FTTypeIBB );
    }
    void handleFTRequestError( const IQ& iq, const std::string& sid ) override { m_downloads.erase( { iq.from().full(), sid } ); }
    const std::string handleOOBRequestResult( const JID&, const JID&, const std::string& ) override { return {}; }
    void handleFTBytestream( Bytestream* stream ) override
    {
      stream->registerBytestreamDataHandler( this );
      m_stock[stream] = false;
      stream->connect();
    }

    void handleOffer( const simultiple::Offer& offer ) override
    {
      const Tag* const file = offer.profileChild();
      if( !expect( { offer.peer.full(), offer.sid }, file->findAttribute( "name" ), std::strtol( file->findAttribute( "size" ).c_str(), nullptr, 10 ) ) )
        return void( m_multiple->decline( offer ) );
      m_multiple->accept( offer );
    }
    void handleStream( std::shared_ptr<simultiple::MultiBytestream> stream ) override
    {
      stream->registerBytestreamDataHandler( this );
    }
    void handleEnd( const std::string& sid, const JID& peer, simultiple::Cause, const std::string&,
                    const simultiple::Report& report ) override
    {
      std::printf( "%s\n", report.text().c_str() );
      m_downloads.erase( { peer.full(), sid } );
    }

    void handleBytestreamData( Bytestream* stream, const std::string& data ) override
    {
      const auto it = m_downloads.find( keyOf( *stream ) );
      if( it != m_downloads.end() )
        it->second.left -= std::fwrite( data.data(), 1, std::min( it->second.left, data.size() ), it->second.file.get() );
    }
    void handleBytestreamOpen( Bytestream* ) override {}
    void handleBytestreamError( Bytestream*, const IQ& ) override {}
    void handleBytestreamClose( Bytestream* stream ) override
    {
      const auto found = m_downloads.find( keyOf( *stream ) );
      if( found != m_downloads.end() )
        std::printf( "%s\n", found->second.left == 0 ? "complete" : "incomplete" );
      m_downloads.erase( keyOf( *stream ) );
      const auto closed = m_stock.find( stream );
      if( closed != m_stock.end() )
        closed->second = true;
    }

    static simultiple::ProfileOptions besideStock()
    {
      simultiple::ProfileOptions options;
      options.senderSpeaksFirst = true;
      options.takePlainOffers = false; // those are for m_files
      return options;
    }

    Client m_client;
    std::string m_directory;
    std::map<Key, Download> m_downloads;
    std::map<Bytestream*, bool> m_stock; // gloox's own streams, and whether they are closed
    bool m_online = false;
    SIProfileFT m_files;
    simultiple::SIMultipleManager m_streams{ m_client };
    std::unique_ptr<simultiple::SIProfileMultiple> m_multiple;
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
