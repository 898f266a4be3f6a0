// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whom a bot may trust, on a real gloox client that everybody may talk to.

#include <gloox-si-multiple/contacts.h>

#include "support/catch2.h"
#include "support/scripted.h"

#include <gloox/rostermanager.h>

#include <memory>
#include <string>

using namespace simultiple::test;
using simultiple::Contacts;

namespace
{

const std::string Account = "juliet@capulet.example";
const std::string Juliet = Account + "/balcony";
const gloox::JID Mallory( "mallory@evil.example/lair" );

std::string item( const std::string& jid, const std::string& subscription = "both" )
{
  return "<item jid='" + jid + "' subscription='" + subscription + "'/>";
}

std::string roster( const std::string& type, const std::string& items, const std::string& attributes = "" )
{
  return "<iq type='" + type + "' id='1' to='" + Juliet + "'" + attributes + "><query xmlns='jabber:iq:roster'>" + items + "</query></iq>";
}

} // namespace

TEST_CASE( "SEC-21: what our own account pushes makes contacts, and unmakes them", "[contacts]" )
{
  ScriptedClient juliet;
  const Contacts contacts( juliet.client() );
  const auto from = GENERATE( as<std::string>(), "", " from='" + Account + "'", " from='JULIET@capulet.example'", " from='" + Juliet + "'" );
  CHECK_FALSE( contacts.contain( Mallory ) );
  juliet.feed( roster( "set", item( Mallory.bare(), "none" ), from ) );
  CHECK( contacts.contain( Mallory ) );
  CHECK( contacts.contain( gloox::JID( Mallory.bare() ) ) );
  CHECK_FALSE( contacts.contain( gloox::JID( "romeo@montague.example/orchard" ) ) );
  CHECK( juliet.stanzas().size() == 1 ); // gloox's answer
  juliet.feed( roster( "set", item( Mallory.bare(), "remove" ), from ) );
  CHECK_FALSE( contacts.contain( Mallory ) );
}

TEST_CASE( "SEC-21: nobody else makes himself a contact, whatever he calls himself", "[contacts]" )
{
  const auto from = GENERATE( as<std::string>(), " from='mallory@evil.example/lair'", " from='mallory@evil.example'", " from='capulet.example'", " from=''",
    " from='mallory@evil.example/a&#x5d0;'", // a JID to some servers, none to gloox
    " xml:from='juliet@capulet.example' from='mallory@evil.example/lair'", " from='mallory@evil.example/lair' xmlns:x='urn:x' x:from='juliet@capulet.example'" );
  ScriptedClient juliet;
  const Contacts contacts( juliet.client() );
  juliet.feed( roster( "set", item( Mallory.bare() ), from ) );
  juliet.feed( roster( "result", item( Mallory.bare() ), from ) );
  CHECK_FALSE( contacts.contain( Mallory ) );
  juliet.feed( roster( "set", item( Mallory.bare() ) ) );
  REQUIRE( contacts.contain( Mallory ) );
  juliet.feed( roster( "set", item( Mallory.bare(), "remove" ), from ) );
  juliet.feed( roster( "result", "", from ) );
  CHECK( contacts.contain( Mallory ) );
}

TEST_CASE( "SEC-21: a question of the roster answered by somebody else makes no contacts", "[contacts]" )
{
  ScriptedClient juliet;
  const Contacts contacts( juliet.client() );
  juliet.client().rosterManager()->fill();
  const std::string forged = withAttribute( roster( "result", item( Mallory.bare() ), " from='" + Mallory.full() + "'" ), "id", attribute( juliet.stanzas().back(), "id" ) );
  juliet.feed( forged );
  CHECK_FALSE( contacts.contain( Mallory ) );
}

TEST_CASE( "SEC-21: a whole roster takes the place of what was known before, and a question is none", "[contacts]" )
{
  ScriptedClient juliet;
  const Contacts contacts( juliet.client() );
  juliet.feed( roster( "result", item( Mallory.bare() ) + item( "nurse@capulet.example" ) + item( "no jid@@" ) ) );
  CHECK( contacts.contain( Mallory ) );
  CHECK_FALSE( contacts.contain( gloox::JID( "no jid@@" ) ) );
  juliet.feed( roster( "get", "" ) );
  CHECK( contacts.contain( Mallory ) );
  juliet.feed( roster( "result", item( "nurse@capulet.example" ) ) );
  CHECK_FALSE( contacts.contain( Mallory ) );
  CHECK( contacts.contain( gloox::JID( "nurse@capulet.example/kitchen" ) ) );
}

TEST_CASE( "a login makes anew what contacts there are", "[contacts]" )
{
  ScriptedClient juliet;
  const Contacts contacts( juliet.client() );
  juliet.feed( roster( "set", item( Mallory.bare() ) ) );
  juliet.dropConnection();
  CHECK( contacts.contain( Mallory ) );
  REQUIRE( juliet.reconnect() ); // to an empty roster
  CHECK_FALSE( contacts.contain( Mallory ) );
}

TEST_CASE( "SEC-21: a bot's own account is a contact, and nobody is none", "[contacts]" )
{
  ScriptedClient juliet;
  const Contacts contacts( juliet.client() );
  CHECK( contacts.contain( gloox::JID( Juliet ) ) );
  CHECK( contacts.contain( gloox::JID( Account + "/kitchen" ) ) );
  CHECK_FALSE( contacts.contain( gloox::JID() ) );
}

TEST_CASE( "SEC-21: contacts that come to a bot that is connected, or manages no roster, ask for them", "[contacts]" )
{
  ScriptedClient juliet;
  juliet.client().disableRoster();
  Contacts contacts( juliet.client() );
  contacts.fill();
  REQUIRE( juliet.stanzas().size() == 1 );
  const std::string question = juliet.stanzas().back();
  CHECK( attribute( question, "type" ) == "get" );
  CHECK( question.find( "<query xmlns='jabber:iq:roster'/>" ) != std::string::npos );
  CHECK_FALSE( contacts.contain( Mallory ) );
  juliet.feed( withAttribute( roster( "result", item( Mallory.bare() ) ), "id", attribute( question, "id" ) ) );
  CHECK( contacts.contain( Mallory ) );
  CHECK( juliet.stanzas().size() == 1 ); // nobody takes the answer for anything else
  juliet.dropConnection();
  contacts.fill();
  CHECK( juliet.stanzas().size() == 1 );
}

TEST_CASE( "contacts that nobody asks for any more do no harm", "[contacts]" )
{
  ScriptedClient juliet;
  auto contacts = std::make_unique<Contacts>( juliet.client() );
  contacts.reset();
  juliet.feed( roster( "set", item( Mallory.bare() ) ) );
  CHECK( juliet.client().rosterManager()->getRosterItem( Mallory ) );
}
