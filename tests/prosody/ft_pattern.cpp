// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A pair of bots in the shape of gloox's own examples for file transfer: a loop of client.recv(), server.recv() and bs->recv(), everything else in
// callbacks. Built twice from this one source: with gloox's profile, and with ours, by nothing but its type name.
//
//   ft_pattern OPTIONS --method s5b|ibb --dir DIR        takes one file and answers with that method
//   ft_pattern OPTIONS --to FULLJID --file FILE          sends one file; --streamhost-port N: says so instead of the server's
//
// OPTIONS: --jid JID --host HOST --port N --ca-file FILE --json; --decline for the one who takes. The password is in $XMPP_PASSWORD. Prints the lines of JSON that the
// harness reads: connected{jid}, stream{method}, open{method}, closed{}, stored{path}, refused{condition}. Ends after one file.

#ifdef FT_PATTERN_MULTIPLE
#  include <gloox-si-multiple/siprofilemultipleft.h>
#endif

#include <gloox/bytestreamdatahandler.h>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/error.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreamserver.h>
#include <gloox/tlsdefault.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace gloox;

namespace
{

#ifdef FT_PATTERN_MULTIPLE
using Profile = simultiple::SIProfileMultipleFT;
#else
using Profile = SIProfileFT;
#endif

constexpr std::size_t ReadAtOnce = 50000;
constexpr std::size_t InBandBlock = 4096;
constexpr int Patience = 1;   // microseconds, as gloox counts

using Options = std::map<std::string, std::string>;

// Nothing that is printed here holds a quote or a control character.
void event( const std::string& name, const std::string& key = std::string(), const std::string& value = std::string() )
{
  std::printf( "{\"event\":\"%s\"%s%s%s%s%s}\n", name.c_str(), key.empty() ? "" : ",\"", key.c_str(),
               key.empty() ? "" : "\":\"", value.c_str(), key.empty() ? "" : "\"" );
  std::fflush( stdout );
}

const char* methodOf( const Bytestream& stream ) { return stream.type() == Bytestream::IBB ? "ibb" : "s5b"; }

// These tests have loopback only, which nobody is led to by default (SEC-6); the sender is not led anywhere.
std::unique_ptr<Profile> makeProfile( Client& client, SIProfileFTHandler& handler, bool sends )
{
#ifdef FT_PATTERN_MULTIPLE
  if( !sends )
  {
    simultiple::Options options;
    options.streamHosts.allow = { "127.0.0.0/8" };
    return std::make_unique<Profile>( &client, &handler, options );
  }
#endif
  (void)sends;
  return std::make_unique<Profile>( &client, &handler );
}

/// What both examples have in common.
class Example : public ConnectionListener, public SIProfileFTHandler, public BytestreamDataHandler
{
  public:
    Example( Options& options, bool sends )
      : m_options( options ), m_client( JID( options["--jid"] ), options["password"] ), m_files( makeProfile( m_client, *this, sends ) )
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

    virtual int run() = 0;

  protected:
    void onConnect() override { event( "connected", "jid", m_client.jid().full() ); }
    void onDisconnect( ConnectionError ) override {}
    bool onTLSConnect( const CertInfo& info ) override { return info.status == CertOk; }

    void handleFTRequest( const JID&, const JID&, const std::string&, const std::string&, long, const std::string&, const std::string&, const std::string&,
                          const std::string&, int ) override
    {
    }
    void handleFTRequestError( const IQ& iq, const std::string& ) override
    {
      event( "refused", "condition", std::to_string( iq.error() ? iq.error()->error() : StanzaErrorUndefined ) );
      m_quit = true;
    }
    const std::string handleOOBRequestResult( const JID&, const JID&, const std::string& ) override { return {}; }
    void handleBytestreamData( Bytestream*, const std::string& ) override {}
    void handleBytestreamError( Bytestream*, const IQ& ) override { event( "broken" ); }
    void handleBytestreamOpen( Bytestream* stream ) override { event( "open", "method", methodOf( *stream ) ); }
    void handleBytestreamClose( Bytestream* ) override
    {
      if( !m_quit )
        event( "closed" ); // gloox tells it as often as close() is called
      m_quit = true;
    }

    Options& m_options;
    Client m_client;
    std::unique_ptr<Profile> m_files;
    bool m_quit = false;
};

class Sender final : public Example
{
  public:
    explicit Sender( Options& options ) : Example( options, true ), m_server( m_client.logInstance(), 0, "127.0.0.1" ) {}

