// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Both halves of the SOCKS5 handshake (W-16): the first byte of an input says how the rest is cut. Fed whole, byte by byte, cut at every byte and cut as
// the input says, the outcome is the same, nothing is lost or invented (S5B-15), and nobody reads for ever (SEC-17).

#include "fuzz/support/require.h"
#include "net/socks5.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace
{

using simultiple::fuzz::require;
using simultiple::net::Socks5Client;
using simultiple::net::Socks5Server;

const std::string Digest = "78d27136cf2cf4aba921d8355d64c261646d05fc";

struct Outcome
{
  int state = 0;
  std::string output{};
  std::string payload{};
  bool operator==( const Outcome& other ) const { return state == other.state && output == other.output && payload == other.payload; }
};

/// Where an input is cut: pieces of one length, then the rest in one piece.
struct Cuts
{
  std::size_t piece;
  std::size_t count;
};

template<typename Feed>
void inPieces( std::string_view bytes, Cuts cuts, Feed feed )
{
  for( std::size_t i = 0; i < cuts.count && !bytes.empty(); ++i )
  {
    feed( bytes.substr( 0, cuts.piece ) );
    bytes.remove_prefix( std::min( cuts.piece, bytes.size() ) );
  }
  if( !bytes.empty() )
    feed( bytes );
}

Outcome client( std::string_view bytes, Cuts cuts )
{
  Socks5Client machine( Digest );
  Outcome outcome;
  std::size_t fed = 0;
  inPieces( bytes, cuts, [&]( std::string_view piece )
  {
    machine.feed( piece );
    fed += piece.size();
    const auto output = machine.takeOutput();
    require( output.empty() || ( fed >= 2 && bytes.substr( 0, 2 ) == std::string_view( "\x05\x00", 2 ) ), "SEC-8: nothing but the greeting before 05 00" );
    outcome.output += output;
    outcome.payload += machine.takePayload();
  } );
  outcome.state = static_cast<int>( machine.state() );
  require( outcome.payload.empty() || machine.state() == Socks5Client::State::Done, "S5B-15: payload follows a good reply" );
  require( bytes.substr( bytes.size() - outcome.payload.size() ) == outcome.payload, "S5B-15: payload is what follows the reply" );
  require( ( machine.state() == Socks5Client::State::Failed ) != machine.reason().empty(), "a failure has a reason" );
  return outcome;
}

/// What there is to know of a server that was refused depends on when it was: nobody looks at it again.
Outcome server( std::string_view bytes, Cuts cuts, bool grant )
{
  Socks5Server machine;
  Outcome outcome;
  std::size_t read = 0;
  inPieces( bytes, cuts, [&]( std::string_view piece )
  {
    const bool unfinished = machine.state() == Socks5Server::State::Greeting || machine.state() == Socks5Server::State::Connect;
    require( !unfinished || read < Socks5Server::MaxBytes, "SEC-17: no handshake is longer than 262 bytes" );
    read += piece.size();
    machine.feed( piece );
    if( machine.state() == Socks5Server::State::Asked )
    {
      require( machine.dstAddr().size() == 40 && machine.dstAddr().find_first_not_of( "0123456789abcdef" ) == std::string::npos, "W-16: a DST.ADDR is 40 digits" );
      grant ? machine.grant() : machine.refuse();
    }
    outcome.output += machine.takeOutput();
    outcome.payload += machine.takePayload();
  } );
  outcome.state = static_cast<int>( machine.state() );
  require( outcome.payload.empty() || machine.state() == Socks5Server::State::Granted, "payload is of somebody who was let in" );
  require( bytes.substr( bytes.size() - outcome.payload.size() ) == outcome.payload, "S5B-15: payload is what follows the handshake" );
  require( outcome.output.size() <= 2 + 47, "W-16: two answers" );
  return outcome;
}

void requireAlike( std::string_view bytes, Cuts cuts )
{
  const Cuts whole{ 0, 0 };
  require( client( bytes, cuts ) == client( bytes, whole ), "the client's outcome does not depend on the cuts" );
  for( const bool grant : { true, false } )
    require( server( bytes, cuts, grant ) == server( bytes, whole, grant ), "the server's outcome does not depend on the cuts" );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  if( size == 0 )
    return 0;
  const std::string bytes( data + 1, data + size );
  const std::size_t handshake = 2 * Socks5Server::MaxBytes;   // behind it all is payload
  requireAlike( bytes, { 1, bytes.size() } );
  requireAlike( bytes, { 1U + data[0] % 16U, bytes.size() } );
  for( std::size_t at = 1; at < std::min( bytes.size(), handshake ); ++at )
    requireAlike( bytes, { at, 1 } );
  return 0;
}
