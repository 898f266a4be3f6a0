// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace simultiple::protocol
{

/** @return @a bytes in base64, padded, on one line. */
[[nodiscard]] std::string encodeBase64( std::string_view bytes );

/**
 * Strict base64 (IBB-7): alphabet, padding and length have to be right once XML white space is left out. Neither gloox's decoder nor OpenSSL's
 * minds a padding in the middle, and both go over the text more often.
 * @return The bytes, or nothing. Left-over bits of the last character are ignored.
 */
[[nodiscard]] std::optional<std::string> decodeBase64( std::string_view text );

} // namespace simultiple::protocol
