// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "protocol/sioffer.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

using namespace simultiple;
using namespace simultiple::protocol;
using simultiple::test::parse;

namespace
{

using Values = std::vector<std::string>;

const Values S5bIbb{ "http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/ibb" };

const char* const W1 = R"(<si xmlns='http://jabber.org/protocol/si' id='sm4f9c0b27d5e8416a93c1d07b6e52fa88' mime-type='text/plain' profile='http://jabber.org/protocol/si/profile/file-transfer'>
    <file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'>
      <desc>Short letter</desc>
      <range/>
    </file>
    <feature xmlns='http://jabber.org/protocol/feature-neg'>
      <x xmlns='jabber:x:data' type='form'>
        <field var='stream-method' type='list-single'>
          <option><value>http://jabber.org/protocol/bytestreams</value></option>
          <option><value>http://jabber.org/protocol/ibb</value></option>
        </field>
      </x>
    </feature>
    <si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>
  </si>)";

using Read = std::variant<OfferForm, StanzaError>;

/// What becomes of `<iq><si>`@a content`</si></iq>`.
Read form( const std::string& content, const std::string& mandatory = "", const std::string& attributes = "" )
{
  const auto iq = parse( "<iq type='set' id='q'><si xmlns='http://jabber.org/protocol/si' id='1' profile='urn:p' " + attributes + ">" + content + "</si></iq>" );
  REQUIRE( iq );
  const gloox::Tag* si = findSi( *iq );
  REQUIRE( si );
  return readOfferForm( *si, mandatory );
}

std::string feature( const std::string& content )
{
  return "<feature xmlns='http://jabber.org/protocol/feature-neg'>" + content + "</feature>";
}

std::string field( const std::string& content, const std::string& attributes = "type='list-single'" )
{
  return feature( "<x xmlns='jabber:x:data' type='form'><field var='stream-method' " + attributes + ">" + content + "</field></x>" );
}

std::string option( const std::string& value )
{
  return "<option><value>" + value + "</value></option>";
}

void checkBadRequest( const Read& read )
{
  REQUIRE( std::holds_alternative<StanzaError>( read ) );
  CHECK( std::get<StanzaError>( read ).condition == "bad-request" );
  CHECK( std::get<StanzaError>( read ).type == "modify" );
  CHECK( std::get<StanzaError>( read ).extra.empty() );
}

OfferForm good( const Read& read )
{
  REQUIRE( std::holds_alternative<OfferForm>( read ) );
  return std::get<OfferForm>( read );
}

OfferHead head( const std::string& attributes )
{
  const auto iq = parse( "<iq><si xmlns='http://jabber.org/protocol/si' " + attributes + "/></iq>" );
  REQUIRE( iq );
  return readOfferHead( *findSi( *iq ) );
}

} // namespace

TEST_CASE( "TC-001, W-1: an offer is written with profile child, form and empty si-multiple, in this order", "[sioffer]" )
{
  const auto file = parse( "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>" );
  OfferContent content;
  content.sid = "sm4f9c0b27d5e8416a93c1d07b6e52fa88";
  content.profile = "http://jabber.org/protocol/si/profile/file-transfer";
  content.mimeType = "text/plain";
  content.profileChild = file.get();
  content.methods = S5bIbb;
  CHECK_THAT( buildOffer( content )->xml(),
              Catch::Matchers::Equals( "<si xmlns='http://jabber.org/protocol/si' id='sm4f9c0b27d5e8416a93c1d07b6e52fa88' mime-type='text/plain' "
                                       "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
                                       "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>"
                                       "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                                       "<field var='stream-method' type='list-single'>"
                                       "<option><value>http://jabber.org/protocol/bytestreams</value></option>"
                                       "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>"
                                       "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si>" ) );
}

TEST_CASE( "TC-003, SIM-3, SIM-4: without fallback the form stays and si-multiple goes", "[sioffer]" )
{
  OfferContent content;
  content.sid = "s";
  content.profile = "urn:p";
  content.methods = S5bIbb;
  content.multiple = false;
  const auto si = buildOffer( content );
  CHECK( si->children().size() == 1 );
  CHECK( si->children().front()->name() == "feature" );
  CHECK_FALSE( attribute( *si, "mime-type" ) );
}

