// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/jid.h>
#include <gloox/tag.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace simultiple::airlock
{

/// What a stanza can be to us.
enum class StanzaKind
{
  Offer,    ///< `iq` of type set or get with `<si/>`.
  S5bQuery, ///< `iq` of type set with an S5B `<query/>`.
  IbbOpen,
  IbbData,  ///< In an `iq` of type set, or in a `<message/>` (W-23).
  IbbClose,
  Application ///< `iq` of type set with an element in a namespace that the application brought along (PCU-7).
};

/**
 * A stanza that arrived on the bot's client and may be ours. Only direct children of a live stanza are looked at (GEN-7).
 */
struct Stanza
{
  StanzaKind kind = StanzaKind::Offer;
  bool message = false;                     ///< W-23: no answer is possible.
  std::uint64_t era = 0;                    ///< Airlock::era() when it arrived.
  std::string type{};                       ///< The `iq`'s type: `set` or `get`.
  std::string id{};                         ///< Echoed byte for byte.
  gloox::JID local{};                       ///< `to`; on a client without `to`, its own JID (GEN-2).
  gloox::JID peer{};                        ///< `from`; invalid if there was none (SEC-1).
  std::string sid{};                        ///< `sid`, or the `id` of `<si/>`. May be empty.
  std::string ns{};                         ///< StanzaKind::Application only: the namespace.
  std::string seq{};                        ///< StanzaKind::IbbData only; empty if there was none.
  std::string text{};                       ///< StanzaKind::IbbData only: the content of `<data/>`.
  bool tooLarge = false;                    ///< SEC-12: of @a tag there is no more left than the payload's name and, of an offer, its profile.
  std::size_t bytes = 0;                    ///< What it takes to keep it, roughly.
  std::shared_ptr<const gloox::Tag> tag{};  ///< The whole stanza; ours. None for StanzaKind::IbbData: copying a block as a tag costs as much as reading it.
  const gloox::Tag* element = nullptr;      ///< The payload inside @a tag.

  /** Forgets the content, which is the peer's and may be large. What it takes to answer stays. */
  void letGo() noexcept
  {
    tag.reset();
    element = nullptr;
  }
  /** @return What it takes to answer later. */
  [[nodiscard]] Stanza question() const
  {
    Stanza bare;
    bare.kind = kind;
    bare.message = message;
    bare.era = era;
    bare.id = id;
    bare.local = local;
    bare.peer = peer;
    return bare;
  }
};

} // namespace simultiple::airlock
