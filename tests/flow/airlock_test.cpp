// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "flow/airlock_fixture.h"

#include "airlock/classify.h"
#include "airlock/random.h"
#include "support/catch2.h"
#include "support/noentropy.h"

#include <gloox/carbons.h>
#include <gloox/forward.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/presence.h>
#include <gloox/presencehandler.h>

#include <algorithm>

// The gate, the inbox, and our own requests.

using namespace simultiple;
using namespace simultiple::test;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

const std::string Offer = "<si xmlns='http://jabber.org/protocol/si' id='s1' profile='urn:x'/>";
const std::string Query = "<query xmlns='http://jabber.org/protocol/bytestreams' sid='s1'/>";
const std::string Open = "<open xmlns='http://jabber.org/protocol/ibb' sid='s1' block-size='4096'/>";
const std::string Data = "<data xmlns='http://jabber.org/protocol/ibb' sid='s1' seq='0'>SGk=</data>";
const std::string Close = "<close xmlns='http://jabber.org/protocol/ibb' sid='s1'/>";

std::string offerOf( std::size_t elements )
{
  std::string inside;
  while( elements-- > 0 )
    inside += "<a/>";
  return "<si xmlns='http://jabber.org/protocol/si' id='s1' profile='urn:x'>" + inside + "</si>";
}

std::unique_ptr<gloox::Tag> ping()
{
  auto tag = std::make_unique<gloox::Tag>( "ping" );
  tag->setXmlns( "urn:xmpp:ping" );
  return tag;
}

} // namespace

TEST_CASE( "GEN-2: the five kinds of stanza are recognised, with id, parties and sid", "[airlock]" )
{
  const auto [payload, kind] = GENERATE( table<std::string, airlock::StanzaKind>( { { Offer, airlock::StanzaKind::Offer },
                                                                                    { Query, airlock::StanzaKind::S5bQuery },
                                                                                    { Open, airlock::StanzaKind::IbbOpen },
                                                                                    { Data, airlock::StanzaKind::IbbData },
                                                                                    { Close, airlock::StanzaKind::IbbClose } } ) );
  BehindClient b;
  b.room.live = { "s1" };
  b.arrive( iqFrom( Romeo, "set", "q<1>&'", "" ) ); // not ours: no payload
  b.said();
  b.arrive( "<iq type='set' id='q&lt;1' from='" + Romeo + "' to='" + Juliet + "'>" + payload + "</iq>" );
  REQUIRE( b.room.stanzas.size() == 1 );
  const airlock::Stanza& s = b.room.stanzas.front();
  CHECK( s.kind == kind );
  CHECK( s.type == "set" );
  CHECK( s.id == "q<1" );
  CHECK( s.local.full() == Juliet );
  CHECK( s.peer.full() == Romeo );
  CHECK( s.sid == "s1" );
  if( kind == airlock::StanzaKind::IbbData )
  {
    CHECK( s.seq == "0" );
    CHECK( s.text == "SGk=" );
    CHECK_FALSE( s.element );   // it has no tag, because that would have to be copied
  }
  else
  {
    REQUIRE( s.element );
    CHECK( s.element->parent() == s.tag.get() );
  }
  CHECK( b.entity.sent().empty() ); // ours now: nobody else answers
}

TEST_CASE( "GEN-2: JIDs that were prepared once are the same the next time, and their number is bounded", "[airlock]" )
{
  airlock::JidCache jids;
  for( int round = 0; round < 2; ++round )
  {
    CHECK( jids.of( "Juliet@Capulet.Example/Balcony" ).full() == "juliet@capulet.example/Balcony" );
    CHECK_FALSE( jids.of( "@capulet.example" ) );
  }
  CHECK( jids.size() == 2 );
  CHECK( jids.of( "a@b/" + std::string( 500, 'c' ) ).resource().size() == 500 );
  CHECK( jids.size() == 2 );
  for( int i = 0; i < 1000; ++i )
  {
    REQUIRE( jids.of( "a@b/" + std::to_string( i ) ).resource() == std::to_string( i ) );
    REQUIRE( jids.size() <= airlock::JidCache::Most );
  }
}

TEST_CASE( "GEN-2: on a client the local JID of a stanza without 'to' is its own", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  b.arrive( "<iq type='set' id='q1' from='" + Romeo + "'>" + Offer + "</iq>" );
  REQUIRE( b.room.stanzas.size() == 1 );
  CHECK( b.room.stanzas.front().local.full() == Juliet );
}

