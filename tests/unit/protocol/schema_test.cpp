// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/schema.h"
#include "support/stanza.h"

#include <gloox-si-multiple/simultiple.h>

#include "protocol/sianswer.h"
#include "protocol/sioffer.h"

#include <gloox/tag.h>

using namespace simultiple;
using simultiple::test::Schema;
using simultiple::test::parse;

namespace
{

const std::string N = "http://telepathy.freedesktop.org/xmpp/si-multiple";
const std::string Open = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>";
const std::string S5b = "<value>http://jabber.org/protocol/bytestreams</value>";
const std::string Ibb = "<value>http://jabber.org/protocol/ibb</value>";

std::string element( const std::string& content )
{
  return Open + content + "</si-multiple>";
}

std::string numbered( int count )
{
  std::string values;
  for( int i = 0; i < count; ++i )
    values += "<value>urn:x:" + std::to_string( i ) + "</value>";
  return values;
}

std::string emitted( const SIMultiple& extension )
{
  const std::unique_ptr<gloox::Tag> tag( extension.tag() );
  REQUIRE( tag );
  return tag->xml();
}

} // namespace

TEST_CASE( "TC-209, XSD-1 to XSD-5: the schema accepts samples X-1 to X-7", "[schema]" )
{
  const Schema schema;
  CHECK( schema.accepts( "<si-multiple xmlns='" + N + "'/>" ) );
  CHECK( schema.accepts( element( "" ) ) );
  CHECK( schema.accepts( element( S5b + Ibb ) ) );
  CHECK( schema.accepts( element( "<value>jabber:iq:oob</value>" ) ) );
  CHECK( schema.accepts( "<sm:si-multiple xmlns:sm='" + N + "'><sm:value>urn:a</sm:value></sm:si-multiple>" ) );
  CHECK( schema.accepts( element( "\n  " + S5b + "\n  " + Ibb + "\n" ) ) );
  CHECK( schema.accepts( element( numbered( 16 ) ) ) );
  CHECK( schema.accepts( element( "<value>" + std::string( 256, 'x' ) + "</value>" ) ) );
}

TEST_CASE( "TC-209, XSD-1 to XSD-5: the schema refuses samples X-8 to X-18", "[schema]" )
{
  const Schema schema;
  CHECK_FALSE( schema.accepts( "<si-multiple xmlns='" + N + ">" + S5b + "</si-multiple>" ) );
  CHECK_FALSE( schema.accepts( "<si-multiple xmlns='http://jabber.org/protocol/si'/>" ) );
  CHECK_FALSE( schema.accepts( element( "<value/>" ) ) );
  CHECK_FALSE( schema.accepts( element( "<value> http://jabber.org/protocol/ibb </value>" ) ) );
  CHECK_FALSE( schema.accepts( element( S5b + S5b ) ) );
  CHECK_FALSE( schema.accepts( element( "<method>http://jabber.org/protocol/ibb</method>" ) ) );
  CHECK_FALSE( schema.accepts( element( "<value xmlns='jabber:x:data'>http://jabber.org/protocol/ibb</value>" ) ) );
  CHECK_FALSE( schema.accepts( "<si-multiple xmlns='" + N + "' a='b'/>" ) );
  CHECK_FALSE( schema.accepts( element( "<value a='b'>http://jabber.org/protocol/ibb</value>" ) ) );
  CHECK_FALSE( schema.accepts( element( "text" ) ) );
  CHECK_FALSE( schema.accepts( element( numbered( 17 ) ) ) );
  CHECK_FALSE( schema.accepts( element( "<value>" + std::string( 257, 'x' ) + "</value>" ) ) );
  CHECK_FALSE( schema.accepts( element( "<value>urn:a<b/></value>" ) ) );
}

TEST_CASE( "TC-209: X-11, X-12, X-14, X-15 and X-17 are refused by the schema and read all the same", "[schema]" )
{
  const auto sample = GENERATE( as<std::string>{}, "<value> urn:x:0 </value>", "<value>urn:x:0</value><value>urn:x:0</value>", "<value xmlns='jabber:x:data'>urn:x:0</value>",
                                "<value a='b'>urn:x:0</value>", "<value>urn:x:0</value><value>" + std::string( 257, 'x' ) + "</value>" );
  CHECK_FALSE( Schema().accepts( element( sample ) ) );
  const auto tag = parse( element( sample ) );
  REQUIRE( tag );
  CHECK( SIMultiple( tag.get() ).methods() == std::vector<std::string>{ "urn:x:0" } );

  const auto many = parse( element( numbered( 17 ) ) );
  CHECK( SIMultiple( many.get() ).methods().size() == 16 );
}

TEST_CASE( "TC-011, XSD-6: what we emit for an offer or a list validates, whatever we are given", "[schema]" )
{
  const Schema schema;
  CHECK( schema.accepts( emitted( SIMultiple() ) ) );

  using Values = std::vector<std::string>;
  const Values methods = GENERATE( Values{}, Values{ "http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/ibb" }, Values{ "a", "a", "b" },
                                   Values{ " a ", "b\tc", "\n", "" }, Values{ "<&>'\"" }, Values{ std::string( 256, 'x' ), std::string( 257, 'y' ) },
                                   Values{ "\x01", "\xFF\xFE", "\xEF\xBF\xBF", "\xC3\xA4\xE2\x82\xAC" }, Values{ "urn:\xC2\xA0" }, Values( 40, "z" ) );
  CHECK( schema.accepts( emitted( SIMultiple( methods ) ) ) );

  Values many;
  for( int i = 0; i < 40; ++i )
    many.push_back( "urn:" + std::to_string( i ) );
  CHECK( schema.accepts( emitted( SIMultiple( many ) ) ) );
}

TEST_CASE( "TC-011, XSD-6: what was parsed and is emitted again validates", "[schema]" )
{
  const auto content = GENERATE( as<std::string>{}, "", "<value> a </value><value>b c</value><value>d&#10;e</value>", "<value>a</value><value>a</value><value/>", "<value xmlns='urn:x' q='1'>a<b/></value>",
                                 "text<other/>", "<value>" + std::string( 257, 'x' ) + "</value>" );
  const auto tag = parse( element( content ) );
  REQUIRE( tag );
  CHECK( Schema().accepts( emitted( SIMultiple( tag.get() ) ) ) );

  const auto seventeen = parse( element( numbered( 17 ) ) );
  CHECK( Schema().accepts( emitted( SIMultiple( seventeen.get() ) ) ) );
}

TEST_CASE( "TC-011, XSD-6: the element inside the offers and answers we build validates", "[schema]" )
{
  const Schema schema;
  protocol::OfferContent content;
  content.sid = "s";
  content.profile = "urn:p";
  content.methods = { "http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/ibb" };
  const auto offer = protocol::buildOffer( content );
  const gloox::Tag* offered = SIMultiple::find( offer.get() );
  REQUIRE( offered );
  CHECK( schema.accepts( offered->xml() ) );

  const auto answer = protocol::buildListAnswer( content.methods, nullptr );
  const gloox::Tag* answered = SIMultiple::find( answer.get() );
  REQUIRE( answered );
  CHECK( schema.accepts( answered->xml() ) );
  CHECK( answered->children().size() == 2 );
}
