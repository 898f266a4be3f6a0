// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/inbox.h"

#include <algorithm>

namespace simultiple::airlock
{

Arrival Inbox::pop()
{
  Arrival first = std::move( m_waiting.front() );
  m_waiting.pop_front();
  return first;
}

bool Inbox::holdsOffer( const gloox::JID& local, const gloox::JID& peer, const std::string& sid ) const
{
  return std::any_of( m_waiting.begin(), m_waiting.end(), [&]( const Arrival& a ) {
    const Stanza* s = std::get_if<Stanza>( &a );
    return s && s->kind == StanzaKind::Offer && s->sid == sid && s->peer == peer && s->local == local;
  } );
}

} // namespace simultiple::airlock
