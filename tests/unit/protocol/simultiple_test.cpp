// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include <gloox-si-multiple/simultiple.h>

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <memory>

using namespace simultiple;
using simultiple::test::parse;

namespace
{

using Values = std::vector<std::string>;

SIMultiple read( const std::string& element )
{
  const auto tag = parse( element );
  REQUIRE( tag );
  return SIMultiple( tag.get() );
}

std::string inNamespace( const std::string& content )
{
  return "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" + content + "</si-multiple>";
}

std::string emitted( const SIMultiple& element )
{
  const std::unique_ptr<gloox::Tag> tag( element.tag() );
  return tag ? tag->xml() : std::string();
}

} // namespace

TEST_CASE( "SIM-1: the element of an offer is empty and has no attributes", "[simultiple]" )
{
  CHECK( emitted( SIMultiple() ) == "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>" );
  CHECK( SIMultiple().valid() );
}

TEST_CASE( "W-2: the list of an answer is written first choice first", "[simultiple]" )
{
  CHECK( emitted( SIMultiple( Values{ "http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/ibb" } ) )
         == inNamespace( "<value>http://jabber.org/protocol/bytestreams</value><value>http://jabber.org/protocol/ibb</value>" ) );
}

TEST_CASE( "SIM-20: the element is found in an iq, in an si, and by itself, whatever the prefixes", "[simultiple]" )
{
  const std::string ns = "http://telepathy.freedesktop.org/xmpp/si-multiple";
  const auto xml = GENERATE_COPY( as<std::string>{}, "<si-multiple xmlns='" + ns + "'><value>a</value></si-multiple>",
                                  "<m:si-multiple xmlns:m='" + ns + "'><m:value>a</m:value></m:si-multiple>",
                                  "<si xmlns='http://jabber.org/protocol/si'><si-multiple xmlns='" + ns + "'><value>a</value></si-multiple></si>",
                                  "<iq><s:si xmlns:s='http://jabber.org/protocol/si' xmlns:m='" + ns + "'><m:si-multiple><m:value>a</m:value></m:si-multiple></s:si></iq>",
                                  "<iq xmlns:m='" + ns + "'><si xmlns='http://jabber.org/protocol/si'><m:si-multiple><m:value>a</m:value></m:si-multiple></si></iq>" );
  const SIMultiple read = ::read( xml );
  CHECK( read.valid() );
  CHECK( read.methods() == Values{ "a" } );
}

TEST_CASE( "SIM-20, TC-030, TC-064: in another namespace it is not the element", "[simultiple]" )
{
  const auto xml = GENERATE( as<std::string>{}, "<si-multiple/>", "<si-multiple xmlns='urn:x'><value>a</value></si-multiple>",
                             "<si xmlns='http://jabber.org/protocol/si'><si-multiple><value>a</value></si-multiple></si>",
                             "<si xmlns='urn:x'><si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si>",
                             "<iq><si xmlns='urn:x'><si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si></iq>",
                             "<iq/>" );
  CHECK_FALSE( read( xml ).valid() );
  CHECK( read( xml ).methods().empty() );
  CHECK( emitted( read( xml ) ).empty() );
}

TEST_CASE( "no tag at all is no element", "[simultiple]" )
{
  CHECK_FALSE( SIMultiple( static_cast<const gloox::Tag*>( nullptr ) ).valid() );
  CHECK( SIMultiple::find( nullptr ) == nullptr );
}

TEST_CASE( "SIM-20: of two elements the first one counts", "[simultiple]" )
{
  const SIMultiple element = read( "<si xmlns='http://jabber.org/protocol/si'>" + inNamespace( "<value>a</value>" ) + inNamespace( "<value>b</value>" ) + "</si>" );
  CHECK( element.methods() == Values{ "a" } );
}

TEST_CASE( "TC-052, SIM-21: values are trimmed; their children and attributes are ignored", "[simultiple]" )
{
  const SIMultiple element = read( inNamespace( "\n <value a='b'>\n\t urn:a \r\n</value> text <value><x>urn:no</x>urn:b<y/></value><other>urn:c</other>" ) );
  CHECK( element.methods() == Values{ "urn:a", "urn:b" } );
}

TEST_CASE( "section 1.2: a value counts in whatever namespace", "[simultiple]" )
{
  CHECK( read( inNamespace( "<value xmlns='jabber:x:data'>a</value><p:value xmlns:p='urn:p'>b</p:value>" ) ).methods() == Values{ "a", "b" } );
}

