// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The plugin as sender, romeo, and a scripted juliet: the test writes her stanzas and plays her sockets.

#pragma once

#include "net/eventloop.h"
#include "net/socks5.h"
#include "session/plugin.h"
#include "support/bot.h"
#include "support/catch2.h"
#include "support/sockets.h"

#include <gloox/gloox.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test::sending
{

/// A loop for the sockets of the test's side. Outlives whatever uses it.
struct World
{
  Clock clock;
  net::EventLoop loop{ clock };
};

struct Sender
{
  explicit Sender( const std::function<void( Options& )>& tune = {}, std::shared_ptr<World> w = std::make_shared<World>() )
    : world( std::move( w ) ), solo( Romeo, tune ), bot( *solo.bot )
  {
  }

  // ---- our side
  std::string offer( const OfferOptions& options = OfferOptions() )
  {
    sid = bot.offer( Juliet, options );
    work();
    return sid;
  }
  /** Offers exactly these methods. */
  std::string offerOnly( const std::vector<std::string>& methods )
  {
    OfferOptions options;
    options.methods = methods;
    return offer( options );
  }
  [[nodiscard]] std::size_t count( const std::string& text ) const { return solo.sent( text ).size(); }
  [[nodiscard]] std::string offerId() const { return solo.idOf( "<si " ); }
  [[nodiscard]] std::string queryId() const { return solo.idOf( "<query " ); }
  [[nodiscard]] std::string openId() const { return solo.idOf( "<open " ); }
  [[nodiscard]] std::size_t queries() const { return count( "<streamhost " ); }   ///< W-9 that list a host
  [[nodiscard]] std::size_t opens() const { return count( "<open " ); }           ///< W-17
  [[nodiscard]] std::size_t closes() const { return count( "<close " ); }         ///< W-24
  [[nodiscard]] std::string dstAddr() const { return net::dstAddr( sid, Romeo, Juliet ); }

  // ---- juliet's side
  void feed( const std::string& xml )
  {
    solo.client.feed( xml );
    work();
  }
  void reply( const std::string& id, const std::string& content = std::string(), const std::string& from = Juliet )
  {
    feed( "<iq type='result' id='" + id + "' from='" + from + "' to='" + Romeo + "'>" + content + "</iq>" );
  }
  void refuse( const std::string& id, const std::string& condition, const std::string& type = "cancel", const std::string& from = Juliet )
  {
    feed( "<iq type='error' id='" + id + "' from='" + from + "' to='" + Romeo + "'><error type='" + type + "'><" + condition
          + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>" );
  }
  /** Answers the offer with an `<si/>` that holds this. */
  void accept( const std::string& content ) { reply( offerId(), "<si xmlns='http://jabber.org/protocol/si'>" + content + "</si>" ); }
  /** W-10, W-11. */
  void used( const std::string& jid )
  {
    reply( queryId(), "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + sid + "'><streamhost-used jid='" + jid + "'/></query>" );
  }
  /** A connection to our listener, ready to speak. */
  [[nodiscard]] std::unique_ptr<SocketClient> dial() { return std::make_unique<SocketClient>( world->loop, connectTo( bot.manager.listenPort() ) ); }
  /** The client's half of W-16. @return Whether it got the good reply. */
  [[nodiscard]] bool shake( SocketClient& client, const std::string& digest )
  {
    client.send( std::string( "\x05\x01\x00", 3 ) );
    work();
    if( client.received() != std::string( "\x05\x00", 2 ) )
      return false;
    client.send( std::string( "\x05\x01\x00\x03\x28", 5 ) + digest + std::string( 2, '\0' ) );
    work();
    return client.received() == std::string( "\x05\x00\x05\x00\x00\x03\x28", 7 ) + digest + std::string( 2, '\0' );
  }

  // ---- time
  /** Until both sides have nothing more to do; the bot's clock stands still. */
  void work()
  {
    solo.settle();
    while( world->loop.runReady() || world->loop.runAlarms() )
      solo.settle();
  }
  void advance( std::chrono::milliseconds by )
  {
    solo.clock->advance( by );
    work();
  }

  // ---- the end
  /** GEN-10: ended exactly once, and whatever timer was left over does nothing (TMO-6). */
  void checkEnded( const std::string& cause )
  {
    REQUIRE( bot.ends.size() == 1 );
    CHECK( bot.cause() == cause );
    CHECK( bot.ends.front().sid == sid );
    CHECK( bot.ends.front().peer == gloox::JID( Juliet ) );
    const auto before = solo.sent().size();
    const auto opened = bot.opens;
    advance( std::chrono::hours( 1 ) );
    CHECK( bot.ends.size() == 1 );
    CHECK( bot.opens == opened );
    CHECK( solo.sent().size() == before );
    CHECK( bot.manager.sessions() == 0 );
    CHECK( bot.manager.listenPort() == 0 );
  }
  /** NEG-10, GEN-11: open, once, by this method, and the application was told so. */
  void checkOpen( const std::string& method )
  {
    REQUIRE( bot.opens == 1 );
    REQUIRE( bot.streams.size() == 1 );
    CHECK( bot.stream().method() == method );
    CHECK( bot.ends.empty() );
    REQUIRE_FALSE( bot.attempts.empty() );
    CHECK( bot.attempts.back().state == Attempt::State::Opened );
    CHECK( bot.attempts.back().method == method );
  }
  /** Lets the session end and looks that it was one end. */
  void checkClosed( const std::string& cause = "closed-local" )
  {
    if( bot.ends.empty() )
      bot.stream().abort();
    work();
    checkEnded( cause );
  }

  std::shared_ptr<World> world;
  Solo solo;
  Bot& bot;
  std::string sid{};
};

inline const std::string S5b = "http://jabber.org/protocol/bytestreams";
inline const std::string Ibb = "http://jabber.org/protocol/ibb";
inline const std::string Proxy = "proxy.montague.example";

/// W-2's list with the two methods in the usual order.
inline const std::string Both = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>"
                                "<value>http://jabber.org/protocol/bytestreams</value><value>http://jabber.org/protocol/ibb</value></si-multiple>";
/// The other way round.
inline const std::string IbbFirst = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>"
                                    "<value>http://jabber.org/protocol/ibb</value><value>http://jabber.org/protocol/bytestreams</value></si-multiple>";
/// A list of one.
inline const std::string OnlyIbb = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>"
                                   "<value>http://jabber.org/protocol/ibb</value></si-multiple>";
inline const std::string OnlyS5b = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>"
                                   "<value>http://jabber.org/protocol/bytestreams</value></si-multiple>";
/// W-3's form with S5B.
inline const std::string PlainS5b = "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"
                                    "<field var='stream-method'><value>http://jabber.org/protocol/bytestreams</value></field></x></feature>";
/// W-4's form.
inline const std::string SmackBoth = "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"
                                     "<field var='stream-method'><value>http://jabber.org/protocol/bytestreams</value>"
                                     "<value>http://jabber.org/protocol/ibb</value></field></x></feature>";

} // namespace simultiple::test::sending

// A namespace of its own, because all test files become one program and other fixtures use the same plain names.
namespace simultiple::test
{
using namespace sending;
} // namespace simultiple::test
