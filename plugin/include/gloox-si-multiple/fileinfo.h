// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gloox
{
class Tag;
}

namespace simultiple
{

/// Namespace of what this library says about files beyond XEP-0096 (PFT-13 to PFT-16).
inline const std::string XMLNS_SI_MULTIPLE_FILES = "urn:x-gloox-si-multiple:files:0";

/**
 * The `<file/>` of an offer (XEP-0096, PROTOCOL 6.1).
 * @since 0.2
 */
struct GLOOX_SI_MULTIPLE_EXPORT FileInfo
{
  static constexpr std::uint64_t MaxSize = 0x7fffffffffffffff; ///< 2^63 - 1

  std::string name;     ///< The peer's word: pass it through safeFileName() before any other use (PFT-4).
  std::uint64_t size = 0; ///< Bytes.
  std::string md5;      ///< 32 lower-case hexadecimal digits, or empty (PFT-6).
  std::string sha256;   ///< As `urn:xmpp:hashes:2`: 64 lower-case hexadecimal digits, or empty (PFT-6).
  std::string date;     ///< As it was written, if it is a date (PFT-5); otherwise empty.
  std::string mimeType; ///< gabble writes the type here and nowhere else. Read only.
  std::string desc;     ///< At most 4096 characters (SEC-12).
  std::string folder;   ///< PFT-15: the folder below the receiver's directory, `a/b`; empty: none. The peer's word, see safeFolder().
  bool range = false;   ///< Whether the sender can start anywhere (PFT-8).

  /** @return What @a file holds, or nothing if PFT-1 wants the offer refused with `bad-request`. May be null. */
  [[nodiscard]] static std::optional<FileInfo> parse( const gloox::Tag* file );

  /** @return The element for an offer; null if one of the texts cannot be written in XML: gloox would leave it out without a word. */
  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/// A part of a file (PFT-7, PFT-8). @since 0.2
struct FileRange
{
  std::uint64_t offset = 0; ///< Bytes from the start of the file.
  std::uint64_t length = 0; ///< Bytes.
  bool asked = false;       ///< The answer said so in words: whoever wrote it knows ranges.
};

/**
 * PFT-9: reads the answer to an offer.
 * @param si The `<si/>` of the answer.
 * @param size The size offered.
 * @param ranged Whether the offer had a `<range/>`.
 * @return What to send, or nothing if the answer breaks the rules. Without a `<file/>` or a `<range/>`: all of it.
 * @since 0.2
 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::optional<FileRange> answeredRange( const gloox::Tag& si, std::uint64_t size, bool ranged );

/**
 * PFT-8: the `<file/>` of an answer that asks for a part of what was offered.
 * @return Null if @a info has no range, or @a range is not a part of the file: then nothing but the whole can be asked for.
 * @since 0.2
 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::unique_ptr<gloox::Tag> rangeAnswer( const FileInfo& info, const FileRange& range );

/**
 * PFT-4: reduces a peer's file name to something that stays in its directory and means what it shows.
 *
 * The last component with both `/` and `\\` as separators; control characters, bidirectional overrides and bytes
 * that are not UTF-8 become `_`; so does a leading dot, because a peer has no business with hidden files. At most
 * 255 bytes.
 *
 * @return Never empty, `.` or `..`; `file` if nothing of the name is left.
 * @since 0.2
 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::string safeFileName( std::string_view name );

/**
 * PFT-15: the same for each component of a folder; empty components, `.` and `..` are left out, and so is what is deeper than 16.
 * @return Without `/` at either end, at most 1024 bytes: what is deeper than fits is left out, too. May be empty.
 * @since 0.2
 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::string safeFolder( std::string_view folder );

} // namespace simultiple
