// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "samples/support/reporter.h"

#include <gloox/gloox.h>

#include <string>

using namespace simultiple;
using sample::Reporter;

namespace
{

/// As far as a reporter looks at one.
class Transfer final : public FileTransfer
{
  public:
    std::string newest = "s0";
    State now = State::Open;
    gloox::JID from{ "romeo@montague.example/orchard" };

    State state() const override { return now; }
    bool outgoing() const override { return false; }
    const gloox::JID& peer() const override { return from; }
    const std::string& sid() const override { return newest; }
    const FileInfo& info() const override { return m_info; }
    FileProgress progress() const override { return {}; }
    void pause() override {}
    void resume() override {}
    bool paused() const override { return false; }
    void setLimit( std::uint64_t ) override {}
    void cancel() override {}

  private:
    FileInfo m_info{};
};

sample::Settings quiet()
{
  sample::Settings settings;
  settings.role = sample::Role::Receive;
  settings.quiet = true;
  return settings;
}

Attempt opened( const Transfer& transfer )
{
  Attempt attempt;
  attempt.state = Attempt::State::Opened;
  attempt.sid = transfer.newest;
  attempt.peer = transfer.from;
  attempt.method = gloox::XMLNS_IBB;
  return attempt;
}

} // namespace

TEST_CASE( "PFT-16: of a transfer that goes on under one sid after another the newest is remembered, and nothing in the end", "[samples]" )
{
  const auto settings = quiet();
  Reporter reporter( settings );
  Transfer transfer;
  reporter.offer( transfer.newest, transfer.from, "letter.txt", 10 );
  reporter.accepted( transfer, Dialect::SiMultiple, { gloox::XMLNS_IBB } );
  // A sender comes back before anything is open, while it is, and with another resource.
  for( int i = 1; i <= 30; ++i )
  {
    transfer.newest = "s" + std::to_string( i );
    transfer.from.setResource( "orchard" + std::to_string( i / 10 ) );
    if( i % 3 != 0 )
      reporter.attempt( transfer, opened( transfer ) );
    if( i % 3 == 1 )
      reporter.open( transfer, 0 );
    CHECK( reporter.sessions() == 1 );
  }

  transfer.newest = "the last, of which nothing was told";
  transfer.now = FileTransfer::State::Ended;
  SECTION( "complete" ) { reporter.done( transfer, {} ); }
  SECTION( "failed" ) { reporter.fileError( transfer, {} ); }
  SECTION( "interrupted" ) { reporter.interrupted( transfer, Cause::IoError, "", std::chrono::milliseconds( 0 ) ); }
  CHECK( reporter.sessions() == 0 );
  reporter.accepted( transfer, Dialect::SiMultiple, { gloox::XMLNS_IBB } ); // it ended inside of accept()
  CHECK( reporter.sessions() == 0 );
}

TEST_CASE( "GEN-2: what is known of one transfer goes with it, and not what another peer calls by the same sid", "[samples]" )
{
  const auto settings = quiet();
  Reporter reporter( settings );
  Transfer one;
  Transfer other;
  other.from = gloox::JID( "mallory@evil.example/lair" );
  reporter.open( one, 0 );
  reporter.open( other, 0 );
  CHECK( reporter.sessions() == 2 );
  other.newest = "s1";
  reporter.open( other, 0 );
  CHECK( reporter.sessions() == 2 );
  reporter.done( other, {} );
  CHECK( reporter.sessions() == 1 );
  reporter.done( one, {} );
  CHECK( reporter.sessions() == 0 );
}
