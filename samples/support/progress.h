// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sample
{

/// How far a transfer is.
struct ProgressState
{
  std::string name;   ///< Of the file.
  std::string method; ///< `s5b` or `ibb`.
  std::uint64_t bytes = 0;
  std::uint64_t total = 0;
  std::uint64_t rate = 0;    ///< Bytes per second.
  std::optional<std::chrono::seconds> left; ///< Nothing if it cannot be told.
};

/**
 * @param width Columns of the terminal.
 * @return `s5b  42 % [====      ]  1.5 MiB/s  0:12 letter.txt`, at most @a width columns.
 */
[[nodiscard]] std::string progressLine( const ProgressState& state, std::size_t width );

/// The last line of the terminal on standard error. Does nothing if that is not a terminal.
class ProgressBar final
{
  public:
    explicit ProgressBar( bool wanted );

    void show( const ProgressState& state );

    /** Removes the bar, so that something else can be printed. */
    void clear();

  private:
    bool m_active;
    bool m_shown = false;
};

} // namespace sample
