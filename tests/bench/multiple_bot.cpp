// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A bot with the plugin, one end of what is measured.
//
//   bench-multiple-bot ACCOUNT send TO [OPTIONS]
//   bench-multiple-bot ACCOUNT receive [OPTIONS]
//
// ACCOUNT: --jid JID --host HOST --port N --ca-file FILE. OPTIONS of both: --count N sessions (1), one after another;
// --methods s5b,ibb; --block-size N; --window N. Of the sender: --bytes N per session (1); --file FILE instead, sent with
// sendFile(); --via direct|proxy|nothing: the streamhosts offered; --listen ADDRESS of the direct one (127.0.0.1); --known HOST:PORT,...: further
// ones, first; --ping yes: ping the server all the time that a stream is open, and tell how long it took at most. Of the receiver:
// --rate BYTES per second it reads (no limit); --host-deadline MS (T-R-HOST).
// --watch-blocks yes: count the in-band blocks that are on their way at once; costs time.
// --in-turns yes: stop the process at the first open stream until it is continued (turns.py).
// --seconds N: stop when a stream has been open so long, and print `result` with what was reached.
// --spin yes: never wait, as a bot of gloox alone must.
//
// Prints connected{jid}, ended when the last session has, and result{...}: times in seconds, memory in KiB. Waits in poll().

#include "bench/support/account.h"
#include "bench/support/arguments.h"
#include "bench/support/measure.h"

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox/bytestreamdatahandler.h>
#include <gloox/eventhandler.h>
#include <gloox/loghandler.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <utility>

using namespace simultiple;

namespace
{

constexpr std::size_t ChunkSize = 262144;
constexpr int LongestWait = 1000;   // milliseconds

std::vector<std::string> split( const std::string& list )
{
  std::vector<std::string> parts;
  std::istringstream in( list );
  for( std::string part; std::getline( in, part, ',' ); )
    parts.push_back( part );
  return parts;
}

Options makeOptions( const bench::Arguments& arguments )
{
  Options options;
  options.methods.clear();
  for( const auto& name : split( arguments.text( "methods", "s5b,ibb" ) ) )
    options.methods.push_back( name == "s5b" ? gloox::XMLNS_BYTESTREAMS : gloox::XMLNS_IBB );
  options.streamHosts.allow = { "127.0.0.0/8", "198.18.0.0/15" };   // the second one for measurements (RFC 2544)
  const auto via = arguments.text( "via", "direct" );
  options.listen.enabled = via == "direct";
  options.listen.address = arguments.text( "listen", "127.0.0.1" );
  options.proxies.discover = via == "proxy";
  for( const auto& known : split( arguments.text( "known" ) ) )
  {
    const auto colon = known.rfind( ':' );
    options.proxies.known.push_back( { gloox::JID( "known.invalid" ), known.substr( 0, colon ),
                                       static_cast<std::uint16_t>( std::stoul( known.substr( colon + 1 ) ) ) } );
  }
  if( arguments.has( "host-deadline" ) )
    options.timeouts.set( Timer::RHost, std::chrono::milliseconds( arguments.number( "host-deadline", 0 ) ) );
  options.inBand.blockSize = static_cast<std::uint16_t>( arguments.number( "block-size", options.inBand.blockSize ) );
  options.inBand.maxBlockSize = std::max( options.inBand.maxBlockSize, options.inBand.blockSize );
  options.inBand.window = arguments.number( "window", options.inBand.window );
  return options;
}

/// How many in-band blocks were sent and not answered yet, at most, as seen on the bot's XMPP connection.
class BlockWatch final : public gloox::LogHandler
{
  public:
    void handleLog( gloox::LogLevel, gloox::LogArea area, const std::string& message ) override
    {
      if( area == gloox::LogAreaXmlOutgoing && message.find( "<data " ) != std::string::npos )
        m_most = std::max( m_most, ++m_out );
      else if( area == gloox::LogAreaXmlIncoming && m_out > 0 && message.find( "type='result'" ) != std::string::npos )
        --m_out;
    }
    [[nodiscard]] std::size_t most() const { return m_most; }

  private:
    std::size_t m_out = 0;
    std::size_t m_most = 0;
};

/// The bot's own traffic: a ping of the server, and when it is answered the next one.
class Pings final : private gloox::EventHandler
{
  public:
    explicit Pings( gloox::Client& client ) : m_client( client ) {}

    void send()
    {
      m_sent = bench::SteadyClock::now();
      m_client.xmppPing( gloox::JID( m_client.jid().server() ), this );
    }
    void stop() { m_stopped = true; }
    [[nodiscard]] double longest() const { return m_longest; }   ///< Seconds; -1: none was answered.

  private:
    void handleEvent( const gloox::Event& ) override
    {
      m_longest = std::max( m_longest, bench::since( m_sent ) );
      if( !m_stopped )
        send();
    }

