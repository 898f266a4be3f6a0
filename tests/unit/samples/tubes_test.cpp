// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "samples/support/tubes.h"
#include "samples/support/tubesmessage.h"

#include <gloox/tag.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace sample;
using Catch::Matchers::Equals;
using Value = TubeParameter::Value;

namespace
{

std::unique_ptr<gloox::Tag> element( const std::string& xml ) { return simultiple::test::parse( xml ); }

const std::string Ns = " xmlns='http://telepathy.freedesktop.org/xmpp/tubes'";

std::optional<TubeChild> tube( const std::string& attributes, const std::string& children = "" )
{
  return TubeChild::parse( element( "<tube" + Ns + " " + attributes + ">" + children + "</tube>" ).get() );
}

std::optional<StreamChild> stream( const std::string& xml ) { return StreamChild::parse( element( xml ).get() ); }

/// What the parameters of a tube are read as.
std::vector<TubeParameter> parameters( const std::string& children )
{
  return tube( "type='dbus' service='s' id='1'", "<parameters>" + children + "</parameters>" ).value().parameters;
}

std::optional<Value> value( const std::string& type, const std::string& text )
{
  const auto all = parameters( "<parameter name='p' type='" + type + "'>" + text + "</parameter>" );
  return all.empty() ? std::nullopt : std::optional<Value>( all.at( 0 ).value );
}

/// W-31, the element alone.
const std::string W31 =
  "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes' type='dbus' service='com.example.Chess' id='333' "
  "stream-id='1229000000-3141592653' initiator='romeo@montague.example'>"
  "<parameters>"
  "<parameter name='theme' type='str'>plain</parameter>"
  "<parameter name='board' type='uint'>8</parameter>"
  "</parameters>"
  "</tube>";

/// W-33.
const std::string W33 =
  "<message to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
  "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes' type='stream' service='http' id='1402'>"
  "<parameters><parameter name='path' type='str'>/poems/</parameter></parameters>"
  "</tube>"
  "</message>";

/// W-35.
const std::string W35 =
  "<message to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
  "<close xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>"
  "</message>";

bool nothing( const TubesMessage::Content& content ) { return std::holds_alternative<std::monostate>( content ); }

std::string replaced( std::string text, const std::string& what, const std::string& by )
{
  text.replace( text.find( what ), what.size(), by );
  return text;
}

} // namespace

TEST_CASE( "PTB-3, W-31: a D-Bus tube is read as gabble writes it", "[samples][tubes]" )
{
  const auto read = TubeChild::parse( element( W31 ).get() );
  REQUIRE( read );
  CHECK( read->id == 333 );
  CHECK( read->type == TubeType::DBus );
  CHECK( read->service == "com.example.Chess" );
  REQUIRE( read->parameters.size() == 2 );
  CHECK( read->parameters[0].name == "theme" );
  CHECK( read->parameters[0].value == Value( std::string( "plain" ) ) );
  CHECK( read->parameters[1].value == Value( std::uint32_t( 8 ) ) );
}

TEST_CASE( "PTB-1: only the three elements of the namespace are children of the profile", "[samples][tubes]" )
{
  CHECK_FALSE( TubeChild::parse( nullptr ) );
  CHECK_FALSE( StreamChild::parse( nullptr ) );
  CHECK_FALSE( CloseChild::parse( nullptr ) );
  CHECK_FALSE( TubeChild::parse( element( "<tube xmlns='urn:other' type='dbus' service='s' id='1'/>" ).get() ) );
  CHECK_FALSE( TubeChild::parse( element( "<pipe" + Ns + " type='dbus' service='s' id='1'/>" ).get() ) );
  CHECK_FALSE( stream( "<stream xmlns='urn:other' tube='1'/>" ) );
  CHECK_FALSE( stream( "<close" + Ns + " tube='1'/>" ) );
  CHECK_FALSE( CloseChild::parse( element( "<stream" + Ns + " tube='1'/>" ).get() ) );

  CHECK_FALSE( stream( "<stream" + Ns + " tube='1402'/>" ).value().room );
  CHECK( stream( "<muc-stream" + Ns + " tube='1402'/>" ).value().room );
  CHECK( stream( "<t:stream xmlns:t='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>" ).value().tube == 1402 );
}

