// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/socks5.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t DigestSize = 20;
constexpr std::size_t DigestText = 2 * DigestSize;
constexpr std::string_view ConnectHead( "\x05\x01\x00\x03\x28", 5 );
constexpr std::string_view PortZero( "\0\0", 2 );
constexpr std::string_view HexDigits = "0123456789abcdef";

std::uint8_t byteAt( const std::string& s, std::size_t i )
{
  return static_cast<std::uint8_t>( s[i] );
}

std::string hex( std::uint8_t byte )
{
  return { HexDigits[byte >> 4], HexDigits[byte & 15] };
}

bool isHexDigit( char c )
{
  return ( c >= '0' && c <= '9' ) || ( c >= 'a' && c <= 'f' ) || ( c >= 'A' && c <= 'F' );
}

char lower( char c )
{
  return c >= 'A' && c <= 'F' ? static_cast<char>( c - 'A' + 'a' ) : c;
}

std::string replyWith( char status, const std::string& digits )
{
  std::string reply( "\x05\x00\x00\x03\x28", 5 );
  reply[1] = status;
  reply += digits;
  reply += PortZero;
  return reply;
}

} // namespace

std::string dstAddr( std::string_view sid, std::string_view requester, std::string_view target )
{
  std::string text( sid );
  text.append( requester ).append( target );

  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if( EVP_Digest( text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr ) != 1 || size != DigestSize )
    return {};

  std::string result;
  for( std::size_t i = 0; i < DigestSize; ++i )
    result += hex( digest[i] );
  return result;
}

// Client

Socks5Client::Socks5Client( std::string dstAddr ) : m_dstAddr( std::move( dstAddr ) ) {}

std::string Socks5Client::greeting()
{
  return std::string( "\x05\x01\x00", 3 );
}

void Socks5Client::feed( std::string_view bytes )
{
  if( m_state == State::Failed )
    return;
  m_in.append( bytes );

  if( m_state == State::Choice && !m_in.empty() )
  {
    if( byteAt( m_in, 0 ) != 5 )
      return fail( "not a SOCKS5 host" );
    if( m_in.size() < 2 )
      return;
    if( byteAt( m_in, 1 ) == 0xff )
      return fail( "no common authentication (05 FF)" );
    if( byteAt( m_in, 1 ) != 0 )
      return fail( "authentication that was not offered (05 " + hex( byteAt( m_in, 1 ) ) + ")" );
    m_in.erase( 0, 2 );
    m_out.append( ConnectHead ).append( m_dstAddr ).append( PortZero ); // SEC-8: not before 05 00
    m_state = State::Reply;
  }
  if( m_state == State::Reply )
    readReply();
}

void Socks5Client::readReply()
{
  if( !m_in.empty() && byteAt( m_in, 0 ) != 5 )
    return fail( "malformed reply" );
  if( m_in.size() >= 2 && byteAt( m_in, 1 ) != 0 )
    return fail( "SOCKS5 status " + hex( byteAt( m_in, 1 ) ) );
  if( m_in.size() < 5 )
    return;

  std::size_t length = 0;
  switch( byteAt( m_in, 3 ) )
  {
    case 0: length = 6; break; // ejabberd before 2.0.2: 05 00 00 00 00 00
    case 1: length = 4 + 4 + 2; break;
    case 3: length = 5U + byteAt( m_in, 4 ) + 2; break;
    case 4: length = 4 + 16 + 2; break;
    default: return fail( "malformed reply" );
  }
  if( m_in.size() < length )
    return;
  if( byteAt( m_in, 3 ) == 0 && ( m_in[2] != 0 || m_in[4] != 0 || m_in[5] != 0 ) )
    return fail( "malformed reply" );
  m_in.erase( 0, length ); // S5B-15: what follows is payload
  m_state = State::Done;
}

std::string Socks5Client::takeOutput()
{
  return std::exchange( m_out, {} );
}

std::string Socks5Client::takePayload()
{
  return m_state == State::Done ? std::exchange( m_in, {} ) : std::string();
}

void Socks5Client::fail( const std::string& reason )
{
  m_state = State::Failed;
  m_reason = reason;
  m_in.clear();
}

// Server

void Socks5Server::feed( std::string_view bytes )
{
  if( m_state == State::Refused )
    return;
  m_in.append( bytes );
  if( m_state == State::Greeting )
    readGreeting();
  if( m_state == State::Connect )
    readConnect();
  const bool unfinished = m_state == State::Greeting || m_state == State::Connect;
  if( unfinished && m_read + m_in.size() >= MaxBytes )
    m_state = State::Refused; // SEC-17
}

void Socks5Server::readGreeting()
{
  if( !m_in.empty() && byteAt( m_in, 0 ) != 5 )
  {
    m_state = State::Refused;
    return;
  }
  if( m_in.size() < 2 )
    return;
  const std::size_t length = 2U + byteAt( m_in, 1 );
  if( m_in.size() < length )
    return;

  const auto methods = std::string_view( m_in ).substr( 2, length - 2 );
  const bool plain = methods.find( '\0' ) != std::string_view::npos;
  m_out.append( plain ? std::string_view( "\x05\x00", 2 ) : std::string_view( "\x05\xff", 2 ) );
  m_state = plain ? State::Connect : State::Refused;
  m_in.erase( 0, length );
  m_read += length;
}

void Socks5Server::readConnect()
{
  const auto seen = std::string_view( m_in ).substr( 0, ConnectHead.size() );
  if( seen != ConnectHead.substr( 0, seen.size() ) )
  {
    m_state = State::Refused;
    return;
  }
  constexpr std::size_t length = ConnectHead.size() + DigestText + 2;
  if( m_in.size() < length )
    return;

  m_wire = m_in.substr( ConnectHead.size(), DigestText );
  const bool port0 = m_in.compare( ConnectHead.size() + DigestText, 2, PortZero ) == 0;
  m_in.erase( 0, length );
  m_read += length;
  if( !port0 || !std::all_of( m_wire.begin(), m_wire.end(), isHexDigit ) || m_read > MaxBytes )
  {
    m_state = State::Refused;
    return;
  }
  m_dstAddr = m_wire;
  std::transform( m_dstAddr.begin(), m_dstAddr.end(), m_dstAddr.begin(), lower );
  m_state = State::Asked;
}

std::string Socks5Server::takeOutput()
{
  return std::exchange( m_out, {} );
}

void Socks5Server::grant()
{
  if( m_state != State::Asked )
    return;
  m_out += replyWith( 0, m_wire );
  m_state = State::Granted;
}

void Socks5Server::refuse()
{
  if( m_state != State::Asked )
    return;
  m_out += replyWith( 2, m_wire );
  m_state = State::Refused;
}

std::string Socks5Server::takePayload()
{
  return m_state == State::Granted ? std::exchange( m_in, {} ) : std::string();
}

} // namespace simultiple::net
