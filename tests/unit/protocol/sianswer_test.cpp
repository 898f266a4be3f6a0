// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "protocol/sianswer.h"

#include <gloox/gloox.h>

using namespace simultiple;
using namespace simultiple::protocol;
using simultiple::test::parse;

namespace
{

using Values = std::vector<std::string>;

const std::string S5b = "http://jabber.org/protocol/bytestreams";
const std::string Ibb = "http://jabber.org/protocol/ibb";

AnswerContext offered( const Values& methods, bool multiple = true, bool fallback = true )
{
  AnswerContext context;
  context.offered = methods;
  context.multiple = multiple;
  context.fallback = fallback;
  return context;
}

const AnswerContext Both = offered( { S5b, Ibb } );

std::string valueTags( const Values& values )
{
  std::string tags;
  for( const auto& value : values )
    tags += "<value>" + value + "</value>";
  return tags;
}

std::string list( const Values& values )
{
  return "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" + valueTags( values ) + "</si-multiple>";
}

std::string form( const Values& values, const std::string& type = "type='submit'", const std::string& field = "var='stream-method'" )
{
  return "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' " + type + "><field " + field + ">"
         + valueTags( values ) + "</field></x></feature>";
}

Answer whole( const std::string& content, const AnswerContext& context = Both )
{
  const auto iq = parse( "<iq type='result' id='q7d1f03a9' to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony'>" + content + "</iq>" );
  REQUIRE( iq );
  return readAnswer( *iq, context );
}

Answer answer( const std::string& content, const AnswerContext& context = Both )
{
  return whole( "<si xmlns='http://jabber.org/protocol/si'>" + content + "</si>", context );
}

void checkList( const Answer& answer, const Values& methods, Dialect dialect )
{
  REQUIRE( answer.accepted );
  CHECK( answer.methods == methods );
  CHECK( answer.dialect == dialect );
  CHECK( answer.problem.empty() );
}

void checkEnd( const Answer& answer, Cause cause )
{
  CHECK_FALSE( answer.accepted );
  CHECK( answer.methods.empty() );
  CHECK( causeText( answer.cause ) == std::string( causeText( cause ) ) );
  CHECK_FALSE( answer.problem.empty() );
}

} // namespace

TEST_CASE( "W-2: the list is written with the profile child first and no attributes", "[sianswer]" )
{
  const auto file = parse( "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'/>" );
  CHECK_THAT( buildListAnswer( { S5b, Ibb }, file.get() )->xml(),
              Catch::Matchers::Equals( "<si xmlns='http://jabber.org/protocol/si'><file xmlns='http://jabber.org/protocol/si/profile/file-transfer'/>"
                                       "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'><value>http://jabber.org/protocol/bytestreams</value>"
                                       "<value>http://jabber.org/protocol/ibb</value></si-multiple></si>" ) );
  CHECK( buildListAnswer( { Ibb }, nullptr )->children().size() == 1 );
}

TEST_CASE( "W-3, W-4: the form is written as submit, without a type on the field", "[sianswer]" )
{
  CHECK_THAT( buildFormAnswer( { Ibb }, nullptr )->xml(),
              Catch::Matchers::Equals( "<si xmlns='http://jabber.org/protocol/si'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                                       "<x xmlns='jabber:x:data' type='submit'><field var='stream-method'>"
                                       "<value>http://jabber.org/protocol/ibb</value></field></x></feature></si>" ) );
  const auto child = parse( "<tube xmlns='urn:t'/>" );
  const auto smack = buildFormAnswer( { S5b, Ibb }, child.get() );
  CHECK( smack->children().front()->name() == "tube" );
  checkList( whole( smack->xml() ), { S5b, Ibb }, Dialect::Smack );
}

TEST_CASE( "TC-048, NEG-1: the receiver's order is kept", "[sianswer]" )
{
  checkList( answer( list( { Ibb, S5b } ) ), { Ibb, S5b }, Dialect::SiMultiple );
  checkList( whole( buildListAnswer( { S5b, Ibb }, nullptr )->xml() ), { S5b, Ibb }, Dialect::SiMultiple );
}

TEST_CASE( "TC-049, TC-050, SIM-23: values that were not offered are skipped", "[sianswer]" )
{
  checkList( answer( list( { "urn:x:new", Ibb } ) ), { Ibb }, Dialect::SiMultiple );
  checkList( answer( list( { S5b, Ibb } ), offered( { S5b } ) ), { S5b }, Dialect::SiMultiple );
}

