// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "flow/airlock_fixture.h"

#include "airlock/plaintag.h"
#include "support/catch2.h"
#include "support/stanza.h"

#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>

// gloox's own stream objects inside the airlock: what they write, what they see.

using namespace simultiple;
using namespace simultiple::test;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

const std::string S5b = "http://jabber.org/protocol/bytestreams";
const std::string Ibb = "http://jabber.org/protocol/ibb";
const std::string OpenS1 = "<open xmlns='" + Ibb + "' sid='s1' block-size='4096'/>";
const std::string CloseS1 = "<close xmlns='" + Ibb + "' sid='s1'/>";

std::string data( int seq, const std::string& base64 = "SGk=" )
{
  return "<data xmlns='" + Ibb + "' sid='s1' seq='" + std::to_string( seq ) + "'>" + base64 + "</data>";
}

std::string query( const std::string& sid = "s1" )
{
  return "<query xmlns='" + S5b + "' sid='" + sid + "' mode='tcp'><streamhost jid='" + Romeo
         + "' host='127.0.0.1' port='7000'/></query>";
}

std::string used( const std::string& jid )
{
  return "<query xmlns='" + S5b + "' sid='s1'><streamhost-used jid='" + jid + "'/></query>";
}

/// The only stanza written, byte for byte, but for the id we made up.
std::string wire( const std::string& said )
{
  const auto stanzas = splitStanzas( said );
  if( stanzas.size() != 1 )
    return "not one stanza: " + said;
  return withAttribute( stanzas.front(), "id", attribute( stanzas.front(), "id" ).size() == 32 ? "ID" : attribute( stanzas.front(), "id" ) );
}

std::string expected( const std::string& type, const std::string& id, const std::string& payload, const std::string& to = Romeo )
{
  const std::string start = "<iq to='" + to + "' from='" + Juliet + "' id='" + id + "' type='" + type + "' xmlns='jabber:client'";
  return payload.empty() ? start + "/>" : start + ">" + payload + "</iq>";
}

/// A block arrives without its tag; gloox's object has to have one.
airlock::Stanza withElement( airlock::Stanza s )
{
  if( s.kind != airlock::StanzaKind::IbbData )
    return s;
  auto iq = std::make_shared<gloox::Tag>( "iq" );
  auto* element = new gloox::Tag( iq.get(), "data", s.text ); // its parent owns it
  element->setXmlns( Ibb );
  element->addAttribute( "sid", s.sid );
  element->addAttribute( "seq", s.seq );
  s.element = element;
  s.tag = std::move( iq );
  return s;
}

/// Feeds every claimed stanza to one object.
template <class Tenant>
void feedTo( BehindClient& b, Tenant& tenant, gloox::IqHandler& object )
{
  b.room.live = { "s1" };
  b.room.onStanza = [&]( const airlock::Stanza& s ) { b.lock->feed( tenant, object, withElement( s ) ); };
}

/// An in-band stream that the peer has accepted.
void openIt( BehindClient& b, InBandTenant& t )
{
  t.open();
  b.arrive( iqFrom( Romeo, "result", b.newestId() ) );
  b.said();
  t.answers.clear();
}

} // namespace

TEST_CASE( "W-17, W-21, W-24: open, data and close are written as listed", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  t.open();
  CHECK_THAT( wire( b.entity.sent() ), Equals( expected( "set", "ID", OpenS1 ) ) );
  b.arrive( iqFrom( Romeo, "result", b.newestId() ) );
  b.said();

  REQUIRE( t.send( "Hello, Juliet!\n" ) );
  CHECK_THAT( wire( b.said() ), Equals( expected( "set", "ID", "<data xmlns='" + Ibb + "' sid='s1' seq='0'>SGVsbG8sIEp1bGlldCEK</data>" ) ) );
  REQUIRE( t.send( "Hi" ) );
  CHECK_THAT( wire( b.said() ), Equals( expected( "set", "ID", data( 1 ) ) ) );
  t.close();
  CHECK_THAT( wire( b.said() ), Equals( expected( "set", "ID", CloseS1 ) ) );
}

TEST_CASE( "W-9 to W-25: attributes that are not listed do not leave, should a gloox write them", "[airlock]" )
{
  const auto open = parse( "<open xmlns='" + Ibb + "' sid='s1' block-size='4096' stanza='iq' seq='0'/>" );
  REQUIRE( open );
  CHECK_THAT( airlock::listedCopy( *open )->xml(), Equals( OpenS1 ) );
  const auto error = parse( "<error type='cancel' code='404'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" );
  REQUIRE( error );
  CHECK_THAT( airlock::listedCopy( *error )->xml(), Equals( ItemNotFound ) );
}

