// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/socks5.h"

#include "support/catch2.h"

#include <string>
#include <utility>
#include <vector>

using namespace simultiple::net;
using namespace std::string_literals;

namespace
{

const std::string Digest = "78d27136cf2cf4aba921d8355d64c261646d05fc";
const std::string Connect = "\x05\x01\x00\x03\x28"s + Digest + "\0\0"s;
const std::string Good = "\x05\x00\x00\x03\x28"s + Digest + "\0\0"s;
const std::string Bad = "\x05\x02\x00\x03\x28"s + Digest + "\0\0"s;

/// The pieces of @a bytes cut once at each place; the last one is the whole.
std::vector<std::pair<std::string, std::string>> cuts( const std::string& bytes )
{
  std::vector<std::pair<std::string, std::string>> all;
  for( std::size_t i = 1; i <= bytes.size(); ++i )
    all.emplace_back( bytes.substr( 0, i ), bytes.substr( i ) );
  return all;
}

template<typename Machine>
void feedBytes( Machine& machine, const std::string& bytes )
{
  for( const char c : bytes )
    machine.feed( std::string( 1, c ) );
}

/// Feeds @a bytes to a fresh server in every fragmentation; the outcome must not depend on it.
void checkServer( const std::string& bytes, Socks5Server::State state, const std::string& output )
{
  const auto check = [&]( Socks5Server& server, const std::string& out )
  {
    CHECK( server.state() == state );
    CHECK( out == output );
  };
  for( const auto& [head, tail] : cuts( bytes ) )
  {
    Socks5Server server;
    server.feed( head );
    std::string out = server.takeOutput();
    server.feed( tail );
    check( server, out + server.takeOutput() );
  }
  Socks5Server server;
  feedBytes( server, bytes );
  check( server, server.takeOutput() );
}

void checkClient( const std::string& bytes, Socks5Client::State state, const std::string& payload = {}, const std::string& reason = {} )
{
  const auto check = [&]( Socks5Client& client )
  {
    CHECK( client.state() == state );
    CHECK( client.takePayload() == payload );
    CHECK( client.reason() == reason );
  };
  for( const auto& [head, tail] : cuts( bytes ) )
  {
    Socks5Client client( Digest );
    client.feed( head );
    client.feed( tail );
    check( client );
  }
  Socks5Client client( Digest );
  feedBytes( client, bytes );
  check( client );
}

} // namespace

TEST_CASE( "TC-137, S5B-18: the DST.ADDR of the test vector; with the JIDs swapped it differs", "[net]" )
{
  const std::string sid = "sm4f9c0b27d5e8416a93c1d07b6e52fa88";
  const std::string s = "romeo@montague.example/orchard";
  const std::string r = "juliet@capulet.example/balcony";
  CHECK( dstAddr( sid, s, r ) == Digest );
  CHECK( dstAddr( sid, r, s ) == "f48fa1cdef3fea0a7799703bbf14b23a58f65c75" );
}

TEST_CASE( "TC-170, CMP-4, S5B-18: a component's address stands in the DST.ADDR without a resource", "[net]" )
{
  CHECK( dstAddr( "ft1", "bridge.example/ft", "juliet@capulet.example/balcony" ) == "e0f14081a9cf0f04e8edba86b1ea04989b95cc43" );
}

TEST_CASE( "SEC-8: the client greets, and sends CONNECT only after 05 00", "[net]" )
{
  CHECK( Socks5Client::greeting() == "\x05\x01\x00"s );
  Socks5Client client( Digest );
  CHECK( client.takeOutput().empty() );
  client.feed( "\x05" );
  CHECK( client.takeOutput().empty() );
  client.feed( "\0"s );
  CHECK( client.takeOutput() == Connect );
  CHECK( client.takeOutput().empty() );
  CHECK( client.state() == Socks5Client::State::Reply );
  client.feed( Good );
  CHECK( client.state() == Socks5Client::State::Done );
}

