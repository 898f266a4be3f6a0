// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "measure.h"
#include "wired.h"

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>
#include <gloox-si-multiple/siprofilemultiplehandler.h>

#include <gloox/bytestreamdatahandler.h>
#include <gloox/tag.h>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench
{

/// One end of all sessions: a bot with the plugin that accepts everything and keeps its streams.
class End final : public simultiple::SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    using Stream = std::shared_ptr<simultiple::MultiBytestream>;

    End( const std::string& jid, bool component, const simultiple::Options& options, const std::string& profileName = "urn:example:bench" )
      : entity( jid, component ), manager( entity.base(), options ), profile( manager, profileName, *this, profileOptions() )
    {
      if( !manager.enable() )
        throw std::runtime_error( manager.problem() );
    }

    /** One call of process(), timed. */
    void work()
    {
      const auto begin = SteadyClock::now();
      manager.process();
      longest = std::max( longest, since( begin ) );
    }

    Entity entity;
    simultiple::SIMultipleManager manager;
    simultiple::SIProfileMultiple profile;

    std::function<void( const Stream& )> onOpen{};
    std::function<void( simultiple::MultiBytestream&, std::size_t bytes )> onData{};
    std::vector<Stream> streams{};
    bool keep = true;          ///< Keep the streams
    std::size_t opened = 0;
    std::size_t ended = 0;
    std::size_t failed = 0;    ///< Ended otherwise than by a close
    std::string problem{};     ///< The newest failure
    double longest = 0;        ///< Seconds that one process() took

  private:
    static simultiple::ProfileOptions profileOptions()
    {
      simultiple::ProfileOptions options;
      options.childRequired = false;
      return options;
    }

    void handleOffer( const simultiple::Offer& offer ) override { profile.accept( offer ); }
    void handleStream( Stream stream ) override
    {
      ++opened;
      stream->registerBytestreamDataHandler( this );
      if( keep )
        streams.push_back( stream );
      if( onOpen )
        onOpen( stream );
    }
    void handleEnd( const std::string&, const gloox::JID&, simultiple::Cause cause, const std::string& text, const simultiple::Report& ) override
    {
      ++ended;
      if( cause == simultiple::Cause::ClosedLocal || cause == simultiple::Cause::ClosedRemote )
        return;
      ++failed;
      problem = simultiple::causeText( cause ) + std::string( ": " ) + text;
    }
    void handleLimit( const gloox::JID&, const std::string& what ) override { problem = "limit: " + what; }

    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override
    {
      if( onData )
        onData( static_cast<simultiple::MultiBytestream&>( *stream ), data.size() );
    }
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}
};

/** @return Options for very many sessions by one method over loopback. */
inline simultiple::Options manySessions( const std::string& method )
{
  simultiple::Options options;
  options.methods = { method };
  options.proxies.discover = false;
  options.listen.address = "127.0.0.1";
  options.listen.handshakes = 1000000;
  options.streamHosts.allow = { "127.0.0.0/8" };
  auto& limits = options.limits;
  limits.offersPerPeer = limits.offers = limits.sessions = limits.sessionsPerPeer = limits.sessionsPerDomain = 1000000;
  limits.queries = limits.queriesPerPeer = 1000000;
  return options;
}

/// Two ends joined by a wire, on clients or on components; on components each session has a pair of JIDs of its own.
class Ends final
{
  public:
    Ends( bool component, const simultiple::Options& options )
      : a( component ? "a.example" : "a@wired.example/a", component, options ), b( component ? "b.example" : "b@wired.example/b", component, options ),
        m_component( component )
    {
      join( a.entity, b.entity );
      settle();
    }

    /** The next session, offered by a. @return false: see a.problem. */
    bool offer()
    {
      const auto number = std::to_string( m_offered++ );
      simultiple::OfferOptions options;
      if( m_component )
        options.from = gloox::JID( "u" + number + "@a.example/r" );
      const auto result = a.profile.offer( gloox::JID( m_component ? "v" + number + "@b.example/r" : "b@wired.example/b" ), nullptr, options );
      if( !result )
        a.problem = result.problem;
      return static_cast<bool>( result );
    }

    /** Delivers as much as one read brings and lets both ends work. @return Whether a stanza moved. */
    bool turn()
    {
      auto moved = a.entity.wire().deliver( PerTurn );
      a.work();
      moved += b.entity.wire().deliver( PerTurn );
      b.work();
      return moved > 0 || a.entity.wire().waiting() > 0;
    }

    /** Waits for sockets and deadlines. @return Whether a socket is ready. */
    bool wait( std::chrono::milliseconds most )
    {
      for( const End* end : { &a, &b } )
        if( const auto deadline = end->manager.nextDeadline() )
          most = std::min( most, *deadline );
      pollfd descriptors[] = { { a.manager.pollDescriptors().front().fd, POLLIN, 0 }, { b.manager.pollDescriptors().front().fd, POLLIN, 0 } };
      return ::poll( descriptors, 2, static_cast<int>( most.count() ) ) > 0;
    }

    /** @return false if @a done did not come true within @a seconds. */
    template <typename Done>
    bool until( Done done, double seconds = 600 )
    {
      const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>( seconds );
      while( !done() )
      {
        if( !turn() && !done() )
          (void)wait( std::chrono::milliseconds( 100 ) );
        if( std::chrono::steady_clock::now() > end )
          return false;
      }
      return true;
    }

    /** Until nothing moves any more. */
    void settle()
    {
      while( turn() || wait( std::chrono::milliseconds( 0 ) ) )
      {
      }
    }

    /** Offers until @a count sessions are open at both ends, at most @a inFlight at once being negotiated. */
    bool open( std::size_t count, std::size_t inFlight )
    {
      std::size_t offered = 0;
      return until( [&]
      {
        bool fine = true;
        while( fine && offered < count && offered - std::min( a.opened, b.opened ) < inFlight )
          offered += ( fine = offer() ) ? 1U : 0U;
        return !fine || ( a.opened >= count && b.opened >= count ) || a.failed + b.failed > 0;
      } ) && b.opened >= count && a.failed + b.failed == 0;
    }

    End a;
    End b;

  private:
    static constexpr std::size_t PerTurn = 8192;   ///< Bytes: what gloox reads at a time from a real connection
    bool m_component;
    std::size_t m_offered = 0;
};

} // namespace bench
