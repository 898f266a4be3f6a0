// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/scripted.h"
#include "support/stanza.h"

#include <gloox/bytestreamdatahandler.h>
#include <gloox/bytestreamhandler.h>
#include <gloox/carbons.h>
#include <gloox/disco.h>
#include <gloox/inbandbytestream.h>
#include <gloox/iqhandler.h>
#include <gloox/rostermanager.h>
#include <gloox/simanager.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/siprofilehandler.h>
#include <gloox/socks5bytestream.h>
#include <gloox/socks5bytestreammanager.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

// What gloox 1.0.24 does that the design has to work around, each fact under its row of the notes. A case that fails means that a newer gloox
// behaves otherwise and a work-around can go.

using namespace simultiple::test;
using Words = std::vector<std::string>;

namespace
{

const std::string Juliet = "juliet@capulet.example/balcony";
const std::string Romeo = "romeo@montague.example/orchard";
const std::string Mallory = "mallory@montague.example/orchard";
const std::string NsSi = "http://jabber.org/protocol/si";
const std::string ItemNotFound = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

const std::string FullOffer =
    "<si xmlns='http://jabber.org/protocol/si' id='s1' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
    "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='a' size='3'/>"
    "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
    "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>"
    "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si>";

std::string iq( const std::string& type, const std::string& id, const std::string& payload = "", const std::string& from = Romeo )
{
  return "<iq type='" + type + "' id='" + id + "' from='" + from + "' to='" + Juliet + "'>" + payload + "</iq>";
}

std::string ibb( const std::string& element, const std::string& more = "", const std::string& text = "" )
{
  return "<" + element + " xmlns='http://jabber.org/protocol/ibb' sid='s1'" + more + ">" + text + "</" + element + ">";
}

std::string newestId( const ScriptedEntity& entity )
{
  return attribute( entity.stanzas().back(), "id" );
}

/// Attached by its filter to whatever matches; counts.
class Probe final : public gloox::StanzaExtension
{
  public:
    Probe( int type, std::string filter, int* matches = nullptr ) : StanzaExtension( type ), m_filter( std::move( filter ) ), m_matches( matches )
    {
      m_valid = true;
    }
    const std::string& filterString() const override { return m_filter; }
    gloox::StanzaExtension* newInstance( const gloox::Tag* ) const override
    {
      if( m_matches )
        ++*m_matches;
      return new Probe( extensionType(), m_filter, m_matches ); // gloox owns it
    }
    gloox::Tag* tag() const override { return nullptr; }
    gloox::StanzaExtension* clone() const override { return new Probe( extensionType(), m_filter, m_matches ); } // the caller owns it

  private:
    std::string m_filter;
    int* m_matches;
};

class Recorder final : public gloox::IqHandler
{
  public:
    Recorder( std::string name, Words& log, bool take = false ) : m_name( std::move( name ) ), m_log( log ), m_take( take ) {}
    bool handleIq( const gloox::IQ& ) override
    {
      m_log.push_back( m_name );
      return m_take;
    }
    void handleIqID( const gloox::IQ& answer, int ) override { m_log.push_back( m_name + " id from " + answer.from().full() ); }

  private:
    std::string m_name;
    Words& m_log;
    bool m_take;
};

/// A profile that is told of offers.
class Profile final : public gloox::SIProfileHandler
{
  public:
    int offers = 0;
    void handleSIRequest( const gloox::JID&, const gloox::JID&, const std::string&, const gloox::SIManager::SI& ) override { ++offers; }
};

class Streams final : public gloox::SIProfileFTHandler, public gloox::BytestreamHandler, public gloox::BytestreamDataHandler
{
  public:
    Words events{};
    gloox::Bytestream* made = nullptr;
    std::string data{};

