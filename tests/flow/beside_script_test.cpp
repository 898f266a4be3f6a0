// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One fixed script of stanzas is played to an unmodified bot, alone and with the plugin on its client in every arrangement there is. The bot has to
// hear and to say the same, byte for byte.

#include "flow/beside_fixture.h"

#include "support/catch2.h"
#include "support/sockets.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::beside;

namespace
{

const std::string Mercutio = "mercutio@verona.example/street";
const std::string Si = "http://jabber.org/protocol/si", S5b = "http://jabber.org/protocol/bytestreams", Ibb = "http://jabber.org/protocol/ibb";
constexpr int AdvertisedPort = 7777;   // by the bot; nobody connects to it here

std::string open( const std::string& sid ) { return "<open xmlns='" + Ibb + "' sid='" + sid + "' block-size='4096'/>"; }
std::string data( const std::string& sid, int seq, const std::string& base64 = "SGVsbG8=" )
{
  return "<data xmlns='" + Ibb + "' sid='" + sid + "' seq='" + std::to_string( seq ) + "'>" + base64 + "</data>";
}
std::string close( const std::string& sid ) { return "<close xmlns='" + Ibb + "' sid='" + sid + "'/>"; }
std::string hosts( const std::string& sid, int port )
{
  return "<query xmlns='" + S5b + "' sid='" + sid + "' mode='tcp'><streamhost jid='" + Romeo + "' host='127.0.0.1' port='" + std::to_string( port ) + "'/></query>";
}
std::string chosen( const std::string& method )
{
  return "<si xmlns='" + Si + "'><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'><field var='stream-method'><value>"
         + method + "</value></field></x></feature></si>";
}
const std::string Refused = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

/// Plays to one client and its stock bot, and writes down what both did.
class Play final
{
  public:
    Play( ScriptedClient& client, StockBot& bot, std::function<void()> before = {}, std::function<void()> after = {} )
      : m_client( client ), m_bot( bot ), m_before( std::move( before ) ), m_after( std::move( after ) )
    {
    }

    void feed( const std::string& xml )
    {
      act( [&] { m_client.feed( xml ); }, xml );
    }
    void act( const std::function<void()>& what, const std::string& line )
    {
      if( m_before )
        m_before();
      m_client.clear();
      m_bot.events.clear();
      what();
      m_bot.pump();
      if( m_after )
        m_after();
      m_bot.pump();
      note( line );
    }
    /** Answers the newest request that contains @a text. */
    void answer( const std::string& text, const std::string& type, const std::string& payload = "", const std::string& from = Romeo )
    {
      const auto id = m_ids.find( text );
      REQUIRE( id != m_ids.end() );
      feed( iq( type, id->second, payload, from ) );
    }

    [[nodiscard]] StockBot& bot() { return m_bot; }
    [[nodiscard]] gloox::Client& client() { return m_client.client(); }

    std::vector<std::string> transcript{};

  private:
    void note( const std::string& line )
    {
      auto text = "< " + m_rename( line );
      for( const auto& event : m_bot.events )
        text += "\n  " + event;
      for( const auto& stanza : m_client.stanzas() )
      {
        text += "\n> " + m_rename( stanza );
        for( const char* kind : { "<si ", "<open ", "<data ", "<close ", "<query " } )
          if( stanza.find( kind ) != std::string::npos && stanza.find( "type='set'" ) != std::string::npos )
            m_ids[kind] = attribute( stanza, "id" );
      }
      transcript.push_back( text );
    }

