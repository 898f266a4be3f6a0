// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 7, "Offer, receiver side": what is read from an offer, and how it is answered.

#include "flow/receiver_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

const std::string Plain = replaced( W1, Extension, "" );

std::string withOptions( const std::string& options, const std::string& offer = W1 ) { return replaced( offer, OptionS5b + OptionIbb, options ); }

const std::string BadRequest = refusal( "q7d1f03a9", "modify", "bad-request" );
const std::string NoValidStreams = refusal( "q7d1f03a9", "cancel", "bad-request", "<no-valid-streams xmlns='http://jabber.org/protocol/si'/>" );
const std::string Both = listAnswer( "q7d1f03a9", ValueS5b + ValueIbb );
const std::string PlainS5b = plainAnswer( "q7d1f03a9", ValueS5b );

} // namespace

TEST_CASE( "TC-012, SIM-10: an offer with the extension is answered with the list and without the form", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( W1 ), Equals( Both ) );
  CHECK( juliet.solo.sent().size() == 1 );
  REQUIRE( juliet.bot.offers.size() == 1 );
  const auto& offer = juliet.bot.offers[0];
  CHECK( offer.peer.full() == Romeo );
  CHECK( offer.local.full() == Juliet );
  CHECK( offer.sid == Sid );
  CHECK( offer.mimeType == "text/plain" );
  CHECK( offer.multiple );
  CHECK( offer.methods == Words{ gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB } );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-013, SIM-10, SI-11: without the extension the answer is the form with S5B alone", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( Plain ), Equals( PlainS5b ) );
  CHECK( juliet.solo.sent().size() == 1 );
}

TEST_CASE( "TC-014, SIM-10: a list of one is still a list", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( withOptions( OptionIbb ) ), Equals( listAnswer( "q7d1f03a9", ValueIbb ) ) );
}

TEST_CASE( "TC-015, SIM-11: what we do not implement is left out of the list", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( withOptions( OptionS5b + "<option><value>urn:x:unknown</value></option>" + OptionIbb ) ), Equals( Both ) );
}

TEST_CASE( "TC-016, SIM-12: the list is in our order, not in the offer's", "[receiver][offer]" )
{
  const auto reversed = withOptions( OptionIbb + OptionS5b );
  SECTION( "by default S5B comes first" )
  {
    Receiver juliet;
    CHECK_THAT( juliet.ask( reversed ), Equals( Both ) );
  }
  SECTION( "as the bot is configured" )
  {
    Receiver juliet( []( Options& options ) { options.methods = { gloox::XMLNS_IBB, gloox::XMLNS_BYTESTREAMS }; } );
    CHECK_THAT( juliet.ask( reversed ), Equals( listAnswer( "q7d1f03a9", ValueIbb + ValueS5b ) ) );
  }
}

TEST_CASE( "TC-017, SIM-13: an offered method that is repeated is listed once", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( withOptions( OptionS5b + OptionIbb + OptionS5b ) ), Equals( Both ) );
}

TEST_CASE( "TC-018, SIM-13, SI-9: an offer of unknown methods alone is refused without asking the application", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( withOptions( "<option><value>urn:x:unknown</value></option><option><value>urn:x:other</value></option>" ) ),
              Equals( NoValidStreams ) );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.manager.sessions() == 0 );
}

TEST_CASE( "TC-019, SEC-16: with the policy ibb-only the list is IBB", "[receiver][offer]" )
{
  Receiver juliet( []( Options& options ) { options.privacy = Privacy::IbbOnly; } );
  CHECK_THAT( juliet.ask( W1 ), Equals( listAnswer( "q7d1f03a9", ValueIbb ) ) );
}

TEST_CASE( "TC-020, SI-9: an offer for a profile that nobody registered is refused", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( W1, "profile='http://jabber.org/protocol/si/profile/file-transfer'", "profile='urn:x:none'" ) ),
              Equals( refusal( "q7d1f03a9", "cancel", "bad-request", "<bad-profile xmlns='http://jabber.org/protocol/si'/>" ) ) );
  CHECK( juliet.bot.offers.empty() );
}