    void handleFTRequest( const gloox::JID&, const gloox::JID&, const std::string& sid, const std::string&, long, const std::string&,
                          const std::string&, const std::string&, const std::string&, int ) override
    {
      events.push_back( "offer " + sid );
    }
    void handleFTRequestError( const gloox::IQ&, const std::string& sid ) override { events.push_back( "ft error " + sid ); }
    void handleFTBytestream( gloox::Bytestream* stream ) override { take( stream ); }
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }

    void handleIncomingBytestreamRequest( const std::string& sid, const gloox::JID& ) override { events.push_back( "asked " + sid ); }
    void handleIncomingBytestream( gloox::Bytestream* stream ) override { take( stream ); }
    void handleOutgoingBytestream( gloox::Bytestream* stream ) override
    {
      take( stream );
      events.push_back( "stream" );
    }
    void handleBytestreamError( const gloox::IQ& error, const std::string& ) override { events.push_back( "s5b error from " + error.from().full() ); }

    void handleBytestreamData( gloox::Bytestream*, const std::string& d ) override { data += d; }
    void handleBytestreamDataAck( gloox::Bytestream* ) override { events.push_back( "ack" ); }
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override { events.push_back( "error" ); }
    void handleBytestreamOpen( gloox::Bytestream* stream ) override
    {
      events.push_back( sendInOpen ? ( stream->send( "x" ) ? "sent in open" : "not sent in open" ) : "open" );
    }
    void handleBytestreamClose( gloox::Bytestream* ) override { events.push_back( "close" ); }
    bool sendInOpen = false;

  private:
    void take( gloox::Bytestream* stream )
    {
      made = stream;
      stream->registerBytestreamDataHandler( this );
    }
};

gloox::Tag* inBandChosen()
{
  auto* feature = new gloox::Tag( "feature", "xmlns", "http://jabber.org/protocol/feature-neg" ); // gloox owns them all
  auto* form = new gloox::Tag( feature, "x", "xmlns", "jabber:x:data" );
  form->addAttribute( "type", "submit" );
  new gloox::Tag( new gloox::Tag( form, "field", "var", "stream-method" ), "value", "http://jabber.org/protocol/ibb" );
  return feature;
}

/// In-band streams on a client, as gloox makes them.
class Factory final
{
  public:
    explicit Factory( gloox::ClientBase& client ) : m_manager( nullptr, false ), m_socks5( nullptr, nullptr ), m_ft( &client, &streams, &m_manager, &m_socks5 ) {}
    std::unique_ptr<gloox::InBandBytestream> make( const std::string& initiator, const std::string& target )
    {
      const gloox::SIManager::SI chosen( nullptr, inBandChosen() );
      m_ft.handleSIRequestResult( gloox::JID( target ), gloox::JID( initiator ), "s1", chosen );
      return std::unique_ptr<gloox::InBandBytestream>( static_cast<gloox::InBandBytestream*>( streams.made ) );
    }
    Streams streams{};

  private:
    gloox::SIManager m_manager;
    gloox::SOCKS5BytestreamManager m_socks5;
    gloox::SIProfileFT m_ft;
};

gloox::StreamHost host( const std::string& jid )
{
  gloox::StreamHost h;
  h.jid = gloox::JID( jid );
  h.host = "127.0.0.1";
  h.port = 1;
  return h;
}

const std::string Used = "<query xmlns='http://jabber.org/protocol/bytestreams' sid='s1'><streamhost-used jid='proxy.example'/></query>";
const std::string Query = "<query xmlns='http://jabber.org/protocol/bytestreams' sid='s1'><streamhost jid='a@b/c' host='127.0.0.1' port='1'/></query>";

} // namespace

// ---- stream initiation, extensions, dispatch

TEST_CASE( "1a: SIManager::SI drops every child of an offer but file and feature", "[gloox]" )
{
  const auto offer = parse( "<iq type='set'>" + FullOffer + "</iq>" );
  REQUIRE( offer );
  const gloox::SIManager::SI si( offer->findChild( "si" ) );
  const std::unique_ptr<gloox::Tag> kept( si.tag() );
  CHECK( kept->hasChild( "file" ) );
  CHECK( kept->hasChild( "feature" ) );
  CHECK_FALSE( kept->hasChild( "si-multiple" ) );
}

