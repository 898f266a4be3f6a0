// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A file transfer peer of gloox alone, without anything of ours: what programs that exist do with our offers and answers.
//
//   stock_peer OPTIONS --dir DIR --method s5b|ibb                   takes files and answers with that method
//   stock_peer OPTIONS --to FULLJID --file FILE                     sends one file
//
// OPTIONS: --jid JID --host HOST --port N --ca-file FILE --json. The password is in $XMPP_PASSWORD. Prints the lines of
// JSON that the harness reads: connected{jid}, answer{method}, sent{}, refused{}, stored{path},
// unreachable{}. Stays until it is stopped.

#include <gloox/bytestreamdatahandler.h>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreamserver.h>
#include <gloox/tlsdefault.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

using namespace gloox;

namespace
{

constexpr int PollMicroseconds = 2000;

using Options = std::map<std::string, std::string>;

// Nothing that is printed here holds a quote or a control character.
void event( const std::string& name, const std::string& key = std::string(), const std::string& value = std::string() )
{
  std::printf( "{\"event\":\"%s\"%s%s%s%s%s}\n", name.c_str(), key.empty() ? "" : ",\"", key.c_str(),
               key.empty() ? "" : "\":\"", value.c_str(), key.empty() ? "" : "\"" );
  std::fflush( stdout );
}

class Peer final : public ConnectionListener, public SIProfileFTHandler, public BytestreamDataHandler
{
  public:
    explicit Peer( Options& options )
      : m_options( options ), m_client( JID( options["--jid"] ), options["password"] ),
        m_server( m_client.logInstance(), 0, "127.0.0.1" ), m_files( &m_client, this )
    {
      m_client.setConnectionImpl( new ConnectionTCPClient( // gloox owns it
        &m_client, m_client.logInstance(), options["--host"], std::atoi( options["--port"].c_str() ) ) );
      m_client.setTls( TLSRequired );
      auto tls = std::make_unique<TLSDefault>( &m_client, m_client.jid().server() );
      if( tls->init( std::string(), std::string(), StringList() ) )
        tls->setCACerts( { options["--ca-file"] } ); // gloox 1.0.24 does not use what Client::setCACerts() stores
      m_client.setEncryptionImpl( tls.release() ); // gloox owns it
      m_client.registerConnectionListener( this );
    }

    int run()
    {
      if( !m_client.connect( false ) )
        return 2;
      while( m_client.recv( PollMicroseconds ) == ConnNoError )
        turn();
      return 2;
    }

  private:
    [[nodiscard]] bool sends() const { return m_options.count( "--to" ) > 0; }

    void turn()
    {
      if( m_listening )
        (void)m_server.recv( PollMicroseconds );
      if( m_stream && m_stream->type() == Bytestream::S5B )
        (void)m_stream->recv( PollMicroseconds ); // gloox reads it only when it is asked to
      if( m_opened && sends() )
        sendAll(); // inside handleBytestreamOpen() gloox would refuse
    }

    void sendAll()
    {
      m_opened = false;
      const bool sent = m_stream->send( m_data );
      m_stream->close();
      event( sent ? "sent" : "refused" );
    }

    void offer()
    {
      std::ifstream file( m_options["--file"], std::ios::binary );
      m_data.assign( std::istreambuf_iterator<char>( file ), std::istreambuf_iterator<char>() );
      m_listening = m_server.listen() == ConnNoError;
      m_files.registerSOCKS5BytestreamServer( &m_server );
      m_files.addStreamHost( m_client.jid(), "127.0.0.1", m_server.localPort() );
      (void)m_files.requestFT( JID( m_options["--to"] ), "stock.bin", static_cast<long>( m_data.size() ) );
    }

    void onConnect() override
    {
      event( "connected", "jid", m_client.jid().full() );
      if( sends() )
        offer();
    }
    void onDisconnect( ConnectionError ) override {}
    bool onTLSConnect( const CertInfo& info ) override { return info.status == CertOk; }

    void handleFTRequest( const JID& from, const JID&, const std::string& sid, const std::string&, long size,
                          const std::string&, const std::string&, const std::string&, const std::string&, int ) override
    {
      m_left = size;
      m_file.open( m_options["--dir"] + "/stock.bin", std::ios::binary | std::ios::trunc );
      m_files.acceptFT( from, sid, m_options["--method"] == "ibb" ? SIProfileFT::FTTypeIBB : SIProfileFT::FTTypeS5B );
      event( "answer", "method", m_options["--method"] );
    }
    void handleFTRequestError( const IQ&, const std::string& ) override { event( "refused" ); }
    const std::string handleOOBRequestResult( const JID&, const JID&, const std::string& ) override { return {}; }
    void handleFTBytestream( Bytestream* stream ) override
    {
      m_stream = stream;
      stream->registerBytestreamDataHandler( this );
      if( !stream->connect() )
      {
        m_stream = nullptr; // INT-5: and nobody is told
        event( "unreachable" );
      }
    }

    void handleBytestreamOpen( Bytestream* ) override { m_opened = true; }
    void handleBytestreamData( Bytestream*, const std::string& data ) override
    {
      m_file.write( data.data(), static_cast<std::streamsize>( data.size() ) );
      m_left -= static_cast<long>( data.size() );
    }
    void handleBytestreamError( Bytestream*, const IQ& ) override { event( "refused" ); }
    void handleBytestreamClose( Bytestream* ) override
    {
      m_stream = nullptr; // left to m_files: gloox uses it once more
      m_file.close();
      if( !sends() )
        event( m_left == 0 ? "stored" : "incomplete", "path", m_options["--dir"] + "/stock.bin" );
    }

    Options& m_options;
    Client m_client;
    SOCKS5BytestreamServer m_server;
    SIProfileFT m_files;
    Bytestream* m_stream = nullptr;
    std::ofstream m_file;
    std::string m_data;
    long m_left = 0;
    bool m_listening = false;
    bool m_opened = false;
};

} // namespace

int main( int argc, char** argv )
{
  const char* const password = std::getenv( "XMPP_PASSWORD" );
  Options options{ { "password", password ? password : "" } };
  for( int i = 1; i < argc; ++i )
    if( std::string( argv[i] ) != "--json" && i + 1 < argc )
    {
      options[argv[i]] = argv[i + 1];
      ++i;
    }
  return Peer( options ).run();
}
