// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/sourcefile.h"

#include <gloox-si-multiple/fileinfo.h>

#include "files/filename.h"
#include "protocol/utf8.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace simultiple::files
{

using protocol::printable;

namespace
{

constexpr std::size_t MaxPath = 500; // characters shown
constexpr std::size_t BlockSize = 262144;

/// pread() until there is enough or no more. @return Bytes read; -1: an error.
ssize_t readAll( int fd, char* into, std::size_t count, std::uint64_t offset )
{
  std::size_t done = 0;
  while( done < count )
  {
    const ssize_t got = ::pread( fd, into + done, count - done, static_cast<off_t>( offset + done ) );
    if( got < 0 && errno == EINTR )
      continue;
    if( got < 0 )
      return -1;
    if( got == 0 )
      break;
    done += static_cast<std::size_t>( got );
  }
  return static_cast<ssize_t>( done );
}

} // namespace

std::string updateDigests( int fd, std::uint64_t size, const std::atomic<bool>& goOn, Digest& md5, Digest& sha256 )
{
  std::string block( BlockSize, '\0' );
  for( std::uint64_t offset = 0; offset < size; )
  {
    if( !goOn )
      return "interrupted";
    const auto wanted = static_cast<std::size_t>( std::min<std::uint64_t>( block.size(), size - offset ) );
    const ssize_t got = readAll( fd, block.data(), wanted, offset );
    if( got < 0 )
      return std::generic_category().message( errno );
    if( static_cast<std::size_t>( got ) < wanted )
      return "it became shorter while it was read";
    const auto data = std::string_view( block ).substr( 0, wanted );
    md5.update( data );
    sha256.update( data );
    offset += wanted;
  }
  return {};
}

std::unique_ptr<Jobs::Job> readDigests( Jobs& jobs, int fd, std::uint64_t size, std::function<void( Digests& )> done )
{
  const auto read = std::make_shared<Digests>();
  const auto work = [read, fd, size]( const std::atomic<bool>& goOn )
  {
    read->problem = updateDigests( fd, size, goOn, read->md5, read->sha256 );
    read->begun = true;
  };
  return jobs.run( work, [read, done = std::move( done )]( const std::string& noThread )
  {
    if( !noThread.empty() )
      read->problem = noThread;
    done( *read );
  }, Jobs::AtEnd::Join );
}

std::unique_ptr<SourceFile> SourceFile::open( const std::string& path, std::string& problem )
{
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  net::Fd file( ::open( path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK ) );
  struct stat status{};
  if( !file || ::fstat( file.get(), &status ) != 0 )
    problem = "cannot open " + printable( path, MaxPath ) + ": " + std::generic_category().message( errno );
  else if( S_ISDIR( status.st_mode ) )
    problem = printable( path, MaxPath ) + " is a directory";
  else if( !S_ISREG( status.st_mode ) )
    problem = printable( path, MaxPath ) + " is not a regular file";
  else
    return std::unique_ptr<SourceFile>( new SourceFile( path, std::move( file ), status ) );
  return nullptr;
}

SourceFile::SourceFile( std::string path, net::Fd file, const struct stat& status )
  : m_path( std::move( path ) ), m_file( std::move( file ) ), m_size( static_cast<std::uint64_t>( status.st_size ) ),
    m_changed( status.st_mtim.tv_sec ), m_changedNanoseconds( status.st_mtim.tv_nsec )
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

SourceFile::Change SourceFile::change() const
{
  struct stat status{};
  if( ::fstat( m_file.get(), &status ) != 0 || static_cast<std::uint64_t>( status.st_size ) < m_size )
    return Change::Shorter;
  if( static_cast<std::uint64_t>( status.st_size ) > m_size )
    return Change::Longer;
  return status.st_mtim.tv_sec == m_changed && status.st_mtim.tv_nsec == m_changedNanoseconds ? Change::None : Change::Touched;
}

bool SourceFile::read( std::uint64_t offset, std::size_t count, std::string& block )
{
  block.resize( count );
  const ssize_t got = readAll( m_file.get(), block.data(), count, offset );
  block.resize( static_cast<std::size_t>( std::max<ssize_t>( got, 0 ) ) );
  if( got < 0 )
    m_problem = std::generic_category().message( errno );
  return got >= 0;
}

} // namespace simultiple::files
