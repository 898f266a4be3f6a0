// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "temporarydirectory.h"

#include "samples/support/filewriter.h"

#include <filesystem>
#include <memory>
#include <string>

using sample::FileWriter;

namespace
{

std::unique_ptr<FileWriter> create( const std::string& directory, const std::string& name )
{
  std::string problem;
  auto writer = FileWriter::create( directory, name, problem );
  INFO( problem );
  REQUIRE( writer );
  return writer;
}

} // namespace

TEST_CASE( "PFT-4: a file has its name only when it is complete", "[samples]" )
{
  TemporaryDirectory directory;
  auto writer = create( directory.path(), "letter.txt" );
  CHECK( writer->write( "abc" ) );
  CHECK_FALSE( std::filesystem::exists( directory.file( "letter.txt" ) ) );
  CHECK( directory.entries() == 1 );
  CHECK( std::filesystem::directory_iterator( directory.path() )->path().filename().string().substr( 0, 17 ) == ".letter.txt.part-" );

  CHECK( writer->write( "def" ) );
  CHECK( writer->commit() );
  CHECK( writer->path() == directory.file( "letter.txt" ) );
  writer.reset();
  CHECK( directory.read( "letter.txt" ) == "abcdef" );
  CHECK( directory.entries() == 1 );
}

TEST_CASE( "a file that is not completed leaves nothing behind", "[samples]" )
{
  TemporaryDirectory directory;
  auto writer = create( directory.path(), "letter.txt" );
  REQUIRE( writer->write( "abc" ) );
  writer.reset();
  CHECK( directory.entries() == 0 );
}

TEST_CASE( "PFT-4: nothing is overwritten, the new file gets a number", "[samples]" )
{
  TemporaryDirectory directory;
  directory.write( "letter.txt", "old" );
  directory.write( "letter (1).txt", "older" );
  auto writer = create( directory.path(), "letter.txt" );
  REQUIRE( writer->write( "new" ) );
  REQUIRE( writer->commit() );
  CHECK( writer->path() == directory.file( "letter (2).txt" ) );
  CHECK( directory.read( "letter.txt" ) == "old" );
  CHECK( directory.read( "letter (1).txt" ) == "older" );
  CHECK( directory.read( "letter (2).txt" ) == "new" );
  CHECK( directory.entries() == 3 );
}

TEST_CASE( "PFT-4: a symbolic link of that name is not followed, even if it leads nowhere", "[samples]" )
{
  TemporaryDirectory directory;
  TemporaryDirectory elsewhere;
  std::filesystem::create_symlink( elsewhere.file( "target" ), directory.file( "letter.txt" ) );
  auto writer = create( directory.path(), "letter.txt" );
  REQUIRE( writer->write( "new" ) );
  REQUIRE( writer->commit() );
  CHECK( directory.read( "letter (1).txt" ) == "new" );
  CHECK( elsewhere.entries() == 0 );
}

TEST_CASE( "two files of one name at once both arrive", "[samples]" )
{
  TemporaryDirectory directory;
  auto first = create( directory.path(), "a" );
  auto second = create( directory.path(), "a" );
  REQUIRE( first->write( "1" ) );
  REQUIRE( second->write( "2" ) );
  REQUIRE( second->commit() );
  REQUIRE( first->commit() );
  CHECK( directory.read( "a" ) == "2" );
  CHECK( directory.read( "a (1)" ) == "1" );
}

TEST_CASE( "PFT-4: the file stays in the directory that was opened, wherever the path leads later", "[samples]" )
{
  TemporaryDirectory directory;
  const std::string inbox = directory.file( "inbox" );
  std::filesystem::create_directory( inbox );
  auto writer = create( inbox, "a" );
  REQUIRE( writer->write( "1" ) );
  std::filesystem::rename( inbox, directory.file( "moved" ) );
  std::filesystem::create_directory( inbox );
  REQUIRE( writer->commit() );
  CHECK( directory.read( "moved/a" ) == "1" );
  CHECK( std::filesystem::is_empty( inbox ) );
}

TEST_CASE( "a name of the greatest length can be written", "[samples]" )
{
  TemporaryDirectory directory;
  const std::string name( 255, 'n' );
  auto writer = create( directory.path(), name );
  REQUIRE( writer->commit() );
  CHECK( std::filesystem::exists( directory.file( name ) ) );
}

TEST_CASE( "a directory in which nothing can be created is a problem, told in words", "[samples]" )
{
  TemporaryDirectory directory;
  directory.write( "file", "" );
  CHECK( sample::directoryProblem( directory.path() ).empty() );
  CHECK( directory.entries() == 1 );
  CHECK_FALSE( sample::directoryProblem( directory.file( "missing" ) ).empty() );
  CHECK_FALSE( sample::directoryProblem( directory.file( "file" ) ).empty() );
  CHECK_FALSE( sample::directoryProblem( "/proc" ).empty() ); // read-only for root, too

  std::string problem;
  CHECK_FALSE( FileWriter::create( directory.file( "missing" ), "a", problem ) );
  CHECK( problem.find( "No such file or directory" ) != std::string::npos );
}

TEST_CASE( "room is asked for before a file is taken", "[samples]" )
{
  TemporaryDirectory directory;
  CHECK( sample::hasRoom( directory.path(), 0 ) );
  CHECK_FALSE( sample::hasRoom( directory.path(), 0x7fffffffffffffff ) );
}
