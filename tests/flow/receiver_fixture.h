// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/bot.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The receiver alone with a scripted sender: the peer's stanzas as they stand on the wire, and ours as they leave.

namespace simultiple::test::receiving
{

inline const std::string Sid = "sm4f9c0b27d5e8416a93c1d07b6e52fa88";
inline const std::string ProxyJid = "proxy.montague.example";

/// W-1.
inline const std::string W1 =
  "<iq type='set' id='q7d1f03a9' to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
  "<si xmlns='http://jabber.org/protocol/si' id='sm4f9c0b27d5e8416a93c1d07b6e52fa88' mime-type='text/plain' "
  "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
  "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'><desc>Short letter</desc><range/></file>"
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
  "<field var='stream-method' type='list-single'>"
  "<option><value>http://jabber.org/protocol/bytestreams</value></option>"
  "<option><value>http://jabber.org/protocol/ibb</value></option>"
  "</field></x></feature>"
  "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>"
  "</si></iq>";

inline const std::string Extension = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>";
inline const std::string OptionS5b = "<option><value>http://jabber.org/protocol/bytestreams</value></option>";
inline const std::string OptionIbb = "<option><value>http://jabber.org/protocol/ibb</value></option>";

/** @return @a text with the one place where @a what stands changed to @a by. */
inline std::string replaced( const std::string& text, const std::string& what, const std::string& by )
{
  const auto at = text.find( what );
  if( at == std::string::npos )
    throw std::invalid_argument( "no " + what );   // not REQUIRE: constants are made by this, too
  return text.substr( 0, at ) + by + text.substr( at + what.size() );
}

inline std::string fromRomeo( const std::string& id, const std::string& content )
{
  return "<iq type='set' id='" + id + "' to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>" + content + "</iq>";
}

/// W-9.
inline std::string s5bQuery( const std::string& id, const std::string& streamHosts, const std::string& sid = Sid )
{
  return fromRomeo( id, "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + sid + "' mode='tcp'>" + streamHosts + "</query>" );
}

inline std::string streamHost( const std::string& jid, std::uint16_t port, const std::string& host = "127.0.0.1" )
{
  return "<streamhost jid='" + jid + "' host='" + host + "' port='" + std::to_string( port ) + "'/>";
}

/// W-17.
inline std::string ibbOpen( const std::string& id, const std::string& blockSize = "4096", const std::string& sid = Sid )
{
  return fromRomeo( id, "<open xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "' block-size='" + blockSize + "'/>" );
}

/// W-21.
inline std::string ibbData( const std::string& id, int seq, const std::string& base64, const std::string& sid = Sid )
{
  return fromRomeo( id, "<data xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "' seq='" + std::to_string( seq ) + "'>" + base64 + "</data>" );
}

/// W-24.
inline std::string ibbClose( const std::string& id, const std::string& sid = Sid )
{
  return fromRomeo( id, "<close xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "'/>" );
}

// What we say, as gloox writes it.
inline std::string result( const std::string& id, const std::string& content = std::string() )
{
  return "<iq to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony' id='" + id + "' type='result' xmlns='jabber:client'"
         + ( content.empty() ? "/>" : ">" + content + "</iq>" );
}

inline std::string refusal( const std::string& id, const std::string& type, const std::string& condition, const std::string& more = std::string() )
{
  return "<iq to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony' id='" + id + "' type='error' xmlns='jabber:client'>"
         "<error type='" + type + "'><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" + more + "</error></iq>";
}

/// W-2 and W-3.
inline std::string listAnswer( const std::string& id, const std::string& values )
{
  return result( id, "<si xmlns='http://jabber.org/protocol/si'><si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" + values
                       + "</si-multiple></si>" );
}

inline std::string plainAnswer( const std::string& id, const std::string& values )
{
  return result( id, "<si xmlns='http://jabber.org/protocol/si'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                     "<x xmlns='jabber:x:data' type='submit'><field var='stream-method'>" + values + "</field></x></feature></si>" );
}

inline const std::string ValueS5b = "<value>http://jabber.org/protocol/bytestreams</value>";
inline const std::string ValueIbb = "<value>http://jabber.org/protocol/ibb</value>";

/// W-10, W-11.
inline std::string usedAnswer( const std::string& id, const std::string& jid )
{
  return result( id, "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + Sid + "'><streamhost-used jid='" + jid + "'/></query>" );
}

inline std::string itemNotFound( const std::string& id ) { return refusal( id, "cancel", "item-not-found" ); }
inline std::string s5bNotAcceptable( const std::string& id ) { return refusal( id, "modify", "not-acceptable" ); }
inline std::string ibbNotAcceptable( const std::string& id ) { return refusal( id, "cancel", "not-acceptable" ); }

/**
 * One bot as R, alone with what tests feed it; SOCKS5 hosts of the tests live on @a loop.
 * Every test is also a case for TC-045, TC-114 (each request is answered exactly once), TC-163 (one open, one end) and TC-216.
 */
struct Receiver
{
  explicit Receiver( const std::function<void( Options& )>& tune = {}, const ProfileOptions& profileOptions = ProfileOptions() )
    : solo( Juliet, tune, profileOptions ), bot( *solo.bot ), loop( *solo.clock )
  {
  }
  Receiver( const Receiver& ) = delete;
  Receiver& operator=( const Receiver& ) = delete;
  ~Receiver()
  {
    if( std::uncaught_exceptions() == 0 )
      check();
  }

  /** The peer says something; everything that can happen without the time passing happens. */
  void feed( const std::string& xml )
  {
    const auto type = attribute( xml, "type" );
    if( xml.compare( 0, 3, "<iq" ) == 0 && ( type == "set" || type == "get" ) )
      m_asked.insert( attribute( xml, "id" ) );
    solo.client.feed( xml );
    settle();
  }
  void settle()
  {
    test::settle( { &bot }, [this] { return loop.runReady(); } );
  }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return runUntil( { &bot }, [this] { return loop.runReady(); }, done );
  }
  void advance( std::chrono::milliseconds by )
  {
    solo.clock->advance( by );
    settle();
  }

  /** @return Our answer to the request with this id; empty if there is none. */
  [[nodiscard]] std::string answer( const std::string& id ) const
  {
    const auto all = answers( id );
    return all.empty() ? std::string() : all.front();
  }
  /** @return Our answer to @a xml, which was given at once. */
  [[nodiscard]] std::string ask( const std::string& xml )
  {
    feed( xml );
    return answer( attribute( xml, "id" ) );
  }
  /** W-1, accepted. */
  void accepted( const std::string& offer = W1 ) { REQUIRE( attribute( ask( offer ), "type" ) == "result" ); }
  /** A request that may stay without an answer until the test ends. */
  void unanswered( const std::string& id ) { m_silent.insert( id ); }

  /** @return The words for what was heard of the methods and hosts tried: "+s5b", "-s5b", "=ibb", with ":port" for a host. */
  [[nodiscard]] std::vector<std::string> attempts() const
  {
    std::vector<std::string> words;
    for( const auto& one : bot.attempts )
    {
      const char* sign = one.state == Attempt::State::Started ? "+" : one.state == Attempt::State::Failed ? "-" : "=";
      words.push_back( sign + ( one.port ? one.host + ":" + std::to_string( one.port ) : methodName( one.method ) ) );
    }
    return words;
  }
  [[nodiscard]] std::size_t hostsStarted() const
  {
    return static_cast<std::size_t>( std::count_if( bot.attempts.begin(), bot.attempts.end(), []( const Attempt& one )
                                                    { return one.port != 0 && one.state == Attempt::State::Started; } ) );
  }
  [[nodiscard]] std::size_t position( const std::string& stanza ) const
  {
    const auto all = solo.sent();
    return static_cast<std::size_t>( std::find( all.begin(), all.end(), stanza ) - all.begin() );
  }

  Solo solo;
  Bot& bot;
  net::EventLoop loop;

  private:
    [[nodiscard]] std::vector<std::string> answers( const std::string& id ) const
    {
      std::vector<std::string> found;
      for( auto& stanza : solo.sent() )
        if( attribute( stanza, "id" ) == id && ( attribute( stanza, "type" ) == "result" || attribute( stanza, "type" ) == "error" ) )
          found.push_back( stanza );
      return found;
    }

    void check() const
    {
      for( const auto& id : m_asked )
      {
        INFO( "request " << id );
        CHECK( answers( id ).size() == ( m_silent.count( id ) ? 0u : 1u ) );
      }
      for( const auto& stanza : solo.sent( "<si-multiple" ) )
        CHECK( ( attribute( stanza, "type" ) != "result" || stanza.find( "<feature" ) == std::string::npos ) );
      std::set<std::pair<std::string, std::string>> sessions;
      for( const auto& end : bot.ends )
        CHECK( sessions.insert( { end.peer.full(), end.sid } ).second );
      std::set<const MultiBytestream*> streams;
      for( const auto& stream : bot.streams )
        CHECK( streams.insert( stream.get() ).second );
    }

    std::set<std::string> m_asked{};
    std::set<std::string> m_silent{};
};

} // namespace simultiple::test::receiving

// A namespace of its own, because all test files become one program and other fixtures use the same plain names.
namespace simultiple::test
{
using namespace receiving;
} // namespace simultiple::test
