// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The SOCKS5 server and the streamhosts of a bot that was written for gloox's file transfer.

#include "flow/ft_fixture.h"
#include "net/eventloop.h"
#include "net/socks5.h"
#include "support/sockets.h"

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const std::string ProxyJid = "proxy.montague.example";

std::string used( const std::string& id, const std::string& jid )
{
  return fromPeer( Juliet, Romeo, "result", id, "<query xmlns='http://jabber.org/protocol/bytestreams'><streamhost-used jid='" + jid + "'/></query>" );
}

/// The streamhosts of the newest query, as `jid host:port` in order.
std::vector<std::string> hostsIn( const FtSolo& bot )
{
  std::vector<std::string> hosts;
  const auto queries = bot.sent( "<query xmlns='http://jabber.org/protocol/bytestreams'" );
  if( queries.empty() )
    return hosts;
  const auto tag = parse( queries.back() );
  REQUIRE( tag );
  for( const auto* host : tag->findChild( "query" )->findChildren( "streamhost" ) )
    hosts.push_back( host->findAttribute( "jid" ) + " " + host->findAttribute( "host" ) + ":" + host->findAttribute( "port" ) );
  return hosts;
}

/// Juliet's connection to romeo's server, with its half of the handshake (W-16).
struct Caller
{
  explicit Caller( std::uint16_t port ) : socket( loop, connectTo( port ) ) {}
  bool shake( FtSolo& romeo, const std::string& sid )
  {
    const auto digest = net::dstAddr( sid, Romeo, Juliet );
    const auto turn = [&]
    {
      (void)loop.runReady();
      romeo.bot->pump();
    };
    const auto got = [&]( std::size_t bytes ) { return untilDone( turn, [&] { return socket.received().size() >= bytes; } ); };
    socket.send( std::string( "\x05\x01\x00", 3 ) );
    if( !got( 2 ) )
      return false;
    socket.send( std::string( "\x05\x01\x00\x03\x28", 5 ) + digest + std::string( 2, '\0' ) );
    return got( 49 ) && socket.received()[3] == 0;
  }
  Clock clock;
  net::EventLoop loop{ clock };
  SocketClient socket;
};

std::uint16_t portOfServer( const FtSolo& romeo ) { return static_cast<std::uint16_t>( romeo.bot->server->localPort() ); }

} // namespace

TEST_CASE( "S5B-1, S5B-6: the bot's server takes the connection, and the stream is both ways and ours from then on", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.bot->serve( romeo.client.client() );
  const auto sid = romeo.offered( { S5b, Ibb } );
  CHECK( hostsIn( romeo ) == std::vector<std::string>{ Romeo + " 127.0.0.1:" + std::to_string( portOfServer( romeo ) ) } );
  CHECK( romeo.bot->profile->manager().listenPort() == 0 );

  const auto before = openDescriptors();
  {
    Caller juliet( portOfServer( romeo ) );
    REQUIRE( juliet.shake( romeo, sid ) );
    CHECK( romeo.bot->heard == Heard{ "stream" } );
    romeo.feed( used( romeo.idOf( "<query xmlns='http://jabber.org/protocol/bytestreams'" ), Romeo ) );
    REQUIRE( romeo.bot->heard == Heard{ "stream", "open" } );   // inside client.recv()
    CHECK( romeo.bot->stream().type() == gloox::Bytestream::S5B );
    const auto stream = romeo.bot->profile->stream( &romeo.bot->stream() );
    REQUIRE( stream );
    CHECK( stream->method() == S5b );

    const std::string data( 100000, 'd' );
    REQUIRE( romeo.bot->stream().send( data ) );
    const auto turn = [&]
    {
      (void)juliet.loop.runReady();
      romeo.bot->pump();
    };
    REQUIRE( untilDone( turn, [&] { return juliet.socket.received().size() >= 49 + data.size(); } ) );
    CHECK( juliet.socket.received().substr( 49 ) == data );
    juliet.socket.send( "and back" );
    REQUIRE( untilDone( turn, [&] { return romeo.bot->received == "and back"; } ) );
    romeo.bot->stream().close();
    CHECK( romeo.bot->heard == Heard{ "stream", "open", "data", "close" } );   // from inside close(), as from gloox
    REQUIRE( untilDone( turn, [&] { return juliet.socket.closed(); } ) );
  }
  REQUIRE( romeo.until( [&] {
    romeo.bot->profile->process();
    return romeo.bot->profile->manager().sessions() == 0;
  } ) );
  CHECK( openDescriptors() <= before );   // gloox's half of the connection went, too
}

