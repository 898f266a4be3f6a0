// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "flow/airlock_fixture.h"

#include "support/catch2.h"

#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>

// A6: the bot's client is, to everybody else, what it was.

using namespace simultiple;
using namespace simultiple::test;
using Catch::Matchers::Equals;
using Words = std::vector<std::string>;

namespace
{

/// The stock file transfer of an ordinary bot.
class StockFt final : private gloox::SIProfileFTHandler
{
  public:
    Words events{};
    explicit StockFt( gloox::Client& client ) : m_profile( &client, this ) {}
    ~StockFt() override
    {
      for( gloox::Bytestream* stream : m_streams )
        m_profile.dispose( stream );
    }
    void accept( const std::string& sid, gloox::SIProfileFT::StreamType type )
    {
      m_profile.acceptFT( gloox::JID( Romeo ), sid, type );
    }

  private:
    void handleFTRequest( const gloox::JID& from, const gloox::JID&, const std::string& sid, const std::string& name, long,
                          const std::string&, const std::string&, const std::string&, const std::string&, int ) override
    {
      events.push_back( "offer " + sid + " " + name + " from " + from.full() );
    }
    void handleFTRequestError( const gloox::IQ&, const std::string& sid ) override { events.push_back( "error " + sid ); }
    void handleFTBytestream( gloox::Bytestream* stream ) override
    {
      m_streams.push_back( stream );
      events.push_back( "stream " + stream->sid() );
    }
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }

    gloox::SIProfileFT m_profile;
    std::vector<gloox::Bytestream*> m_streams{};
};

const std::string FileOffer =
    "<si xmlns='http://jabber.org/protocol/si' id='stock1' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
    "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='a.txt' size='3'/>"
    "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
    "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/bytestreams</value></option>"
    "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature></si>";

/// Everything a stranger or friend may send that concerns streams, and a little else.
std::string behaviour( ScriptedClient& entity, StockFt* stock )
{
  entity.clear();
  int n = 0;
  for( const std::string& payload :
       { std::string( "<query xmlns='http://jabber.org/protocol/disco#info'/>" ), FileOffer,
         std::string( "<query xmlns='http://jabber.org/protocol/bytestreams' sid='nobody'><streamhost jid='a@b/c' host='127.0.0.1' port='1'/></query>" ),
         std::string( "<open xmlns='http://jabber.org/protocol/ibb' sid='nobody' block-size='4096'/>" ),
         std::string( "<data xmlns='http://jabber.org/protocol/ibb' sid='nobody' seq='0'>SGk=</data>" ),
         std::string( "<close xmlns='http://jabber.org/protocol/ibb' sid='nobody'/>" ),
         std::string( "<si xmlns='http://jabber.org/protocol/si' id='x' profile='urn:unknown'/>" ),
         std::string( "<ping xmlns='urn:xmpp:ping'/>" ), std::string( "<x xmlns='urn:unknown'/>" ) } )
    for( const char* type : { "set", "get", "result", "error" } )
      entity.feed( iqFrom( Romeo, type, "b" + std::to_string( ++n ), payload ) );
  std::string result = entity.sent();
  if( stock )
    for( const std::string& event : stock->events )
      result += "\n" + event;
  return result;
}

enum class Kind { Bare, StockBefore, StockMeanwhile };
enum class When { Live, Ended, Destroyed };

} // namespace