TEST_CASE( "2b: handlers run in the order in which their types were registered, and registering again moves a type to the end", "[gloox]" )
{
  ScriptedClient c;
  Words log;
  Recorder first( "first", log );
  Recorder second( "second", log );
  const int a = gloox::ExtUser + 1;
  const int b = gloox::ExtUser + 2;
  c.client().registerStanzaExtension( new Probe( a, "/iq/x" ) ); // gloox owns them
  c.client().registerStanzaExtension( new Probe( b, "/iq/x" ) );
  c.client().registerIqHandler( &second, b ); // the order of the handlers does not matter
  c.client().registerIqHandler( &first, a );
  c.feed( iq( "set", "1", "<x xmlns='urn:x'/>" ) );
  CHECK( log == Words{ "first", "second" } );

  log.clear();
  c.client().registerStanzaExtension( new Probe( a, "/iq/x" ) ); // gloox owns it
  c.feed( iq( "set", "2", "<x xmlns='urn:x'/>" ) );
  CHECK( log == Words{ "second", "first" } );
  c.client().removeIqHandler( &first, a );
  c.client().removeIqHandler( &second, b );
}

TEST_CASE( "2e: an element that is there twice is attached twice", "[gloox]" )
{
  ScriptedClient c;
  int matches = 0;
  c.client().registerStanzaExtension( new Probe( gloox::ExtUser + 1, "/iq/x", &matches ) ); // gloox owns it
  c.feed( iq( "set", "1", "<x xmlns='urn:x'/><x xmlns='urn:x'/>" ) );
  CHECK( matches == 2 );
}

TEST_CASE( "2f: a child that inherits its namespace has none, and a prefixed one is not found by it", "[gloox]" )
{
  const auto inherited = parse( "<iq type='set'><si xmlns='urn:x'><y/></si></iq>" );
  REQUIRE( inherited );
  CHECK( inherited->findChild( "si" )->findChild( "y" )->xmlns().empty() );

  const auto prefixed = parse( "<iq type='set'><p:x xmlns:p='urn:x'/></iq>" );
  REQUIRE( prefixed );
  CHECK( prefixed->children().front()->xmlns() == "urn:x" );
  CHECK_FALSE( prefixed->findChild( "x", "xmlns", "urn:x" ) );
  CHECK( prefixed->findTagList( "/iq/x[@xmlns='urn:x']" ).empty() );
}

TEST_CASE( "2f: findAttribute() takes a prefixed attribute for the plain one", "[gloox]" )
{
  const auto tag = parse( "<iq type='set' xmlns:p='urn:x' p:sid='other'/>" );
  REQUIRE( tag );
  CHECK( tag->findAttribute( "sid" ) == "other" );
}

TEST_CASE( "2g: SIManager takes results, errors and gets that carry si for offers", "[gloox]" )
{
  ScriptedClient c;
  Profile profile;
  gloox::SIManager manager( &c.client() );
  manager.registerProfile( "http://jabber.org/protocol/si/profile/file-transfer", &profile );
  for( const char* type : { "result", "error", "get" } )
    c.feed( iq( type, "1", FullOffer ) );
  CHECK( profile.offers == 3 );
  manager.removeProfile( "http://jabber.org/protocol/si/profile/file-transfer" );
}

TEST_CASE( "2h: a result that nobody waits for reaches the handlers of its extensions", "[gloox]" )
{
  ScriptedClient c;
  Words log;
  Recorder handler( "called", log );
  c.client().registerStanzaExtension( new Probe( gloox::ExtUser + 1, "/iq" ) ); // gloox owns it
  c.client().registerIqHandler( &handler, gloox::ExtUser + 1 );
  c.feed( iq( "result", "nobody-waits" ) ); // and so a gate sees even empty results (C1b)
  CHECK( log == Words{ "called" } );
  c.client().removeIqHandler( &handler, gloox::ExtUser + 1 );
}

