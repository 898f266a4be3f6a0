// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/stanzaerror.h"

#include <gloox/tag.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace simultiple::protocol
{

/** W-17. */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildOpen( const std::string& sid, std::uint16_t blockSize );
/** W-24. */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildClose( const std::string& sid );

/// An `<open/>` that can be served.
struct Open
{
  std::uint16_t blockSize = 0;
};

/**
 * Checks W-17's block-size (section 1.7).
 * @return bad-request if it is absent or not 1..; resource-constraint if above 65535 or @a maximum; otherwise the open.
 */
[[nodiscard]] std::variant<Open, StanzaError> readOpen( const gloox::Tag& open, std::uint16_t maximum );

/// A block of data as it is about to be accepted.
struct Block
{
  std::uint16_t seq = 0;
  std::size_t size = 0;        ///< After decoding.
  std::string base64;          ///< White space stripped, checked strictly (IBB-7).
};

/**
 * Checks W-21 or W-23 against section 1.7 and IBB-6 to IBB-8, SEC-15.
 * @param expected The next sequence number.
 * @param blockSize As negotiated: more bytes are `bad-request`.
 */
[[nodiscard]] std::variant<Block, StanzaError> readData( const gloox::Tag& data, std::uint16_t expected, std::uint16_t blockSize );

/**
 * Strict base64 (IBB-7): alphabet, padding and length right after XML white space is stripped.
 * @return The text without white space, or nothing.
 */
[[nodiscard]] std::optional<std::string> strictBase64( std::string_view text );

/** @return The number of bytes that strict base64 @a text decodes to. */
[[nodiscard]] std::size_t decodedSize( std::string_view text ) noexcept;

} // namespace simultiple::protocol
