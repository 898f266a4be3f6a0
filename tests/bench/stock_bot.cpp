// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A bot of gloox alone, with its SIProfileFT, to be compared with: gloox as it comes.
//
//   bench-stock-bot ACCOUNT send TO --method direct|proxy|flood|acked [OPTIONS]
//   bench-stock-bot ACCOUNT receive --method direct|proxy|flood|acked [OPTIONS]
//
// ACCOUNT as for bench-multiple-bot. direct, proxy: SOCKS5 (--proxy JID@HOST:PORT). flood: in-band, one send() for everything, which is
// what gloox offers. acked: in-band, the next block when one was acknowledged: stop-and-wait. OPTIONS: --bytes N per session (1);
// --count N; --block-size N (4096).
//
// --in-turns yes as there. --wait yes: wait for the XMPP connection, which is all that matters in-band; two that spin keep the processors from
// whatever carries their bytes.
//
// Prints connected{jid}, ended when the last session has, and result{...}, with the same members as bench-multiple-bot. Its loop spins, as it must to be quick: gloox has
// no descriptor to wait for.

#include "bench/support/account.h"
#include "bench/support/arguments.h"
#include "bench/support/measure.h"

#include <gloox/bytestreamdatahandler.h>
#include <gloox/inbandbytestream.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreamserver.h>

#include <csignal>
#include <utility>

using namespace gloox;

namespace
{

constexpr std::size_t ChunkSize = 65536;

class Bot final : public SIProfileFTHandler, public BytestreamDataHandler
{
  public:
    explicit Bot( const bench::Arguments& arguments )
      : m_arguments( arguments ), m_method( arguments.text( "method" ) ), m_waits( arguments.has( "wait" ) ), m_account( arguments ),
        m_server( m_account.client().logInstance(), 0, "127.0.0.1" ), m_files( &m_account.client(), this ), m_left( arguments.number( "count", 1 ) ),
        m_bytes( arguments.number( "bytes", 1 ) ), m_blockSize( arguments.number( "block-size", 4096 ) )
    {
    }

    int run()
    {
      if( !m_account.login() || ( sends() && !setUp() ) )
        return 2;
      while( m_account.up() && m_left > 0 && !m_problem )
        sends() ? sendOne() : turn();
      const auto linger = bench::SteadyClock::now();
      while( m_account.up() && bench::since( linger ) < 0.3 )
        turn();   // the last answers
      bench::Event( "result" )
        .add( "bytes", static_cast<double>( m_total + m_done ) ).add( "seconds", m_seconds ).add( "to_last_data", m_lastData ).add( "cpu", m_cpu )
        .add( "held", m_held.longest() ).add( "peak_kib", static_cast<double>( bench::peakKiB() ) ).add( "to_open", bench::median( m_toOpen ) );
      return m_problem || m_left > 0 ? 1 : 0;
    }

  private:
    [[nodiscard]] bool sends() const { return m_arguments.words().front() == "send"; }
    [[nodiscard]] bool socks5() const { return m_method == "direct" || m_method == "proxy"; }
    [[nodiscard]] SIProfileFT::StreamType type() const { return socks5() ? SIProfileFT::FTTypeS5B : SIProfileFT::FTTypeIBB; }

    bool setUp()
    {
      if( m_method == "direct" )
      {
        if( m_server.listen() != ConnNoError )
          return false;
        m_files.registerSOCKS5BytestreamServer( &m_server );
        m_files.addStreamHost( m_account.client().jid(), "127.0.0.1", m_server.localPort() );
      }
      else if( m_method == "proxy" )
      {
        const auto proxy = m_arguments.text( "proxy" );
        const auto at = proxy.find( '@' );
        const auto colon = proxy.rfind( ':' );
        m_files.addStreamHost( JID( proxy.substr( 0, at ) ), proxy.substr( at + 1, colon - at - 1 ), std::stoi( proxy.substr( colon + 1 ) ) );
      }
      return true;
    }

    // While data flow the stream is looked at most, the XMPP connection every sixteenth time.
    void turn()
    {
      m_held.begin();
      const bool flowing = m_open && socks5() && !sends();
      if( !flowing || ++m_turn % 16 == 0 )
        (void)m_account.client().recv( m_waits ? 100000 : 0 );
      if( sends() && m_method == "direct" && !m_open )
        (void)m_server.recv( 0 );
      if( m_stream && socks5() && ( !sends() || !m_open ) )
        (void)m_stream->recv( 0 );
      m_held.end();
      if( m_open )
        takeTurns();   // not before the opening is answered
      if( m_closed )
        finish();
    }

    void finish()
    {
      m_seconds = bench::since( m_opened );
      m_cpu += bench::cpuSeconds() - m_cpuAtOpen;
      // The next one may be here already, when the end of one and the next offer came at once.
      Bytestream* gone = m_closed ? std::exchange( m_closed, nullptr ) : m_stream;
      if( gone == m_stream )
      {
        m_stream = nullptr;
        m_open = false;
      }
      if( gone )
      {
        gone->removeBytestreamDataHandler();
        m_files.dispose( gone );
      }
      m_total += std::exchange( m_done, 0 );
      if( --m_left == 0 )
        bench::Event( "ended" );
    }

