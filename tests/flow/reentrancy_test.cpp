// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bots that call everything from inside every callback. The sanitizers are half of these tests; the other half is GEN-10.

#include "flow/inband_fixture.h"

#include <map>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

enum class Where { Offer, Accepted, Attempt, Stream, Open, Data, Writable, End, Close };
enum class Call { Send, Close, Abort, Cancel, CancelAll, OfferAgain, Disable, DisableEnable, Process, Recv, PauseResume, AcceptAgain, SendAbort };

/// Calls one thing from one callback, each time it comes.
class Meddler final : public SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    Meddler( gloox::ClientBase& client, const Options& options, Where w, Call c )
      : manager( client, options ), profile( manager, Profile, *this ), where( w ), call( c )
    {
    }

    void offer( const std::string& to )
    {
      peer = gloox::JID( to );
      if( const auto result = profile.offer( peer, fileChild() ) )
        ++begun[last = result.sid];
    }

    SIMultipleManager manager;
    SIProfileMultiple profile;
    Where where;
    Call call;
    bool armed = false;
    gloox::JID peer{};
    std::string last{};
    Offer lastOffer{};
    std::shared_ptr<MultiBytestream> stream{};
    std::map<std::string, int> begun{};
    std::map<std::string, int> ended{};
    std::map<std::string, int> opened{};
    int calls = 0;
    bool afterEnd = false;   ///< Something came for a session that was over

  private:
    void at( Where here )
    {
      if( !armed || here != where || calls > 5 )
        return;
      ++calls;
      switch( call )
      {
        case Call::Send:
          if( stream )
            (void)stream->send( std::string( 5000, 'm' ) );
          break;
        case Call::Close:
          if( stream )
            stream->close();
          break;
        case Call::Abort:
          if( stream )
            stream->abort();
          break;
        case Call::SendAbort:
          if( stream )
          {
            (void)stream->send( std::string( 50000, 'm' ) );
            stream->close();
            stream->abort();
          }
          break;
        case Call::Cancel: (void)profile.cancel( peer, last ); break;
        case Call::CancelAll:
          for( const auto& one : begun )
            (void)profile.cancel( peer, one.first );
          break;
        case Call::OfferAgain: offer( peer.full() ); break;
        case Call::Disable: manager.disable(); break;
        case Call::DisableEnable:
          manager.disable();
          (void)manager.enable();
          break;
        case Call::Process: manager.process(); break;
        case Call::Recv:
          if( stream )
            (void)stream->recv( 0 );
          break;
        case Call::PauseResume:
          if( stream )
          {
            stream->pause();
            stream->resume();
          }
          break;
        case Call::AcceptAgain:
          (void)profile.accept( lastOffer );
          (void)profile.decline( lastOffer );
          break;
      }
    }

    void handleOffer( const Offer& offer ) override
    {
      lastOffer = offer;
      peer = offer.peer;
      last = offer.sid;
      ++begun[offer.sid];
      at( Where::Offer );
      (void)profile.accept( offer );
    }
    bool handleAccepted( const std::string& sid, const gloox::JID&, Dialect, const std::vector<std::string>&, const gloox::Tag& ) override
    {
      check( sid );
      at( Where::Accepted );
      return true;
    }
    void handleStream( std::shared_ptr<MultiBytestream> fresh ) override
    {
      check( fresh->sid() );
      ++opened[fresh->sid()];
      stream = fresh;
      last = fresh->sid();
      stream->registerBytestreamDataHandler( this );
      stream->setWritableCallback( [this] { at( Where::Writable ); } );
      at( Where::Stream );
    }
    void handleAttempt( const Attempt& attempt ) override
    {
      check( attempt.sid );
      at( Where::Attempt );
    }
    void handleEnd( const std::string& sid, const gloox::JID&, Cause, const std::string&, const Report& ) override
    {
      check( sid );
      ++ended[sid];
      at( Where::End );
    }
    void check( const std::string& sid ) { afterEnd = afterEnd || ended.count( sid ) > 0; }

    void handleBytestreamData( gloox::Bytestream* s, const std::string& ) override
    {
      check( s->sid() );
      at( Where::Data );
    }
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* s ) override
    {
      check( s->sid() );
      (void)static_cast<MultiBytestream*>( s )->send( std::string( 9000, 'o' ) );
      at( Where::Open );
    }
    void handleBytestreamClose( gloox::Bytestream* s ) override
    {
      check( s->sid() );
      at( Where::Close );
    }
};

} // namespace

