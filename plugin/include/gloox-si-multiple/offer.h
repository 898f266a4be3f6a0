// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/options.h>

#include <gloox/jid.h>
#include <gloox/tag.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace simultiple
{

/**
 * An offer of a stream by a peer, as SIProfileMultipleHandler::handleOffer() hears of it.
 *
 * A cheap copy: keep it as long as you like and hand it to SIProfileMultiple::accept() or decline() when the
 * decision is made. Every text in it is the peer's word and untrusted (SEC-22).
 * @since 0.1
 */
struct GLOOX_SI_MULTIPLE_EXPORT Offer
{
  gloox::JID peer;                    ///< Who offers: a full JID.
  gloox::JID local;                   ///< To which of our JIDs (matters on a component).
  std::string sid;                    ///< The stream id; with peer and local it names the session (GEN-2).
  std::string profile;                ///< The SI profile's namespace.
  std::string mimeType;               ///< Empty: not given.
  std::vector<std::string> methods;   ///< What the peer offered, in its order, cleaned up.
  bool multiple = false;              ///< The offer carried `<si-multiple/>`, so a list will be answered (SIM-10).
  std::shared_ptr<const gloox::Tag> si; ///< The raw `<si/>` (PCU-2). Never null.

  /** @return The first child of `<si/>` in the profile's namespace, or null. Lives as long as @a si. */
  [[nodiscard]] const gloox::Tag* profileChild() const;
};

/// How an offer is made. @since 0.1
struct OfferOptions
{
  gloox::JID from;                    ///< Our JID; needed on a component, ignored on a client (CMP-2).
  std::string mimeType;               ///< Left out if empty.
  std::vector<std::string> methods;   ///< First choice first; empty: Options::methods.
  std::optional<Privacy> privacy;     ///< What may be disclosed in this session (SEC-16). Nothing: Options::privacy.
  bool fallback = true;               ///< false: one method is all we want; no `<si-multiple/>` (SIM-3).
  bool expectsNothing = false;        ///< The stream will carry no payload (PFT-10).
};

/// How an offer is accepted. @since 0.1
struct AcceptOptions
{
  std::shared_ptr<gloox::Tag> profileChild; ///< For the answer; must be in the profile's namespace. May be null.
  std::vector<std::string> methods;   ///< Our order of preference; empty: Options::methods.
  std::optional<Privacy> privacy;     ///< What may be disclosed in this session (SEC-16). Nothing: Options::privacy, by which
                                      ///< offers are refused that leave no method, before anybody is asked.
  bool expectsNothing = false;        ///< The stream will carry no payload: its end is completion at once (NEG-27).
};

} // namespace simultiple