    int run() override
    {
      std::ifstream file( m_options["--file"], std::ios::binary | std::ios::ate );
      m_size = static_cast<long>( file.tellg() );
      file.seekg( 0 );
      if( m_server.listen() != ConnNoError )
        return 3;
      m_files->registerSOCKS5BytestreamServer( &m_server );
      const auto offered = m_options.find( "--streamhost-port" );
      m_files->addStreamHost( m_client.jid(), "127.0.0.1", offered == m_options.end() ? m_server.localPort() : std::atoi( offered->second.c_str() ) );
      if( !m_client.connect( false ) )
        return 2;

      std::vector<char> block( ReadAtOnce );
      auto connected = ConnNoError;
      while( connected == ConnNoError )
      {
        if( m_quit )
          m_client.disconnect();
        connected = m_client.recv( Patience );
        (void)m_server.recv( Patience );
        if( m_stream && !file.eof() )
        {
          if( m_stream->isOpen() )
          {
            file.read( block.data(), static_cast<std::streamsize>( block.size() ) );
            const auto got = static_cast<std::size_t>( file.gcount() );
            if( m_stream->type() == Bytestream::IBB )
              m_unacknowledged += ( got + InBandBlock - 1 ) / InBandBlock;
            if( !m_stream->send( std::string( block.data(), got ) ) )
            {
              event( "lost" );
              m_quit = true;
            }
          }
          (void)m_stream->recv( Patience );
        }
        else if( m_stream && m_unacknowledged == 0 )
        {
          m_stream->close(); // in-band gloox does not wait with it, and what we have not read of the answers makes TCP throw our end away
        }
      }
      m_files->dispose( m_stream );
      m_files.reset();
      return m_stream && file.eof() ? 0 : 1;
    }

  private:
    void onConnect() override
    {
      Example::onConnect();
      if( m_files->requestFT( JID( m_options["--to"] ), "pattern.bin", m_size ).empty() )
        m_quit = true;
    }
    void handleFTBytestream( Bytestream* stream ) override
    {
      event( "stream", "method", methodOf( *stream ) );
      m_stream = stream;
      stream->registerBytestreamDataHandler( this );
      if( !stream->connect() )
        m_quit = true;
    }

    void handleBytestreamDataAck( Bytestream* ) override { --m_unacknowledged; }

    SOCKS5BytestreamServer m_server;
    Bytestream* m_stream = nullptr;
    long m_size = 0;
    std::size_t m_unacknowledged = 0;
};

class Receiver final : public Example
{
  public:
    explicit Receiver( Options& options ) : Example( options, false ) {}

    int run() override
    {
      if( !m_client.connect( false ) )
        return 2;
      auto connected = ConnNoError;
      while( connected == ConnNoError )
      {
        if( m_quit )
          m_client.disconnect();
        connected = m_client.recv( Patience );
        for( auto* stream : m_streams )
          (void)stream->recv( Patience );
      }
      for( auto* stream : m_streams )
        m_files->dispose( stream );
      m_files.reset();
      return m_left == 0 ? 0 : 1;
    }

  private:
    void handleFTRequest( const JID& from, const JID&, const std::string& sid, const std::string&, long size, const std::string&, const std::string&,
                          const std::string&, const std::string&, int ) override
    {
      if( m_options.count( "--decline" ) > 0 )
        return m_files->declineFT( from, sid, SIManager::RequestRejected, "not today" );
      m_left = size;
      m_file.open( m_options["--dir"] + "/pattern.bin", std::ios::binary | std::ios::trunc );
      m_files->acceptFT( from, sid, m_options["--method"] == "ibb" ? Profile::FTTypeIBB : Profile::FTTypeS5B );
    }
    void handleFTBytestream( Bytestream* stream ) override
    {
      event( "stream", "method", methodOf( *stream ) );
      m_streams.push_back( stream );
      stream->registerBytestreamDataHandler( this );
      if( !stream->connect() )
        event( "unreachable" );
    }
    void handleBytestreamData( Bytestream*, const std::string& data ) override
    {
      m_file.write( data.data(), static_cast<std::streamsize>( data.size() ) );
      m_left -= static_cast<long>( data.size() );
    }
    void handleBytestreamClose( Bytestream* stream ) override
    {
      m_file.close();
      event( m_left == 0 ? "stored" : "incomplete", "path", m_options["--dir"] + "/pattern.bin" );
      Example::handleBytestreamClose( stream );
    }

    std::list<Bytestream*> m_streams;
    std::ofstream m_file;
    long m_left = -1;
};

} // namespace

int main( int argc, char** argv )
{
  const char* const password = std::getenv( "XMPP_PASSWORD" );
  Options options{ { "password", password ? password : "" } };
  for( int i = 1; i < argc; ++i )
  {
    const std::string name = argv[i];
    if( name == "--decline" )
      options[name] = "yes";
    else if( name != "--json" && i + 1 < argc )
      options[name] = argv[++i];
  }
  if( options.count( "--to" ) > 0 )
    return Sender( options ).run();
  return Receiver( options ).run();
}