TEST_CASE( "TC-109, S5B-12: a choice other than 05 00 fails", "[net]" )
{
  checkClient( "\x05\xff"s, Socks5Client::State::Failed, {}, "no common authentication (05 FF)" );
  checkClient( "\x05\x02"s, Socks5Client::State::Failed, {}, "authentication that was not offered (05 02)" );
  checkClient( "HTTP/1.1 400 Bad Request\r\n", Socks5Client::State::Failed, {}, "not a SOCKS5 host" );
  checkClient( "\x04\x00"s, Socks5Client::State::Failed, {}, "not a SOCKS5 host" );

  Socks5Client client( Digest );
  client.feed( "\x05\xff"s );
  CHECK( client.takeOutput().empty() );
}

TEST_CASE( "TC-109, S5B-12: a reply with another status or in another language fails", "[net]" )
{
  checkClient( "\x05\x00"s + "\x05\x05"s, Socks5Client::State::Failed, {}, "SOCKS5 status 05" );
  checkClient( "\x05\x00"s + Bad, Socks5Client::State::Failed, {}, "SOCKS5 status 02" );
  checkClient( "\x05\x00"s + "\x04\x00\x00\x01"s, Socks5Client::State::Failed, {}, "malformed reply" );
  checkClient( "\x05\x00"s + "\x05\x00\x00\x02\x00\x00"s, Socks5Client::State::Failed, {}, "malformed reply" );
  checkClient( "\x05\x00"s + "\x05\x00\x00\x00\x01\x00"s, Socks5Client::State::Failed, {}, "malformed reply" );
}

TEST_CASE( "TC-136: a reply with another name, with an address, or of six bytes is good", "[net]" )
{
  const std::string reply = GENERATE( as<std::string>{}, Good, "\x05\x00\x00\x03\x07"s + "1.2.3.4" + "\x1e\x61"s, "\x05\x00\x00\x03\x00\x00\x00"s, "\x05\x00\x00\x01\x01\x02\x03\x04\x1e\x61"s,
                                      "\x05\x00\x00\x04"s + std::string( 16, 'x' ) + "\x1e\x61"s, "\x05\x00\x00\x00\x00\x00"s,
                                      "\x05\x00\x00\x03\xff"s + std::string( 255, 'y' ) + "\x1e\x61"s );
  checkClient( "\x05\x00"s + reply, Socks5Client::State::Done );
  checkClient( "\x05\x00"s + reply.substr( 0, reply.size() - 1 ), Socks5Client::State::Reply );
}

TEST_CASE( "TC-135, S5B-15: payload right behind the reply is kept, however it is cut", "[net]" )
{
  const std::string payload = "\x05\x00 first bytes"s;
  checkClient( "\x05\x00"s + Good + payload, Socks5Client::State::Done, payload );
  checkClient( "\x05\x00"s + "\x05\x00\x00\x00\x00\x00"s + payload, Socks5Client::State::Done, payload );
}

TEST_CASE( "TC-223, INT-8: two bytes of a reply are not a reply", "[net]" )
{
  checkClient( "\x05\x00"s + "\x05\x00"s, Socks5Client::State::Reply );
}

TEST_CASE( "TC-138: greeting and CONNECT are read in any fragmentation", "[net]" )
{
  checkServer( "\x05\x01\x00"s, Socks5Server::State::Connect, "\x05\x00"s );
  checkServer( "\x05\x01\x00"s + Connect, Socks5Server::State::Asked, "\x05\x00"s );
}

TEST_CASE( "TC-139: three methods with 00 among them are fine; none, others only, or another version are not", "[net]" )
{
  checkServer( "\x05\x03\x02\x01\x00"s, Socks5Server::State::Connect, "\x05\x00"s );
  checkServer( "\x05\x02\x01\x02"s, Socks5Server::State::Refused, "\x05\xff"s );
  checkServer( "\x05\x00"s, Socks5Server::State::Refused, "\x05\xff"s );
  checkServer( "\x04\x01\x00"s, Socks5Server::State::Refused, "" );
  checkServer( "GET / HTTP/1.0\r\n\r\n", Socks5Server::State::Refused, "" );
}