TEST_CASE( "IBB-1: the answer to our open, our data and our close reaches tenant and object", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  t.open();
  b.arrive( iqFrom( Romeo, "result", b.newestId() ) );
  CHECK( t.events == Words{ "open" } );
  (void)t.send( "Hi" );
  b.arrive( iqFrom( Romeo, "result", b.newestId() ) );
  CHECK( t.events == Words{ "open", "ack" } );
  t.close();
  b.arrive( iqFrom( Romeo, "error", b.newestId(), ItemNotFound ) );
  CHECK( t.answers == Words{ "open result", "open done", "data result", "data done", "close error", "close done" } );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "GLOOX 6b: the refusal of an open, which gloox keeps to itself, reaches the tenant", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  t.open();
  b.arrive( iqFrom( Romeo, "error", b.newestId(), ItemNotFound ) );
  CHECK( t.answers == Words{ "open error", "open done" } );
  CHECK( t.events.empty() );
}

TEST_CASE( "a tenant can keep an answer from the object", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  t.letThrough = false;
  t.open();
  b.arrive( iqFrom( Romeo, "result", b.newestId() ) );
  CHECK( t.answers == Words{ "open result" } );
  CHECK( t.events.empty() );
}

TEST_CASE( "NEG-5: a tenant forgotten while its answer is handled hears no more of it", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  t.onAnswer = [&]( const std::string& ) { b.lock->forget( t ); };
  t.open();
  b.arrive( iqFrom( Romeo, "result", b.newestId() ) );
  CHECK( t.answers == Words{ "open result" } );
  CHECK( t.events.empty() );
}

TEST_CASE( "GEN-5: a third account's answers neither open, acknowledge nor close a stream", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  const auto forge = [&] {
    const std::string id = b.newestId();
    b.arrive( iqFrom( Mallory, "result", id ) + iqFrom( Mallory, "error", id, ItemNotFound ) );
    return id;
  };
  t.open();
  b.arrive( iqFrom( Romeo, "result", forge() ) );
  CHECK( t.events == Words{ "open" } );
  (void)t.send( "Hi" );
  const std::string id = forge();
  CHECK( t.events == Words{ "open" } );
  b.arrive( iqFrom( Romeo, "result", id ) );
  CHECK( t.events == Words{ "open", "ack" } );
  b.arrive( iqFrom( Romeo, "error", id, ItemNotFound ) ); // replayed
  CHECK( t.events == Words{ "open", "ack" } );
}

TEST_CASE( "GEN-1: each fed in-band stanza is answered exactly once, with the peer's id", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  feedTo( b, t, *t.stream );

  b.arrive( iqFrom( Romeo, "set", "o1", OpenS1 ) );
  CHECK_THAT( b.said(), Equals( expected( "result", "o1", "" ) ) );
  b.arrive( iqFrom( Romeo, "set", "o1", data( 0 ) ) ); // the same id again is the peer's business
  CHECK_THAT( b.said(), Equals( expected( "result", "o1", "" ) ) );
  CHECK( t.data == "Hi" );
  b.arrive( iqFrom( Romeo, "set", "d7", data( 7 ) ) );
  CHECK( splitStanzas( b.entity.sent() ).size() == 1 );
  CHECK( attribute( b.said(), "type" ) == "error" );
  b.arrive( iqFrom( Romeo, "set", "d8", data( 8 ) ) ); // gloox says nothing on a stream that broke
  CHECK_THAT( b.said(), Equals( expected( "error", "d8", ItemNotFound ) ) );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "GEN-1: a set fed from within an object's scope is still answered once, not twice", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  b.room.live = { "s1" };
  b.arrive( iqFrom( Romeo, "set", "o1", OpenS1 ) );
  {
    const airlock::Airlock::Scope scope( *b.lock, t );
    b.lock->feed( t, *t.stream, b.room.stanzas.front() );
    CHECK( b.entity.sent().empty() ); // leaves when the outermost scope ends
    CHECK_FALSE( b.lock->dispatchOne() );
  }
  CHECK_THAT( b.said(), Equals( expected( "result", "o1", "" ) ) );
}

