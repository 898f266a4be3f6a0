// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace simultiple::files
{

/**
 * A file on its way in, which appears under its name only when it is complete.
 *
 * Until commit() the data are in a hidden `.NAME.part-XXXXXXXXXXXXXXXX`. With an identity those digits are made of it, so that the next
 * try, also of another process, finds what there is and goes on (PFT-16): the length of the part is all the bookkeeping there is.
 * Nothing that exists is ever overwritten: if the name is taken the file becomes `NAME (1)`, and so on. The directory is opened
 * once and every name is looked up in it, so that the file stays inside whatever happens to the path (PFT-4).
 */
class PartFile final
{
  public:
    /// Where a file goes.
    struct Place
    {
      std::string directory; ///< The application's.
      std::string folder;    ///< From safeFolder(); made if it is not there. Empty: none.
      std::string name;      ///< From safeFileName().
      std::string identity;  ///< Of the file, 16 hexadecimal digits; empty: it cannot be resumed.
    };

    /** @param problem Receives why there is none. */
    [[nodiscard]] static std::unique_ptr<PartFile> open( const Place& place, std::string& problem );

    /** Keeps the part if it has an identity, unless discard() was called; otherwise removes it, and the folders that were made for it. */
    ~PartFile();
    PartFile( const PartFile& ) = delete;
    PartFile& operator=( const PartFile& ) = delete;

    [[nodiscard]] bool resumable() const { return m_resumable; } ///< It has an identity, and nobody else is writing it.
    [[nodiscard]] bool found() const { return m_found; }         ///< It was there before.
    [[nodiscard]] std::uint64_t size() const { return m_size; }  ///< Bytes that are in it.
    [[nodiscard]] int descriptor() const { return m_file.get(); }

    /** Forgets what is behind @a size bytes. @return false if that failed, see problem(). */
    [[nodiscard]] bool cut( std::uint64_t size );

    /** Appends @a data. @return false if that failed, see problem(). What was written of it counts. */
    [[nodiscard]] bool write( std::string_view data );

    /** Brings everything to the disk and gives the file its name. Blocks; meant for a helper thread. @return false if that failed, see problem(). */
    [[nodiscard]] bool commit();

    /** The part is not wanted any more. */
    void discard() { m_resumable = false; }

    [[nodiscard]] bool full() const { return m_full; } ///< The failure was for want of room.

    /** @return What went wrong, for people. */
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    [[nodiscard]] const std::string& problemForPeer() const { return m_problemForPeer; } ///< The same without a path of ours.

    /** @return The path of the file once commit() has returned true. */
    [[nodiscard]] const std::string& path() const { return m_path; }

  private:
    explicit PartFile( const Place& place );
    [[nodiscard]] bool openFolder();
    [[nodiscard]] bool openPart();
    [[nodiscard]] bool openFound();
    [[nodiscard]] bool create( const std::string& name );
    [[nodiscard]] int syncNames() const;
    void leaveNothing();
    /** @param where Goes behind @a what, and names a path of ours. */
    [[nodiscard]] bool failed( const std::string& what, int error, const std::string& where = std::string() );

    const Place m_place;
    std::string m_where;     ///< Directory and folder, as a path
    std::string m_temporary; ///< Empty: nothing to remove
    std::string m_path;
    std::string m_problem;
    std::string m_problemForPeer;
    std::vector<std::string> m_made; ///< Folders that were not there, from the outside in
    net::Fd m_folder;
    net::Fd m_file;
    std::uint64_t m_size = 0;
    std::uint64_t m_flushed = 0; ///< Up to here the kernel was asked to write
    bool m_resumable = false;
    bool m_found = false;
    bool m_full = false;
};

/** @return Why files cannot be written to @a directory; empty if they can. Tries it. */
[[nodiscard]] std::string directoryProblem( const std::string& directory );

/** @return Whether the file system of @a directory has room for @a bytes; true if it does not say. */
[[nodiscard]] bool hasRoom( const std::string& directory, std::uint64_t bytes );

/**
 * Removes parts in @a directory that nobody writes and that are older than @a age, and the oldest ones beyond @a most. Looks at no more than 10000
 * entries, and follows no link.
 * @param folders Look into its folders, too.
 */
void removeOldParts( const std::string& directory, bool folders, std::chrono::seconds age, std::size_t most );

} // namespace simultiple::files
