// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The samples' pump between a TCP connection and a stream: real sockets on loopback, streams between two bots, time in the test's hand.

#include "support/bot.h"
#include "support/catch2.h"

#include "samples/support/tcppump.h"

#include <gloox/gloox.h>

#include <array>
#include <cerrno>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using sample::Descriptor;
using sample::TcpAddress;
using sample::TcpListener;
using sample::TcpPump;

namespace
{

/// A program with a TCP connection, the pump on romeo's side, a stream, and juliet at its other end.
struct Line
{
  enum class Kind
  {
    Accepted, ///< The program has connected to us.
    Connects, ///< The pump connects to the program.
    Small     ///< As Accepted, with a socket that holds hardly anything.
  };

  explicit Line( Kind kind = Kind::Accepted, const std::string& method = gloox::XMLNS_BYTESTREAMS )
    : pair( [&method]( Options& sender, Options& receiver )
      {
        sender.methods = receiver.methods = { method };
        sender.limits.writeBuffer = receiver.limits.writeBuffer = 65536;
        sender.limits.readBuffer = receiver.limits.readBuffer = 65536;
      } )
  {
    REQUIRE( listener.bind( "127.0.0.1", 0 ).empty() );
    REQUIRE( listener.listen().empty() );
    if( kind == Kind::Small )
    {
      std::array<int, 2> both{};
      REQUIRE( ::socketpair( AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data() ) == 0 );
      const int little = 4096;
      ::setsockopt( both[1], SOL_SOCKET, SO_SNDBUF, &little, sizeof little );
      program = Descriptor( both[0] );
      pump = std::make_unique<TcpPump>( Descriptor( both[1] ), *pair.clock );
    }
    else if( kind == Kind::Connects )
    {
      pump = std::make_unique<TcpPump>( std::vector<TcpAddress>{ listener.address() }, *pair.clock );
      REQUIRE( until( [this] { return static_cast<bool>( program = listener.accept() ); } ) );
    }
    else
    {
      program = sample::startConnecting( listener.address() );
      Descriptor accepted;
      REQUIRE( until( [&] { return static_cast<bool>( accepted = listener.accept() ); } ) );
      pump = std::make_unique<TcpPump>( std::move( accepted ), *pair.clock );
    }
    pair.romeo->onEnd = [this]( const Bot::End& end )
    {
      const bool ours = end.cause == Cause::ClosedLocal && pump->closing();
      pump->streamEnded( end.cause == Cause::ClosedRemote || ours );
    };
    pair.romeo->onStream = [this]( MultiBytestream& ) { pump->start( pair.romeo->streams.back() ); };
    REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
    REQUIRE( until( [this] { return pair.juliet->opens == 1 && !pair.romeo->streams.empty(); } ) );
  }

  void turn()
  {
    if( !pump )
      return;
    pollfd waiting = pump->wanted();
    (void)::poll( &waiting, 1, 0 );
    const auto deadline = pump->deadline();
    if( waiting.revents != 0 || ( deadline && pair.clock->now() >= *deadline ) )
      pump->turn( waiting.revents );
  }
  /** The program reads what there is. */
  void read()
  {
    std::array<char, 65536> block{};
    for( ssize_t got = 1; got > 0; )
    {
      got = ::recv( program.get(), block.data(), block.size(), MSG_DONTWAIT );
      if( got > 0 )
        heard.append( block.data(), static_cast<std::size_t>( got ) );
      else if( got == 0 )
        endSeen = true;
      else if( errno == ECONNRESET )
        reset = true;
    }
  }
  /** The program writes what the kernel takes of @a text. @return How much. */
  std::size_t write( const std::string& text )
  {
    const ssize_t sent = ::send( program.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL );
    return sent < 0 ? 0 : static_cast<std::size_t>( sent );
  }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return pair.until( [&] { turn(); return done(); } );
  }
  void settle()
  {
    for( int i = 0; i < 4; ++i )
    {
      turn();
      pair.settle();
    }
  }
  void advance( std::chrono::milliseconds by )
  {
    pair.clock->advance( by );
    settle();
  }
  [[nodiscard]] MultiBytestream& stream() { return pair.romeo->stream(); }
  [[nodiscard]] Bot& juliet() { return *pair.juliet; }

  Pair pair;
  TcpListener listener;
  Descriptor program;
  std::unique_ptr<TcpPump> pump;
  std::string heard;
  bool endSeen = false;
  bool reset = false;
};

/// Bytes that repeat only at odd distances, so that a lost or doubled block shows.
std::string pattern( std::size_t size )
{
  std::string base( 99991, '\0' );
  for( std::size_t i = 0; i < base.size(); ++i )
    base[i] = static_cast<char>( ( i * 2654435761u ) >> 13 );
  std::string text;
  while( text.size() < size )
    text += base;
  text.resize( size );
  return text;
}

} // namespace

