// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/tag.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace simultiple::ft
{

/// The `<file/>` of an offer (PROTOCOL 6.1), as far as gloox::SIProfileFT knows it.
struct File
{
  std::string name{};
  std::uint64_t size = 0;
  std::string hash{};
  std::string date{};
  std::string mimeType{};   ///< Of the element itself: gabble writes it there. Read only.
  std::string desc{};

  /** @return Nothing if PFT-1 or SEC-12 wants the offer refused with `bad-request`. @param file May be null. */
  [[nodiscard]] static std::optional<File> parse( const gloox::Tag* file );

  /** @return The element for an offer; null if one of the texts cannot be written in XML. */
  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/** PFT-9: we offer no ranges. @return Whether the answer wants a part of the file nevertheless. @param si The answer's `<si/>`. */
[[nodiscard]] bool wantsPart( const gloox::Tag& si, std::uint64_t size );

} // namespace simultiple::ft
