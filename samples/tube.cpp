// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// si-multiple-tube: carries TCP connections through a Telepathy stream tube. One side shares a server, the other joins.

#include <gloox-si-multiple/simultiplemanager.h>

#include "support/connection.h"
#include "support/interrupt.h"
#include "support/loop.h"
#include "support/start.h"
#include "support/tcp.h"
#include "support/tcppump.h"
#include "support/text.h"
#include "support/tubesprofile.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace
{

using namespace sample;
using simultiple::Cause;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t MaxConnections = 64;         // that we open; further ones wait in the listener's queue
constexpr std::size_t MaxSessions = 128;           // with one peer: those, and room for what is ending
constexpr std::size_t WriteBuffer = 262144;        // for each stream
constexpr Milliseconds ListenAgain{ 1000 };        // after the system had no more descriptors for us
constexpr Milliseconds FarewellTime{ 2000 };

const char* endText( TubeEnd how )
{
  switch( how )
  {
    case TubeEnd::Local: return "local";
    case TubeEnd::Remote: return "remote";
    case TubeEnd::Refused: return "refused";
    case TubeEnd::PeerGone: return "peer-gone";
    case TubeEnd::Disconnected: return "disconnected";
  }
  return "";
}

simultiple::Options libraryOptions( const Settings& settings )
{
  simultiple::Options options = settings.options;
  options.limits.sessionsPerPeer = MaxSessions;
  options.limits.writeBuffer = WriteBuffer;
  return options;
}

/// What both sides do: be online, and pump.
class Carrier : public TubesHandler
{
  public:
    Carrier( const Settings& settings, Reporter& reporter, std::function<bool( const gloox::JID& )> knows );

    /**
     * Until the tube is closed, a signal comes or the connection is lost.
     * @return How it went. A connection that failed matters only if none worked: otherwise it is the business of whoever made it.
     */
    [[nodiscard]] ExitStatus run();

    // reimplemented from TubesHandler
    void handleTube( const Tube& tube ) override { m_tubes.close( tube ); }
    void handleTubeStream( const Tube& tube, std::shared_ptr<simultiple::MultiBytestream> stream ) override;
    void handleTubeStreamEnd( const Tube& tube, const std::string& sid, Cause cause, const std::string& text,
                              const simultiple::Report& report ) override;
    void handleTubeClosed( const Tube& tube, TubeEnd how ) override;
    void handleTubeAccepted( const Tube& tube, const std::string& sid, simultiple::Dialect dialect, const std::vector<std::string>& methods ) override;
    void handleTubeAttempt( const simultiple::Attempt& attempt ) override;
    void handleTubeLimit( const gloox::JID& peer, const std::string& what ) override;

  protected:
    /** Before there is a connection. @return Why it is pointless, for people, or empty. */
    virtual std::string prepare() = 0;
    /** Now there is one. @return Why it is pointless, for people, or empty. */
    virtual std::string begin() { return {}; }
    /** @return The TCP side of a connection that the peer opened; null: it is not wanted. */
    virtual std::unique_ptr<TcpPump> answer() { return nullptr; }
    /** @return What else to wait for; its `fd` is -1 if there is nothing. */
    virtual pollfd wanted() { return { -1, 0, 0 }; }
    /** It is ready. */
    virtual void ready() {}

    void joined( const Tube& tube );
    void add( const gloox::JID& peer, const std::string& sid, std::unique_ptr<TcpPump> pump, simultiple::TimePoint begun );
    [[nodiscard]] std::size_t connections() const { return m_pumps.size(); }
    [[nodiscard]] Connection& connection() { return m_connection; }
    [[nodiscard]] TubesProfile& tubes() { return m_tubes; }
    [[nodiscard]] Reporter& reporter() { return m_reporter; }
    [[nodiscard]] const simultiple::Clock& clock() const { return m_clock; }
    [[nodiscard]] const std::optional<Tube>& tube() const { return m_tube; }
    [[nodiscard]] bool over() const { return m_over; }

  private:
    using Key = std::pair<std::string, std::string>; // peer and sid: two peers may choose the same sid (GEN-2)

    struct Pumped
    {
      std::unique_ptr<TcpPump> pump;
      simultiple::TimePoint begun;
      bool opened = false;
    };

    void turn();
    void farewell();
    void finished( ExitStatus status );
    [[nodiscard]] Milliseconds since( simultiple::TimePoint begin ) const;

    Reporter& m_reporter;
    simultiple::Clock m_clock;
    Connection m_connection;
    simultiple::SIMultipleManager m_streams;
    TubesProfile m_tubes;
    Loop m_loop;
    std::map<Key, Pumped> m_pumps;
    std::map<Key, simultiple::TimePoint> m_coming; // what the peer is opening, and since when
    std::optional<Tube> m_tube; // the one that we are here for
    bool m_over = false;        // it is closed
    bool m_worked = false;      // a connection was open
    ExitStatus m_failure = ExitStatus::Done; // of the first connection that failed
    ExitStatus m_result = ExitStatus::Done;
};

TubesOptions tubesOptions( std::function<bool( const gloox::JID& )> knows )
{
  TubesOptions options;
  options.knows = std::move( knows );
  return options;
}

Carrier::Carrier( const Settings& settings, Reporter& reporter, std::function<bool( const gloox::JID& )> knows )
  : m_reporter( reporter ), m_connection( settings, reporter ), m_streams( m_connection.client(), libraryOptions( settings ) ),
    m_tubes( m_streams, *this, tubesOptions( std::move( knows ) ) ), m_loop( m_connection, m_streams )
{
}

ExitStatus Carrier::run()
{
  if( const auto status = m_loop.enable( m_tubes.valid(), m_reporter ); status != ExitStatus::Done )
    return status;
  std::string problem = prepare();
  if( !problem.empty() )
  {
    m_reporter.problem( problem );
    return ExitStatus::LocalFile;
  }
  if( const auto status = m_loop.logIn( m_reporter ); status != ExitStatus::Done )
    return status;

  problem = begin();
  if( !problem.empty() )
  {
    m_reporter.problem( problem );
    finished( m_connection.up() ? ExitStatus::NoMethod : ExitStatus::Login );
    m_over = true;
  }
  while( !interrupted() && !( ( m_over || !m_connection.up() ) && m_pumps.empty() ) )
    turn();
  if( !m_connection.up() )
  {
    m_reporter.problem( m_connection.problem() );
    finished( ExitStatus::Login );
  }
  farewell();
  if( !m_worked )
    finished( m_failure );
  return m_result;
}

void Carrier::turn()
{
  const auto now = m_clock.now();
  auto most = Milliseconds::max();
  std::vector<pollfd> waiting{ wanted() };
  std::vector<TcpPump*> pumps;
  for( const auto& [key, pumped] : m_pumps )
  {
    pumps.push_back( pumped.pump.get() );
    waiting.push_back( pumped.pump->wanted() );
    if( const auto deadline = pumped.pump->deadline() )
      most = std::min( most, std::chrono::ceil<Milliseconds>( *deadline - now ) );
  }
  m_loop.turn( waiting, most );

  // In between new ones may have come, but none has gone.
  for( std::size_t i = 0; i < pumps.size(); ++i )
  {
    const auto deadline = pumps[i]->deadline();
    if( waiting[i + 1].revents != 0 || ( deadline && m_clock.now() >= *deadline ) )
      pumps[i]->turn( waiting[i + 1].revents );
  }
  if( waiting[0].revents != 0 )
    ready();
  for( auto it = m_pumps.begin(); it != m_pumps.end(); )
    it = it->second.pump->finished() ? m_pumps.erase( it ) : std::next( it );
}

// W-35; its connections go with the tube.
void Carrier::farewell()
{
  if( m_tube && !m_over )
    m_tubes.close( *m_tube );
  m_loop.runFor( FarewellTime, [this] { return m_streams.sessions() == 0 || !m_connection.up(); } );
  m_connection.logout();
}

void Carrier::finished( ExitStatus status )
{
  if( m_result == ExitStatus::Done )
    m_result = status;
}

Milliseconds Carrier::since( simultiple::TimePoint begin ) const
{
  return std::chrono::duration_cast<Milliseconds>( m_clock.now() - begin );
}

void Carrier::joined( const Tube& tube )
{
  m_tube = tube;
  m_reporter.tube( tube.id, tube.peer, tube.service );
}

void Carrier::add( const gloox::JID& peer, const std::string& sid, std::unique_ptr<TcpPump> pump, simultiple::TimePoint begun )
{
  m_pumps[{ peer.full(), sid }] = { std::move( pump ), begun };
}

void Carrier::handleTubeStream( const Tube& tube, std::shared_ptr<simultiple::MultiBytestream> stream )
{
  const Key key{ tube.peer.full(), stream->sid() };
  if( m_pumps.count( key ) == 0 )
  {
    auto pump = answer();
    if( !pump )
      return stream->abort();
    const auto coming = m_coming.find( key );
    add( tube.peer, stream->sid(), std::move( pump ), coming == m_coming.end() ? m_clock.now() : coming->second );
  }
  auto& pumped = m_pumps[key];
  pumped.opened = m_worked = true;
  m_reporter.open( stream->sid(), tube.peer, stream->method(), 0 );
  pumped.pump->start( std::move( stream ) );
}

void Carrier::handleTubeStreamEnd( const Tube& tube, const std::string& sid, Cause cause, const std::string& text, const simultiple::Report& report )
{
  m_coming.erase( { tube.peer.full(), sid } );
  const auto found = m_pumps.find( { tube.peer.full(), sid } );
  if( found == m_pumps.end() )
    return m_reporter.error( sid, tube.peer, cause, text );
  auto& [pump, begun, opened] = found->second;
  // What we closed without the pump was cut off: the tube is closed, or the TCP side broke.
  const bool cut = cause == Cause::CancelledLocal || ( cause == Cause::ClosedLocal && !pump->closing() );
  const bool properly = opened && !cut && ( cause == Cause::ClosedLocal || cause == Cause::ClosedRemote );
  pump->streamEnded( properly );
  if( !pump->problem().empty() )
    m_reporter.error( sid, tube.peer, Cause::IoError, "TCP: " + pump->problem() );
  else if( properly )
    m_reporter.connectionDone( sid, tube.peer, report.bytesSent, report.bytesReceived, since( begun ) );
  else
    m_reporter.error( sid, tube.peer, cause, cut ? "the tube is closed" : text );
  if( !properly && !cut && m_failure == ExitStatus::Done )
    m_failure = exitStatus( cause, opened );
}

void Carrier::handleTubeClosed( const Tube& tube, TubeEnd how )
{
  if( !m_tube || tube.id != m_tube->id || tube.peer != m_tube->peer )
    return;
  m_over = true;
  m_reporter.tubeClosed( tube.id, tube.peer, endText( how ) );
  if( how == TubeEnd::Refused )
    finished( ExitStatus::Refused );
}

void Carrier::handleTubeAccepted( const Tube&, const std::string& sid, simultiple::Dialect dialect, const std::vector<std::string>& methods )
{
  m_reporter.accepted( sid, dialect, methods );
}

void Carrier::handleTubeAttempt( const simultiple::Attempt& attempt )
{
  const Key key{ attempt.peer.full(), attempt.sid };
  if( m_pumps.count( key ) == 0 )
    m_coming.emplace( key, m_clock.now() );
  m_reporter.attempt( attempt );
}

void Carrier::handleTubeLimit( const gloox::JID& peer, const std::string& what )
{
  m_reporter.warning( printable( peer.full() ) + " hit a limit: " + printable( what ) );
}

/// Announces a tube, and connects whoever comes through it to a server.
class Share final : public Carrier
{
  public:
    Share( const Settings& settings, Reporter& reporter )
      : Carrier( settings, reporter, []( const gloox::JID& ) { return false; } ), m_settings( settings )
    {
    }

  private:
    std::string prepare() override
    {
      std::string problem;
      m_targets = resolve( m_settings.tube.host, m_settings.tube.port, problem );
      return problem;
    }

    std::string begin() override
    {
      TubeChild what;
      what.service = m_settings.tube.service;
      const auto result = tubes().announce( m_settings.to, what );
      if( result )
        joined( *result.tube );
      return result.problem;
    }

    std::unique_ptr<TcpPump> answer() override { return std::make_unique<TcpPump>( m_targets, clock() ); }

    const Settings& m_settings;
    std::vector<TcpAddress> m_targets;
};

/// Waits for a tube, and takes connections for it.
class Join final : public Carrier
{
  public:
    Join( const Settings& settings, Reporter& reporter )
      : Carrier( settings, reporter, [this]( const gloox::JID& peer ) { return knows( peer ); } ), m_settings( settings )
    {
      if( !settings.tube.service.empty() )
        tubes().advertise( TubeType::Stream, settings.tube.service ); // PTB-8
    }

  private:
    std::string prepare() override { return m_listener.bind( m_settings.tube.host, m_settings.tube.port ); }

    [[nodiscard]] bool knows( const gloox::JID& peer )
    {
      switch( m_settings.accept )
      {
        case Accept::All: return true;
        case Accept::Contacts: return connection().isContact( peer );
        case Accept::Listed: return isListed( peer, m_settings.accepted );
      }
      return false;
    }

    void handleTube( const Tube& offered ) override
    {
      const auto& service = m_settings.tube.service;
      const bool wanted = !tube() && offered.type == TubeType::Stream && ( service.empty() || service == offered.service );
      std::string problem = wanted ? m_listener.listen() : std::string();
      if( !wanted || !problem.empty() )
      {
        reporter().warning( problem.empty() ? "a tube of " + printable( offered.peer.full() ) + " is not wanted: " + printable( offered.service ) : problem );
        tubes().close( offered ); // so that nobody waits for us
        return;
      }
      joined( offered );
      const TcpAddress where = m_listener.address();
      reporter().listening( where.host(), where.port() );
    }

    void handleTubeClosed( const Tube& closed, TubeEnd how ) override
    {
      Carrier::handleTubeClosed( closed, how );
      if( over() )
        m_listener.close();
    }

    pollfd wanted() override
    {
      const bool room = tube() && !over() && connections() < MaxConnections && clock().now() >= m_listenFrom;
      return { room ? m_listener.descriptor() : -1, POLLIN, 0 };
    }

    void ready() override
    {
      if( over() )
        return;
      Descriptor socket = m_listener.accept();
      if( !socket )
      {
        if( errno != EAGAIN && errno != ECONNABORTED && errno != EINTR )
          m_listenFrom = clock().now() + ListenAgain;
        return;
      }
      auto pump = std::make_unique<TcpPump>( std::move( socket ), clock() );
      const auto offered = tubes().connect( *tube() );
      if( offered )
        return add( tube()->peer, offered.sid, std::move( pump ), clock().now() );
      pump->streamEnded( false );
      reporter().problem( "a connection cannot be offered: " + offered.problem );
    }

    const Settings& m_settings;
    TcpListener m_listener;
    simultiple::TimePoint m_listenFrom{};
};

} // namespace

int main( int argc, char** argv )
{
  return runProgram( Role::Tube, argc, argv, []( const Settings& settings, Reporter& reporter )
  {
    if( settings.tube.share )
      return Share( settings, reporter ).run();
    return Join( settings, reporter ).run();
  } );
}
