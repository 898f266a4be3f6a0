// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/filerange.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace simultiple::net
{

/// Bytes and parts of files on their way to the kernel, in chunks, so that taking from the front moves nothing.
class SendQueue final
{
  public:
    void add( std::string_view data );
    /** @return false if that is no range FileRange takes, or the queue cannot count so much or is full of ranges. */
    [[nodiscard]] bool addFile( int fd, std::uint64_t offset, std::uint64_t length );
    [[nodiscard]] std::string_view front() const;  ///< The next bytes to send; empty if there are none, or frontFile() is next.
    [[nodiscard]] FileRange* frontFile();          ///< The file that is next; null if bytes are.
    void taken( std::size_t bytes );               ///< So many of front() or frontFile() are gone.
    [[nodiscard]] bool empty() const noexcept { return m_size == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }

  private:
    using Chunk = std::variant<std::string, FileRange>;

    std::deque<Chunk> m_chunks{};
    std::weak_ptr<const FileRange::File> m_lastFile{};
    std::size_t m_ranges = 0;  ///< Chunks that are files.
    std::size_t m_offset = 0;  ///< Into the first chunk, if it is bytes.
    std::size_t m_size = 0;
};

} // namespace simultiple::net
