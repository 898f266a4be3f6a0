// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace simultiple
{

/// In which words the receiver answered the offer.
enum class Dialect
{
  None,       ///< Not answered.
  SiMultiple, ///< `<si-multiple/>` with a list (W-2).
  Plain,      ///< XEP-0095: one method (W-3).
  Smack       ///< Several values in the ordinary form (W-4).
};

/** @return `none`, `si-multiple`, `plain` or `smack`. Static storage. */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT const char* dialectText( Dialect dialect ) noexcept;

/// One method, or one streamhost of a method, that was tried (GEN-11).
struct Attempt
{
  enum class State { Started, Failed, Opened };

  std::string sid;
  gloox::JID peer;
  std::string method;                  ///< Namespace.
  std::string host;                    ///< Streamhost, as written; empty for the method as a whole.
  std::uint16_t port = 0;              ///< 0 if there is no host.
  gloox::JID hostJid;                  ///< Whose streamhost it is.
  State state = State::Started;
  std::string reason;                  ///< Why it failed, for people: "connection refused". Empty unless Failed.
  std::chrono::milliseconds took{ 0 }; ///< From its start.
};

/**
 * All that is known of a session once it is over.
 * @since 0.1
 */
struct GLOOX_SI_MULTIPLE_EXPORT Report
{
  std::string sid;
  gloox::JID peer;
  bool initiator = false;
  Dialect dialect = Dialect::None;
  std::vector<std::string> methods;        ///< The list that was agreed on.
  std::vector<Attempt> attempts;           ///< Failed and opened ones, in order.
  std::string method;                      ///< The method finally used; empty if none.
  std::string host;                        ///< The streamhost used, `host:port`; empty for in-band.
  std::chrono::milliseconds toOpen{ 0 };   ///< Offer to open.
  std::uint64_t bytesSent = 0;             ///< Payload.
  std::uint64_t bytesReceived = 0;         ///< Payload.
  /// The peer has surely taken all of bytesSent: it has acknowledged it (in-band), or closed in good order after it (SOCKS5 direct). Through a proxy nobody knows.
  bool taken = false;

  /** @return The report as a few lines for a bug report. Holds addresses; the sid is left out (SEC-4). */
  [[nodiscard]] std::string text() const;
};

/** @return `s5b` or `ibb` for the two standard methods, otherwise @a method itself. */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::string methodName( const std::string& method );

} // namespace simultiple
