// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "descriptor.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sample
{

/**
 * Writes a file that appears under its name only when it is complete.
 *
 * Until commit() the data are in a hidden `.NAME.part-XXXX` of the same directory; the destructor removes that. Nothing
 * that exists is ever overwritten: if the name is taken the file becomes `NAME (1)`, and so on. The directory is opened
 * once and every name is looked up in it, so that the file stays inside whatever happens to the path (PFT-4).
 */
class FileWriter final
{
  public:
    /**
     * @param name From safeFileName().
     * @param problem Receives why there is no writer.
     */
    [[nodiscard]] static std::unique_ptr<FileWriter> create( const std::string& directory, const std::string& name,
                                                             std::string& problem );
    ~FileWriter();
    FileWriter( const FileWriter& ) = delete;
    FileWriter& operator=( const FileWriter& ) = delete;

    /** Appends @a data. @return false if that failed, see problem(). */
    [[nodiscard]] bool write( std::string_view data );

    /** Brings everything to the disk and gives the file its name. @return false if that failed, see problem(). */
    [[nodiscard]] bool commit();

    /** @return What went wrong, for people. */
    [[nodiscard]] const std::string& problem() const { return m_problem; }

    /** @return The path of the file once commit() has returned true. */
    [[nodiscard]] const std::string& path() const { return m_path; }

  private:
    FileWriter( std::string directory, std::string name, Descriptor folder );
    [[nodiscard]] bool open();
    [[nodiscard]] bool failed( const std::string& what, int error );

    std::string m_directory;
    std::string m_name;
    std::string m_temporary; // empty: nothing to remove
    std::string m_path;
    std::string m_problem;
    Descriptor m_folder;
    Descriptor m_file;
};

/** @return Why files cannot be written to @a directory; empty if they can. Tries it. */
[[nodiscard]] std::string directoryProblem( const std::string& directory );

/** @return Whether the file system of @a directory has room for @a bytes; true if it does not say. */
[[nodiscard]] bool hasRoom( const std::string& directory, std::uint64_t bytes );

} // namespace sample
