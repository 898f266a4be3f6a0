// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Parts, and what other processes and the disk do at the worst moment. The system calls between which it happens are this program's.

#include "support/catch2.h"

#include "support/temporarydirectory.h"

#include "files/partfile.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace simultiple::files;

namespace
{

std::function<void()> beforeTheLock; // the next one
std::function<int( ino_t )> onSync;  // its error, or 0

/// Sees to fsync() as long as it lives.
struct Syncs
{
  explicit Syncs( std::function<int( ino_t )> how ) { onSync = std::move( how ); }
  ~Syncs() { onSync = nullptr; }
  Syncs( const Syncs& ) = delete;
  Syncs& operator=( const Syncs& ) = delete;
};

const std::string Identity = "0123456789abcdef";

std::unique_ptr<PartFile> create( const std::string& directory, const std::string& folder = "" )
{
  std::string problem;
  auto part = PartFile::open( { directory, folder, "a", Identity }, problem );
  INFO( problem );
  REQUIRE( part );
  return part;
}

/// Another process goes on with the part, and is done.
void finish( const std::string& directory )
{
  const auto part = create( directory );
  REQUIRE( part->found() );
  REQUIRE( part->write( "def" ) );
  REQUIRE( part->commit() );
}

/// A directory with a part of three bytes, which nobody has.
struct Left
{
  Left() { REQUIRE( create( directory.path() )->write( "abc" ) ); }

  TemporaryDirectory directory;
};

ino_t inode( const std::string& path )
{
  struct stat status{};
  REQUIRE( ::stat( path.c_str(), &status ) == 0 );
  return status.st_ino;
}

} // namespace

extern "C" int flock( int file, int how ) noexcept
{
  if( const auto first = std::exchange( beforeTheLock, nullptr ) )
    first();
  return static_cast<int>( ::syscall( SYS_flock, file, how ) );
}

extern "C" int fsync( int file )
{
  struct stat status{};
  if( onSync && ::fstat( file, &status ) == 0 )
    if( const int error = onSync( status.st_ino ); error != 0 )
    {
      errno = error;
      return -1;
    }
  return static_cast<int>( ::syscall( SYS_fsync, file ) );
}

TEST_CASE( "PFT-16: a part that became the file before it was locked is not a part any more", "[files]" )
{
  Left left;
  beforeTheLock = [&] { finish( left.directory.path() ); };
  auto late = create( left.directory.path() );
  CHECK_FALSE( late->found() );
  CHECK_FALSE( late->resumable() );
  CHECK( late->size() == 0 );
  REQUIRE( late->write( "other" ) );
  REQUIRE( late->commit() );
  CHECK( left.directory.read( "a" ) == "abcdef" );
  CHECK( left.directory.read( "a (1)" ) == "other" );
}

TEST_CASE( "PFT-16: an old part that became the file before it was locked does not take along the next one of its name", "[files]" )
{
  Left left;
  std::unique_ptr<PartFile> next;
  beforeTheLock = [&]
  {
    finish( left.directory.path() );
    next = create( left.directory.path() );
  };
  removeOldParts( left.directory.path(), false, std::chrono::hours( 1 ), 0 );
  REQUIRE( next );
  REQUIRE( next->write( "other" ) );
  CHECK( next->commit() );
  CHECK( left.directory.read( "a (1)" ) == "other" );
}

TEST_CASE( "PFT-14, PFT-15: a file is stored when its name is on the disk, and those of its folders", "[files]" )
{
  TemporaryDirectory directory;
  std::vector<ino_t> synced;
  const Syncs syncs( [&]( ino_t which ) { return synced.push_back( which ), 0; } );
  auto part = create( directory.path(), "photos/2005" );
  REQUIRE( part->write( "abc" ) );
  REQUIRE( part->commit() );
  CHECK( synced == std::vector<ino_t>{ inode( part->path() ), inode( directory.file( "photos/2005" ) ), inode( directory.file( "photos" ) ),
                                       inode( directory.path() ) } );

  synced.clear();
  part = create( directory.path() );
  REQUIRE( part->commit() );
  CHECK( synced == std::vector<ino_t>{ inode( part->path() ), inode( directory.path() ) } );
}

TEST_CASE( "PFT-14: a name that does not get to the disk is no file", "[files]" )
{
  const int error = GENERATE( EIO, ENOSPC, EDQUOT, EINVAL );
  TemporaryDirectory directory;
  const Syncs syncs( [error, top = inode( directory.path() )]( ino_t which ) { return which == top ? error : 0; } );
  auto part = create( directory.path(), "photos" );
  REQUIRE( part->write( "abc" ) );
  const bool stored = part->commit();
  CHECK( stored == ( error == EINVAL ) ); // not every file system can do it
  CHECK( part->full() == ( error == ENOSPC || error == EDQUOT ) );
  part.reset();
  CHECK( directory.entries() == ( stored ? 1 : 0 ) );
}
