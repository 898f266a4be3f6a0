// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// XSD-6 without libxml2, which takes longer than all the rest of a run: support/scripted.cpp has everything checked that is sent.

#include "support/schema.h"

#include "fuzz/support/require.h"
#include "support/stanza.h"

#include <gloox-si-multiple/simultiple.h>

#include <set>

namespace simultiple::test
{

std::size_t checkSiMultiples( const std::string& xml )
{
  const std::string begin = "<si-multiple", end = "</si-multiple>";
  std::size_t count = 0;
  for( auto at = xml.find( begin ); at != std::string::npos; at = xml.find( begin, at + 1 ), ++count )
  {
    const auto close = xml.find( '>', at );
    const auto last = xml[close - 1] == '/' ? close + 1 : xml.find( end, at ) + end.size();
    const auto element = parse( xml.substr( at, last - at ) );
    fuzz::require( element && element->xmlns() == XMLNS_SI_MULTIPLE && element->cdata().empty(), "XSD-1: the element" );
    fuzz::require( element->attributes().size() <= 1, "XSD-3: no attributes" );
    fuzz::require( element->children().size() <= SIMultiple::MaxValues, "XSD-2: at most 16 values" );
    std::set<std::string> values;
    for( const auto* value : element->children() )
    {
      const auto text = value->cdata();
      fuzz::require( value->name() == "value" && value->children().empty() && value->attributes().empty(), "XSD-1, XSD-3: the values" );
      fuzz::require( !text.empty() && text.size() <= 4 * SIMultiple::MaxLength && text.find_first_of( " \t\r\n" ) == std::string::npos, "XSD-4: their text" );
      fuzz::require( values.insert( text ).second, "XSD-5: no value twice" );
    }
  }
  return count;
}

} // namespace simultiple::test
