// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gloox
{
class Tag;
}

namespace sample
{

/// The `<file/>` of an offer (XEP-0096, PROTOCOL 6.1).
struct FileChild
{
  static constexpr std::uint64_t MaxSize = 0x7fffffffffffffff; ///< 2^63 - 1

  std::string name;     ///< The peer's word: pass it through safeFileName() before any other use (PFT-4).
  std::uint64_t size = 0;
  std::string md5;      ///< 32 lower-case hexadecimal digits, or empty (PFT-6).
  std::string sha256;   ///< From `urn:xmpp:hashes:2`: 64 lower-case hexadecimal digits, or empty. Read only.
  std::string date;     ///< As it was written, if it is a date (PFT-5); otherwise empty.
  std::string mimeType; ///< gabble writes the type here and nowhere else. Read only.
  std::string desc;     ///< At most 4096 characters (SEC-12).
  bool range = false;   ///< Whether the sender can start anywhere.

  /** @return What @a file holds, or nothing if PFT-1 wants the offer refused with `bad-request`. May be null. */
  [[nodiscard]] static std::optional<FileChild> parse( const gloox::Tag* file );

  /** @return The element for an offer. */
  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/// The part of the file that a receiver asked for (PFT-7, PFT-8).
struct FileRange
{
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/**
 * PFT-9: reads the answer to an offer.
 * @param si The `<si/>` of the answer.
 * @param size The size offered.
 * @param ranged Whether the offer had a `<range/>`.
 * @return What to send, or nothing if the answer breaks the rules. Without a `<file/>` or a `<range/>`: all of it.
 */
[[nodiscard]] std::optional<FileRange> answeredRange( const gloox::Tag& si, std::uint64_t size, bool ranged );

/** @return Whether @a text is a DateTime of XEP-0082, or one without seconds, as XEP-0096 itself prints. */
[[nodiscard]] bool isDateTime( std::string_view text );

} // namespace sample
