// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "files/digest.h"
#include "files/jobs.h"
#include "net/fd.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct stat;

namespace simultiple::files
{

/**
 * Reads the first @a size bytes of a file into both digests (PFT-6). Blocks; meant for a helper thread.
 * @param goOn Looked at before each block; false stops.
 * @return Why it was not read to the end; empty if all is well.
 */
[[nodiscard]] std::string updateDigests( int fd, std::uint64_t size, const std::atomic<bool>& goOn, Digest& md5, Digest& sha256 );

/// What came of readDigests().
struct Digests
{
  Digest md5{ Digest::Algorithm::Md5 };
  Digest sha256{ Digest::Algorithm::Sha256 };
  std::string problem = "out of memory";   ///< Why the file was not read to the end; empty if all is well. Unless it is told, the work has thrown.
  bool begun = false;                      ///< false: there was no thread, descriptor or memory to read it. Nothing is wrong with the file then.
};

/**
 * The same on a helper thread.
 * @param fd Must stay open as long as the job lives.
 * @param done From the loop; may destroy the job.
 */
[[nodiscard]] std::unique_ptr<Jobs::Job> readDigests( Jobs& jobs, int fd, std::uint64_t size, std::function<void( Digests& )> done );

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
    [[nodiscard]] int descriptor() const { return m_file.get(); }

    /// What has happened to the file since it was opened.
    enum class Change
    {
      None,
      Touched, ///< It was written to.
      Longer,  ///< The same: its first size() bytes may still be what they were.
      Shorter  ///< It has fewer than size() bytes, or cannot be looked at any more.
    };
    [[nodiscard]] Change change() const;

    /**
     * Reads up to @a count bytes from @a offset into @a block, which afterwards is as long as what was read.
     * @return false on an error; problem() says which. At the end of the file @a block is empty.
     */
    [[nodiscard]] bool read( std::uint64_t offset, std::size_t count, std::string& block );

    [[nodiscard]] const std::string& problem() const { return m_problem; } ///< Why the last read() failed.

  private:
    SourceFile( std::string path, net::Fd file, const struct stat& status );

    std::string m_path;
    std::string m_problem;
    net::Fd m_file;
    std::uint64_t m_size;
    std::int64_t m_changed;     ///< Seconds since 1970
    long m_changedNanoseconds;
};

} // namespace simultiple::files