TEST_CASE( "2i: the automatic error depends on whether any extension matched", "[gloox]" )
{
  ScriptedClient c;
  c.feed( iq( "set", "1", "<x xmlns='urn:x'/>" ) );
  CHECK( c.sent().find( "<feature-not-implemented" ) != std::string::npos );
  c.clear();
  c.client().registerStanzaExtension( new Probe( gloox::ExtUser + 1, "/iq/x" ) ); // gloox owns it
  c.feed( iq( "set", "2", "<x xmlns='urn:x'/>" ) );
  CHECK( c.sent().find( "<service-unavailable" ) != std::string::npos );
}

TEST_CASE( "2j: SIProfileFT neither reports nor answers an offer without a file", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SIProfileFT ft( &c.client(), &streams );
  c.feed( iq( "set", "1", "<si xmlns='" + NsSi + "' id='s1' profile='http://jabber.org/protocol/si/profile/file-transfer'/>" ) );
  CHECK( streams.events.empty() );
  CHECK( c.sent().empty() );
}

TEST_CASE( "C1: an extension whose newInstance() returns null leaves no trace in the dispatch", "[gloox]" )
{
  class Never final : public gloox::StanzaExtension
  {
    public:
      explicit Never( int& asked ) : StanzaExtension( gloox::ExtUser + 1 ), m_asked( asked ) { m_valid = true; }
      const std::string& filterString() const override { return m_filter; }
      gloox::StanzaExtension* newInstance( const gloox::Tag* ) const override
      {
        ++m_asked;
        return nullptr;
      }
      gloox::Tag* tag() const override { return nullptr; }
      gloox::StanzaExtension* clone() const override { return nullptr; }

    private:
      int& m_asked;
      std::string m_filter = "/*";
  };
  ScriptedClient c;
  int asked = 0;
  c.client().registerStanzaExtension( new Never( asked ) ); // gloox owns it
  c.feed( iq( "set", "1", "<x xmlns='urn:x'/>" ) );
  CHECK( asked == 1 ); // the filter of one step matches the stanza, whatever its name
  CHECK( c.sent().find( "<feature-not-implemented" ) != std::string::npos );
  c.feed( "<message from='" + Romeo + "'/><presence from='" + Romeo + "'/>" );
  CHECK( asked == 3 );
}

TEST_CASE( "C1: with carbons on, a forwarded message is shown to every extension as a stanza of its own", "[gloox]" )
{
  ScriptedClient c;
  int matches = 0;
  c.client().registerStanzaExtension( new gloox::Carbons() ); // gloox owns them
  c.client().registerStanzaExtension( new Probe( gloox::ExtUser + 1, "/message/x", &matches ) );
  c.feed( "<message from='juliet@capulet.example' to='" + Juliet + "'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
          "<message xmlns='jabber:client' from='" + Romeo + "'><x xmlns='urn:x'/></message></forwarded></received></message>" );
  CHECK( matches == 1 );
}

// ---- ids and senders

TEST_CASE( "3a: answers are matched by id alone, and a forged one uses the id up", "[gloox]" )
{
  ScriptedClient c;
  Words log;
  Recorder asker( "answer", log );
  gloox::IQ request( gloox::IQ::Get, gloox::JID( Romeo ), "id-1" );
  c.client().send( request, &asker, 0 );
  c.feed( iq( "result", "id-1", "", Mallory ) );
  c.feed( iq( "result", "id-1" ) );
  CHECK( log == Words{ "answer id from " + Mallory } );
}

