// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A method of the application's own (PCU-5, PCU-11 to PCU-13): a pipe in memory.

#include <gloox-si-multiple/bytestreammethod.h>

#include "flow/inband_fixture.h"

#include <algorithm>
#include <utility>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace
{

const std::string Pipe = "urn:example:pipe";

std::unique_ptr<gloox::Tag> pipeElement( const std::string& word, const std::string& ns = Pipe )
{
  auto tag = std::make_unique<gloox::Tag>( "pipe" );
  tag->setXmlns( ns );
  tag->addAttribute( "word", word );
  return tag;
}

std::string pipeOpen( const std::string& sid = Sid ) { return "<pipe xmlns='urn:example:pipe' sid='" + sid + "' word='in'/>"; }

void sendOut( MethodOpening& opening ) { CHECK( opening.send( pipeElement( "out" ) ) ); }

/// One end of a pipe. Says what happens to it.
class End final : public ByteCarrier
{
  public:
    explicit End( Words& log, bool outlives = false ) : m_log( log ), m_outlives( outlives ) {}
    ~End() override
    {
      if( other )
        other->other = nullptr;
      m_log.emplace_back( "destroyed" );
    }

    void start( ByteCarrierHandler& h ) override
    {
      handler = &h;
      m_log.emplace_back( "start" );
      if( !kept.empty() )
        handler->handleCarrierData( std::exchange( kept, {} ) );
    }
    void write( const std::string& data ) override
    {
      m_log.push_back( "write " + ( data.size() > 20 ? std::to_string( data.size() ) : data ) );
      if( other )
        other->arrive( data );
      if( moves )
        handler->handleCarrierWritten( data.size() );
    }
    void pause( bool paused ) override { m_log.emplace_back( paused ? "pause" : "resume" ); }
    void close() override
    {
      m_log.emplace_back( "close" );
      if( !moves )
        return;
      if( other && other->handler )
        other->handler->handleCarrierEnd();
      handler->handleCarrierClosed();
    }
    void abort() override
    {
      m_log.emplace_back( "abort" );
      if( other && other->handler )
        other->handler->handleCarrierEnd( "cut" );
    }
    bool outlivesConnection() const override { return m_outlives; }
    std::string host() const override { return "pipe 1"; }

    void arrive( const std::string& data )
    {
      if( handler )
        handler->handleCarrierData( data );
      else
        kept += data;
    }

    ByteCarrierHandler* handler = nullptr;
    End* other = nullptr;
    bool moves = true;   ///< Bytes leave, and a close comes to its end.
    std::string kept{};

  private:
    Words& m_log;
    bool m_outlives;
};

class PipeMethod final : public BytestreamMethod
{
  public:
    const std::string& name() const override { return ns; }
    bool available( Privacy privacy ) const override { return usable && ( anyPrivacy || BytestreamMethod::available( privacy ) ); }
    void open( MethodOpening& opening ) override
    {
      log.push_back( "open " + opening.peer().full() );
      CHECK( opening.initiator() );
      last = &opening;
      if( onOpen )
        onOpen( opening );
    }
    void handleAnswer( MethodOpening& opening, const gloox::Tag* element ) override
    {
      log.push_back( "answer " + ( element ? element->xml() : std::string( "-" ) ) );
      if( onAnswer )
        onAnswer( opening );
    }
    void accept( MethodOpening& opening, const gloox::Tag& element ) override
    {
      log.push_back( "accept " + opening.sid() + ": " + element.xml() );
      CHECK_FALSE( opening.initiator() );
      last = &opening;
      if( onAccept )
        onAccept( opening );
    }
    void abandon( MethodOpening& opening ) override
    {
      log.emplace_back( "abandon" );
      // Whatever it still tries comes to nothing.
      opening.ready( std::make_unique<End>( m_rejected ) );
      opening.failed( "once more" );
      CHECK_FALSE( opening.send( pipeElement( "again" ) ) );
      last = nullptr;
    }

    /** A carrier whose other end is @a end from now on. */
    std::unique_ptr<End> makeEnd( bool outlives = false )
    {
      auto fresh = std::make_unique<End>( carrier, outlives );
      end = fresh.get();
      return fresh;
    }
    std::size_t abandoned() const { return static_cast<std::size_t>( std::count( log.begin(), log.end(), "abandon" ) ); }

    std::string ns = Pipe;
    bool usable = true;
    bool anyPrivacy = false;
    std::function<void( MethodOpening& )> onOpen{}, onAnswer{}, onAccept{};
    Words log{};
    Words carrier{};                  ///< What happened to its carriers
    End* end = nullptr;               ///< The newest; valid until it is "destroyed"
    MethodOpening* last = nullptr;

  private:
    Words m_rejected{};
};

/// A manager cannot be enabled while it knows no such method; so the fixtures leave that to us.
void teach( Bot& bot, PipeMethod& method )
{
  REQUIRE_FALSE( bot.manager.enabled() );
  REQUIRE( bot.manager.registerMethod( method ) );
  REQUIRE( bot.manager.enable() );
}

/// Two bots that both have the method; S5B cannot connect them.
struct PipePair
{
  explicit PipePair( Words methods = { S5b, Pipe, Ibb } )
    : pair( [&]( Options& sender, Options& receiver )
            {
              sender.methods = receiver.methods = methods;
              receiver.streamHosts.allow.clear();
            } )
  {
    teach( *pair.romeo, romeo );
    teach( *pair.juliet, juliet );
    pair.settle();
    romeo.onOpen = sendOut;
    juliet.onAccept = [this]( MethodOpening& opening ) { opening.ready( juliet.makeEnd(), pipeElement( "welcome" ) ); };
    romeo.onAnswer = [this]( MethodOpening& opening )
    {
      auto end = romeo.makeEnd();
      end->other = juliet.end;
      juliet.end->other = end.get();
      opening.ready( std::move( end ) );
    };
  }
  PipePair( const PipePair& ) = delete;
  PipePair& operator=( const PipePair& ) = delete;

  void offer() { REQUIRE_FALSE( pair.romeo->offer( Juliet ).empty() ); }
  bool open()
  {
    offer();
    return pair.until( [this] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } );
  }

  PipeMethod romeo, juliet;   // outlive the bots
  Pair pair;
};

