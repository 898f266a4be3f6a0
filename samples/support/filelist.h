// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace sample
{

/// A file to be sent.
struct ListedFile
{
  std::string path;
  std::string folder; ///< Below the receiver's directory; empty: none.
};

/**
 * What the command line names: files as they are, directories with all that is in them, in alphabetical order. Links to files are
 * followed, links to directories are not: they may lead in circles.
 * @param recursive Whether directories are taken.
 * @param leftOut Receives what was found in directories and is no file, nor a directory that is walked: links that lead nowhere or to a directory,
 *                pipes, sockets, devices. Harmless to print.
 * @param problem Receives why there is no list: something is missing, no regular file, not readable, a directory without --recursive. Nobody has
 *                been bothered by then.
 */
[[nodiscard]] std::vector<ListedFile> listFiles( const std::vector<std::string>& paths, bool recursive, std::vector<std::string>& leftOut,
                                                 std::string& problem );

} // namespace sample