    ScriptedClient& m_client;
    StockBot& m_bot;
    std::function<void()> m_before;
    std::function<void()> m_after;
    Renamer m_rename{};
    std::map<std::string, std::string> m_ids{};
};

/** @param deadPort Nobody listens there. @param foreign Also offers of the bot's profile with `<si-multiple/>`, which are the bot's unless they are the plugin's. */
void play( Play& to, int deadPort, bool foreign )
{
  // What strangers say, about streams and otherwise.
  int n = 0;
  for( const auto& payload :
       { std::string( "<query xmlns='http://jabber.org/protocol/disco#info'/>" ), std::string( "<query xmlns='http://jabber.org/protocol/disco#items'/>" ),
         std::string( "<ping xmlns='urn:xmpp:ping'/>" ), std::string( "<query xmlns='jabber:iq:version'/>" ), std::string( "<x xmlns='urn:unknown'/>" ), std::string(),
         open( "nobody" ), data( "nobody", 0 ), close( "nobody" ), "<query xmlns='" + S5b + "' sid='nobody-N'/>", "<query xmlns='" + S5b + "' sid='activated-N'><activate>" + Romeo + "</activate></query>", "<si xmlns='" + Si + "' id='x' profile='urn:unknown'/>",
         "<si xmlns='" + Si + "'/>", "<si xmlns='urn:wrong' id='x' profile='" + Profile + "'/>", chosen( Ibb ) } )
    for( const char* type : { "set", "get", "result", "error", "bogus" } )
      for( const auto& from : { Romeo, Mercutio, std::string() } )
      {
        // Equal sids make gloox lose the object of the first (GLOOX-NOTES c3).
        auto own = payload;
        if( const auto at = own.find( "-N" ); at != std::string::npos )
          own.replace( at + 1, 1, std::to_string( n ) );
        to.feed( iq( type, "a" + std::to_string( ++n ), own, from ) );
      }
  for( const char* xml :
       { "<foo/>", "<iq/>", "<iq type='set'/>", "<message/>", "<presence type='bogus'/>",
         "<presence from='romeo@montague.example/orchard'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>",
         "<presence from='romeo@montague.example/orchard' type='unavailable'/>", "<presence from='romeo@montague.example' type='subscribe'/>",
         "<message from='romeo@montague.example/orchard' type='chat'><body>Hello</body></message>",
         "<message from='romeo@montague.example/orchard' type='headline'><body>News</body></message>",
         "<message from='romeo@montague.example/orchard' type='error'><body>Hello</body></message>",
         "<message from='romeo@montague.example/orchard'><data xmlns='http://jabber.org/protocol/ibb' sid='nobody' seq='0'>SGk=</data></message>",
         "<iq type='set' id='two' from='romeo@montague.example/orchard'><x xmlns='urn:one'/><close xmlns='http://jabber.org/protocol/ibb' sid='nobody'/></iq>" } )
    to.feed( xml );

  // Offers to the bot, good and bad.
  for( const char* sid : { "in-band", "in-socks", "declined", "ignored" } )
  {
    const std::map<std::string, std::string> names{ { "in-band", "ibb.txt" }, { "in-socks", "s5b.txt" }, { "declined", "no.txt" }, { "ignored", "x" } };
    to.feed( offerOf( Romeo, sid, names.at( sid ), std::string( "o-" ) + sid ) );
  }
  to.feed( offerOf( Romeo, "", "ibb.txt", "o-empty" ) );
  to.feed( offerOf( Romeo, "unknown", "x", "o-unknown", false, "urn:unknown" ) );
  to.feed( offerOf( Romeo, "unknown-multiple", "x", "o-unknown-multiple", true, "urn:unknown" ) );
  to.feed( offerOf( Romeo, "no-profile-multiple", "x", "o-no-profile", true, "" ) );
  to.feed( iq( "get", "o-get", "<si xmlns='" + Si + "' id='get' profile='" + Profile + "'><file xmlns='" + Profile + "' name='ibb' size='5'/></si>" ) );
  to.feed( iq( "set", "o-bare", "<si xmlns='" + Si + "' id='bare' profile='" + Profile + "'/>" ) );
  if( foreign )
    to.feed( offerOf( Romeo, "multiple", "no", "o-multiple", true ) );

  // They are carried out, while others interfere.
  to.feed( iq( "set", "i1", open( "in-band" ) ) );
  to.feed( iq( "set", "i2", data( "in-band", 0 ) ) );
  to.feed( iq( "set", "i3", data( "nobody", 0 ) ) );
  to.feed( iq( "set", "i4", data( "in-band", 1 ) ) );
  to.feed( iq( "set", "i5", close( "in-band" ) ) );
  to.feed( iq( "set", "i6", data( "in-band", 2 ) ) );
  to.feed( iq( "set", "s1", hosts( "in-socks", deadPort ) ) );
  to.feed( iq( "set", "s2", hosts( "never-offered", deadPort ), Mercutio ) );
  to.feed( iq( "set", "s3", "<query xmlns='" + S5b + "' sid='in-socks' mode='udp'/>" ) );

  // The bot's own offers.
  const auto offer = [&]( StockBot& bot, const std::string& sid, int types ) { bot.offer( Romeo, sid, "payload", types, AdvertisedPort ); };
  to.act( [&] { offer( to.bot(), "out-band", gloox::SIProfileFT::FTTypeIBB ); }, "offers in-band" );
  to.answer( "<si ", "result", chosen( Ibb ) );
  to.answer( "<open ", "result" );
  to.answer( "<data ", "result" );
  to.answer( "<close ", "result" );
  to.act( [&] { offer( to.bot(), "out-socks", gloox::SIProfileFT::FTTypeAll ); }, "offers everything" );
  to.answer( "<si ", "result", chosen( S5b ) );
  to.answer( "<query ", "error", Refused );
  to.act( [&] { offer( to.bot(), "out-refused", gloox::SIProfileFT::FTTypeS5B ); }, "offers SOCKS5" );
  to.answer( "<si ", "error", Refused );
  to.answer( "<si ", "error", Refused, Mercutio );
  to.act( [&] { to.client().setPresence( gloox::Presence::Available, 5, "here" ); }, "presence" );
  to.feed( iq( "get", "last", "<query xmlns='http://jabber.org/protocol/disco#info'/>" ) );
}

/// Where the plugin is when the script begins.
enum class State
{
  Dormant,            ///< Made, never enabled.
  Enabled,
  Toggled,            ///< Enabled or disabled before each stanza.
  Live,               ///< With streams of its own, one by the same sid as one of the bot's.
  LiveDisabled,       ///< The same, disabled: they run on.
  DisabledJustNow,    ///< No process() since.
  Disabled,
  Destroyed
};

/// The plugin on a client.
struct Plugin
{
  Plugin( ScriptedClient& client_, const std::string& profile ) : client( client_ ), bot( client.client(), testOptions( clock ), besideStock(), profile ), ns( profile ) {}