TEST_CASE( "W-23: data from a message is delivered and not answered", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  feedTo( b, t, *t.stream );
  b.arrive( iqFrom( Romeo, "set", "o1", OpenS1 ) );
  b.said();
  b.arrive( "<message id='m' from='" + Romeo + "' to='" + Juliet + "'>" + data( 0 ) + "</message>" );
  CHECK( t.data == "Hi" );
  CHECK( b.said().empty() );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "§1.7: prefixed in-band stanzas reach the object", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  feedTo( b, t, *t.stream );
  b.arrive( iqFrom( Romeo, "set", "o1", "<i:open xmlns:i='" + Ibb + "' sid='s1' block-size='4096'/>" ) );
  b.arrive( iqFrom( Romeo, "set", "d0", "<i:data xmlns:i='" + Ibb + "' sid='s1' seq='0'>SGk=</i:data>" ) );
  CHECK( t.data == "Hi" );
  b.arrive( iqFrom( Romeo, "set", "d1", "<data xmlns='" + Ibb + "' xmlns:x='urn:x' x:seq='9' sid='s1' seq='1'>SGk=</data>" ) );
  CHECK( t.data == "HiHi" );
}

TEST_CASE( "CMP-1: in-band on a component speaks for the session's JID in every stanza", "[airlock]" )
{
  BehindComponent b;
  const std::string bot = "bot@gateway.example/ft";
  InBandTenant t( *b.lock, "s1", bot );
  b.room.live = { "s1" };
  b.room.onStanza = [&]( const airlock::Stanza& s ) { b.lock->feed( t, *t.stream, withElement( s ) ); };
  t.open();
  b.arrive( iqFrom( Romeo, "result", b.newestId(), "", bot ) );
  (void)t.send( "Hi" );
  b.arrive( iqFrom( Romeo, "set", "d0", data( 0 ), bot ) );
  b.arrive( iqFrom( Romeo, "set", "d9", data( 9 ), bot ) );
  t.close();
  const auto stanzas = b.entity.stanzas();
  REQUIRE( stanzas.size() == 5 );
  for( const std::string& s : stanzas )
    CHECK( attribute( s, "from" ) == bot );
}

TEST_CASE( "A7: destroying an open stream says close, and leaves nothing behind", "[airlock]" )
{
  BehindClient b;
  auto t = std::make_unique<InBandTenant>( *b.lock, "s1" );
  openIt( b, *t );
  (void)t->send( "Hi" );
  b.said();
  t.reset();
  CHECK_THAT( wire( b.said() ), Equals( expected( "set", "ID", CloseS1 ) ) );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "A7: a late answer to a stream that is gone is nobody's", "[airlock]" )
{
  BehindClient b;
  auto t = std::make_unique<InBandTenant>( *b.lock, "s1" );
  t->open();
  const std::string id = b.newestId();
  t.reset();
  b.said();
  b.arrive( iqFrom( Romeo, "result", id ) );
  CHECK( b.said().empty() );
}

TEST_CASE( "A7, CLS-7: a connection lost inside our send comes through the inbox", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  openIt( b, t );
  b.entity.connection().setOnSend( ScriptedConnection::OnSend::Lose );
  (void)t.send( "Hi" );
  CHECK( b.entity.disconnects() == 1 );
  CHECK( b.room.events.empty() );
  CHECK_FALSE( b.lock->connected() );
  b.dispatch();
  CHECK( b.room.events == Words{ "disconnected" } );
}

TEST_CASE( "a send that fails without a word loses nothing but that stanza", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  openIt( b, t );
  b.entity.connection().setOnSend( ScriptedConnection::OnSend::Fail );
  (void)t.send( "Hi" );
  b.entity.connection().setOnSend( ScriptedConnection::OnSend::Accept );
  (void)t.send( "Hi" );
  CHECK_THAT( wire( b.said() ), Equals( expected( "set", "ID", data( 1 ) ) ) );
  CHECK( b.lock->pending() == 2 );
}

TEST_CASE( "a gloox object that speaks outside of a scope is not heard", "[airlock]" )
{
  BehindClient b;
  InBandTenant t( *b.lock, "s1" );
  (void)t.stream->connect();
  CHECK( b.said().empty() );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "W-9: the query is written as listed", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  t.request( "s1", { S5bTenant::host( Juliet, "192.0.2.17", 7890 ), S5bTenant::host( "proxy.example", "198.51.100.4", 7777 ) } );
  CHECK_THAT( wire( b.said() ),
              Equals( expected( "set", "ID",
                                "<query xmlns='" + S5b + "' sid='s1' mode='tcp'><streamhost jid='" + Juliet
                                    + "' host='192.0.2.17' port='7890'/><streamhost jid='proxy.example' host='198.51.100.4' port='7777'/></query>" ) ) );
}