TEST_CASE( "TC-163, GEN-10: whatever is called from whichever callback, each session opens at most once and ends exactly once", "[reentrancy]" )
{
  const auto where = GENERATE( Where::Offer, Where::Accepted, Where::Attempt, Where::Stream, Where::Open, Where::Data, Where::Writable, Where::End, Where::Close );
  const bool sender = GENERATE( true, false );
  const auto method = GENERATE( std::string( "both" ), Ibb );
  for( int what = 0; what <= static_cast<int>( Call::SendAbort ); ++what )
  {
    INFO( "in callback " << static_cast<int>( where ) << " call " << what << " as " << ( sender ? "sender" : "receiver" ) << " with " << method );
    auto clock = std::make_shared<ManualClock>();
    Hub hub( "capulet.example" );
    auto& romeoClient = hub.join( Romeo );
    auto& julietClient = hub.join( Juliet );
    auto options = testOptions( clock );
    options.limits.writeBuffer = 8000;
    if( method == Ibb )
      options.methods = { Ibb };
    Meddler romeo( romeoClient.client(), options, where, static_cast<Call>( what ) );
    Meddler juliet( julietClient.client(), options, where, static_cast<Call>( what ) );
    ( sender ? romeo : juliet ).armed = true;
    REQUIRE( romeo.manager.enable() );
    REQUIRE( juliet.manager.enable() );
    const auto work = [&]
    {
      for( int quiet = 0; quiet < 3; )
      {
        const bool moved = hub.run() > 0 || romeo.manager.nextDeadline() == 0ms || juliet.manager.nextDeadline() == 0ms;
        romeo.manager.process();
        juliet.manager.process();
        quiet = moved ? 0 : quiet + 1;
      }
    };
    romeo.offer( Juliet );
    work();
    for( auto* one : { &romeo, &juliet } )
      if( one->stream )
        one->stream->close();
    work();
    for( int again = 0; again < 8; ++again )   // cancelling may bring new offers about, a few times
    {
      for( auto* one : { &romeo, &juliet } )
        for( const auto& session : std::map<std::string, int>( one->begun ) )
          (void)one->profile.cancel( one->peer, session.first );
      work();
    }
    for( int i = 0; i < 4; ++i )
    {
      clock->advance( 1h );
      work();
    }
    for( const auto* one : { &romeo, &juliet } )
    {
      CHECK_FALSE( one->afterEnd );
      for( const auto& session : one->begun )
      {
        const auto ends = one->ended.find( session.first );
        CHECK( session.second == 1 );
        CHECK( ( ends != one->ended.end() && ends->second == 1 ) );
      }
      for( const auto& session : one->opened )
        CHECK( session.second == 1 );
      CHECK( one->ended.size() == one->begun.size() );
      CHECK( one->manager.sessions() == 0 );
    }
  }
}

TEST_CASE( "GEN-10: a bot in a stream's recv() may let go of the stream when it ends", "[reentrancy]" )
{
  streaming::Receiver juliet;
  juliet.opened();
  bool letGo = false;
  juliet.bot->onEnd = [&]( const Bot::End& )
  {
    juliet.bot->streams.clear();
    letGo = true;
  };
  juliet.client.feed( streaming::fromPeer( Romeo, Juliet, "set", "c1", streaming::closeElement() ) );
  auto* const stream = juliet.bot->streams.back().get();
  CHECK( stream->recv( 0 ) == gloox::ConnNotConnected );
  CHECK( letGo );
}