    gloox::Client& m_client;
    bench::SteadyClock::time_point m_sent{};
    double m_longest = -1;
    bool m_stopped = false;
};

class Bot final : public SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    explicit Bot( const bench::Arguments& arguments )
      : m_arguments( arguments ), m_account( arguments ), m_manager( m_account.client(), makeOptions( arguments ) ),
        m_profile( m_manager, gloox::XMLNS_SI_FT, *this, profileOptions() ), m_left( arguments.number( "count", 1 ) ),
        m_bytes( arguments.number( "bytes", 1 ) ), m_rate( arguments.number( "rate", 0 ) ), m_spins( arguments.has( "spin" ) ), m_chunk( ChunkSize, 'Z' )
    {
    }

    int run()
    {
      if( !m_manager.enable() || !m_account.login() || !openFile() )
        return 2;
      m_idle = bench::residentKiB();
      if( m_arguments.has( "watch-blocks" ) )
        m_account.client().logInstance().registerLogHandler( gloox::LogLevelDebug, gloox::LogAreaXmlIncoming | gloox::LogAreaXmlOutgoing, &m_blocks );
      if( sends() )
      {
        settle();
        offer();
      }
      while( m_account.up() && m_left > 0 && !m_problem && !timeOver() )
        turn();
      if( m_stream && m_seconds == 0 )
        noteEnd();
      print();
      if( m_file >= 0 )
        ::close( m_file );
      // A stream that is left half-way ends badly for one of the two.
      return ( m_problem || m_left > 0 ) && !m_arguments.has( "seconds" ) ? 1 : 0;
    }

  private:
    static ProfileOptions profileOptions()
    {
      ProfileOptions options;
      options.senderSpeaksFirst = true;
      return options;
    }
    [[nodiscard]] bool sends() const { return m_arguments.words().front() == "send"; }

    bool openFile()
    {
      if( !m_arguments.has( "file" ) )
        return true;
      struct stat about{};
      m_file = ::open( m_arguments.text( "file" ).c_str(), O_RDONLY | O_CLOEXEC );
      if( m_file < 0 || ::fstat( m_file, &about ) != 0 )
        return false;
      m_bytes = static_cast<std::uint64_t>( about.st_size );
      return true;
    }

    // Proxies are asked for when the connection is there; a bot has them long before its first offer.
    void settle()
    {
      const auto start = bench::SteadyClock::now();
      while( bench::since( start ) < 0.5 )
        turn( 50 );
      m_held.forget();
    }

    void turn( int atMost = LongestWait )
    {
      std::vector<pollfd> waiting{ { m_account.socket(), POLLIN, 0 } };
      for( const auto& descriptor : m_manager.pollDescriptors() )
        waiting.push_back( { descriptor.fd, descriptor.events, 0 } );
      int wait = m_spins ? 0 : atMost;
      if( const auto deadline = m_manager.nextDeadline() )
        wait = std::min<int>( wait, static_cast<int>( deadline->count() ) );
      if( m_stream && m_stream->paused() )
        wait = std::clamp( static_cast<int>( ( m_readAgain - bench::since( m_opened ) ) * 1000 ) + 1, 0, wait );
      (void)::poll( waiting.data(), static_cast<nfds_t>( waiting.size() ), wait );
      m_held.begin();
      if( m_stream && m_stream->paused() && bench::since( m_opened ) >= m_readAgain )
        m_stream->resume();
      (void)m_manager.recv( 0 );
      m_held.end();
    }

    [[nodiscard]] bool timeOver() const
    {
      return m_stream && m_arguments.has( "seconds" ) && bench::since( m_opened ) > static_cast<double>( m_arguments.number( "seconds", 0 ) );
    }

    void offer()
    {
      auto file = std::make_unique<gloox::Tag>( "file" );
      file->setXmlns( gloox::XMLNS_SI_FT );
      file->addAttribute( "name", "bench" );
      file->addAttribute( "size", std::to_string( m_bytes ) );
      m_offered = bench::SteadyClock::now();
      m_cpuAtOffer = bench::cpuSeconds();
      m_done = 0;
      const auto result = m_profile.offer( gloox::JID( m_arguments.words().back() ), std::move( file ) );
      m_problem = m_problem || !result;
      if( !result )
        bench::Event( "problem" ).add( "text", result.problem );
    }

    void handleOffer( const Offer& offer ) override
    {
      m_cpuAtOffer = bench::cpuSeconds();
      (void)m_profile.accept( offer );
    }

    void handleStream( std::shared_ptr<MultiBytestream> stream ) override
    {
      m_stream = std::move( stream );
      m_stream->registerBytestreamDataHandler( this );
      if( sends() )
        m_stream->setWritableCallback( [this] { write(); } );
    }

    void handleAttempt( const Attempt& attempt ) override
    {
      if( attempt.state == Attempt::State::Failed && attempt.host.empty() )
        m_failed = bench::SteadyClock::now();
    }

