// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/profile.h"

#include "files/transfer.h"
#include "session/plugin.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace simultiple
{

FileProfile::FileProfile( SIMultipleManager& manager, FileProfileOptions options )
  : d( std::make_unique<Private>( manager, std::move( options ) ) )
{
}

FileProfile::~FileProfile() = default;
bool FileProfile::valid() const { return d->profile.si().valid(); }

namespace files
{

namespace
{

constexpr std::size_t MaxEnded = 256;

} // namespace

Profile::Profile( SIMultipleManager& manager, FileProfileOptions options )
  : m_manager( manager ), m_jobs( manager.priv().loop ), m_si( manager, gloox::XMLNS_SI_FT, *this, profileOptions( std::move( options ) ) )
{
}

Profile::~Profile() = default;

net::EventLoop& Profile::loop() const { return m_manager.priv().loop; }
bool Profile::connected() const { return m_manager.priv().connected(); }
std::uint64_t Profile::era() const { return m_manager.priv().era(); }
void Profile::bury( std::shared_ptr<void> dead ) { m_manager.priv().bury( std::move( dead ) ); }

ProfileOptions Profile::profileOptions( FileProfileOptions options )
{
  ProfileOptions profile;
  profile.senderSpeaksFirst = true; // PFT-3
  profile.takePlainOffers = options.takePlainOffers;
  profile.noteNamespace = XMLNS_SI_MULTIPLE_FILES;
  profile.aliveNote = "alive"; // PFT-17
  profile.notesAfterEnd = true;
  profile.knows = [this, knows = std::move( options.knows )]( const gloox::JID& peer ) { return m_offers && ( !knows || knows( peer ) ); };
  profile.screen = [this]( const Offer& offer ) -> std::optional<Refusal>
  {
    if( !FileInfo::parse( offer.profileChild() ) )
      return Refusal( Decline::BadRequest ); // PFT-1
    // A transfer is known by peer and sid alone. A component has more JIDs, and its peer may use one sid for two of them.
    const bool taken = m_transfers.count( std::tie( offer.peer.full(), offer.sid ) ) > 0;
    if( taken || !m_manager.priv().sessions.of( offer.peer, offer.sid ).empty() )
      return Refusal( Decline::Forbidden );
    return std::nullopt;
  };
  return profile;
}

void Profile::add( const gloox::JID& peer, const std::string& sid, Transfer& transfer ) { m_transfers[{ peer.full(), sid }] = &transfer; }

void Profile::remove( const gloox::JID& peer, const std::string& sid ) noexcept
{
  if( const auto found = m_transfers.find( std::tie( peer.full(), sid ) ); found != m_transfers.end() )
    m_transfers.erase( found );
}

void Profile::tell( const gloox::JID& peer, const std::string& sid, const Note& word )
{
  (void)m_si.sendNote( peer, sid, word.tag(), [this, peer, sid, stored = word.kind == Note::Kind::Received]( NoteAnswer answer )
  {
    if( stored && answer == NoteAnswer::Understood && m_offers )
      m_offers->handleReceivedHeard( peer, sid );
  } );
}

void Profile::remember( const gloox::JID& peer, const std::string& sid, const Note& answer )
{
  m_ended.emplace_back( Key( peer.full(), sid ), answer );
  if( m_ended.size() > MaxEnded )
    m_ended.pop_front();
}

void Profile::abandon( const gloox::JID& peer, const std::string& sid ) noexcept
{
  if( const auto found = m_transfers.find( std::tie( peer.full(), sid ) ); found != m_transfers.end() )
    found->second = nullptr;
  if( !m_si.cancel( peer, sid ) )
    remove( peer, sid );
}

std::shared_ptr<Transfer> Profile::find( const gloox::JID& peer, const std::string& sid ) const
{
  const auto found = m_transfers.find( std::tie( peer.full(), sid ) );
  return found == m_transfers.end() || !found->second ? nullptr : found->second->shared_from_this();
}

void Profile::handleOffer( const Offer& offer )
{
  if( m_offers )
    m_offers->handleOffer( offer );
  else
    m_si.decline( offer, Decline::Stranger );
}

bool Profile::handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods,
                              const gloox::Tag& si )
{
  const auto transfer = find( peer, sid );
  bool understood = false;
  if( transfer )
    (void)transfer->work( [&] { understood = transfer->answered( dialect, methods, si ); } );
  return understood;
}

void Profile::handleStream( std::shared_ptr<MultiBytestream> stream )
{
  if( const auto transfer = find( stream->peer(), stream->sid() ) )
    (void)transfer->work( [&] { transfer->streamCame( std::move( stream ) ); } );
}

void Profile::handleAttempt( const Attempt& attempt )
{
  if( const auto transfer = find( attempt.peer, attempt.sid ) )
    (void)transfer->work( [&] { transfer->attempted( attempt ); } );
}

void Profile::handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report )
{
  const auto found = m_transfers.find( std::tie( peer.full(), sid ) );
  if( found == m_transfers.end() )
  {
    if( m_offers )
      m_offers->handleOfferEnd( sid, peer, cause, text );
    return;
  }
  const auto transfer = find( peer, sid );
  if( transfer )
    (void)transfer->work( [&] { transfer->sessionEnded( cause, text, report ); } );
  else
    m_transfers.erase( found );
}

void Profile::handleLimit( const gloox::JID& peer, const std::string& what )
{
  if( m_offers )
    m_offers->handleLimit( peer, what );
}

void Profile::handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& tag )
{
  const auto note = Note::parse( tag );
  if( !note )
    return;
  if( const auto transfer = find( peer, sid ) )
  {
    (void)transfer->work( [&] { transfer->noteCame( *note ); } );
    return;
  }
  const auto ended = std::find_if( m_ended.begin(), m_ended.end(), [&]( const auto& one ) { return one.first == std::tie( peer.full(), sid ); } );
  if( ended == m_ended.end() || note->kind != Note::Kind::Sent )
    return;
  tell( peer, sid, ended->second );
  m_ended.erase( ended );
}

} // namespace files

} // namespace simultiple
