// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/eventloop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace simultiple::net
{

namespace
{

constexpr std::size_t EventsPerTurn = 64;

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

bool EventLoop::runReady()
{
  std::array<epoll_event, EventsPerTurn> events{};
  int count = 0;
  do
    count = ::epoll_wait( m_epoll.get(), events.data(), static_cast<int>( events.size() ), 0 );
  while( count < 0 && errno == EINTR );

  for( int i = 0; i < count; ++i )
  {
    const auto& event = events[static_cast<std::size_t>( i )];
    const auto it = m_watches.find( event.data.u64 );
    if( it == m_watches.end() )
      continue; // an earlier callback of this batch destroyed it
    const auto ready = it->second; // the callback may destroy its Watch
    ( *ready )( event.events );
  }
  return count > 0;
}

bool EventLoop::runAlarms()
{
  const TimePoint now = m_clock.now();
  const std::uint64_t last = m_lastId; // alarms started from here on wait for the next call, or a restarting one would spin
  bool any = false;
  while( !m_alarms.empty() )
  {
    const auto first = m_alarms.begin();
    if( first->first.first > now || first->first.second > last )
      break;
    const auto fire = first->second;
    m_alarms.erase( first );
    any = true;
    ( *fire )();
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
  : m_loop( loop ), m_fd( fd ), m_id( ++loop.m_lastId ), m_events( events )
{
  epoll_event event = eventFor( events, m_id );
  m_valid = ::epoll_ctl( loop.m_epoll.get(), EPOLL_CTL_ADD, fd, &event ) == 0;
  if( m_valid )
    loop.m_watches.emplace( m_id, std::make_shared<EventLoop::Ready>( std::move( ready ) ) );
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
  if( !m_valid || events == m_events )
    return;
  m_events = events;
  epoll_event event = eventFor( events, m_id );
  ::epoll_ctl( m_loop.m_epoll.get(), EPOLL_CTL_MOD, m_fd, &event );
}

void Alarm::start( std::chrono::milliseconds after, std::function<void()> fire )
{
  stop();
  const auto wait = std::clamp<std::chrono::milliseconds>( after, std::chrono::milliseconds::zero(), LongestWait );
  m_key = EventLoop::Key( m_loop.now() + wait, ++m_loop.m_lastId );
  m_loop.m_alarms.emplace( *m_key, std::make_shared<std::function<void()>>( std::move( fire ) ) );
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
