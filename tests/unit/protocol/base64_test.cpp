// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "protocol/base64.h"

#include <gloox/base64.h>

using namespace simultiple::protocol;

TEST_CASE( "IBB-7: base64 says what gloox's says, for every length and every byte", "[ibb]" )
{
  std::string bytes;
  for( std::size_t n = 0; n < 600; ++n )
  {
    const auto text = encodeBase64( bytes );
    CHECK( text == gloox::Base64::encode64( bytes ) );
    const auto back = decodeBase64( text );
    REQUIRE( back );
    CHECK( *back == bytes );
    bytes += static_cast<char>( n * 7 + n / 256 );
  }
}

TEST_CASE( "IBB-7: padding gives the size", "[ibb]" )
{
  CHECK( decodeBase64( "" ) == std::string() );
  CHECK( decodeBase64( "AA==" ) == std::string( 1, '\0' ) );
  CHECK( decodeBase64( "AAA=" ) == std::string( 2, '\0' ) );
  CHECK( decodeBase64( "AAAAAA==" ) == std::string( 4, '\0' ) );
  CHECK( decodeBase64( "QR==" ) == "A" );   // left-over bits are not our business
  CHECK( decodeBase64( "+/09azAZ" ) == "\xFB\xFD\x3D\x6B\x30\x19" );
}

TEST_CASE( "IBB-7: one wrong character anywhere, or one padding too many, and nothing is decoded", "[ibb]" )
{
  const std::string good = encodeBase64( "Hello, Juliet!" );   // ends with one '='
  REQUIRE( decodeBase64( good ) == "Hello, Juliet!" );
  for( std::size_t at = 0; at + 1 < good.size(); ++at )
    for( const char c : { '=', '-', '_', '#', '\0', '\x80', '\xFF' } )
    {
      auto bad = good;
      bad[at] = c;
      CAPTURE( bad );
      CHECK( decodeBase64( bad ).has_value() == ( c == '=' && at + 2 == good.size() ) );   // "…==" is fine
    }
  for( const char* text : { "=", "==", "====", "A===", "=AAA", "AA=A", "AAAA=", "AAAA====", "AA==AAAA", "A", "AA", "AAA", "AAAAA" } )
    CHECK_FALSE( decodeBase64( text ) );
}

TEST_CASE( "IBB-7: XML white space is left out, other space is foreign", "[ibb]" )
{
  CHECK( decodeBase64( " SGVs\r\nbG8\t=\n" ) == "Hello" );
  CHECK( decodeBase64( " \n" ) == std::string() );
  CHECK_FALSE( decodeBase64( "SGVs\vbG8=" ) );
  CHECK_FALSE( decodeBase64( " SGVsbG8" ) );
}