TEST_CASE( "SEC-1: a stanza without 'from' has an invalid peer", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  b.room.peer = "";
  b.arrive( "<iq type='set' id='q1' to='" + Juliet + "'>" + Offer + "</iq>" );
  REQUIRE( b.room.stanzas.size() == 1 );
  CHECK_FALSE( b.room.stanzas.front().peer );
}

TEST_CASE( "GEN-8: what nobody claims gets the answers of a bare bot", "[airlock]" )
{
  ScriptedClient bare;
  BehindClient b;
  const auto payload = GENERATE( as<std::string>{}, Offer, Query, Open, Data, Close, "<ping xmlns='urn:xmpp:ping'/>", "<x xmlns='urn:x'/>", "" );
  const auto type = GENERATE( as<std::string>{}, "set", "get", "result", "error" );
  const std::string stanza = iqFrom( Romeo, type, "q1", payload );
  bare.feed( stanza );
  b.arrive( stanza );
  CHECK_THAT( b.entity.sent(), Equals( bare.sent() ) );
  CHECK( b.room.stanzas.empty() );
}

TEST_CASE( "GEN-3: the same stanza from a third account is not claimed", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  const auto from = GENERATE( as<std::string>{}, Mallory, "romeo@montague.example/garden", "romeo@montague.example" );
  for( const std::string& payload : { Query, Open, Data, Close } )
    b.arrive( iqFrom( from, "set", "q1", payload ) );
  CHECK( b.room.stanzas.empty() );
  CHECK( b.entity.stanzas().size() == 4 ); // gloox's automatic errors
}

TEST_CASE( "SEC-1, GEN-3, GEN-5: a prefixed 'from' beside the true one is nobody's word, wherever it stands", "[airlock]" )
{
  const auto twin = GENERATE( as<std::string>{}, " xml:from='" + Romeo + "'", " xmlns:x='urn:x' x:from='" + Romeo + "'" );
  const bool first = GENERATE( true, false );
  const std::string from = first ? twin + " from='" + Mallory + "'" : " from='" + Mallory + "'" + twin;
  const auto iq = [&]( const std::string& type, const std::string& id, const std::string& payload )
  {
    return "<iq type='" + type + "' id='" + id + "' to='" + Juliet + "'" + from + ">" + payload + "</iq>";
  };
  BehindClient b;
  b.room.live = { "s1" };
  FakeTenant t;
  const std::string id = b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" );
  for( const std::string& payload : { Query, Open, Data, Close } )
    b.arrive( iq( "set", "q1", payload ) );
  b.arrive( "<message to='" + Juliet + "'" + from + ">" + Data + "</message>" );
  b.arrive( "<presence type='unavailable'" + from + "/>" );
  b.arrive( iq( "result", id, "" ) );
  b.arrive( iq( "error", id, ItemNotFound ) );
  CHECK( b.room.events.empty() );
  CHECK( t.answers.empty() );

  b.arrive( iqFrom( Romeo, "result", id ) );
  CHECK( t.answers == Words{ "ping result" } );
  b.lock->forget( t );
}

TEST_CASE( "GEN-2: a prefixed 'to' makes nobody else of us", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  b.arrive( "<iq type='set' id='q1' xml:to='juliet@capulet.example/chamber' from='" + Romeo + "' to='" + Juliet + "'>" + Open + "</iq>" );
  REQUIRE( b.room.stanzas.size() == 1 );
  CHECK( b.room.stanzas.front().local.full() == Juliet );
}

TEST_CASE( "§1.1: prefixed and inherited namespaces are seen, foreign ones are not", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  const auto [payload, ours] = GENERATE( table<std::string, bool>(
      { { "<p:query xmlns:p='http://jabber.org/protocol/bytestreams' sid='s1'/>", true },
        { "<p:si xmlns:p='http://jabber.org/protocol/si' id='s1'/>", true },
        { "<p:open xmlns:p='http://jabber.org/protocol/ibb' sid='s1' block-size='1'/>", true },
        { "<query xmlns='urn:x' sid='s1'/>", false },
        { "<p:query xmlns:p='urn:x' sid='s1'/>", false },
        { "<x xmlns='http://jabber.org/protocol/bytestreams'><query sid='s1'/></x>", false }, // GEN-7: not a direct child
        { "<query xmlns='http://jabber.org/protocol/bytestreams' xmlns:p='urn:x' p:sid='s1'/>", false } } ) );
  b.arrive( iqFrom( Romeo, "set", "q1", payload ) );
  CHECK( ( b.room.stanzas.size() == 1 ) == ours );

  BehindClient onStanza;
  onStanza.room.live = { "s1" };
  onStanza.arrive( "<iq type='set' id='q1' from='" + Romeo + "' to='" + Juliet
                   + "' xmlns:p='http://jabber.org/protocol/ibb'><p:close sid='s1'/></iq>" );
  REQUIRE( onStanza.room.stanzas.size() == 1 );
  CHECK( onStanza.room.stanzas.front().kind == airlock::StanzaKind::IbbClose );
}

