// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace simultiple::net
{

/// Bytes on their way to the kernel, in chunks, so that taking from the front moves nothing.
class SendQueue final
{
  public:
    void add( std::string_view data );
    [[nodiscard]] std::string_view front() const;  ///< The next bytes to send; empty if there are none.
    void taken( std::size_t bytes );               ///< So many of front() are gone.
    void clear();
    [[nodiscard]] bool empty() const noexcept { return m_size == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }

  private:
    std::deque<std::string> m_chunks{};
    std::size_t m_offset = 0;  ///< Into the first chunk.
    std::size_t m_size = 0;
};

} // namespace simultiple::net
