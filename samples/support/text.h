// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/text.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sample
{

/** @return @a text made fit for a terminal: a peer's words must not move the cursor (SEC-22). At most 500 characters. */
[[nodiscard]] inline std::string printable( std::string_view text ) { return simultiple::printable( text, 500 ); }

/** @return The number that @a text writes with nothing but decimal digits, if it is at most @a max. */
[[nodiscard]] std::optional<std::uint64_t> decimal( std::string_view text, std::uint64_t max ) noexcept;

/** @return @a bytes for people: `15 B`, `1.5 MiB`. */
[[nodiscard]] std::string sizeText( std::uint64_t bytes );

} // namespace sample
