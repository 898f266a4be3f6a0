// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 7, "Offer, receiver side", continued: who offers, how often, and what the application and its profile make of it.

#include "flow/receiver_fixture.h"

#include <optional>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

const std::string Plain = replaced( W1, Extension, "" );
const std::string Both = listAnswer( "q7d1f03a9", ValueS5b + ValueIbb );

/// W-1 again under another IQ id.
std::string again( const std::string& id, const std::string& sid = Sid ) { return replaced( replaced( W1, "q7d1f03a9", id ), Sid, sid ); }

std::string to( const std::string& jid, const std::string& answer ) { return withAttribute( answer, "to", jid ); }

} // namespace

TEST_CASE( "TC-037, SEC-1: an offer without from is a bad request and makes no session", "[receiver][offer]" )
{
  Receiver juliet;
  const auto answer = juliet.ask( withAttribute( W1, "from", "" ) );
  CHECK( attribute( answer, "type" ) == "error" );
  CHECK( attribute( answer, "to" ).empty() );   // GEN-4
  CHECK( answer.find( "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" ) != std::string::npos );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.manager.sessions() == 0 );
}

TEST_CASE( "TC-038: an offer of type get is a bad request", "[receiver][offer]" )
{
  Receiver juliet;
  CHECK_THAT( juliet.ask( withAttribute( W1, "type", "get" ) ), Equals( refusal( "q7d1f03a9", "modify", "bad-request" ) ) );
  CHECK( juliet.bot.offers.empty() );
}

TEST_CASE( "TC-039, SI-13: an offer of type reply makes no session", "[receiver][offer]" )
{
  Receiver juliet;
  const auto answer = juliet.ask( withAttribute( W1, "type", "reply" ) );
  CHECK( ( answer.empty() || answer == refusal( "q7d1f03a9", "modify", "bad-request" ) ) );
  CHECK( juliet.solo.sent().size() <= 1 );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.manager.sessions() == 0 );
}

TEST_CASE( "TC-040, GEN-9: a second offer with the same stream id is a conflict and changes nothing", "[receiver][offer]" )
{
  Receiver juliet;
  SECTION( "while the first is undecided" )
  {
    juliet.bot.onOffer = Bot::OnOffer::Wait;
    juliet.feed( W1 );
    CHECK_THAT( juliet.ask( again( "q2" ) ), Equals( refusal( "q2", "cancel", "conflict" ) ) );
    CHECK( juliet.solo.sent().size() == 1 );
    REQUIRE( juliet.bot.offers.size() == 1 );
    CHECK( juliet.bot.profile->accept( juliet.bot.offers[0] ) );
    juliet.settle();
    CHECK_THAT( juliet.answer( "q7d1f03a9" ), Equals( Both ) );
  }
  SECTION( "when the first is accepted" )
  {
    juliet.accepted();
    CHECK_THAT( juliet.ask( again( "q2" ) ), Equals( refusal( "q2", "cancel", "conflict" ) ) );
  }
  CHECK( juliet.bot.offers.size() == 1 );
  CHECK_THAT( juliet.ask( ibbOpen( "a1" ) ), Equals( result( "a1" ) ) );
  CHECK( juliet.bot.ends.empty() );
}

TEST_CASE( "TC-041, GEN-9, NEG-41: a peer cannot offer the stream id that we have offered to it", "[receiver][offer]" )
{
  Receiver juliet;
  const auto sid = juliet.bot.offer( Romeo );
  REQUIRE_FALSE( sid.empty() );
  juliet.settle();
  CHECK_THAT( juliet.ask( again( "q2", sid ) ), Equals( refusal( "q2", "cancel", "conflict" ) ) );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.ends.empty() );
  CHECK( juliet.bot.manager.sessions() == 1 );
}

