// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/form.h"

#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <limits>

namespace simultiple::protocol
{

const std::string StreamMethod = "stream-method";

std::unique_ptr<gloox::Tag> wrapField( std::unique_ptr<gloox::Tag> field, const std::string& type )
{
  auto x = element( "x", gloox::XMLNS_X_DATA );
  x->addAttribute( "type", type );
  x->addChild( field.release() );   // gloox owns it
  auto feature = element( "feature", gloox::XMLNS_FEATURE_NEG );
  feature->addChild( x.release() );   // gloox owns it
  return feature;
}

const gloox::Tag* findMethodField( const gloox::Tag& x )
{
  for( const gloox::Tag* field : children( x, "field", gloox::XMLNS_X_DATA, std::numeric_limits<std::size_t>::max() ) )
    if( attribute( *field, "var" ) == StreamMethod )
      return field;
  return nullptr;
}

} // namespace simultiple::protocol
