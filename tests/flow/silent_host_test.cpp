// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/bot.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <chrono>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

TEST_CASE( "TC-212, GEN-13: while a streamhost swallows SYN packets a ping is answered within a second", "[receiver]" )
{
  SilentPort silent;
  Solo juliet( Juliet );
  juliet.feed( "<iq type='set' id='q7d1f03a9' to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
               "<si xmlns='http://jabber.org/protocol/si' id='sm4f9c0b27d5e8416a93c1d07b6e52fa88'"
               " profile='http://jabber.org/protocol/si/profile/file-transfer'>"
               "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>"
               "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
               "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/bytestreams</value></option></field></x></feature>"
               "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si></iq>" );
  REQUIRE( juliet.sent( "q7d1f03a9" ).size() == 1 );

  const auto begun = std::chrono::steady_clock::now();
  juliet.feed( "<iq type='set' id='s5b01c7' to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
               "<query xmlns='http://jabber.org/protocol/bytestreams' sid='sm4f9c0b27d5e8416a93c1d07b6e52fa88' mode='tcp'>"
               "<streamhost jid='romeo@montague.example/orchard' host='127.0.0.1' port='" + std::to_string( silent.port() ) + "'/></query></iq>" );
  juliet.feed( "<iq type='get' id='ping1' to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'><ping xmlns='urn:xmpp:ping'/></iq>" );
  CHECK( std::chrono::steady_clock::now() - begun < 1s );
  const auto pong = juliet.sent( "ping1" );
  REQUIRE( pong.size() == 1 );
  CHECK( attribute( pong.front(), "type" ) == "result" );

  // The query was really being worked on: it is answered when its time is over.
  CHECK( juliet.sent( "s5b01c7" ).empty() );
  juliet.advance( 8s );
  REQUIRE( juliet.sent( "s5b01c7" ).size() == 1 );
  CHECK( juliet.sent( "s5b01c7" ).front().find( "<item-not-found " ) != std::string::npos );
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.bot->cause() == "methods-exhausted" );
}
