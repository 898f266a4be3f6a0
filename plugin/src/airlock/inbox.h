// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/stanza.h"

#include <gloox/jid.h>
#include <gloox/tag.h>

#include <cstddef>
#include <deque>
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
    void push( Arrival arrival ) { m_waiting.push_back( std::move( arrival ) ); }
    [[nodiscard]] Arrival pop();
    [[nodiscard]] bool empty() const { return m_waiting.empty(); }
    [[nodiscard]] std::size_t size() const { return m_waiting.size(); }
    [[nodiscard]] bool holdsOffer( const gloox::JID& local, const gloox::JID& peer, const std::string& sid ) const;

  private:
    std::deque<Arrival> m_waiting{};
};

} // namespace simultiple::airlock
