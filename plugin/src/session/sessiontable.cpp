// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/sessiontable.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace simultiple::session
{

using namespace std::chrono;

SessionTable::SessionTable( net::EventLoop& loop, const Options& options, bool component )
  : m_loop( loop ), m_options( options ), m_component( component ), m_alarm( loop )
{
}

std::string SessionTable::key( const gloox::JID& local, const gloox::JID& peer, const std::string& sid )
{
  return peer.full() + '\n' + sid + '\n' + local.full();   // no JID holds a line feed
}

namespace
{

/// @return The entries whose keys begin with @a prefix, which is all that is visited.
template<typename Map>
auto beginningWith( const Map& map, const std::string& prefix )
{
  auto end = map.lower_bound( prefix );
  const auto begin = end;
  while( end != map.end() && end->first.compare( 0, prefix.size(), prefix ) == 0 )
    ++end;
  return std::make_pair( begin, end );
}

} // namespace

std::string SessionTable::full( const gloox::JID& peer ) const
{
  const auto of = []( const auto& counts, const std::string& who )
  {
    const auto found = counts.find( who );
    return found == counts.end() ? std::size_t( 0 ) : found->second;
  };
  const auto& limits = m_options.limits;
  if( m_live.size() >= limits.sessions )
    return "sessions";
  if( of( m_perPeer, peer.bare() ) >= limits.sessionsPerPeer )
    return "sessions per peer";
  if( m_component && of( m_perDomain, peer.server() ) >= limits.sessionsPerDomain )
    return "sessions per domain";
  return {};
}

void SessionTable::countOne( const gloox::JID& peer )
{
  auto& mine = m_perPeer[peer.bare()];
  auto& domains = m_perDomain[peer.server()];
  ++mine;
  ++domains;
}

void SessionTable::discount( const gloox::JID& peer ) noexcept
{
  const auto one = []( auto& counts, const std::string& who )
  {
    if( const auto found = counts.find( who ); found != counts.end() && --found->second == 0 )
      counts.erase( found );
  };
  one( m_perPeer, peer.bare() );
  one( m_perDomain, peer.server() );
}

Session& SessionTable::add( std::unique_ptr<Session> session )
{
  const auto& id = session->id();
  auto name = key( id.local, id.peer, id.sid );
  countOne( id.peer );
  try
  {
    return *( m_live[std::move( name )] = std::move( session ) );
  }
  catch( ... )
  {
    discount( id.peer );
    throw;
  }
}

Session* SessionTable::find( const std::string& key ) const
{
  const auto found = m_live.find( key );
  return found == m_live.end() ? nullptr : found->second.get();
}

bool SessionTable::tombNotes( const std::string& key, const std::string& ns ) const
{
  const auto found = m_tombs.find( key );
  return found != m_tombs.end() && !ns.empty() && found->second.notes == ns;
}

bool SessionTable::tombAsked( const std::string& key, const std::string& name ) const
{
  const auto found = m_tombs.find( key );
  return found != m_tombs.end() && found->second.aliveNote == name;
}

std::optional<SessionTable::LateNote> SessionTable::takeLateNote( const std::string& key )
{
  const auto found = m_tombs.find( key );
  if( found == m_tombs.end() || found->second.notesLeft == 0 )
    return std::nullopt;
  --found->second.notesLeft;
  return LateNote{ found->second.profile, found->second.handler };
}

gloox::JID SessionTable::localOf( const std::string& profile, const SIProfileMultipleHandler& handler, const gloox::JID& peer, const std::string& sid ) const
{
  for( const auto* session : of( peer, sid ) )
    if( session->belongsTo( profile, handler ) )
      return session->id().local;
  // The key ends with our JID.
  const auto prefix = key( gloox::JID(), peer, sid );
  const auto [begin, end] = beginningWith( m_tombs, prefix );
  for( auto entry = begin; entry != end; ++entry )
  {
    const auto& tomb = entry->second;
    const bool exact = entry->first.find( '\n', prefix.size() ) == std::string::npos;   // a stream id may hold a line feed
    if( exact && tomb.handler == &handler && tomb.profile == profile )
      return gloox::JID( entry->first.substr( prefix.size() ) );
  }
  return {};
}

std::deque<std::string> SessionTable::keys() const
{
  std::deque<std::string> keys;
  for( const auto& entry : m_live )
    keys.push_back( entry.first );
  return keys;
}

std::vector<Session*> SessionTable::of( const gloox::JID& peer ) const
{
  std::vector<Session*> sessions;
  const auto [begin, end] = beginningWith( m_live, peer.full() + '\n' );
  for( auto entry = begin; entry != end; ++entry )
    sessions.push_back( entry->second.get() );
  return sessions;
}

std::vector<Session*> SessionTable::of( const gloox::JID& peer, const std::string& sid ) const
{
  std::vector<Session*> sessions;
  const auto [begin, end] = beginningWith( m_live, key( gloox::JID(), peer, sid ) );
  for( auto entry = begin; entry != end; ++entry )
    if( entry->second->id().sid == sid )   // it may hold a line feed
      sessions.push_back( entry->second.get() );
  return sessions;
}

std::map<std::string, std::unique_ptr<Session>>::iterator SessionTable::place( const Session& session ) noexcept
{
  const auto& id = session.id();
  try
  {
    const auto found = m_live.find( key( id.local, id.peer, id.sid ) );
    return found != m_live.end() && found->second.get() == &session ? found : m_live.end();
  }
  catch( const std::exception& )
  {
    return std::find_if( m_live.begin(), m_live.end(), [&]( const auto& entry ) { return entry.second.get() == &session; } );
  }
}

void SessionTable::entomb( Session& session ) noexcept
{
  const auto live = place( session );
  if( live == m_live.end() )
    return;
  discount( session.id().peer );
  const auto body = m_dead.insert( m_live.extract( live ) );

  m_loop.roster().run( nullptr, [&]
  {
    const auto& name = body->first;
    m_order.push_back( { name, m_loop.now() + m_options.timeouts.get( Timer::Tomb ) } );
    auto& tomb = m_tombs[name] = Tomb();
    if( !session.notes().empty() )
      tomb = { nullptr, session.profile(), session.notes(), session.aliveNote(), session.handler(), session.notesLeft() };
    while( m_tombs.size() > m_options.limits.tombstones && !m_order.empty() )   // SEC-14: the oldest go
    {
      if( const auto oldest = m_tombs.find( m_order.front().key ); oldest != m_tombs.end() )
      {
        if( oldest->second.late )
          m_dead.emplace( oldest->first, std::move( oldest->second.late ) );   // it may be on the stack
        m_tombs.erase( oldest );
      }
      m_order.pop_front();
    }
    schedule();
    const auto kept = m_tombs.find( name );
    if( kept == m_tombs.end() || !session.awaitsLateAnswer() )
      return;
    kept->second.late = std::move( body->second );
    m_dead.erase( body );
  } );
}

void SessionTable::clearOneDead()
{
  // Out of the table first: it may bring others here.
  if( !m_dead.empty() )
    (void)m_dead.extract( m_dead.begin() );
  else if( !m_oldTombs.empty() )
    (void)m_oldTombs.extract( m_oldTombs.begin() );
}

void SessionTable::schedule()
{
  const net::Roster::Shift nobody( m_loop.roster(), nullptr );   // not in the name of who ended last
  if( m_order.empty() )
    return m_alarm.stop();
  const auto left = duration_cast<milliseconds>( m_order.front().until - m_loop.now() );
  m_alarm.start( std::max( left, milliseconds( 0 ) ), [this] { expire(); } );
}

void SessionTable::expire()
{
  const auto now = m_loop.now();
  while( !m_order.empty() && m_order.front().until <= now )
  {
    m_tombs.erase( m_order.front().key );
    m_order.pop_front();
  }
  schedule();
}

void SessionTable::clearTombs()
{
  for( auto& entry : m_tombs )
    entry.second.late.reset();   // no late answer may come by another connection
  if( m_oldTombs.empty() )
    m_oldTombs.swap( m_tombs );   // thousands are freed over many turns
  else
    m_oldTombs.merge( m_tombs );
  m_tombs.clear();
  m_order.clear();
  m_alarm.stop();
}

} // namespace simultiple::session
