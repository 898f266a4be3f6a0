// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/inbandturns.h"

#include <algorithm>
#include <utility>

namespace simultiple::methods
{

using namespace std::chrono;

namespace
{

constexpr std::size_t UsualBlock = 4096;
// In base64 and with their stanzas these are 64 KiB, which a TCP connection takes even when the server has stopped reading.
constexpr std::size_t SureBytes = 49152;
// Sent in one go; a hundred microseconds each. What is left waits for the loop.
constexpr unsigned BlocksAtOnce = 8;
constexpr std::size_t BytesAtOnce = BlocksAtOnce * UsualBlock;
// A connection that is so slow that acknowledgements take longer is probed less often, but nobody waits for long because one peer is slow.
constexpr milliseconds SoonestProbe{ 1000 };
constexpr milliseconds LatestProbe{ 4000 };
constexpr unsigned MostDoublings = 3;
constexpr milliseconds RoomWait{ 10 };
// With one a reader that is slow would set the pace of all: its block would have to be acknowledged before the next stream's may leave.
constexpr std::size_t LeastWindow = 2;

// What a stanza is without its block, generously.
constexpr std::size_t Stanza = 1024;

/// How much of a block fits into a socket's room, as base64 in a stanza. Half a buffer may never be free when others are sending, too, so
/// larger blocks than usual are cut to what there is.
std::size_t fitting( std::size_t block, std::size_t room )
{
  const std::size_t most = room < Stanza ? 0 : ( room - Stanza ) / 4 * 3;
  return most < std::min( block, UsualBlock ) ? 0 : std::min( block, most );
}

} // namespace

InBandTurns::InBandTurns( net::EventLoop& loop, std::size_t window, std::function<std::size_t()> room )
  : m_loop( loop ), m_most( window ), m_window( window, LeastWindow ), m_mostBytes( std::max( SureBytes, window * UsualBlock ) ), m_room( std::move( room ) ), m_alarm( loop )
{
}

void InBandTurns::wants( Rider& rider )
{
  if( !rider.m_place )
    rider.m_place = m_waiting.insert( m_waiting.end(), &rider );
  rider.m_duty = m_loop.roster().current();
  run();
}

void InBandTurns::leave( Rider& rider )
{
  if( !rider.m_place )
    return;
  m_waiting.erase( *rider.m_place );
  rider.m_place.reset();
}

InBandTurns::Ticket InBandTurns::board( std::size_t bytes )
{
  if( underWay() == 0 )
  {
    m_progress = m_loop.now();   // from now on something can be missed
    m_probes = 0;
  }
  m_newestBytes += bytes;
  return { ++m_newest, m_newestBytes, m_loop.now() };
}

void InBandTurns::acknowledged( const Ticket& ticket )
{
  // An older one proves nothing new, and how long a peer kept it back says nothing about the connection.
  if( ticket.number > m_taken )
  {
    const TimePoint now = m_loop.now();
    m_took = duration_cast<milliseconds>( now - ticket.sent );
    m_window.acknowledged( ticket.number, m_newest, m_took, now, underWay() >= m_window.size() );
    m_taken = ticket.number;
    m_takenBytes = ticket.bytes;
    m_progress = now;
    m_probes = 0;
  }
  run();
}

void InBandTurns::lost( const Ticket& newest )
{
  if( newest.number <= m_taken )
    return;
  m_progress = m_loop.now() - probeAfter();   // the next one may prove what these would have
  if( !m_waiting.empty() )
    comeBack( milliseconds( 0 ) );
}

void InBandTurns::reset()
{
  m_taken = m_newest;
  m_takenBytes = m_newestBytes;
  m_window = InBandWindow( m_most, LeastWindow );   // the next connection may go another way
  m_took = milliseconds( 0 );
}

/// IBB-18
milliseconds InBandTurns::probeAfter() const
{
  return std::clamp( 2 * m_took, SoonestProbe, LatestProbe ) * ( 1 << std::min( m_probes, MostDoublings ) );
}

InBandTurns::Verdict InBandTurns::verdict( std::size_t block, std::size_t& fits ) const
{
  const std::uint64_t bytes = m_newestBytes - m_takenBytes;
  const bool full = underWay() >= m_window.size() || ( bytes > 0 && bytes + block > m_mostBytes );
  if( full && m_loop.now() - m_progress < probeAfter() )
    return Verdict::Full;
  fits = fitting( block, m_room() );
  if( fits == 0 )
    return Verdict::NoRoom;
  return full ? Verdict::Probe : Verdict::Go;
}

void InBandTurns::run()
{
  if( m_running )
    return;   // sendBlock() led back here; the loop below goes on
  m_running = true;
  // Whoever called is one of many, and not the one to fail if there is no memory for the alarm: those who would wait for it in vain do.
  const net::Roster::Shift nobody( m_loop.roster(), nullptr );
  if( !m_loop.roster().attempt( [this] { runAll(); } ) )
    for( const auto* rider : m_waiting )
      m_loop.roster().fail( rider->m_duty );
  m_running = false;
}

void InBandTurns::runAll()
{
  auto after = milliseconds( 0 );
  std::size_t bytes = 0;
  for( unsigned blocks = 0; !m_waiting.empty() && blocks < BlocksAtOnce && bytes < BytesAtOnce; )
  {
    Rider& next = *m_waiting.front();
    const auto size = next.nextBlock();
    if( size == 0 )
    {
      leave( next );
      continue;
    }
    std::size_t fits = 0;
    const auto now = verdict( size, fits );
    if( now == Verdict::Full || now == Verdict::NoRoom )
    {
      after = now == Verdict::NoRoom ? RoomWait : ceil<milliseconds>( m_progress + probeAfter() - m_loop.now() );
      break;
    }
    if( now == Verdict::Probe )
    {
      m_progress = m_loop.now();
      ++m_probes;
    }
    leave( next );
    ++blocks;
    bytes += fits;
    const auto duty = next.m_duty;
    m_loop.roster().run( duty, [&]
    {
      if( next.sendBlock( fits ) && !next.m_place )
        next.m_place = m_waiting.insert( m_waiting.end(), &next );
    } );
  }
  if( !m_waiting.empty() )
    comeBack( after );
}

/// Nobody else may call while acknowledgements are missing. An alarm that turns out to be too early is started again, so that most calls need none.
void InBandTurns::comeBack( milliseconds after )
{
  const TimePoint at = m_loop.now() + after;
  if( m_alarm.running() && m_alarmAt <= at )
    return;
  m_alarmAt = at;
  m_alarm.start( after, [this] { run(); } );
}

} // namespace simultiple::methods
