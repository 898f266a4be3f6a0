// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sample
{

/** Takes the next UTF-8 character off @a text. @return Its bytes; empty if @a text does not start with a valid one. */
[[nodiscard]] std::string_view nextCharacter( std::string_view text ) noexcept;

/** @return The code point of @a character, which nextCharacter() returned. */
[[nodiscard]] char32_t codePoint( std::string_view character ) noexcept;

/** @return @a text with every byte that is not part of valid UTF-8 replaced by U+FFFD. */
[[nodiscard]] std::string validUtf8( std::string_view text );

/** @return At most the first @a bytes bytes of @a text, not cut inside a character. */
[[nodiscard]] std::string_view cutBytes( std::string_view text, std::size_t bytes ) noexcept;

/** @return At most the first @a characters characters of @a text. */
[[nodiscard]] std::string_view cutCharacters( std::string_view text, std::size_t characters ) noexcept;

/** @return Whether @a c is a control character or one that changes the direction of writing (PFT-4). */
[[nodiscard]] bool deceptive( char32_t c ) noexcept;

/** @return @a text made fit for a terminal: a peer's words must not move the cursor (SEC-22). At most 500 characters. */
[[nodiscard]] std::string printable( std::string_view text );

/** @return The number that @a text writes with nothing but decimal digits, if it is at most @a max. */
[[nodiscard]] std::optional<std::uint64_t> decimal( std::string_view text, std::uint64_t max ) noexcept;

/** @return @a bytes for people: `15 B`, `1.5 MiB`. */
[[nodiscard]] std::string sizeText( std::uint64_t bytes );

} // namespace sample