TEST_CASE( "3b: ids are a constant prefix and a counter, and every client reseeds the process's rand()", "[gloox]" )
{
  ScriptedClient c;
  const std::string a = c.client().getID();
  const std::string b = c.client().getID();
  CHECK( a.substr( 0, a.size() - 8 ) == b.substr( 0, b.size() - 8 ) );
  CHECK( std::stoul( b.substr( b.size() - 8 ), nullptr, 16 ) == std::stoul( a.substr( a.size() - 8 ), nullptr, 16 ) + 1 );

  std::srand( 4711 );
  const int undisturbed[] = { std::rand(), std::rand(), std::rand() };
  std::srand( 4711 );
  const gloox::Client other( "x.example" );
  const int disturbed[] = { std::rand(), std::rand(), std::rand() };
  CHECK_FALSE( std::equal( std::begin( undisturbed ), std::end( undisturbed ), disturbed ) );
}

TEST_CASE( "3c: nobody who waits for an answer is told that the connection is lost", "[gloox]" )
{
  ScriptedClient c;
  Words log;
  Recorder asker( "answer", log );
  gloox::IQ request( gloox::IQ::Get, gloox::JID( Romeo ), "id-1" );
  c.client().send( request, &asker, 0 );
  c.dropConnection();
  CHECK( log.empty() );
  c.client().removeIDHandler( &asker );
}

TEST_CASE( "3f: invalid JIDs are false and equal each other, and only node and domain are folded", "[gloox]" )
{
  const gloox::JID bad( "@" );
  const gloox::JID worse( "a@b/" + std::string( 1024, 'r' ) );
  CHECK_FALSE( bad );
  CHECK_FALSE( worse );
  CHECK( bad == worse );
  CHECK( gloox::JID( "ROMEO@Montague.Example/Orchard" ).full() == "romeo@montague.example/Orchard" );
}

// ---- SOCKS5

TEST_CASE( "3g: anybody's roster push is taken and acknowledged", "[gloox]" )
{
  ScriptedClient c;
  c.feed( iq( "set", "1", "<query xmlns='jabber:iq:roster'><item jid='mallory@montague.example' subscription='both'/></query>", Mallory ) );
  CHECK( c.client().rosterManager()->getRosterItem( gloox::JID( Mallory ) ) );
  CHECK( attribute( c.stanzas().back(), "type" ) == "result" );
}

TEST_CASE( "3g: anybody who knows the id of our question answers it with a roster of his", "[gloox]" )
{
  ScriptedClient c;
  c.client().rosterManager()->fill();
  c.feed( iq( "result", newestId( c ), "<query xmlns='jabber:iq:roster'><item jid='mallory@montague.example' subscription='both'/></query>", Mallory ) );
  CHECK( c.client().rosterManager()->getRosterItem( gloox::JID( Mallory ) ) );
}

TEST_CASE( "3h: a prefixed 'from' that stands before the true one is where a stanza comes from", "[gloox]" )
{
  const auto twin = GENERATE( as<std::string>(), "xml:from='" + Romeo + "'", "xmlns:x='urn:x' x:from='" + Romeo + "'" );
  ScriptedClient c;
  c.feed( "<iq type='get' id='1' " + twin + " from='" + Mallory + "' to='" + Juliet + "'><query xmlns='jabber:iq:version'/></iq>" );
  CHECK( attribute( c.stanzas().back(), "to" ) == Romeo );
}

TEST_CASE( "4b: an incoming query is not answered before accept or reject, and reject sends item-not-found", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  c.feed( iq( "set", "q1", Query ) );
  CHECK( streams.events == Words{ "asked s1" } );
  CHECK( c.sent().empty() );
  manager.rejectSOCKS5Bytestream( "s1", gloox::StanzaErrorItemNotFound );
  CHECK( attribute( c.sent(), "id" ) == "q1" );
  CHECK( c.sent().find( ItemNotFound ) != std::string::npos );
}