TEST_CASE( "S5B-10: an answer that names the bot's server, to which nobody connected, leads to the next method", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.bot->serve( romeo.client.client() );
  const auto sid = romeo.offered( { S5b, Ibb } );
  SECTION( "nobody at all" ) {}
  SECTION( "somebody with another digest" )
  {
    Caller stranger( portOfServer( romeo ) );
    CHECK_FALSE( stranger.shake( romeo, "another" ) );
  }
  romeo.feed( used( romeo.idOf( "<query xmlns='http://jabber.org/protocol/bytestreams'" ), Romeo ) );
  CHECK( romeo.sent( "<open" ).size() == 1 );   // at once
  CHECK( romeo.bot->heard == Heard{ "stream" } );
}

TEST_CASE( "S5B-10: a server that was taken back while a peer was connecting is not asked any more", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.bot->serve( romeo.client.client() );
  const auto sid = romeo.offered( { S5b, Ibb } );
  Caller juliet( portOfServer( romeo ) );
  REQUIRE( juliet.shake( romeo, sid ) );
  romeo.bot->profile->removeSOCKS5BytestreamServer();
  romeo.bot->server.reset();
  romeo.feed( used( romeo.idOf( "<query xmlns='http://jabber.org/protocol/bytestreams'" ), Romeo ) );
  CHECK( romeo.sent( "<open" ).size() == 1 );
}

TEST_CASE( "S5B-7: a server that was taken back and deleted is not asked when the peer chooses a proxy", "[ft]" )
{
  Clock clock;
  net::EventLoop loop{ clock };
  ScriptedHost proxy( loop );
  FtSolo romeo( Romeo );
  romeo.bot->serve( romeo.client.client() );
  romeo.bot->profile->addStreamHost( gloox::JID( ProxyJid ), "127.0.0.1", proxy.port() );
  (void)romeo.offered( { S5b, Ibb } );
  romeo.bot->profile->removeSOCKS5BytestreamServer();
  romeo.bot->server.reset();   // gloox would read what is left of it: AddressSanitizer does not see that, memcheck does
  romeo.feed( used( romeo.idOf( "<query xmlns='http://jabber.org/protocol/bytestreams'" ), ProxyJid ) );
  const auto turn = [&]
  {
    (void)loop.runReady();
    romeo.bot->pump();
  };
  REQUIRE( untilDone( turn, [&] { return !romeo.idOf( "<activate>" ).empty(); } ) );
  romeo.feed( fromPeer( ProxyJid, Romeo, "result", romeo.idOf( "<activate>" ) ) );
  CHECK( romeo.bot->heard == Heard{ "stream", "open" } );
}

TEST_CASE( "S5B-3: the bot's hosts are offered as they stand, its own before the proxies, with our JID of now", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.bot->serve( romeo.client.client() );
  auto& files = *romeo.bot->profile;
  gloox::StreamHostList hosts;
  gloox::StreamHost proxy;
  proxy.jid = gloox::JID( ProxyJid );
  proxy.host = "proxy.example";
  proxy.port = 7777;
  hosts.push_back( proxy );
  files.setStreamHosts( hosts );
  files.addStreamHost( gloox::JID( "romeo@montague.example/before-login" ), "192.0.2.17", 6666 );
  files.addStreamHost( gloox::JID( Romeo ), "romeo.example", 6667 );
  files.addStreamHost( gloox::JID( Romeo ), "nowhere.example", 0 );
  files.addStreamHost( gloox::JID( Romeo ), "nowhere.example", 65536 );
  files.addStreamHost( gloox::JID(), "nowhere.example", 1 );
  files.addStreamHost( gloox::JID( Romeo ), "", 1 );
  (void)romeo.offered( { S5b, Ibb } );
  CHECK( hostsIn( romeo ) == std::vector<std::string>{ Romeo + " 192.0.2.17:6666", Romeo + " romeo.example:6667", ProxyJid + " proxy.example:7777" } );
  CHECK( files.manager().listenPort() == 0 );
}

