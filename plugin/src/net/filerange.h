// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"
#include "net/readahead.h"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace simultiple::net
{

/// What one FileRange::sendSome() came to.
struct FileStep
{
  std::size_t sent = 0;
  int socketError = 0;         ///< errno; the socket being full is none.
  std::string fileProblem{};   ///< Not empty: nothing more can be read. In words for people.
  bool disk = false;           ///< Nothing was sent, because the disk has not brought it yet: try again after ReadAhead::Again.
};

/// A part of a regular file on its way to a socket, which the kernel carries past us.
class FileRange final
{
  public:
    /// The file, by a descriptor of ours: whoever asked may close his own at once.
    class File;

    /**
     * @param known A file that is sent already; if @a fd is the same one, no further descriptor is taken, so that a file sent in a
     *              thousand pieces does not cost a thousand of them.
     * @return Nothing if @a fd is no regular file open for reading, the range is empty or beyond what a file can have, or no descriptor is left.
     */
    [[nodiscard]] static std::optional<FileRange> make( int fd, std::uint64_t offset, std::uint64_t length,
                                                        const std::shared_ptr<const File>& known );

    /** Sends at most @a most bytes to @a socket, which does not block; does not wait for the disk. Never raises SIGPIPE. */
    [[nodiscard]] FileStep sendSome( int socket, std::size_t most );

    [[nodiscard]] std::uint64_t left() const noexcept { return m_left; }
    [[nodiscard]] const std::shared_ptr<const File>& file() const noexcept { return m_file; }
    /** Takes @a next into this range. @return false if it does not go on where this one ends. */
    bool join( const FileRange& next );

  private:
    FileRange( std::shared_ptr<const File> file, std::uint64_t offset, std::uint64_t length );
    [[nodiscard]] FileStep copySome( int socket, std::size_t most );
    [[nodiscard]] FileStep blame( int error ) const;
    [[nodiscard]] std::string ended() const;
    void advance( std::size_t bytes );

    std::shared_ptr<const File> m_file;
    std::uint64_t m_offset;
    std::uint64_t m_left;
    ReadAhead m_ahead{};
    bool m_copies = false;   ///< The file system has no sendfile(): we read and send.
};

} // namespace simultiple::net