TEST_CASE( "CMP-6: a component claims nothing without 'to' or outside its domain", "[airlock]" )
{
  BehindComponent b;
  b.room.live = { "s1" };
  const auto [to, ours] = GENERATE( table<std::string, bool>( { { " to='bot@gateway.example/x'", true },
                                                                { " to='gateway.example'", true },
                                                                { "", false },
                                                                { " to='bot@other.example/x'", false },
                                                                { " to='bot@sub.gateway.example/x'", false } } ) );
  b.arrive( "<iq type='set' id='q1' from='" + Romeo + "'" + to + ">" + Offer + "</iq>" );
  CHECK( ( b.room.stanzas.size() == 1 ) == ours );
}

TEST_CASE( "GEN-2: a client claims nothing that is addressed to another account", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  b.arrive( iqFrom( Romeo, "set", "q1", Offer, "nurse@capulet.example/balcony" ) );
  CHECK( b.room.stanzas.empty() );
}

TEST_CASE( "W-23: data in a message is taken, and the bot sees the message as before", "[airlock]" )
{
  struct Reader final : gloox::MessageHandler
  {
    int seen = 0;
    void handleMessage( const gloox::Message&, gloox::MessageSession* ) override { ++seen; }
  } reader;
  BehindClient b;
  b.room.live = { "s1" };
  b.entity.client().registerMessageHandler( &reader );
  b.arrive( "<message id='m1' from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>" );
  CHECK( reader.seen == 1 );
  REQUIRE( b.room.stanzas.size() == 1 );
  CHECK( b.room.stanzas.front().message );
  CHECK( b.room.stanzas.front().kind == airlock::StanzaKind::IbbData );

  b.lock->sendResult( b.room.stanzas.front() );
  b.lock->sendError( b.room.stanzas.front(), protocol::errors::ibbBadData() );
  CHECK( b.entity.sent().empty() ); // nothing to answer
  b.entity.client().removeMessageHandler( &reader );
}

TEST_CASE( "IBB-14, GEN-7: errors, delayed messages and other elements in messages are no data", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  const auto message = GENERATE_COPY( as<std::string>{},
      "<message type='error' from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>",
      "<message from='" + Romeo + "' to='" + Juliet + "'>" + Data + "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>",
      "<message from='" + Romeo + "' to='" + Juliet + "'>" + Open + "</message>",
      "<message from='" + Romeo + "' to='" + Juliet + "'><x xmlns='urn:x'>" + Data + "</x></message>" );
  b.arrive( message );
  CHECK( b.room.stanzas.empty() );
}

TEST_CASE( "GEN-7: data inside a carbon or a forwarded message is ignored, the same data live is not", "[airlock]" )
{
  const std::string inner = "<message xmlns='jabber:client' id='m1' from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>";
  const std::string forwarded = "<forwarded xmlns='urn:xmpp:forward:0'>" + inner + "</forwarded>";
  const auto outer = GENERATE_COPY( as<std::string>{},
      "<message from='juliet@capulet.example' to='" + Juliet + "'><received xmlns='urn:xmpp:carbons:2'>" + forwarded + "</received></message>",
      "<message from='juliet@capulet.example' to='" + Juliet + "'><sent xmlns='urn:xmpp:carbons:2'>" + forwarded + "</sent></message>",
      "<message from='" + Mallory + "' to='" + Juliet + "'>" + forwarded + "</message>" );
  const bool withCarbons = GENERATE( true, false );

  BehindClient b;
  b.room.live = { "s1" };
  if( withCarbons )
  {
    b.entity.client().registerStanzaExtension( new gloox::Carbons() ); // gloox owns both
    b.entity.client().registerStanzaExtension( new gloox::Forward() );
  }
  b.arrive( outer );
  CHECK( b.room.stanzas.empty() );
  b.arrive( "<message from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>" );
  CHECK( b.room.stanzas.size() == 1 );
}

