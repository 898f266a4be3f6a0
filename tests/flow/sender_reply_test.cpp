// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How the sender reads the list in an answer, and what it does with it. What is no list is in sender_answer_test.cpp.

#include "flow/sender_fixture.h"

using namespace simultiple;
using namespace simultiple::test;

namespace
{

const std::string ListOpen = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>";
const std::string ListClose = "</si-multiple>";
const std::string IbbValue = "<value>http://jabber.org/protocol/ibb</value>";
const std::string S5bValue = "<value>http://jabber.org/protocol/bytestreams</value>";
const std::string PlainIbb = "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"
                             "<field var='stream-method'><value>http://jabber.org/protocol/ibb</value></field></x></feature>";

/** Refuses the in-band open, which must be the only opening, and expects the end. */
void expectIbbAlone( Sender& s )
{
  REQUIRE( s.opens() == 1 );
  s.refuse( s.openId(), "not-acceptable" );
  CHECK( s.opens() == 1 );
  CHECK( s.count( "<query " ) == 0 );
  s.checkEnded( "methods-exhausted" );
}

/** The same for S5B. */
void expectS5bAlone( Sender& s )
{
  REQUIRE( s.queries() == 1 );
  CHECK( s.opens() == 0 );
  s.refuse( s.queryId(), "item-not-found" );
  CHECK( s.queries() == 1 );
  CHECK( s.opens() == 0 );
  s.checkEnded( "methods-exhausted" );
}

/** S5B is tried once, then IBB once. */
void expectS5bThenIbb( Sender& s )
{
  REQUIRE( s.queries() == 1 );
  CHECK( s.opens() == 0 );
  s.refuse( s.queryId(), "item-not-found" );
  CHECK( s.queries() == 1 );
  REQUIRE( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

} // namespace

TEST_CASE( "TC-048, NEG-1: the receiver's order decides what is opened first", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( IbbFirst );
  REQUIRE( s.solo.sent().size() == 2 );
  CHECK( s.solo.sent().back().find( "<open xmlns='http://jabber.org/protocol/ibb' sid='" + s.sid + "' block-size='4096'/>" ) != std::string::npos );
  CHECK( attribute( s.solo.sent().back(), "to" ) == Juliet );
  REQUIRE( s.bot.accepted.size() == 1 );
  CHECK( s.bot.accepted.front().dialect == Dialect::SiMultiple );
  CHECK( s.bot.accepted.front().methods == std::vector<std::string>{ Ibb, S5b } );
}

TEST_CASE( "TC-049, SIM-23: a method that was not offered is skipped", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( ListOpen + "<value>urn:x:new</value>" + IbbValue + ListClose );
  expectIbbAlone( s );
}

TEST_CASE( "TC-050, SIM-23, SIM-24: IBB that was not offered is not tried, wherever it stands", "[sender]" )
{
  Sender s;
  (void)s.offerOnly( { S5b } );
  s.accept( GENERATE( true, false ) ? Both : IbbFirst );
  expectS5bAlone( s );
}

TEST_CASE( "TC-051, SIM-25, NEG-2: of a method that is listed twice there is one opening", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( ListOpen + S5bValue + S5bValue + IbbValue + ListClose );
  expectS5bThenIbb( s );
}

TEST_CASE( "TC-052, SIM-21: values are trimmed and their children ignored", "[sender]" )
{
  Sender s;
  (void)s.offer();
  SECTION( "padded" )
  {
    s.accept( ListOpen + "<value>\n  http://jabber.org/protocol/bytestreams\t</value><value> http://jabber.org/protocol/ibb </value>" + ListClose );
    expectS5bThenIbb( s );
  }
  SECTION( "with children" )
  {
    s.accept( ListOpen + "<value x='y'>http://jabber.org/protocol/ibb<note xmlns='urn:x'>or else</note></value>" + ListClose );
    expectIbbAlone( s );
  }
}

TEST_CASE( "TC-053, SIM-22, SIM-26: empty and long values are skipped, and the 17th is not looked at", "[sender]" )
{
  Sender s;
  (void)s.offer();
  SECTION( "skipped" )
  {
    s.accept( ListOpen + "<value/><value> </value><value>" + std::string( 300, 'x' ) + "</value>" + IbbValue + ListClose );
    expectIbbAlone( s );
  }
  SECTION( "the 17th" )
  {
    std::string values;
    for( int i = 0; i < 16; ++i )
      values += "<value>urn:x:" + std::to_string( i ) + "</value>";
    s.accept( ListOpen + values + IbbValue + ListClose );
    CHECK( s.solo.sent().size() == 1 );
    s.checkEnded( "no-valid-streams" );
  }
}

TEST_CASE( "TC-054, SIM-27: an empty list without a form ends the session and nothing is sent", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>" );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "no-valid-streams" );
}

TEST_CASE( "TC-055, SIM-27: an empty list gives way to the form", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>" + PlainIbb );
  expectIbbAlone( s );
}

TEST_CASE( "TC-056, SIM-27: a good list makes the form unseen", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( GENERATE( true, false ) ? OnlyIbb + PlainS5b : PlainS5b + OnlyIbb );
  expectIbbAlone( s );
}

TEST_CASE( "TC-057, SIM-28: several values in a form without type are a list, whatever was offered", "[sender]" )
{
  const bool extension = GENERATE( true, false );
  Sender s( [extension]( Options& options ) { options.siMultiple = extension; } );
  (void)s.offer();
  CHECK( s.count( "<si-multiple" ) == ( extension ? 1U : 0U ) );
  s.accept( SmackBoth );
  REQUIRE( s.bot.accepted.size() == 1 );
  CHECK( s.bot.accepted.front().dialect == Dialect::Smack );
  expectS5bThenIbb( s );
}

TEST_CASE( "TC-058, SIM-28: without fallback only the first value of the form is used", "[sender]" )
{
  Sender s;
  OfferOptions options;
  options.fallback = false;
  (void)s.offer( options );
  s.accept( SmackBoth );
  expectS5bAlone( s );
}

TEST_CASE( "TC-059, SIM-29: of a list that was not asked for only the first value is used", "[sender]" )
{
  Sender s( []( Options& options ) { options.siMultiple = false; } );
  (void)s.offer();
  REQUIRE( s.count( "<si-multiple" ) == 0 );
  s.accept( Both );
  expectS5bAlone( s );
}

TEST_CASE( "TC-060, SI-6, INT-9: with the last resort off a plain S5B that fails is the end", "[sender]" )
{
  Sender s( []( Options& options ) { options.lastResort = false; } );
  (void)s.offer();
  s.accept( PlainS5b );
  REQUIRE( s.bot.accepted.size() == 1 );
  CHECK( s.bot.accepted.front().dialect == Dialect::Plain );
  expectS5bAlone( s );
}

TEST_CASE( "TC-223b, INT-9: after a plain S5B that failed IBB is tried once, and its error is the end", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( PlainS5b );
  REQUIRE( s.queries() == 1 );
  CHECK( s.opens() == 0 );
  s.refuse( s.queryId(), "item-not-found" );
  REQUIRE( s.opens() == 1 );
  s.refuse( s.openId(), GENERATE( "service-unavailable", "item-not-found" ) );
  CHECK( s.opens() == 1 );
  CHECK( s.queries() == 1 );
  s.checkEnded( "methods-exhausted" );
}

TEST_CASE( "TC-063, SIM-20: prefixes on all elements of the list are understood", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.reply( s.offerId(), "<s:si xmlns:s='http://jabber.org/protocol/si'>"
                        "<m:si-multiple xmlns:m='http://telepathy.freedesktop.org/xmpp/si-multiple'>"
                        "<m:value>http://jabber.org/protocol/ibb</m:value>"
                        "<m:value>http://jabber.org/protocol/bytestreams</m:value></m:si-multiple></s:si>" );
  REQUIRE( s.bot.accepted.size() == 1 );
  CHECK( s.bot.accepted.front().dialect == Dialect::SiMultiple );
  CHECK( s.bot.accepted.front().methods == std::vector<std::string>{ Ibb, S5b } );
  CHECK( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-211, GEN-12: a method in other letters or with a slash at its end is another method", "[sender]" )
{
  Sender s;
  (void)s.offerOnly( { S5b } );
  s.accept( ListOpen + "<value>HTTP://jabber.org/protocol/bytestreams</value><value>http://jabber.org/protocol/bytestreams/</value>" + ListClose );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "no-valid-streams" );
}
