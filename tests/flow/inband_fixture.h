// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/bot.h"
#include "support/catch2.h"
#include "support/stanza.h"

#include <gloox/gloox.h>

#include <memory>
#include <string>
#include <vector>

// One bot and a scripted peer with an in-band stream between them.

namespace simultiple::test::streaming
{

inline const std::string Sid = "sm4f9c0b27d5e8416a93c1d07b6e52fa88";
inline const std::string S5b = "http://jabber.org/protocol/bytestreams";
inline const std::string Ibb = "http://jabber.org/protocol/ibb";

/** W-1 from romeo to juliet with these methods. */
inline std::string offerOf( const std::vector<std::string>& methods, const std::string& sid = Sid, bool multiple = true, const std::string& id = "q7d1f03a9",
                            const std::string& from = Romeo, const std::string& to = Juliet )
{
  std::string options;
  for( const auto& method : methods )
    options += "<option><value>" + method + "</value></option>";
  return "<iq type='set' id='" + id + "' to='" + to + "' from='" + from + "'><si xmlns='http://jabber.org/protocol/si' id='" + sid
         + "' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
           "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>"
           "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
           "<field var='stream-method' type='list-single'>"
         + options + "</field></x></feature>"
         + ( multiple ? "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>" : "" ) + "</si></iq>";
}

/** W-2 for juliet's answer to romeo. */
inline std::string listAnswer( const std::string& id, const std::vector<std::string>& methods, const std::string& from = Juliet, const std::string& to = Romeo )
{
  std::string values;
  for( const auto& method : methods )
    values += "<value>" + method + "</value>";
  return "<iq type='result' id='" + id + "' to='" + to + "' from='" + from + "'><si xmlns='http://jabber.org/protocol/si'>"
         "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" + values + "</si-multiple></si></iq>";
}

/** @return What a client without the plugin says to this. */
inline std::string withoutPlugin( const std::string& xml )
{
  ScriptedClient bare( Juliet );
  bare.feed( xml );
  return bare.sent();
}

/** An IQ from the peer. */
inline std::string fromPeer( const std::string& peer, const std::string& us, const std::string& type, const std::string& id, const std::string& payload = "" )
{
  return "<iq type='" + type + "' id='" + id + "' to='" + us + "' from='" + peer + "'>" + payload + "</iq>";
}

inline std::string openElement( const std::string& blockSize = "4096", const std::string& sid = Sid )
{
  return "<open xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "' block-size='" + blockSize + "'/>";
}

inline std::string dataElement( unsigned seq, const std::string& base64, const std::string& sid = Sid )
{
  return "<data xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "' seq='" + std::to_string( seq ) + "'>" + base64 + "</data>";
}

inline std::string closeElement( const std::string& sid = Sid ) { return "<close xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "'/>"; }

inline std::string errorElement( const std::string& condition, const std::string& type = "cancel" )
{
  return "<error type='" + type + "'><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
}

/**
 * @return What an IQ says, in short: "result ID", "error ID TYPE CONDITION [SECOND]", "set ELEMENT" with " seq=N" or " block-size=N". Each must go
 *         to @a peer, in-band elements must carry @a sid; otherwise "?".
 */
inline std::string gist( const std::string& stanza, const std::string& peer, const std::string& sid = Sid )
{
  const auto tag = parse( stanza );
  if( !tag || tag->findAttribute( "to" ) != peer || tag->name() != "iq" )
    return "?" + stanza;
  const std::string type = tag->findAttribute( "type" );
  std::string text = type;
  if( type == "result" )
    return text + " " + tag->findAttribute( "id" );
  if( type == "error" )
  {
    const auto* error = tag->findChild( "error" );
    text += " " + tag->findAttribute( "id" ) + " " + ( error ? error->findAttribute( "type" ) : "?" );
    if( error )
      for( const auto* child : error->children() )
        text += " " + child->name();
    return text;
  }
  const auto* child = tag->children().empty() ? nullptr : tag->children().front();
  if( !child )
    return "?" + stanza;
  text += " " + child->name();
  if( child->xmlns() == Ibb && child->findAttribute( "sid" ) != sid )
    return "?" + stanza;
  for( const char* name : { "seq", "block-size" } )
    if( child->hasAttribute( name ) )
      text += std::string( " " ) + name + "=" + child->findAttribute( name );
  return text;
}

inline std::vector<std::string> gists( const std::vector<std::string>& stanzas, const std::string& peer, const std::string& sid = Sid )
{
  std::vector<std::string> all;
  for( const auto& stanza : stanzas )
    all.push_back( gist( stanza, peer, sid ) );
  return all;
}

using Gists = std::vector<std::string>;

/// Juliet's bot, to whom romeo has offered; scripted romeo.
struct Receiver : Solo
{
  explicit Receiver( const std::function<void( Options& )>& tune = {}, const ProfileOptions& profileOptions = ProfileOptions() ) : Solo( Juliet, tune, profileOptions ) {}

  /** Offers with these methods; the bot accepts. */
  void offered( const std::vector<std::string>& methods = { Ibb } )
  {
    feed( offerOf( methods ) );
    client.clear();
  }
  /** Offers and opens in-band. */
  void opened( const std::string& blockSize = "4096", const std::vector<std::string>& methods = { Ibb } )
  {
    offered( methods );
    set( "open1", openElement( blockSize ) );
    REQUIRE( gists( sent(), Romeo ) == Gists{ "result open1" } );
    REQUIRE( bot->opens == 1 );
    client.clear();
  }
  void set( const std::string& id, const std::string& payload ) { feed( fromPeer( Romeo, Juliet, "set", id, payload ) ); }
  void answer( const std::string& id, const std::string& type = "result", const std::string& payload = "" ) { feed( fromPeer( Romeo, Juliet, type, id, payload ) ); }
  /** @return What was sent since the last call, in short. */
  Gists said()
  {
    auto all = gists( sent(), Romeo );
    client.clear();
    return all;
  }
};

/// Romeo's bot, who offers; scripted juliet.
struct Sender : Solo
{
  explicit Sender( const std::function<void( Options& )>& tune = {}, const ProfileOptions& profileOptions = ProfileOptions() ) : Solo( Romeo, tune, profileOptions ) {}

  std::string sid{};

  /** The bot offers; juliet answers with this list. */
  void accepted( const std::vector<std::string>& methods = { Ibb } )
  {
    sid = bot->offer( Juliet );
    REQUIRE_FALSE( sid.empty() );
    settle();
    const auto id = idOf( "http://jabber.org/protocol/si" );
    client.clear();
    feed( listAnswer( id, methods ) );
  }
  /** And opens in-band. */
  void opened( const std::vector<std::string>& methods = { Ibb } )
  {
    accepted( methods );
    const auto id = idOf( "<open" );
    REQUIRE_FALSE( id.empty() );
    client.clear();
    answer( id );
    REQUIRE( bot->opens == 1 );
  }
  void set( const std::string& id, const std::string& payload ) { feed( fromPeer( Juliet, Romeo, "set", id, payload ) ); }
  void answer( const std::string& id, const std::string& type = "result", const std::string& payload = "" ) { feed( fromPeer( Juliet, Romeo, type, id, payload ) ); }
  Gists said()
  {
    auto all = gists( sent(), Juliet, sid );
    client.clear();
    return all;
  }
  /** @return The ids of the stanzas sent that contain @a text, in order. */
  std::vector<std::string> ids( const std::string& text ) const
  {
    std::vector<std::string> all;
    for( const auto& stanza : sent( text ) )
      all.push_back( attribute( stanza, "id" ) );
    return all;
  }
  using Solo::sent;
};

} // namespace simultiple::test::streaming

// A namespace of its own, because all test files become one program and other fixtures use the same plain names.
namespace simultiple::test
{
using namespace streaming;
} // namespace simultiple::test
