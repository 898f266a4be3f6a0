// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/notes.h"

#include "protocol/stanzaerror.h"

#include <gloox/tag.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace simultiple::session
{

namespace
{

NoteAnswer answerIn( const gloox::Tag& iq )
{
  if( iq.findAttribute( "type" ) == "result" )
    return NoteAnswer::Understood;
  const auto error = protocol::readError( iq );
  return error.peerUnreachable() || error.condition == "item-not-found" ? NoteAnswer::Gone : NoteAnswer::Refused;
}

} // namespace

class Notes::Note final : public airlock::Tenant
{
  public:
    Note( Notes& notes, const void* owner_, const methods::StreamId& id, std::function<void( NoteAnswer )> answered_ )
      : alarm( notes.m_loop ), owner( owner_ ), answered( std::move( answered_ ) ), m_notes( notes ), m_local( id.local ), m_peer( id.peer )
    {
    }

    [[nodiscard]] const gloox::JID& local() const override { return m_local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_peer; }
    bool handleAnswer( const std::string&, const gloox::Tag& iq ) override
    {
      m_notes.finish( *this, answerIn( iq ) );
      return false;
    }

    net::Alarm alarm;
    const void* owner;
    std::function<void( NoteAnswer )> answered;

  private:
    Notes& m_notes;
    gloox::JID m_local;
    gloox::JID m_peer;
};

Notes::Notes( airlock::Airlock& airlock, net::EventLoop& loop, const Options& options, std::function<void( std::shared_ptr<void> )> bury )
  : m_airlock( airlock ), m_loop( loop ), m_options( options ), m_bury( std::move( bury ) )
{
}

Notes::~Notes()
{
  for( const auto& note : m_waiting )
    m_airlock.forget( *note );
}

bool Notes::send( const void* owner, const methods::StreamId& id, std::unique_ptr<gloox::Tag> note, std::function<void( NoteAnswer )> answered )
{
  if( m_waiting.size() >= 2 * MaxWaiting || !m_airlock.connected() )
    return false;
  const auto fresh = std::make_shared<Note>( *this, owner, id, std::move( answered ) );
  bool sent = false;
  try
  {
    // PCU-10: peers that never answer keep nobody else's notes back. The oldest is told so in the next turn, since whoever sends may not be called.
    if( m_waiting.size() - m_givenUp >= MaxWaiting )
    {
      expect( *m_waiting[m_givenUp], std::chrono::milliseconds( 0 ) );
      ++m_givenUp;
    }
    m_waiting.push_back( fresh );
    expect( *fresh, m_options.timeouts.get( Timer::Note ) );
    sent = !m_airlock.request( *fresh, gloox::IQ::Set, id.peer, std::move( note ), "note" ).empty();   // last: what was sent has been sent
  }
  catch( const std::exception& )
  {
    withdraw( *fresh );   // CLS-12: or its answer would find nobody
    throw;
  }
  if( !sent )
    withdraw( *fresh );
  return sent;
}

void Notes::withdraw( Note& last )
{
  m_airlock.forget( last );
  if( !m_waiting.empty() && m_waiting.back().get() == &last )
    m_waiting.pop_back();
}

void Notes::expect( Note& note, std::chrono::milliseconds within )
{
  note.alarm.start( within, [this, &note] { finish( note, NoteAnswer::Unheard ); } );
}

void Notes::finish( const Note& note, NoteAnswer answer )
{
  const auto found = std::find_if( m_waiting.begin(), m_waiting.end(), [&]( const auto& one ) { return one.get() == &note; } );
  if( found == m_waiting.end() )
    return;
  if( static_cast<std::size_t>( found - m_waiting.begin() ) < m_givenUp )
    --m_givenUp;
  const auto done = std::move( *found );
  m_waiting.erase( found );
  m_airlock.forget( *done );
  done->alarm.stop();
  m_bury( done );   // we may be inside one of its methods
  if( done->answered )
    done->answered( answer );
}

void Notes::silence( const void* owner )
{
  for( const auto& note : m_waiting )
    if( note->owner == owner )
      note->answered = nullptr;
}

// A callback may send the next note, on the next connection: that one is not lost.
void Notes::disconnected()
{
  const auto lost = m_waiting;
  for( const auto& note : lost )
    finish( *note, NoteAnswer::Unheard );
}

} // namespace simultiple::session
