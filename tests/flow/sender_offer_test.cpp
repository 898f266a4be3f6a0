// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an offer looks like on the wire, and when there is none.

#include "flow/sender_fixture.h"
#include "support/noentropy.h"
#include "support/schema.h"

#include <gloox/disco.h>
#include <gloox/discohandler.h>

#include <algorithm>
#include <set>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

const std::string Form = "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                         "<field var='stream-method' type='list-single'>"
                         "<option><value>http://jabber.org/protocol/bytestreams</value></option>"
                         "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>";
const std::string IbbForm = "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                            "<field var='stream-method' type='list-single'>"
                            "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>";
const std::string Multiple = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>";

/// The `<si/>` of W-1 with this form and end.
std::string siOf( const std::string& sid, const std::string& rest )
{
  return "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
         "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='letter.txt' size='15'/>" + rest + "</si>";
}

/// The payload of an `<iq/>` as it was written.
std::string payload( const std::string& iq )
{
  const auto begin = iq.find( '>' ) + 1;
  return iq.substr( begin, iq.rfind( "</iq>" ) - begin );
}

/// Hears the answers to a bot's own questions.
class Asker final : public gloox::DiscoHandler
{
  public:
    int answers = 0;

  private:
    void handleDiscoInfo( const gloox::JID&, const gloox::Disco::Info&, int ) override { ++answers; }
    void handleDiscoItems( const gloox::JID&, const gloox::Disco::Items&, int ) override {}
    void handleDiscoError( const gloox::JID&, const gloox::Error*, int ) override {}
};

/** Lets the bot ask juliet for her features and gives these to it. */
void learn( Sender& s, const std::string& features )
{
  Asker asker;
  s.solo.client.client().disco()->getDiscoInfo( gloox::JID( Juliet ), std::string(), &asker, 0 );
  s.reply( s.solo.idOf( "disco#info" ),
           "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' type='pc'/>" + features + "</query>" );
  REQUIRE( asker.answers == 1 );
  s.solo.client.clear();
}

} // namespace

TEST_CASE( "TC-001, SIM-1, SI-3: an offer is W-1: profile child, S5B before IBB, one empty si-multiple last", "[sender]" )
{
  Sender s;
  const auto sid = s.offer();
  REQUIRE( s.solo.sent().size() == 1 );
  const auto iq = s.solo.sent().front();
  CHECK( attribute( iq, "type" ) == "set" );
  CHECK( attribute( iq, "to" ) == Juliet );
  CHECK( attribute( iq, "from" ) == Romeo );
  CHECK( payload( iq ) == siOf( sid, Form + Multiple ) );
  CHECK( s.bot.problem.empty() );
}

TEST_CASE( "TC-001, section 1.1: a MIME type that is known is written", "[sender]" )
{
  Sender s;
  OfferOptions options;
  options.mimeType = "text/plain";
  (void)s.offer( options );
  const auto iq = s.solo.sent( "<si " );
  REQUIRE( iq.size() == 1 );
  CHECK( iq.front().find( " mime-type='text/plain'" ) != std::string::npos );
}

TEST_CASE( "TC-002, SIM-2: with IBB alone there is one option and no si-multiple", "[sender]" )
{
  const auto byMethods = []( Options& options ) { options.methods = { Ibb }; };
  const auto byPrivacy = []( Options& options ) { options.privacy = Privacy::IbbOnly; };
  Sender s( GENERATE( 0, 1 ) == 0 ? std::function<void( Options& )>( byMethods ) : byPrivacy );
  const auto sid = s.offer();
  REQUIRE( s.solo.sent().size() == 1 );
  CHECK( payload( s.solo.sent().front() ) == siOf( sid, IbbForm ) );
}

TEST_CASE( "TC-003, SIM-3: without fallback there are two options and no si-multiple", "[sender]" )
{
  Sender s;
  OfferOptions options;
  options.fallback = false;
  const auto sid = s.offer( options );
  REQUIRE( s.solo.sent().size() == 1 );
  CHECK( payload( s.solo.sent().front() ) == siOf( sid, Form ) );
}

TEST_CASE( "TC-004, ADV-3: si-multiple is there although the peer's disco#info does not list it", "[sender]" )
{
  Sender s;
  learn( s, "<feature var='http://jabber.org/protocol/si'/><feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"
            "<feature var='http://jabber.org/protocol/bytestreams'/><feature var='http://jabber.org/protocol/ibb'/>" );
  const auto sid = s.offer();
  REQUIRE( s.solo.sent().size() == 1 );
  CHECK( payload( s.solo.sent().front() ) == siOf( sid, Form + Multiple ) );
}

