// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/classify.h"

#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <array>
#include <utility>

namespace simultiple::airlock
{

namespace
{

const std::string XMLNS_OLD_DELAY = "jabber:x:delay";

struct Payload
{
  StanzaKind kind;
  const char* name;
  const std::string& ns;
};

/// The first direct child that is one of ours: names first, since that costs least and says no nearly always.
template <std::size_t N>
bool findPayload( const gloox::Tag& tag, const std::array<Payload, N>& ours, Stanza& found )
{
  for( const gloox::Tag* child : tag.children() )
    for( const Payload& p : ours )
      if( child->name() == p.name && protocol::namespaceOf( *child ) == p.ns )
      {
        found.kind = p.kind;
        found.element = child;
        found.sid = protocol::attribute( *child, p.kind == StanzaKind::Offer ? "id" : "sid" ).value_or( "" );
        return true;
      }
  return false;
}

/// PCU-7: an element of the application's own, which names its session.
bool findOwn( const gloox::Tag& tag, const std::set<std::string>* namespaces, Stanza& found )
{
  if( !namespaces || namespaces->empty() )
    return false;
  for( const gloox::Tag* child : tag.children() )
  {
    auto ns = protocol::namespaceOf( *child );
    if( namespaces->count( ns ) == 0 )
      continue;
    found.kind = StanzaKind::Application;
    found.element = child;
    found.sid = protocol::attribute( *child, "sid" ).value_or( "" );
    found.ns = std::move( ns );
    return !found.sid.empty();
  }
  return false;
}

/// GEN-2, CMP-6, SEC-1. @return false if it cannot be ours.
bool setParties( const gloox::Tag& tag, const Whereabouts& bot, Stanza& stanza )
{
  const std::string& to = protocol::destination( tag );
  const std::string& from = protocol::origin( tag );
  if( to.empty() )
    stanza.local = bot.component ? gloox::JID() : bot.own;
  else
    stanza.local = bot.jids.of( to );
  if( !from.empty() )
    stanza.peer = bot.jids.of( from );

  // An answer has our `to` as its `from`; a server would end the stream of a client that speaks for somebody else.
  const bool here = stanza.local
                    && ( bot.component ? stanza.local.server() == bot.own.server() : stanza.local.bare() == bot.own.bare() );
  return here && ( from.empty() || stanza.peer );
}

bool delayed( const gloox::Tag& message )
{
  return protocol::child( message, "delay", gloox::XMLNS_DELAY ) || protocol::child( message, "x", XMLNS_OLD_DELAY );
}

void collectMessages( const gloox::Tag& forwarded, std::vector<std::string>& into )
{
  for( const gloox::Tag* child : forwarded.children() )
    if( child->name() == "message" )
      into.push_back( child->xml() );
}

} // namespace

gloox::JID JidCache::of( const std::string& text )
{
  const auto known = m_known.find( text );
  if( known != m_known.end() )
    return known->second;
  gloox::JID jid( text );
  if( m_known.size() >= Most )
    m_known.clear();
  if( text.size() <= LongestText )
    m_known.emplace( text, jid );
  return jid;
}

std::optional<Stanza> classifyIq( const gloox::Tag& tag, const Whereabouts& bot )
{
  const std::string& type = tag.findAttribute( "type" );
  const bool set = type == "set";
  if( !set && type != "get" )
    return std::nullopt;

  Stanza stanza;
  const std::array<Payload, 5> ours{ { { StanzaKind::Offer, "si", gloox::XMLNS_SI },
                                       { StanzaKind::S5bQuery, "query", gloox::XMLNS_BYTESTREAMS },
                                       { StanzaKind::IbbOpen, "open", gloox::XMLNS_IBB },
                                       { StanzaKind::IbbData, "data", gloox::XMLNS_IBB },
                                       { StanzaKind::IbbClose, "close", gloox::XMLNS_IBB } } };
  const bool known = findPayload( tag, ours, stanza ) || findOwn( tag, bot.namespaces, stanza );
  if( !known || ( !set && stanza.kind != StanzaKind::Offer ) || !setParties( tag, bot, stanza ) )
    return std::nullopt;

  stanza.type = type;
  stanza.id = tag.findAttribute( "id" );
  return stanza;
}

std::optional<Stanza> classifyMessage( const gloox::Tag& tag, const Whereabouts& bot )
{
  Stanza stanza;
  stanza.message = true;
  const std::array<Payload, 1> ours{ { { StanzaKind::IbbData, "data", gloox::XMLNS_IBB } } };
  if( !findPayload( tag, ours, stanza ) || tag.findAttribute( "type" ) == "error" || delayed( tag )
      || !setParties( tag, bot, stanza ) )
    return std::nullopt;

  stanza.id = tag.findAttribute( "id" );
  return stanza;
}

bool Forwarded::inside( const gloox::Tag& message )
{
  if( !m_carried.empty() )
  {
    const auto found = std::find( m_carried.begin(), m_carried.end(), message.xml() );
    if( found != m_carried.end() )
    {
      m_carried.erase( found );
      return true;
    }
    m_carried.clear();
  }

  for( const gloox::Tag* child : message.children() )
  {
    if( child->name() == "forwarded" )
      collectMessages( *child, m_carried );
    for( const gloox::Tag* grandchild : child->children() )
      if( grandchild->name() == "forwarded" )
        collectMessages( *grandchild, m_carried );
  }
  return false;
}

} // namespace simultiple::airlock