TEST_CASE( "SEC-14: a full inbox claims nothing more, and recovers", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  for( std::size_t i = 0; i < airlock::Airlock::MaxInbox; ++i )
    b.entity.feed( iqFrom( Romeo, "set", "q", Close ) );
  REQUIRE( b.said().empty() );
  b.entity.feed( iqFrom( Romeo, "set", "one-more", Close ) );
  CHECK( b.entity.stanzas().size() == 1 ); // gloox's automatic error
  b.entity.feed( "<presence type='unavailable' from='" + Romeo + "'/>" );
  b.entity.feed( "<message from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>" );
  b.dispatch();
  CHECK( b.room.events.size() == airlock::Airlock::MaxInbox );
  b.arrive( iqFrom( Romeo, "set", "later", Close ) );
  CHECK( b.room.events.size() == airlock::Airlock::MaxInbox + 1 );
}

TEST_CASE( "SEC-14: neither strangers' presences nor a line that comes and goes fill the inbox", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  for( std::size_t i = 0; i <= airlock::Airlock::MaxInbox; ++i )
    b.entity.feed( "<presence type='unavailable' from='room@chat.example/" + std::to_string( i ) + "'/>" );
  CHECK( b.lock->waiting() == 0 );
  for( int i = 0; i < 5; ++i )
  {
    b.entity.dropConnection();
    REQUIRE( b.entity.reconnect() );
  }
  CHECK( b.lock->waiting() == 2 );
  b.dispatch();
  CHECK( b.room.events == Words{ "disconnected", "connected" } );

  b.room.peer = Mallory;   // who has an offer that waits, and nothing else
  b.room.events.clear();
  b.entity.feed( iqFrom( Mallory, "set", "q1", Offer ) );
  b.room.peer = Romeo;
  b.entity.feed( "<presence type='unavailable' from='" + Mallory + "'/>" );
  b.dispatch();
  CHECK( b.room.events == Words{ "stanza s1", "gone " + Mallory } );
}

TEST_CASE( "SEC-14: an inbox full of large stanzas claims nothing more, and recovers", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  const std::string large = offerOf( 4000 );
  std::size_t claimed = 0;
  for( ; b.said().empty() && claimed < airlock::Airlock::MaxInbox; ++claimed )
    b.entity.feed( iqFrom( Romeo, "set", "q", large ) );
  --claimed;   // the last was gloox's to answer
  CHECK( claimed == 66 );   // nearly a mebibyte each
  CHECK( b.lock->waiting() == claimed );
  b.entity.feed( "<message from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>" );
  CHECK( b.lock->waiting() == claimed );

  REQUIRE( b.lock->dispatchOne() );
  b.entity.feed( iqFrom( Romeo, "set", "later", large ) );
  CHECK( b.lock->waiting() == claimed );
  b.dispatch();
  CHECK( b.room.stanzas.size() == claimed + 1 );
}

TEST_CASE( "SEC-12: of a stanza that is too large only the profile of an offer is kept, of a block only the block", "[airlock]" )
{
  std::string noise;
  for( std::size_t i = 0; i < airlock::Airlock::MaxNodes; ++i )
    noise += "<a/>";
  BehindClient b;
  b.room.live = { "s1" };
  for( const auto& payload : { offerOf( airlock::Airlock::MaxNodes ), Offer + noise, noise + Query, noise + Open, Close + noise } )
  {
    b.arrive( iqFrom( Romeo, "set", "q1", payload ) );
    const auto& s = b.room.stanzas.back();
    CHECK( s.sid == "s1" );
    CHECK( s.id == "q1" );
    CHECK( s.tooLarge );
    CHECK( s.bytes < 100 );
    REQUIRE( s.element );
    CHECK( s.element->children().empty() );
    CHECK( s.element->findAttribute( "profile" ) == ( s.kind == airlock::StanzaKind::Offer ? "urn:x" : "" ) );
  }
  b.arrive( iqFrom( Romeo, "set", "q1", Data + noise ) );
  CHECK_FALSE( b.room.stanzas.back().tooLarge );
  CHECK( b.room.stanzas.back().bytes == 4 );
  CHECK( b.said().empty() );
}