Words words( const std::vector<Attempt>& attempts )
{
  Words all;
  for( const auto& one : attempts )
    if( one.port == 0 )
      all.push_back( ( one.state == Attempt::State::Started ? "+" : one.state == Attempt::State::Failed ? "-" : "=" ) + methodName( one.method ) );
  return all;
}

/// Juliet's bot with the method, and romeo scripted.
struct PipeReceiver
{
  explicit PipeReceiver( const std::function<void( Options& )>& tune = {}, Words methods = { Pipe, Ibb } )
    : solo( [&]( Options& options )
            {
              options.methods = { Pipe, Ibb, S5b };
              if( tune )
                tune( options );
            } ),
      bot( *solo.bot )
  {
    teach( bot, method );
    solo.settle();
    solo.client.clear();
    method.onAccept = [this]( MethodOpening& opening ) { opening.ready( method.makeEnd() ); };
    offered = methods;
  }
  PipeReceiver( const PipeReceiver& ) = delete;
  PipeReceiver& operator=( const PipeReceiver& ) = delete;

  void accepted()
  {
    solo.feed( offerOf( offered ) );
    REQUIRE( bot.offers.size() == 1 );
    solo.client.clear();
  }
  void opened()
  {
    accepted();
    solo.set( "p1", pipeOpen() );
    REQUIRE( solo.said() == Gists{ "result p1" } );
    REQUIRE( bot.opens == 1 );
  }

  PipeMethod method;
  Words offered{};
  Receiver solo;
  Bot& bot;
};

/// Romeo's bot with the method, and juliet scripted.
struct PipeSender
{
  explicit PipeSender( Words methods = { Pipe, Ibb }, std::function<void( MethodOpening& )> onOpen = sendOut )
    : solo( [&]( Options& options ) { options.methods = methods; } ), bot( *solo.bot )
  {
    teach( bot, method );
    solo.settle();
    solo.client.clear();
    method.onOpen = std::move( onOpen );
    solo.accepted( methods );
  }
  PipeSender( const PipeSender& ) = delete;
  PipeSender& operator=( const PipeSender& ) = delete;

  std::string id() const { return solo.idOf( "<pipe " ); }

  PipeMethod method;
  Sender solo;
  Bot& bot;
};

} // namespace

