// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Stanzas of thousands of elements: answered, and nothing of them is kept (SEC-12).

#include "airlock/airlock.h"
#include "flow/receiver_fixture.h"
#include "protocol/xml.h"
#include "support/stanza.h"

using namespace simultiple;
using namespace simultiple::test;
using Catch::Matchers::Equals;

namespace
{

constexpr std::size_t Most = airlock::Airlock::MaxNodes;

/** @return @a iq with so many elements and attributes that there are @a nodes in all, inside of its payload or beside that. */
std::string filled( const std::string& iq, std::size_t nodes, const std::string& before = "</iq>" )
{
  std::string noise;
  for( std::size_t left = nodes - protocol::sizeOf( *parse( iq ), Most ).nodes; left > 0; --left )
    noise += left > 1 && left % 10 == 0 ? "<a b='" + std::to_string( left-- ) + "'/>" : "<a/>";
  return replaced( iq, before, noise + before );
}

std::string badRequest( const std::string& id ) { return refusal( id, "modify", "bad-request" ); }

} // namespace

TEST_CASE( "TC-234, SEC-12: an offer of 4096 elements and attributes is looked at, one more is a bad request", "[receiver][large]" )
{
  const auto where = GENERATE( as<std::string>(), "</iq>", "</si>", "</file>", "</field>" );
  Receiver juliet;
  CHECK_THAT( juliet.ask( filled( W1, Most + 1, where ) ), Equals( badRequest( "q7d1f03a9" ) ) );
  CHECK( juliet.bot.offers.empty() );
  CHECK( juliet.bot.manager.sessions() == 0 );

  const auto largest = replaced( filled( W1, Most, where ), "q7d1f03a9", "q2" );
  CHECK_THAT( juliet.ask( largest ), Equals( listAnswer( "q2", ValueS5b + ValueIbb ) ) );
  CHECK( juliet.bot.offers.size() == 1 );
}

TEST_CASE( "SEC-12: what an offer may hold at most by all the other rules is far from too large", "[receiver][large]" )
{
  std::string options, parameters;
  for( int i = 0; i < 64; ++i )
  {
    options += "<option label='" + std::to_string( i ) + "'><value>urn:" + std::to_string( i ) + "</value></option>";
    parameters += "<parameter name='" + std::to_string( i ) + "' type='str'>x</parameter>";
  }
  const auto offer = replaced( replaced( W1, OptionIbb, OptionIbb + options ), "</file>", parameters + "</file>" );
  CHECK( protocol::sizeOf( *parse( offer ), Most ).nodes < Most / 4 );
}

TEST_CASE( "SEC-12, PCU-2: once the application has seen an offer nobody else keeps what the peer wrote", "[receiver][large]" )
{
  Receiver juliet;
  juliet.bot.onOffer = Bot::OnOffer::Wait;
  juliet.feed( W1 );
  REQUIRE( juliet.bot.offers.size() == 1 );
  const auto& offer = juliet.bot.offers[0];
  CHECK( offer.si.use_count() == 1 );
  REQUIRE( offer.profileChild() );
  CHECK( offer.profileChild()->findAttribute( "name" ) == "letter.txt" );

  CHECK( juliet.bot.profile->accept( offer ) );
  juliet.settle();
  CHECK_THAT( juliet.answer( "q7d1f03a9" ), Equals( listAnswer( "q7d1f03a9", ValueS5b + ValueIbb ) ) );
}

TEST_CASE( "SEC-12: in a session what is too large is a bad request and changes nothing", "[receiver][large]" )
{
  Receiver juliet;
  juliet.accepted();
  CHECK_THAT( juliet.ask( filled( s5bQuery( "a1", streamHost( Romeo, 7777 ) ), Most + 1, "</query>" ) ), Equals( badRequest( "a1" ) ) );
  CHECK_THAT( juliet.ask( filled( ibbOpen( "a2" ), Most + 1 ) ), Equals( badRequest( "a2" ) ) );
  CHECK( juliet.bot.attempts.empty() );

  CHECK_THAT( juliet.ask( filled( ibbOpen( "a3" ), Most ) ), Equals( result( "a3" ) ) );
  CHECK_THAT( juliet.ask( filled( ibbClose( "a4" ), Most + 1 ) ), Equals( badRequest( "a4" ) ) );
  CHECK_THAT( juliet.ask( filled( ibbData( "a5", 0, "SGk=" ), Most + 1 ) ), Equals( result( "a5" ) ) );   // nothing of it but the block is ever kept
  CHECK( juliet.bot.received == "Hi" );
  CHECK( juliet.bot.ends.empty() );
  CHECK_THAT( juliet.ask( ibbClose( "a6" ) ), Equals( result( "a6" ) ) );
  CHECK( juliet.bot.cause() == "closed-remote" );
}

TEST_CASE( "SEC-12, PCU-8: a note that is too large is a bad request and not handed on", "[receiver][large]" )
{
  ProfileOptions options;
  options.noteNamespace = "urn:example:notes";
  Receiver juliet( {}, options );
  juliet.accepted();
  const auto note = []( const std::string& id ) { return fromRomeo( id, "<note xmlns='urn:example:notes' sid='" + Sid + "'></note>" ); };
  CHECK_THAT( juliet.ask( filled( note( "n1" ), Most + 1, "</note>" ) ), Equals( badRequest( "n1" ) ) );
  CHECK( juliet.bot.notes.empty() );
  CHECK_THAT( juliet.ask( filled( note( "n2" ), Most, "</note>" ) ), Equals( result( "n2" ) ) );
  CHECK( juliet.bot.notes.size() == 1 );
}

TEST_CASE( "SEC-12, SEC-21: a stranger is told the same however large the offer is", "[receiver][large]" )
{
  ProfileOptions contactsOnly;
  contactsOnly.knows = []( const gloox::JID& ) { return false; };
  Receiver juliet( {}, contactsOnly );
  CHECK_THAT( juliet.ask( filled( W1, Most + 1 ) ), Equals( refusal( "q7d1f03a9", "cancel", "service-unavailable" ) ) );
}