TEST_CASE( "TC-051, TC-053, SIM-22, SIM-25: empty, long and repeated values are left out", "[simultiple]" )
{
  CHECK( read( inNamespace( "<value/><value> </value><value>" + std::string( 300, 'x' ) + "</value><value>a</value><value>a</value><value>b</value>" ) ).methods()
         == Values{ "a", "b" } );
}

TEST_CASE( "TC-053, TC-234, SIM-26: only the first 16 values are looked at, good or bad", "[simultiple]" )
{
  std::string values;
  for( int i = 0; i < 20; ++i )
    values += "<value>urn:" + std::to_string( i ) + "</value>";
  CHECK( read( inNamespace( values ) ).methods().size() == 16 );
  CHECK( read( inNamespace( values ) ).methods().back() == "urn:15" );

  std::string empty;
  for( int i = 0; i < 15; ++i )
    empty += "<value/>";
  CHECK( read( inNamespace( empty + "<value>a</value>" ) ).methods() == Values{ "a" } );
  CHECK( read( inNamespace( empty + "<value/><value>a</value>" ) ).methods().empty() );
}

TEST_CASE( "SIM-13: a list made for an answer has no repeats, no nonsense and at most 16 entries", "[simultiple]" )
{
  const SIMultiple list( Values{ "a", "", "a", " b", "c d", std::string( 257, 'x' ), "e\x01", "\xFF", "f" } );
  CHECK( list.methods() == Values{ "a", "f" } );

  Values many;
  for( int i = 0; i < 20; ++i )
    many.push_back( "urn:" + std::to_string( i ) );
  CHECK( SIMultiple( many ).methods() == Values( many.begin(), many.begin() + 16 ) );
}

TEST_CASE( "XSD-6: what was parsed liberally is emitted strictly", "[simultiple]" )
{
  const SIMultiple parsed = read( inNamespace( "<value>a b</value><value>urn:&lt;c&gt;</value>" ) );
  CHECK( parsed.methods() == Values{ "a b", "urn:<c>" } );
  CHECK( emitted( parsed ) == inNamespace( "<value>urn:&lt;c&gt;</value>" ) );
}

TEST_CASE( "as an extension it attaches once, to the first element in the right place", "[simultiple]" )
{
  const SIMultiple prototype( 5000 );
  const auto iq = parse( "<iq><s:si xmlns:s='http://jabber.org/protocol/si'><m:si-multiple xmlns:m='http://telepathy.freedesktop.org/xmpp/si-multiple'><value>a</value></m:si-multiple>"
                         + inNamespace( "" ) + "</s:si></iq>" );
  REQUIRE( iq );
  const gloox::ConstTagList found = iq->findTagList( prototype.filterString() );
  REQUIRE( found.size() == 2 );

  const std::unique_ptr<gloox::StanzaExtension> one( prototype.newInstance( found.front() ) );
  REQUIRE( one );
  CHECK( one->extensionType() == 5000 );
  CHECK( static_cast<SIMultiple&>( *one ).methods() == Values{ "a" } );
  const std::unique_ptr<gloox::StanzaExtension> two( prototype.newInstance( found.back() ) );
  CHECK_FALSE( two );
  const std::unique_ptr<gloox::StanzaExtension> none( prototype.newInstance( nullptr ) );
  CHECK_FALSE( none );

  const std::unique_ptr<gloox::StanzaExtension> copy( one->clone() );
  CHECK( copy->extensionType() == 5000 );
  CHECK( static_cast<SIMultiple&>( *copy ).methods() == Values{ "a" } );
}

TEST_CASE( "as an extension it leaves stanzas alone that only look like it", "[simultiple]" )
{
  const SIMultiple prototype;
  CHECK( prototype.extensionType() == gloox::ExtUser + 1096 );
  const auto text = GENERATE( "<iq><si xmlns='urn:x'><si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si></iq>",
                              "<iq><si xmlns='http://jabber.org/protocol/si'><si-multiple/></si></iq>" );
  const auto iq = parse( text );
  const gloox::ConstTagList found = iq->findTagList( prototype.filterString() );
  REQUIRE( found.size() == 1 );
  const std::unique_ptr<gloox::StanzaExtension> none( prototype.newInstance( found.front() ) );
  CHECK_FALSE( none );
}
