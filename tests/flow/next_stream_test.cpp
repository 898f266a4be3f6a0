// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The connection is lost, and the next one is there before the plugin had its turn; or a peer is faster than the end of the login. What belongs to the
// lost stream is not said on the next one, and what belongs to the next one does not end with the lost one.

#include "flow/inband_fixture.h"
#include "support/sockets.h"

#include <gloox/rostermanager.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::streaming;
using namespace std::chrono_literals;

namespace
{

const std::string Roster = "jabber:iq:roster";

std::string queryOf( int port )
{
  return "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + Sid + "' mode='tcp'><streamhost jid='" + Romeo + "' host='127.0.0.1' port='"
         + std::to_string( port ) + "'/></query>";
}

} // namespace

TEST_CASE( "GEN-1, CLS-13: whoever is faster than the roster on a new stream is answered", "[stream]" )
{
  const bool turnBetween = GENERATE( true, false );
  CAPTURE( turnBetween );
  Receiver juliet;
  juliet.client.dropConnection();
  if( turnBetween )
    juliet.settle();
  REQUIRE_FALSE( juliet.client.reconnect( Roster ) );
  juliet.feed( offerOf( { Ibb } ) );
  juliet.set( "open1", openElement() );
  CHECK( juliet.bot->opens == 1 );
  REQUIRE( juliet.client.logIn() );
  juliet.settle();
  CHECK( gists( juliet.sent( "q7d1f03a9" ), Romeo ).size() == 1 );
  CHECK( gists( juliet.sent( "'open1'" ), Romeo ) == Gists{ "result open1" } );
  juliet.set( "d1", dataElement( 0, "YWJj" ) );
  CHECK( juliet.bot->received == "abc" );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "CLS-7: what is offered on the next stream does not end with the loss of the one before", "[stream]" )
{
  Sender romeo;
  REQUIRE_FALSE( romeo.bot->offer( Juliet ).empty() );
  romeo.settle();
  romeo.client.dropConnection();
  REQUIRE( romeo.client.reconnect() );
  romeo.client.clear();
  const auto sid = romeo.bot->offer( Juliet );
  REQUIRE_FALSE( sid.empty() );
  romeo.settle();
  REQUIRE( romeo.bot->ends.size() == 1 );
  CHECK( romeo.bot->cause() == "disconnected" );
  CHECK( romeo.bot->ends.back().sid != sid );
  CHECK( romeo.bot->manager.sessions() == 1 );
  REQUIRE( romeo.sent( "<si " ).size() == 1 );
  romeo.feed( listAnswer( romeo.idOf( "<si " ), { Ibb } ) );
  CHECK( romeo.sent( "<open " ).size() == 1 );

  romeo.client.dropConnection();   // and ends with its own
  romeo.settle();
  CHECK( romeo.bot->ends.size() == 2 );
}

TEST_CASE( "CLS-7: nothing that was asked on a lost stream is answered on the next one", "[stream]" )
{
  SilentPort silent;
  Receiver juliet;
  SECTION( "an offer that had not been looked at" ) { juliet.client.feed( offerOf( { Ibb } ) ); }
  SECTION( "an offer that is refused" ) { juliet.client.feed( offerOf( { "urn:example:unknown" } ) ); }
  SECTION( "an offer that was not decided" )
  {
    juliet.bot->onOffer = Bot::OnOffer::Wait;
    juliet.feed( offerOf( { Ibb } ) );
  }
  SECTION( "a query under way" )
  {
    juliet.offered( { S5b, Ibb } );
    juliet.set( "q1", queryOf( silent.port() ) );
    REQUIRE( juliet.sent( "'q1'" ).empty() );
  }
  SECTION( "a block of a stream" )
  {
    juliet.opened();
    juliet.client.feed( fromPeer( Romeo, Juliet, "set", "d1", dataElement( 0, "YWJj" ) ) );
  }
  juliet.client.dropConnection();
  REQUIRE( juliet.client.reconnect() );
  juliet.client.clear();
  juliet.advance( 1h );
  CHECK( juliet.sent( "<iq" ).empty() );
  CHECK( juliet.bot->manager.sessions() == 0 );
  CHECK( juliet.bot->ends.size() <= 1 );
}

TEST_CASE( "CLS-9: tombstones stay when gloox says once more that it is connected", "[stream]" )
{
  Receiver juliet;
  juliet.opened();
  juliet.set( "c1", closeElement() );
  REQUIRE( juliet.bot->ends.size() == 1 );
  juliet.client.client().rosterManager()->fill();   // at its end gloox calls onConnect()
  juliet.feed( "<iq type='result' id='" + juliet.idOf( Roster ) + "' to='" + Juliet + "'><query xmlns='" + Roster + "'/></iq>" );
  juliet.client.clear();
  juliet.set( "c2", closeElement() );
  CHECK( juliet.said() == Gists{ "result c2" } );

  juliet.client.dropConnection();
  REQUIRE( juliet.client.reconnect() );
  juliet.settle();
  juliet.client.clear();
  juliet.set( "c3", closeElement() );
  CHECK( juliet.said() != Gists{ "result c3" } );
}

TEST_CASE( "SEC-10, CLS-7: who accepts an offer while the loss of the connection is being told does not keep the next one from being asked for proxies", "[stream]" )
{
  Receiver juliet( []( Options& options ) { options.proxies.discover = true; } );
  const auto questions = [&] { return juliet.sent( "disco#items" ).size(); };
  REQUIRE( questions() == 0 );   // the fixture has put aside what was asked on this one
  juliet.bot->onOffer = Bot::OnOffer::Wait;
  juliet.feed( offerOf( { S5b, Ibb }, "one", true, "o1" ) );
  juliet.feed( offerOf( { S5b, Ibb }, "other", true, "o2" ) );
  bool accepted = false;
  juliet.bot->onEnd = [&]( const Bot::End& )
  {
    AcceptOptions options;
    options.privacy = Privacy::ProxyOnly;
    for( const auto& offer : juliet.bot->offers )
      accepted = juliet.bot->profile->accept( offer, options ) || accepted;
  };
  juliet.client.dropConnection();
  juliet.settle();
  CHECK( accepted );
  CHECK( juliet.bot->ends.size() == 2 );
  REQUIRE( juliet.client.reconnect() );
  juliet.settle();
  CHECK( questions() == 1 );
}