TEST_CASE( "SIM-24: values that cannot be opened any more are skipped", "[sianswer]" )
{
  AnswerContext context = Both;
  context.usable = []( const std::string& method ) { return method == Ibb; };
  checkList( answer( list( { S5b, Ibb } ), context ), { Ibb }, Dialect::SiMultiple );
  checkEnd( answer( list( { S5b } ), context ), Cause::NoValidStreams );
  checkEnd( answer( form( { S5b } ), context ), Cause::MalformedReply );
}

TEST_CASE( "TC-051, SIM-25: of repeated values the first counts", "[sianswer]" )
{
  checkList( answer( list( { S5b, S5b, Ibb } ) ), { S5b, Ibb }, Dialect::SiMultiple );
  checkList( answer( form( { S5b, S5b, Ibb } ) ), { S5b, Ibb }, Dialect::Smack );
}

TEST_CASE( "TC-052, SIM-21: values are trimmed and their children ignored", "[sianswer]" )
{
  const Values odd{ "\n   " + Ibb + "\n ", "<b>x</b>" + S5b };
  checkList( answer( list( odd ) ), { Ibb, S5b }, Dialect::SiMultiple );
  checkList( answer( form( odd ) ), { Ibb, S5b }, Dialect::Smack );
}

TEST_CASE( "TC-053, SIM-22, SIM-26: empty and long values are skipped, the 17th is not looked at", "[sianswer]" )
{
  checkList( answer( list( { "", std::string( 300, 'x' ), Ibb } ) ), { Ibb }, Dialect::SiMultiple );

  Values many( 16, "" );
  for( std::size_t i = 0; i < many.size(); ++i )
    many[i] = "urn:" + std::to_string( i );
  many.push_back( Ibb );
  checkEnd( answer( list( many ) ), Cause::NoValidStreams );
  checkEnd( answer( form( many ) ), Cause::NoValidStreams );
  CHECK_FALSE( answer( list( many ) ).namesInBand );
  many.erase( many.begin() );
  checkList( answer( list( many ) ), { Ibb }, Dialect::SiMultiple );
  checkList( answer( form( many ) ), { Ibb }, Dialect::Smack );
}

TEST_CASE( "TC-054, SIM-27: an empty list without a usable form ends with no-valid-streams", "[sianswer]" )
{
  const auto rest = GENERATE( as<std::string>{}, "", form( {} ), form( { "urn:x" } ), form( { Ibb }, "type='cancel'" ), form( { Ibb }, "type='x'" ) );
  checkEnd( answer( list( {} ) + rest ), Cause::NoValidStreams );
  checkEnd( answer( rest + list( { "urn:y" } ) ), Cause::NoValidStreams );
}

TEST_CASE( "TC-055, SIM-27: a list that yields nothing gives way to the form", "[sianswer]" )
{
  checkList( answer( list( {} ) + form( { Ibb } ) ), { Ibb }, Dialect::Plain );
  checkList( answer( form( { Ibb, S5b } ) + list( { "urn:x" } ) ), { Ibb, S5b }, Dialect::Smack );
}

TEST_CASE( "TC-056, SIM-27: a list that yields a method makes the form unseen", "[sianswer]" )
{
  checkList( answer( form( { S5b } ) + list( { Ibb } ) ), { Ibb }, Dialect::SiMultiple );
}

TEST_CASE( "TC-057, SIM-28: several values in the form are a list, in document order", "[sianswer]" )
{
  const bool multiple = GENERATE( true, false );
  const auto type = GENERATE( as<std::string>{}, "var='stream-method'", "var='stream-method' type='list-single'", "type='list-multi' var='stream-method'" );
  checkList( answer( form( { S5b, Ibb }, "type='submit'", type ), offered( { S5b, Ibb }, multiple ) ), { S5b, Ibb }, Dialect::Smack );
  checkList( answer( form( { "urn:x", Ibb }, "type='submit'", type ), offered( { S5b, Ibb }, multiple ) ), { Ibb }, Dialect::Smack );
}

TEST_CASE( "TC-058, SIM-28: without fallback only the first remaining value is used", "[sianswer]" )
{
  checkList( answer( form( { "urn:x", S5b, Ibb } ), offered( { S5b, Ibb }, false, false ) ), { S5b }, Dialect::Smack );
}

TEST_CASE( "TC-059, SIM-29: a list that was not asked for yields its first remaining value", "[sianswer]" )
{
  checkList( answer( list( { "urn:x", Ibb, S5b } ), offered( { S5b, Ibb }, false ) ), { Ibb }, Dialect::SiMultiple );
}

TEST_CASE( "SI-6, section 1.3: a plain answer names one method, whatever the type of form and field", "[sianswer]" )
{
  const auto type = GENERATE( as<std::string>{}, "type='submit'", "type='result'", "type='form'", "" );
  const auto field = GENERATE( as<std::string>{}, "var='stream-method'", "var='stream-method' type='list-single'", "var='stream-method' type='odd'" );
  checkList( answer( form( { Ibb }, type, field ) ), { Ibb }, Dialect::Plain );
}

