// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "protocol/xml.h"

#include <gloox/tag.h>

#include <limits>

using namespace simultiple::protocol;
using simultiple::test::parse;
using simultiple::test::parseInPieces;

namespace
{

const gloox::Tag& first( const gloox::Tag& tag )
{
  REQUIRE_FALSE( tag.children().empty() );
  return *tag.children().front();
}

} // namespace

TEST_CASE( "SIM-20: the namespace of an element is its own, inherited, or given by its prefix", "[xml]" )
{
  const auto own = parse( "<iq><a xmlns='urn:a'/></iq>" );
  CHECK( namespaceOf( first( *own ) ) == "urn:a" );

  const auto inherited = parse( "<iq><a xmlns='urn:a'><b><c/></b></a></iq>" );
  CHECK( namespaceOf( first( first( first( *inherited ) ) ) ) == "urn:a" );

  const auto prefixed = parse( "<iq><p:a xmlns:p='urn:p' xmlns='urn:a'><b/><p:c/></p:a></iq>" );
  CHECK( namespaceOf( first( *prefixed ) ) == "urn:p" );
  CHECK( namespaceOf( first( first( *prefixed ) ) ) == "urn:a" );
  CHECK( namespaceOf( *first( *prefixed ).children().back() ) == "urn:p" );

  const auto above = parse( "<iq xmlns:p='urn:p'><a xmlns='urn:a'><p:b/></a></iq>" );
  CHECK( namespaceOf( first( first( *above ) ) ) == "urn:p" );
}

TEST_CASE( "SIM-20: an undeclared prefix, a taken-back default and no declaration at all mean no namespace", "[xml]" )
{
  const auto text = GENERATE( "<iq><p:a/></iq>", "<iq xmlns='urn:a'><a xmlns=''/></iq>", "<iq><a/></iq>",
                              "<iq xmlns:p='urn:p'><a/></iq>" );
  const auto iq = parse( text );
  REQUIRE( iq );
  CHECK_THAT( namespaceOf( first( *iq ) ), Catch::Matchers::Equals( "" ) );
  CHECK( child( *iq, "a", "" ) == &first( *iq ) );
}

TEST_CASE( "SIM-20: a child is found by local name and namespace, the first one counts", "[xml]" )
{
  const auto iq = parse( "<iq><a xmlns='urn:x' n='0'/><b xmlns='urn:a' n='1'/><p:a xmlns:p='urn:a' n='2'/><a xmlns='urn:a' n='3'/></iq>" );
  const gloox::Tag* found = child( *iq, "a", "urn:a" );
  REQUIRE( found );
  CHECK( attribute( *found, "n" ) == "2" );
  CHECK( children( *iq, "a", "urn:a", 9 ).size() == 2 );
  CHECK( children( *iq, "a", "urn:a", 1 ).size() == 1 );
  CHECK( children( *iq, "a", "urn:a", 0 ).empty() );
  CHECK( children( *iq, "urn:a" ).size() == 3 );
  CHECK( child( *iq, "a", "urn:none" ) == nullptr );
}

TEST_CASE( "GEN-7: only direct children are found", "[xml]" )
{
  const auto iq = parse( "<iq><wrap xmlns='urn:a'><a/></wrap></iq>" );
  CHECK( child( *iq, "a", "urn:a" ) == nullptr );
}

TEST_CASE( "attributes with a prefix and namespace declarations are not taken for plain attributes", "[xml]" )
{
  const auto iq = parse( "<iq xmlns:sid='urn:s' sid:port='1' id='' host='h'/>" );
  CHECK_FALSE( attribute( *iq, "sid" ) );
  CHECK_FALSE( attribute( *iq, "port" ) );
  CHECK( attribute( *iq, "id" ) == "" );
  CHECK( attribute( *iq, "host" ) == "h" );
}

TEST_CASE( "PCU-2: a detached element keeps the namespaces that its parents declare", "[xml]" )
{
  const auto iq = parse( "<iq xmlns:s='http://jabber.org/protocol/si' xmlns:f='urn:f' xmlns='jabber:client'>"
                         "<s:si><f:file><s:x/><y/></f:file></s:si></iq>" );
  const auto si = detach( first( *iq ) );
  CHECK( si->parent() == nullptr );
  CHECK( namespaceOf( *si ) == "http://jabber.org/protocol/si" );
  CHECK( namespaceOf( first( *si ) ) == "urn:f" );
  CHECK( namespaceOf( first( first( *si ) ) ) == "http://jabber.org/protocol/si" );
  CHECK( namespaceOf( *first( *si ).children().back() ) == "jabber:client" );

  const auto inner = parse( "<iq><si xmlns='urn:si'><file name='n'>x</file></si></iq>" );
  const auto file = detach( first( first( *inner ) ) );
  CHECK_THAT( file->xml(), Catch::Matchers::Equals( "<file name='n' xmlns='urn:si'>x</file>" ) );

  const auto again = parse( detach( first( *iq ) )->xml() );
  REQUIRE( again );
  CHECK( namespaceOf( first( *again ) ) == "urn:f" );
}

TEST_CASE( "SIM-21: XML white space is trimmed and nothing else", "[xml]" )
{
  CHECK( trim( " \t\r\n a b \n" ) == "a b" );
  CHECK( trim( "\v a" ) == "\v a" );
  CHECK( trim( "\xC2\xA0x" ) == "\xC2\xA0x" );
  CHECK( trim( " \n" ).empty() );
  CHECK( trim( "" ).empty() );
}

TEST_CASE( "SEC-12: characters are counted, not bytes, and bytes that are no characters do not count as none", "[xml]" )
{
  CHECK( characters( "" ) == 0 );
  CHECK( characters( "abc" ) == 3 );
  CHECK( characters( "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80" ) == 3 );
  CHECK( characters( std::string( 4000, '\x80' ) ) == 1000 );
}

