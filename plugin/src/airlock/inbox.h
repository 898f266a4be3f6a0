// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/stanza.h"

#include <gloox/jid.h>
#include <gloox/tag.h>

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <variant>

namespace simultiple::airlock
{

/// An answer to one of our requests. Whether anybody still waits for it, the Tracker knows.
struct Answer
{
  std::string id{};
  std::unique_ptr<const gloox::Tag> tag{};
};

struct Connected {};
struct Disconnected {};
struct Unavailable
{
  gloox::JID peer{};
};

using Arrival = std::variant<Stanza, Answer, Connected, Disconnected, Unavailable>;

/// What arrived and waits for the outer loop, in order.
class Inbox final
{
  public:
    Inbox() { m_spare.emplace_back( Disconnected() ); }
    void push( Arrival arrival );
    /** The connection is lost. Whatever memory there is, this is not forgotten. However often it comes and goes, it waits here once. */
    void pushDisconnected() noexcept;
    /** @return The oldest, alone. A list, because moving a stanza takes memory (gloox::JID only copies). */
    [[nodiscard]] std::list<Arrival> pop() noexcept;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t size() const { return m_waiting.size(); }
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }   ///< Of the stanzas among them.
    [[nodiscard]] bool holdsOfferOf( const gloox::JID& peer ) const;
    [[nodiscard]] bool holdsOffer( const gloox::JID& local, const gloox::JID& peer, const std::string& sid ) const;

  private:
    std::list<Arrival> m_waiting{};
    std::size_t m_bytes = 0;
    std::list<Arrival> m_spare{};   ///< For pushDisconnected()
};

} // namespace simultiple::airlock
