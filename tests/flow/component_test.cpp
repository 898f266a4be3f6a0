// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The plugin on a component (PROTOCOL 2.11).

#include "flow/inband_fixture.h"
#include "net/socks5.h"
#include "support/sockets.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;

namespace
{

const std::string Unit = "u@svc.example/ft";
const std::string DiscoInfo = "<query xmlns='http://jabber.org/protocol/disco#info'/>";

/// A bot on a component and a client's bot on one hub.
struct Bridge
{
  explicit Bridge( const std::function<void( Options& component, Options& client )>& tune = {} )
    : entity( hub.joinComponent( "svc.example" ) ), julietClient( hub.join( Juliet ) )
  {
    auto ours = testOptions( clock );
    auto theirs = testOptions( clock );
    if( tune )
      tune( ours, theirs );
    bot = std::make_unique<Bot>( entity.base(), ours );
    juliet = std::make_unique<Bot>( julietClient.client(), theirs );
    bot->manager.enable();
    juliet->manager.enable();
    settle();
    entity.clear();
  }

  bool until( const std::function<bool()>& done )
  {
    return runUntil( { bot.get(), juliet.get() }, [this] { return deliver(); }, done );
  }
  void settle() { test::settle( { bot.get(), juliet.get() }, [this] { return deliver(); } ); }
  bool deliver()
  {
    const bool ready = other && other->runReady();
    return hub.run() > 0 || ready;
  }
  void feed( const std::string& xml )
  {
    entity.feed( xml );
    settle();
  }
  std::string offer()
  {
    OfferOptions options;
    options.from = gloox::JID( Unit );
    return bot->offer( Juliet, options );
  }
  /** CMP-1, GEN-4. @return How many stanzas the component wrote that contain @a text; each must name Unit and somebody. */
  std::size_t written( const std::string& text ) const
  {
    std::size_t n = 0;
    for( const auto& stanza : entity.stanzas() )
    {
      if( stanza.find( text ) == std::string::npos )
        continue;
      CAPTURE( stanza );
      CHECK( attribute( stanza, "from" ) == Unit );
      CHECK_FALSE( attribute( stanza, "to" ).empty() );
      ++n;
    }
    return n;
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  net::EventLoop* other = nullptr;   ///< Of a scripted host, if there is one
  ScriptedComponent& entity;
  ScriptedClient& julietClient;
  std::unique_ptr<Bot> bot;
  std::unique_ptr<Bot> juliet;
};

} // namespace

TEST_CASE( "TC-168, CMP-1: as sender a component writes the session's JID on offer, openings, data, acknowledgements and close", "[component]" )
{
  Bridge bridge( []( Options&, Options& client ) { client.streamHosts.allow.clear(); } );   // so that S5B fails
  REQUIRE_FALSE( bridge.offer().empty() );
  REQUIRE( bridge.until( [&] { return bridge.bot->opens == 1 && bridge.juliet->opens == 1; } ) );
  REQUIRE( bridge.bot->stream().send( "there" ) );
  REQUIRE( bridge.juliet->stream().send( "back" ) );
  REQUIRE( bridge.until( [&] { return bridge.bot->received == "back" && bridge.juliet->received == "there"; } ) );
  bridge.bot->stream().close();
  REQUIRE( bridge.until( [&] { return !bridge.bot->ends.empty() && !bridge.juliet->ends.empty(); } ) );
  CHECK( bridge.written( "<iq" ) == bridge.entity.stanzas().size() );
  CHECK( bridge.written( "<si " ) == 1 );
  CHECK( bridge.written( "<streamhost " ) == 1 );
  CHECK( bridge.written( "<streamhost jid='" + Unit + "'" ) == 1 );   // CMP-4
  CHECK( bridge.written( "<open " ) == 1 );
  CHECK( bridge.written( "<data " ) == 1 );
  CHECK( bridge.written( "type='result'" ) == 1 );
  CHECK( bridge.written( "<close " ) == 1 );
  CHECK( bridge.juliet->offers.at( 0 ).peer.full() == Unit );
  CHECK( bridge.bot->ends.size() == 1 );
  CHECK( bridge.juliet->ends.size() == 1 );
}

TEST_CASE( "TC-168, CMP-1: as receiver a component writes the session's JID on answers, errors, data and acknowledgements", "[component]" )
{
  Bridge bridge( []( Options& component, Options& ) { component.streamHosts.allow.clear(); } );
  bridge.bot->onOffer = Bot::OnOffer::Decline;
  REQUIRE_FALSE( bridge.juliet->offer( Unit ).empty() );
  REQUIRE( bridge.until( [&] { return bridge.juliet->cause() == "declined"; } ) );
  CHECK( bridge.written( "<forbidden" ) == 1 );

  bridge.bot->onOffer = Bot::OnOffer::Accept;
  REQUIRE_FALSE( bridge.juliet->offer( Unit ).empty() );
  REQUIRE( bridge.until( [&] { return bridge.bot->opens == 1 && bridge.juliet->opens == 1; } ) );
  REQUIRE( bridge.bot->stream().send( "back" ) );
  REQUIRE( bridge.juliet->stream().send( "there" ) );
  REQUIRE( bridge.until( [&] { return bridge.juliet->received == "back" && bridge.bot->received == "there"; } ) );
  bridge.juliet->stream().close();
  REQUIRE( bridge.until( [&] { return bridge.bot->ends.size() == 2 && bridge.juliet->ends.size() == 2; } ) );
  CHECK( bridge.written( "<iq" ) == bridge.entity.stanzas().size() );
  CHECK( bridge.written( "<si " ) == 1 );
  CHECK( bridge.written( "<item-not-found" ) == 1 );
  CHECK( bridge.written( "<data " ) == 1 );
  CHECK( bridge.written( "type='result'" ) == 4 );   // offer, open, data, close
}

TEST_CASE( "TC-168, CMP-1, S5B-7: a component's activation carries the session's JID and names the peer's", "[component]" )
{
  Clock clock;
  net::EventLoop hostLoop( clock );
  ScriptedHost host( hostLoop );
  Bridge bridge( [&]( Options& component, Options& )
  {
    component.listen.enabled = false;
    component.proxies.known = { { gloox::JID( "proxy.svc.example" ), "127.0.0.1", host.port() } };
  } );
  bridge.other = &hostLoop;
  bridge.hub.serveProxy( "proxy.svc.example", "127.0.0.1", host.port() );
  REQUIRE_FALSE( bridge.offer().empty() );
  REQUIRE( bridge.until( [&] { return bridge.bot->opens == 1 && bridge.juliet->opens == 1; } ) );
  CHECK( bridge.bot->stream().method() == gloox::XMLNS_BYTESTREAMS );
  CHECK( bridge.written( "<activate>" + Juliet + "</activate>" ) == 1 );
  CHECK( bridge.written( "<iq" ) == bridge.entity.stanzas().size() );
}

TEST_CASE( "TC-169, CMP-2, GEN-2: one sid of one peer at two local JIDs makes two sessions", "[component]" )
{
  Bridge bridge;
  const std::string one = "a@svc.example/x", other = "b@svc.example/x";
  bridge.feed( offerOf( { Ibb }, Sid, true, "o1", Romeo, one ) );
  bridge.feed( offerOf( { Ibb }, Sid, true, "o2", Romeo, other ) );
  REQUIRE( bridge.bot->offers.size() == 2 );
  CHECK( bridge.bot->manager.sessions() == 2 );
  bridge.feed( fromPeer( Romeo, one, "set", "i1", openElement() ) );
  bridge.feed( fromPeer( Romeo, other, "set", "i2", openElement() ) );
  bridge.feed( fromPeer( Romeo, one, "set", "d1", dataElement( 0, "YQ==" ) ) );
  bridge.feed( fromPeer( Romeo, other, "set", "d2", dataElement( 0, "Yg==" ) ) );
  CHECK( gists( bridge.entity.stanzas(), Romeo ) == Gists{ "result o1", "result o2", "result i1", "result i2", "result d1", "result d2" } );
  const auto sent = bridge.entity.stanzas();
  for( std::size_t i = 0; i < sent.size(); ++i )
    CHECK( attribute( sent[i], "from" ) == ( i % 2 == 0 ? one : other ) );
  CHECK( bridge.bot->received == "ab" );

  // Closing one leaves the other.
  bridge.feed( fromPeer( Romeo, one, "set", "c1", closeElement() ) );
  CHECK( bridge.bot->ends.size() == 1 );
  CHECK( bridge.bot->manager.sessions() == 1 );
}

TEST_CASE( "CMP-2: a component offers neither without a local JID nor with one of another domain", "[component]" )
{
  Bridge bridge;
  CHECK( bridge.bot->offer( Juliet ).empty() );
  OfferOptions options;
  options.from = gloox::JID( "u@elsewhere.example/ft" );
  CHECK( bridge.bot->offer( Juliet, options ).empty() );
  CHECK( bridge.entity.stanzas().empty() );
  CHECK( bridge.bot->manager.sessions() == 0 );
}

TEST_CASE( "TC-170, CMP-4, S5B-18: the DST.ADDR holds the component's JID as it stands", "[component]" )
{
  CHECK( net::dstAddr( "ft1", "bridge.example/ft", Juliet ) == "e0f14081a9cf0f04e8edba86b1ea04989b95cc43" );

  // Both sides of a real stream agree on it.
  Bridge bridge;
  REQUIRE_FALSE( bridge.offer().empty() );
  REQUIRE( bridge.until( [&] { return bridge.bot->opens == 1 && bridge.juliet->opens == 1; } ) );
  CHECK( bridge.bot->stream().method() == gloox::XMLNS_BYTESTREAMS );
  REQUIRE( bridge.bot->stream().send( "there" ) );
  REQUIRE( bridge.until( [&] { return bridge.juliet->received == "there"; } ) );
}

TEST_CASE( "TC-171, CMP-6: a component ignores what is addressed to another domain or to nobody", "[component]" )
{
  const auto to = GENERATE( as<std::string>{}, "u@elsewhere.example/ft", "svc.example.evil.example", "" );
  CAPTURE( to );
  Bridge bridge;
  ScriptedComponent bare( "svc.example" );
  for( const auto& payload : { offerOf( { Ibb }, Sid, true, "o1", Romeo, Unit ), fromPeer( Romeo, Unit, "set", "i1", openElement() ),
                               fromPeer( Romeo, Unit, "set", "d1", dataElement( 0, "YQ==" ) ) } )
  {
    bridge.feed( withAttribute( payload, "to", to ) );
    bare.feed( withAttribute( payload, "to", to ) );
  }
  CHECK( bridge.bot->offers.empty() );
  CHECK( bridge.bot->manager.sessions() == 0 );
  CHECK( bridge.entity.sent() == bare.sent() );
}

TEST_CASE( "TC-233, CMP-5: each local JID of a component shows the same features", "[component]" )
{
  Bridge bridge;
  bridge.feed( fromPeer( Romeo, "a@svc.example/x", "get", "i1", DiscoInfo ) );
  bridge.feed( fromPeer( Romeo, "svc.example", "get", "i2", DiscoInfo ) );
  const auto sent = bridge.entity.stanzas();
  REQUIRE( sent.size() == 2 );
  CHECK( attribute( sent[0], "from" ) == "a@svc.example/x" );
  CHECK( attribute( sent[1], "from" ) == "svc.example" );
  const auto query = []( const std::string& xml ) { return xml.substr( xml.find( "<query" ) ); };
  CHECK( query( sent[0] ) == query( sent[1] ) );
  for( const auto& feature : { std::string( "http://jabber.org/protocol/si" ), Profile, S5b, Ibb, std::string( "http://telepathy.freedesktop.org/xmpp/si-multiple" ) } )
    CHECK( sent[0].find( "<feature var='" + feature + "'/>" ) != std::string::npos );
}