TEST_CASE( "SEC-12: text is cut between characters", "[xml]" )
{
  CHECK( cut( "abc", 2 ) == "ab" );
  CHECK( cut( "abc", 9 ) == "abc" );
  CHECK( cut( "\xC3\xA4\xE2\x82\xAC!", 2 ) == "\xC3\xA4\xE2\x82\xAC" );
  CHECK( cut( "\xE2\x82", 1 ) == "\xE2" );
  CHECK( cut( "x", 0 ).empty() );
}

TEST_CASE( "text that XML does not allow is recognised", "[xml]" )
{
  CHECK( xmlText( "" ) );
  CHECK( xmlText( "a\t\n\r\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80" ) );
  const std::string bad = GENERATE( as<std::string>{}, "\x01", "\x1F", "\xC3", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                                    "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xEF\xBF\xBF", "\xE2\x28\xA1" );
  CHECK_FALSE( xmlText( bad ) );
  CHECK_FALSE( xmlText( "good" + bad + "good" ) );
}

TEST_CASE( "SEC-12: elements, attributes and text are counted, and no further than asked", "[xml]" )
{
  const auto iq = parse( "<iq id='12'><a xmlns='urn:a' x:b='3'>text<b/>more</a><c>\xC3\xA4</c></iq>" );
  REQUIRE( iq );
  const Size whole = sizeOf( *iq, 100 );
  CHECK( whole.nodes == 7 );
  CHECK( whole.text == 2 + 5 + 1 + 8 + 2 );
  CHECK( sizeOf( *iq, 7 ).nodes == 7 );
  for( std::size_t most = 0; most < 7; ++most )
    CHECK( sizeOf( *iq, most ).nodes > most );

  std::string deep, wide;
  for( int i = 0; i < 10000; ++i )
  {
    deep += "<a>";
    wide += "<a>text</a>";
  }
  for( int i = 0; i < 10000; ++i )
    deep += "</a>";
  for( const auto& inside : { deep, wide } )
  {
    const auto large = parse( "<iq>" + inside + "</iq>" );
    REQUIRE( large );
    CHECK( sizeOf( *large, 50 ).nodes == 51 );
    CHECK( sizeOf( *large, 50 ).text <= 50 * 4 );
    CHECK( sizeOf( *large, 20000 ).nodes == 10001 );
  }
}

TEST_CASE( "a decimal number is digits only, within its bound", "[xml]" )
{
  CHECK( decimal( "0", 9 ) == 0U );
  CHECK( decimal( "00042", 42 ) == 42U );
  CHECK_FALSE( decimal( "43", 42 ) );
  CHECK_FALSE( decimal( "100", 9 ) );
  CHECK( decimal( "18446744073709551615", std::numeric_limits<std::uint64_t>::max() ) == std::numeric_limits<std::uint64_t>::max() );
  CHECK_FALSE( decimal( "18446744073709551616", std::numeric_limits<std::uint64_t>::max() ) );
  const auto bad = GENERATE( "", "-1", "+1", " 1", "1 ", "1e3", "0x1", "x", "1.0" );
  CHECK_FALSE( decimal( bad, 65535 ) );
}

TEST_CASE( "SEC-22, TC-237: peer's text is bounded and harmless in a log line", "[xml]" )
{
  CHECK( printable( "a%n<b>\n\x1B[1m\x7F" ) == "a%n<b>??[1m?" );
  CHECK( printable( "\xC3\xA4\xFF\xE2\x80\xAE\xC2\x85" ) == "\xC3\xA4???" );
  CHECK( printable( std::string( 10000, 'x' ) ).size() == 200 );
  CHECK( printable( "\xE2\x82\xAC\xE2\x82\xAC", 1 ) == "\xE2\x82\xAC" );
}

TEST_CASE( "SIM-22, SIM-25, SIM-26: a value list is trimmed, distinct and bounded", "[xml]" )
{
  ValueList list( 5 );
  list.add( " a\n" );
  list.add( "" );
  list.add( "a" );
  list.add( std::string( 257, 'x' ) );
  list.add( "b" );
  list.add( "c" );
  CHECK( list.take() == std::vector<std::string>{ "a", "b" } );

  ValueList edge( 2 );
  edge.add( std::string( 256, 'x' ) );
  std::string wide;
  for( int i = 0; i < 256; ++i )
    wide += "\xC3\xA4";
  edge.add( wide );
  CHECK( edge.take().size() == 2 );
}

TEST_CASE( "SEC-11, TC-185: entity definitions are never expanded and no stanza comes of them", "[xml]" )
{
  CHECK_FALSE( parse( "<!DOCTYPE iq [<!ENTITY a 'b'>]><iq>&a;</iq>" ) );
  CHECK_FALSE( parse( "<iq>&a;</iq>" ) );
  CHECK_FALSE( parse( "<iq><?pi x?></iq>" ) );
  const auto good = parse( "<iq>&lt;&amp;&#65;</iq>" );
  REQUIRE( good );
  CHECK( good->cdata() == "<&A" );
}

TEST_CASE( "a stanza means the same in whatever pieces it arrives", "[xml]" )
{
  const std::string xml = "<iq id='q' xmlns:s='urn:s'><s:si a='&lt;x'><v> h\xC3\xA4 &amp; </v></s:si></iq>";
  const auto whole = parse( xml );
  REQUIRE( whole );
  for( std::size_t piece = 1; piece < xml.size(); ++piece )
  {
    const auto pieces = parseInPieces( xml, piece );
    REQUIRE( pieces );
    CHECK( pieces->xml() == whole->xml() );
  }
}