TEST_CASE( "TC-208, PCU-5: a custom method between S5B and IBB that fails is abandoned once, and IBB follows", "[custom]" )
{
  PipePair p;
  std::size_t atJuliet = 1;
  SECTION( "the sender's side fails at once" )
  {
    p.romeo.onOpen = []( MethodOpening& opening ) { opening.failed( "no pipe" ); };
    atJuliet = 0;
  }
  SECTION( "the sender's side fails after the answer" )
  {
    p.romeo.onAnswer = []( MethodOpening& opening )
    {
      opening.failed( "leaks" );
      opening.failed( "leaks more" );
    };
  }
  SECTION( "the receiver's side fails" )
  {
    p.juliet.onAccept = []( MethodOpening& opening ) { opening.failed( "no pipe" ); };
  }
  SECTION( "the receiver has an answer in a foreign namespace" )
  {
    p.juliet.onAccept = [&]( MethodOpening& opening ) { opening.ready( p.juliet.makeEnd(), pipeElement( "x", "urn:example:other" ) ); };
  }
  SECTION( "the receiver has no stream" )
  {
    p.juliet.onAccept = []( MethodOpening& opening ) { opening.ready( nullptr ); };
  }
  REQUIRE( p.open() );
  CHECK( p.pair.romeo->stream().method() == Ibb );
  CHECK( p.pair.juliet->stream().method() == Ibb );
  CHECK( words( p.pair.romeo->attempts ) == Words{ "+s5b", "-s5b", "+urn:example:pipe", "-urn:example:pipe", "+ibb", "=ibb" } );
  CHECK( p.romeo.abandoned() == 1 );
  CHECK( p.juliet.abandoned() == atJuliet );
  REQUIRE( p.pair.romeo->stream().send( "in band" ) );
  REQUIRE( p.pair.until( [&] { return p.pair.juliet->received == "in band"; } ) );
  p.pair.romeo->stream().close();
  REQUIRE( p.pair.until( [&] { return !p.pair.romeo->ends.empty() && !p.pair.juliet->ends.empty(); } ) );
  p.pair.advance( 1h );
  CHECK( p.romeo.abandoned() == 1 );
  CHECK( p.juliet.abandoned() == atJuliet );
}

TEST_CASE( "TC-208, PCU-12: a side without a result is given up in time, abandoned once, and IBB follows", "[custom]" )
{
  PipePair p;
  const bool sender = GENERATE( true, false );
  if( sender )
    p.romeo.onAnswer = []( MethodOpening& ) {};
  else
    p.juliet.onAccept = []( MethodOpening& ) {};
  p.offer();
  p.pair.settle();
  CHECK( words( p.pair.romeo->attempts ).back() == "+urn:example:pipe" );
  const auto patience = sender ? 40s : 25s;
  p.pair.advance( patience - 1ms );
  CHECK( p.romeo.abandoned() == 0 );
  p.pair.advance( 1ms );
  REQUIRE( p.pair.until( [&] { return p.pair.romeo->opens == 1 && p.pair.juliet->stream().method() == Ibb; } ) );
  CHECK( p.pair.romeo->stream().method() == Ibb );
  CHECK( p.romeo.abandoned() == 1 );
  CHECK( p.juliet.abandoned() == 1 );   // NEG-24, where juliet had a candidate
  CHECK( p.pair.juliet->opens == 1 );
  if( sender )
    CHECK( p.juliet.carrier == Words{ "resume", "start", "abort", "destroyed" } );
}

TEST_CASE( "PCU-5, PCU-13: a custom method carries bytes both ways and is never abandoned", "[custom]" )
{
  PipePair p;
  REQUIRE( p.open() );
  for( auto* bot : { p.pair.romeo.get(), p.pair.juliet.get() } )
  {
    CHECK( bot->stream().method() == Pipe );
    CHECK( words( bot->attempts ).back() == "=urn:example:pipe" );
  }
  const std::string there( 100000, 'r' ), back( 50000, 'j' );
  REQUIRE( p.pair.romeo->stream().send( there ) );
  REQUIRE( p.pair.juliet->stream().send( back ) );
  REQUIRE( p.pair.until( [&] { return p.pair.juliet->received.size() == there.size() && p.pair.romeo->received.size() == back.size(); } ) );
  CHECK( p.pair.juliet->received == there );
  CHECK( p.pair.romeo->received == back );
  CHECK( p.pair.romeo->stream().bytesSent() == there.size() );
  CHECK( p.pair.romeo->stream().bytesQueued() == 0 );
  REQUIRE( p.romeo.log.size() == 2 );
  CHECK( p.romeo.log[0] == "open " + Juliet );
  CHECK( p.romeo.log[1] == "answer <pipe xmlns='urn:example:pipe' word='welcome'/>" );

  const bool romeoCloses = GENERATE( true, false );
  ( romeoCloses ? *p.pair.romeo : *p.pair.juliet ).stream().close();
  REQUIRE( p.pair.until( [&] { return !p.pair.romeo->ends.empty() && !p.pair.juliet->ends.empty(); } ) );
  CHECK( p.pair.romeo->cause() == ( romeoCloses ? "closed-local" : "closed-remote" ) );
  CHECK( p.pair.juliet->cause() == ( romeoCloses ? "closed-remote" : "closed-local" ) );
  CHECK( p.pair.romeo->ends.front().report.host == "pipe 1" );
  p.pair.advance( 1h );
  CHECK( p.romeo.abandoned() == 0 );
  CHECK( p.juliet.abandoned() == 0 );
  CHECK( p.romeo.carrier.back() == "destroyed" );
  CHECK( p.juliet.carrier.back() == "destroyed" );
  CHECK( std::count( p.romeo.carrier.begin(), p.romeo.carrier.end(), "abort" ) == 0 );
}