TEST_CASE( "section 1.1: what we write we read back the same, also with a child that inherits its namespace", "[sioffer]" )
{
  const auto outer = parse( "<si xmlns='urn:p'><tube id='1'/></si>" );
  OfferContent content;
  content.sid = "s<&'";
  content.profile = "urn:p";
  content.profileChild = outer->children().front();
  content.methods = { "urn:a", "urn:b" };
  const auto si = parse( buildOffer( content )->xml() );
  REQUIRE( si );
  CHECK( readOfferHead( *si ).sid == "s<&'" );
  CHECK( child( *si, "tube", "urn:p" ) != nullptr );
  const OfferForm form = good( readOfferForm( *si, "" ) );
  CHECK( form.methods == content.methods );
  CHECK( form.multiple );
}

TEST_CASE( "section 1.1: W-1 is understood", "[sioffer]" )
{
  const auto iq = parse( std::string( "<iq type='set' id='q'>" ) + W1 + "</iq>" );
  REQUIRE( iq );
  const gloox::Tag* si = findSi( *iq );
  REQUIRE( si );
  CHECK( readOfferHead( *si ).sid == "sm4f9c0b27d5e8416a93c1d07b6e52fa88" );
  CHECK( readOfferHead( *si ).profile == gloox::XMLNS_SI_FT );
  const OfferForm form = good( readOfferForm( *si, "" ) );
  CHECK( form.methods == S5bIbb );
  CHECK( form.multiple );
  CHECK_FALSE( form.listMulti );
  CHECK( form.mimeType == "text/plain" );
}

TEST_CASE( "TC-022: gabble's order of children is understood", "[sioffer]" )
{
  const OfferForm read = good( form( field( option( "urn:a" ) ) + "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/><file xmlns='urn:p'/>" ) );
  CHECK( read.multiple );
  CHECK( read.methods == Values{ "urn:a" } );
}

TEST_CASE( "TC-023: prefixes on all elements are understood", "[sioffer]" )
{
  const auto iq = parse( "<iq type='set' id='q' xmlns:s='http://jabber.org/protocol/si'><s:si id='1' profile='urn:p' xmlns:d='jabber:x:data'>"
                         "<f:feature xmlns:f='http://jabber.org/protocol/feature-neg'><d:x type='form'><d:field var='stream-method' type='list-single'>"
                         "<d:option><d:value>urn:a</d:value></d:option><d:option><d:value>urn:b</d:value></d:option></d:field></d:x></f:feature>"
                         "<m:si-multiple xmlns:m='http://telepathy.freedesktop.org/xmpp/si-multiple'/></s:si></iq>" );
  REQUIRE( iq );
  const gloox::Tag* si = findSi( *iq );
  REQUIRE( si );
  CHECK( readOfferHead( *si ).sid == "1" );
  const OfferForm read = good( readOfferForm( *si, "" ) );
  CHECK( read.methods == Values{ "urn:a", "urn:b" } );
  CHECK( read.multiple );
}

TEST_CASE( "GEN-7, TC-046: an si that is wrapped or in another namespace is not found", "[sioffer]" )
{
  const auto text = GENERATE( "<iq><wrap xmlns='urn:w'><si xmlns='http://jabber.org/protocol/si'/></wrap></iq>", "<iq><si/></iq>",
                              "<iq><si xmlns='urn:x'/></iq>", "<iq/>" );
  const auto iq = parse( text );
  CHECK( findSi( *iq ) == nullptr );
}

TEST_CASE( "TC-024, TC-025, INT-4: a list-multi field is accepted and told", "[sioffer]" )
{
  const OfferForm read = good( form( field( option( "urn:a" ), "type='list-multi'" ) ) );
  CHECK( read.listMulti );
  CHECK_FALSE( read.multiple );
  CHECK( read.methods == Values{ "urn:a" } );
}

TEST_CASE( "TC-027: a field without type is a list-single", "[sioffer]" )
{
  const OfferForm read = good( form( field( option( "urn:a" ), "" ) ) );
  CHECK_FALSE( read.listMulti );
  CHECK( read.methods == Values{ "urn:a" } );
}