TEST_CASE( "C4: a third account's answer to a query makes no stream, but the genuine one is lost then", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  manager.setStreamHosts( { host( "proxy.example" ) } );
  REQUIRE( manager.requestSOCKS5Bytestream( gloox::JID( Romeo ), gloox::SOCKS5BytestreamManager::S5BTCP, "s1" ) );
  const std::string id = newestId( c );
  c.feed( iq( "result", id, Used, Mallory ) );
  c.feed( iq( "result", id, Used ) );
  CHECK( streams.events.empty() );
}

TEST_CASE( "C4: a third account's error ends a SOCKS5 negotiation", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  manager.setStreamHosts( { host( "proxy.example" ) } );
  REQUIRE( manager.requestSOCKS5Bytestream( gloox::JID( Romeo ), gloox::SOCKS5BytestreamManager::S5BTCP, "s1" ) );
  c.feed( iq( "error", newestId( c ), ItemNotFound, Mallory ) );
  CHECK( streams.events == Words{ "s5b error from " + Mallory } );
}

TEST_CASE( "5a: an answer that names an unknown streamhost, or none, is swallowed", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  manager.setStreamHosts( { host( "other.example" ) } );
  const auto payload = GENERATE( as<std::string>{}, Used, "" );
  REQUIRE( manager.requestSOCKS5Bytestream( gloox::JID( Romeo ), gloox::SOCKS5BytestreamManager::S5BTCP, "s1" ) );
  c.feed( iq( "result", newestId( c ), payload ) );
  CHECK( streams.events.empty() );
}

TEST_CASE( "5k: of two managers on one client the first gets all queries", "[gloox]" )
{
  ScriptedClient c;
  Streams first;
  Streams second;
  gloox::SOCKS5BytestreamManager a( &c.client(), &first );
  gloox::SOCKS5BytestreamManager b( &c.client(), &second );
  c.feed( iq( "set", "q1", Query ) );
  CHECK( first.events == Words{ "asked s1" } );
  CHECK( second.events.empty() );
}

TEST_CASE( "5l: without streamhosts nothing is requested", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  CHECK_FALSE( manager.requestSOCKS5Bytestream( gloox::JID( Romeo ), gloox::SOCKS5BytestreamManager::S5BTCP, "s1" ) );
  CHECK( c.sent().empty() );
}

TEST_CASE( "C3: a query for UDP is refused by gloox itself, without a callback", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  c.feed( iq( "set", "q1", "<query xmlns='http://jabber.org/protocol/bytestreams' sid='s1' mode='udp'/>" ) );
  CHECK( streams.events.empty() );
  CHECK( c.sent().find( "<error type='auth'><not-acceptable" ) != std::string::npos );
}

// ---- in-band

TEST_CASE( "6a: a file transfer profile without managers of its own is a factory of in-band streams, and says nothing", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  REQUIRE( stream );
  CHECK( stream->type() == gloox::Bytestream::IBB );
  CHECK( stream->initiator().full() == Juliet );
  CHECK( stream->target().full() == Romeo );
  CHECK( c.sent().empty() );
}

TEST_CASE( "6b: the refusal of an open is swallowed", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  (void)stream->connect();
  c.feed( iq( "error", newestId( c ), ItemNotFound ) );
  CHECK( factory.streams.events.empty() );
}

TEST_CASE( "6c: send() inside handleBytestreamOpen() fails at the initiator", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  factory.streams.sendInOpen = true;
  (void)stream->connect();
  c.feed( iq( "result", newestId( c ) ) );
  CHECK( factory.streams.events == Words{ "not sent in open" } );
  CHECK( stream->send( "x" ) );
}

TEST_CASE( "6d: send() writes all blocks at once, without waiting for acknowledgements", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  (void)stream->connect();
  c.feed( iq( "result", newestId( c ) ) );
  c.clear();
  (void)stream->send( std::string( 10 * 4096, 'x' ) );
  CHECK( c.stanzas().size() == 10 );
}

