// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sourcefile.h"

#include "digest.h"
#include "filename.h"
#include "text.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

namespace sample
{

std::unique_ptr<SourceFile> SourceFile::open( const std::string& path, std::string& problem )
{
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  Descriptor file( ::open( path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK ) );
  struct stat status{};
  if( !file || ::fstat( file.get(), &status ) != 0 )
    problem = "cannot open " + printable( path ) + ": " + std::strerror( errno );
  else if( S_ISDIR( status.st_mode ) )
    problem = printable( path ) + " is a directory";
  else if( !S_ISREG( status.st_mode ) )
    problem = printable( path ) + " is not a regular file";
  else
    return std::unique_ptr<SourceFile>( new SourceFile( path, std::move( file ),
                                                        static_cast<std::uint64_t>( status.st_size ),
                                                        static_cast<std::int64_t>( status.st_mtime ) ) );
  return nullptr;
}

SourceFile::SourceFile( std::string path, Descriptor file, std::uint64_t size, std::int64_t changed )
  : m_path( std::move( path ) ), m_file( std::move( file ) ), m_size( size ), m_changed( changed )
{
}

std::string SourceFile::name() const
{
  // gloox drops an attribute that XML cannot hold, so the name is cleaned as a peer's would be; but a leading dot may stay.
  const std::string_view base = baseName( m_path );
  std::string name = safeFileName( base );
  if( base.size() > 1 && base.front() == '.' && name.front() == '_' )
    name.front() = '.';
  return name;
}

std::string SourceFile::date() const
{
  const auto changed = static_cast<std::time_t>( m_changed );
  std::tm utc{};
  std::array<char, 32> text{};
  if( !::gmtime_r( &changed, &utc ) || std::strftime( text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc ) != 20 )
    return {};
  return text.data();
}

bool SourceFile::read( std::uint64_t offset, std::size_t count, std::string& block )
{
  block.resize( count );
  std::size_t done = 0;
  while( done < count )
  {
    const ssize_t got = ::pread( m_file.get(), block.data() + done, count - done, static_cast<off_t>( offset + done ) );
    if( got < 0 && errno == EINTR )
      continue;
    if( got < 0 )
    {
      m_problem = "cannot read " + printable( m_path ) + ": " + std::strerror( errno );
      return false;
    }
    if( got == 0 )
      break;
    done += static_cast<std::size_t>( got );
  }
  block.resize( done );
  return true;
}

bool SourceFile::md5( std::string& digest, const std::function<bool()>& goOn )
{
  constexpr std::size_t BlockSize = 256 * 1024;
  Digest md5( Digest::Algorithm::Md5 );
  std::string block;
  for( std::uint64_t offset = 0; md5.valid() && offset < m_size; offset += block.size() )
  {
    if( !goOn() )
    {
      m_problem = "interrupted";
      return false;
    }
    if( !read( offset, static_cast<std::size_t>( std::min<std::uint64_t>( BlockSize, m_size - offset ) ), block ) )
      return false;
    if( block.empty() )
      break; // it became shorter; sending it will fail and say so
    md5.update( block );
  }
  digest = md5.hex();
  return true;
}

} // namespace sample