TEST_CASE( "TC-021, SI-14: a decision counts once", "[receiver][offer]" )
{
  Receiver juliet;
  juliet.bot.onOffer = Bot::OnOffer::Wait;
  juliet.feed( W1 );
  REQUIRE( juliet.bot.offers.size() == 1 );
  CHECK( juliet.solo.sent().empty() );
  const auto offer = juliet.bot.offers[0];

  CHECK( juliet.bot.profile->decline( offer ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "q7d1f03a9" ),
              Equals( refusal( "q7d1f03a9", "cancel", "forbidden", "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Offer Declined</text>" ) ) );
  CHECK_FALSE( juliet.bot.profile->accept( offer ) );
  CHECK_FALSE( juliet.bot.profile->decline( offer ) );
  juliet.settle();
  CHECK( juliet.solo.sent().size() == 1 );
  CHECK( juliet.bot.ends.size() == 1 );
  CHECK( juliet.bot.cause() == "declined" );
}

TEST_CASE( "TC-021, SI-14: an accepted offer is neither accepted nor declined again", "[receiver][offer]" )
{
  Receiver juliet;
  juliet.accepted();
  CHECK_FALSE( juliet.bot.profile->accept( juliet.bot.offers[0] ) );
  CHECK_FALSE( juliet.bot.profile->decline( juliet.bot.offers[0] ) );
  juliet.settle();
  CHECK( juliet.solo.sent().size() == 1 );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-022: the order of the children of an offer means nothing", "[receiver][offer]" )
{
  const std::string file = "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>";
  const std::string feature = "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                              "<field var='stream-method' type='list-single'>" + OptionS5b + OptionIbb + "</field></x></feature>";
  const auto children = GENERATE_REF( feature + Extension + file, Extension + file + feature, file + Extension + feature );
  Receiver juliet;
  CHECK_THAT( juliet.ask( fromRomeo( "q7d1f03a9", "<si xmlns='http://jabber.org/protocol/si' id='" + Sid
                                                    + "' profile='http://jabber.org/protocol/si/profile/file-transfer'>" + children + "</si>" ) ),
              Equals( Both ) );
}

TEST_CASE( "TC-023: prefixes on all elements of an offer change nothing", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( fromRomeo( "q7d1f03a9",
    "<s:si xmlns:s='http://jabber.org/protocol/si' id='sm4f9c0b27d5e8416a93c1d07b6e52fa88' "
    "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
    "<f:file xmlns:f='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>"
    "<n:feature xmlns:n='http://jabber.org/protocol/feature-neg'><d:x xmlns:d='jabber:x:data' type='form'>"
    "<d:field var='stream-method' type='list-single'>"
    "<d:option><d:value>http://jabber.org/protocol/bytestreams</d:value></d:option>"
    "<d:option><d:value>http://jabber.org/protocol/ibb</d:value></d:option></d:field></d:x></n:feature>"
    "<m:si-multiple xmlns:m='http://telepathy.freedesktop.org/xmpp/si-multiple'/></s:si>" ) ), Equals( Both ) );
  CHECK( juliet.bot.offers.size() == 1 );
}

TEST_CASE( "TC-024, INT-4: a list-multi field without the extension gets one value", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( Plain, "list-single", "list-multi" ) ), Equals( PlainS5b ) );
}

TEST_CASE( "TC-025, TC-026, SIM-16: several values go to a list-multi field, and only if the application opted in", "[receiver][offer]" )
{
  Receiver juliet( []( Options& options ) { options.smackDialect = true; } );
  SECTION( "TC-025: list-multi" )
  {
    CHECK_THAT( juliet.ask( replaced( Plain, "list-single", "list-multi" ) ), Equals( plainAnswer( "q7d1f03a9", ValueS5b + ValueIbb ) ) );
    CHECK_THAT( juliet.ask( s5bQuery( "a1", "" ) ), Equals( itemNotFound( "a1" ) ) );
    CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  }
  SECTION( "TC-026: list-single" ) { CHECK_THAT( juliet.ask( Plain ), Equals( PlainS5b ) ); }
  SECTION( "with the extension the list is the answer" )
  {
    CHECK_THAT( juliet.ask( replaced( W1, "list-single", "list-multi" ) ), Equals( Both ) );
  }
}