TEST_CASE( "TC-028: any other type of field is bad-request", "[sioffer]" )
{
  const auto type = GENERATE( as<std::string>{}, "text-single", "hidden", "", "LIST-SINGLE", " list-single" );
  checkBadRequest( form( field( option( "urn:a" ), "type='" + type + "'" ) ) );
}

TEST_CASE( "section 1.1: the form's type is form or absent", "[sioffer]" )
{
  const std::string rest = "><field var='stream-method'>" + option( "urn:a" ) + "</field></x>";
  CHECK( good( form( feature( "<x xmlns='jabber:x:data'" + rest ) ) ).methods.size() == 1 );
  const auto type = GENERATE( as<std::string>{}, "submit", "result", "cancel", "", "x" );
  checkBadRequest( form( feature( "<x xmlns='jabber:x:data' type='" + type + "'" + rest ) ) );
}

TEST_CASE( "TC-029, TC-031: si-multiple in an offer counts by presence alone", "[sioffer]" )
{
  const std::string ns = "xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'";
  const auto element = GENERATE_COPY( as<std::string>{}, "<si-multiple " + ns + " a='b'><value>urn:z</value>x</si-multiple>",
                                      "<si-multiple " + ns + "/><si-multiple " + ns + "/>" );
  const OfferForm read = good( form( element + field( option( "urn:a" ) ) ) );
  CHECK( read.multiple );
  CHECK( read.methods == Values{ "urn:a" } );
}

TEST_CASE( "TC-030: si-multiple without its namespace is not the extension", "[sioffer]" )
{
  const auto element = GENERATE( as<std::string>{}, "<si-multiple/>", "<si-multiple xmlns='urn:x'/>", "<x:si-multiple/>" );
  CHECK_FALSE( good( form( field( option( "urn:a" ) ) + element ) ).multiple );
}

TEST_CASE( "TC-017, TC-032, SIM-13: option values are trimmed, repeats collapse, empty ones are skipped", "[sioffer]" )
{
  CHECK( good( form( field( option( "\n  urn:a\t" ) + option( "" ) + option( "urn:b" ) + option( "urn:a" ) + option( std::string( 257, 'x' ) ) ) ) ).methods
         == Values{ "urn:a", "urn:b" } );
}

TEST_CASE( "section 1.1, TC-222: labels, default values, other fields and a second field are ignored", "[sioffer]" )
{
  const OfferForm read = good( form( feature( "<x xmlns='jabber:x:data' type='form'><title>t</title><field var='other' type='boolean'/>"
                                              "<field var='stream-method' type='list-single'><value>urn:default</value>"
                                              "<option label='B'><value>urn:b</value><value>urn:second</value></option><option label='A'><value>urn:a</value></option></field>"
                                              "<field var='stream-method'><option><value>urn:c</value></option></field></x>" )
                                     + field( option( "urn:d" ) ) ) );
  CHECK( read.methods == Values{ "urn:b", "urn:a" } );
}

TEST_CASE( "TC-033, TC-034: an si without sid or profile, with empty or with long ones, has an empty head", "[sioffer]" )
{
  CHECK( head( "profile='urn:p'" ).sid.empty() );
  CHECK( head( "profile='urn:p' id=''" ).sid.empty() );
  CHECK( head( "profile='urn:p' id='" + std::string( 257, 'x' ) + "'" ).sid.empty() );
  CHECK( head( "xmlns:id='urn:x'" ).sid.empty() );
  CHECK( head( "id='" + std::string( 256, 'x' ) + "'" ).sid.size() == 256 );
  CHECK( head( "id=' a '" ).sid == " a " );   // GEN-2: byte for byte
  CHECK( head( "id='1'" ).profile.empty() );
  CHECK( head( "id='1' profile=''" ).profile.empty() );
  CHECK( head( "id='1' profile='" + std::string( 257, 'p' ) + "'" ).profile.empty() );
  CHECK( head( "id='1' profile='urn:p'" ).profile == "urn:p" );
}

