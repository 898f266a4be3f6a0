// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/stanzaerror.h"

#include <gloox/tag.h>

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace simultiple::protocol
{

inline constexpr std::size_t MaxSid = 256;        ///< SEC-12, characters
inline constexpr std::size_t MaxProfile = 256;    ///< SEC-12, characters
inline constexpr std::size_t MaxOptions = 64;     ///< SEC-12

/** @return The `<si/>` in NS_SI among the direct children of @a iq (GEN-7), whatever its prefix; or null. */
[[nodiscard]] const gloox::Tag* findSi( const gloox::Tag& iq );

/// What W-1 is built from.
struct OfferContent
{
  std::string sid;
  std::string profile;
  std::string mimeType;                 ///< Left out if empty.
  const gloox::Tag* profileChild = nullptr; ///< Copied. May be null.
  std::vector<std::string> methods;     ///< In order of preference (SI-3).
  bool multiple = true;                 ///< SIM-1 to SIM-3.
};

/** W-1's `<si/>`: profile child, form, `<si-multiple/>`, in this order. */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildOffer( const OfferContent& content );

/// An offer's head: enough for the checks of SI-9 that come before the form.
struct OfferHead
{
  std::string sid;        ///< Empty: `bad-request`.
  std::string profile;    ///< Empty: `bad-request`.
};

/** Total. Values that are missing, empty or longer than SEC-12 allows come back empty. */
[[nodiscard]] OfferHead readOfferHead( const gloox::Tag& si );

/// An offer's form.
struct OfferForm
{
  std::vector<std::string> methods;     ///< Cleaned up: trimmed, no repeats, at most MaxOptions looked at. May be empty: W-7 (SI-12).
  bool listMulti = false;               ///< INT-4, SIM-16
  bool multiple = false;                ///< `<si-multiple/>` is there
  std::string mimeType;                 ///< Normalised: absent, `application/octet-stream`, `binary/octet-stream` and malformed are empty.
};

/**
 * Reads the form (section 1.1, SI-12).
 * @param mandatoryMethod PCU-4: what an offer without `<feature/>` means; empty: that is an error.
 */
[[nodiscard]] std::variant<OfferForm, StanzaError> readOfferForm( const gloox::Tag& si, const std::string& mandatoryMethod );

} // namespace simultiple::protocol
