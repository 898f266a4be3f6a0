// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Both halves of the SOCKS5 handshake, fed whole and byte by byte: the outcome must not depend on how the bytes were cut, nothing may be
// lost or invented (S5B-15), and the server must not read for ever (SEC-17).

#include "net/socks5.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace
{

using simultiple::net::Socks5Client;
using simultiple::net::Socks5Server;

const std::string Digest = "78d27136cf2cf4aba921d8355d64c261646d05fc";

struct Outcome
{
  int state;
  std::string output;
  std::string payload;
  bool operator==( const Outcome& other ) const { return state == other.state && output == other.output && payload == other.payload; }
};

void require( bool holds )
{
  if( !holds )
    std::abort();
}

Outcome client( std::string_view bytes, std::size_t piece )
{
  Socks5Client machine( Digest );
  Outcome outcome{ 0, {}, {} };
  for( std::size_t at = 0; at < bytes.size(); at += piece )
  {
    machine.feed( bytes.substr( at, piece ) );
    outcome.output += machine.takeOutput();
  }
  outcome.payload = machine.takePayload();
  outcome.state = static_cast<int>( machine.state() );
  require( outcome.payload.empty() || machine.state() == Socks5Client::State::Done );
  require( machine.state() != Socks5Client::State::Failed || !machine.reason().empty() );
  return outcome;
}

Outcome server( std::string_view bytes, std::size_t piece )
{
  Socks5Server machine;
  Outcome outcome{ 0, {}, {} };
  for( std::size_t at = 0; at < bytes.size(); at += piece )
  {
    machine.feed( bytes.substr( at, piece ) );
    if( machine.state() == Socks5Server::State::Asked )
    {
      require( machine.dstAddr().size() == 40 );
      machine.grant();
    }
    outcome.output += machine.takeOutput();
  }
  outcome.payload = machine.takePayload();
  outcome.state = static_cast<int>( machine.state() );
  require( outcome.payload.empty() || machine.state() == Socks5Server::State::Granted );
  return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  const std::string bytes( data, data + size );
  const auto whole = bytes.empty() ? std::size_t( 1 ) : bytes.size();
  require( client( bytes, whole ) == client( bytes, 1 ) );
  require( server( bytes, whole ).state == server( bytes, 1 ).state );
  return 0;
}
