// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace simultiple::test
{

/**
 * How much memory is asked for while it lives. One at a time, and only what its own thread asks for.
 *
 * With AddressSanitizer, which is the build that tests are run in, every request counts, also one that was given back at once. Without it, what is
 * in use more than at the start; with a C library that cannot tell, nothing.
 */
class HeapWatch final
{
  public:
    HeapWatch();
    ~HeapWatch();
    HeapWatch( const HeapWatch& ) = delete;
    HeapWatch& operator=( const HeapWatch& ) = delete;

    [[nodiscard]] std::size_t bytes() const;    ///< In all.
    [[nodiscard]] static bool works();          ///< Whether anything is counted at all.

  private:
    std::size_t m_start = 0;
};

/** @return Bytes that are in use now; 0 if nobody can tell. */
[[nodiscard]] std::size_t heapInUse();

} // namespace simultiple::test
