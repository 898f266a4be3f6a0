// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The yardstick for proxied streams: two raw sockets through the server's own SOCKS5 proxy, one writing and one reading, processes
// of their own with blocking calls and 256 KiB buffers. XMPP is used once, to have the proxy activated.
//
//   bench-raw-proxy ACCOUNT --proxy JID --proxy-port N --bytes N [--in-turns yes]      prints connected{}, ended and result{bytes, seconds}

#include "bench/support/account.h"
#include "bench/support/arguments.h"
#include "bench/support/measure.h"
#include "bench/support/rawsocket.h"

#include <gloox/iq.h>
#include <gloox/iqhandler.h>
#include <gloox/sha.h>
#include <gloox/stanzaextension.h>
#include <gloox/tag.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace
{

const std::string Sid = "raw";

bool readAll( int fd, std::size_t bytes )
{
  std::vector<char> buffer( bytes );
  return ::recv( fd, buffer.data(), bytes, MSG_WAITALL ) == static_cast<ssize_t>( bytes );
}

/// @return A connection to the proxy with the SOCKS5 handshake of XEP-0065 done, or -1.
int dial( unsigned long long port, const std::string& hash )
{
  const int fd = ::socket( AF_INET, SOCK_STREAM, 0 );
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons( static_cast<std::uint16_t>( port ) );
  address.sin_addr.s_addr = htonl( INADDR_LOOPBACK );
  const std::string greeting( "\x05\x01\x00", 3 );
  const std::string request = std::string( "\x05\x01\x00\x03\x28", 5 ) + hash + std::string( 2, '\0' );
  const auto say = [fd]( const std::string& text ) { return ::send( fd, text.data(), text.size(), MSG_NOSIGNAL ) == static_cast<ssize_t>( text.size() ); };
  if( ::connect( fd, reinterpret_cast<sockaddr*>( &address ), sizeof( address ) ) == 0 && say( greeting ) && readAll( fd, 2 ) && say( request )
      && readAll( fd, request.size() ) )
    return fd;
  ::close( fd );
  return -1;
}

/// `<query><activate/></query>` as gloox sends it.
class Activation final : public gloox::StanzaExtension
{
  public:
    explicit Activation( const gloox::JID& target ) : StanzaExtension( gloox::ExtUser ), m_target( target ) { m_valid = true; }
    const std::string& filterString() const override { return gloox::EmptyString; }
    gloox::StanzaExtension* newInstance( const gloox::Tag* ) const override { return nullptr; }
    gloox::StanzaExtension* clone() const override { return new Activation( m_target ); } // the caller owns it
    gloox::Tag* tag() const override
    {
      auto* query = new gloox::Tag( "query" ); // the caller owns it
      query->setXmlns( gloox::XMLNS_BYTESTREAMS );
      query->addAttribute( "sid", Sid );
      new gloox::Tag( query, "activate", m_target.full() ); // query owns it
      return query;
    }

  private:
    gloox::JID m_target;
};

class Answer final : public gloox::IqHandler
{
  public:
    bool handleIq( const gloox::IQ& ) override { return false; }
    void handleIqID( const gloox::IQ& iq, int ) override
    {
      came = true;
      good = iq.subtype() == gloox::IQ::Result;
    }
    bool came = false;
    bool good = false;
};

} // namespace

int main( int argc, char** argv )
{
  const bench::Arguments arguments( argc, argv );
  const auto total = static_cast<std::size_t>( arguments.number( "bytes", 0 ) );
  bench::Account account( arguments );
  if( total == 0 || !account.login() )
    return 2;

  auto& client = account.client();
  const gloox::JID target( client.jid().bare() + "/raw-target" );
  gloox::SHA sha;
  sha.feed( Sid + client.jid().full() + target.full() );
  sha.finalize();
  const int reader = dial( arguments.number( "proxy-port", 0 ), sha.hex() );   // the target first, as XEP-0065 has it
  const int writer = dial( arguments.number( "proxy-port", 0 ), sha.hex() );

  Answer answer;
  gloox::IQ iq( gloox::IQ::Set, gloox::JID( arguments.text( "proxy" ) ), client.getID() );
  iq.addExtension( new Activation( target ) ); // iq owns it
  client.send( iq, &answer, 0 );
  while( !answer.came && client.recv( 100000 ) == gloox::ConnNoError )
  {
  }
  if( reader < 0 || writer < 0 || !answer.good )
    return 3;

  const pid_t child = ::fork();
  if( child == 0 )
  {
    if( arguments.has( "in-turns" ) )
      bench::awaitTurn();
    ::_exit( bench::writeRaw( writer, total ) );
  }
  ::close( writer );   // with the child the last one goes, and the proxy hands over what it still has
  if( arguments.has( "in-turns" ) )
    bench::awaitTurn();
  const auto start = bench::SteadyClock::now();
  const std::size_t got = bench::readRaw( reader );
  const double seconds = bench::since( start );
  bench::Event( "ended" );
  int status = 0;
  ::waitpid( child, &status, 0 );
  bench::Event( "result" ).add( "bytes", static_cast<double>( got ) ).add( "seconds", seconds );
  return got == total && status == 0 ? 0 : 1;
}
