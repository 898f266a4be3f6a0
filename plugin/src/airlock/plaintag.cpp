// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/plaintag.h"

#include "protocol/xml.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace simultiple::airlock
{

namespace
{

// A query holds streamhosts, an error its condition; nothing of interest is nested deeper.
constexpr int MaxDepth = 4;

std::unique_ptr<gloox::Tag> plain( const gloox::Tag& tag, int depth )
{
  auto copy = std::make_unique<gloox::Tag>( tag.name() );
  const std::string ns = protocol::namespaceOf( tag );
  if( !ns.empty() )
    copy->setXmlns( ns );
  for( const gloox::Tag::Attribute* a : tag.attributes() )
    if( a->prefix().empty() && a->name() != "xmlns" )
      copy->addAttribute( a->name(), a->value() );
  if( tag.children().empty() )
    copy->setCData( tag.cdata() );
  if( depth < MaxDepth )
    for( const gloox::Tag* child : tag.children() )
      copy->addChild( plain( *child, depth + 1 ).release() ); // gloox owns it
  return copy;
}

struct Listed
{
  std::string_view element;
  std::array<std::string_view, 3> attributes;   // unused ones are empty
};

// gloox 1.0.24 writes nothing else; other versions may, such as stanza='iq' on W-17.
constexpr std::array<Listed, 7> AllListed{ {
  { "query", { "sid", "mode" } },   // W-9 to W-11, W-13
  { "streamhost", { "jid", "host", "port" } },
  { "streamhost-used", { "jid" } },
  { "open", { "sid", "block-size" } },   // W-17
  { "data", { "sid", "seq" } },          // W-21
  { "close", { "sid" } },                // W-24
  { "error", { "type" } },               // W-12, W-25
} };

const Listed* listed( std::string_view element )
{
  const auto* const found = std::find_if( AllListed.begin(), AllListed.end(), [element]( const Listed& l ) { return l.element == element; } );
  return found == AllListed.end() ? nullptr : found;
}

} // namespace

std::unique_ptr<gloox::Tag> plainCopy( const gloox::Tag& tag )
{
  return plain( tag, 0 );
}

std::unique_ptr<gloox::Tag> listedCopy( const gloox::Tag& tag )
{
  auto copy = std::make_unique<gloox::Tag>( tag.name() );
  if( !tag.xmlns().empty() )
    copy->setXmlns( tag.xmlns() );
  if( const Listed* list = listed( tag.name() ) )
    for( const std::string_view name : list->attributes )
      if( !name.empty() )
        copy->addAttribute( std::string( name ), tag.findAttribute( std::string( name ) ) );
  if( tag.children().empty() )
    copy->setCData( tag.cdata() );
  for( const gloox::Tag* child : tag.children() )
    copy->addChild( listedCopy( *child ).release() ); // gloox owns it
  return copy;
}

} // namespace simultiple::airlock
