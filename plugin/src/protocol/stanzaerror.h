// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>

#include <gloox/tag.h>

#include <memory>
#include <string>

namespace simultiple::protocol
{

/// A stanza error to send: sections 1.5 to 1.7 of PROTOCOL.
struct StanzaError
{
  std::string type;              ///< `cancel`, `modify`, `wait`, `auth`.
  std::string condition;         ///< In NS_STANZAS.
  std::string extra{};           ///< Application condition; empty: none.
  std::string extraNamespace{};
  std::string text{};            ///< Empty: none.

  /** @return The `<error/>` element. */
  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/// The errors of the rulebook, by the names it uses.
namespace errors
{
[[nodiscard]] StanzaError forbidden( const std::string& text = "Offer Declined" ); ///< W-5
[[nodiscard]] StanzaError badProfile();            ///< W-6
[[nodiscard]] StanzaError noValidStreams();        ///< W-7
[[nodiscard]] StanzaError badRequest();            ///< W-8: modify
[[nodiscard]] StanzaError conflict();              ///< GEN-9
[[nodiscard]] StanzaError serviceUnavailable();    ///< SEC-21
[[nodiscard]] StanzaError tooMany();               ///< SEC-13: resource-constraint, wait
[[nodiscard]] StanzaError itemNotFound();          ///< W-12, W-25: cancel
[[nodiscard]] StanzaError s5bNotAcceptable();      ///< modify (1.6)
[[nodiscard]] StanzaError ibbNotAcceptable();      ///< W-20: cancel
[[nodiscard]] StanzaError ibbSmallerBlocks();      ///< W-19: resource-constraint, modify
[[nodiscard]] StanzaError ibbUnexpected();         ///< unexpected-request, cancel
[[nodiscard]] StanzaError ibbBadData();            ///< bad-request, cancel
[[nodiscard]] StanzaError tooManyNotes();          ///< PCU-10: policy-violation, wait
} // namespace errors

/// A stanza error received.
struct ReceivedError
{
  std::string condition{};   ///< Local name in NS_STANZAS; empty if there was none.
  std::string siCondition{}; ///< Local name of a child in NS_SI: `bad-profile`, `no-valid-streams`; else empty.
  std::string text{};        ///< The peer's words, untrusted, at most 4096 characters.

  /** NEG-7: the peer is gone, so trying another method is useless. */
  [[nodiscard]] bool peerUnreachable() const;
  /** SI-22: what an error answer to an offer means. */
  [[nodiscard]] Cause offerCause() const;
  /** @return The condition for people; never empty. */
  [[nodiscard]] std::string describe() const;
};

/** Reads the `<error/>` of an `<iq type='error'/>`; total: whatever is missing stays empty. */
[[nodiscard]] ReceivedError readError( const gloox::Tag& iq );

} // namespace simultiple::protocol