TEST_CASE( "S5B-19, PTB-6: after a program's last word the stream stays open for an answer, and nothing is lost", "[pump]" )
{
  Line line( Line::Kind::Accepted, GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) );
  const auto question = pattern( 400000 );
  std::size_t written = 0;
  REQUIRE( line.until( [&] { written += line.write( question.substr( written ) ); return line.juliet().received.size() == question.size(); } ) );
  CHECK( line.juliet().received == question );
  ::shutdown( line.program.get(), SHUT_WR );
  line.settle();
  CHECK( line.stream().isOpen() );

  line.advance( 1900ms );
  const auto answer = pattern( 60000 );
  REQUIRE( line.juliet().stream().send( answer ) );
  REQUIRE( line.until( [&] { line.read(); return line.heard.size() == answer.size(); } ) );
  CHECK( line.heard == answer );
  line.advance( 1900ms );
  CHECK( line.stream().isOpen() );
  CHECK_FALSE( line.endSeen );
  line.advance( 200ms );
  REQUIRE( line.until( [&] { line.read(); return line.juliet().ends.size() == 1 && line.pump->finished(); } ) );
  CHECK( line.juliet().cause() == "closed-remote" );
  CHECK( line.pair.romeo->cause() == "closed-local" );
  CHECK( line.endSeen );
  CHECK_FALSE( line.reset );
}

TEST_CASE( "CLS-1: when a server closes, the stream is closed behind its last byte, without delay", "[pump]" )
{
  Line line( Line::Kind::Connects, GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) );
  const auto answer = pattern( 300000 );
  std::size_t written = 0;
  REQUIRE( line.until( [&] { written += line.write( answer.substr( written ) ); return written == answer.size(); } ) );
  line.program = Descriptor();
  REQUIRE( line.until( [&] { return line.juliet().ends.size() == 1; } ) );
  CHECK( line.juliet().received == answer );
  CHECK( line.juliet().cause() == "closed-remote" );
  REQUIRE( line.until( [&] { return line.pump->finished(); } ) );
}

TEST_CASE( "PTB-7: what came before the peer closed reaches a program that reads late, and then its end", "[pump]" )
{
  Line line( Line::Kind::Accepted, GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) );
  const auto answer = pattern( 200000 );
  std::size_t sent = 0;
  REQUIRE( line.until( [&]
  {
    const auto block = answer.substr( sent, 20000 );
    if( !block.empty() && line.juliet().stream().send( block ) )
      sent += block.size();
    return sent == answer.size();
  } ) );
  line.juliet().stream().close();
  REQUIRE( line.until( [&] { return line.pair.romeo->ends.size() == 1; } ) );
  line.settle();
  CHECK_FALSE( line.pump->finished() );
  REQUIRE( line.until( [&] { line.read(); return line.endSeen; } ) );
  CHECK( line.heard == answer );

  SECTION( "the program closes" )
  {
    (void)line.write( "too late" );
    line.program = Descriptor();
    REQUIRE( line.until( [&] { return line.pump->finished(); } ) );
  }
  SECTION( "it does not, and goes on talking" )
  {
    line.advance( 4900ms );
    (void)line.write( "too late" );
    line.settle();
    CHECK_FALSE( line.pump->finished() );
    line.advance( 200ms );
    CHECK( line.pump->finished() );
  }
  CHECK( line.pump->problem().empty() );
}

TEST_CASE( "IBB-9, PTB-6: a stream that is full stops the reading of the TCP side, and goes on with it", "[pump]" )
{
  Line line( Line::Kind::Accepted, GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) );
  line.juliet().stream().pause();
  const auto text = pattern( 48 << 20 );
  std::size_t written = 0;
  // Until nothing moves any more: all buffers between the two are full.
  for( std::size_t before = 1; before != written; )
  {
    before = written;
    for( std::size_t sent = 1; sent > 0; line.settle() )
      written += sent = line.write( text.substr( written, 1 << 20 ) );
  }
  CHECK( written < text.size() );
  CHECK( line.pump->wanted().fd == -1 );
  CHECK( line.stream().bytesQueued() < 65536 + 65536 + 1 );

  line.juliet().stream().resume();
  const std::size_t some = std::min<std::size_t>( text.size(), written + 100000 );
  REQUIRE( line.until( [&] { written += line.write( text.substr( written, some - written ) ); return line.juliet().received.size() == some; } ) );
  CHECK( line.juliet().received == text.substr( 0, some ) );
  CHECK( line.pump->wanted().events == POLLIN );
}

