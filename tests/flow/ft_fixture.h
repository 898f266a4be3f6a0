// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "flow/inband_fixture.h"

#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultipleft.h>

#include <gloox/bytestreamdatahandler.h>
#include <gloox/error.h>
#include <gloox/iq.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreamserver.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Bots that were written for gloox::SIProfileFT: they let work what gloox asks them to, which is client.recv() (here: what a test feeds), bs->recv() and
// server->recv(), and nothing else.

namespace simultiple::test::filing
{

using FT = SIProfileMultipleFT;
using Stock = gloox::SIProfileFT;

/// One such bot, with either type of profile.
template<typename Profile>
class FtBot final : public gloox::SIProfileFTHandler, public gloox::BytestreamDataHandler
{
  public:
    struct Request
    {
      gloox::JID from;
      gloox::JID to;
      std::string sid;
      std::string name;
      long size;
      std::string hash;
      std::string date;
      std::string mimeType;
      std::string desc;
      int types;
    };
    struct Refusal
    {
      gloox::StanzaError condition;
      std::string sid;
      gloox::JID from;
      std::string text;
    };

    template<typename First, typename... More>
    explicit FtBot( First&& client, More&&... more ) : profile( std::make_unique<Profile>( std::forward<First>( client ), this, std::forward<More>( more )... ) )
    {
    }

    // ---- what it does
    std::function<void( const Request& )> onRequest{};   ///< Empty: accepts with @a type
    typename Profile::StreamType type = Profile::FTTypeS5B;
    std::function<void( const std::string& what )> on{};   ///< Inside each callback, by its word in @a heard
    std::unique_ptr<gloox::SOCKS5BytestreamServer> server{};
    std::unique_ptr<Profile> profile;

    /** Its own SOCKS5 server on loopback, registered and offered. */
    void serve( gloox::ClientBase& client )
    {
      server = std::make_unique<gloox::SOCKS5BytestreamServer>( client.logInstance(), 0, "127.0.0.1" );
      REQUIRE( server->listen() == gloox::ConnNoError );
      profile->registerSOCKS5BytestreamServer( server.get() );
      profile->addStreamHost( client.jid(), "127.0.0.1", server->localPort() );
    }

    /** One turn of its loop without client.recv(). */
    void pump()
    {
      if( server )
        (void)server->recv( 1 );
      for( auto* one : std::vector<gloox::Bytestream*>( streams ) )
        if( std::find( streams.begin(), streams.end(), one ) != streams.end() )
          (void)one->recv( 1 );
    }

    /** @return The newest stream; there must be one. */
    [[nodiscard]] gloox::Bytestream& stream() { return *streams.back(); }
    [[nodiscard]] int times( const std::string& what ) const { return static_cast<int>( std::count( heard.begin(), heard.end(), what ) ); }

    // ---- what it heard
    std::vector<Request> requests{};
    std::vector<Refusal> refusals{};            ///< handleFTRequestError()
    std::vector<gloox::Bytestream*> streams{};  ///< Not disposed of
    std::vector<gloox::StanzaError> broken{};   ///< handleBytestreamError()
    std::vector<std::string> heard{};           ///< request, refused, stream, open, data, ack, broken, close
    std::string received{};

  private:
    void hear( const std::string& what )
    {
      heard.push_back( what );
      if( on )
        on( what );
    }

    void handleFTRequest( const gloox::JID& from, const gloox::JID& to, const std::string& sid, const std::string& name, long size, const std::string& hash,
                          const std::string& date, const std::string& mimeType, const std::string& desc, int types ) override
    {
      requests.push_back( { from, to, sid, name, size, hash, date, mimeType, desc, types } );
      const auto request = requests.back();
      hear( "request" );
      if( onRequest )
        onRequest( request );
      else if( profile )
        profile->acceptFT( from, sid, type );
    }
    void handleFTRequestError( const gloox::IQ& iq, const std::string& sid ) override
    {
      REQUIRE( iq.error() );
      REQUIRE( iq.subtype() == gloox::IQ::Error );
      refusals.push_back( { iq.error()->error(), sid, iq.from(), iq.error()->text() } );
      hear( "refused" );
    }
    void handleFTBytestream( gloox::Bytestream* made ) override
    {
      streams.push_back( made );
      made->registerBytestreamDataHandler( this );
      if( std::is_same_v<Profile, FT> )   // gloox's own is open already where its server took a connection
        CHECK_FALSE( made->isOpen() );
      CHECK( made->connect() );
      hear( "stream" );
    }
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override
    {
      FAIL( "nobody offers this" );
      return {};
    }

    void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override
    {
      received += data;
      hear( "data" );
    }
    void handleBytestreamDataAck( gloox::Bytestream* ) override { hear( "ack" ); }
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& iq ) override
    {
      broken.push_back( iq.error() ? iq.error()->error() : gloox::StanzaErrorUndefined );
      hear( "broken" );
    }
    void handleBytestreamOpen( gloox::Bytestream* ) override { hear( "open" ); }
    void handleBytestreamClose( gloox::Bytestream* ) override { hear( "close" ); }
};