TEST_CASE( "SEC-16: a bot without options that names a proxy gives no address of its own away", "[ft]" )
{
  ScriptedClient client( Romeo );
  FtBot<FT> bot( &client.client() );   // gloox's constructor
  const auto answerDisco = [&]
  {
    for( const auto& stanza : client.stanzas() )
      if( stanza.find( "disco#items" ) != std::string::npos )
        client.feed( fromPeer( "montague.example", Romeo, "error", attribute( stanza, "id" ), errorElement( "service-unavailable" ) ) );
  };
  const bool proxy = GENERATE( true, false );
  if( proxy )
    bot.profile->addStreamHost( gloox::JID( ProxyJid ), "192.0.2.9", 7777 );
  answerDisco();   // asked as soon as it was made
  REQUIRE_FALSE( bot.profile->requestFT( gloox::JID( Juliet ), "a", 1 ).empty() );
  std::string offer;
  for( const auto& stanza : client.stanzas() )
    if( stanza.find( "<si " ) != std::string::npos )
      offer = stanza;
  client.feed( listAnswer( attribute( offer, "id" ), { S5b, Ibb } ) );
  std::string query;
  for( const auto& stanza : client.stanzas() )
    if( stanza.find( "<query xmlns='http://jabber.org/protocol/bytestreams'" ) != std::string::npos )
      query = stanza;
  CHECK( ( query.find( "host='192.0.2.9'" ) != std::string::npos ) == proxy );
  if( proxy )
    CHECK( query.find( "jid='" + Romeo + "'" ) == std::string::npos );
  CHECK( ( bot.profile->manager().listenPort() == 0 ) == proxy );
}

TEST_CASE( "SI-2: S5B is not offered with a server for which no address was named and no listener", "[ft]" )
{
  FtSolo romeo( Romeo, []( Options& options ) { options.listen.enabled = false; } );
  const auto offer = [&]
  {
    romeo.client.clear();
    REQUIRE_FALSE( romeo.bot->profile->requestFT( gloox::JID( Juliet ), "a", 1 ).empty() );
    return romeo.sent( "<si " ).front().find( S5b ) != std::string::npos;
  };
  CHECK_FALSE( offer() );
  romeo.bot->serve( romeo.client.client() );
  CHECK( offer() );
  romeo.bot->profile->setStreamHosts( gloox::StreamHostList() );
  CHECK_FALSE( offer() );
}

TEST_CASE( "S5B-19: bytes that send() took leave although the bot disposes of the stream, and even of the profile, at once", "[ft]" )
{
  FtSolo romeo( Romeo );
  romeo.bot->serve( romeo.client.client() );
  const auto sid = romeo.offered( { S5b, Ibb } );
  Caller juliet( portOfServer( romeo ) );
  REQUIRE( juliet.shake( romeo, sid ) );
  romeo.feed( used( romeo.idOf( "<query xmlns='http://jabber.org/protocol/bytestreams'" ), Romeo ) );
  REQUIRE( romeo.bot->times( "open" ) == 1 );
  std::size_t sent = 0;
  while( romeo.bot->profile->stream( &romeo.bot->stream() )->bytesQueued() == 0 )
  {
    REQUIRE( romeo.bot->stream().send( std::string( 1 << 20, 'x' ) ) );
    sent += 1 << 20;
  }

  // The reader is somebody else: he reads while romeo has no time for it.
  std::size_t got = 0;
  std::atomic<bool> finished{ false };
  std::thread reader( [&]
  {
    std::vector<char> block( 1 << 16 );
    pollfd ready{ juliet.socket.fd().get(), POLLIN, 0 };
    while( ::poll( &ready, 1, 10000 ) > 0 )
    {
      const auto now = ::recv( ready.fd, block.data(), block.size(), 0 );
      if( now <= 0 )
        break;
      got += static_cast<std::size_t>( now );
    }
    finished = true;
  } );
  auto* stream = &romeo.bot->stream();
  romeo.bot->streams.clear();
  SECTION( "close, dispose, and the end" )
  {
    stream->close();
    romeo.bot->profile->dispose( stream );
    romeo.bot->profile.reset();
  }
  SECTION( "the end" ) { romeo.bot->profile.reset(); }
  SECTION( "dispose, and some call now and then" )
  {
    romeo.bot->profile->dispose( stream );
    CHECK( untilDone( [&] { romeo.bot->profile->dispose( nullptr ); }, [&] { return finished.load(); } ) );
  }
  reader.join();
  CHECK( got == sent );
}
