// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a block costs in-band (XEP-0047) between the application and the text on the XMPP connection: no sockets, no waiting, the same work in
// every run. For an instruction counter: what is done in bench::measured().
//
//   bench-inband-blocks out|in|gloox-out|gloox-in COUNT [BLOCK-SIZE]
//
// out: written by the bot, acknowledged by the peer. in: sent by the peer, delivered and answered. gloox-*: gloox's own InBandBytestream in place
// of the plugin. Prints the bytes that went through.

#include "support/measure.h"

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox/base64.h>
#include <gloox/bytestreamdatahandler.h>
#include <gloox/component.h>
#include <gloox/connectionbase.h>
#include <gloox/inbandbytestream.h>
#include <gloox/simanager.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreammanager.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

using namespace simultiple;

namespace
{

const std::string Bot = "bot@bench.example/a";
const std::string Peer = "peer@far.example/b";
const std::string Sid = "sm4f9c0b27d5e8416a93c1d07b6e52fa88";
const std::string Profile = "http://jabber.org/protocol/si/profile/file-transfer";

/// Ends in the program: keeps what gloox wrote last.
class Wire final : public gloox::ConnectionBase
{
  public:
    explicit Wire( gloox::ConnectionDataHandler* handler ) : ConnectionBase( handler ) {}
    gloox::ConnectionError connect() override
    {
      m_state = gloox::StateConnected;
      m_handler->handleConnect( this );
      return gloox::ConnNoError;
    }
    bool send( const std::string& data ) override
    {
      written += data;
      return true;
    }
    void feed( const std::string& xml ) { m_handler->handleReceivedData( this, xml ); }
    gloox::ConnectionError recv( int ) override { return gloox::ConnNoError; }
    gloox::ConnectionError receive() override { return gloox::ConnNoError; }
    void disconnect() override { m_state = gloox::StateDisconnected; }
    void getStatistics( long int& in, long int& out ) override { in = out = 0; }
    gloox::ConnectionBase* newInstance() const override { return new Wire( nullptr ); } // the caller owns it

    std::string written{};
};

std::string iq( const std::string& type, const std::string& id, const std::string& payload = {} )
{
  return "<iq type='" + type + "' id='" + id + "' to='" + Bot + "' from='" + Peer + "'>" + payload + "</iq>";
}

/// The bot's end, whoever serves it.
struct Bench
{
  Bench()
  {
    component.setConnectionImpl( wire ); // gloox owns it
    component.setTls( gloox::TLSDisabled );
    component.setCompression( false );
    (void)component.connect( false );
    wire->feed( "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'"
                " from='bench.example'>" );
    wire->feed( "<handshake/>" );
    wire->written.clear();
  }
  virtual ~Bench() = default;
  Bench( const Bench& ) = delete;
  Bench& operator=( const Bench& ) = delete;

  virtual void work() {}
  virtual bool write( const std::string& block ) = 0;

  /** Acknowledges everything that was written meanwhile. */
  void acknowledge()
  {
    const std::string out = std::exchange( wire->written, {} );
    for( auto at = out.find( "<iq " ); at != std::string::npos; at = out.find( "<iq ", out.find( "</iq>", at ) ) )
    {
      const auto begin = out.find( " id='", at ) + 5;
      wire->feed( iq( "result", out.substr( begin, out.find( '\'', begin ) - begin ) ) );
    }
  }

  gloox::Component component{ gloox::XMLNS_COMPONENT_ACCEPT, "server.example", "bench.example", "secret" };
  Wire* wire = new Wire( &component );
  std::size_t received = 0;
};

struct Ours final : Bench, private SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  Ours()
    : m_manager( component, [] {
        Options options;
        options.limits.writeBuffer = std::size_t{ 1 } << 30;
        options.listen.enabled = false;
        options.inBand.maxBlockSize = 65535;
        return options;
      }() ),
      m_profile( m_manager, Profile, *this )
  {
    (void)m_manager.enable();
  }

  void open( const std::string& blockSize )
  {
    wire->feed( iq( "set", "offer", "<si xmlns='http://jabber.org/protocol/si' id='" + Sid + "' profile='" + Profile + "'><file xmlns='" + Profile
                                      + "' name='a' size='1'/><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data'"
                                        " type='form'><field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb"
                                        "</value></option></field></x></feature></si>" ) );
    work();
    wire->feed( iq( "set", "open", "<open xmlns='http://jabber.org/protocol/ibb' sid='" + Sid + "' block-size='" + blockSize + "'/>" ) );
    work();
    wire->written.clear();
  }
  void work() override
  {
    do
      m_manager.process();
    while( m_manager.nextDeadline() == std::chrono::milliseconds( 0 ) );
  }
  bool write( const std::string& block ) override { return m_stream && m_stream->send( block ); }