    void takeTurns()
    {
      if( !std::exchange( m_inTurns, true ) && m_arguments.has( "in-turns" ) )
        bench::awaitTurn();
    }

    void sendOne()
    {
      m_opens = 0;
      m_acknowledged = 0;
      const auto offered = bench::SteadyClock::now();
      (void)m_files.requestFT( JID( m_arguments.words().back() ), "bench", static_cast<long>( m_bytes ), "", "", "", "", type() );
      while( !m_open && m_account.up() && !m_problem )
        turn();
      m_toOpen.push_back( bench::since( offered ) );
      m_cpuAtOpen = bench::cpuSeconds();
      m_opened = bench::SteadyClock::now();
      m_held.forget();
      if( socks5() )
        sendStream();
      else
        sendInBand();
      if( m_stream && !m_closed )
        m_stream->close();
      finish();
    }

    void sendStream()
    {
      const std::string chunk( ChunkSize, 'Z' );
      int n = 0;
      while( m_done < m_bytes && !m_closed && !m_problem )
      {
        const std::size_t size = std::min<std::size_t>( chunk.size(), m_bytes - m_done );
        m_held.begin();
        m_problem = !m_stream->send( size == chunk.size() ? chunk : chunk.substr( 0, size ) );
        m_held.end();
        m_done += size;
        if( n++ % 16 == 0 )
          turn();
      }
    }

    void sendInBand()
    {
      const std::string data( m_method == "flood" ? m_bytes : m_blockSize, 'Z' );
      std::size_t blocks = 0;
      while( m_done < m_bytes && !m_closed && !m_problem )
      {
        const std::size_t size = std::min<std::size_t>( data.size(), m_bytes - m_done );
        m_held.begin();
        m_problem = !m_stream->send( size == data.size() ? data : data.substr( 0, size ) );
        m_held.end();
        m_done += size;
        blocks += ( size + m_blockSize - 1 ) / m_blockSize;
        while( m_acknowledged < blocks && !m_closed && m_account.up() )
          turn();
      }
    }

    void handleFTRequest( const JID& from, const JID&, const std::string& sid, const std::string&, long, const std::string&,
                          const std::string&, const std::string&, const std::string&, int ) override
    {
      m_files.acceptFT( from, sid, type() );
    }
    void handleFTRequestError( const IQ&, const std::string& ) override { m_problem = true; }
    const std::string handleOOBRequestResult( const JID&, const JID&, const std::string& ) override { return {}; }
    void handleFTBytestream( Bytestream* stream ) override
    {
      m_stream = stream;
      m_opens = 0;
      stream->registerBytestreamDataHandler( this );
      if( auto* inBand = dynamic_cast<InBandBytestream*>( stream ) )
        inBand->setBlockSize( static_cast<int>( m_blockSize ) );
      m_problem = !stream->connect() || m_problem;
    }

    void handleBytestreamOpen( Bytestream* ) override
    {
      ++m_opens;
      if( sends() && m_method == "proxy" && m_opens < 2 )
        return;   // connected to the proxy; the second one means that it was activated
      m_open = true;
      if( sends() )
        return;
      m_opened = bench::SteadyClock::now();
      m_cpuAtOpen = bench::cpuSeconds();
      m_held.forget();
    }
    void handleBytestreamData( Bytestream*, const std::string& data ) override
    {
      m_done += data.size();
      m_lastData = bench::since( m_opened );
    }
    void handleBytestreamDataAck( Bytestream* ) override { ++m_acknowledged; }
    void handleBytestreamError( Bytestream*, const IQ& ) override { m_problem = true; }
    void handleBytestreamClose( Bytestream* stream ) override { m_closed = stream; }

    const bench::Arguments& m_arguments;
    std::string m_method;
    bool m_waits;
    bench::Account m_account;
    SOCKS5BytestreamServer m_server;
    SIProfileFT m_files;
    bench::LoopMeter m_held{};
    Bytestream* m_stream = nullptr;   // m_files owns it
    Bytestream* m_closed = nullptr;   // the same, or the one before
    unsigned long long m_left;
    std::size_t m_bytes;
    std::size_t m_blockSize;
    std::size_t m_done = 0;
    std::size_t m_total = 0;
    std::size_t m_acknowledged = 0;
    int m_opens = 0;
    unsigned m_turn = 0;
    bool m_inTurns = false;
    bool m_open = false;
    bool m_problem = false;
    bench::SteadyClock::time_point m_opened{};
    std::vector<double> m_toOpen{};
    double m_lastData = 0;
    double m_seconds = 0;
    double m_cpu = 0;
    double m_cpuAtOpen = 0;
};

} // namespace

int main( int argc, char** argv )
{
  const bench::Arguments arguments( argc, argv );
  if( arguments.words().empty() || ( arguments.words().front() != "send" && arguments.words().front() != "receive" ) )
    return 2;
  std::signal( SIGPIPE, SIG_IGN );   // gloox writes without MSG_NOSIGNAL
  return Bot( arguments ).run();
}
