// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace simultiple::net
{

/// Has the kernel read a file before it is sent: sendfile() waits for the disk, and the bot's loop would wait with it.
class ReadAhead final
{
  public:
    static constexpr std::chrono::milliseconds Again{ 1 };   ///< When to ask again if nothing is there yet.

    /**
     * @return How many of the @a wanted bytes at @a offset can be sent now. 0: none is in memory yet. All of them if the file system does not tell, and
     *         when nothing has come for Patience calls: then only sendfile() finds out why.
     */
    [[nodiscard]] std::size_t ready( int fd, std::uint64_t offset, std::size_t wanted );

    static constexpr unsigned Patience = 1000;

  private:
    void ask( int fd, std::uint64_t offset );

    std::uint64_t m_asked = 0;   ///< Up to where it is in memory, or the kernel was asked to read it.
    unsigned m_inVain = 0;
};

} // namespace simultiple::net
