// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace simultiple
{

/**
 * Makes a peer's words fit for a log line or a terminal (SEC-22): control characters, characters that hide or turn the text around, and
 * bytes that are not UTF-8 become `?`.
 * @param max Characters at most; the rest is cut off.
 * @since 0.2
 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::string printable( std::string_view text, std::size_t max = 200 );

/** @return @a text with every byte that is not part of valid UTF-8 replaced by U+FFFD: what a format that holds nothing but UTF-8 can take. @since 0.2 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::string validUtf8( std::string_view text );

} // namespace simultiple
