// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/text.h>

#include <cstddef>
#include <string_view>

namespace simultiple::protocol
{

using simultiple::printable;

/// One character of UTF-8 text, or one byte that belongs to none.
struct Character
{
  char32_t code = 0;
  std::size_t bytes = 1;
  bool good = false;
};

/** Strict decoding of the first character: no overlong forms, no surrogates, nothing beyond U+10FFFF. @a text is not empty. */
[[nodiscard]] Character decode( std::string_view text ) noexcept;

/** @return Whether @a code ends a line, hides, or turns the text around in a log, a terminal or a file's name (SEC-22, PFT-4). */
[[nodiscard]] bool treacherous( char32_t code ) noexcept;

/** @return The number of characters (not bytes) of UTF-8 @a text. */
[[nodiscard]] std::size_t characters( std::string_view text ) noexcept;

/** @return At most the first @a max characters of UTF-8 @a text; never half a character. */
[[nodiscard]] std::string_view cut( std::string_view text, std::size_t max ) noexcept;

/** @return At most the first @a max bytes of UTF-8 @a text; never half a character. */
[[nodiscard]] std::string_view cutBytes( std::string_view text, std::size_t max ) noexcept;

/** @return Whether @a text is well-formed UTF-8 and holds only characters that XML allows; gloox drops any other text whole. */
[[nodiscard]] bool xmlText( std::string_view text ) noexcept;

} // namespace simultiple::protocol