TEST_CASE( "PCU-5: what the application writes and closes as soon as it hears of the stream is not lost", "[custom]" )
{
  PipePair p;
  p.pair.romeo->onStream = []( MultiBytestream& stream )
  {
    CHECK( stream.send( "early" ) );
    stream.close();
  };
  p.offer();
  REQUIRE( p.pair.until( [&] { return !p.pair.romeo->ends.empty() && !p.pair.juliet->ends.empty(); } ) );
  CHECK( p.pair.juliet->received == "early" );
  CHECK( p.pair.romeo->cause() == "closed-local" );
  CHECK( p.romeo.carrier == Words{ "resume", "start", "write early", "close", "destroyed" } );
}

TEST_CASE( "PCU-12, W-38: the opening carries the session's sid and a random id, and only the peer's answer counts", "[custom]" )
{
  PipeSender romeo;
  romeo.method.onAnswer = [&]( MethodOpening& opening ) { opening.ready( romeo.method.makeEnd() ); };
  const auto sent = romeo.solo.sent( "<pipe " );
  REQUIRE( sent.size() == 1 );
  CHECK( sent[0] == "<iq to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard' id='" + romeo.id() + "' type='set' xmlns='jabber:client'>"
                    "<pipe xmlns='urn:example:pipe' word='out' sid='" + romeo.solo.sid + "'/></iq>" );
  CHECK( romeo.id().size() >= 16 );
  for( const auto* liar : { "mallory@montague.example/orchard", "juliet@capulet.example" } )
    romeo.solo.feed( fromPeer( liar, Romeo, "result", romeo.id() ) );
  CHECK( romeo.method.log.size() == 1 );
  romeo.solo.answer( romeo.id() );
  CHECK( romeo.method.log.back() == "answer -" );
  CHECK( romeo.bot.opens == 1 );
  CHECK( romeo.bot.stream().method() == Pipe );
}

TEST_CASE( "PCU-12: one opening is sent, in the method's namespace and by the initiator only", "[custom]" )
{
  PipeSender romeo;
  CHECK( romeo.solo.sent( "<pipe " ).size() == 1 );
  CHECK_FALSE( romeo.method.last->send( pipeElement( "again" ) ) );
  CHECK( romeo.solo.sent( "<pipe " ).size() == 1 );

  PipeReceiver juliet;
  juliet.method.onAccept = []( MethodOpening& opening ) { CHECK_FALSE( opening.send( pipeElement( "me, too" ) ) ); };
  juliet.accepted();
  juliet.solo.set( "p1", pipeOpen() );
  CHECK( juliet.method.log.size() == 1 );
  CHECK( juliet.solo.said().empty() );

  PipeSender other( { Pipe, Ibb }, []( MethodOpening& opening )
  {
    CHECK_FALSE( opening.send( nullptr ) );
    CHECK_FALSE( opening.send( pipeElement( "x", "urn:example:other" ) ) );
  } );
  CHECK( other.method.log.size() == 1 );
  CHECK( other.solo.sent( "<pipe " ).empty() );
}

TEST_CASE( "NEG-10, PCU-12: a method that is ready before the peer has agreed waits for that", "[custom]" )
{
  PipeSender romeo;
  romeo.method.last->ready( romeo.method.makeEnd() );
  romeo.solo.settle();
  CHECK( romeo.bot.opens == 0 );
  SECTION( "and is the stream then" )
  {
    romeo.solo.answer( romeo.id() );
    CHECK( romeo.bot.opens == 1 );
    CHECK( romeo.method.abandoned() == 0 );
  }
  SECTION( "or is thrown away" )
  {
    romeo.solo.answer( romeo.id(), "error", errorElement( "not-acceptable" ) );
    CHECK( romeo.bot.opens == 0 );
    CHECK( romeo.method.log == Words{ "open " + Juliet, "abandon" } );
    CHECK( romeo.method.carrier == Words{ "abort", "destroyed" } );
    CHECK( romeo.solo.sent( "<open " ).size() == 1 );
  }
}