TEST_CASE( "TC-005, SIM-4: the complete form stands beside si-multiple", "[sender]" )
{
  Sender s;
  (void)s.offerOnly( { Ibb, S5b, Ibb } );
  REQUIRE( s.solo.sent().size() == 1 );
  const auto si = payload( s.solo.sent().front() );
  CHECK( si.find( Multiple + "</si>" ) != std::string::npos );
  CHECK( si.find( "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                  "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option>"
                  "<option><value>http://jabber.org/protocol/bytestreams</value></option></field></x></feature>" )
         != std::string::npos );
}

TEST_CASE( "TC-006, SI-2, SEC-16: ibb-only offers no S5B and never listens", "[sender]" )
{
  Sender s( []( Options& options ) { options.privacy = Privacy::IbbOnly; } );
  CHECK( s.bot.manager.listenPort() == 0 );
  (void)s.offerOnly( { S5b, Ibb } );
  CHECK( s.count( S5b ) == 0 );
  CHECK( s.count( "<option><value>http://jabber.org/protocol/ibb</value></option>" ) == 1 );
  CHECK( s.bot.manager.listenPort() == 0 );
  s.accept( Both );
  CHECK( s.bot.manager.listenPort() == 0 );
  CHECK( s.count( S5b ) == 0 );
  CHECK( s.opens() == 1 );
  s.reply( s.openId() );
  s.checkOpen( Ibb );
  s.checkClosed();
}

TEST_CASE( "TC-007, SI-2: without a usable method nothing is offered", "[sender]" )
{
  const auto forbidden = []( Options& options ) { options.privacy = Privacy::IbbOnly; };
  const auto noHost = []( Options& options ) { options.listen.enabled = false; };
  const auto noProxy = []( Options& options ) { options.privacy = Privacy::ProxyOnly; };
  const std::vector<std::function<void( Options& )>> policies{ forbidden, noHost, noProxy };
  Sender s( policies[static_cast<std::size_t>( GENERATE( 0, 1, 2 ) )] );
  CHECK( s.offerOnly( { S5b } ).empty() );
  CHECK_FALSE( s.bot.problem.empty() );
  CHECK( s.solo.sent().empty() );
  CHECK( s.bot.manager.sessions() == 0 );
  s.advance( 1h );
  CHECK( s.bot.ends.empty() );   // there never was a session
}

TEST_CASE( "TC-008, SI-1, ST-S-2: to a bare account JID nothing is offered", "[sender]" )
{
  Sender s;
  CHECK( s.bot.offer( "juliet@capulet.example" ).empty() );
  CHECK_FALSE( s.bot.problem.empty() );
  s.work();
  CHECK( s.solo.sent().empty() );
  CHECK( s.bot.manager.sessions() == 0 );
  CHECK_FALSE( s.bot.offer( "files.capulet.example" ).empty() );   // a component's own address
}

TEST_CASE( "TC-009, SI-4, SEC-4, GEN-9: 10 000 sids differ and are sm and 32 hex digits", "[sender][large]" )
{
  Sender s( []( Options& options ) { options.limits.sessions = options.limits.sessionsPerPeer = 20000; } );
  std::set<std::string> sids;
  for( int i = 0; i < 10000; ++i )
  {
    const auto sid = s.bot.offer( Juliet );
    REQUIRE( sid.size() == 34 );
    REQUIRE( sid.substr( 0, 2 ) == "sm" );
    REQUIRE( sid.find_first_not_of( "0123456789abcdef", 2 ) == std::string::npos );
    REQUIRE( sids.insert( sid ).second );
    REQUIRE( s.solo.client.sent().find( " id='" + sid + "' " ) != std::string::npos );
    s.solo.client.clear();
  }
}

TEST_CASE( "SEC-4: without random numbers nothing is offered", "[sender]" )
{
  Sender s;
  {
    const NoEntropy none;
    CHECK( s.offer().empty() );
    CHECK( s.bot.problem == "no random numbers to be had" );
    CHECK( s.solo.sent().empty() );
    CHECK( s.bot.manager.sessions() == 0 );
  }
  CHECK_FALSE( s.offer().empty() );
}