  void handleOffer( const Offer& offer ) override { (void)m_profile.accept( offer ); }
  void handleStream( std::shared_ptr<MultiBytestream> stream ) override
  {
    m_stream = std::move( stream );
    m_stream->registerBytestreamDataHandler( this );
  }
  void handleEnd( const std::string&, const gloox::JID&, Cause, const std::string&, const Report& ) override {}
  void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override { received += data.size(); }
  void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
  void handleBytestreamOpen( gloox::Bytestream* ) override {}
  void handleBytestreamClose( gloox::Bytestream* ) override {}

  SIMultipleManager m_manager;
  SIProfileMultiple m_profile;
  std::shared_ptr<MultiBytestream> m_stream{};
};

struct Glooxs final : Bench, private gloox::SIProfileFTHandler, private gloox::BytestreamDataHandler
{
  Glooxs() : m_si( nullptr, false ), m_s5b( nullptr, nullptr ), m_ft( &component, this, &m_si, &m_s5b )
  {
    auto* feature = new gloox::Tag( "feature", gloox::XMLNS, gloox::XMLNS_FEATURE_NEG ); // owned by the SI
    auto* form = new gloox::Tag( feature, "x", gloox::XMLNS, gloox::XMLNS_X_DATA );
    form->addAttribute( "type", "submit" );
    new gloox::Tag( new gloox::Tag( form, "field", "var", "stream-method" ), "value", gloox::XMLNS_IBB );
    const gloox::SIManager::SI chosen( nullptr, feature );
    m_ft.handleSIRequestResult( gloox::JID( Peer ), gloox::JID( Bot ), Sid, chosen );
  }
  ~Glooxs() override { delete m_stream; }

  void open( int blockSize, bool out )
  {
    m_stream->setBlockSize( blockSize );
    m_stream->registerBytestreamDataHandler( this );
    if( !out )
      return wire->feed( iq( "set", "open", "<open xmlns='http://jabber.org/protocol/ibb' sid='" + Sid + "' block-size='4096'/>" ) );
    (void)m_stream->connect();
    acknowledge();
  }
  bool write( const std::string& block ) override { return m_stream->send( block ); }

  void handleFTBytestream( gloox::Bytestream* bs ) override { m_stream = dynamic_cast<gloox::InBandBytestream*>( bs ); }
  void handleFTRequest( const gloox::JID&, const gloox::JID&, const std::string&, const std::string&, long, const std::string&, const std::string&,
                        const std::string&, const std::string&, int ) override {}
  void handleFTRequestError( const gloox::IQ&, const std::string& ) override {}
  const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }
  void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override { received += data.size(); }
  void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
  void handleBytestreamOpen( gloox::Bytestream* ) override {}
  void handleBytestreamClose( gloox::Bytestream* ) override {}

  gloox::SIManager m_si;
  gloox::SOCKS5BytestreamManager m_s5b;
  gloox::SIProfileFT m_ft;
  gloox::InBandBytestream* m_stream = nullptr;
};

std::size_t writeBlocks( Bench& bench, unsigned count, std::size_t size )
{
  const std::string block( size, 'x' );
  std::size_t gone = 0;
  for( unsigned i = 0; i < count && bench.write( block ); ++i )
  {
    bench.work();
    bench.acknowledge();
    bench.work();
    gone += size;
  }
  return gone;
}

std::size_t readBlocks( Bench& bench, unsigned count, std::size_t size )
{
  const std::string text = gloox::Base64::encode64( std::string( size, 'x' ) );
  for( unsigned i = 0; i < count; ++i )
  {
    bench.wire->feed( iq( "set", "d" + std::to_string( i ),
                          "<data xmlns='http://jabber.org/protocol/ibb' sid='" + Sid + "' seq='" + std::to_string( i % 65536 ) + "'>" + text + "</data>" ) );
    bench.work();
    bench.wire->written.clear();
  }
  return bench.received;
}

} // namespace

int main( int argc, char** argv )
{
  const std::string what = argc > 1 ? argv[1] : "";
  const auto count = argc > 2 ? static_cast<unsigned>( std::strtoul( argv[2], nullptr, 10 ) ) : 0;
  const std::size_t size = argc > 3 ? std::strtoul( argv[3], nullptr, 10 ) : 4096;
  const bool out = what == "out" || what == "gloox-out";
  if( count == 0 || size == 0 || size > 65535 || ( !out && what != "in" && what != "gloox-in" ) )
    return 2;

  std::unique_ptr<Bench> bench;
  if( what.compare( 0, 5, "gloox" ) == 0 )
  {
    auto glooxs = std::make_unique<Glooxs>();
    glooxs->open( static_cast<int>( size ), out );
    bench = std::move( glooxs );
  }
  else
  {
    auto ours = std::make_unique<Ours>();
    ours->open( std::to_string( size ) );
    bench = std::move( ours );
  }
  std::size_t bytes = 0;
  bench::measured( [&] { bytes = out ? writeBlocks( *bench, count, size ) : readBlocks( *bench, count, size ); } );
  std::printf( "%zu\n", bytes );
  return bytes == count * size ? 0 : 1;
}