TEST_CASE( "NEG-7, NEG-12, PCU-12: errors, late answers, cancel and disconnect leave one abandon behind", "[custom]" )
{
  PipeSender romeo;
  const auto id = romeo.id();
  SECTION( "the peer is gone" )
  {
    romeo.solo.answer( id, "error", errorElement( "recipient-unavailable" ) );
    CHECK( romeo.bot.cause() == "peer-unreachable" );
    CHECK( romeo.solo.sent( "<open " ).empty() );
  }
  SECTION( "no answer in time, and then a late one" )
  {
    romeo.solo.advance( 40s );
    CHECK( romeo.solo.sent( "<open " ).size() == 1 );
    romeo.solo.answer( id );
    CHECK( romeo.method.log.back() == "abandon" );
    CHECK( romeo.bot.opens == 0 );
  }
  SECTION( "cancel" )
  {
    romeo.bot.profile->cancel( gloox::JID( Juliet ), romeo.solo.sid );
    CHECK( romeo.bot.cause() == "cancelled-local" );
    romeo.solo.answer( id );
  }
  SECTION( "cancel from inside handleAnswer()" )
  {
    romeo.method.onAnswer = [&]( MethodOpening& opening )
    {
      romeo.bot.profile->cancel( gloox::JID( Juliet ), romeo.solo.sid );
      opening.ready( romeo.method.makeEnd() );
    };
    romeo.solo.answer( id );
    CHECK( romeo.bot.cause() == "cancelled-local" );
  }
  SECTION( "disconnect" )
  {
    romeo.solo.client.dropConnection();
    romeo.solo.settle();
    CHECK( romeo.bot.cause() == "disconnected" );
  }
  romeo.solo.advance( 1h );
  CHECK( romeo.method.abandoned() == 1 );
  CHECK( romeo.bot.opens == 0 );
}

TEST_CASE( "PCU-12, NEG-32: who was offered to opens nothing", "[custom]" )
{
  PipeSender romeo;
  romeo.solo.client.clear();
  romeo.solo.set( "p1", pipeOpen( romeo.solo.sid ) );
  CHECK( romeo.solo.said() == Gists{ "error p1 cancel not-acceptable" } );
  CHECK( romeo.method.log == Words{ "open " + Juliet } );
}

TEST_CASE( "PCU-12, GEN-3, GEN-8, SEC-2: an opening of a stranger or for no session never reaches the application", "[custom]" )
{
  PipeReceiver juliet( [owns = GENERATE( false, true )]( Options& options ) { options.ownsNamespaces = owns; } );
  juliet.accepted();
  std::string xml;
  SECTION( "another account" ) { xml = fromPeer( "mallory@montague.example/orchard", Juliet, "set", "p1", pipeOpen() ); }
  SECTION( "another resource" ) { xml = fromPeer( "romeo@montague.example/garden", Juliet, "set", "p1", pipeOpen() ); }
  SECTION( "another stream id" ) { xml = fromPeer( Romeo, Juliet, "set", "p1", pipeOpen( Sid + "x" ) ); }
  SECTION( "no stream id" ) { xml = fromPeer( Romeo, Juliet, "set", "p1", "<pipe xmlns='urn:example:pipe'/>" ); }
  SECTION( "nobody" ) { xml = withAttribute( fromPeer( Romeo, Juliet, "set", "p1", pipeOpen() ), "from", "" ); }
  SECTION( "a question" ) { xml = fromPeer( Romeo, Juliet, "get", "p1", pipeOpen() ); }
  juliet.solo.feed( xml );
  CHECK( juliet.solo.client.sent() == withoutPlugin( xml ) );
  CHECK( juliet.method.log.empty() );
}

TEST_CASE( "PCU-12, NEG-22, NEG-26, NEG-30, CLS-9: openings that come at the wrong time are refused and not shown", "[custom]" )
{
  PipeReceiver juliet;
  SECTION( "undecided" )
  {
    juliet.bot.onOffer = Bot::OnOffer::Wait;
    juliet.accepted();
    juliet.solo.set( "p1", pipeOpen() );
    CHECK( juliet.solo.said() == Gists{ "error p1 cancel not-acceptable" } );
    CHECK( juliet.method.log.empty() );
  }
  SECTION( "not in the list" )
  {
    juliet.offered = { Ibb };
    juliet.accepted();
    juliet.solo.set( "p1", pipeOpen() );
    CHECK( juliet.solo.said() == Gists{ "error p1 cancel not-acceptable" } );
    CHECK( juliet.method.log.empty() );
  }
  SECTION( "while the first is being worked on" )
  {
    juliet.method.onAccept = {};
    juliet.accepted();
    juliet.solo.set( "p1", pipeOpen() );
    juliet.solo.set( "p1", pipeOpen() );   // a retransmission
    CHECK( juliet.solo.said().empty() );
    juliet.solo.set( "p2", pipeOpen() );
    CHECK( juliet.solo.said() == Gists{ "error p2 cancel not-acceptable" } );
    juliet.method.last->ready( juliet.method.makeEnd(), pipeElement( "welcome" ) );
    CHECK( juliet.solo.sent().empty() );   // from the loop only
    juliet.solo.settle();
    CHECK( juliet.solo.sent() == Words{ "<iq to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony' id='p1' type='result' "
                                        "xmlns='jabber:client'><pipe xmlns='urn:example:pipe' word='welcome'/></iq>" } );
    CHECK( juliet.bot.opens == 1 );
    CHECK( juliet.method.log.size() == 1 );
  }
  SECTION( "after the end" )
  {
    juliet.opened();
    juliet.bot.stream().abort();
    juliet.solo.settle();
    juliet.solo.client.clear();
    juliet.solo.set( "p2", pipeOpen() );
    CHECK( juliet.solo.said() == Gists{ "error p2 cancel not-acceptable" } );
    CHECK( juliet.method.log.size() == 1 );
    CHECK( juliet.method.abandoned() == 0 );
  }
}

