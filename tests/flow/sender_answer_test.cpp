// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers to an offer that open nothing: refusals, nonsense, other people's, too late.

#include "flow/sender_fixture.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

std::string si( const std::string& content )
{
  return "<si xmlns='http://jabber.org/protocol/si'>" + content + "</si>";
}

} // namespace

TEST_CASE( "TC-061, SI-7: a plain answer with a method that was not offered is malformed", "[sender]" )
{
  Sender s;
  (void)s.offerOnly( { Ibb } );
  s.accept( PlainS5b );
  CHECK( s.solo.sent().size() == 1 );
  CHECK( s.bot.accepted.empty() );
  s.checkEnded( "malformed-reply" );
}

TEST_CASE( "TC-062, SI-20, SI-21: an answer without si, with an empty one or with the misprint is malformed", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.reply( s.offerId(), GENERATE( as<std::string>(), "", "<query xmlns='urn:x'/>", "<si xmlns='http://jabber.org/protocol/si'/>",
                                  "<si xmlns='http://jabber.org/protocol/si'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                                  "<x xmlns='jabber:x:data' type='submit'><field var='stream=method'>"
                                  "<value>http://jabber.org/protocol/ibb</value></field></x></feature></si>" ) );
  CHECK( s.solo.sent().size() == 1 );
  CHECK( s.bot.accepted.empty() );
  s.checkEnded( "malformed-reply" );
}

TEST_CASE( "TC-064, SIM-20: si-multiple in another namespace is nothing", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( GENERATE( as<std::string>(),
                      "<si-multiple xmlns='urn:xmpp:si-multiple'><value>http://jabber.org/protocol/ibb</value></si-multiple>",
                      "<si-multiple><value>http://jabber.org/protocol/ibb</value></si-multiple>" ) );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "malformed-reply" );
}

