// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "protocol/stanzaerror.h"

#include <functional>

using namespace simultiple;
using namespace simultiple::protocol;
using simultiple::test::parse;

namespace
{

ReceivedError received( const std::string& children )
{
  const auto iq = parse( "<iq type='error' id='q' from='juliet@capulet.example/balcony'>" + children + "</iq>" );
  REQUIRE( iq );
  return readError( *iq );
}

ReceivedError condition( const std::string& name )
{
  return received( "<error type='cancel'><" + name + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" );
}

} // namespace

TEST_CASE( "W-5 to W-8, W-12, W-19, W-20, W-25: each error is written as the rulebook prints it", "[error]" )
{
  const std::string ns = " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
  const std::string si = " xmlns='http://jabber.org/protocol/si'/>";
  struct Row
  {
    StanzaError error;
    std::string xml;
  };
  const Row row = GENERATE_COPY( values<Row>( {
      { errors::forbidden(), "<error type='cancel'><forbidden" + ns + "/><text" + ns + ">Offer Declined</text></error>" },
      { errors::forbidden( "" ), "<error type='cancel'><forbidden" + ns + "/></error>" },
      { errors::badProfile(), "<error type='cancel'><bad-request" + ns + "/><bad-profile" + si + "</error>" },
      { errors::noValidStreams(), "<error type='cancel'><bad-request" + ns + "/><no-valid-streams" + si + "</error>" },
      { errors::badRequest(), "<error type='modify'><bad-request" + ns + "/></error>" },
      { errors::conflict(), "<error type='cancel'><conflict" + ns + "/></error>" },
      { errors::serviceUnavailable(), "<error type='cancel'><service-unavailable" + ns + "/></error>" },
      { errors::tooMany(), "<error type='wait'><resource-constraint" + ns + "/></error>" },
      { errors::itemNotFound(), "<error type='cancel'><item-not-found" + ns + "/></error>" },
      { errors::s5bNotAcceptable(), "<error type='modify'><not-acceptable" + ns + "/></error>" },
      { errors::ibbNotAcceptable(), "<error type='cancel'><not-acceptable" + ns + "/></error>" },
      { errors::ibbSmallerBlocks(), "<error type='modify'><resource-constraint" + ns + "/></error>" },
      { errors::ibbUnexpected(), "<error type='cancel'><unexpected-request" + ns + "/></error>" },
      { errors::ibbBadData(), "<error type='cancel'><bad-request" + ns + "/></error>" },
  } ) );
  CHECK_THAT( row.error.tag()->xml(), Catch::Matchers::Equals( row.xml ) );
}

TEST_CASE( "a text that XML does not allow is sent in a harmless form instead of getting lost", "[error]" )
{
  const auto tag = errors::forbidden( "no\x01!" ).tag();
  CHECK( tag->findChild( "text" )->cdata() == "no?!" );
}

TEST_CASE( "TC-068, SI-22: an error answer to an offer maps to its cause", "[error]" )
{
  CHECK( condition( "forbidden" ).offerCause() == Cause::Declined );
  CHECK( condition( "not-acceptable" ).offerCause() == Cause::Declined );
  CHECK( condition( "not-allowed" ).offerCause() == Cause::Declined );
  CHECK( condition( "conflict" ).offerCause() == Cause::Declined );
  CHECK( condition( "resource-constraint" ).offerCause() == Cause::Declined );
  CHECK( condition( "bad-request" ).offerCause() == Cause::Declined );
  CHECK( condition( "undefined-condition" ).offerCause() == Cause::Declined );
  CHECK( condition( "service-unavailable" ).offerCause() == Cause::Unsupported );
  CHECK( condition( "feature-not-implemented" ).offerCause() == Cause::Unsupported );
  CHECK( condition( "recipient-unavailable" ).offerCause() == Cause::PeerUnreachable );
  CHECK( condition( "remote-server-not-found" ).offerCause() == Cause::PeerUnreachable );
  CHECK( condition( "remote-server-timeout" ).offerCause() == Cause::PeerUnreachable );
  CHECK( condition( "item-not-found" ).offerCause() == Cause::PeerUnreachable );
  CHECK( condition( "gone" ).offerCause() == Cause::PeerUnreachable );
  CHECK( condition( "jid-malformed" ).offerCause() == Cause::PeerUnreachable );

  CHECK( received( errors::forbidden().tag()->xml() ).offerCause() == Cause::Declined );
  CHECK( received( errors::badProfile().tag()->xml() ).offerCause() == Cause::BadProfile );
  CHECK( received( errors::noValidStreams().tag()->xml() ).offerCause() == Cause::NoValidStreams );
  CHECK( received( "<error type='cancel'/>" ).offerCause() == Cause::Declined );
  CHECK( received( "" ).offerCause() == Cause::Declined );
}

TEST_CASE( "TC-069, D-15: bad-profile counts whatever the error's type and code", "[error]" )
{
  const auto error = received( "<error type='modify' code='400'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                               "<bad-profile xmlns='http://jabber.org/protocol/si'/></error>" );
  CHECK( error.offerCause() == Cause::BadProfile );
  CHECK( error.describe() == "bad-request (bad-profile)" );
}

TEST_CASE( "NEG-7: exactly five conditions say that the peer is unreachable", "[error]" )
{
  for( const char* name : { "recipient-unavailable", "remote-server-not-found", "remote-server-timeout", "gone", "jid-malformed" } )
    CHECK( condition( name ).peerUnreachable() );
  for( const char* name : { "service-unavailable", "feature-not-implemented", "item-not-found", "not-acceptable", "text" } )
    CHECK_FALSE( condition( name ).peerUnreachable() );
  CHECK_FALSE( received( "" ).peerUnreachable() );
}

TEST_CASE( "SI-22: an error is read in any order, with prefixes, and apart from the echoed request", "[error]" )
{
  const auto error = received( "<si xmlns='http://jabber.org/protocol/si'/>"
                               "<error xmlns='urn:x:other'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                               "<error type='cancel'><i:bad-profile xmlns:i='http://jabber.org/protocol/si'/>"
                               "<s:text xmlns:s='urn:ietf:params:xml:ns:xmpp-stanzas'>Nein &amp; nie</s:text>"
                               "<foreign xmlns='urn:x'/><s:bad-request xmlns:s='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" );
  CHECK( error.condition == "bad-request" );
  CHECK( error.siCondition == "bad-profile" );
  CHECK( error.text == "Nein & nie" );
}

TEST_CASE( "SI-22: conditions of other namespaces do not count", "[error]" )
{
  const auto error = received( "<error type='cancel'><bad-request/><no-valid-streams xmlns='urn:x'/><other xmlns='http://jabber.org/protocol/si'/></error>" );
  CHECK( error.condition.empty() );
  CHECK( error.siCondition.empty() );
  CHECK( error.describe() == "error without condition" );
}

TEST_CASE( "SEC-22: the text is kept as it is, up to 4096 characters", "[error]" )
{
  const std::string words = "%n<b>" + std::string( 10000, 'x' );
  const auto error = received( "<error type='cancel'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>%n&lt;b>" + std::string( 10000, 'x' ) + "</text></error>" );
  CHECK( error.text == words.substr( 0, 4096 ) );
}