TEST_CASE( "NEG-23, NEG-24, PCU-5: a later opening takes the place of the custom method, which is abandoned once", "[custom]" )
{
  PipeReceiver juliet;
  SECTION( "while it works" )
  {
    juliet.method.onAccept = {};
    juliet.accepted();
    juliet.solo.set( "p1", pipeOpen() );
    juliet.solo.set( "i1", openElement() );
    CHECK( juliet.solo.said() == Gists{ "error p1 cancel item-not-found", "result i1" } );
  }
  SECTION( "as a candidate" )
  {
    juliet.opened();
    CHECK( juliet.bot.stream().method() == Pipe );
    juliet.solo.set( "i1", openElement() );
    CHECK( juliet.solo.said() == Gists{ "result i1" } );
    CHECK( juliet.method.carrier == Words{ "resume", "start", "abort", "destroyed" } );
  }
  CHECK( juliet.bot.stream().method() == Ibb );
  CHECK( juliet.bot.opens == 1 );
  CHECK( juliet.method.abandoned() == 1 );
  juliet.solo.advance( 1h );
  CHECK( juliet.method.abandoned() == 1 );
}

TEST_CASE( "CLS-6, CLS-10, PCU-5: whatever ends the session while the method is accepted, it is abandoned once and the opening answered once", "[custom]" )
{
  PipeMethod method;
  auto solo = std::make_unique<Receiver>( []( Options& options ) { options.methods = { Pipe, Ibb }; } );
  teach( *solo->bot, method );
  solo->settle();
  solo->feed( offerOf( { Pipe, Ibb } ) );
  solo->client.clear();
  solo->set( "p1", pipeOpen() );
  REQUIRE( method.last );
  SECTION( "cancel" )
  {
    solo->bot->profile->cancel( gloox::JID( Romeo ), Sid );
    CHECK( solo->said() == Gists{ "error p1 cancel not-acceptable" } );
  }
  SECTION( "the sender cancels" )
  {
    solo->set( "c1", closeElement() );
    CHECK( solo->said() == Gists{ "error p1 cancel item-not-found", "result c1" } );
  }
  SECTION( "the plugin goes" )
  {
    solo->bot.reset();
    CHECK( gists( solo->sent( "<iq" ), Romeo ) == Gists{ "error p1 cancel not-acceptable" } );
  }
  SECTION( "disconnect" )
  {
    solo->client.dropConnection();
    solo->settle();
    CHECK( solo->said().empty() );
  }
  if( solo->bot )
    solo->settle();
  CHECK( method.abandoned() == 1 );
  solo.reset();
  CHECK( method.abandoned() == 1 );
}

TEST_CASE( "PCU-13: what comes while the reader pauses is kept, up to a limit", "[custom]" )
{
  PipeReceiver juliet( []( Options& options ) { options.limits.readBuffer = 10; }, { Pipe } );
  juliet.opened();
  juliet.bot.stream().pause();
  CHECK( juliet.method.carrier.back() == "pause" );
  juliet.method.end->handler->handleCarrierData( "01234" );
  juliet.method.end->handler->handleCarrierData( "56789" );
  juliet.solo.settle();
  CHECK( juliet.bot.received.empty() );
  SECTION( "read again" )
  {
    juliet.bot.stream().resume();
    CHECK( juliet.bot.received.empty() );
    juliet.solo.settle();
    CHECK( juliet.bot.received == "0123456789" );
    CHECK( juliet.bot.ends.empty() );
  }
  SECTION( "the end waits for the rest to be read" )
  {
    juliet.method.end->handler->handleCarrierEnd();
    juliet.solo.settle();
    CHECK( juliet.bot.ends.empty() );
    juliet.bot.stream().resume();
    juliet.solo.settle();
    CHECK( juliet.bot.received == "0123456789" );
    CHECK( juliet.bot.cause() == "closed-remote" );
    CHECK( juliet.method.carrier == Words{ "resume", "start", "pause", "destroyed" } );
  }
  SECTION( "too much" )
  {
    juliet.method.end->handler->handleCarrierData( "x" );
    juliet.solo.settle();
    CHECK( juliet.bot.cause() == "limit-exceeded" );
    CHECK( juliet.method.carrier == Words{ "resume", "start", "pause", "abort", "destroyed" } );
  }
}