TEST_CASE( "W-10: a served query is answered with its id, sid and the winner", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  feedTo( b, t, *t.manager );
  b.arrive( iqFrom( Romeo, "set", "q1", query() ) );
  CHECK( t.events == Words{ "asked s1 by " + Romeo } );
  CHECK( b.entity.sent().empty() ); // GEN-1: the answer comes when it is known
  CHECK( b.lock->pending() == 1 );

  t.accept( "s1", S5bTenant::host( Romeo, "127.0.0.1", 7000 ) );
  CHECK_THAT( b.said(), Equals( expected( "result", "q1", used( Romeo ) ) ) );
  CHECK( t.events.back() == "open" );
  CHECK( b.lock->pending() == 0 );
  CHECK_FALSE( b.lock->refuseFed( t, b.room.stanzas.front(), protocol::errors::itemNotFound() ) );
  CHECK( b.said().empty() );
}

TEST_CASE( "W-10: the jid in streamhost-used can be given back exactly as S wrote it", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  feedTo( b, t, *t.manager );
  t.onFinish = []( gloox::Tag& payload ) {
    if( gloox::Tag* u = payload.findChild( "streamhost-used" ) )
      u->addAttribute( "jid", "ROMEO@Montague.Example/orchard" );
  };
  b.arrive( iqFrom( Romeo, "set", "q1", query() ) );
  t.accept( "s1", S5bTenant::host( Romeo, "127.0.0.1", 7000 ) );
  CHECK_THAT( b.said(), Equals( expected( "result", "q1", used( "ROMEO@Montague.Example/orchard" ) ) ) );
}

TEST_CASE( "W-12: a rejected query gets item-not-found of type cancel and nothing else, and the next one is served", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  feedTo( b, t, *t.manager );
  b.arrive( iqFrom( Romeo, "set", "q1", query() ) );
  t.reject( "s1" );
  CHECK_THAT( b.said(), Equals( expected( "error", "q1", ItemNotFound ) ) );
  b.arrive( iqFrom( Romeo, "set", "q2", query() ) );
  t.accept( "s1", S5bTenant::host( Romeo, "127.0.0.1", 7000 ) );
  CHECK_THAT( b.said(), Equals( expected( "result", "q2", used( Romeo ) ) ) );
}

TEST_CASE( "GEN-1: a query refused by us is not answered by gloox as well", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  feedTo( b, t, *t.manager );
  b.arrive( iqFrom( Romeo, "set", "q1", query() ) );
  CHECK( b.lock->refuseFed( t, b.room.stanzas.front(), protocol::errors::itemNotFound() ) );
  CHECK_THAT( b.said(), Equals( expected( "error", "q1", ItemNotFound ) ) );
  CHECK_FALSE( b.lock->refuseFed( t, b.room.stanzas.front(), protocol::errors::itemNotFound() ) );
  t.reject( "s1" );
  CHECK( b.said().empty() );
}

TEST_CASE( "GEN-1: a query whose session is forgotten gets item-not-found", "[airlock]" )
{
  BehindClient b;
  auto t = std::make_unique<S5bTenant>( *b.lock );
  feedTo( b, *t, *t->manager );
  b.arrive( iqFrom( Romeo, "set", "q1", query() ) );
  t.reset();
  CHECK_THAT( b.said(), Equals( expected( "error", "q1", ItemNotFound ) ) );
  CHECK( b.lock->pending() == 0 );
}

TEST_CASE( "GEN-3: two peers with equal sids and ids do not meet", "[airlock]" )
{
  BehindClient b;
  S5bTenant ours( *b.lock );
  feedTo( b, ours, *ours.manager );
  b.arrive( iqFrom( Romeo, "set", "q1", query() ) );
  b.room.onStanza = {};
  b.arrive( iqFrom( Mallory, "set", "q1", query() ) );
  CHECK( b.room.stanzas.size() == 1 );
  CHECK( attribute( b.said(), "to" ) == Mallory ); // gloox's automatic error
  ours.reject( "s1" );
  CHECK( attribute( b.said(), "to" ) == Romeo );
}

