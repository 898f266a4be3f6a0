// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Parts, and what other processes and the disk do at the worst moment. The system calls between which it happens are this program's.

#include "support/catch2.h"

#include "support/temporarydirectory.h"

#include "files/partfile.h"

#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

using namespace simultiple::files;

namespace
{

std::function<void()> beforeTheLock; // the next one

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

} // namespace

extern "C" int flock( int file, int how ) noexcept
{
  if( const auto first = std::exchange( beforeTheLock, nullptr ) )
    first();
  return static_cast<int>( ::syscall( SYS_flock, file, how ) );
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
