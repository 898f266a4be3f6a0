// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "support/temporarydirectory.h"

#include "files/datetime.h"
#include "files/sourcefile.h"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

using namespace simultiple::files;

TEST_CASE( "only a regular file that can be read is sent", "[files]" )
{
  TemporaryDirectory directory;
  std::string problem;
  CHECK_FALSE( SourceFile::open( directory.file( "missing" ), problem ) );
  CHECK( problem.find( "No such file" ) != std::string::npos );
  CHECK_FALSE( SourceFile::open( directory.path(), problem ) );
  CHECK( problem.find( "is a directory" ) != std::string::npos );
  REQUIRE( ::mkfifo( directory.file( "pipe" ).c_str(), 0600 ) == 0 );
  CHECK_FALSE( SourceFile::open( directory.file( "pipe" ), problem ) );
  CHECK( problem.find( "not a regular file" ) != std::string::npos );
}

TEST_CASE( "a file's name, size, date and MD5 go into the offer", "[files]" )
{
  TemporaryDirectory directory;
  directory.write( "letter.txt", "abc" );
  std::string problem;
  const auto file = SourceFile::open( directory.file( "letter.txt" ), problem );
  REQUIRE( file );
  CHECK( file->name() == "letter.txt" );
  CHECK( file->size() == 3 );
  CHECK( isDateTime( file->date() ) );
  CHECK( file->date().back() == 'Z' );
  Digest md5( Digest::Algorithm::Md5 );
  Digest sha256( Digest::Algorithm::Sha256 );
  std::atomic<bool> goOn{ true };
  CHECK( updateDigests( file->descriptor(), file->size(), goOn, md5, sha256 ).empty() );
  CHECK( md5.hex() == "900150983cd24fb0d6963f7d28e17f72" );
  CHECK( sha256.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" );

  Digest other( Digest::Algorithm::Md5 );
  CHECK( updateDigests( file->descriptor(), 4, goOn, other, other ) == "it became shorter while it was read" );
  goOn = false;
  CHECK( updateDigests( file->descriptor(), 3, goOn, other, other ) == "interrupted" );
}

TEST_CASE( "a name that XML cannot hold is cleaned, a hidden file keeps its dot", "[files]" )
{
  TemporaryDirectory directory;
  std::string problem;
  directory.write( "a\x01\xff", "" );
  CHECK( SourceFile::open( directory.file( "a\x01\xff" ), problem )->name() == "a__" );
  directory.write( ".profile", "" );
  CHECK( SourceFile::open( directory.file( ".profile" ), problem )->name() == ".profile" );
}

TEST_CASE( "PFT-12: reading past the end of a file that became shorter gives what there is", "[files]" )
{
  TemporaryDirectory directory;
  directory.write( "a", "0123456789" );
  std::string problem;
  const auto file = SourceFile::open( directory.file( "a" ), problem );
  REQUIRE( file );
  std::string block;
  REQUIRE( file->read( 2, 4, block ) );
  CHECK( block == "2345" );
  std::filesystem::resize_file( directory.file( "a" ), 5 );
  REQUIRE( file->read( 2, 8, block ) );
  CHECK( block == "234" );
  REQUIRE( file->read( 5, 5, block ) );
  CHECK( block.empty() );
  CHECK( file->size() == 10 );
}

TEST_CASE( "PFT-12: what happened to a file since it was opened can be told", "[files]" )
{
  TemporaryDirectory directory;
  directory.write( "a", "0123456789" );
  const std::string path = directory.file( "a" );
  std::filesystem::last_write_time( path, std::filesystem::file_time_type::clock::now() - std::chrono::hours( 1 ) );
  std::string problem;
  const auto file = SourceFile::open( path, problem );
  REQUIRE( file );
  CHECK( file->change() == SourceFile::Change::None );
  std::filesystem::rename( path, directory.file( "b" ) ); // the open file is what counts
  CHECK( file->change() == SourceFile::Change::None );
  std::ofstream( directory.file( "b" ), std::ios::app ) << "more";
  CHECK( file->change() == SourceFile::Change::Longer );
  std::filesystem::resize_file( directory.file( "b" ), 10 );
  CHECK( file->change() == SourceFile::Change::Touched );
  std::filesystem::resize_file( directory.file( "b" ), 9 );
  CHECK( file->change() == SourceFile::Change::Shorter );
}