TEST_CASE( "6e: a third account may open, write and close", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  c.feed( iq( "set", "1", ibb( "open", " block-size='4096'" ), Mallory ) );
  c.feed( iq( "set", "2", ibb( "data", " seq='0'", "RVZJTA==" ), Mallory ) );
  c.feed( iq( "set", "3", ibb( "close" ), Mallory ) );
  CHECK( factory.streams.data == "EVIL" );
  CHECK( factory.streams.events == Words{ "open", "close" } );
}

TEST_CASE( "6f: a receiver's close goes to the receiver itself", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Romeo, Juliet ); // romeo opens, we are the target
  c.feed( iq( "set", "1", ibb( "open", " block-size='4096'" ) ) );
  c.clear();
  stream->close();
  CHECK( attribute( c.sent(), "to" ) == Juliet );
}

TEST_CASE( "6h: a block out of sequence kills the stream, and the application is not told", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  c.feed( iq( "set", "1", ibb( "open", " block-size='4096'" ) ) );
  c.feed( iq( "set", "2", ibb( "data", " seq='7'", "SGk=" ) ) );
  CHECK( factory.streams.events == Words{ "open" } );
  CHECK_FALSE( stream->send( "x" ) );
}

TEST_CASE( "6i: neither the block size nor the base64 of what arrives is checked", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  c.feed( iq( "set", "1", ibb( "open", " block-size='4'" ) ) );
  c.clear();
  c.feed( iq( "set", "2", ibb( "data", " seq='0'", "YWJjZGVmZ2hpamts" ) ) );
  CHECK( factory.streams.data.size() == 12 );
  CHECK( attribute( c.sent(), "type" ) == "result" );
  c.clear();
  c.feed( iq( "set", "3", ibb( "data", " seq='1'", "!!!!" ) ) );
  CHECK( attribute( c.sent(), "type" ) == "result" );
}

TEST_CASE( "6k: an open for a stream without a data handler is refused", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  stream->removeBytestreamDataHandler();
  c.feed( iq( "set", "1", ibb( "open", " block-size='4096'" ) ) );
  CHECK( c.sent().find( "<service-unavailable" ) != std::string::npos );
}

TEST_CASE( "C5: a third account's result acknowledges a block, and its error closes the stream", "[gloox]" )
{
  ScriptedClient c;
  Factory factory( c.client() );
  const auto stream = factory.make( Juliet, Romeo );
  (void)stream->connect();
  c.feed( iq( "result", newestId( c ) ) );
  (void)stream->send( "x" );
  c.feed( iq( "result", newestId( c ), "", Mallory ) );
  (void)stream->send( "x" );
  c.feed( iq( "error", newestId( c ), ItemNotFound, Mallory ) );
  CHECK( factory.streams.events == Words{ "open", "ack", "close" } );
}

// ---- types, disco, forms, components

TEST_CASE( "C2: a manager's type stays with the client and changes its automatic errors", "[gloox]" )
{
  ScriptedClient c;
  {
    Streams streams;
    const gloox::SOCKS5BytestreamManager manager( &c.client(), &streams );
  }
  c.feed( iq( "set", "q1", Query ) );
  CHECK( c.sent().find( "<service-unavailable" ) != std::string::npos );
  CHECK( c.client().removeStanzaExtension( gloox::ExtS5BQuery ) );
  c.clear();
  c.feed( iq( "set", "q2", Query ) );
  CHECK( c.sent().find( "<feature-not-implemented" ) != std::string::npos );
}

TEST_CASE( "13b: a feature added twice is listed twice, and removed once it is gone", "[gloox]" )
{
  ScriptedClient c;
  gloox::Disco& disco = *c.client().disco();
  const auto count = [&] {
    const gloox::StringList features = disco.features();
    return std::count( features.begin(), features.end(), "urn:x" );
  };
  disco.addFeature( "urn:x" );
  disco.addFeature( "urn:x" );
  CHECK( count() == 2 );
  disco.removeFeature( "urn:x" );
  CHECK( count() == 0 );
}