TEST_CASE( "PCU-13, NEG-11: a carrier that breaks ends the session, and bytes that stay behind are an error", "[custom]" )
{
  PipeReceiver juliet( {}, { Pipe } );
  juliet.opened();
  SECTION( "it breaks" )
  {
    juliet.method.end->handler->handleCarrierData( "last words" );
    juliet.method.end->handler->handleCarrierEnd( "the pipe burst" );
    juliet.method.end->handler->handleCarrierData( "from the grave" );
    CHECK( juliet.bot.ends.empty() );   // from the loop only
    juliet.solo.settle();
    CHECK( juliet.bot.received == "last words" );
    CHECK( juliet.bot.cause() == "io-error" );
    CHECK( juliet.bot.ends.front().text == "the pipe burst" );
  }
  SECTION( "nothing leaves any more" )
  {
    juliet.method.end->moves = false;
    REQUIRE( juliet.bot.stream().send( "stuck" ) );
    CHECK( juliet.bot.stream().bytesQueued() == 5 );
    juliet.bot.stream().close();
    juliet.solo.advance( 59s );
    juliet.method.end->handler->handleCarrierWritten( 1 );
    juliet.solo.settle();
    juliet.solo.advance( 60s - 1ms );
    CHECK( juliet.bot.ends.empty() );
    juliet.solo.advance( 1ms );
    CHECK( juliet.bot.cause() == "io-error" );
    CHECK( juliet.method.carrier == Words{ "resume", "start", "write stuck", "close", "abort", "destroyed" } );
  }
  SECTION( "closed with bytes left" )
  {
    juliet.method.end->moves = false;
    REQUIRE( juliet.bot.stream().send( "stuck" ) );
    juliet.bot.stream().close();
    juliet.method.end->handler->handleCarrierWritten( 4 );
    juliet.method.end->handler->handleCarrierClosed();
    juliet.solo.settle();
    CHECK( juliet.bot.cause() == "io-error" );
    CHECK( juliet.bot.ends.front().text == "1 bytes could not be sent" );
  }
  SECTION( "more was reported than there was" )
  {
    juliet.method.end->moves = false;
    REQUIRE( juliet.bot.stream().send( "abc" ) );
    juliet.method.end->handler->handleCarrierWritten( static_cast<std::size_t>( -1 ) );
    juliet.method.end->handler->handleCarrierWritten( 5 );
    juliet.solo.settle();
    CHECK( juliet.bot.stream().bytesQueued() == 0 );
    CHECK( juliet.bot.stream().bytesSent() == 3 );
  }
  SECTION( "abort" )
  {
    juliet.bot.stream().abort();
    juliet.solo.settle();
    CHECK( juliet.bot.cause() == "closed-local" );
    CHECK( juliet.method.carrier == Words{ "resume", "start", "abort", "destroyed" } );
  }
  CHECK( juliet.method.abandoned() == 0 );
}

TEST_CASE( "CLS-7: a carrier lives on without the XMPP connection if it says so", "[custom]" )
{
  const bool outlives = GENERATE( true, false );
  PipeReceiver juliet( {}, { Pipe } );
  juliet.method.onAccept = [&]( MethodOpening& opening ) { opening.ready( juliet.method.makeEnd( outlives ) ); };
  juliet.opened();
  juliet.solo.client.dropConnection();
  juliet.solo.settle();
  if( outlives )
  {
    CHECK( juliet.bot.ends.empty() );
    juliet.method.end->handler->handleCarrierData( "still here" );
    juliet.solo.settle();
    CHECK( juliet.bot.received == "still here" );
  }
  else
  {
    CHECK( juliet.bot.cause() == "disconnected" );
    CHECK( juliet.method.carrier == Words{ "resume", "start", "abort", "destroyed" } );
  }
}