    void handleBytestreamOpen( gloox::Bytestream* ) override
    {
      if( m_toOpen.empty() && m_arguments.has( "in-turns" ) )
        bench::awaitTurn();
      m_opened = bench::SteadyClock::now();
      m_toOpen.push_back( bench::since( m_offered ) );
      if( m_failed != bench::SteadyClock::time_point() )
        m_failedToOpen.push_back( bench::since( m_failed ) );
      m_cpuAtOpen = bench::cpuSeconds();
      m_heldOpening = std::max( m_heldOpening, m_held.longest() );
      m_cpuOpening += m_cpuAtOpen - m_cpuAtOffer;
      m_held.forget();
      if( m_arguments.has( "ping" ) )
        m_pings.send();
      if( sends() )
        write();
    }

    // As much as is taken; the writable callback brings us back.
    void write()
    {
      while( m_stream && m_stream->isOpen() && m_done < m_bytes )
      {
        const auto size = static_cast<std::size_t>( std::min<std::uint64_t>( m_bytes - m_done, ChunkSize ) );
        const bool taken = m_file >= 0 ? m_stream->sendFile( m_file, m_done, size )
                                       : m_stream->send( size == ChunkSize ? m_chunk : m_chunk.substr( 0, size ) );
        if( !taken )
          return;
        m_done += size;
      }
      if( m_stream && m_done == m_bytes )
        m_stream->close();
    }

    void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override
    {
      m_done += data.size();
      m_lastData = bench::since( m_opened );
      if( m_rate == 0 )
        return;
      m_stream->pause();
      m_readAgain = static_cast<double>( m_done ) / static_cast<double>( m_rate );
    }
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}

    void noteEnd()
    {
      m_seconds = bench::since( m_opened );
      m_cpu += bench::cpuSeconds() - m_cpuAtOpen;
    }

    void handleEnd( const std::string&, const gloox::JID&, Cause cause, const std::string& text, const Report& report ) override
    {
      noteEnd();
      m_pings.stop();
      m_total += m_done;
      m_method = methodName( report.method ) + ( report.host.empty() ? "" : " " + report.host );
      const bool good = cause == Cause::ClosedLocal || cause == Cause::ClosedRemote;
      if( !good )
        bench::Event( "problem" ).add( "cause", causeText( cause ) ).add( "text", text );
      m_problem = m_problem || !good;
      m_stream.reset();
      if( !sends() )
        m_done = 0;
      if( --m_left == 0 )
        bench::Event( "ended" );
      else if( sends() && !m_problem )
        offer();
    }

    void print()
    {
      bench::Event result( "result" );
      result.add( "bytes", static_cast<double>( m_total + ( m_stream ? m_done : 0 ) ) ).add( "seconds", m_seconds ).add( "to_last_data", m_lastData );
      result.add( "cpu", m_cpu ).add( "held", m_held.longest() ).add( "held_opening", m_heldOpening ).add( "cpu_opening", m_cpuOpening ).add( "peak_kib", static_cast<double>( bench::peakKiB() ) );
      result.add( "idle_kib", static_cast<double>( m_idle ) ).add( "to_open", bench::median( m_toOpen ) ).add( "failed_to_open", bench::median( m_failedToOpen ) );
      result.add( "blocks", static_cast<double>( m_blocks.most() ) ).add( "method", m_method )
        .add( "longest_ping", m_pings.longest() );
    }

    const bench::Arguments& m_arguments;
    bench::Account m_account;
    SIMultipleManager m_manager;
    SIProfileMultiple m_profile;
    bench::LoopMeter m_held{};
    BlockWatch m_blocks{};
    Pings m_pings{ m_account.client() };
    std::shared_ptr<MultiBytestream> m_stream{};
    std::uint64_t m_left;
    std::uint64_t m_bytes;
    std::uint64_t m_rate;
    bool m_spins;
    std::string m_chunk;
    int m_file = -1;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
    bool m_problem = false;
    bench::SteadyClock::time_point m_offered{};
    bench::SteadyClock::time_point m_opened{};
    bench::SteadyClock::time_point m_failed{};
    std::vector<double> m_toOpen{};
    std::vector<double> m_failedToOpen{};
    double m_heldOpening = 0;
    double m_readAgain = 0;
    double m_lastData = 0;
    double m_seconds = 0;
    double m_cpu = 0;
    double m_cpuAtOpen = 0;
    double m_cpuAtOffer = 0;
    double m_cpuOpening = 0;
    long m_idle = 0;
    std::string m_method{};
};

} // namespace

int main( int argc, char** argv )
{
  const bench::Arguments arguments( argc, argv );
  if( arguments.words().empty() || ( arguments.words().front() != "send" && arguments.words().front() != "receive" ) )
    return 2;
  return Bot( arguments ).run();
}
