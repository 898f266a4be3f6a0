// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/address.h"

#include <gloox/gloox.h>

#include <string_view>

namespace simultiple::protocol
{

namespace
{

const std::string& address( const gloox::Tag& stanza, std::string_view name )
{
  for( const gloox::Tag::Attribute* one : stanza.attributes() )
    if( one->prefix().empty() && one->name() == name )
      return one->value();
  return gloox::EmptyString;
}

} // namespace

const std::string& origin( const gloox::Tag& stanza ) { return address( stanza, "from" ); }
const std::string& destination( const gloox::Tag& stanza ) { return address( stanza, "to" ); }

} // namespace simultiple::protocol
