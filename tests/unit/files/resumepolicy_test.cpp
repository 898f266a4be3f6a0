// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "files/resumepolicy.h"

#include <string>
#include <vector>

using namespace simultiple;
using namespace simultiple::files;
using namespace std::chrono_literals;

namespace
{

const std::vector<std::string> Both{ "s5b", "ibb" };
constexpr std::uint64_t Much = ResumePolicy::WorthKeeping;

StreamEnd broke( const std::string& method, std::uint64_t carried, Cause cause = Cause::IoError ) { return { cause, true, method, carried }; }

} // namespace

TEST_CASE( "PFT-16: a stream that broke is tried again, soon while bytes move, ever later while none do", "[files]" )
{
  TimePoint now{};
  ResumePolicy policy( ResumeOptions(), now );
  for( int i = 0; i < 5; ++i )
  {
    const auto verdict = policy.streamEnded( broke( "s5b", Much ), now += 1s );
    CHECK( verdict.again );
    CHECK( verdict.after == 250ms );
  }
  auto expected = 500ms;
  for( int i = 0; i < 10; ++i )
  {
    const auto verdict = policy.streamEnded( { Cause::Unsupported, false, "", 0 }, now );
    CHECK( verdict.again );
    CHECK( verdict.after == std::min( expected, 30000ms ) );
    expected *= 2;
  }
  CHECK( policy.streamEnded( broke( "s5b", 1 ), now ).after == 250ms );
}

TEST_CASE( "PFT-16: what never had a stream is not tried again", "[files]" )
{
  ResumePolicy policy( ResumeOptions{}, TimePoint{} );
  CHECK_FALSE( policy.streamEnded( { Cause::MethodsExhausted, false, "", 0 }, TimePoint() ).again );
  CHECK_FALSE( policy.streamEnded( { Cause::Unsupported, false, "", 0 }, TimePoint() ).again );
  CHECK_FALSE( policy.notOffered( TimePoint() ).again );
}

TEST_CASE( "PFT-16: a decision of the peer's, or its fault, is not asked for twice", "[files]" )
{
  const auto cause = GENERATE( Cause::Declined, Cause::NoValidStreams, Cause::BadProfile, Cause::MalformedReply, Cause::CancelledLocal,
                               Cause::CancelledRemote, Cause::ProtocolViolation, Cause::LimitExceeded );
  CAPTURE( causeText( cause ) );
  ResumePolicy policy( ResumeOptions{}, TimePoint{} );
  REQUIRE( policy.streamEnded( broke( "s5b", Much ), TimePoint() ).again );
  CHECK_FALSE( policy.streamEnded( { cause, false, "", 0 }, TimePoint() ).again );
}

TEST_CASE( "PFT-16: what another try may overcome is tried again", "[files]" )
{
  const auto cause = GENERATE( Cause::ClosedLocal, Cause::ClosedRemote, Cause::Unsupported, Cause::PeerUnreachable, Cause::MethodsExhausted, Cause::Timeout,
                               Cause::Disconnected, Cause::StreamConflict, Cause::IoError );
  CAPTURE( causeText( cause ) );
  ResumePolicy policy( ResumeOptions{}, TimePoint{} );
  CHECK( policy.streamEnded( broke( "s5b", 1, cause ), TimePoint() ).again );
}

TEST_CASE( "PFT-16: tries are bounded in number, and by the time in which nothing moves", "[files]" )
{
  ResumeOptions options;
  SECTION( "streams" )
  {
    options.streams = 3;
    ResumePolicy policy( options, TimePoint() );
    CHECK( policy.streamEnded( broke( "s5b", 1 ), TimePoint() ).again );
    CHECK( policy.streamEnded( broke( "s5b", 1 ), TimePoint() ).again );
    CHECK_FALSE( policy.streamEnded( broke( "s5b", 1 ), TimePoint() ).again );
  }
  SECTION( "patience" )
  {
    options.patience = 60s;
    TimePoint now{};
    ResumePolicy policy( options, now );
    CHECK( policy.streamEnded( broke( "s5b", 1 ), now += 10min ).again ); // it moved until now
    CHECK( policy.streamEnded( { Cause::Unsupported, false, "", 0 }, now += 50s ).again );
    CHECK_FALSE( policy.notOffered( now += 10s ).again );
  }
  SECTION( "not wanted" )
  {
    options.enabled = false;
    ResumePolicy policy( options, TimePoint() );
    CHECK_FALSE( policy.streamEnded( broke( "s5b", Much ), TimePoint() ).again );
  }
}

TEST_CASE( "PFT-16: a method that broke twice before it had carried much is left out, as long as another is left", "[files]" )
{
  ResumePolicy policy( ResumeOptions{}, TimePoint{} );
  std::uint64_t offset = 0;
  // Whatever the kernel took: what counts is from where the receiver goes on.
  const auto breaks = [&]( const std::string& method, std::uint64_t carried )
  {
    (void)policy.streamEnded( broke( method, 100 * Much ), TimePoint() );
    policy.reached( offset += carried );
  };
  CHECK( policy.methods( Both ) == Both );
  breaks( "s5b", Much - 1 );
  CHECK( policy.methods( Both ) == Both );
  SECTION( "twice in a row" )
  {
    breaks( "s5b", 0 );
    CHECK( policy.methods( Both ) == std::vector<std::string>{ "ibb" } );
    CHECK( policy.methods( { "s5b" } ) == std::vector<std::string>{ "s5b" } );
    breaks( "ibb", 0 );
    CHECK( policy.methods( Both ) == std::vector<std::string>{ "ibb" } );
    breaks( "ibb", 0 );
    CHECK( policy.methods( Both ) == Both );
  }
  SECTION( "with a good one in between" )
  {
    breaks( "s5b", Much );
    breaks( "s5b", 0 );
    CHECK( policy.methods( Both ) == Both );
  }
  SECTION( "what never opened does not count" )
  {
    (void)policy.streamEnded( { Cause::MethodsExhausted, false, "", 0 }, TimePoint() );
    policy.reached( offset );
    CHECK( policy.methods( Both ) == Both );
  }
  SECTION( "a receiver that starts over has got nothing" )
  {
    (void)policy.streamEnded( broke( "s5b", 100 * Much ), TimePoint() );
    policy.reached( 0 );
    CHECK( policy.methods( Both ) == std::vector<std::string>{ "ibb" } );
  }
}
