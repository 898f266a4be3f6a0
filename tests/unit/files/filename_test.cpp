// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "files/filename.h"
#include "protocol/utf8.h"

#include <string>
#include <string_view>
#include <utility>

using simultiple::safeFileName;
using simultiple::files::numberedName;
using namespace std::string_literals;

TEST_CASE( "TC-193, PFT-4: a peer's name is reduced to something inside the directory", "[files]" )
{
  const auto [name, expected] = GENERATE( table<std::string, std::string>( {
    { "letter.txt", "letter.txt" },
    { "../../x", "x" },
    { "/etc/passwd", "passwd" },
    { "C:\\a\\b", "b" },
    { "a/b\\c", "c" },
    { "a\\b/c", "c" },
    { "..", "file" },
    { ".", "file" },
    { "", "file" },
    { "x/..", "file" },
    { "x/", "file" },
    { "..\\", "file" },
    { ".bashrc", "_bashrc" },
    { "a\0b"s, "a_b" },
    { "a\nb\x1b[2Jc\x7f", "a_b_[2Jc_" },
    { "photo\xe2\x80\xaegpj.exe", "photo_gpj.exe" }, // right-to-left override
    { "a\xe2\x81\xa6" "b", "a_b" },                   // isolate
    { "\xc2\x85" "a", "_a" },                         // C1
    { "a\xff" "b\xc0\xaf", "a_b__" },                 // not UTF-8, and an overlong slash
    { "gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80.txt", "gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80.txt" },
  } ) );
  CAPTURE( name );
  CHECK_THAT( safeFileName( name ), Catch::Matchers::Equals( expected ) );
}

TEST_CASE( "PFT-4: no name of any length or content leaves the directory or grows too long", "[files]" )
{
  for( int seed = 0; seed < 2000; ++seed )
  {
    static constexpr std::string_view alphabet = "/\\..a\0\x1b\xc3\xbc\xe2\x80\xae \xff";
    std::string name;
    unsigned state = static_cast<unsigned>( seed ) * 2654435761u + 1;
    for( int i = 0; i < seed % 600; ++i )
    {
      state = state * 1664525u + 1013904223u;
      name += alphabet[( state >> 16 ) % alphabet.size()];
    }
    const std::string safe = safeFileName( name );
    REQUIRE_FALSE( safe.empty() );
    REQUIRE( safe.size() <= 255 );
    REQUIRE( safe != "." );
    REQUIRE( safe.find_first_of( "/\\\0"s ) == std::string::npos );
    REQUIRE( safe.front() != '.' );
    REQUIRE( simultiple::protocol::xmlText( safe ) );
  }
}

TEST_CASE( "PFT-4: a name that is taken gets a number before its extension", "[files]" )
{
  CHECK( numberedName( "letter.txt", 0 ) == "letter.txt" );
  CHECK( numberedName( "letter.txt", 1 ) == "letter (1).txt" );
  CHECK( numberedName( "letter", 12 ) == "letter (12)" );
  CHECK( numberedName( "a.tar.gz", 2 ) == "a.tar (2).gz" );

  const std::string longest( 255, 'n' );
  CHECK( numberedName( longest, 10 ).size() == 255 );
  CHECK( numberedName( std::string( 251, 'n' ) + ".txt", 1 ) == std::string( 247, 'n' ) + " (1).txt" );
  std::string umlauts = "x";
  for( int i = 0; i < 127; ++i )
    umlauts += "\xc3\xbc";
  CHECK( simultiple::protocol::xmlText( numberedName( umlauts, 1 ) ) );
}

TEST_CASE( "baseName() is the last component of a path", "[files]" )
{
  CHECK( simultiple::files::baseName( "a/b/c.txt" ) == "c.txt" );
  CHECK( simultiple::files::baseName( "c.txt" ) == "c.txt" );
  CHECK( simultiple::files::baseName( "a/b/" ) == "b" );
  CHECK( simultiple::files::baseName( "a\\b" ) == "a\\b" );
}

TEST_CASE( "PFT-4: joiners stay, since words of many languages need them", "[files]" )
{
  CHECK( safeFileName( "\xd9\x85\xe2\x80\x8c\xd9\x87" ) == "\xd9\x85\xe2\x80\x8c\xd9\x87" );
}

TEST_CASE( "PFT-15: a folder stays below the directory, component by component", "[files]" )
{
  using simultiple::safeFolder;
  CHECK( safeFolder( "a/b" ) == "a/b" );
  CHECK( safeFolder( "/a//b/" ) == "a/b" );
  CHECK( safeFolder( "../../a/../b" ) == "a/b" );
  CHECK( safeFolder( "a\\..\\b" ) == "a/b" );
  CHECK( safeFolder( ".git/hooks" ) == "_git/hooks" );
  CHECK( safeFolder( "." ).empty() );
  CHECK( safeFolder( "a\nb" ) == "a_b" );
  std::string deep;
  for( int i = 0; i < 100; ++i )
    deep += "d/";
  CHECK( safeFolder( deep ).size() == 16 * 2 - 1 );
  const std::string longest( 255, 'd' );
  const std::string three = longest + '/' + longest + '/' + longest;
  CHECK( safeFolder( three + '/' + longest + '/' + longest ) == three + '/' + longest );
  CHECK( safeFolder( three + '/' + longest + "/e" ) == three + '/' + longest ); // 1025 bytes
  CHECK( safeFolder( longest + "/../" + three + "/e" ) == longest + '/' + three );
}
