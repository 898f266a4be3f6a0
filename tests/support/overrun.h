// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace simultiple::test
{

/// Reads element @a index of a vector that holds one, in memory that has room for more.
void readBeyondEnd( std::size_t index );

/// Copies @a size bytes to memory that has room for one less.
void copyBeyondEnd( std::size_t size );

/// The level of _FORTIFY_SOURCE that the library and what tests share are really built with; 0 without optimisation, whatever was asked for.
[[nodiscard]] int fortifyLevel();

} // namespace simultiple::test
