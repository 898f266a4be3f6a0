// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "filelist.h"

#include "descriptor.h"
#include "text.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>

namespace sample
{

namespace
{

namespace fs = std::filesystem;

/** @return Why @a path cannot be sent; empty if it can. */
std::string fileProblem( const std::string& path )
{
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  const Descriptor file( ::open( path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK ) );
  struct stat status{};
  if( !file || ::fstat( file.get(), &status ) != 0 )
    return "cannot open " + printable( path ) + ": " + std::generic_category().message( errno );
  if( S_ISDIR( status.st_mode ) )
    return printable( path ) + " is a directory (see --recursive)";
  return S_ISREG( status.st_mode ) ? std::string() : printable( path ) + " is not a regular file";
}

/// All regular files below @a top; its own name is the first folder, as with cp -r.
std::vector<ListedFile> filesBelow( const std::string& top, std::vector<std::string>& leftOut, std::string& problem )
{
  std::vector<ListedFile> files;
  std::error_code error;
  const fs::path root = fs::canonical( top, error );
  for( fs::recursive_directory_iterator entry( root, error ), end; !error && entry != end; entry.increment( error ) )
  {
    if( !entry->is_regular_file( error ) )
    {
      if( entry->is_symlink( error ) || !entry->is_directory( error ) )
        leftOut.push_back( printable( entry->path().string() ) );
      continue; // directories are walked
    }
    const fs::path folder = root.filename() / entry->path().parent_path().lexically_relative( root );
    files.push_back( { entry->path().string(), folder.lexically_normal().generic_string() } );
    if( files.back().folder.size() > 1 && files.back().folder.back() == '/' )
      files.back().folder.pop_back();
  }
  if( error )
    problem = "cannot read " + printable( top ) + ": " + error.message();
  std::sort( leftOut.begin(), leftOut.end() );
  std::sort( files.begin(), files.end(), []( const ListedFile& a, const ListedFile& b ) { return a.path < b.path; } );
  return files;
}

} // namespace

std::vector<ListedFile> listFiles( const std::vector<std::string>& paths, bool recursive, std::vector<std::string>& leftOut, std::string& problem )
{
  std::vector<ListedFile> files;
  std::size_t checked = 0;
  for( const auto& path : paths )
  {
    std::error_code error;
    if( recursive && fs::is_directory( path, error ) )
    {
      const auto below = filesBelow( path, leftOut, problem );
      files.insert( files.end(), below.begin(), below.end() );
    }
    else
      files.push_back( { path, {} } );
    for( ; problem.empty() && checked < files.size(); ++checked )
      problem = fileProblem( files[checked].path );
    if( !problem.empty() )
      return {};
  }
  if( files.empty() )
    problem = "there is no file in what was named";
  return files;
}

} // namespace sample
