// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "support/temporarydirectory.h"

#include <gloox-si-multiple/fileinfo.h>

#include "files/partfile.h"

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

using namespace simultiple::files;

namespace
{

std::unique_ptr<PartFile> create( const std::string& directory, const std::string& name, const std::string& identity = "",
                                  const std::string& folder = "" )
{
  std::string problem;
  auto part = PartFile::open( { directory, folder, name, identity }, problem );
  INFO( problem );
  REQUIRE( part );
  return part;
}

const std::string Identity = "0123456789abcdef";

} // namespace

TEST_CASE( "PFT-4: a file has its name only when it is complete", "[files]" )
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

TEST_CASE( "a file that is not completed leaves nothing behind", "[files]" )
{
  TemporaryDirectory directory;
  auto writer = create( directory.path(), "letter.txt" );
  REQUIRE( writer->write( "abc" ) );
  writer.reset();
  CHECK( directory.entries() == 0 );
}

TEST_CASE( "PFT-4: nothing is overwritten, the new file gets a number", "[files]" )
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

TEST_CASE( "PFT-4: a name that is taken with every number is given up, and nothing of the file is left", "[files]" )
{
  TemporaryDirectory directory;
  directory.write( "a", "" );
  for( int number = 1; number <= 9999; ++number )
    std::filesystem::create_hard_link( directory.file( "a" ), directory.file( "a (" + std::to_string( number ) + ")" ) );
  auto writer = create( directory.path(), "a" );
  REQUIRE( writer->write( "new" ) );
  CHECK_FALSE( writer->commit() );
  CHECK( writer->problem() == "cannot create a in " + directory.path() + "/: File exists" );
  CHECK( writer->problemForPeer() == "cannot create a: File exists" );
  writer.reset();
  CHECK( directory.entries() == 10000 );
}

TEST_CASE( "PFT-4: a symbolic link of that name is not followed, even if it leads nowhere", "[files]" )
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

TEST_CASE( "two files of one name at once both arrive", "[files]" )
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

TEST_CASE( "PFT-4: the file stays in the directory that was opened, wherever the path leads later", "[files]" )
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

TEST_CASE( "a name of the greatest length can be written", "[files]" )
{
  TemporaryDirectory directory;
  const std::string name( 255, 'n' );
  auto writer = create( directory.path(), name );
  REQUIRE( writer->commit() );
  CHECK( std::filesystem::exists( directory.file( name ) ) );
}

TEST_CASE( "a directory in which nothing can be created is a problem, told in words", "[files]" )
{
  TemporaryDirectory directory;
  directory.write( "file", "" );
  CHECK( directoryProblem( directory.path() ).empty() );
  CHECK( directory.entries() == 1 );
  CHECK_FALSE( directoryProblem( directory.file( "missing" ) ).empty() );
  CHECK_FALSE( directoryProblem( directory.file( "file" ) ).empty() );
  CHECK_FALSE( directoryProblem( "/proc" ).empty() ); // read-only for root, too

  std::string problem;
  CHECK_FALSE( PartFile::open( { directory.file( "missing" ), "", "a", "" }, problem ) );
  CHECK( problem.find( "No such file or directory" ) != std::string::npos );
}

TEST_CASE( "room is asked for before a file is taken", "[files]" )
{
  TemporaryDirectory directory;
  CHECK( hasRoom( directory.path(), 0 ) );
  CHECK_FALSE( hasRoom( directory.path(), 0x7fffffffffffffff ) );
}

TEST_CASE( "PFT-16: a part with an identity is found again, and goes on where it ended", "[files]" )
{
  TemporaryDirectory directory;
  auto part = create( directory.path(), "letter.txt", Identity );
  CHECK( part->resumable() );
  CHECK_FALSE( part->found() );
  CHECK( part->size() == 0 );
  REQUIRE( part->write( "abc" ) );
  part.reset();
  CHECK( directory.entries() == 1 );

  part = create( directory.path(), "letter.txt", Identity );
  CHECK( part->found() );
  CHECK( part->size() == 3 );
  REQUIRE( part->write( "def" ) );
  REQUIRE( part->commit() );
  part.reset();
  CHECK( directory.read( "letter.txt" ) == "abcdef" );
  CHECK( directory.entries() == 1 );
}

TEST_CASE( "PFT-16: the part of another file is not touched", "[files]" )
{
  TemporaryDirectory directory;
  REQUIRE( create( directory.path(), "letter.txt", Identity )->write( "abc" ) );
  auto other = create( directory.path(), "letter.txt", "fedcba9876543210" );
  CHECK( other->size() == 0 );
  REQUIRE( other->write( "xyz" ) );
  REQUIRE( other->commit() );
  CHECK( create( directory.path(), "letter.txt", Identity )->size() == 3 );
}

