// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdio>
#include <cstdlib>

namespace simultiple::fuzz
{

/// A promise of the library's. When it does not hold the run ends, and the fuzzer keeps the input.
inline void require( bool holds, const char* promise )
{
  if( holds )
    return;
  std::fprintf( stderr, "broken promise: %s\n", promise );
  std::abort();
}

} // namespace simultiple::fuzz