TEST_CASE( "TC-042, GEN-2: two peers may use the same stream id", "[receiver][offer]" )
{
  Receiver juliet;
  juliet.accepted();
  const std::string benvolio = "benvolio@montague.example/square";
  CHECK_THAT( juliet.ask( withAttribute( again( "q2" ), "from", benvolio ) ), Equals( to( benvolio, listAnswer( "q2", ValueS5b + ValueIbb ) ) ) );
  CHECK( juliet.bot.manager.sessions() == 2 );
  CHECK_THAT( juliet.ask( withAttribute( ibbOpen( "a1" ), "from", benvolio ) ), Equals( to( benvolio, result( "a1" ) ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a2" ) ), Equals( result( "a2" ) ) );
  REQUIRE( juliet.bot.streams.size() == 2 );
  CHECK( juliet.bot.streams[0]->initiator().full() == benvolio );
  CHECK( juliet.bot.streams[1]->initiator().full() == Romeo );
}

TEST_CASE( "TC-043, SEC-13: five undecided offers of an account are enough, whatever its resources", "[receiver][offer]" )
{
  Receiver juliet;
  juliet.bot.onOffer = Bot::OnOffer::Wait;
  for( int i = 0; i < 5; ++i )
  {
    const auto n = std::to_string( i );
    juliet.unanswered( "q" + n );
    juliet.feed( withAttribute( again( "q" + n, "sid" + n ), "from", "romeo@montague.example/r" + n ) );
  }
  CHECK( juliet.solo.sent().empty() );
  CHECK( juliet.bot.offers.size() == 5 );
  const std::string sixth = "romeo@montague.example/r5";
  CHECK_THAT( juliet.ask( withAttribute( again( "q5", "sid5" ), "from", sixth ) ), Equals( to( sixth, refusal( "q5", "wait", "resource-constraint" ) ) ) );
  CHECK( juliet.bot.offers.size() == 5 );
  CHECK_THAT( juliet.bot.limits.at( 0 ), Equals( sixth + ": offers per peer" ) );

  juliet.unanswered( "q6" );   // another account is not concerned
  juliet.feed( withAttribute( again( "q6", "sid6" ), "from", "benvolio@montague.example/square" ) );
  CHECK( juliet.bot.offers.size() == 6 );
}

TEST_CASE( "TC-043, SEC-13: an offer that is decided makes room for another", "[receiver][offer]" )
{
  Receiver juliet;
  for( int i = 0; i < 10; ++i )
  {
    const auto n = std::to_string( i );
    juliet.bot.onOffer = i % 2 ? Bot::OnOffer::Decline : Bot::OnOffer::Accept;
    CHECK( attribute( juliet.ask( again( "q" + n, "sid" + n ) ), "type" ) == ( i % 2 ? "error" : "result" ) );
  }
  CHECK( juliet.bot.offers.size() == 10 );
  CHECK( juliet.bot.limits.empty() );
}

TEST_CASE( "TC-044, SI-15, ST-R-5: T-R-APP declines once, and the application comes too late", "[receiver][offer]" )
{
  Receiver juliet;
  juliet.bot.onOffer = Bot::OnOffer::Wait;
  juliet.feed( W1 );
  juliet.advance( 600s - 1ms );
  CHECK( juliet.solo.sent().empty() );
  juliet.advance( 1ms );
  const std::string text = "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Offer Declined</text>";
  CHECK_THAT( juliet.answer( "q7d1f03a9" ), Equals( refusal( "q7d1f03a9", "cancel", "forbidden", text ) ) );
  CHECK( juliet.bot.cause() == "timeout" );
  CHECK_FALSE( juliet.bot.profile->accept( juliet.bot.offers.at( 0 ) ) );
  juliet.settle();
  CHECK( juliet.solo.sent().size() == 1 );
  CHECK( juliet.bot.ends.size() == 1 );
}

TEST_CASE( "TC-045, SI-8, TC-216, SIM-14: every offer is answered once, and never in both dialects", "[receiver][offer]" )
{
  const auto from = W1.find( "<feature" ), end = W1.find( "</feature>" ) + 10;
  const std::string offers[] = { W1, Plain, replaced( W1, OptionS5b, "" ), replaced( W1, OptionS5b + OptionIbb, "" ), replaced( W1, "list-single", "text-single" ),
                                 replaced( W1, "type='form'", "type='submit'" ), replaced( W1, "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'", "<file xmlns='urn:x:other'" ),
                                 W1.substr( 0, from ) + W1.substr( end ), replaced( W1, " id='" + Sid + "'", "" ),
                                 replaced( Plain, "list-single", "list-multi" ), replaced( W1, " profile='", " profil='" ), withAttribute( W1, "type", "get" ),
                                 replaced( W1, Extension, Extension + Extension ) };
  const auto decision = GENERATE( Bot::OnOffer::Accept, Bot::OnOffer::Decline, Bot::OnOffer::Wait );
  const bool smack = GENERATE( false, true );
  for( const auto& offer : offers )
  {
    INFO( offer );
    Receiver juliet( [smack]( Options& options ) { options.smackDialect = smack; } );
    juliet.bot.onOffer = decision;
    juliet.feed( offer );
    juliet.advance( 600s );   // T-R-APP, for those that wait
    REQUIRE( juliet.solo.sent().size() == 1 );
    const auto answer = juliet.answer( "q7d1f03a9" );
    CHECK_FALSE( answer.empty() );
    CHECK( ( answer.find( "<feature" ) == std::string::npos || answer.find( "<si-multiple" ) == std::string::npos ) );
    CHECK( ( decision == Bot::OnOffer::Accept || attribute( answer, "type" ) == "error" ) );
  }
}

TEST_CASE( "TC-046, GEN-7: an offer inside a wrapper is nothing", "[receiver][offer]" )
{
  Receiver juliet;
  const auto wrapped = GENERATE( as<std::string>(),
    "<message to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'><forwarded xmlns='urn:xmpp:forward:0'>",
    "<message to='juliet@capulet.example/balcony' from='juliet@capulet.example'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>" );
  const bool carbon = wrapped.find( "received" ) != std::string::npos;
  juliet.feed( wrapped + replaced( W1, "<iq ", "<iq xmlns='jabber:client' " ) + "</forwarded>" + ( carbon ? "</received>" : "" ) + "</message>" );
  CHECK( juliet.solo.sent().empty() );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.manager.sessions() == 0 );
}

TEST_CASE( "TC-047: 64 KiB of unknown things around the valid parts are ignored", "[receiver][offer]" )
{
  std::string noise;
  for( int i = 0; noise.size() < 22000; ++i )
    noise += "<n" + std::to_string( i ) + " xmlns='urn:x:noise' a='1' stream-method='x'><value>text that nobody asked for</value></n" + std::to_string( i ) + ">";
  auto offer = replaced( W1, "<feature", noise + "<feature" );
  offer = replaced( offer, "<field ", noise + "<field " );
  offer = replaced( offer, "</si>", noise + "</si>" );
  offer = replaced( offer, "mime-type", "noise='1' mime-type" );
  REQUIRE( offer.size() > 65536 );
  Receiver juliet;
  CHECK_THAT( juliet.ask( offer ), Equals( Both ) );
  CHECK( juliet.bot.offers.size() == 1 );
}

TEST_CASE( "TC-189, SEC-21: a stranger is told at once that there is no such service", "[receiver][offer]" )
{
  ProfileOptions contactsOnly;
  contactsOnly.knows = []( const gloox::JID& peer ) { return peer.bare() == "romeo@montague.example"; };
  Receiver juliet( {}, contactsOnly );
  const std::string stranger = "tybalt@capulet.example/vault";
  CHECK_THAT( juliet.ask( withAttribute( W1, "from", stranger ) ), Equals( to( stranger, refusal( "q7d1f03a9", "cancel", "service-unavailable" ) ) ) );
  CHECK_THAT( juliet.ask( withAttribute( withAttribute( again( "q1" ), "from", stranger ), "type", "get" ) ),
              Equals( to( stranger, refusal( "q1", "cancel", "service-unavailable" ) ) ) );
  CHECK( juliet.bot.offers.empty() );
  CHECK_THAT( juliet.ask( again( "q2" ) ), Equals( listAnswer( "q2", ValueS5b + ValueIbb ) ) );
}

TEST_CASE( "TC-207, PCU-1: namespaces that are not for profiles are refused, and so is one that is taken", "[receiver][profile]" )
{
  Receiver juliet;
  const auto ns = GENERATE( as<std::string>(), "http://jabber.org/protocol/si", "http://telepathy.freedesktop.org/xmpp/si-multiple", "",
                            "http://jabber.org/protocol/si/profile/file-transfer" );
  SIProfileMultiple second( juliet.bot.manager, ns, juliet.bot );
  CHECK_FALSE( second.valid() );
  CHECK_FALSE( second.offer( gloox::JID( Romeo ), nullptr ) );
  SIProfileMultiple other( juliet.bot.manager, "urn:x:profile", juliet.bot );
  CHECK( other.valid() );
  CHECK( juliet.bot.profile->valid() );
}

TEST_CASE( "TC-207, PCU-2: an element of a foreign namespace is not sent", "[receiver][profile]" )
{
  Receiver juliet;
  SECTION( "in an offer" )
  {
    const auto result = juliet.bot.profile->offer( gloox::JID( Romeo ), std::make_unique<gloox::Tag>( "file", "xmlns", "urn:x:foreign" ) );
    CHECK_FALSE( result );
    CHECK_FALSE( result.problem.empty() );
    juliet.settle();
    CHECK( juliet.solo.sent().empty() );
  }
  SECTION( "in an answer; the offer stays undecided" )
  {
    juliet.bot.onOffer = Bot::OnOffer::Wait;
    juliet.feed( W1 );
    AcceptOptions options;
    options.profileChild = std::make_shared<gloox::Tag>( "file", "xmlns", "urn:x:foreign" );
    CHECK_FALSE( juliet.bot.profile->accept( juliet.bot.offers.at( 0 ), options ) );
    juliet.settle();
    CHECK( juliet.solo.sent().empty() );
    CHECK( juliet.bot.profile->accept( juliet.bot.offers.at( 0 ) ) );
    juliet.settle();
    CHECK_THAT( juliet.answer( "q7d1f03a9" ), Equals( Both ) );
  }
}

TEST_CASE( "TC-215, SI-10, SIM-15: a method that cannot be served now is not in the list", "[receiver][offer]" )
{
  Receiver juliet( []( Options& options )
  {
    const bool byPolicy = GENERATE( true, false );
    if( byPolicy )
      options.privacy = Privacy::S5bOnly;
    else
      options.methods = { gloox::XMLNS_BYTESTREAMS };
  } );
  CHECK_THAT( juliet.ask( W1 ), Equals( listAnswer( "q7d1f03a9", ValueS5b ) ) );
  CHECK_THAT( juliet.ask( ibbOpen( "a1" ) ), Equals( ibbNotAcceptable( "a1" ) ) );
}

TEST_CASE( "TC-222, INT-6: an offer as stock gloox makes it is answered with one method", "[receiver][offer]" )
{
  const std::string offer = fromRomeo( "uid:1", "<si id='uid:2' xmlns='http://jabber.org/protocol/si' mime-type='binary/octet-stream' "
    "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
    "<file name='a.txt' size='3' xmlns='http://jabber.org/protocol/si/profile/file-transfer'/>"
    "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'><field type='list-single' var='stream-method'>"
    "<option label='IBB'><value>http://jabber.org/protocol/ibb</value></option>"
    "<option label='S5B'><value>http://jabber.org/protocol/bytestreams</value></option></field></x></feature></si>" );
  Receiver juliet;
  SECTION( "S5B by default" ) { CHECK_THAT( juliet.ask( offer ), Equals( plainAnswer( "uid:1", ValueS5b ) ) ); }
  SECTION( "IBB if the application asks for it" )
  {
    juliet.bot.acceptOptions.methods = { gloox::XMLNS_IBB };
    CHECK_THAT( juliet.ask( offer ), Equals( plainAnswer( "uid:1", ValueIbb ) ) );
  }
  CHECK( juliet.bot.offers.at( 0 ).mimeType.empty() );
}

TEST_CASE( "TC-244, PCU-4: a profile with one mandatory method needs no form", "[receiver][profile]" )
{
  ProfileOptions mandatory;
  mandatory.mandatoryMethod = gloox::XMLNS_IBB;
  Receiver juliet( {}, mandatory );
  const auto from = W1.find( "<feature" ), end = W1.find( "</feature>" ) + 10;
  const std::string bare = W1.substr( 0, from ) + W1.substr( end );
  SECTION( "with the extension" ) { CHECK_THAT( juliet.ask( bare ), Equals( listAnswer( "q7d1f03a9", ValueIbb ) ) ); }
  SECTION( "without" ) { CHECK_THAT( juliet.ask( replaced( bare, Extension, "" ) ), Equals( plainAnswer( "q7d1f03a9", ValueIbb ) ) ); }
  CHECK_THAT( juliet.ask( ibbOpen( "a1" ) ), Equals( result( "a1" ) ) );
}

TEST_CASE( "PCU-3, PCU-6: what is switched off or retired while it looks at an offer is not asked about it", "[receiver][profile]" )
{
  std::function<void()> within;
  ProfileOptions screening;
  screening.screen = [&within]( const Offer& )
  {
    within();
    return std::nullopt;
  };
  Receiver juliet( {}, screening );
  SECTION( "disable()" )
  {
    within = [&] { juliet.bot.manager.disable(); };
  }
  SECTION( "retire()" )
  {
    within = [&] { juliet.bot.profile->retire(); };
  }
  CHECK_THAT( juliet.ask( W1 ), Equals( refusal( "q7d1f03a9", "cancel", "bad-request", "<bad-profile xmlns='http://jabber.org/protocol/si'/>" ) ) );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.manager.sessions() == 0 );
}

TEST_CASE( "TC-243, PCU-3: a profile can refuse an offer in words of its own, before the application is asked", "[receiver][profile]" )
{
  std::optional<Refusal> verdict;
  ProfileOptions screening;
  screening.screen = [&verdict]( const Offer& ) { return verdict; };
  Receiver juliet( {}, screening );
  SECTION( "bad-request with its condition" )
  {
    verdict = Refusal( Decline::BadRequest, "no-such-tube" );
    CHECK_THAT( juliet.ask( W1 ), Equals( refusal( "q7d1f03a9", "modify", "bad-request",
                                                   "<no-such-tube xmlns='http://jabber.org/protocol/si/profile/file-transfer'/>" ) ) );
  }
  SECTION( "bad-request; what is no element name is left out" )
  {
    verdict = Refusal( Decline::BadRequest, GENERATE( as<std::string>(), "", "<x/>", "a b", "1st" ) );
    CHECK_THAT( juliet.ask( W1 ), Equals( refusal( "q7d1f03a9", "modify", "bad-request" ) ) );
  }
  SECTION( "forbidden" )
  {
    verdict = Decline::Forbidden;
    CHECK( juliet.ask( W1 ).find( "<forbidden " ) != std::string::npos );
  }
  SECTION( "service-unavailable" )
  {
    verdict = Decline::Stranger;
    CHECK_THAT( juliet.ask( W1 ), Equals( refusal( "q7d1f03a9", "cancel", "service-unavailable" ) ) );
  }
  CHECK( juliet.bot.offers.empty() );
  verdict.reset();
  CHECK_THAT( juliet.ask( again( "q2" ) ), Equals( listAnswer( "q2", ValueS5b + ValueIbb ) ) );
}

TEST_CASE( "TC-243, PCU-6: a retired profile refuses new offers and leaves what runs alone", "[receiver][profile]" )
{
  Receiver juliet;
  juliet.accepted();
  REQUIRE( juliet.ask( ibbOpen( "a1" ) ) == result( "a1" ) );
  juliet.bot.onOffer = Bot::OnOffer::Wait;
  juliet.feed( again( "q2", "undecided" ) );

  juliet.bot.profile->retire();
  CHECK_FALSE( juliet.bot.profile->valid() );
  CHECK_THAT( juliet.ask( again( "q3", "late" ) ), Equals( refusal( "q3", "cancel", "bad-request", "<bad-profile xmlns='http://jabber.org/protocol/si'/>" ) ) );
  CHECK( juliet.bot.offer( Romeo ).empty() );
  CHECK_THAT( juliet.ask( ibbData( "a2", 0, "aGk=" ) ), Equals( result( "a2" ) ) );
  CHECK( juliet.bot.received == "hi" );
  CHECK( juliet.bot.profile->accept( juliet.bot.offers.at( 1 ) ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "q2" ), Equals( listAnswer( "q2", ValueS5b + ValueIbb ) ) );
  CHECK( juliet.bot.ends.empty() );

  // The namespace is free for a successor, who keeps his sessions when the retired one goes.
  Bot successor( juliet.solo.client.client(), testOptions( juliet.solo.clock ), {}, "urn:x:unused" );
  SIProfileMultiple next( juliet.bot.manager, Profile, successor );
  CHECK( next.valid() );
  successor.onOffer = Bot::OnOffer::Wait;
  juliet.feed( again( "q4", "fresh" ) );
  CHECK( successor.offers.size() == 1 );
  juliet.bot.profile.reset();
  juliet.settle();
  CHECK( juliet.bot.manager.sessions() == 1 );
  CHECK( juliet.bot.ends.empty() );
}
