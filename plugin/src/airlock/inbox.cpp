// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/inbox.h"

#include <algorithm>
#include <exception>

namespace simultiple::airlock
{

namespace
{

std::size_t bytesOf( const Arrival& arrival )
{
  const Stanza* stanza = std::get_if<Stanza>( &arrival );
  return stanza ? stanza->bytes : 0;
}

/// @return The offer that this is; null if it is anything else.
const Stanza* offerIn( const Arrival& arrival )
{
  const Stanza* stanza = std::get_if<Stanza>( &arrival );
  return stanza && stanza->kind == StanzaKind::Offer ? stanza : nullptr;
}

} // namespace

void Inbox::push( Arrival arrival )
{
  m_waiting.push_back( std::move( arrival ) );
  m_bytes += bytesOf( m_waiting.back() );
}

void Inbox::pushDisconnected() noexcept
{
  while( !m_waiting.empty() && std::holds_alternative<Connected>( m_waiting.back() ) )
    m_waiting.pop_back();
  if( !m_waiting.empty() && std::holds_alternative<Disconnected>( m_waiting.back() ) )
    return;
  m_waiting.splice( m_waiting.end(), m_spare );
  try
  {
    m_spare.emplace_back( Disconnected() );
  }
  catch( const std::exception& )
  {
    // The next loss is perhaps not told, but there is hardly one before the next connection.
  }
}

std::list<Arrival> Inbox::pop() noexcept
{
  std::list<Arrival> first;
  first.splice( first.end(), m_waiting, m_waiting.begin() );
  m_bytes -= bytesOf( first.front() );
  return first;
}

bool Inbox::holdsOfferOf( const gloox::JID& peer ) const
{
  return std::any_of( m_waiting.begin(), m_waiting.end(), [&]( const Arrival& a ) {
    const Stanza* offer = offerIn( a );
    return offer && offer->peer == peer;
  } );
}

bool Inbox::holdsOffer( const gloox::JID& local, const gloox::JID& peer, const std::string& sid ) const
{
  return std::any_of( m_waiting.begin(), m_waiting.end(), [&]( const Arrival& a ) {
    const Stanza* offer = offerIn( a );
    return offer && offer->sid == sid && offer->peer == peer && offer->local == local;
  } );
}

} // namespace simultiple::airlock
