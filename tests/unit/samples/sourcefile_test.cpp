// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "temporarydirectory.h"

#include "samples/support/filechild.h"
#include "samples/support/sourcefile.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

using sample::SourceFile;

TEST_CASE( "only a regular file that can be read is sent", "[samples]" )
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

TEST_CASE( "a file's name, size, date and MD5 go into the offer", "[samples]" )
{
  TemporaryDirectory directory;
  directory.write( "letter.txt", "abc" );
  std::string problem;
  const auto file = SourceFile::open( directory.file( "letter.txt" ), problem );
  REQUIRE( file );
  CHECK( file->name() == "letter.txt" );
  CHECK( file->size() == 3 );
  CHECK( sample::isDateTime( file->date() ) );
  CHECK( file->date().back() == 'Z' );
  std::string md5;
  REQUIRE( file->md5( md5, [] { return true; } ) );
  CHECK( md5 == "900150983cd24fb0d6963f7d28e17f72" );
  CHECK_FALSE( file->md5( md5, [] { return false; } ) );
}

TEST_CASE( "a name that XML cannot hold is cleaned, a hidden file keeps its dot", "[samples]" )
{
  TemporaryDirectory directory;
  std::string problem;
  directory.write( "a\x01\xff", "" );
  CHECK( SourceFile::open( directory.file( "a\x01\xff" ), problem )->name() == "a__" );
  directory.write( ".profile", "" );
  CHECK( SourceFile::open( directory.file( ".profile" ), problem )->name() == ".profile" );
}

TEST_CASE( "PFT-12: reading past the end of a file that became shorter gives what there is", "[samples]" )
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