TEST_CASE( "TC-184, SEC-5: a sid whose DST.ADDR is registered already is not used", "[sender]" )
{
  const std::string taken = "sm00000000000000000000000000000001", fresh = "sm00000000000000000000000000000002";
  struct Nobody final : net::LinkHandler
  {
    void handleLink( net::Fd, std::string ) override {}
  } nobody;
  Sender s;
  auto& plugin = s.bot.manager.priv();
  REQUIRE( plugin.listener.add( net::dstAddr( taken, Romeo, Juliet ), nobody ) );
  int drawn = 0;
  plugin.makeSid = [&]() -> std::optional<std::string> { return ++drawn < 3 ? taken : fresh; };

  CHECK( s.offer() == fresh );
  CHECK( drawn == 3 );
  CHECK( s.count( fresh ) == 1 );
  CHECK( s.count( taken ) == 0 );
  plugin.listener.remove( net::dstAddr( taken, Romeo, Juliet ) );
}

TEST_CASE( "TC-010, GEN-6: no IQ id can be had from another one by counting", "[sender]" )
{
  Sender s( []( Options& options ) { options.limits.sessionsPerPeer = 200; } );
  std::vector<std::string> ids;
  for( int i = 0; i < 100; ++i )
  {
    REQUIRE_FALSE( s.offer().empty() );
    ids.push_back( s.offerId() );
    s.solo.client.clear();
  }
  for( std::size_t i = 0; i < ids.size(); ++i )
  {
    REQUIRE( ids[i].size() >= 16 );   // 64 bits in hex
    REQUIRE( ids[i].find_first_not_of( "0123456789abcdef" ) == std::string::npos );
    for( std::size_t j = 0; j < i; ++j )
    {
      // A counter leaves most of the text alone; of random digits one in sixteen agrees.
      std::size_t alike = 0;
      for( std::size_t k = 0; k < ids[i].size(); ++k )
        alike += ids[i][k] == ids[j][k] ? 1U : 0U;
      REQUIRE( alike < ids[i].size() / 2 );
    }
  }
}

TEST_CASE( "TC-214, ADV-2, ADV-5: to a peer without the S5B feature the bot offers IBB or both, as it likes, and never nothing", "[sender]" )
{
  Sender s;
  learn( s, "<feature var='http://jabber.org/protocol/si'/><feature var='http://jabber.org/protocol/si/profile/file-transfer'/>" );
  SECTION( "both" )
  {
    const auto sid = s.offer();
    REQUIRE( s.solo.sent().size() == 1 );
    CHECK( payload( s.solo.sent().front() ) == siOf( sid, Form + Multiple ) );
  }
  SECTION( "IBB alone" )
  {
    const auto sid = s.offerOnly( { Ibb } );
    REQUIRE( s.solo.sent().size() == 1 );
    CHECK( payload( s.solo.sent().front() ) == siOf( sid, IbbForm ) );
  }
}

TEST_CASE( "TC-072, SI-5: before the answer nothing is opened and nobody is listening", "[sender]" )
{
  Sender s;
  (void)s.offer();
  s.advance( 599s );
  CHECK( s.solo.sent().size() == 1 );
  CHECK( s.bot.manager.listenPort() == 0 );
  CHECK( s.bot.attempts.empty() );
  CHECK( s.bot.ends.empty() );
  s.advance( 1s );
  CHECK( s.solo.sent().size() == 1 );
  s.checkEnded( "timeout" );
}

// The harness looks at every stanza that a bot writes, in each test; here it is seen doing so.
TEST_CASE( "TC-011, XSD-6: the si-multiple of offers and of answers validates, in this test and in all others", "[sender]" )
{
  Pair pair;
  REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1; } ) );
  const auto seen = pair.hub.logged( "<si-multiple" );
  REQUIRE( seen.size() == 2 );
  CHECK( checkSiMultiples( seen[0] ) == 1 );
  CHECK( checkSiMultiples( seen[1] ) == 1 );
  CHECK( siMultiplesIn( seen[0] ).front() == Multiple );
  CHECK( siMultiplesIn( seen[1] ).front() == Both );

  const Schema schema;
  CHECK_FALSE( schema.accepts( "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple' x='y'/>" ) );
  CHECK_FALSE( schema.accepts( "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'><value/></si-multiple>" ) );
}
