// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/contacts.h>

#include "faults/scarcity.h"
#include "support/catch2.h"
#include "support/scripted.h"

#include <string>

using namespace simultiple::test;
using simultiple::Contacts;

namespace
{

const gloox::JID Nurse( "nurse@capulet.example" );
const gloox::JID Tybalt( "tybalt@capulet.example" );

std::string push( const gloox::JID& jid, const std::string& subscription )
{
  return "<iq type='set' id='1' to='juliet@capulet.example/balcony'><query xmlns='jabber:iq:roster'><item jid='" + jid.bare() + "' subscription='" +
         subscription + "'/></query></iq>";
}

} // namespace

TEST_CASE( "CLS-12, SEC-21: a roster for which there is no memory makes no contacts, and keeps none who were to go", "[faults]" )
{
  std::size_t struck = 0;
  for( std::size_t number = 1, asked = 1; number <= asked; ++number )
  {
    ScriptedClient juliet;
    const Contacts contacts( juliet.client() );
    juliet.feed( push( Nurse, "both" ) + push( Tybalt, "both" ) );
    REQUIRE( contacts.contain( Tybalt ) );
    const std::string removed = push( Tybalt, "remove" );
    bool refused = false;
    {
      const Scarcity scarcity( number );
      const Scarcity::Here here( Scarcity::Here::Whose::CalledBack );
      juliet.feed( removed );
      refused = scarcity.refused() > 0;
      asked = scarcity.asked();
    }
    INFO( "allocation " << number );
    CHECK_FALSE( contacts.contain( Tybalt ) );
    CHECK( contacts.contain( Nurse ) == !refused );
    struck += refused ? 1U : 0U;
    juliet.feed( push( Nurse, "both" ) );
    CHECK( contacts.contain( Nurse ) );
  }
  CHECK( struck > 0 );
}
