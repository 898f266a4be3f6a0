// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/stanza.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace simultiple::airlock
{

/**
 * JIDs by their text. Preparing the two of a stanza costs more than all other questions at the gate, and blocks come from the same few peers.
 * A peer that uses many addresses empties it; nothing worse.
 */
class JidCache final
{
  public:
    static constexpr std::size_t Most = 128;
    static constexpr std::size_t LongestText = 256;

    [[nodiscard]] gloox::JID of( const std::string& text );
    [[nodiscard]] std::size_t size() const { return m_known.size(); }

  private:
    std::unordered_map<std::string, gloox::JID> m_known{};
};

/// Where the bot is: what `to` has to be.
struct Whereabouts
{
  const gloox::JID& own;   ///< A client's full JID; a component's domain.
  JidCache& jids;
  bool component = false;
  const std::set<std::string>* namespaces = nullptr;   ///< Of the application's own elements; may be null.
};

/**
 * What an `iq` of type set or get, or a `<message/>`, can be to us, cheapest questions first; nothing for everybody else's. CMP-6: on a component a
 * stanza with `to` absent or outside its domain is never ours. The result borrows its element from @a tag.
 */
[[nodiscard]] std::optional<Stanza> classifyIq( const gloox::Tag& tag, const Whereabouts& bot );
[[nodiscard]] std::optional<Stanza> classifyMessage( const gloox::Tag& tag, const Whereabouts& bot );

/**
 * GEN-7: messages inside others. With carbons or forwarding switched on, gloox shows a forwarded message to every extension as if it were a
 * stanza of its own: a bare copy without a parent, right after the outer one. So what the outer one carries is remembered until then.
 */
class Forwarded final
{
  public:
    /** @return Whether @a message was inside the one seen before. To be asked once for each message, in order. */
    [[nodiscard]] bool inside( const gloox::Tag& message );

  private:
    std::vector<std::string> m_carried{};
};

} // namespace simultiple::airlock