TEST_CASE( "§1.6: a prefixed query and a prefixed answer reach the manager", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  feedTo( b, t, *t.manager );
  b.arrive( iqFrom( Romeo, "set", "q1", "<b:query xmlns:b='" + S5b + "' sid='s1'><b:streamhost jid='" + Romeo
                                            + "' host='127.0.0.1' port='7000'/></b:query>" ) );
  CHECK( t.events == Words{ "asked s1 by " + Romeo } );

  S5bTenant out( *b.lock );
  out.request( "s1", { S5bTenant::host( Juliet, "192.0.2.17", 7890 ) } );
  b.arrive( iqFrom( Romeo, "result", b.newestId(), "<b:query xmlns:b='" + S5b + "'><b:streamhost-used jid='" + Juliet + "'/></b:query>" ) );
  CHECK( out.events == Words{ "use 192.0.2.17:7890" } );
}

TEST_CASE( "S5B-6: the answer to our query tells which streamhost is used", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  t.request( "s1", { S5bTenant::host( Juliet, "192.0.2.17", 7890 ), S5bTenant::host( "proxy.example", "198.51.100.4", 7777 ) } );
  const std::string id = b.newestId();
  b.arrive( iqFrom( Mallory, "result", id, used( "proxy.example" ) ) );
  b.arrive( iqFrom( Mallory, "error", id, ItemNotFound ) );
  CHECK( t.events.empty() );
  b.arrive( iqFrom( Romeo, "result", id, used( Juliet ) ) );
  CHECK( t.events == Words{ "use 192.0.2.17:7890" } );
  CHECK( t.answers == Words{ "query result", "query done" } );
}

TEST_CASE( "S5B-8: an answer that names an unknown streamhost makes no stream, and the tenant has seen it", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  t.request( "s1", { S5bTenant::host( Juliet, "192.0.2.17", 7890 ) } );
  b.arrive( iqFrom( Romeo, "result", b.newestId(), used( "nobody.example" ) ) );
  CHECK( t.events.empty() );
  CHECK( t.answers == Words{ "query result", "query done" } );
}

TEST_CASE( "W-13: the activation is written as listed, and only the proxy's answer counts", "[airlock]" )
{
  BehindClient b;
  S5bTenant t( *b.lock );
  t.request( "s1", { S5bTenant::host( "proxy.example", "198.51.100.4", 7777 ) } );
  b.arrive( iqFrom( Romeo, "result", b.newestId(), used( "proxy.example" ) ) );
  b.said();
  t.activate();
  CHECK_THAT( wire( b.entity.sent() ),
              Equals( expected( "set", "ID", "<query xmlns='" + S5b + "' sid='s1'><activate>" + Romeo + "</activate></query>", "proxy.example" ) ) );
  const std::string id = b.newestId();
  t.answers.clear();
  b.arrive( iqFrom( Romeo, "result", id ) ); // the peer is not the proxy
  CHECK( t.answers.empty() );

  SECTION( "W-14" )
  {
    b.arrive( iqFrom( "proxy.example", "result", id ) );
    CHECK( t.answers == Words{ "activate result", "activate done" } );
    CHECK( t.events == Words{ "use 198.51.100.4:7777", "open", "open" } ); // GLOOX 5b: the second one is the real one
  }
  SECTION( "W-15" )
  {
    b.arrive( iqFrom( "proxy.example", "error", id, "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" ) );
    CHECK( t.answers == Words{ "activate error", "activate done" } );
    CHECK( t.events.back() == "refused s1" );
  }
}

TEST_CASE( "CMP-1: SOCKS5 on a component speaks for the session's JID in every stanza", "[airlock]" )
{
  BehindComponent b;
  const std::string bot = "bot@gateway.example/ft";
  S5bTenant in( *b.lock, bot );
  b.room.live = { "s1" };
  b.room.onStanza = [&]( const airlock::Stanza& s ) { b.lock->feed( in, *in.manager, s ); };
  b.arrive( iqFrom( Romeo, "set", "q1", query(), bot ) );
  in.reject( "s1" );
  b.arrive( iqFrom( Romeo, "set", "q2", query(), bot ) );
  in.accept( "s1", S5bTenant::host( Romeo, "127.0.0.1", 7000 ) );
  S5bTenant out( *b.lock, bot );
  out.request( "s1", { S5bTenant::host( "proxy.example", "198.51.100.4", 7777 ) } );
  b.arrive( iqFrom( Romeo, "result", b.newestId(), used( "proxy.example" ), bot ) );
  out.activate();
  const auto stanzas = b.entity.stanzas();
  REQUIRE( stanzas.size() == 4 );
  for( const std::string& s : stanzas )
    CHECK( attribute( s, "from" ) == bot );
}