TEST_CASE( "GEN-9: an offer that waits in the inbox is found until it is dispatched", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  const gloox::JID juliet( Juliet );
  const gloox::JID romeo( Romeo );
  CHECK_FALSE( b.lock->offerWaiting( juliet, romeo, "s1" ) );
  b.entity.feed( iqFrom( Romeo, "set", "q1", Offer ) );
  CHECK( b.lock->hasWork() );
  CHECK( b.lock->offerWaiting( juliet, romeo, "s1" ) );
  CHECK_FALSE( b.lock->offerWaiting( juliet, romeo, "s2" ) );
  CHECK_FALSE( b.lock->offerWaiting( juliet, gloox::JID( Mallory ), "s1" ) );
  b.dispatch();
  CHECK_FALSE( b.lock->offerWaiting( juliet, romeo, "s1" ) );
  CHECK_FALSE( b.lock->hasWork() );
}

TEST_CASE( "CLS-7, CLS-8: connection and presence come through the inbox, in order with the stanzas", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  CHECK( b.lock->connected() );
  b.entity.feed( iqFrom( Romeo, "set", "q1", Close ) );
  b.entity.feed( "<presence from='" + Romeo + "'/>" );
  b.entity.feed( "<presence type='unavailable' from='" + Romeo + "'/>" );
  b.entity.feed( "<presence type='unavailable' from='romeo@montague.example'/>" );
  b.entity.dropConnection();
  CHECK_FALSE( b.lock->connected() );
  CHECK( b.room.events.empty() );
  REQUIRE( b.entity.reconnect() );
  CHECK( b.lock->connected() );
  b.dispatch();
  CHECK( b.room.events == Words{ "stanza s1", "gone " + Romeo, "disconnected", "connected" } );
}

TEST_CASE( "CLS-8: a bot's own presence handler for that JID hides nothing from us, nor we from it", "[airlock]" )
{
  struct Watcher final : gloox::PresenceHandler
  {
    int seen = 0;
    void handlePresence( const gloox::Presence& ) override { ++seen; }
  } watcher;
  BehindClient b;
  b.entity.client().registerPresenceHandler( gloox::JID( Romeo ), &watcher );
  b.arrive( "<presence type='unavailable' from='" + Romeo + "'/>" );
  CHECK( watcher.seen == 1 );
  CHECK( b.room.events == Words{ "gone " + Romeo } );
  b.entity.client().removePresenceHandler( gloox::JID( Romeo ), &watcher );
}

