// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "files/identity.h"
#include "files/note.h"

#include <gloox/tag.h>

#include <string>

using namespace simultiple;
using namespace simultiple::files;

namespace
{

std::optional<Note> parsed( const std::string& xml ) { return Note::parse( *test::parse( xml ) ); }

FileInfo letter()
{
  FileInfo info;
  info.name = "letter.txt";
  info.size = 15;
  info.sha256 = std::string( 64, 'a' );
  info.range = true;
  return info;
}

} // namespace

TEST_CASE( "W-40, PFT-13, PFT-14: notes are read and written", "[files]" )
{
  CHECK_THAT( ( Note{ Note::Kind::Stopped, FileCause::StorageFull, "no <room>" } ).tag()->xml(),
              Catch::Matchers::Equals( "<stopped xmlns='urn:x-gloox-si-multiple:files:0' cause='storage-full'>no &lt;room&gt;</stopped>" ) );
  CHECK_THAT( Note{ Note::Kind::Sent }.tag()->xml(), Catch::Matchers::Equals( "<sent xmlns='urn:x-gloox-si-multiple:files:0'/>" ) );
  CHECK_THAT( Note{ Note::Kind::Received }.tag()->xml(), Catch::Matchers::Equals( "<received xmlns='urn:x-gloox-si-multiple:files:0'/>" ) );

  CHECK_THAT( Note{ Note::Kind::Alive }.tag()->xml(), Catch::Matchers::Equals( "<alive xmlns='urn:x-gloox-si-multiple:files:0'/>" ) );
  CHECK_THAT( Note{ Note::Kind::Lacking }.tag()->xml(), Catch::Matchers::Equals( "<lacking xmlns='urn:x-gloox-si-multiple:files:0'/>" ) );

  const auto note = parsed( "<stopped xmlns='urn:x-gloox-si-multiple:files:0' sid='s' cause='storage-full'>no room</stopped>" );
  REQUIRE( note );
  CHECK( note->kind == Note::Kind::Stopped );
  CHECK( note->cause == FileCause::StorageFull );
  CHECK( note->text == "no room" );
  CHECK( parsed( "<sent xmlns='urn:x-gloox-si-multiple:files:0'/>" ).value().kind == Note::Kind::Sent );
  CHECK( parsed( "<alive xmlns='urn:x-gloox-si-multiple:files:0'/>" ).value().kind == Note::Kind::Alive );
  CHECK( parsed( "<lacking xmlns='urn:x-gloox-si-multiple:files:0'/>" ).value().kind == Note::Kind::Lacking );
  CHECK( parsed( "<received xmlns='urn:x-gloox-si-multiple:files:0'/>" ).value().kind == Note::Kind::Received );
}

TEST_CASE( "PFT-13: a reason that nobody knows, or that is none, is a cancellation; what is no note is none", "[files]" )
{
  CHECK( parsed( "<stopped xmlns='urn:x-gloox-si-multiple:files:0'/>" ).value().cause == FileCause::Cancelled );
  CHECK( parsed( "<stopped xmlns='urn:x-gloox-si-multiple:files:0' cause='phase-of-the-moon'/>" ).value().cause == FileCause::Cancelled );
  CHECK( parsed( "<stopped xmlns='urn:x-gloox-si-multiple:files:0' cause='complete'/>" ).value().cause == FileCause::Cancelled );
  CHECK_FALSE( parsed( "<started xmlns='urn:x-gloox-si-multiple:files:0'/>" ) );
  CHECK_FALSE( parsed( "<stopped xmlns='urn:x-other'/>" ) );
  const auto longWinded = parsed( "<stopped xmlns='urn:x-gloox-si-multiple:files:0'>" + std::string( 10000, 'x' ) + "</stopped>" );
  CHECK( longWinded.value().text.size() == 4096 );
}

TEST_CASE( "every file cause has a word of its own, and is found by it", "[files]" )
{
  int words = 0;
  for( int i = 0; i <= static_cast<int>( FileCause::StorageFailed ); ++i )
  {
    const auto cause = static_cast<FileCause>( i );
    CHECK( fileCauseFromText( fileCauseText( cause ) ) == cause );
    words += *fileCauseText( cause ) ? 1 : 0;
  }
  CHECK( words == 12 );
  CHECK_FALSE( fileCauseFromText( "" ) );
}

TEST_CASE( "PFT-16: the same file of the same person is known again, from whatever resource", "[files]" )
{
  const gloox::JID romeo( "romeo@montague.example/orchard" );
  const auto identity = fileIdentity( romeo, letter() );
  CHECK( identity.size() == 16 );
  CHECK( identity.find_first_not_of( "0123456789abcdef" ) == std::string::npos );
  CHECK( fileIdentity( gloox::JID( "romeo@montague.example/balcony" ), letter() ) == identity );
  auto same = letter();
  same.desc = "another description";
  same.date = "2005-11-29T11:21:00Z";
  CHECK( fileIdentity( romeo, same ) == identity );
}

TEST_CASE( "PFT-16: to a component's other JID it is another file; a client's parts have the names that they always had", "[files]" )
{
  const gloox::JID romeo( "romeo@montague.example/orchard" );
  const auto one = fileIdentity( romeo, letter(), "a@svc.example/x" );
  CHECK( one == fileIdentity( romeo, letter(), "a@svc.example/x" ) );
  CHECK( one != fileIdentity( romeo, letter(), "b@svc.example/x" ) );
  CHECK( one != fileIdentity( romeo, letter() ) );
  CHECK( fileIdentity( romeo, letter() ) == "b2c74eb8b2400ab9" );
}

TEST_CASE( "PFT-16: another person, name, size, folder or content is another file", "[files]" )
{
  const gloox::JID romeo( "romeo@montague.example/orchard" );
  const auto identity = fileIdentity( romeo, letter() );
  CHECK( fileIdentity( gloox::JID( "mallory@montague.example/orchard" ), letter() ) != identity );
  auto other = letter();
  SECTION( "name" ) { other.name = "letter.tx"; }
  SECTION( "size" ) { other.size = 16; }
  SECTION( "folder" ) { other.folder = "a"; }
  SECTION( "SHA-256" ) { other.sha256 = std::string( 64, 'b' ); }
  SECTION( "MD5" )
  {
    other.sha256.clear();
    other.md5 = std::string( 32, 'a' );
  }
  SECTION( "name and folder run together" )
  {
    other.folder = "letter.txt";
    other.name = "";
  }
  CHECK( fileIdentity( romeo, other ) != identity );
}

TEST_CASE( "PFT-16: without digest and date, or without a range, no file is known again; a date stands in for a digest", "[files]" )
{
  const gloox::JID romeo( "romeo@montague.example/orchard" );
  auto info = letter();
  info.range = false;
  CHECK( fileIdentity( romeo, info ).empty() );
  info = letter();
  info.sha256.clear();
  CHECK( fileIdentity( romeo, info ).empty() );
  info.date = "2005-11-29T11:21:00Z";
  const auto identity = fileIdentity( romeo, info );
  CHECK( identity.size() == 16 );
  info.date = "2005-11-29T11:22:00Z";
  CHECK( fileIdentity( romeo, info ) != identity );
}
