// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Takes the place of airlock/random.cpp: the same input has to do the same each time. What must be unique still is.

#include "airlock/random.h"

#include <cstdint>
#include <cstdio>

namespace simultiple::airlock
{

std::optional<std::string> randomHex()
{
  static std::uint64_t count = 0;
  char text[33];
  std::snprintf( text, sizeof( text ), "%032llx", static_cast<unsigned long long>( ++count ) );
  return std::string( text );
}

std::optional<std::string> randomSid() { return "sm" + *randomHex(); }

} // namespace simultiple::airlock