TEST_CASE( "GEN-4, GEN-6: a request carries 'from', 'to' and an id of 128 random bits", "[airlock]" )
{
  BehindClient b;
  FakeTenant t;
  const std::string id = b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" );
  CHECK( id.size() == 32 );
  CHECK( id.find_first_not_of( "0123456789abcdef" ) == std::string::npos );
  CHECK_THAT( b.said(), Equals( "<iq to='" + Romeo + "' from='" + Juliet + "' id='" + id
                                + "' type='get' xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>" ) );
  CHECK( b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" ) != id );
  CHECK( b.lock->pending() == 2 );
  b.lock->forget( t );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "CMP-1: what a component sends carries the session's JID, and an answer its 'to'", "[airlock]" )
{
  BehindComponent b;
  FakeTenant t( "bot@gateway.example/ft" );
  (void)b.lock->request( t, gloox::IQ::Set, gloox::JID( Romeo ), ping(), "ping" );
  CHECK( attribute( b.entity.stanzas().back(), "from" ) == "bot@gateway.example/ft" );
  b.lock->sendAndForget( t.local(), t.peer(), ping() );
  CHECK( attribute( b.entity.stanzas().back(), "from" ) == "bot@gateway.example/ft" );

  b.room.live = { "s1" };
  b.arrive( iqFrom( Romeo, "set", "q1", Offer, "other@gateway.example/x" ) );
  b.said();
  b.lock->sendResult( b.room.stanzas.front() );
  CHECK_THAT( b.said(), Equals( "<iq to='" + Romeo + "' from='other@gateway.example/x' id='q1' type='result' xmlns='jabber:component:accept'/>" ) );
  b.lock->sendError( b.room.stanzas.front(), protocol::errors::itemNotFound() );
  CHECK_THAT( b.said(), Equals( "<iq to='" + Romeo + "' from='other@gateway.example/x' id='q1' type='error' xmlns='jabber:component:accept'>"
                                + ItemNotFound + "</iq>" ) );
  b.lock->forget( t );
}

TEST_CASE( "GEN-5: a forged answer by id changes nothing and the genuine one counts afterwards", "[airlock]" )
{
  BehindClient b;
  FakeTenant t;
  const std::string id = b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" );
  b.said();
  const auto type = GENERATE( as<std::string>{}, "result", "error" );
  for( const std::string& from : { Mallory, std::string( "romeo@montague.example/garden" ), std::string( "romeo@montague.example" ) } )
  {
    b.arrive( iqFrom( from, "result", id ) );
    b.arrive( iqFrom( from, "error", id, ItemNotFound ) );
  }
  b.arrive( "<iq type='result' id='" + id + "' to='" + Juliet + "'/>" ); // no from
  CHECK( t.answers.empty() );
  CHECK( b.lock->pending() == 1 );

  b.arrive( iqFrom( "ROMEO@Montague.Example/orchard", type, id ) ); // the same JID once prepared
  CHECK( t.answers == Words{ "ping " + type } );
  CHECK( b.lock->pending() == 0 );
  b.arrive( iqFrom( Romeo, "result", id ) ); // SI-23: a second answer
  CHECK( t.answers.size() == 1 );
  CHECK( b.said().empty() );
}

TEST_CASE( "GEN-5: of two answers in one read only the first counts", "[airlock]" )
{
  BehindClient b;
  FakeTenant t;
  const std::string id = b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" );
  b.arrive( iqFrom( Romeo, "error", id, ItemNotFound ) + iqFrom( Romeo, "result", id ) );
  CHECK( t.answers == Words{ "ping error" } );
}

TEST_CASE( "NEG-5: a forgotten tenant hears of nothing, not even of what already waits", "[airlock]" )
{
  BehindClient b;
  FakeTenant t;
  const std::string first = b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" );
  const std::string second = b.lock->request( t, gloox::IQ::Get, gloox::JID( Romeo ), ping(), "ping" );
  b.entity.feed( iqFrom( Romeo, "result", first ) );
  b.lock->forget( t );
  b.arrive( iqFrom( Romeo, "result", second ) );
  CHECK( t.answers.empty() );
}

TEST_CASE( "CLS-4: nobody waits for the answer to what is sent and forgotten", "[airlock]" )
{
  BehindClient b;
  b.lock->sendAndForget( gloox::JID( Juliet ), gloox::JID( Romeo ), ping() );
  REQUIRE( b.entity.stanzas().size() == 1 );
  CHECK( b.lock->pending() == 0 );
  const std::string id = b.newestId();
  CHECK( id.size() == 32 );
  b.said();
  b.arrive( iqFrom( Romeo, "error", id, ItemNotFound ) );
  CHECK( b.said().empty() );
}

TEST_CASE( "a request to nobody is not sent", "[airlock]" )
{
  BehindClient b;
  FakeTenant t;
  CHECK( b.lock->request( t, gloox::IQ::Get, gloox::JID(), ping(), "ping" ).empty() );
  CHECK( b.entity.sent().empty() );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "GEN-1: what was claimed and never dispatched is refused when the airlock goes", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  b.entity.feed( iqFrom( Romeo, "set", "q1", Offer ) );
  b.entity.feed( "<message from='" + Romeo + "' to='" + Juliet + "'>" + Data + "</message>" );
  REQUIRE( b.entity.sent().empty() );
  b.lock.reset();
  REQUIRE( b.entity.stanzas().size() == 1 );
  CHECK( attribute( b.entity.stanzas().front(), "id" ) == "q1" );
  CHECK( b.entity.sent().find( "<service-unavailable" ) != std::string::npos );
}

TEST_CASE( "SEC-4, GEN-6: ids and sids are 128 bits in hexadecimal and differ", "[airlock]" )
{
  std::set<std::string> seen;
  for( int i = 0; i < 100; ++i )
  {
    const auto sid = airlock::randomSid();
    REQUIRE( sid );
    CHECK( sid->size() == 34 );
    CHECK( sid->compare( 0, 2, "sm" ) == 0 );
    seen.insert( *sid );
  }
  CHECK( seen.size() == 100 );
  const NoEntropy none;
  CHECK_FALSE( airlock::randomHex() );
  CHECK_FALSE( airlock::randomSid() );
}