TEST_CASE( "TC-061, SI-7: a plain answer naming a method that was not offered is malformed", "[sianswer]" )
{
  checkEnd( answer( form( { S5b } ), offered( { Ibb }, false ) ), Cause::MalformedReply );
}

TEST_CASE( "SIM-28: a form with several values of which none remains ends with no-valid-streams", "[sianswer]" )
{
  checkEnd( answer( form( { "urn:x", "urn:y" } ) ), Cause::NoValidStreams );
}

TEST_CASE( "TC-062, SI-20, SI-21: an answer that names nothing is malformed", "[sianswer]" )
{
  checkEnd( whole( "" ), Cause::MalformedReply );
  checkEnd( whole( "<si xmlns='urn:x'>" + form( { Ibb } ) + "</si>" ), Cause::MalformedReply );
  checkEnd( whole( "<wrap xmlns='urn:w'><si xmlns='http://jabber.org/protocol/si'>" + form( { Ibb } ) + "</si></wrap>" ), Cause::MalformedReply );
  checkEnd( answer( "" ), Cause::MalformedReply );
  checkEnd( answer( form( { Ibb }, "type='submit'", "var='stream=method'" ) ), Cause::MalformedReply );
  checkEnd( answer( form( {} ) ), Cause::MalformedReply );
  checkEnd( answer( form( { "", " " } ) ), Cause::MalformedReply );
  checkEnd( answer( form( { std::string( 300, 'x' ) } ) ), Cause::MalformedReply );
  checkEnd( answer( form( { Ibb }, "type='other'" ) ), Cause::MalformedReply );
  checkEnd( answer( "<feature xmlns='http://jabber.org/protocol/feature-neg'/>" ), Cause::MalformedReply );
}

TEST_CASE( "TC-063, SIM-20: prefixes on all elements are understood", "[sianswer]" )
{
  checkList( whole( "<s:si xmlns:s='http://jabber.org/protocol/si'><m:si-multiple xmlns:m='http://telepathy.freedesktop.org/xmpp/si-multiple'>"
                    "<m:value>http://jabber.org/protocol/bytestreams</m:value><m:value>http://jabber.org/protocol/ibb</m:value></m:si-multiple></s:si>" ),
             { S5b, Ibb }, Dialect::SiMultiple );
  checkList( whole( "<s:si xmlns:s='http://jabber.org/protocol/si' xmlns:d='jabber:x:data'><f:feature xmlns:f='http://jabber.org/protocol/feature-neg'>"
                    "<d:x type='submit'><d:field var='stream-method'><d:value>http://jabber.org/protocol/ibb</d:value></d:field></d:x></f:feature></s:si>" ),
             { Ibb }, Dialect::Plain );
}

TEST_CASE( "TC-064, SIM-20: a list in another namespace is nothing", "[sianswer]" )
{
  checkEnd( answer( "<si-multiple xmlns='urn:x'>" + valueTags( { Ibb } ) + "</si-multiple>" ), Cause::MalformedReply );
  checkEnd( answer( "<si-multiple>" + valueTags( { Ibb } ) + "</si-multiple>" ), Cause::MalformedReply );
}

TEST_CASE( "TC-071, section 1.3: a form of type cancel is a refusal", "[sianswer]" )
{
  checkEnd( answer( form( { Ibb }, "type='cancel'" ) ), Cause::Declined );
  checkEnd( answer( form( {}, "type='cancel'" ) ), Cause::Declined );
}

TEST_CASE( "TC-211, GEN-12: method names compare as exact strings", "[sianswer]" )
{
  checkEnd( answer( list( { "HTTP://jabber.org/protocol/bytestreams", S5b + "/" } ), offered( { S5b } ) ), Cause::NoValidStreams );
}

TEST_CASE( "CLS-4: in-band counts as named wherever it stood in the list that was looked at", "[sianswer]" )
{
  CHECK( answer( list( { S5b, Ibb } ) ).namesInBand );
  CHECK( answer( list( { S5b, Ibb } ), offered( { S5b }, false ) ).namesInBand );
  CHECK( answer( form( { Ibb } ), offered( { S5b } ) ).namesInBand );
  CHECK( answer( form( { S5b, Ibb } ), offered( { S5b, Ibb }, true, false ) ).namesInBand );
  CHECK_FALSE( answer( list( { S5b } ) ).namesInBand );
  CHECK_FALSE( answer( form( { S5b } ) ).namesInBand );
  CHECK_FALSE( answer( "" ).namesInBand );
}