  /** No sockets are in play: nothing to wait for. */
  void settle()
  {
    do
      bot.manager.process();
    while( bot.manager.nextDeadline() == std::chrono::milliseconds( 0 ) );
  }
  void feed( const std::string& xml )
  {
    client.feed( xml );
    settle();
  }
  /** Opens an in-band stream of Mercutio's with this sid, and hears "Hello" on it. */
  void openStream( const std::string& sid )
  {
    feed( offerOf( Mercutio, sid, "x", "p-offer", true, ns ) );
    feed( iq( "set", "p-open", open( sid ), Mercutio ) );
    feed( iq( "set", "p-data", data( sid, 0 ), Mercutio ) );
  }

  ScriptedClient& client;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Bot bot;
  std::string ns;
};

void compare( const std::vector<std::string>& with, const std::vector<std::string>& alone, bool enabled )
{
  REQUIRE( with.size() == alone.size() );
  for( std::size_t i = 0; i < with.size(); ++i )
  {
    CAPTURE( i );
    REQUIRE_THAT( enabled ? withoutPlugin( with[i] ) : with[i], Catch::Matchers::Equals( enabled ? withoutPlugin( alone[i] ) : alone[i] ) );
  }
}

} // namespace

TEST_CASE( "GEN-8, INT-7, ADV-7: an unmodified bot hears and says the same alone and beside the plugin, in every state of it, and after it", "[beside]" )
{
  const auto state = GENERATE( State::Dormant, State::Enabled, State::Toggled, State::Live, State::LiveDisabled, State::DisabledJustNow, State::Disabled, State::Destroyed );
  const bool stockFirst = GENERATE( true, false );
  const auto profile = GENERATE( as<std::string>(), Profile, OtherProfile );
  CAPTURE( static_cast<int>( state ), stockFirst, profile );
  const auto nobody = boundSocket();
  const bool enabled = state == State::Enabled || state == State::Live || state == State::Toggled;   // in the end, or now and then
  const bool foreign = profile == OtherProfile || !enabled;

  ScriptedClient alone( Juliet );
  StockBot lonely( alone );
  Play expected( alone, lonely );
  play( expected, portOf( nobody ), foreign );
  REQUIRE( expected.transcript.size() > 250 );

  ScriptedClient client( Juliet );
  std::unique_ptr<StockBot> stock;
  if( stockFirst )
    stock = std::make_unique<StockBot>( client );
  auto plugin = std::make_unique<Plugin>( client, profile );
  const bool live = state == State::Live || state == State::LiveDisabled;
  if( state != State::Dormant )
  {
    REQUIRE( plugin->bot.manager.enable() );
    plugin->settle();
    plugin->openStream( "in-band" );
    REQUIRE( plugin->bot.received == "Hello" );
    if( !live )
    {
      plugin->feed( iq( "set", "p-close", close( "in-band" ), Mercutio ) );
      plugin->clock->advance( std::chrono::hours( 1 ) );   // no tombstones either
      plugin->settle();
    }
  }
  if( !stockFirst )
    stock = std::make_unique<StockBot>( client );
  if( plugin->bot.manager.enabled() )
    plugin->settle();
  if( !enabled )
    plugin->bot.manager.disable();
  if( state != State::DisabledJustNow && state != State::Dormant )
    plugin->settle();
  if( state == State::Destroyed )
    plugin.reset();

  const auto toggle = [&]
  {
    if( plugin->bot.manager.enabled() )
      plugin->bot.manager.disable();
    else
      REQUIRE( plugin->bot.manager.enable() );
    plugin->settle();
  };
  const bool works = enabled || state == State::LiveDisabled;
  Play actual( client, *stock, state == State::Toggled ? std::function<void()>( toggle ) : nullptr, works ? std::function<void()>( [&] { plugin->settle(); } ) : nullptr );
  play( actual, portOf( nobody ), foreign );
  compare( actual.transcript, expected.transcript, enabled );
  if( live )
  {
    plugin->feed( iq( "set", "p-more", data( "in-band", 1 ), Mercutio ) );
    CHECK( plugin->bot.received == "HelloHello" );
    CHECK( plugin->bot.ends.empty() );
  }
}
