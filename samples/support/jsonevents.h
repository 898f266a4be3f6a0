// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sample
{

/** @return @a text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
[[nodiscard]] std::string jsonString( std::string_view text );

/**
 * One event: one JSON object on one line, the member `event` first, the others in the order in which they were added.
 *
 * The members have different names for each type on purpose: a string literal would convert to bool before it
 * converted to std::string_view.
 */
class JsonEvent final
{
  public:
    explicit JsonEvent( std::string_view event );

    JsonEvent& text( std::string_view name, std::string_view value );
    JsonEvent& number( std::string_view name, std::uint64_t value );
    JsonEvent& list( std::string_view name, const std::vector<std::string>& values );

    /** @return The object without an end of line. */
    [[nodiscard]] std::string line() const { return m_text + '}'; }

  private:
    JsonEvent& member( std::string_view name, std::string_view value );

    std::string m_text;
};

} // namespace sample