TEST_CASE( "PCU-11: a method needs a name of its own, and comes before enable()", "[custom]" )
{
  ScriptedClient client( Juliet );
  auto options = testOptions( std::make_shared<ManualClock>() );
  options.methods = { Pipe, Ibb };
  ProfileOptions profileOptions;
  profileOptions.noteNamespace = "urn:example:notes";
  Bot bot( client.client(), options, profileOptions );
  CHECK( bot.manager.problem() == "unknown method: urn:example:pipe" );
  PipeMethod bad, good, twice, late;
  for( const auto& name : { std::string(), std::string( "http://jabber.org/protocol/si" ), std::string( "http://telepathy.freedesktop.org/xmpp/si-multiple" ), S5b, Ibb,
                            std::string( "two words" ), std::string( 257, 'x' ), std::string( "urn:example:notes" ) } )
  {
    CAPTURE( name );
    bad.ns = name;
    CHECK_FALSE( bot.manager.registerMethod( bad ) );
  }
  CHECK( bot.manager.registerMethod( good ) );
  CHECK_FALSE( bot.manager.registerMethod( twice ) );
  CHECK( bot.manager.problem().empty() );
  // PCU-7, the other way round.
  ProfileOptions clash;
  clash.noteNamespace = Pipe;
  const SIProfileMultiple profile( bot.manager, "urn:example:profile", bot, clash );
  CHECK_FALSE( profile.valid() );
  REQUIRE( bot.manager.enable() );
  late.ns = "urn:example:late";
  CHECK_FALSE( bot.manager.registerMethod( late ) );
}

TEST_CASE( "ADV-1, SI-2, SIM-15, SEC-16: a custom method is offered and listed as far as it is available and policy allows", "[custom]" )
{
  const auto privacy = GENERATE( Privacy::Any, Privacy::NoLocal, Privacy::ProxyOnly, Privacy::IbbOnly );
  const bool usable = GENERATE( true, false ), anyPrivacy = GENERATE( false, true );
  const bool there = usable && privacy != Privacy::IbbOnly && ( privacy == Privacy::Any || anyPrivacy );
  PipeMethod method;
  method.usable = usable;
  method.anyPrivacy = anyPrivacy;
  Receiver juliet( [&]( Options& options )
  {
    options.methods = { Pipe, Ibb };
    options.privacy = privacy;
  } );
  teach( *juliet.bot, method );
  juliet.settle();
  juliet.client.clear();
  juliet.feed( fromPeer( Romeo, Juliet, "get", "disco", "<query xmlns='http://jabber.org/protocol/disco#info'/>" ) );
  CHECK( ( juliet.client.sent().find( "<feature var='urn:example:pipe'/>" ) != std::string::npos ) == there );
  juliet.client.clear();
  juliet.feed( offerOf( { Pipe, Ibb } ) );
  CHECK( ( juliet.client.sent().find( "<value>urn:example:pipe</value>" ) != std::string::npos ) == there );
  juliet.client.clear();
  REQUIRE_FALSE( juliet.bot->offer( Romeo ).empty() );
  CHECK( ( juliet.client.sent().find( "<option><value>urn:example:pipe</value></option>" ) != std::string::npos ) == there );
}

TEST_CASE( "PCU-12, CMP-1: a component opens and answers with the session's JID", "[custom][component]" )
{
  ScriptedComponent entity( "svc.example" );
  auto options = testOptions( std::make_shared<ManualClock>() );
  options.methods = { Pipe, Ibb };
  PipeMethod method;
  Bot bot( entity.base(), options );
  teach( bot, method );
  const auto feed = [&]( const std::string& xml )
  {
    entity.feed( xml );
    settle( { &bot }, {} );
  };
  method.onAccept = [&]( MethodOpening& opening ) { opening.ready( method.makeEnd() ); };
  method.onOpen = sendOut;
  feed( offerOf( { Pipe }, Sid, true, "o1", Romeo, "u@svc.example/ft" ) );
  entity.clear();
  feed( fromPeer( Romeo, "u@svc.example/ft", "set", "p1", pipeOpen() ) );
  REQUIRE( entity.stanzas().size() == 1 );
  CHECK( attribute( entity.stanzas()[0], "from" ) == "u@svc.example/ft" );
  CHECK( attribute( entity.stanzas()[0], "type" ) == "result" );
  entity.clear();

  OfferOptions from;
  from.from = gloox::JID( "v@svc.example/ft" );
  REQUIRE_FALSE( bot.offer( Romeo, from ).empty() );
  feed( listAnswer( attribute( entity.stanzas().at( 0 ), "id" ), { Pipe }, Romeo, "v@svc.example/ft" ) );
  REQUIRE( entity.stanzas().size() == 2 );
  CHECK( attribute( entity.stanzas()[1], "from" ) == "v@svc.example/ft" );
}
