// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/random.h"

#include <openssl/rand.h>

#include <array>

namespace simultiple::airlock
{

std::optional<std::string> randomHex()
{
  std::array<unsigned char, 16> bytes{};
  if( RAND_bytes( bytes.data(), static_cast<int>( bytes.size() ) ) != 1 )
    return std::nullopt;

  std::string hex;
  hex.reserve( 2 * bytes.size() );
  for( const unsigned byte : bytes )
  {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

std::optional<std::string> randomSid()
{
  const std::optional<std::string> hex = randomHex();
  return hex ? std::optional<std::string>( "sm" + *hex ) : std::nullopt;
}

} // namespace simultiple::airlock