TEST_CASE( "SEC-12: the length of a sid counts characters", "[sioffer]" )
{
  std::string sid;
  for( int i = 0; i < 256; ++i )
    sid += "\xE2\x82\xAC";
  CHECK( head( "id='" + sid + "'" ).sid == sid );
  CHECK( head( "id='" + sid + "x'" ).sid.empty() );
}

TEST_CASE( "TC-035, SI-12: without feature, form or stream-method field an offer is bad-request", "[sioffer]" )
{
  const auto content = GENERATE( as<std::string>{}, "", "<feature xmlns='urn:x'/>", "<feature xmlns='http://jabber.org/protocol/feature-neg'/>",
                                 "<feature xmlns='http://jabber.org/protocol/feature-neg'><x/></feature>",
                                 "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'/></feature>",
                                 "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data'><field var='stream=method'/></x></feature>",
                                 "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data'><field/></x></feature>" );
  checkBadRequest( form( content ) );
}

TEST_CASE( "TC-036, SI-12: a field without usable option is a form without methods", "[sioffer]" )
{
  const auto options = GENERATE( as<std::string>{}, "", "<option/>", "<option label='x'/>", "<option><value/></option>",
                                 "<value>urn:a</value>", "<option><value> </value></option>" );
  CHECK( good( form( field( options ) ) ).methods.empty() );
}

TEST_CASE( "TC-244, PCU-4: only a profile's mandatory method stands in for a missing feature", "[sioffer]" )
{
  CHECK( good( form( "", "http://jabber.org/protocol/ibb" ) ).methods == Values{ "http://jabber.org/protocol/ibb" } );
  CHECK( good( form( field( option( "urn:a" ) ), "http://jabber.org/protocol/ibb" ) ).methods == Values{ "urn:a" } );
  CHECK( good( form( "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>", "urn:m" ) ).multiple );
  checkBadRequest( form( feature( "" ), "http://jabber.org/protocol/ibb" ) );
}

TEST_CASE( "TC-234, SEC-12: 64 options are read, good or bad", "[sioffer]" )
{
  std::string options;
  for( int i = 0; i < 100; ++i )
    options += option( "urn:" + std::to_string( i ) );
  const Values read = good( form( field( options ) ) ).methods;
  REQUIRE( read.size() == 64 );
  CHECK( read.back() == "urn:63" );

  std::string empty;
  for( int i = 0; i < 64; ++i )
    empty += "<option/>";
  CHECK( good( form( field( empty + option( "urn:a" ) ) ) ).methods.empty() );
}

TEST_CASE( "section 1.1: mime types that mean nothing are none", "[sioffer]" )
{
  const std::string rest = field( option( "urn:a" ) );
  CHECK( good( form( rest ) ).mimeType.empty() );
  CHECK( good( form( rest, "", "mime-type='image/png'" ) ).mimeType == "image/png" );
  CHECK( good( form( rest, "", "mime-type=' text/plain; charset=utf-8 '" ) ).mimeType == "text/plain; charset=utf-8" );
  const auto nothing = GENERATE( as<std::string>{}, "", "application/octet-stream", "binary/octet-stream", "Binary/Octet-Stream", "text", "/", "text/", "/plain",
                                 "te xt/plain", "text/pl\xC3\xA4in", "a/b/c", "text/plain;&#10;x" );
  CHECK( good( form( rest, "", "mime-type='" + nothing + "'" ) ).mimeType.empty() );
  CHECK( good( form( rest, "", "mime-type='text/" + std::string( 300, 'x' ) + "'" ) ).mimeType.empty() );
}

TEST_CASE( "TC-047: unknown children and attributes change nothing", "[sioffer]" )
{
  std::string noise;
  for( int i = 0; i < 2000; ++i )
    noise += "<n" + std::to_string( i ) + " xmlns='urn:n' a='b'>text</n" + std::to_string( i ) + ">";
  const OfferForm read = good( form( noise + field( noise + option( "urn:a" ) + noise ) + noise, "", "foo='bar' mime-type='a/b'" ) );
  CHECK( read.methods == Values{ "urn:a" } );
  CHECK( read.mimeType == "a/b" );
}
