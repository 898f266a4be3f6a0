// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/tracker.h"

#include "airlock/airlock.h"
#include "support/catch2.h"

#include <string>
#include <vector>

using namespace simultiple::airlock;

namespace
{

class Asker final : public Tenant
{
  public:
    [[nodiscard]] const gloox::JID& local() const override { return m_jid; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_jid; }
    bool handleAnswer( const std::string&, const gloox::Tag& ) override { return false; }

  private:
    gloox::JID m_jid{ "a@example.org/a" };
};

const gloox::JID Juliet( "juliet@capulet.example/balcony" );

std::vector<Asked> forget( Tracker& tracker, const Tenant& tenant )
{
  tracker.forgetRequests( tenant );
  std::vector<Asked> left;
  while( auto asked = tracker.forgetOne( tenant ) )
    left.push_back( *asked );
  return left;
}

} // namespace

TEST_CASE( "GEN-5: an answer is awaited from whom was asked, in any spelling of the JID", "[airlock]" )
{
  Asker asker;
  Tracker tracker;
  tracker.expect( "1", Pending{ &asker, "offer", Juliet, {} } );
  CHECK( tracker.awaited( "1", Juliet.full() ) );
  CHECK( tracker.awaited( "1", "JULIET@capulet.EXAMPLE/balcony" ) );
  CHECK_FALSE( tracker.awaited( "1", "juliet@capulet.example/garden" ) );
  CHECK_FALSE( tracker.awaited( "2", Juliet.full() ) );
}

TEST_CASE( "SI-23: an answer that waits in the inbox is the only one, and is taken once", "[airlock]" )
{
  Asker asker;
  Tracker tracker;
  CHECK_FALSE( tracker.answered( "1" ) );
  tracker.expect( "1", Pending{ &asker, "offer", Juliet, {} } );
  CHECK( tracker.answered( "1" ) );
  CHECK_FALSE( tracker.awaited( "1", Juliet.full() ) );
  CHECK_FALSE( tracker.answered( "1" ) );
  REQUIRE( tracker.take( "1" ) );
  CHECK_FALSE( tracker.take( "1" ) );
  CHECK( tracker.size() == 0 );
}

TEST_CASE( "NEG-5: a tenant that goes takes along what is owed to it and by it, and nothing of the others'", "[airlock]" )
{
  std::vector<Asker> askers( 50 );
  Tracker tracker;
  for( std::size_t i = 0; i < 500; ++i )
  {
    auto* tenant = &askers[i % askers.size()];
    const auto id = std::to_string( i );
    tracker.expect( id, Pending{ tenant, "query", Juliet, "inner" + id } );
    tracker.owe( "in" + id, Asked{ tenant, tenant->local(), Juliet, id } );
  }
  REQUIRE( tracker.answered( "57" ) );
  CHECK( tracker.find( askers[7], Juliet, "57" ) == "in57" );
  CHECK( tracker.find( askers[8], Juliet, "57" ).empty() );

  const auto left = forget( tracker, askers[7] );
  CHECK( left.size() == 10 );
  for( const auto& asked : left )
  {
    CHECK( asked.tenant == &askers[7] );
    CHECK( asked.id.back() == '7' );
  }
  CHECK( tracker.size() == 980 );
  CHECK_FALSE( tracker.take( "57" ) );
  CHECK_FALSE( tracker.settle( "in57" ) );
  REQUIRE( tracker.take( "58" ) );
  REQUIRE( tracker.settle( "in58" ) );
  CHECK( forget( tracker, askers[7] ).empty() );
  CHECK( forget( tracker, askers[8] ).size() == 9 );
  CHECK( tracker.size() == 960 );
}

TEST_CASE( "GEN-6: an id that is used again belongs to its last user", "[airlock]" )
{
  Asker one, other;
  Tracker tracker;
  tracker.expect( "1", Pending{ &one, "offer", Juliet, {} } );
  tracker.expect( "1", Pending{ &other, "query", Juliet, {} } );
  CHECK( forget( tracker, one ).empty() );
  const auto pending = tracker.take( "1" );
  REQUIRE( pending );
  CHECK( pending->tenant == &other );
  CHECK( tracker.size() == 0 );
}
