// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PROTOCOL 6.2: tubes as a profile of their own, on real gloox clients. The profile is the samples'; it uses public headers only.

#include "flow/receiver_fixture.h"

#include "samples/support/tubesprofile.h"

#include <gloox/carbons.h>
#include <gloox/forward.h>

#include <poll.h>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Catch::Matchers::Equals;
using sample::Tube;
using sample::TubeChild;
using sample::TubeEnd;
using sample::TubesOptions;
using sample::TubesProfile;
using sample::TubeType;

namespace
{

const std::string Nurse = "nurse@capulet.example/kitchen";

/// A bot with tubes: does what it is told and remembers what it heard.
class Tuber final : public sample::TubesHandler, private gloox::BytestreamDataHandler
{
  public:
    struct Ended
    {
      Tube tube;
      std::string sid;
      Cause cause;
    };

    Tuber( gloox::ClientBase& client, std::shared_ptr<ManualClock> clock, const TubesOptions& tubesOptions = {},
           const std::function<void( Options& )>& tune = {} )
      : manager( client, tuned( std::move( clock ), tune ) ), tubes( std::make_unique<TubesProfile>( manager, *this, tubesOptions ) )
    {
      manager.enable();
    }

    SIMultipleManager manager;
    std::unique_ptr<TubesProfile> tubes;
    std::function<void( const Tube& )> onTube{};
    std::function<void( MultiBytestream& )> onStream{};

    std::vector<Tube> heard{};
    std::vector<std::shared_ptr<MultiBytestream>> streams{};
    std::vector<Tube> streamsOf{};   ///< Whose each of them is
    std::vector<Ended> ends{};
    std::vector<std::pair<Tube, TubeEnd>> closed{};
    std::vector<std::string> limits{};
    std::vector<std::string> accepted{};
    std::string received{};

  private:
    static Options tuned( std::shared_ptr<ManualClock> clock, const std::function<void( Options& )>& tune )
    {
      auto options = testOptions( std::move( clock ) );
      if( tune )
        tune( options );
      return options;
    }

    void handleTube( const Tube& tube ) override
    {
      heard.push_back( tube );
      if( onTube )
        onTube( tube );
    }
    void handleTubeStream( const Tube& tube, std::shared_ptr<MultiBytestream> stream ) override
    {
      streamsOf.push_back( tube );
      stream->registerBytestreamDataHandler( this );
      streams.push_back( stream );
      if( onStream )
        onStream( *stream );
    }
    void handleTubeStreamEnd( const Tube& tube, const std::string& sid, Cause cause, const std::string&, const Report& ) override
    {
      ends.push_back( { tube, sid, cause } );
    }
    void handleTubeClosed( const Tube& tube, TubeEnd how ) override { closed.emplace_back( tube, how ); }
    void handleTubeAccepted( const Tube&, const std::string& sid, Dialect, const std::vector<std::string>& ) override { accepted.push_back( sid ); }
    void handleTubeLimit( const gloox::JID& peer, const std::string& what ) override { limits.push_back( peer.full() + ": " + what ); }

    void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override { received += data; }
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}
};

/// Lets managers work until nothing moves, or until @a done.
bool work( const std::vector<SIMultipleManager*>& managers, const std::function<bool()>& deliver, const std::function<bool()>& done )
{
  const auto end = std::chrono::steady_clock::now() + 10s;
  while( std::chrono::steady_clock::now() < end )
  {
    if( done && done() )
      return true;
    bool moved = false;
    std::vector<pollfd> descriptors;
    for( auto* manager : managers )
    {
      const auto next = manager->nextDeadline();
      moved = moved || ( next && next->count() == 0 );
      manager->process();
      for( const auto& one : manager->pollDescriptors() )
        descriptors.push_back( { one.fd, one.events, 0 } );
    }
    moved = deliver() || moved;
    if( !moved && ::poll( descriptors.data(), descriptors.size(), 5 ) <= 0 && !done )
      return true;
  }
  return false;
}

/// Romeo, Juliet and the hub between them.
struct Two
{
  explicit Two( const std::function<void( Options& )>& tune = {} )
    : romeoClient( hub.join( Romeo ) ), julietClient( hub.join( Juliet ) ),
      romeo( std::make_unique<Tuber>( romeoClient.client(), clock, TubesOptions(), tune ) ),
      juliet( std::make_unique<Tuber>( julietClient.client(), clock, TubesOptions(), tune ) )
  {
    settle();
  }

  void settle() { (void)work( managers(), [this] { return hub.run() > 0; }, {} ); }
  [[nodiscard]] bool until( const std::function<bool()>& done ) { return work( managers(), [this] { return hub.run() > 0; }, done ); }
  [[nodiscard]] std::vector<SIMultipleManager*> managers()
  {
    std::vector<SIMultipleManager*> all;
    for( auto* one : { romeo.get(), juliet.get() } )
      if( one )
        all.push_back( &one->manager );
    return all;
  }

