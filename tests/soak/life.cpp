// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "soak/life.h"

#include "bench/support/measure.h"
#include "session/plugin.h"
#include "support/bot.h"
#include "support/heapwatch.h"
#include "support/sockets.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace simultiple::soak
{

using namespace std::chrono_literals;

namespace
{

const std::string BotJid = "bot@capulet.example/soak";
const std::string Domain = "peers.example";
const std::string CrowdDomain = "crowd.example";
constexpr std::size_t Remembered = 64;     // few, so that they are soon as many as there will ever be
constexpr auto TooLong = 60s;              // of real time, without the simulated one moving

Options botOptions( const Stage& stage )
{
  auto options = test::testOptions( stage.clock );
  options.limits.rememberedHosts = Remembered;
  return options;
}

/// The other end of all honest sessions is many in one, so no limit is to be hit there.
Options otherOptions( const Stage& stage )
{
  auto options = botOptions( stage );
  auto& limits = options.limits;
  limits.offersPerPeer = limits.offers = limits.sessions = limits.sessionsPerPeer = limits.sessionsPerDomain = limits.queries = limits.queriesPerPeer = 100000;
  options.listen.handshakes = 1000;
  return options;
}

bool stranger( const gloox::JID& jid ) { return jid.server() == CrowdDomain; }

std::size_t threads()
{
  struct stat tasks{};
  return ::stat( "/proc/self/task", &tasks ) == 0 && tasks.st_nlink > 2 ? tasks.st_nlink - 2 : 1;
}

} // namespace

Gauge gauge() { return { test::heapInUse(), bench::residentKiB(), test::openDescriptors(), threads() }; }

Life::Life( std::uint32_t seed )
  : stage( seed ), m_client( m_hub.join( BotJid ) ), m_component( m_hub.joinComponent( Domain ) ), m_talks( stage, BotJid, Domain ),
    m_bot( stage, m_client, botOptions( stage ), *this ), m_other( stage, m_component, otherOptions( stage ), *this ),
    m_transfers( stage, BotJid, m_bot, Domain, m_other ), m_crowd( stage, BotJid, m_bot, CrowdDomain )
{
  m_talks.setParties( m_bot, m_other );
  m_crowd.setVictim( [this] { return m_talks.anySid(); } );
  m_hub.setFilter( [this]( std::string& xml ) { return passes( xml ); } );
  settle();
}

Life::~Life() = default;

// ---- who does what

void Life::offered( Party& party, const Offer& offer )
{
  if( stranger( offer.peer ) )
    m_crowd.offered( offer );
  else
    m_talks.offered( party, offer );
}

bool Life::accepted( Party&, const std::string& sid ) { return m_talks.mayAccept( sid ); }

void Life::opened( Party& party, const std::shared_ptr<MultiBytestream>& stream )
{
  if( !stranger( stream->initiator() ) )
    m_talks.opened( party, stream );
}

void Life::data( Party& party, MultiBytestream& stream, const std::string& bytes )
{
  if( !stranger( stream.initiator() ) )
    m_talks.data( party, stream, bytes );
}

void Life::ended( Party& party, const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text )
{
  if( stranger( peer ) )
    m_crowd.ended( peer );
  else
    m_talks.ended( party, sid, cause, text );
}

bool Life::passes( std::string& xml )
{
  const auto to = test::attribute( xml, "to" );
  if( m_crowd.takes( to, xml ) || !m_talks.passes( xml, test::attribute( xml, "from" ), to ) )
    return false;
  if( to == BotJid )
    m_crowd.overhear( xml );
  return true;
}

void Life::begin()
{
  if( !m_bot.online() || !m_other.online() || !m_bot.manager.enabled() )
    return;
  const auto what = stage.below( 100 );
  if( what < 4 )
    m_transfers.start();
  else if( what < 30 )
    m_crowd.act();
  else
    m_talks.start();
}

void Life::lose( Party& party )
{
  if( !party.online() )
    return;
  ++cuts;
  m_talks.disturb();
  m_transfers.disturb();
  if( &party == &m_bot )
    m_crowd.disconnected();
  party.entity.dropConnection();
  stage.later( stage.between( 0ms, 40s ), [this, &party]
  {
    if( !party.entity.reconnect() )
      stage.wrong( "the connection does not come back" );
  } );
}

void Life::switchOff()
{
  m_talks.disturb();
  m_transfers.disturb();
  m_bot.manager.disable();
  stage.later( 30s, [this]
  {
    if( !m_bot.manager.enable() )
      stage.wrong( m_bot.manager.problem() );
  } );
}

// ---- the time

bool Life::wait( int atMost )
{
  pollfd descriptors[] = { { m_bot.manager.pollDescriptors().front().fd, POLLIN, 0 }, { m_other.manager.pollDescriptors().front().fd, POLLIN, 0 } };
  return ::poll( descriptors, 2, atMost ) > 0;
}

/// @return Whether anything has moved.
bool Life::turn()
{
  constexpr std::size_t StanzasAtOnce = 50;
  bool moved = stage.doPlanned();
  moved = m_hub.run( StanzasAtOnce ) > 0 || moved;
  for( Party* party : { &m_bot, &m_other } )
  {
    const auto next = party->manager.nextDeadline();
    moved = moved || ( next && next->count() == 0 );
    party->manager.process();
    party->entity.clear();
  }
  m_hub.clearLog();
  m_crowd.work();
  m_peak.descriptors = std::max( m_peak.descriptors, m_bot.manager.priv().loop.watched() );
  return moved || wait( 0 );
}

void Life::settle()
{
  const auto limit = std::chrono::steady_clock::now() + TooLong;
  for( bool busy = true; busy; )
  {
    busy = turn();
    // Disks and look-ups take real time.
    if( !busy && ( m_transfers.live() > 0 || m_crowd.looksUpNames() ) && threads() > 1 )
      busy = wait( 1 ) || threads() > 1 || turn();
    if( std::chrono::steady_clock::now() > limit )
      throw std::runtime_error( "it does not come to rest" );
  }
}

void Life::passUntil( TimePoint when )
{
  settle();
  while( stage.now() < when )
  {
    auto next = std::min( when, stage.nextPlan() );
    for( const Party* party : { &m_bot, &m_other } )
      if( const auto deadline = party->manager.nextDeadline() )
        next = std::min( next, stage.now() + *deadline );
    const auto step = std::chrono::ceil<milliseconds>( next - stage.now() );
    stage.clock->advance( std::max( step, 1ms ) );
    settle();
  }
}

void Life::sample()
{
  m_bot.checkBounds( "the bot" );
  const auto& sessions = m_bot.manager.priv().sessions;
  m_peak.sessions = std::max( m_peak.sessions, sessions.size() );
  m_peak.tombs = std::max( m_peak.tombs, sessions.tombs() );
}

void Life::live( std::size_t wanted, std::chrono::minutes time )
{
  const auto start = stage.now();
  const auto first = sessions();
  auto nextCut = start + stage.between( 2min, 10min );
  auto nextOtherCut = start + stage.between( 10min, 30min );
  const auto off = start + stage.between( 5min, time - 1min );
  bool wasOff = false;
  while( sessions() - first < wanted && stage.wrongs().empty() )
  {
    // As many as have to have begun by now; sometimes a crowd of them at once.
    const auto due = std::chrono::duration<double>( stage.now() - start ) / std::chrono::duration<double>( time ) * static_cast<double>( wanted );
    const auto late = due - static_cast<double>( sessions() - first );
    for( auto n = stage.oneIn( 400 ) ? 30U : late > 5 ? 2U : late > 0 ? 1U : 0U; n > 0; --n )
      begin();
    sample();
    if( stage.now() >= nextCut )
    {
      lose( m_bot );
      nextCut = stage.now() + stage.between( 5min, 15min );
    }
    if( stage.now() >= nextOtherCut )
    {
      lose( m_other );
      nextOtherCut = stage.now() + stage.between( 20min, 40min );
    }
    if( stage.now() >= off && !std::exchange( wasOff, true ) )
      switchOff();
    passUntil( stage.now() + std::chrono::duration_cast<milliseconds>( time ) / static_cast<long>( wanted ) );
  }
}

void Life::rest()
{
  constexpr auto Step = 1min;
  constexpr int Most = 90;   // what waits longest is a file that a lost peer sends again and again
  for( int i = 0; i < Most && ( m_talks.live() + m_transfers.live() + m_crowd.live() > 0 || !stage.nothingPlanned() ); ++i )
    passUntil( stage.now() + Step );
  passUntil( stage.now() + m_bot.manager.options().timeouts.get( Timer::Tomb ) + Step );
  if( m_talks.live() + m_transfers.live() + m_crowd.live() > 0 || !stage.nothingPlanned() )
    stage.wrong( "at rest: " + std::to_string( m_talks.live() ) + " sessions, " + std::to_string( m_transfers.live() ) + " files, " + std::to_string( m_crowd.live() ) + " strangers" );
  sample();
  m_bot.checkRest( "the bot" );
  m_other.checkRest( "the component" );
  m_transfers.checkRest();
  m_crowd.checkRest();
  if( threads() > 1 )
    stage.wrong( "at rest: a helper thread" );
}

void Life::end()
{
  for( Party* party : { &m_bot, &m_other } )
  {
    party->manager.disable();
    settle();
    if( party->manager.priv().runtime )
      stage.wrong( "the plugin is off and still there" );
  }
}

} // namespace simultiple::soak
