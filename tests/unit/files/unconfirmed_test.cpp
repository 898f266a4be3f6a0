// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "support/temporarydirectory.h"

#include "files/unconfirmed.h"

#include <chrono>
#include <string>

using namespace simultiple;
using namespace simultiple::files;
using namespace std::chrono_literals;

namespace
{

const gloox::JID Romeo( "romeo@montague.example/orchard" );
const TimePoint Now{};

/// A directory in which each file is complete, under an identity that is its name.
struct Inbox
{
  explicit Inbox( std::size_t most = 3, std::chrono::seconds age = 100s ) : files( most, age ) {}

  void complete( const std::string& name, TimePoint now = Now )
  {
    folder.write( name, name );
    files.add( Romeo, "sid of " + name, name, folder.file( name ), now );
  }
  [[nodiscard]] bool has( const std::string& name, TimePoint now = Now ) { return files.offered( Romeo, "again " + name, name, now ); }

  TemporaryDirectory folder{};
  Unconfirmed files;
};

} // namespace

TEST_CASE( "PFT-18: what is complete and not confirmed is known by the file's identity, as often as it is asked for", "[files]" )
{
  Inbox inbox;
  inbox.complete( "a" );
  CHECK( inbox.has( "a" ) );
  CHECK( inbox.has( "a" ) );
  CHECK_FALSE( inbox.has( "b" ) );
  CHECK_FALSE( inbox.has( "" ) );
}

TEST_CASE( "PFT-18: the sender of the newest session of a file confirms it", "[files]" )
{
  Inbox inbox;
  inbox.complete( "a" );
  inbox.files.confirmed( gloox::JID( "tybalt@capulet.example/sword" ), "sid of a" );
  inbox.files.confirmed( Romeo, "sid of b" );
  CHECK( inbox.has( "a" ) );
  inbox.files.confirmed( Romeo, "sid of a" ); // an older one
  CHECK( inbox.has( "a" ) );
  inbox.files.confirmed( Romeo, "again a" );
  CHECK_FALSE( inbox.has( "a" ) );
}

TEST_CASE( "PFT-18: no more than so many are known, for so long, and the oldest go first", "[files]" )
{
  Inbox inbox;
  for( const auto* name : { "a", "b", "c", "d" } )
    inbox.complete( name );
  CHECK_FALSE( inbox.has( "a" ) );
  CHECK( inbox.has( "b" ) );
  inbox.complete( "e", Now + 50s );
  CHECK_FALSE( inbox.has( "b" ) );
  CHECK( inbox.has( "d", Now + 99s ) );
  CHECK_FALSE( inbox.has( "d", Now + 100s ) );
  CHECK( inbox.has( "e", Now + 149s ) );

  Inbox always( 3, std::chrono::seconds::max() );
  always.complete( "a" );
  CHECK( always.has( "a", Now + 24h * 365 * 100 ) );

  Inbox none( 0 );
  none.complete( "a" );
  CHECK_FALSE( none.has( "a" ) );
}

TEST_CASE( "PFT-18: of two that are alike the newer one is meant", "[files]" )
{
  Inbox inbox;
  inbox.folder.write( "a (1)", "a" );
  inbox.complete( "a" );
  inbox.files.add( Romeo, "second", "a", inbox.folder.file( "a (1)" ), Now );
  inbox.files.confirmed( Romeo, "second" );
  CHECK( inbox.has( "a" ) );
}
