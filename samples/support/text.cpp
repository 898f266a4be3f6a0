// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "text.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace sample
{

std::optional<std::uint64_t> decimal( std::string_view text, std::uint64_t max ) noexcept
{
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars( text.data(), text.data() + text.size(), value );
  if( text.empty() || error != std::errc() || end != text.data() + text.size() || value > max )
    return std::nullopt;
  return value;
}

std::string sizeText( std::uint64_t bytes )
{
  static constexpr std::array<const char*, 7> units{ "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  if( bytes < 1024 )
    return std::to_string( bytes ) + " B";
  auto value = static_cast<double>( bytes );
  std::size_t unit = 0;
  for( ; value >= 1024 && unit + 1 < units.size(); ++unit )
    value /= 1024;
  std::array<char, 32> buffer{};
  std::snprintf( buffer.data(), buffer.size(), "%.1f %s", value, units[unit] );
  return buffer.data();
}

} // namespace sample
