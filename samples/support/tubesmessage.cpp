// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tubesmessage.h"

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <algorithm>

namespace sample
{

namespace
{

const std::string Filter = "/message|/presence";
const std::string XMLNS_HINTS = "urn:xmpp:hints"; // XEP-0334
const std::string XMLNS_OLD_DELAY = "jabber:x:delay";

bool delayed( const gloox::Tag& message )
{
  const auto& children = message.children();
  return std::any_of( children.begin(), children.end(), []( const gloox::Tag* child )
  {
    return ( child->name() == "delay" && child->xmlns() == gloox::XMLNS_DELAY ) || ( child->name() == "x" && child->xmlns() == XMLNS_OLD_DELAY );
  } );
}

/// SEC-1: for gloox `x:from` is as good as `from`, but no server vouches for it.
bool hasOtherAddress( const gloox::Tag& stanza )
{
  const auto& attributes = stanza.attributes();
  return std::any_of( attributes.begin(), attributes.end(), []( const gloox::Tag::Attribute* one )
                      { return !one->prefix().empty() && ( one->name() == "from" || one->name() == "to" ); } );
}

} // namespace

TubesMessage::Content TubesMessage::read( const gloox::Tag& message )
{
  const std::string& type = message.findAttribute( "type" );
  if( type == "error" || type == "groupchat" || delayed( message ) || hasOtherAddress( message ) )
    return {};
  for( const gloox::Tag* child : message.children() )
  {
    if( const auto tube = TubeChild::parse( child ) )
      return *tube;
    if( const auto close = CloseChild::parse( child ) )
      return *close;
  }
  return {};
}

const std::string& TubesMessage::filterString() const { return Filter; }

gloox::StanzaExtension* TubesMessage::newInstance( const gloox::Tag* stanza ) const
{
  if( !stanza || hasOtherAddress( *stanza ) )
    return nullptr;
  const bool presence = stanza->name() == "presence";
  auto content = presence ? Content() : read( *stanza );
  if( !presence && stanza->findAttribute( "type" ) != "error" && std::holds_alternative<std::monostate>( content ) )
    return nullptr;
  auto* const result = new TubesMessage( extensionType() ); // gloox owns it
  result->m_valid = true;
  result->m_content = std::move( content );
  return result;
}

gloox::Tag* TubesMessage::tag() const
{
  if( const auto* tube = std::get_if<TubeChild>( &m_content ) )
    return tube->tag().release(); // the caller owns it
  if( const auto* close = std::get_if<CloseChild>( &m_content ) )
    return close->tag().release(); // the caller owns it
  return nullptr;
}

gloox::StanzaExtension* TubesMessage::clone() const
{
  return new TubesMessage( *this ); // the caller owns it
}

std::unique_ptr<gloox::Tag> tubesMessage( const std::string& from, const std::string& to, const std::string& id, std::unique_ptr<gloox::Tag> content )
{
  auto message = std::make_unique<gloox::Tag>( "message" );
  message->addAttribute( "to", to );
  message->addAttribute( "from", from );
  message->addAttribute( "id", id );
  message->addChild( content.release() ); // gloox owns it
  for( const char* const hint : { "no-store", "no-copy" } )
    ( new gloox::Tag( message.get(), hint ) )->setXmlns( XMLNS_HINTS ); // gloox owns it
  return message;
}

} // namespace sample