TEST_CASE( "13c: a bot with stock file transfer advertises neither S5B nor IBB", "[gloox]" )
{
  ScriptedClient c;
  Streams streams;
  gloox::SIProfileFT ft( &c.client(), &streams );
  const gloox::StringList features = c.client().disco()->features();
  CHECK( std::find( features.begin(), features.end(), NsSi ) != features.end() );
  CHECK( std::find( features.begin(), features.end(), "http://jabber.org/protocol/bytestreams" ) == features.end() );
  CHECK( std::find( features.begin(), features.end(), "http://jabber.org/protocol/ibb" ) == features.end() );
}

TEST_CASE( "8d: an empty attribute and text with a control character vanish without a word", "[gloox]" )
{
  gloox::Tag tag( "x" );
  tag.addAttribute( "a", "" );
  CHECK( tag.xml() == "<x/>" );
  CHECK_FALSE( tag.setCData( "good text, and a bell \x07" ) );
  CHECK( tag.xml() == "<x/>" );
}

TEST_CASE( "14, C8: what gloox sends by itself on a component has no 'from'", "[gloox]" )
{
  ScriptedComponent c;
  Streams streams;
  gloox::SOCKS5BytestreamManager manager( &c.component(), &streams );
  c.feed( "<iq type='set' id='q1' from='" + Romeo + "' to='bot@gateway.example/x'>" + Query + "</iq>" );
  manager.rejectSOCKS5Bytestream( "s1", gloox::StanzaErrorItemNotFound );
  CHECK( attribute( c.sent(), "from" ).empty() );
  c.clear();

  Factory factory( c.component() );
  const auto stream = factory.make( "bot@gateway.example/x", Romeo );
  (void)stream->connect();
  CHECK( attribute( c.sent(), "from" ).empty() );
}

TEST_CASE( "17a: what a listener sends when the stream is resumed is sent twice", "[gloox]" )
{
  struct Greeter final : gloox::ConnectionListener
  {
    explicit Greeter( ScriptedClient& c ) : client( c ) { client.client().registerConnectionListener( this ); }
    ~Greeter() override { client.client().removeConnectionListener( this ); }
    void onConnect() override
    {
      gloox::IQ iq( gloox::IQ::Set, gloox::JID( Romeo ), "greeting" );
      client.client().send( iq );
    }
    void onDisconnect( gloox::ConnectionError ) override {}
    bool onTLSConnect( const gloox::CertInfo& ) override { return true; }
    ScriptedClient& client;
  };
  ScriptedClient c;
  c.manageStream();
  c.dropConnection();
  const Greeter greeter( c );
  REQUIRE( c.resumeStream() );
  const auto said = c.stanzas();
  CHECK( std::count_if( said.begin(), said.end(), []( const std::string& stanza ) { return attribute( stanza, "id" ) == "greeting"; } ) == 2 );
}

TEST_CASE( "17b: a stream is resumed once; the next time gloox is silent after it has logged in", "[gloox]" )
{
  ScriptedClient c;
  c.manageStream();
  c.dropConnection();
  REQUIRE( c.resumeStream() );
  c.dropConnection();
  CHECK_FALSE( c.resumeStream() );
}

TEST_CASE( "17c: what is sent while there is no connection goes out on the resumed stream", "[gloox]" )
{
  ScriptedClient c;
  c.manageStream();
  c.dropConnection();
  gloox::IQ iq( gloox::IQ::Set, gloox::JID( Romeo ), "meanwhile" );
  c.client().send( iq );
  c.clear();
  REQUIRE( c.resumeStream() );
  CHECK( c.sent().find( "meanwhile" ) != std::string::npos );
}