TEST_CASE( "IBB-9, PTB-6: a TCP side that does not read stops the reading of the stream, and goes on with it", "[pump]" )
{
  Line line( Line::Kind::Accepted, GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) );
  const auto text = pattern( 48 << 20 );
  std::size_t sent = 0;
  REQUIRE( line.until( [&]
  {
    if( line.juliet().stream().send( text.substr( sent, 60000 ) ) )
      sent += 60000;
    return line.stream().paused() || sent >= text.size() - 60000;
  } ) );
  CHECK( line.stream().paused() );
  line.settle();
  CHECK( line.stream().paused() );
  CHECK( line.pump->wanted().events == ( POLLIN | POLLOUT ) );

  REQUIRE( line.until( [&] { line.read(); return line.heard.size() == sent; } ) );
  CHECK( line.heard == text.substr( 0, sent ) );
  CHECK_FALSE( line.stream().paused() );
}

TEST_CASE( "PTB-7: a stream that does not end as it should resets the TCP connection", "[pump]" )
{
  Line line;
  REQUIRE( line.juliet().stream().send( "half of" ) );
  REQUIRE( line.until( [&] { line.read(); return !line.heard.empty(); } ) );
  line.pair.romeo->profile->cancel( gloox::JID( Juliet ), line.stream().sid() );
  REQUIRE( line.until( [&] { line.read(); return line.reset; } ) );
  CHECK( line.pump->finished() );
}

TEST_CASE( "PTB-7: a TCP connection that is reset ends the stream", "[pump]" )
{
  Line line;
  REQUIRE( line.juliet().stream().send( "unread" ) );
  REQUIRE( line.until( [&] { return line.stream().bytesReceived() == 6; } ) );
  const linger hard{ 1, 0 };
  ::setsockopt( line.program.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard );
  line.program = Descriptor();
  REQUIRE( line.until( [&] { return line.pump->finished(); } ) );
  CHECK_FALSE( line.pump->problem().empty() );
  CHECK_FALSE( line.stream().isOpen() );
  CHECK( line.until( [&] { return line.juliet().ends.size() == 1; } ) );
}

TEST_CASE( "PTB-7: who takes nothing of what is left is not waited for longer than a minute", "[pump]" )
{
  Line line( Line::Kind::Small );
  std::size_t sent = 0;
  while( !line.stream().paused() )
  {
    sent += 10000;
    REQUIRE( line.juliet().stream().send( std::string( 10000, 'x' ) ) );
    REQUIRE( line.until( [&] { return line.stream().paused() || line.stream().bytesReceived() == sent; } ) );
  }
  line.juliet().stream().close();
  // The end of a paused stream is not seen, so the program takes a little, and then no more.
  std::array<char, 1024> some{};
  REQUIRE( line.until( [&] { return !line.stream().paused() || ::recv( line.program.get(), some.data(), some.size(), MSG_DONTWAIT ) == 0; } ) );
  REQUIRE( line.until( [&] { return !line.pair.romeo->ends.empty(); } ) );
  line.settle();
  CHECK_FALSE( line.pump->finished() );
  line.advance( 59s );
  CHECK_FALSE( line.pump->finished() );
  line.advance( 2s );
  CHECK( line.pump->finished() );
}

TEST_CASE( "PTB-7: a server is looked for at each of its addresses, and if there is none the stream ends", "[pump]" )
{
  ManualClock clock;
  TcpListener closed;
  REQUIRE( closed.bind( "127.0.0.1", 0 ).empty() ); // bound, but not listening: refused
  TcpListener open;
  REQUIRE( open.bind( "127.0.0.1", 0 ).empty() );
  REQUIRE( open.listen().empty() );
  const auto turn = []( TcpPump& pump )
  {
    pollfd waiting = pump.wanted();
    if( ::poll( &waiting, 1, 5000 ) > 0 )
      pump.turn( waiting.revents );
  };
  SECTION( "the second one answers" )
  {
    TcpPump pump( { closed.address(), open.address() }, clock );
    turn( pump );
    turn( pump );
    CHECK( pump.problem().empty() );
    CHECK( open.accept() );
  }
  SECTION( "none does" )
  {
    TcpPump pump( { closed.address(), closed.address() }, clock );
    turn( pump );
    turn( pump );
    CHECK( pump.problem() == "Connection refused" );
    CHECK( pump.wanted().fd == -1 );
    CHECK_FALSE( pump.finished() ); // it has not heard yet that there is no stream
    pump.streamEnded( false );
    CHECK( pump.finished() );
  }
  SECTION( "there is none to try" )
  {
    TcpPump pump( std::vector<TcpAddress>{}, clock );
    CHECK_FALSE( pump.problem().empty() );
  }
}
