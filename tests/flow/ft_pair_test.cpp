// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bots that were written for gloox's file transfer, with gloox's profile and with ours, against each other. gloox's own S5B client wants a real
// connection to copy, so as a receiver by S5B it is in tests/prosody/ft_pattern.cpp only.

#include "flow/ft_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

// gloox 1.0.24 forgets the address that its SOCKS5 server listens at.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is LeakSanitizer's
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:gloox::ConnectionTCPServer::connect"; }

namespace
{

const std::string File( 300001, 'f' );

/// The walk of gloox's ft_send and ft_recv, with @a Sender and @a Receiver as types.
template<typename Sender, typename Receiver>
void exchange( bool s5b )
{
  FtPair<Sender, Receiver> pair;
  pair.romeo->serve( pair.romeoClient.client() );
  pair.juliet->type = s5b ? gloox::SIProfileFT::FTTypeS5B : gloox::SIProfileFT::FTTypeIBB;
  const auto sid = pair.romeo->profile->requestFT( gloox::JID( Juliet ), "file.bin", static_cast<long>( File.size() ) );
  REQUIRE_FALSE( sid.empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->times( "open" ) == 1 && pair.romeo->stream().isOpen(); } ) );
  const auto type = s5b ? gloox::Bytestream::S5B : gloox::Bytestream::IBB;
  CHECK( pair.romeo->stream().type() == type );
  CHECK( pair.romeo->stream().sid() == sid );
  CHECK( pair.romeo->stream().initiator().full() == Romeo );
  CHECK( pair.romeo->stream().target().full() == Juliet );

  const std::size_t block = 50000;
  for( std::size_t at = 0; at < File.size(); at += block )
  {
    REQUIRE( pair.romeo->stream().send( File.substr( at, block ) ) );
    pair.turn();
  }
  REQUIRE( pair.until( [&] { return pair.juliet->received.size() == File.size(); } ) );
  CHECK( pair.juliet->stream().type() == type );
  pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return pair.romeo->times( "close" ) == 1 && pair.juliet->times( "close" ) == 1; } ) );
  CHECK( pair.juliet->received == File );

  REQUIRE( pair.juliet->requests.size() == 1 );
  const auto& request = pair.juliet->requests.front();
  CHECK( request.from.full() == Romeo );
  CHECK( request.to.full() == Juliet );
  CHECK( request.sid == sid );
  CHECK( request.name == "file.bin" );
  CHECK( request.size == static_cast<long>( File.size() ) );
  CHECK( request.mimeType == "binary/octet-stream" );
  CHECK( ( request.types & 3 ) == 3 );
  CHECK( pair.juliet->times( "stream" ) == 1 );
  CHECK( pair.juliet->times( "open" ) == 1 );
  CHECK( pair.romeo->times( "ack" ) == ( s5b ? 0 : 79 ) );   // six times 12 blocks and one that is not full, and one for the last byte
  CHECK( pair.romeo->times( "broken" ) + pair.juliet->times( "broken" ) + pair.romeo->times( "refused" ) + pair.juliet->times( "refused" ) == 0 );
  pair.romeo->profile->dispose( &pair.romeo->stream() );
  pair.juliet->profile->dispose( &pair.juliet->stream() );
  pair.romeo->streams.clear();
  pair.juliet->streams.clear();
}

} // namespace

TEST_CASE( "PFT-1, IBB-1: a bot for gloox's file transfer sends in-band with either profile to either", "[ft]" )
{
  SECTION( "gloox to gloox" ) { exchange<Stock, Stock>( false ); }
  SECTION( "gloox to ours" ) { exchange<Stock, FT>( false ); }
  SECTION( "ours to gloox" ) { exchange<FT, Stock>( false ); }
  SECTION( "ours to ours" ) { exchange<FT, FT>( false ); }
}

TEST_CASE( "PFT-1, S5B-6: a bot for gloox's file transfer sends by its own SOCKS5 server with either profile", "[ft]" )
{
  SECTION( "gloox to ours" ) { exchange<Stock, FT>( true ); }
  SECTION( "ours to ours" ) { exchange<FT, FT>( true ); }
}

TEST_CASE( "NEG-6: such a bot gains fallback, and its stream tells which method it is in the end", "[ft]" )
{
  FtPair<FT, FT> pair( []( Options&, Options& receiver ) { receiver.streamHosts.allow.clear(); } );
  pair.romeo->serve( pair.romeoClient.client() );
  REQUIRE_FALSE( pair.romeo->profile->requestFT( gloox::JID( Juliet ), "file.bin", 15 ).empty() );
  auto first = gloox::Bytestream::IBB;
  pair.juliet->on = [&]( const std::string& what )
  {
    if( what == "stream" )
      first = pair.juliet->stream().type();
  };
  REQUIRE( pair.until( [&] { return pair.romeo->times( "open" ) == 1 && pair.juliet->times( "open" ) == 1; } ) );
  CHECK( first == gloox::Bytestream::S5B );
  CHECK( pair.juliet->stream().type() == gloox::Bytestream::IBB );
  CHECK( pair.romeo->stream().type() == gloox::Bytestream::IBB );
  REQUIRE( pair.romeo->stream().send( "fifteen bytes !" ) );
  CHECK( pair.until( [&] { return pair.juliet->received == "fifteen bytes !"; } ) );
}

TEST_CASE( "S5B-1: a bot that names no host at all does SOCKS5 by our own listener, let work by its stream", "[ft]" )
{
  FtPair<FT, FT> pair;
  REQUIRE_FALSE( pair.romeo->profile->requestFT( gloox::JID( Juliet ), "file.bin", 15 ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->times( "open" ) == 1 && pair.juliet->times( "open" ) == 1; } ) );
  CHECK( pair.romeo->stream().type() == gloox::Bytestream::S5B );
  REQUIRE( pair.juliet->stream().send( "both ways" ) );   // which gloox's own direct streams are not
  CHECK( pair.until( [&] { return pair.romeo->received == "both ways"; } ) );
}
