// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "protocol/ibb.h"
#include "protocol/xml.h"

#include <gloox/base64.h>

using namespace simultiple;
using namespace simultiple::protocol;
using simultiple::test::parse;

namespace
{

std::variant<Open, StanzaError> open( const std::string& attributes, std::uint16_t maximum = 16384 )
{
  const auto tag = parse( "<open xmlns='http://jabber.org/protocol/ibb' sid='s' " + attributes + "/>" );
  REQUIRE( tag );
  return readOpen( *tag, maximum );
}

std::variant<std::string, StanzaError> data( const std::string& text, const std::string& attributes = "seq='0'", std::uint16_t expected = 0, std::uint16_t blockSize = 4096 )
{
  const auto tag = parse( "<data xmlns='http://jabber.org/protocol/ibb' sid='s' " + attributes + ">" + text + "</data>" );
  REQUIRE( tag );
  return readData( attribute( *tag, "seq" ).value_or( "" ), tag->cdata(), expected, blockSize );
}

template<typename T>
void checkError( const std::variant<T, StanzaError>& read, const std::string& condition, const std::string& type )
{
  REQUIRE( std::holds_alternative<StanzaError>( read ) );
  CHECK( std::get<StanzaError>( read ).condition == condition );
  CHECK( std::get<StanzaError>( read ).type == type );
}

std::string good( const std::variant<std::string, StanzaError>& read )
{
  REQUIRE( std::holds_alternative<std::string>( read ) );
  return std::get<std::string>( read );
}

} // namespace

TEST_CASE( "W-17, W-24: open and close are written as the rulebook prints them", "[ibb]" )
{
  CHECK( buildOpen( "sm4f", 4096 )->xml() == "<open xmlns='http://jabber.org/protocol/ibb' sid='sm4f' block-size='4096'/>" );
  CHECK( buildOpen( "sm4f", 65535 )->xml() == "<open xmlns='http://jabber.org/protocol/ibb' sid='sm4f' block-size='65535'/>" );
  CHECK( buildClose( "sm4f" )->xml() == "<close xmlns='http://jabber.org/protocol/ibb' sid='sm4f'/>" );
}

TEST_CASE( "section 1.7: block sizes from 1 to our maximum are served, in either kind of stanza", "[ibb]" )
{
  const auto stanza = GENERATE( as<std::string>{}, "", "stanza='iq'", "stanza='message'" );
  for( const int size : { 1, 4096, 16384 } )
  {
    const auto read = open( "block-size='" + std::to_string( size ) + "' " + stanza );
    REQUIRE( std::holds_alternative<Open>( read ) );
    CHECK( std::get<Open>( read ).blockSize == size );
  }
  CHECK( std::get<Open>( open( "block-size='65535'", 65535 ) ).blockSize == 65535 );
  CHECK( std::get<Open>( open( "block-size='0010'" ) ).blockSize == 10 );
}

TEST_CASE( "TC-155, section 1.7: a block size that is no positive number is bad-request", "[ibb]" )
{
  const auto attributes = GENERATE( as<std::string>{}, "", "block-size=''", "block-size='0'", "block-size='000'", "block-size='-1'", "block-size='x'", "block-size='4096x'",
                                    "block-size=' 4096'", "block-size='4096.0'", "xmlns:block-size='urn:x'" );
  checkError( open( attributes ), "bad-request", "modify" );
}

TEST_CASE( "TC-155, W-19: a block size above our maximum or above 65535 is resource-constraint", "[ibb]" )
{
  checkError( open( "block-size='70000'" ), "resource-constraint", "modify" );
  checkError( open( "block-size='65535'" ), "resource-constraint", "modify" );
  checkError( open( "block-size='16385'" ), "resource-constraint", "modify" );
  checkError( open( "block-size='65536'", 65535 ), "resource-constraint", "modify" );
  checkError( open( "block-size='4294967297'" ), "resource-constraint", "modify" );
  checkError( open( "block-size='99999999999999999999999999'", 65535 ), "resource-constraint", "modify" );
}

TEST_CASE( "W-21: a block is read, and written as the rulebook prints it", "[ibb]" )
{
  CHECK( good( data( "SGVsbG8sIEp1bGlldCEK" ) ) == "Hello, Juliet!\n" );
  CHECK( good( data( "" ) ).empty() );
  CHECK( buildData( "sm4f", 65535, "Hello, Juliet!\n" )->xml()
         == "<data xmlns='http://jabber.org/protocol/ibb' sid='sm4f' seq='65535'>SGVsbG8sIEp1bGlldCEK</data>" );
}

TEST_CASE( "TC-141, TC-142, IBB-6: only the expected number is accepted, leading zeros aside", "[ibb]" )
{
  CHECK( good( data( "AAAA", "seq='65535'", 65535 ) ).size() == 3 );
  CHECK( good( data( "AAAA", "seq='0007'", 7 ) ).size() == 3 );
  const auto seq = GENERATE( as<std::string>{}, "seq='6'", "seq='8'", "seq='65543'", "seq='-7'", "seq='x'", "seq=''", "", "seq='7 '", "xmlns:seq='7'" );
  checkError( data( "AAAA", seq, 7 ), "unexpected-request", "cancel" );
}

TEST_CASE( "TC-145, IBB-7: base64 may be wrapped and indented", "[ibb]" )
{
  CHECK( good( data( "\n    SGVsbG8s\r\n\tIEp1bGll dCEK\n  " ) ) == "Hello, Juliet!\n" );
  CHECK( good( data( " \n\t" ) ).empty() );
}

TEST_CASE( "TC-145, IBB-7: anything else in base64 is bad-request", "[ibb]" )
{
  const auto text = GENERATE( as<std::string>{}, "=AAA", "BBBB=CCC", "####", "AAA", "A", "AA", "AAAAA", "A===", "====", "=", "AA=A", "AAAA====", "AA-_", "AA==AAAA", "AAA\xC3\xA4" );
  checkError( data( text ), "bad-request", "cancel" );
}

TEST_CASE( "TC-146, IBB-8: one byte more than the block size is bad-request, one less is fine", "[ibb]" )
{
  const auto encoded = []( std::size_t n ) { return gloox::Base64::encode64( std::string( n, 'x' ) ); };
  CHECK( good( data( encoded( 16 ), "seq='0'", 0, 16 ) ).size() == 16 );
  CHECK( good( data( encoded( 15 ), "seq='0'", 0, 16 ) ).size() == 15 );
  checkError( data( encoded( 17 ), "seq='0'", 0, 16 ), "bad-request", "cancel" );
  CHECK( good( data( encoded( 65535 ), "seq='0'", 0, 65535 ) ).size() == 65535 );
}

TEST_CASE( "TC-147, IBB-8: an empty block is a block", "[ibb]" )
{
  const auto text = GENERATE( as<std::string>{}, "", " \n " );
  CHECK( good( data( text ) ).empty() );
}

TEST_CASE( "TC-187, SEC-15: text that is far too long is rejected, white space included", "[ibb]" )
{
  checkError( data( std::string( 1024 * 1024, 'A' ) ), "bad-request", "cancel" );
  checkError( data( "AAAA" + std::string( 1024 * 1024, ' ' ) ), "bad-request", "cancel" );

  // block size 3: 4 letters, 4 to spare, and as much again of white space
  CHECK( good( data( "AAAA" + std::string( 12, '\n' ), "seq='0'", 0, 3 ) ).size() == 3 );
  checkError( data( "AAAA" + std::string( 13, '\n' ), "seq='0'", 0, 3 ), "bad-request", "cancel" );
}