TEST_CASE( "PFT-16: a part that another transfer is writing is left to it", "[files]" )
{
  TemporaryDirectory directory;
  auto first = create( directory.path(), "a", Identity );
  REQUIRE( first->write( "1" ) );
  auto second = create( directory.path(), "a", Identity );
  CHECK_FALSE( second->resumable() );
  CHECK( second->size() == 0 );
  REQUIRE( second->write( "2" ) );
  second.reset();
  CHECK( directory.entries() == 1 );
  REQUIRE( first->commit() );
  CHECK( directory.read( "a" ) == "1" );
}

TEST_CASE( "PFT-16: a discarded or empty part leaves nothing behind, a cut one starts over", "[files]" )
{
  TemporaryDirectory directory;
  auto part = create( directory.path(), "a", Identity );
  part.reset();
  CHECK( directory.entries() == 0 );

  part = create( directory.path(), "a", Identity );
  REQUIRE( part->write( "abc" ) );
  REQUIRE( part->cut( 1 ) );
  REQUIRE( part->write( "x" ) );
  part.reset();
  part = create( directory.path(), "a", Identity );
  CHECK( part->size() == 2 );
  part->discard();
  part.reset();
  CHECK( directory.entries() == 0 );
}

TEST_CASE( "PFT-4, PFT-16: a link in place of the part is not followed", "[files]" )
{
  TemporaryDirectory directory;
  TemporaryDirectory elsewhere;
  elsewhere.write( "victim", "precious" );
  const std::string trap = directory.file( ".a.part-" + Identity );

  SECTION( "a symbolic link" ) { std::filesystem::create_symlink( elsewhere.file( "victim" ), trap ); }
  SECTION( "a hard link" ) { std::filesystem::create_hard_link( elsewhere.file( "victim" ), trap ); }
  SECTION( "a directory" ) { std::filesystem::create_directory( trap ); }

  auto part = create( directory.path(), "a", Identity );
  CHECK_FALSE( part->resumable() );
  REQUIRE( part->write( "evil" ) );
  REQUIRE( part->commit() );
  CHECK( directory.read( "a" ) == "evil" );
  CHECK( elsewhere.read( "victim" ) == "precious" );
}

TEST_CASE( "a file that vanished, or that somebody else wrote to, is not given its name", "[files]" )
{
  TemporaryDirectory directory;
  auto part = create( directory.path(), "a" );
  REQUIRE( part->write( "abc" ) );
  const auto temporary = std::filesystem::directory_iterator( directory.path() )->path();

  SECTION( "vanished" )
  {
    std::filesystem::remove( temporary );
    CHECK_FALSE( part->commit() );
    CHECK( part->problem().find( "vanished" ) != std::string::npos );
  }
  SECTION( "longer" )
  {
    std::ofstream( temporary, std::ios::app ) << "x";
    CHECK_FALSE( part->commit() );
    CHECK( part->problem().find( "somebody else" ) != std::string::npos );
  }
  part.reset();
  CHECK( directory.entries() == 0 );
}

TEST_CASE( "a write that fails for want of room says so, and what was written of it counts", "[files]" )
{
  TemporaryDirectory directory;
  auto part = create( directory.path(), "a" );
  // A limit on the size of files is the full disk that needs no privileges.
  struct rlimit before{};
  REQUIRE( ::getrlimit( RLIMIT_FSIZE, &before ) == 0 );
  const auto handler = std::signal( SIGXFSZ, SIG_IGN );
  const rlimit small{ 1000, before.rlim_max };
  REQUIRE( ::setrlimit( RLIMIT_FSIZE, &small ) == 0 );
  const bool first = part->write( std::string( 600, 'x' ) );
  const bool second = part->write( std::string( 600, 'x' ) );
  ::setrlimit( RLIMIT_FSIZE, &before );
  std::signal( SIGXFSZ, handler );
  CHECK( first );
  CHECK_FALSE( second );
  CHECK( part->full() );
  CHECK( part->size() == 1000 );
}

TEST_CASE( "PFT-15: folders are made below the directory, and a link in their place is not followed", "[files]" )
{
  TemporaryDirectory directory;
  TemporaryDirectory elsewhere;
  auto part = create( directory.path(), "a", "", "x/y" );
  REQUIRE( part->write( "1" ) );
  REQUIRE( part->commit() );
  CHECK( directory.read( "x/y/a" ) == "1" );
  CHECK( part->path() == directory.file( "x/y/a" ) );

  std::filesystem::create_directory_symlink( elsewhere.path(), directory.file( "link" ) );
  std::string problem;
  CHECK_FALSE( PartFile::open( { directory.path(), "link", "a", "" }, problem ) );
  CHECK_FALSE( PartFile::open( { directory.path(), "x/y/a", "b", "" }, problem ) );
  CHECK( elsewhere.entries() == 0 );
}

TEST_CASE( "PFT-15: the deepest folder and the longest name that a peer can give make a path that can be opened", "[files]" )
{
  TemporaryDirectory directory;
  std::string folder;
  for( int i = 0; i < 16; ++i )
    folder += std::string( 255, 'f' ) + '/';
  auto part = create( directory.path(), std::string( 255, 'n' ), "", simultiple::safeFolder( folder ) );
  REQUIRE( part->write( "1" ) );
  REQUIRE( part->commit() );
  CHECK( std::ifstream( part->path() ).get() == '1' );
}

