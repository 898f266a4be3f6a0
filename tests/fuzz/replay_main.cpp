// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Feeds every file of the given folders (or the given files) to a fuzz target, each whole and cut short at every
// power of two, so that the corpus is a plain test with any compiler.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size );

namespace
{

std::vector<std::filesystem::path> filesIn( const std::filesystem::path& path )
{
  if( !std::filesystem::is_directory( path ) )
    return { path };

  std::vector<std::filesystem::path> files;
  for( const auto& entry : std::filesystem::recursive_directory_iterator( path ) )
    if( entry.is_regular_file() )
      files.push_back( entry.path() );
  return files;
}

bool replay( const std::filesystem::path& file )
{
  std::ifstream in( file, std::ios::binary );
  if( !in )
    return false;

  const std::vector<char> text{ std::istreambuf_iterator<char>( in ), std::istreambuf_iterator<char>() };
  const std::vector<std::uint8_t> bytes( text.begin(), text.end() );
  LLVMFuzzerTestOneInput( bytes.data(), bytes.size() );
  for( std::size_t size = 1; size < bytes.size(); size *= 2 )
  {
    // A copy of just that size, so that a sanitizer sees a read beyond it.
    const std::vector<std::uint8_t> cut( bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>( size ) );
    LLVMFuzzerTestOneInput( cut.data(), cut.size() );
  }
  return true;
}

} // namespace

int main( int argc, char** argv )
{
  const std::vector<std::uint8_t> nothing;
  LLVMFuzzerTestOneInput( nothing.data(), 0 );

  std::size_t count = 0;
  for( int i = 1; i < argc; ++i )
  {
    for( const auto& file : filesIn( argv[i] ) )
    {
      if( !replay( file ) )
      {
        std::fprintf( stderr, "cannot read %s\n", file.c_str() );
        return 1;
      }
      ++count;
    }
  }
  std::printf( "%zu inputs replayed\n", count );
  return count == 0; // An empty corpus proves nothing.
}