TEST_CASE( "DESIGN 2: answers and disco of the bot are the same with live sessions, without any, and without the airlock", "[airlock]" )
{
  const Kind kind = GENERATE( Kind::Bare, Kind::StockBefore, Kind::StockMeanwhile );
  const When when = GENERATE( When::Live, When::Ended, When::Destroyed );

  ScriptedClient plain;
  std::unique_ptr<StockFt> plainStock;
  if( kind != Kind::Bare )
    plainStock = std::make_unique<StockFt>( plain.client() );
  const std::string before = behaviour( plain, plainStock.get() );
  REQUIRE( before.size() > 1000 );

  ScriptedClient entity;
  std::unique_ptr<StockFt> stock;
  if( kind == Kind::StockBefore )
    stock = std::make_unique<StockFt>( entity.client() );
  Room room;
  room.live = { "live", "liveb" };
  auto lock = std::make_unique<airlock::Airlock>( entity.client(), ExtensionType, room, room.roster );
  auto s5b = std::make_unique<S5bTenant>( *lock );
  auto ibb = std::make_unique<InBandTenant>( *lock, "liveb" );
  room.onStanza = [&]( const airlock::Stanza& s ) {
    if( s.kind == airlock::StanzaKind::S5bQuery )
      lock->feed( *s5b, *s5b->manager, s );
    else
      lock->feed( *ibb, *ibb->stream, s );
  };
  if( kind == Kind::StockMeanwhile )
    stock = std::make_unique<StockFt>( entity.client() );

  // Our own sessions are served first, whatever the bot has and since when.
  entity.feed( iqFrom( Romeo, "set", "L1", "<query xmlns='http://jabber.org/protocol/bytestreams' sid='live'><streamhost jid='a@b/c' host='127.0.0.1' port='1'/></query>" ) );
  entity.feed( iqFrom( Romeo, "set", "L2", "<open xmlns='http://jabber.org/protocol/ibb' sid='liveb' block-size='4096'/>" ) );
  while( lock->dispatchOne() )
  {
  }
  CHECK( s5b->events == Words{ "asked live by " + Romeo } );
  CHECK( ibb->events == Words{ "open" } );
  CHECK( ( !stock || stock->events.empty() ) );

  if( when != When::Live )
  {
    s5b.reset();
    ibb.reset();
    room.live.clear();
  }
  if( when == When::Destroyed )
    lock.reset();
  CHECK_THAT( behaviour( entity, stock.get() ), Equals( before ) );
}

TEST_CASE( "DESIGN 2: a stock transfer beside the airlock runs as ever", "[airlock]" )
{
  ScriptedClient entity;
  StockFt stock( entity.client() );
  Room room;
  airlock::Airlock lock( entity.client(), ExtensionType, room, room.roster );
  entity.feed( iqFrom( Romeo, "set", "o1", FileOffer ) );
  CHECK( stock.events == Words{ "offer stock1 a.txt from " + Romeo } );
  entity.clear();
  stock.accept( "stock1", gloox::SIProfileFT::FTTypeIBB );
  CHECK( attribute( entity.sent(), "id" ) == "o1" );
  CHECK( stock.events.back() == "stream stock1" );
  CHECK_FALSE( lock.hasWork() );
}

TEST_CASE( "DESIGN 2: requests that the bot tracks itself get their answers", "[airlock]" )
{
  struct Asker final : gloox::IqHandler
  {
    int answers = 0;
    bool handleIq( const gloox::IQ& ) override { return false; }
    void handleIqID( const gloox::IQ&, int ) override { ++answers; }
  } asker;
  BehindClient b;
  gloox::IQ iq( gloox::IQ::Get, gloox::JID( Romeo ), "bot-1" );
  b.entity.client().send( iq, &asker, 0 );
  b.arrive( iqFrom( Romeo, "result", "bot-1" ) );
  CHECK( asker.answers == 1 );
}

TEST_CASE( "DESIGN 2: after the airlock is gone nothing of the bot's client leads back to it", "[airlock]" )
{
  BehindClient b;
  b.room.live = { "s1" };
  b.lock.reset();
  b.entity.feed( iqFrom( Romeo, "set", "q1", "<close xmlns='http://jabber.org/protocol/ibb' sid='s1'/>" ) );
  CHECK( b.entity.sent().find( "feature-not-implemented" ) != std::string::npos );
  b.entity.dropConnection();
  REQUIRE( b.entity.reconnect() );
  CHECK( b.room.events.empty() );

  b.lock = std::make_unique<airlock::Airlock>( b.entity.base(), ExtensionType, b.room, b.room.roster ); // and it can come back
  b.arrive( iqFrom( Romeo, "set", "q1", "<close xmlns='http://jabber.org/protocol/ibb' sid='s1'/>" ) );
  CHECK( b.room.events == Words{ "stanza s1" } );
}