TEST_CASE( "PFT-15: of a file that did not come no folder is left that was made for it", "[files]" )
{
  TemporaryDirectory directory;
  std::filesystem::create_directory( directory.file( "theirs" ) );
  create( directory.path(), "a", "", "theirs/new/newer" ).reset();
  create( directory.path(), "a", Identity, "new/newer" ).reset();
  CHECK( std::filesystem::is_empty( directory.file( "theirs" ) ) );
  CHECK( directory.entries() == 1 );

  auto first = create( directory.path(), "a", "", "shared/one" );
  auto second = create( directory.path(), "b", "", "shared/two" );
  REQUIRE( second->write( "2" ) );
  first.reset();
  CHECK( std::filesystem::exists( directory.file( "shared/two" ) ) );
  CHECK_FALSE( std::filesystem::exists( directory.file( "shared/one" ) ) );
  REQUIRE( second->commit() );
  second.reset();
  CHECK( directory.read( "shared/two/b" ) == "2" );

  auto kept = create( directory.path(), "c", Identity, "part" );
  REQUIRE( kept->write( "3" ) );
  kept.reset();
  CHECK_FALSE( std::filesystem::is_empty( directory.file( "part" ) ) );
}

TEST_CASE( "PFT-16: old parts and those beyond the bound are removed, but none that is being written", "[files]" )
{
  TemporaryDirectory directory;
  directory.write( "keep.part-0123456789abcdef", "not hidden" );
  directory.write( ".short.part-0123", "not a part" );
  for( int i = 0; i < 6; ++i )
  {
    const std::string name = ".f" + std::to_string( i ) + ".part-000000000000000" + std::to_string( i );
    directory.write( name, "x" );
    std::filesystem::last_write_time( directory.file( name ), std::filesystem::file_time_type::clock::now() - std::chrono::hours( i ) );
  }
  const auto writing = create( directory.path(), "f5", "0000000000000005" );
  REQUIRE( writing->found() );

  removeOldParts( directory.path(), false, std::chrono::minutes( 210 ), 3 );
  CHECK( std::filesystem::exists( directory.file( ".f2.part-0000000000000002" ) ) );
  CHECK_FALSE( std::filesystem::exists( directory.file( ".f3.part-0000000000000003" ) ) ); // the fourth
  CHECK_FALSE( std::filesystem::exists( directory.file( ".f4.part-0000000000000004" ) ) ); // old
  CHECK( std::filesystem::exists( directory.file( ".f5.part-0000000000000005" ) ) );       // in use
  CHECK( directory.entries() == 6 );
  removeOldParts( directory.file( "missing" ), true, std::chrono::hours( 1 ), 3 );
}

TEST_CASE( "PFT-15, PFT-16: parts in folders are bounded with the others, and no link is followed to them", "[files]" )
{
  TemporaryDirectory directory;
  TemporaryDirectory elsewhere;
  const auto age = [&]( const std::string& path, int hours )
  { std::filesystem::last_write_time( path, std::filesystem::file_time_type::clock::now() - std::chrono::hours( hours ) ); };
  const auto put = [&]( const std::string& folder, const std::string& digit, int hours )
  {
    std::filesystem::create_directories( directory.file( folder ) );
    const std::string path = directory.file( folder + "/.f.part-000000000000000" + digit );
    std::ofstream( path ) << "x";
    age( path, hours );
    return path;
  };
  const auto top = put( ".", "0", 3 );
  const auto young = put( "photos/2005", "1", 0 );
  const auto middle = put( "photos", "2", 1 );
  const auto old = put( "photos/2005", "3", 10 );
  const auto hidden = put( ".mine", "4", 10 );
  elsewhere.write( ".f.part-0000000000000005", "x" );
  age( elsewhere.file( ".f.part-0000000000000005" ), 10 );
  std::filesystem::create_directory_symlink( elsewhere.path(), directory.file( "photos/link" ) );

  removeOldParts( directory.path(), false, std::chrono::hours( 5 ), 2 );
  CHECK( std::filesystem::exists( old ) ); // folders are not ours
  removeOldParts( directory.path(), true, std::chrono::hours( 5 ), 3 );
  CHECK_FALSE( std::filesystem::exists( old ) );
  CHECK( std::filesystem::exists( top ) );
  removeOldParts( directory.path(), true, std::chrono::hours( 5 ), 2 );
  CHECK_FALSE( std::filesystem::exists( top ) ); // the third of all
  CHECK( std::filesystem::exists( young ) );
  CHECK( std::filesystem::exists( middle ) );
  CHECK( std::filesystem::exists( hidden ) ); // no folder of ours
  CHECK( elsewhere.entries() == 1 );
}
