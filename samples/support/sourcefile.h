// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "descriptor.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sample
{

/// A regular file that is to be sent.
class SourceFile final
{
  public:
    /** @param problem Receives why there is none: missing, a directory, not readable. */
    [[nodiscard]] static std::unique_ptr<SourceFile> open( const std::string& path, std::string& problem );

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::string name() const;            ///< For the peer: the base name, made fit for XML.
    [[nodiscard]] std::uint64_t size() const { return m_size; } ///< When it was opened.
    [[nodiscard]] std::string date() const;            ///< Last change, in UTC (PFT-5).

    /**
     * Reads up to @a count bytes from @a offset into @a block, which afterwards is as long as what was read.
     * @return false on an error; problem() says which. At the end of the file @a block is empty.
     */
    [[nodiscard]] bool read( std::uint64_t offset, std::size_t count, std::string& block );

    /**
     * Reads the whole file for its MD5 (PFT-6).
     * @param goOn Asked before each block; false stops.
     * @return false on an error or a stop. On a system without MD5 @a digest is empty.
     */
    [[nodiscard]] bool md5( std::string& digest, const std::function<bool()>& goOn );

    [[nodiscard]] const std::string& problem() const { return m_problem; }

  private:
    SourceFile( std::string path, Descriptor file, std::uint64_t size, std::int64_t changed );

    std::string m_path;
    std::string m_problem;
    Descriptor m_file;
    std::uint64_t m_size;
    std::int64_t m_changed;
};

} // namespace sample
