// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/eventloop.h"

#include <algorithm>
#include <cerrno>

namespace simultiple::net
{

namespace
{

/// Longer waits are cut: an extreme option must not overflow the clock and come due at once.
constexpr std::chrono::hours LongestWait{ 24 * 3650 };

epoll_event eventFor( std::uint32_t events, std::uint64_t id )
{
  epoll_event e{};
  e.events = events;
  e.data.u64 = id;
  return e;
}

} // namespace

EventLoop::EventLoop( const Clock& clock )
  : m_clock( clock ), m_epoll( ::epoll_create1( EPOLL_CLOEXEC ) )
{
}

EventLoop::~EventLoop() = default;

bool EventLoop::runReady( const Enough& enough )
{
  if( m_next == m_ready )
    beginRound();
  const bool any = m_next < m_ready;
  while( m_next < m_ready )
  {
    const epoll_event event = m_round[m_next++];
    const std::uint64_t id = event.data.u64;   // a copy: epoll_event is packed, and find() takes a reference
    const auto it = m_watches.find( id );
    if( it == m_watches.end() )
      continue; // an earlier callback of this round destroyed it
    const auto watched = it->second; // the callback may destroy its Watch
    if( const auto events = event.events & ( watched->events | EPOLLERR | EPOLLHUP ); events != 0 ) // it may have changed its mind since
      m_roster.run( watched->duty, [&] { watched->ready( events ); } );
    if( enough && enough() )
      break;
  }
  if( m_next == m_ready )
    m_heard = now();
  return any;
}

/// All that are ready, in the order of the kernel, which reports those first that it did not report the last time.
void EventLoop::beginRound()
{
  m_next = 0;
  if( m_round.size() < m_watches.size() )   // as it is, it need not be filled anew each turn
    m_round.resize( m_watches.size() );
  int count = 0;
  do
    count = m_round.empty() ? 0 : ::epoll_wait( m_epoll.get(), m_round.data(), static_cast<int>( m_round.size() ), 0 );
  while( count < 0 && errno == EINTR );
  m_ready = static_cast<std::size_t>( std::max( count, 0 ) );
}

bool EventLoop::runAlarms( const Enough& enough )
{
  const TimePoint due = m_next == m_ready ? now() : m_heard;
  const std::uint64_t last = m_lastId; // alarms started from here on wait for the next call, or a restarting one would spin
  bool any = false;
  while( !m_alarms.empty() && !( any && enough && enough() ) )
  {
    const auto first = m_alarms.begin();
    if( first->first.first > due || first->first.second > last )
      break;
    const auto armed = first->second;
    m_alarms.erase( first );
    any = true;
    m_roster.run( armed->duty, armed->fire );
  }
  return any;
}

std::optional<TimePoint> EventLoop::nextAlarm() const
{
  if( m_alarms.empty() )
    return std::nullopt;
  return m_alarms.begin()->first.first;
}

Watch::Watch( EventLoop& loop, int fd, std::uint32_t events, std::function<void( std::uint32_t )> ready )
  : m_loop( loop ), m_fd( fd ), m_id( ++loop.m_lastId ),
    m_watched( std::make_shared<EventLoop::Watched>( EventLoop::Watched{ events, std::move( ready ), loop.m_roster.current() } ) )
{
  if( !loop.m_epoll )
    loop.m_epoll.reset( ::epoll_create1( EPOLL_CLOEXEC ) ); // out of descriptors when the loop was made, perhaps not any more
  loop.m_watches.emplace( m_id, m_watched );
  epoll_event event = eventFor( events, m_id );
  m_valid = ::epoll_ctl( loop.m_epoll.get(), EPOLL_CTL_ADD, fd, &event ) == 0;
  if( !m_valid )
    loop.m_watches.erase( m_id );
}

Watch::~Watch()
{
  if( !m_valid )
    return;
  m_loop.m_watches.erase( m_id );
  epoll_event unused{};
  ::epoll_ctl( m_loop.m_epoll.get(), EPOLL_CTL_DEL, m_fd, &unused );
}

void Watch::want( std::uint32_t events )
{
  if( !m_valid || events == m_watched->events )
    return;
  m_watched->events = events;
  epoll_event event = eventFor( events, m_id );
  ::epoll_ctl( m_loop.m_epoll.get(), EPOLL_CTL_MOD, m_fd, &event );
}

void Alarm::start( std::chrono::milliseconds after, std::function<void()> fire )
{
  stop();
  const auto wait = std::clamp<std::chrono::milliseconds>( after, std::chrono::milliseconds::zero(), LongestWait );
  const EventLoop::Key key( m_loop.now() + wait, ++m_loop.m_lastId );
  m_loop.m_alarms.emplace( key, std::make_shared<EventLoop::Armed>( EventLoop::Armed{ std::move( fire ), m_loop.m_roster.current() } ) );
  m_key = key;
}

void Alarm::stop()
{
  if( m_key )
    m_loop.m_alarms.erase( *m_key );
  m_key.reset();
}

bool Alarm::running() const
{
  return m_key && m_loop.m_alarms.count( *m_key ) > 0;
}

} // namespace simultiple::net
