// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include <gloox-si-multiple/offer.h>

using namespace simultiple;
using simultiple::test::parse;

namespace
{

Offer offer( const std::string& si, const std::string& profile )
{
  Offer offer;
  offer.profile = profile;
  offer.si = parse( si );
  REQUIRE( offer.si );
  return offer;
}

} // namespace

TEST_CASE( "section 1.1, PCU-2: the profile's child is found at any position and with any prefix", "[offer]" )
{
  const auto text = GENERATE( "<si xmlns='http://jabber.org/protocol/si'><feature xmlns='http://jabber.org/protocol/feature-neg'/><file xmlns='urn:p' n='1'/><file xmlns='urn:p' n='2'/></si>",
                              "<si xmlns='http://jabber.org/protocol/si' xmlns:p='urn:p'><p:file n='1'/><x/></si>" );
  const Offer o = offer( text, "urn:p" );
  const gloox::Tag* child = o.profileChild();
  REQUIRE( child );
  CHECK( child->findAttribute( "n" ) == "1" );
}

TEST_CASE( "PCU-2: an element of another namespace is not the profile's child", "[offer]" )
{
  CHECK( offer( "<si xmlns='http://jabber.org/protocol/si'><file/><file xmlns='urn:q'/><x xmlns='urn:q'><file xmlns='urn:p'/></x></si>", "urn:p" ).profileChild() == nullptr );
  CHECK( offer( "<si><file/></si>", "" ).profileChild() == nullptr );
  CHECK( Offer().profileChild() == nullptr );
}
