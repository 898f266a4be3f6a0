// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <optional>
#include <string>
#include <string_view>

namespace simultiple
{

/**
 * Why a session ended. Each session ends exactly once, with exactly one of these (GEN-10).
 * @since 0.1
 */
enum class Cause
{
  ClosedLocal,       ///< `closed-local`: this side closed the open stream.
  ClosedRemote,      ///< `closed-remote`: the peer closed the open stream. Whether it was complete is the profile's to say (CLS-2).
  Declined,          ///< `declined`: the offer was refused by a person or by policy.
  NoValidStreams,    ///< `no-valid-streams`: the two sides share no method.
  BadProfile,        ///< `bad-profile`: the peer does not know the SI profile.
  Unsupported,       ///< `unsupported`: the peer does not do stream initiation, or is not there (GEN-14).
  PeerUnreachable,   ///< `peer-unreachable`: the peer, or its server, cannot be reached.
  MalformedReply,    ///< `malformed-reply`: the peer accepted in words that mean nothing.
  MethodsExhausted,  ///< `methods-exhausted`: every method of the list failed; the Report says why, one by one.
  Timeout,           ///< `timeout`: a deadline of PROTOCOL 2.8 passed.
  CancelledLocal,    ///< `cancelled-local`: this side gave up before the stream was open.
  CancelledRemote,   ///< `cancelled-remote`: the peer gave up before the stream was open.
  Disconnected,      ///< `disconnected`: the XMPP connection was lost (CLS-7).
  ProtocolViolation, ///< `protocol-violation`: the peer broke the rules of an open stream.
  StreamConflict,    ///< `stream-conflict`: bytes already written went to a stream that the sender abandoned (NEG-25).
  LimitExceeded,     ///< `limit-exceeded`: one of the limits of PROTOCOL 4.3 was hit.
  IoError            ///< `io-error`: an open stream broke, or this side ran out of memory (CLS-12).
};

/** @return The word of GEN-10 for @a cause, such as `methods-exhausted`. Never null; static storage. */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT const char* causeText( Cause cause ) noexcept;

/** @return The cause that @a word names, or nothing. The inverse of causeText(). */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::optional<Cause> causeFromText( std::string_view word ) noexcept;

} // namespace simultiple
