// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/stanzaerror.h"

#include <gloox/tag.h>

#include <cstdint>
#include <memory>
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

/** W-21, with the bytes of @a block in base64. */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildData( const std::string& sid, std::uint16_t seq, std::string_view block );

/**
 * Checks W-21 or W-23 against section 1.7 and IBB-6 to IBB-8, SEC-15.
 * @param seq, text The attribute and the content of `<data/>`.
 * @param expected The next sequence number.
 * @param blockSize As negotiated: more bytes are `bad-request`.
 * @return The bytes of the block; may be none.
 */
[[nodiscard]] std::variant<std::string, StanzaError> readData( std::string_view seq, std::string_view text, std::uint16_t expected, std::uint16_t blockSize );

} // namespace simultiple::protocol
