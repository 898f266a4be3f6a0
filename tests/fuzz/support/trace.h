// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace simultiple::fuzz
{

/// With FUZZ_TRACE in the environment a run tells its story on standard error: `FUZZ_TRACE=1 session-replay INPUT`.
inline void trace( const char* who, const std::string& what )
{
  static const bool on = std::getenv( "FUZZ_TRACE" ) != nullptr;
  if( on )
    std::fprintf( stderr, "%-6s %s\n", who, what.c_str() );
}

} // namespace simultiple::fuzz