TEST_CASE( "TC-140: a CONNECT that is not exactly ours is refused", "[net]" )
{
  const std::string connect = GENERATE( as<std::string>{}, "\x05\x02\x00\x03\x28"s + Digest + "\0\0"s,                  // BIND
                                        "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x00"s,                   // ATYP 01
                                        "\x05\x01\x00\x03\x27"s + Digest.substr( 1 ) + "\0\0"s,        // length 39
                                        "\x05\x01\x00\x03\x29"s + Digest + "0\0\0"s,                   // length 41
                                        "\x05\x01\x01\x03\x28"s + Digest + "\0\0"s,                    // reserved byte
                                        "\x04\x01\x00\x03\x28"s + Digest + "\0\0"s,                    // version
                                        "\x05\x01\x00\x03\x28"s + Digest + "\0\1"s,                    // port 1
                                        "\x05\x01\x00\x03\x28"s + Digest.substr( 1 ) + "g\0\0"s );     // not hexadecimal
  checkServer( "\x05\x01\x00"s + connect, Socks5Server::State::Refused, "\x05\x00"s );
}

TEST_CASE( "TC-140: digits in upper case are accepted, and come back as they were", "[net]" )
{
  const std::string upper = "78D27136CF2CF4ABA921D8355D64C261646D05FC";
  Socks5Server server;
  server.feed( "\x05\x01\x00\x05\x01\x00\x03\x28"s + upper + "\0\0"s );
  REQUIRE( server.state() == Socks5Server::State::Asked );
  CHECK( server.dstAddr() == Digest );
  CHECK( server.takeOutput() == "\x05\x00"s );
  server.grant();
  CHECK( server.state() == Socks5Server::State::Granted );
  CHECK( server.takeOutput() == "\x05\x00\x00\x03\x28"s + upper + "\0\0"s );
}

TEST_CASE( "A refused DST.ADDR gets status 02, and nothing that follows matters", "[net]" )
{
  Socks5Server server;
  server.feed( "\x05\x01\x00"s + Connect + "payload" );
  (void)server.takeOutput();
  server.refuse();
  CHECK( server.state() == Socks5Server::State::Refused );
  CHECK( server.takeOutput() == Bad );
  server.grant();
  CHECK( server.state() == Socks5Server::State::Refused );
  CHECK( server.takePayload().empty() );
}

TEST_CASE( "Nothing is granted before a client has asked", "[net]" )
{
  Socks5Server server;
  server.feed( "\x05\x01\x00"s );
  server.grant();
  CHECK( server.state() == Socks5Server::State::Connect );
}

TEST_CASE( "S5B-15: what a hasty client sends behind its CONNECT is kept", "[net]" )
{
  for( const auto& [head, tail] : cuts( "\x05\x01\x00"s + Connect + "hasty" ) )
  {
    Socks5Server server;
    server.feed( head );
    server.feed( tail );
    REQUIRE( server.state() == Socks5Server::State::Asked );
    server.grant();
    CHECK( server.takePayload() == "hasty" );
  }
}

TEST_CASE( "SEC-17: a handshake is given up after 262 bytes", "[net]" )
{
  const auto greeting = []( std::size_t methods )
  {
    return "\x05"s + static_cast<char>( methods ) + std::string( methods, '\0' );
  };
  checkServer( greeting( 213 ) + Connect, Socks5Server::State::Asked, "\x05\x00"s );    // 215 + 47
  checkServer( greeting( 214 ) + Connect, Socks5Server::State::Refused, "\x05\x00"s );
  checkServer( greeting( 255 ) + Connect.substr( 0, 4 ), Socks5Server::State::Connect, "\x05\x00"s );
  checkServer( greeting( 255 ) + Connect.substr( 0, 5 ), Socks5Server::State::Refused, "\x05\x00"s );
}