TEST_CASE( "TC-065, GEN-5: somebody else's answer with the right id is ignored, the true one counts", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.reply( s.offerId(), si( OnlyS5b ), "mercutio@montague.example/street" );
  CHECK( s.solo.sent().size() == 1 );
  CHECK( s.bot.accepted.empty() );
  CHECK( s.bot.manager.sessions() == 1 );
  s.accept( OnlyIbb );
  CHECK( s.count( "<query " ) == 0 );
  REQUIRE( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-066, GEN-5: an answer of the bare account or of another resource is ignored", "[sender]" )
{
  Sender s;
  (void)s.offer();
  const auto from = GENERATE( as<std::string>(), "juliet@capulet.example", "juliet@capulet.example/garden", "capulet.example" );
  SECTION( "acceptance" ) { s.reply( s.offerId(), si( Both ), from ); }
  SECTION( "refusal" ) { s.refuse( s.offerId(), "forbidden", "cancel", from ); }
  CHECK( s.solo.sent().size() == 1 );
  CHECK( s.bot.accepted.empty() );
  CHECK( s.bot.ends.empty() );
  s.accept( OnlyIbb );
  CHECK( s.opens() == 1 );
}

TEST_CASE( "TC-067, SI-13: the seed's misprint, a set with the offer's id, is bad-request and leaves the offer alone", "[sender]" )
{
  Sender s;
  (void)s.offer();
  const auto id = s.offerId();
  s.feed( "<iq type='set' id='" + id + "' from='" + Juliet + "' to='" + Romeo + "'>" + si( Both ) + "</iq>" );
  REQUIRE( s.solo.sent().size() == 2 );
  const auto answer = s.solo.sent().back();
  CHECK( attribute( answer, "type" ) == "error" );
  CHECK( attribute( answer, "id" ) == id );
  CHECK( attribute( answer, "to" ) == Juliet );
  CHECK( answer.find( "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" ) != std::string::npos );
  CHECK( s.bot.offers.empty() );
  CHECK( s.bot.ends.empty() );

  s.reply( id, si( OnlyIbb ) );
  CHECK( s.bot.accepted.size() == 1 );
  CHECK( s.opens() == 1 );
}

TEST_CASE( "TC-068, SI-22: each refusal has its cause", "[sender]" )
{
  Sender s;
  (void)s.offer();
  const auto [error, cause, text] = GENERATE( table<std::string, std::string, std::string>( {
    { "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Offer Declined</text></error>", "declined", "Offer Declined" },
    { "<error type='cancel'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      "<bad-profile xmlns='http://jabber.org/protocol/si'/></error>", "bad-profile", "" },
    { "<error type='cancel'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      "<no-valid-streams xmlns='http://jabber.org/protocol/si'/></error>", "no-valid-streams", "" },
    { "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "unsupported", "" },
    { "<error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "unsupported", "" },
    { "<error type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "peer-unreachable", "" },
    { "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "declined", "" },
    { "<error type='cancel'/>", "declined", "" },
    { "", "declined", "" },
  } ) );
  s.feed( "<iq type='error' id='" + s.offerId() + "' from='" + Juliet + "' to='" + Romeo + "'>" + error + "</iq>" );
  CHECK( s.solo.sent().size() == 1 );
  CHECK( s.bot.opens == 0 );
  s.checkEnded( cause );
  if( !text.empty() )
    CHECK( s.bot.ends.front().text == text );
}

TEST_CASE( "TC-069, SI-22, section 1.5: bad-profile counts with type modify and a code", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.feed( "<iq type='error' id='" + s.offerId() + "' from='" + Juliet + "' to='" + Romeo + "'><error type='modify' code='400'>"
          "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><bad-profile xmlns='http://jabber.org/protocol/si'/></error></iq>" );
  s.checkEnded( "bad-profile" );
}

TEST_CASE( "TC-070, SI-23: a second answer to the offer is ignored", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( OnlyIbb );
  REQUIRE( s.opens() == 1 );
  SECTION( "another list" ) { s.accept( OnlyS5b ); }
  SECTION( "a refusal" ) { s.refuse( s.offerId(), "forbidden" ); }
  CHECK( s.solo.sent().size() == 2 );
  CHECK( s.bot.accepted.size() == 1 );
  CHECK( s.bot.ends.empty() );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-071, section 1.3: a cancelled form is a refusal", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='cancel'/></feature>" );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "declined" );
}

TEST_CASE( "TC-213, GEN-14: an offer that comes back from an offline peer's server ends as unsupported, once", "[sender]" )
{
  Sender s;
  (void)s.offer();
  const auto id = s.offerId();
  s.refuse( id, "service-unavailable" );
  s.refuse( id, "service-unavailable" );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "unsupported" );
}

TEST_CASE( "TC-232, CLS-8: a pending offer ends when the peer's full JID goes offline", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.feed( "<presence type='unavailable' from='juliet@capulet.example/garden' to='" + Romeo + "'/>" );
  CHECK( s.bot.ends.empty() );   // another resource
  s.feed( "<presence from='" + Juliet + "' to='" + Romeo + "'><show>away</show></presence>" );
  CHECK( s.bot.ends.empty() );
  s.feed( "<presence type='unavailable' from='" + Juliet + "' to='" + Romeo + "'/>" );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "peer-unreachable" );
}

TEST_CASE( "TC-232, CLS-8: after the answer the peer's presence decides nothing", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.accept( OnlyIbb );
  s.feed( "<presence type='unavailable' from='" + Juliet + "' to='" + Romeo + "'/>" );
  CHECK( s.bot.ends.empty() );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-104, TMO-4, CLS-4: an acceptance after T-S-OFFER opens nothing and gets one W-24", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.advance( 600s - 1ms );
  CHECK( s.bot.ends.empty() );
  s.advance( 1ms );
  REQUIRE( s.bot.ends.size() == 1 );
  CHECK( s.bot.cause() == "timeout" );
  CHECK( s.solo.sent().size() == 1 );

  s.accept( Both );
  REQUIRE( s.solo.sent().size() == 2 );
  CHECK( s.solo.sent().back().find( "<close xmlns='http://jabber.org/protocol/ibb' sid='" + s.sid + "'/>" ) != std::string::npos );
  CHECK( attribute( s.solo.sent().back(), "to" ) == Juliet );
  s.accept( Both );
  CHECK( s.closes() == 1 );
  CHECK( s.bot.accepted.empty() );
  s.checkEnded( "timeout" );
}

TEST_CASE( "TC-157, CLS-3, CLS-4: an offer that was cancelled opens nothing when it is accepted; one W-24 goes out", "[sender]" )
{
  Sender s;
  (void)s.offer();
  REQUIRE( s.bot.profile->cancel( gloox::JID( Juliet ), s.sid ) );
  s.work();
  CHECK( s.solo.sent().size() == 1 );   // XEP-0095 has no retraction
  REQUIRE( s.bot.ends.size() == 1 );

  SECTION( "the list has IBB" )
  {
    s.accept( Both );
    REQUIRE( s.solo.sent().size() == 2 );
    CHECK( s.closes() == 1 );
    const auto close = s.solo.idOf( "<close " );
    if( GENERATE( true, false ) )
      s.reply( close );
    else
      s.refuse( close, "item-not-found" );
  }
  SECTION( "the list has no IBB" )
  {
    s.accept( OnlyS5b );
    CHECK( s.closes() == 0 );
  }
  CHECK( s.bot.opens == 0 );
  CHECK( s.bot.accepted.empty() );
  CHECK( s.opens() == 0 );
  CHECK( s.count( "<query " ) == 0 );
  s.checkEnded( "cancelled-local" );
}

TEST_CASE( "SEC-14, CLS-4: an offer that is cancelled while no tombstone may be kept ends like any other", "[sender]" )
{
  Sender s( []( Options& options ) { options.limits.tombstones = 0; } );
  const auto first = s.offer();
  const auto second = s.offer();
  // The second goes from inside the end of the first: what belongs to either is still being used then.
  s.bot.onEnd = [&]( const Bot::End& end )
  {
    if( end.sid == first )
      CHECK( s.bot.profile->cancel( gloox::JID( Juliet ), second ) );
  };
  REQUIRE( s.bot.profile->cancel( gloox::JID( Juliet ), first ) );
  s.work();
  CHECK( s.bot.ends.size() == 2 );
  CHECK( s.bot.manager.sessions() == 0 );
  s.reply( s.offerId(), "<si xmlns='http://jabber.org/protocol/si'/>" );
  CHECK( s.count( "<close" ) == 0 );
}