TEST_CASE( "TC-204, PTB-2: an id is a decimal number from 1 to 4294967295 and nothing else", "[samples][tubes]" )
{
  CHECK( tube( "type='dbus' service='s' id='1'" ).value().id == 1 );
  CHECK( tube( "type='dbus' service='s' id='4294967295'" ).value().id == 4294967295u );
  CHECK( stream( "<stream" + Ns + " tube='4294967295'/>" ).value().tube == 4294967295u );
  CHECK( CloseChild::parse( element( W35 )->findChild( "close" ) ).value().tube == 1402 );

  const std::string id = GENERATE( "", "0", "4294967296", "a", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551617" );
  CAPTURE( id );
  CHECK_FALSE( tube( "type='dbus' service='s' id='" + id + "'" ) );
  CHECK_FALSE( stream( "<stream" + Ns + " tube='" + id + "'/>" ) );
  CHECK_FALSE( stream( "<muc-stream" + Ns + " tube='" + id + "'/>" ) );
  CHECK_FALSE( CloseChild::parse( element( "<close" + Ns + " tube='" + id + "'/>" ).get() ) );
}

TEST_CASE( "PTB-2: an attribute of another namespace is not the id", "[samples][tubes]" )
{
  CHECK_FALSE( tube( "type='dbus' service='s'" ) );
  CHECK_FALSE( tube( "xmlns:o='urn:other' type='dbus' service='s' o:id='1'" ) );
  CHECK_FALSE( stream( "<stream" + Ns + "/>" ) );
}

TEST_CASE( "PTB-3: type and service are required", "[samples][tubes]" )
{
  CHECK( tube( "type='stream' service='http' id='1'" ).value().type == TubeType::Stream );
  CHECK_FALSE( tube( "service='s' id='1'" ) );
  CHECK_FALSE( tube( "type='pipe' service='s' id='1'" ) );
  CHECK_FALSE( tube( "type='DBUS' service='s' id='1'" ) );
  CHECK_FALSE( tube( "type='dbus' id='1'" ) );
  CHECK_FALSE( tube( "type='dbus' service='' id='1'" ) );
  CHECK( tube( "type='dbus' service='" + std::string( 256, 's' ) + "' id='1'" ) );
  CHECK_FALSE( tube( "type='dbus' service='" + std::string( 257, 's' ) + "' id='1'" ) ); // SEC-12
}

TEST_CASE( "TC-206, PTB-4: valid parameters of all types are delivered, the others are skipped", "[samples][tubes]" )
{
  const auto all = parameters( "<parameter name='s' type='str'> two words </parameter>"
                               "<parameter name='b' type='bytes'>AP8=</parameter>"
                               "<parameter name='u' type='uint'>4294967295</parameter>"
                               "<parameter name='i' type='int'>-2147483648</parameter>"
                               "<parameter name='t' type='bool'>1</parameter>"
                               "<parameter name='wrong' type='uint'>-1</parameter>"
                               "<parameter name='strange' type='double'>1.5</parameter>"
                               "<parameter type='str'>nameless</parameter>"
                               "<parameter name='untyped'>x</parameter>"
                               "<other name='o' type='str'>x</other>"
                               "<parameter xmlns='urn:other' name='foreign' type='str'>x</parameter>" );
  REQUIRE( all.size() == 5 );
  CHECK( all[0].value == Value( std::string( " two words " ) ) );
  CHECK( all[1].value == Value( TubeBytes{ std::string( "\0\xff", 2 ) } ) );
  CHECK( all[2].value == Value( std::uint32_t( 4294967295u ) ) );
  CHECK( all[3].value == Value( std::int32_t( -2147483647 - 1 ) ) );
  CHECK( all[4].value == Value( true ) );
}

TEST_CASE( "PTB-4: numbers have their 32 bits and not one more", "[samples][tubes]" )
{
  CHECK( value( "uint", "0" ) == Value( std::uint32_t( 0 ) ) );
  CHECK( value( "uint", "\n 7 " ) == Value( std::uint32_t( 7 ) ) );
  CHECK( value( "int", "2147483647" ) == Value( std::int32_t( 2147483647 ) ) );
  CHECK( value( "int", "-0" ) == Value( std::int32_t( 0 ) ) );

  const std::string text = GENERATE( "", "-", "--1", "+1", "1e3", "0x1", "1.0", "1 2", "99999999999999999999" );
  CAPTURE( text );
  CHECK_FALSE( value( "uint", text ) );
  CHECK_FALSE( value( "int", text ) );
  CHECK_FALSE( value( "uint", "4294967296" ) );
  CHECK_FALSE( value( "uint", "-1" ) );
  CHECK_FALSE( value( "int", "2147483648" ) );
  CHECK_FALSE( value( "int", "-2147483649" ) );
}

TEST_CASE( "PTB-4: a truth value is 0 or 1, or false or true", "[samples][tubes]" )
{
  CHECK( value( "bool", "0" ) == Value( false ) );
  CHECK( value( "bool", "1" ) == Value( true ) );
  CHECK( value( "bool", "false" ) == Value( false ) );
  CHECK( value( "bool", " true " ) == Value( true ) );
  const std::string text = GENERATE( "", "2", "TRUE", "yes", "01" );
  CAPTURE( text );
  CHECK_FALSE( value( "bool", text ) );
}

TEST_CASE( "PTB-4, IBB-7: bytes are checked before they are decoded", "[samples][tubes]" )
{
  CHECK( value( "bytes", "" ) == Value( TubeBytes{} ) );
  CHECK( value( "bytes", "SGVsbG8s\n  IEp1bGlldA==\n" ) == Value( TubeBytes{ "Hello, Juliet" } ) );
  const std::string text = GENERATE( "A", "AA", "AAA", "AA=A", "A===", "====", "=AAA", "AA==AAAA", "AA*=", "AAAAA" );
  CAPTURE( text );
  CHECK_FALSE( value( "bytes", text ) );
}

TEST_CASE( "PTB-4: of two parameters with one name the last valid one counts", "[samples][tubes]" )
{
  const auto all = parameters( "<parameter name='a' type='str'>first</parameter><parameter name='b' type='str'>x</parameter>"
                               "<parameter name='a' type='uint'>2</parameter><parameter name='a' type='uint'>two</parameter>" );
  REQUIRE( all.size() == 2 );
  CHECK( all[1].name == "a" );
  CHECK( all[1].value == Value( std::uint32_t( 2 ) ) );
}

TEST_CASE( "SEC-12: at most 64 parameters are looked at, and values have at most 4096 characters", "[samples][tubes]" )
{
  std::string many;
  for( int i = 0; i < 100; ++i )
    many += "<parameter name='p" + std::to_string( i ) + "' type='str'>x</parameter>";
  CHECK( parameters( many ).size() == 64 );
  CHECK( parameters( "<parameter name='bad' type='nothing'/>" + many ).size() == 63 );

  std::string long_; // characters, not bytes
  for( int i = 0; i < 4096; ++i )
    long_ += "\xc3\xbc";
  CHECK( value( "str", long_ ) == Value( long_ ) );
  CHECK_FALSE( value( "str", long_ + "x" ) );
  CHECK_FALSE( value( "bytes", std::string( 4100, 'A' ) ) );
  CHECK( parameters( "<parameter name='" + std::string( 256, 'n' ) + "' type='str'>x</parameter>" ).size() == 1 );
  CHECK( parameters( "<parameter name='" + std::string( 257, 'n' ) + "' type='str'>x</parameter>" ).empty() );
}

TEST_CASE( "TC-206, PTB-4: what is written is what was meant, truth values as 0 and 1", "[samples][tubes]" )
{
  TubeChild child;
  child.id = 1402;
  child.service = "http";
  child.parameters = { { "s", std::string( "a<b" ) }, { "b", TubeBytes{ "hi" } }, { "u", std::uint32_t( 8 ) }, { "i", std::int32_t( -8 ) },
                       { "yes", true }, { "no", false } };
  REQUIRE( child.problem().empty() );
  CHECK_THAT( child.tag()->xml(),
              Equals( "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes' type='stream' service='http' id='1402'><parameters>"
                      "<parameter name='s' type='str'>a&lt;b</parameter><parameter name='b' type='bytes'>aGk=</parameter>"
                      "<parameter name='u' type='uint'>8</parameter><parameter name='i' type='int'>-8</parameter>"
                      "<parameter name='yes' type='bool'>1</parameter><parameter name='no' type='bool'>0</parameter>"
                      "</parameters></tube>" ) );
  const auto back = TubeChild::parse( element( child.tag()->xml() ).get() );
  REQUIRE( back );
  REQUIRE( back->parameters.size() == child.parameters.size() );
  for( std::size_t i = 0; i < child.parameters.size(); ++i )
    CHECK( back->parameters[i].value == child.parameters[i].value );
}

TEST_CASE( "PTB-3, PTB-5, W-34, W-35: the small elements are written as the rulebook shows them", "[samples][tubes]" )
{
  CHECK_THAT( ( StreamChild{ 1402, false }.tag()->xml() ), Equals( "<stream xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>" ) );
  CHECK_THAT( ( StreamChild{ 1402, true }.tag()->xml() ), Equals( "<muc-stream xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>" ) );
  CHECK_THAT( ( CloseChild{ 1402 }.tag()->xml() ), Equals( "<close xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>" ) );
  CHECK_THAT( acceptedTube()->xml(), Equals( "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes'/>" ) );
  TubeChild child;
  child.id = 333;
  child.type = TubeType::DBus;
  child.service = "com.example.Chess";
  CHECK_THAT( child.tag()->xml(),
              Equals( "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes' type='dbus' service='com.example.Chess' id='333'/>" ) );
}

TEST_CASE( "PTB-8: the feature of a service has its type in it", "[samples][tubes]" )
{
  CHECK( tubeFeature( TubeType::DBus, "com.example.Chess" ) == "http://telepathy.freedesktop.org/xmpp/tubes/dbus#com.example.Chess" );
  CHECK( tubeFeature( TubeType::Stream, "http" ) == "http://telepathy.freedesktop.org/xmpp/tubes/stream#http" );
}

TEST_CASE( "SEC-12: what XML cannot carry, or a peer would not take, is a problem before it is sent", "[samples][tubes]" )
{
  TubeChild child;
  CHECK_FALSE( child.problem().empty() );
  child.service = "http";
  CHECK( child.problem().empty() );
  SECTION( "service" )
  {
    child.service = GENERATE( as<std::string>{}, std::string( 257, 's' ), std::string( "a\0b", 3 ), "\xff", "\x1b[2J" );
  }
  SECTION( "name" )
  {
    child.parameters = { { GENERATE( as<std::string>{}, "", std::string( 257, 'n' ), "\x01" ), true } };
  }
  SECTION( "value" )
  {
    child.parameters = { { "p", GENERATE( as<std::string>{}, std::string( 4097, 'v' ), "\xef\xbf\xbe" ) } };
  }
  SECTION( "bytes, encoded" )
  {
    child.parameters = { { "p", TubeBytes{ std::string( 3073, 'v' ) } } };
  }
  SECTION( "number of parameters" )
  {
    child.parameters.assign( 65, { "p", true } );
  }
  CHECK_FALSE( child.problem().empty() );
}

TEST_CASE( "PTB-9, W-33, W-35: a message announces or closes by a direct child", "[samples][tubes]" )
{
  const auto announced = TubesMessage::read( *element( W33 ) );
  const auto* const what = std::get_if<TubeChild>( &announced );
  REQUIRE( what );
  CHECK( what->type == TubeType::Stream );
  CHECK( what->service == "http" );
  CHECK( what->id == 1402 );
  CHECK( what->parameters.at( 0 ).value == Value( std::string( "/poems/" ) ) );

  const auto closed = TubesMessage::read( *element( W35 ) );
  REQUIRE( std::holds_alternative<CloseChild>( closed ) );
  CHECK( std::get<CloseChild>( closed ).tube == 1402 );
}

TEST_CASE( "TC-242, PTB-9, GEN-7: what is in an error, a room, a wrapper or from the past is neither", "[samples][tubes]" )
{
  const std::string xml = GENERATE( as<std::string>{}, W33, W35 );
  REQUIRE_FALSE( nothing( TubesMessage::read( *element( xml ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( replaced( xml, "<message", "<message type='error'" ) ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( replaced( xml, "<message", "<message type='groupchat'" ) ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( replaced( xml, "</message>", "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>" ) ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( replaced( xml, "</message>", "<x xmlns='jabber:x:delay' stamp='20260101T00:00:00'/></message>" ) ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( "<message from='romeo@montague.example'><received xmlns='urn:xmpp:carbons:2'>"
                                                "<forwarded xmlns='urn:xmpp:forward:0'>" + xml + "</forwarded></received></message>" ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( "<message><body>hello</body></message>" ) ) ) );
  CHECK( nothing( TubesMessage::read( *element( replaced( xml, "<message", "<message xmlns:x='urn:x' x:from='juliet@capulet.example/balcony'" ) ) ) ) );   // SEC-1
}

TEST_CASE( "PTB-9: a message of ours asks not to be stored or copied", "[samples][tubes]" )
{
  CHECK_THAT( tubesMessage( "romeo@montague.example/orchard", "juliet@capulet.example/balcony", "m1", CloseChild{ 1402 }.tag() )->xml(),
              Equals( "<message to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard' id='m1'>"
                      "<close xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>"
                      "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/></message>" ) );
}

TEST_CASE( "SEC-12: an element whose text is cut anywhere, or changed anywhere, is read or refused", "[samples][tubes]" )
{
  // What gloox's parser lets through has a meaning or none; the sanitizers watch.
  const std::string base = GENERATE( as<std::string>{}, W31, W33, W35 );
  std::size_t refused = 0;
  for( std::size_t at = 0; at < base.size(); ++at )
    for( const char* const by : { "", "'", "<", "9", "\xff", "-" } )
    {
      std::string text = base;
      text.replace( at, 1, by );
      const auto tag = element( text );
      if( !tag )
        continue;
      const auto content = tag->name() == "message" ? TubesMessage::read( *tag ) : TubesMessage::Content();
      const auto read = TubeChild::parse( tag.get() );
      if( read )
        CHECK( read->id > 0 );
      if( !read && nothing( content ) )
        ++refused;
    }
  CHECK( refused > 0 );
}