TEST_CASE( "TC-027: a field without a type is like list-single", "[receiver][offer]" )
{
  Receiver juliet;
  SECTION( "with the extension" ) { CHECK_THAT( juliet.ask( replaced( W1, " type='list-single'", "" ) ), Equals( Both ) ); }
  SECTION( "without" ) { CHECK_THAT( juliet.ask( replaced( Plain, " type='list-single'", "" ) ), Equals( PlainS5b ) ); }
}

TEST_CASE( "TC-028: a field of type text-single is a bad request", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( W1, "list-single", "text-single" ) ), Equals( BadRequest ) );
  CHECK( juliet.bot.offers.empty() );
}

TEST_CASE( "TC-029: what stands in the extension of an offer means nothing", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( W1, Extension, "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple' max='1'>"
                                                   "<value>http://jabber.org/protocol/ibb</value><x/>text</si-multiple>" ) ), Equals( Both ) );
}

TEST_CASE( "TC-030: si-multiple in the namespace of si is not the extension", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( W1, Extension, "<si-multiple/>" ) ), Equals( PlainS5b ) );
  CHECK_FALSE( juliet.bot.offers.at( 0 ).multiple );
}

TEST_CASE( "TC-031: the extension twice is answered with one list", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( W1, Extension, Extension + Extension ) ), Equals( Both ) );
  CHECK( juliet.bot.offers.size() == 1 );
}

TEST_CASE( "TC-032: white space around a method's name is taken off", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( withOptions( "<option><value>\n  http://jabber.org/protocol/bytestreams\t </value></option>"
                                       "<option><value> http://jabber.org/protocol/ibb\n</value></option>" ) ), Equals( Both ) );
}

TEST_CASE( "TC-033: an offer needs a stream id of 1 to 256 characters", "[receiver][offer]" )
{
  const std::string id = " id='" + Sid + "'";
  Receiver juliet;
  SECTION( "none" ) { CHECK_THAT( juliet.ask( replaced( W1, id, "" ) ), Equals( BadRequest ) ); }
  SECTION( "empty" ) { CHECK_THAT( juliet.ask( replaced( W1, id, " id=''" ) ), Equals( BadRequest ) ); }
  SECTION( "257" ) { CHECK_THAT( juliet.ask( replaced( W1, id, " id='" + std::string( 257, 'a' ) + "'" ) ), Equals( BadRequest ) ); }
  CHECK( juliet.bot.offers.empty() );
  CHECK_THAT( juliet.ask( replaced( replaced( W1, id, " id='" + std::string( 256, 'a' ) + "'" ), "q7d1f03a9", "q2" ) ),
              Equals( listAnswer( "q2", ValueS5b + ValueIbb ) ) );
}

TEST_CASE( "TC-034: an offer without a profile is a bad request", "[receiver][offer]" )
{
  const auto profile = GENERATE( as<std::string>(), "", " profile=''" );
  Receiver juliet;
  CHECK_THAT( juliet.ask( replaced( W1, " profile='http://jabber.org/protocol/si/profile/file-transfer'", profile ) ), Equals( BadRequest ) );
  CHECK( juliet.bot.offers.empty() );
}

TEST_CASE( "TC-035, SI-12: an offer without a form for the method is a bad request", "[receiver][offer]" )
{
  const std::string before = W1.substr( 0, W1.find( "<feature" ) );
  const std::string after = Extension + "</si></iq>";
  const auto form = GENERATE( as<std::string>(), "", "<feature xmlns='http://jabber.org/protocol/feature-neg'/>",
                              "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'/></feature>",
                              "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                              "<field var='other' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>" );
  Receiver juliet;
  CHECK_THAT( juliet.ask( before + form + after ), Equals( BadRequest ) );
  CHECK( juliet.bot.offers.empty() );
}

TEST_CASE( "TC-036, SI-12: a field without a usable option is no-valid-streams", "[receiver][offer]" )
{
  const auto options = GENERATE( as<std::string>(), "", "<option/><option label='IBB'/>", "<option><value/></option><option><value> </value></option>",
                                 "<value>http://jabber.org/protocol/ibb</value>" );
  Receiver juliet;
  CHECK_THAT( juliet.ask( withOptions( options ) ), Equals( NoValidStreams ) );
  CHECK( juliet.bot.offers.empty() );
}