  /** Romeo announces a stream tube to Juliet. */
  Tube announce( const std::string& service = "http" )
  {
    TubeChild what;
    what.service = service;
    what.parameters = { { "path", std::string( "/poems/" ) } };
    const auto result = romeo->tubes->announce( gloox::JID( Juliet ), what );
    REQUIRE( result );
    settle();
    return *result.tube;
  }
  /** Juliet opens one connection to it. @return Its number. */
  std::size_t connect( const Tube& tube )
  {
    const auto before = juliet->streams.size();
    REQUIRE( juliet->tubes->connect( tube ) );
    REQUIRE( until( [&] { return juliet->streams.size() == before + 1 && romeo->streams.size() == before + 1; } ) );
    return before;
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedClient& romeoClient;
  ScriptedClient& julietClient;
  std::unique_ptr<Tuber> romeo;
  std::unique_ptr<Tuber> juliet;
};

/// Juliet alone with what the test feeds her.
struct One
{
  explicit One( const TubesOptions& options = {} ) : juliet( std::make_unique<Tuber>( client.client(), clock, options ) )
  {
    settle();
    client.clear();
  }

  void settle() { (void)work( { &juliet->manager }, [] { return false; }, {} ); }
  void feed( const std::string& xml )
  {
    client.feed( xml );
    settle();
  }
  /** @return Our answer to an IQ. */
  std::string ask( const std::string& xml )
  {
    client.clear();
    feed( xml );
    const auto all = client.stanzas();
    return all.empty() ? std::string() : all.front();
  }
  Tube announce( const std::string& to = Romeo )
  {
    TubeChild what;
    what.service = "http";
    const auto result = juliet->tubes->announce( gloox::JID( to ), what );
    REQUIRE( result );
    return *result.tube;
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  ScriptedClient client{ Juliet };
  std::unique_ptr<Tuber> juliet;
};

const std::string Ns = "xmlns='http://telepathy.freedesktop.org/xmpp/tubes'";

/// W-31 with another profile child.
std::string offerOf( const std::string& child, const std::string& sid = "1229000000-3141592653", const std::string& from = Romeo )
{
  return "<iq type='set' id='t1' to='juliet@capulet.example/balcony' from='" + from + "'>"
         "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' profile='http://telepathy.freedesktop.org/xmpp/tubes'>"
         "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
         "<field var='stream-method' type='list-single'>" + OptionS5b + OptionIbb + "</field></x></feature>" + Extension + child + "</si></iq>";
}

const std::string DBusTube =
  "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes' type='dbus' service='com.example.Chess' id='333' "
  "stream-id='1229000000-3141592653' initiator='romeo@montague.example'><parameters>"
  "<parameter name='theme' type='str'>plain</parameter><parameter name='board' type='uint'>8</parameter></parameters></tube>";

/// W-32.
const std::string W32 = result( "t1", "<si xmlns='http://jabber.org/protocol/si'><tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes'/>"
                                      "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" + ValueS5b + ValueIbb + "</si-multiple></si>" );
const std::string BadRequest = refusal( "t1", "modify", "bad-request" );

std::string message( const std::string& content, const std::string& attributes = "", const std::string& from = Romeo )
{
  return "<message to='juliet@capulet.example/balcony' from='" + from + "' " + attributes + ">" + content + "</message>";
}

/// W-33 and W-35.
std::string announcement( const std::string& id = "1402" ) { return "<tube " + Ns + " type='stream' service='http' id='" + id + "'/>"; }
std::string closing( std::uint32_t id ) { return "<close " + Ns + " tube='" + std::to_string( id ) + "'/>"; }

} // namespace

TEST_CASE( "GEN-2, CMP-2: a tube from one JID of a component to another has its own stream at either end", "[tubes][component]" )
{
  Hub hub( "capulet.example" );
  Tuber bot( hub.joinComponent( "svc.example" ).base(), std::make_shared<ManualClock>() );
  const auto until = [&]( const std::function<bool()>& done ) { return work( { &bot.manager }, [&] { return hub.run() > 0; }, done ); };
  const gloox::JID one( "a@svc.example/x" ), other( "b@svc.example/x" );
  TubeChild what;
  what.service = "http";
  REQUIRE( bot.tubes->announce( other, what, one ) );
  REQUIRE( until( [&] { return bot.heard.size() == 1; } ) );
  CHECK( bot.heard[0].local == other );
  REQUIRE( bot.tubes->connect( bot.heard[0] ) );
  REQUIRE( until( [&] { return bot.streams.size() == 2; } ) );
  CHECK( bot.streamsOf[0].local != bot.streamsOf[1].local );
  CHECK( bot.streams[0]->peer() == bot.streamsOf[0].peer );
  CHECK( bot.streams[1]->peer() == bot.streamsOf[1].peer );
}

// ---- what is refused

TEST_CASE( "TC-204, PTB-1, PTB-2: an offer without a proper child, or of an unknown tube, is a bad request", "[tubes]" )
{
  One one;
  const std::string child = GENERATE( as<std::string>{}, "", "<tube xmlns='urn:other' type='dbus' service='s' id='1'/>", "<pipe " + Ns + " id='1'/>",
                                      "<tube " + Ns + " type='dbus' service='s'/>", "<tube " + Ns + " type='dbus' service='s' id='0'/>",
                                      "<tube " + Ns + " type='dbus' service='s' id='4294967296'/>", "<tube " + Ns + " type='dbus' service='s' id='a'/>",
                                      "<tube " + Ns + " type='dbus' id='1'/>", "<stream " + Ns + "/>", "<stream " + Ns + " tube='0'/>",
                                      "<stream " + Ns + " tube='a'/>", "<stream " + Ns + " tube='1402'/>", "<muc-stream " + Ns + " tube='1402'/>",
                                      "<close " + Ns + " tube='1402'/>" );
  CHECK_THAT( one.ask( offerOf( child ) ), Equals( BadRequest ) );
  CHECK( one.juliet->heard.empty() );
  CHECK( one.juliet->tubes->tubes().empty() );
  CHECK( one.juliet->manager.sessions() == 0 );
}

TEST_CASE( "TC-204, PTB-1: a connection to a tube in a room is refused, because we are in none", "[tubes]" )
{
  One one;
  const auto tube = one.announce();
  CHECK_THAT( one.ask( offerOf( "<muc-stream " + Ns + " tube='" + std::to_string( tube.id ) + "'/>" ) ), Equals( BadRequest ) );
}

TEST_CASE( "PTB-2, GEN-3: only the peer to whom a tube was announced may connect to it", "[tubes]" )
{
  One one;
  const auto tube = one.announce();
  const std::string child = "<stream " + Ns + " tube='" + std::to_string( tube.id ) + "'/>";
  const std::string other = GENERATE( as<std::string>{}, Nurse, "romeo@montague.example/elsewhere", "romeo@montague.example" );
  CHECK_THAT( one.ask( offerOf( child, "x1", other ) ), Equals( replaced( BadRequest, Romeo, other ) ) );
  CHECK( one.juliet->tubes->connections() == 0 );
  CHECK( attribute( one.ask( offerOf( child, "x2" ) ), "type" ) == "result" );
  CHECK( one.juliet->tubes->connections() == 1 );
}

TEST_CASE( "PTB-2, PTB-3: a tube that a peer announced, or one that is closed, is not there to be connected to", "[tubes]" )
{
  One one;
  one.feed( message( announcement() ) );
  REQUIRE( one.juliet->heard.size() == 1 );
  CHECK_THAT( one.ask( offerOf( "<stream " + Ns + " tube='1402'/>" ) ), Equals( BadRequest ) );

  const auto tube = one.announce();
  REQUIRE( one.juliet->tubes->close( tube ) );
  CHECK_THAT( one.ask( offerOf( "<stream " + Ns + " tube='" + std::to_string( tube.id ) + "'/>", "x2" ) ), Equals( BadRequest ) );
  CHECK_FALSE( one.juliet->tubes->close( tube ) );
}

TEST_CASE( "TC-240, PTB-3: a stream tube inside an offer is refused", "[tubes]" )
{
  One one;
  CHECK_THAT( one.ask( offerOf( announcement() ) ), Equals( BadRequest ) );
  CHECK( one.juliet->heard.empty() );
}

TEST_CASE( "PTB-2, PTB-11: an id that stands for a tube already is refused", "[tubes]" )
{
  One one;
  SECTION( "in an offer, by a tube of either kind and of either side" )
  {
    one.feed( message( announcement( "333" ) ) );
    CHECK_THAT( one.ask( offerOf( DBusTube ) ), Equals( BadRequest ) );
    const auto ours = one.announce();
    CHECK_THAT( one.ask( offerOf( replaced( DBusTube, "id='333'", "id='" + std::to_string( ours.id ) + "'" ) ) ), Equals( BadRequest ) );
    CHECK( attribute( one.ask( offerOf( replaced( DBusTube, "id='333'", "id='334'" ) ) ), "type" ).empty() ); // waits for a decision
    CHECK_THAT( one.ask( offerOf( replaced( DBusTube, "id='333'", "id='334'" ), "x2" ) ), Equals( BadRequest ) );
  }
  SECTION( "in a message" )
  {
    const auto ours = one.announce();
    one.feed( message( announcement( std::to_string( ours.id ) ) ) );
    CHECK( one.juliet->heard.empty() );
    one.feed( message( announcement() ) + message( announcement() ) );
    CHECK( one.juliet->heard.size() == 1 );
    CHECK( one.juliet->tubes->tubes().size() == 2 );
  }
  SECTION( "but another peer may use it" )
  {
    one.feed( message( announcement() ) + message( announcement(), "", Nurse ) );
    CHECK( one.juliet->heard.size() == 2 );
  }
}

// ---- D-Bus tubes

TEST_CASE( "TC-205, PTB-5, W-31, W-32: a D-Bus tube is accepted with an empty tube in the answer", "[tubes]" )
{
  One one;
  CHECK( one.ask( offerOf( DBusTube ) ).empty() );
  REQUIRE( one.juliet->heard.size() == 1 );
  const auto& tube = one.juliet->heard[0];
  CHECK( tube.peer.full() == Romeo );
  CHECK( tube.id == 333 );
  CHECK( tube.type == TubeType::DBus );
  CHECK( tube.service == "com.example.Chess" );
  CHECK( tube.parameters.size() == 2 );
  CHECK_FALSE( tube.ours );
  CHECK( one.juliet->tubes->accept( tube ) );
  one.settle();
  CHECK_THAT( one.client.stanzas(), Equals( std::vector<std::string>{ W32 } ) );
  CHECK_FALSE( one.juliet->tubes->accept( tube ) );
}

TEST_CASE( "TC-205, PTB-5: an answer without a tube is fine", "[tubes]" )
{
  Two two;
  // A peer that leaves it out, as the seed's own example does.
  two.hub.setFilter( []( std::string& xml )
  {
    const std::string empty = "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes'/>";
    const auto at = xml.find( empty );
    if( at != std::string::npos )
      xml.erase( at, empty.size() );
    return true;
  } );
  two.juliet->onTube = [&]( const Tube& tube ) { two.juliet->tubes->accept( tube ); };
  TubeChild what;
  what.service = "com.example.Chess";
  REQUIRE( two.romeo->tubes->offer( gloox::JID( Juliet ), what ) );
  REQUIRE( two.until( [&] { return two.romeo->streams.size() == 1; } ) );
  CHECK( two.romeo->accepted.size() == 1 );
}

TEST_CASE( "TC-206, PTB-4: the parameters of a tube arrive, and those that are not understood do not", "[tubes]" )
{
  One one;
  (void)one.ask( offerOf( "<tube " + Ns + " type='dbus' service='s' id='1'><parameters><parameter name='a' type='int'>-1</parameter>"
                          "<parameter name='b' type='double'>1</parameter><parameter name='c' type='bool'>maybe</parameter></parameters></tube>" ) );
  REQUIRE( one.juliet->heard.size() == 1 );
  REQUIRE( one.juliet->heard[0].parameters.size() == 1 );
  CHECK( one.juliet->heard[0].parameters[0].value == sample::TubeParameter::Value( std::int32_t( -1 ) ) );
}

TEST_CASE( "TC-240, TC-241, PTB-6, PTB-7: either side of a D-Bus tube may speak first, and the end of its stream is its end", "[tubes]" )
{
  const std::string method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Two two( [&method]( Options& options ) { options.methods = { method }; } );
  two.juliet->onTube = [&]( const Tube& tube ) { two.juliet->tubes->accept( tube ); };
  TubeChild what;
  what.service = "com.example.Chess";
  const auto offered = two.romeo->tubes->offer( gloox::JID( Juliet ), what );
  REQUIRE( offered );
  CHECK( offered.tube->ours );
  REQUIRE( two.until( [&] { return two.romeo->streams.size() == 1 && two.juliet->streams.size() == 1; } ) );
  CHECK( two.juliet->heard.at( 0 ).id == offered.tube->id );
  CHECK( two.juliet->streams[0]->method() == method );

  // T-R-FIRST does not run: nobody is made to speak.
  two.clock->advance( 24h );
  two.settle();
  CHECK( two.juliet->ends.empty() );

  const bool receiverFirst = GENERATE( true, false );
  REQUIRE( ( receiverFirst ? two.juliet : two.romeo )->streams[0]->send( "first" ) );
  REQUIRE( two.until( [&] { return ( receiverFirst ? two.romeo : two.juliet )->received == "first"; } ) );
  REQUIRE( ( receiverFirst ? two.romeo : two.juliet )->streams[0]->send( "second" ) );
  REQUIRE( two.until( [&] { return ( receiverFirst ? two.juliet : two.romeo )->received == "second"; } ) );

  const bool offererCloses = GENERATE( true, false );
  auto& closer = offererCloses ? *two.romeo : *two.juliet;
  auto& other = offererCloses ? *two.juliet : *two.romeo;
  REQUIRE( closer.streams[0]->send( "last" ) );
  if( GENERATE( true, false ) )
    closer.streams[0]->close();
  else
    REQUIRE( closer.tubes->close( closer.tubes->tubes().at( 0 ) ) );
  REQUIRE( two.until( [&] { return closer.closed.size() == 1 && other.closed.size() == 1; } ) );
  CHECK( closer.closed[0].second == TubeEnd::Local );
  CHECK( other.closed[0].second == TubeEnd::Remote );
  CHECK( other.received.substr( other.received.size() - 4 ) == "last" );
  CHECK( closer.ends.size() == 1 );
  CHECK( closer.tubes->tubes().empty() );
  CHECK( other.tubes->tubes().empty() );
  CHECK( two.hub.logged( "<close xmlns='http://telepathy" ).empty() ); // W-35 is for stream tubes
}

TEST_CASE( "PTB-7: a D-Bus tube that is declined, cancelled or not decided on ends on both sides", "[tubes]" )
{
  Two two;
  TubeChild what;
  what.service = "com.example.Chess";
  const auto offered = two.romeo->tubes->offer( gloox::JID( Juliet ), what );
  REQUIRE( offered );
  two.settle();
  REQUIRE( two.juliet->heard.size() == 1 );
  SECTION( "declined" )
  {
    CHECK( two.juliet->tubes->close( two.juliet->heard[0] ) );
    two.settle();
    REQUIRE( two.juliet->closed.size() == 1 );
    CHECK( two.juliet->closed[0].second == TubeEnd::Local );
    CHECK( two.romeo->ends.at( 0 ).cause == Cause::Declined );
  }
  SECTION( "forgotten" )
  {
    two.clock->advance( 24h );
    two.settle();
    CHECK( two.juliet->closed.size() == 1 );
  }
  SECTION( "cancelled" )
  {
    CHECK( two.romeo->tubes->close( *offered.tube ) );
    two.settle();
    CHECK( two.romeo->closed.at( 0 ).second == TubeEnd::Local );
    return;
  }
  REQUIRE( two.romeo->closed.size() == 1 );
  CHECK( two.romeo->tubes->tubes().empty() );
  CHECK( two.juliet->tubes->tubes().empty() );
}

TEST_CASE( "GEN-2, CMP-2: a peer cannot offer one sid for two tubes at two JIDs of a component", "[tubes]" )
{
  ScriptedComponent entity( "svc.example" );
  Tuber bot( entity.component(), std::make_shared<ManualClock>() );
  const auto feed = [&]( const std::string& xml )
  {
    entity.feed( xml );
    (void)work( { &bot.manager }, [] { return false; }, {} );
  };
  const auto offer = [&]( const std::string& to ) { feed( replaced( offerOf( DBusTube ), "juliet@capulet.example/balcony", to ) ); };
  offer( "a@svc.example/x" );
  offer( "b@svc.example/x" );
  REQUIRE( bot.tubes->tubes().size() == 1 );
  CHECK( entity.stanzas().back().find( "<forbidden" ) != std::string::npos );
  // The end of the session is the end of its tube, and nothing is left.
  CHECK( bot.tubes->close( bot.heard.at( 0 ) ) );
  (void)work( { &bot.manager }, [] { return false; }, {} );
  REQUIRE( bot.closed.size() == 1 );
  CHECK( bot.closed[0].first.local.full() == "a@svc.example/x" );
  CHECK( bot.tubes->tubes().empty() );
}

// ---- stream tubes

TEST_CASE( "PTB-5, PTB-7, W-33, W-34: connections come and go, and the tube stays", "[tubes]" )
{
  Two two;
  const auto tube = two.announce();
  REQUIRE( two.hub.logged( "<tube " ).size() == 1 );
  CHECK_THAT( withAttribute( two.hub.logged( "<tube " )[0], "id", "" ),
              Equals( "<message to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
                      "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes' type='stream' service='http' id='" + std::to_string( tube.id ) + "'>"
                      "<parameters><parameter name='path' type='str'>/poems/</parameter></parameters></tube>"
                      "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/></message>" ) );
  REQUIRE( two.juliet->heard.size() == 1 );
  const auto known = two.juliet->heard[0];
  CHECK( known.service == "http" );
  CHECK( known.parameters.at( 0 ).value == sample::TubeParameter::Value( std::string( "/poems/" ) ) );

  // The joiner offers, the announcer is asked for nothing.
  const auto first = two.connect( known );
  CHECK( two.hub.logged( "<stream xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='" + std::to_string( tube.id ) + "'/>" ).size() == 1 );
  CHECK( two.hub.logged( "<tube xmlns='http://telepathy.freedesktop.org/xmpp/tubes'/>" ).size() == 1 );
  CHECK( two.romeo->streams[first]->initiator().full() == Juliet );
  const auto second = two.connect( known );
  CHECK( two.juliet->tubes->connections() == 2 );

  REQUIRE( two.romeo->streams[first]->send( "the announcer may speak first, too" ) );
  REQUIRE( two.until( [&] { return !two.juliet->received.empty(); } ) );
  two.romeo->streams[first]->close();
  REQUIRE( two.until( [&] { return two.juliet->ends.size() == 1 && two.romeo->ends.size() == 1; } ) );
  CHECK( two.juliet->ends[0].tube.id == tube.id );
  CHECK( two.juliet->closed.empty() );
  CHECK( two.juliet->streams[second]->isOpen() );
  (void)two.connect( known );
  CHECK( two.romeo->tubes->tubes().size() == 1 );
}

TEST_CASE( "PTB-7, W-35: the end of a stream tube ends its connections, whoever says it", "[tubes]" )
{
  const std::string method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Two two( [&method]( Options& options ) { options.methods = { method }; } );
  const auto tube = two.announce();
  const auto other = two.announce( "ssh" );
  const auto known = two.juliet->heard.at( 0 );
  const auto first = two.connect( known );
  (void)two.connect( known );
  const auto kept = two.connect( two.juliet->heard.at( 1 ) );
  REQUIRE( two.juliet->tubes->connect( known ) ); // and one that is on its way

  const bool announcer = GENERATE( true, false );
  auto& closer = announcer ? *two.romeo : *two.juliet;
  auto& peer = announcer ? *two.juliet : *two.romeo;
  REQUIRE( closer.tubes->close( announcer ? tube : known ) );
  CHECK( closer.closed.size() == 1 );
  CHECK_FALSE( closer.streams[first]->isOpen() );
  REQUIRE( two.until( [&] { return peer.closed.size() == 1; } ) );
  two.settle();
  CHECK( two.hub.logged( "<close xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='" + std::to_string( tube.id ) + "'/>" ).size() == 1 );
  CHECK( closer.closed[0].second == TubeEnd::Local );
  CHECK( peer.closed[0].second == TubeEnd::Remote );
  CHECK( peer.closed[0].first.id == tube.id );
  CHECK_FALSE( peer.streams[first]->isOpen() );
  CHECK( two.juliet->ends.size() == 3 );
  // The other tube is not touched.
  CHECK( two.romeo->streams[kept]->isOpen() );
  CHECK( two.juliet->tubes->connections() == 1 );
  CHECK( two.romeo->tubes->tubes().at( 0 ).id == other.id );
  CHECK_FALSE( two.juliet->tubes->connect( known ) );
}

TEST_CASE( "GEN-3, PTB-9: a close counts only from the other end of the tube", "[tubes]" )
{
  One one;
  const auto tube = one.announce();
  one.feed( message( announcement() ) );
  one.feed( message( closing( tube.id ), "", Nurse ) + message( closing( 1402 ), "", Nurse ) );
  one.feed( message( closing( tube.id ), "", "romeo@montague.example/elsewhere" ) + message( closing( 1402 ), "", "romeo@montague.example" ) );
  one.feed( message( closing( 7 ) ) );
  CHECK( one.juliet->closed.empty() );
  one.feed( message( closing( tube.id ) ) + message( closing( 1402 ) ) + message( closing( 1402 ) ) );
  CHECK( one.juliet->closed.size() == 2 );
}

TEST_CASE( "TC-242, PTB-9, GEN-7: what comes by carbons, late, as an error or from nobody announces nothing and closes nothing", "[tubes]" )
{
  One one;
  one.client.client().registerStanzaExtension( new gloox::Forward() ); // gloox owns it
  one.client.client().registerStanzaExtension( new gloox::Carbons() ); // gloox owns it
  const auto tube = one.announce();
  for( const auto& content : { announcement( "7" ), closing( tube.id ) } )
  {
    one.feed( message( content, "type='error' id='e1'" ) );
    one.feed( message( content, "type='groupchat'" ) );
    one.feed( message( content + "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>" ) );
    for( const std::string kind : { "received", "sent" } )
      one.feed( "<message from='juliet@capulet.example' to='juliet@capulet.example/balcony'><" + kind + " xmlns='urn:xmpp:carbons:2'>"
                "<forwarded xmlns='urn:xmpp:forward:0'>" + replaced( message( content ), "<message", "<message xmlns='jabber:client'" )
                + "</forwarded></" + kind + "></message>" );
    one.feed( message( "<forwarded xmlns='urn:xmpp:forward:0'>" + replaced( message( content ), "<message", "<message xmlns='jabber:client'" ) + "</forwarded>" ) );
    one.feed( "<message to='juliet@capulet.example/balcony'>" + content + "</message>" );
    one.feed( "<message to='juliet@capulet.example' from='romeo@montague.example/orchard'>" + content + "</message>" );
    one.feed( "<message to='juliet@capulet.example/chamber' from='romeo@montague.example/orchard'>" + content + "</message>" );
  }
  CHECK( one.juliet->heard.empty() );
  CHECK( one.juliet->closed.empty() );
  CHECK( one.juliet->tubes->tubes().size() == 1 );
  // What is left of the same stanzas counts, with a body beside it, too.
  one.feed( message( "<body>look</body>" + announcement( "7" ), "type='chat'" ) + message( closing( tube.id ) ) );
  CHECK( one.juliet->heard.size() == 1 );
  CHECK( one.juliet->closed.size() == 1 );
}

TEST_CASE( "SEC-13: a flood of announcements is bounded, for each account and in all", "[tubes]" )
{
  TubesOptions options;
  options.tubes = 40;
  One one( options );
  std::string flood;
  for( int i = 1; i <= 500; ++i )
    flood += message( announcement( std::to_string( i ) ), "", "romeo@montague.example/" + std::to_string( i % 7 ) );
  one.feed( flood );
  CHECK( one.juliet->heard.size() == 16 );
  CHECK( one.juliet->limits.size() == 484 );
  CHECK( one.juliet->limits.back() == "romeo@montague.example/3: tubes per peer" );
  CHECK( one.client.sent().empty() ); // no echo

  for( int i = 1; i <= 100; ++i )
    one.feed( message( announcement( "1" ), "", "bot" + std::to_string( i ) + "@montague.example/x" ) );
  CHECK( one.juliet->tubes->tubes().size() == 40 );
  CHECK( one.juliet->limits.back() == "bot100@montague.example/x: tubes" );
  CHECK_THAT( one.ask( offerOf( DBusTube, "x1", Nurse ) ),
              Equals( replaced( refusal( "t1", "cancel", "forbidden", "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Offer Declined</text>" ), Romeo, Nurse ) ) );

  // Room that becomes free can be used again.
  one.feed( message( closing( 1 ), "", "bot1@montague.example/x" ) );
  one.feed( message( announcement( "1" ), "", Nurse ) );
  CHECK( one.juliet->heard.back().peer.full() == Nurse );
}

TEST_CASE( "SEC-21: who is not known is not heard, except about the tube that was announced to him", "[tubes]" )
{
  TubesOptions options;
  options.knows = []( const gloox::JID& peer ) { return peer.bare() != "romeo@montague.example"; };
  One one( options );
  const std::string stranger = refusal( "t1", "cancel", "service-unavailable" );
  one.feed( message( announcement() ) );
  CHECK( one.juliet->heard.empty() );
  CHECK_THAT( one.ask( offerOf( DBusTube ) ), Equals( stranger ) );
  CHECK_THAT( one.ask( offerOf( "<stream " + Ns + " tube='1402'/>" ) ), Equals( stranger ) );

  const auto tube = one.announce();
  CHECK_THAT( one.ask( offerOf( DBusTube ) ), Equals( stranger ) );
  CHECK( attribute( one.ask( offerOf( "<stream " + Ns + " tube='" + std::to_string( tube.id ) + "'/>" ) ), "type" ) == "result" );
}

// ---- announcing

TEST_CASE( "PTB-11: our ids are fresh for the peer and hard to guess", "[tubes]" )
{
  TubesOptions options;
  options.ownTubes = 300;
  One one( options );
  std::set<std::uint32_t> ids;
  std::uint32_t largest = 0;
  for( int i = 0; i < 300; ++i )
  {
    const auto tube = one.announce();
    CHECK( ids.insert( tube.id ).second );
    largest = std::max( largest, tube.id );
  }
  CHECK( largest > 1000000 );
  TubeChild what;
  what.service = "http";
  CHECK( one.juliet->tubes->announce( gloox::JID( Romeo ), what ).problem == "too many tubes" );
}

TEST_CASE( "PTB-3, SI-1: what cannot work is said at once, and nothing is sent", "[tubes]" )
{
  One one;
  auto& tubes = *one.juliet->tubes;
  TubeChild what;
  CHECK_FALSE( tubes.announce( gloox::JID( Romeo ), what ) ); // no service
  what.service = "http";
  CHECK_FALSE( tubes.announce( gloox::JID( "romeo@montague.example" ), what ) );
  CHECK_FALSE( tubes.offer( gloox::JID(), what ) );
  one.feed( message( announcement() ) );
  Tube other = one.juliet->heard.at( 0 );
  ++other.id;
  CHECK_FALSE( tubes.connect( other ) );
  CHECK_FALSE( tubes.close( other ) );
  CHECK_FALSE( tubes.accept( other ) );
  CHECK_FALSE( tubes.accept( one.juliet->heard[0] ) );
  one.juliet->manager.disable();
  CHECK_FALSE( tubes.announce( gloox::JID( Romeo ), what ) );
  one.feed( message( announcement( "8" ) ) );
  CHECK( one.juliet->heard.size() == 1 );
  CHECK( one.client.sent().find( "<message" ) == std::string::npos );
}

TEST_CASE( "PTB-12: an announcement that comes back ends the tube", "[tubes]" )
{
  One one;
  const auto tube = one.announce();
  const auto id = attribute( one.client.stanzas().back(), "id" );
  REQUIRE_FALSE( id.empty() );
  const std::string error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
  one.feed( message( error, "type='error' id='" + id + "'", Nurse ) );
  one.feed( message( error, "type='error' id='" + id + "x'" ) );
  one.feed( message( error, "type='error'" ) );
  CHECK( one.juliet->closed.empty() );
  one.feed( message( error, "type='error' id='" + id + "'" ) );
  REQUIRE( one.juliet->closed.size() == 1 );
  CHECK( one.juliet->closed[0].first.id == tube.id );
  CHECK( one.juliet->closed[0].second == TubeEnd::Refused );
}

TEST_CASE( "SEC-1, PTB-12: who writes another's address into a prefixed from ends none of his tubes", "[tubes]" )
{
  One one;
  (void)one.announce();
  const auto id = attribute( one.client.stanzas().back(), "id" );
  const std::string forged = "xmlns:x='urn:x' x:from='" + Romeo + "' ", own = "from='mallory@verona.example/street' ";
  const std::string stanza = GENERATE( as<std::string>{}, "presence type='unavailable'", "message type='error'" );
  for( const auto& from : { forged + own, own + forged } )
    one.feed( "<" + stanza + " id='" + id + "' to='juliet@capulet.example/balcony' " + from + "/>" );
  CHECK( one.juliet->closed.empty() );
  CHECK( one.juliet->tubes->tubes().size() == 1 );
}

TEST_CASE( "PTB-8, ADV-7: the profile and the services are advertised, and taken back", "[tubes]" )
{
  One one;
  const std::string query = "<iq type='get' id='d1' to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard'>"
                            "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
  const auto has = [&one, &query]( const std::string& feature ) { return one.ask( query ).find( "var='" + feature + "'" ) != std::string::npos; };
  const std::string tubes = "http://telepathy.freedesktop.org/xmpp/tubes";
  CHECK( has( tubes ) );
  CHECK_FALSE( has( tubes + "/stream#http" ) );
  one.client.clear();
  one.juliet->tubes->advertise( TubeType::Stream, "http" );
  CHECK( one.client.sent().find( "<presence" ) != std::string::npos ); // ADV-6
  one.juliet->tubes->advertise( TubeType::DBus, "com.example.Chess" );
  CHECK( has( tubes + "/stream#http" ) );
  CHECK( has( tubes + "/dbus#com.example.Chess" ) );
  one.juliet->tubes.reset();
  CHECK_FALSE( has( tubes ) );
  CHECK_FALSE( has( tubes + "/stream#http" ) );
}

// ---- the end of things

TEST_CASE( "PTB-7, CLS-7: with the connection, or the peer's presence, go the tubes; open SOCKS5 streams stay", "[tubes]" )
{
  Two two;
  (void)two.announce();
  (void)two.connect( two.juliet->heard.at( 0 ) );
  SECTION( "the peer goes offline" )
  {
    two.julietClient.feed( "<presence type='unavailable' from='nurse@capulet.example/kitchen' to='juliet@capulet.example/balcony'/>" );
    CHECK( two.juliet->closed.empty() );
    two.julietClient.feed( "<presence type='unavailable' from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony'/>" );
    REQUIRE( two.juliet->closed.size() == 1 );
    CHECK( two.juliet->closed[0].second == TubeEnd::PeerGone );
  }
  SECTION( "we do" )
  {
    two.julietClient.dropConnection();
    REQUIRE( two.juliet->closed.size() == 1 );
    CHECK( two.juliet->closed[0].second == TubeEnd::Disconnected );
  }
  two.settle();
  CHECK( two.juliet->tubes->tubes().empty() );
  CHECK( two.juliet->ends.empty() );
  REQUIRE( two.juliet->streams[0]->send( "still here" ) );
  CHECK( two.until( [&] { return two.romeo->received == "still here"; } ) );
  two.romeo->streams[0]->close();
  REQUIRE( two.until( [&] { return two.juliet->ends.size() == 1; } ) );
  CHECK( two.juliet->ends[0].tube.service == "http" );
}

TEST_CASE( "CLS-10: a profile that is destroyed says so to its peers and nothing to its handler", "[tubes]" )
{
  Two two;
  const auto tube = two.announce();
  (void)two.connect( two.juliet->heard.at( 0 ) );
  two.romeo->tubes.reset();
  two.settle();
  CHECK( two.romeo->closed.empty() );
  CHECK( two.romeo->ends.empty() );
  REQUIRE( two.juliet->closed.size() == 1 );
  CHECK( two.juliet->closed[0].first.id == tube.id );
  CHECK( two.juliet->ends.size() == 1 );
  // A message for it now reaches nobody.
  two.hub.inject( "<message from='juliet@capulet.example/balcony' to='romeo@montague.example/orchard'>" + announcement() + "</message>" );
  two.settle();
  CHECK( two.romeo->heard.empty() );
}

TEST_CASE( "PTB-9: whatever a handler does with the news of a tube, gloox does not notice", "[tubes]" )
{
  One one;
  SECTION( "it closes the tube at once" )
  {
    one.juliet->onTube = [&one]( const Tube& tube ) { one.juliet->tubes->close( tube ); };
    one.feed( message( announcement() ) );
    CHECK( one.client.sent().find( "tube='1402'" ) != std::string::npos );
    CHECK( one.juliet->closed.size() == 1 );
  }
  SECTION( "it throws" )
  {
    one.juliet->onTube = []( const Tube& ) { throw std::runtime_error( "not today" ); };
    CHECK_NOTHROW( one.feed( message( announcement() ) ) );
  }
  SECTION( "it connects at once" )
  {
    one.juliet->onTube = [&one]( const Tube& tube ) { CHECK( one.juliet->tubes->connect( tube ) ); };
    one.feed( message( announcement() ) );
    CHECK( one.client.sent().find( "<stream xmlns='http://telepathy.freedesktop.org/xmpp/tubes' tube='1402'/>" ) != std::string::npos );
  }
}

TEST_CASE( "PTB-7: one connection can be given up without the others", "[tubes]" )
{
  Two two;
  (void)two.announce();
  const auto known = two.juliet->heard.at( 0 );
  (void)two.connect( known );
  const auto second = two.connect( known );
  REQUIRE( two.juliet->streams[0]->send( "confirms the method" ) ); // NEG-27
  REQUIRE( two.until( [&] { return !two.romeo->received.empty(); } ) );
  CHECK_FALSE( two.juliet->tubes->cancel( known, "nonsense" ) );
  CHECK( two.juliet->tubes->cancel( known, two.juliet->streams[0]->sid() ) );
  REQUIRE( two.until( [&] { return two.romeo->ends.size() == 1; } ) );
  CHECK( two.juliet->streams[second]->isOpen() );
  CHECK( two.juliet->closed.empty() );
}