using Heard = std::vector<std::string>;

/** Lets @a turn work until @a done. @return false if that did not happen within ten seconds. */
inline bool untilDone( const std::function<void()>& turn, const std::function<bool()>& done )
{
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds( 10 );
  while( !done() )
  {
    if( std::chrono::steady_clock::now() > end )
      return false;
    turn();
  }
  return true;
}

/// One bot with our profile and a scripted peer.
struct FtSolo
{
  explicit FtSolo( const std::string& jid, const std::function<void( Options& )>& tune = {} )
    : client( jid ), bot( std::make_unique<FtBot<FT>>( &client.client(), options( tune ) ) )
  {
    client.clear();
  }

  Options options( const std::function<void( Options& )>& tune ) const
  {
    auto made = testOptions( clock );
    if( tune )
      tune( made );
    return made;
  }

  /** The bot's client.recv(). */
  void feed( const std::string& xml ) { client.feed( xml ); }
  bool until( const std::function<bool()>& done )
  {
    return untilDone( [this] { bot->pump(); }, done );
  }
  void pump()
  {
    for( int turn = 0; turn < 20; ++turn )
      bot->pump();
  }
  void advance( std::chrono::milliseconds by )
  {
    clock->advance( by );
    bot->profile->process();
    pump();
  }
  [[nodiscard]] std::vector<std::string> sent( const std::string& text ) const
  {
    std::vector<std::string> found;
    for( auto& stanza : client.stanzas() )
      if( stanza.find( text ) != std::string::npos )
        found.push_back( stanza );
    return found;
  }
  [[nodiscard]] std::string idOf( const std::string& text ) const
  {
    const auto found = sent( text );
    return found.empty() ? std::string() : attribute( found.back(), "id" );
  }
  /** @return What was sent to @a peer since the last call, in short. */
  [[nodiscard]] Gists said( const std::string& peer, const std::string& sid = Sid )
  {
    auto all = gists( sent( "<iq" ), peer, sid );
    client.clear();
    return all;
  }
  /** Offers 15 bytes to juliet, who accepts with these methods. @return The sid. */
  std::string offered( const std::vector<std::string>& methods = { Ibb }, int types = FT::FTTypeAll )
  {
    const auto sid = bot->profile->requestFT( gloox::JID( Juliet ), "letter.txt", 15, "", "", "", "", types );
    REQUIRE_FALSE( sid.empty() );
    feed( listAnswer( idOf( "http://jabber.org/protocol/si" ), methods ) );
    return sid;
  }
  /** And opens in-band. */
  std::string opened()
  {
    const auto sid = offered();
    feed( fromPeer( Juliet, Romeo, "result", idOf( "<open" ) ) );
    REQUIRE( bot->heard == Heard{ "stream", "open" } );
    client.clear();
    return sid;
  }
  /** As receiver: romeo has offered and opens in-band. */
  void taken()
  {
    bot->type = FT::FTTypeIBB;
    feed( offerOf( { Ibb } ) );
    feed( fromPeer( Romeo, Juliet, "set", "open1", openElement() ) );
    REQUIRE( bot->heard == Heard{ "request", "stream", "open" } );
    client.clear();
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  ScriptedClient client;
  std::unique_ptr<FtBot<FT>> bot;
};

/** @return What the profile of a bot with type @a Profile wants beside client and handler. */
template<typename Profile>
std::unique_ptr<FtBot<Profile>> makeFtBot( gloox::ClientBase& client, const Options& options )
{
  if constexpr( std::is_same_v<Profile, FT> )
    return std::make_unique<FtBot<Profile>>( &client, options );
  else
    return std::make_unique<FtBot<Profile>>( &client );
}

/// Two such bots on one hub: romeo with one type of profile, juliet with another.
template<typename Sender, typename Receiver>
struct FtPair
{
  explicit FtPair( const std::function<void( Options& sender, Options& receiver )>& tune = {} )
    : romeoClient( hub.join( Romeo ) ), julietClient( hub.join( Juliet ) )
  {
    auto sender = testOptions( clock ), receiver = testOptions( clock );
    if( tune )
      tune( sender, receiver );
    romeo = makeFtBot<Sender>( romeoClient.client(), sender );
    juliet = makeFtBot<Receiver>( julietClient.client(), receiver );
  }

  void turn()
  {
    (void)hub.run( 20 );
    romeo->pump();
    juliet->pump();
  }
  bool until( const std::function<bool()>& done )
  {
    return untilDone( [this] { turn(); }, done );
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedClient& romeoClient;
  ScriptedClient& julietClient;
  std::unique_ptr<FtBot<Sender>> romeo;
  std::unique_ptr<FtBot<Receiver>> juliet;
};

} // namespace simultiple::test::filing

// A namespace of its own, because all test files become one program and other fixtures use the same plain names.
namespace simultiple::test
{
using namespace filing;
} // namespace simultiple::test
