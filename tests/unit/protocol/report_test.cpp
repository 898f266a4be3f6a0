// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include <gloox-si-multiple/report.h>

#include <gloox/gloox.h>

#include <algorithm>

using namespace simultiple;
using namespace std::chrono_literals;

namespace
{

Attempt attempt( const std::string& method, Attempt::State state, const std::string& reason = "" )
{
  Attempt a;
  a.method = method;
  a.state = state;
  a.reason = reason;
  a.took = 12ms;
  return a;
}

} // namespace

TEST_CASE( "the dialects have the names that scripts know", "[report]" )
{
  CHECK( dialectText( Dialect::None ) == std::string( "none" ) );
  CHECK( dialectText( Dialect::SiMultiple ) == std::string( "si-multiple" ) );
  CHECK( dialectText( Dialect::Plain ) == std::string( "plain" ) );
  CHECK( dialectText( Dialect::Smack ) == std::string( "smack" ) );
}

TEST_CASE( "the standard methods have short names, others keep theirs", "[report]" )
{
  CHECK( methodName( gloox::XMLNS_BYTESTREAMS ) == "s5b" );
  CHECK( methodName( gloox::XMLNS_IBB ) == "ibb" );
  CHECK( methodName( "urn:x" ) == "urn:x" );
  CHECK( methodName( "" ).empty() );
}

TEST_CASE( "GEN-11: a report tells what was tried, why it failed and what was used, without the sid", "[report]" )
{
  Report report;
  report.sid = "sm4f9c0b27d5e8416a93c1d07b6e52fa88";
  report.peer = gloox::JID( "juliet@capulet.example/balcony" );
  report.initiator = true;
  report.dialect = Dialect::SiMultiple;
  report.methods = { gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB };
  Attempt host = attempt( gloox::XMLNS_BYTESTREAMS, Attempt::State::Failed, "connection refused" );
  host.sid = report.sid;
  host.host = "2001:db8::1";
  host.port = 7777;
  host.hostJid = gloox::JID( "proxy.example" );
  report.attempts = { host, attempt( gloox::XMLNS_BYTESTREAMS, Attempt::State::Failed, "item-not-found" ), attempt( gloox::XMLNS_IBB, Attempt::State::Opened ) };
  report.method = gloox::XMLNS_IBB;
  report.toOpen = 85ms;
  report.bytesSent = 15;
  CHECK_THAT( report.text(), Catch::Matchers::Equals( "offer to juliet@capulet.example/balcony\n"
                                                      "answer: si-multiple; methods: s5b, ibb\n"
                                                      "tried s5b [2001:db8::1]:7777 of proxy.example: failed after 12 ms: connection refused\n"
                                                      "tried s5b: failed after 12 ms: item-not-found\n"
                                                      "tried ibb: opened after 12 ms\n"
                                                      "open: ibb, 85 ms after the offer\n"
                                                      "sent 15 bytes, received 0 bytes\n" ) );
}

TEST_CASE( "SEC-22, TC-237: a report stays one fact a line, whatever the peer wrote", "[report]" )
{
  Report report;
  report.methods = { "urn:x\ny" };
  report.attempts = { attempt( "urn:a\nb", Attempt::State::Failed, "%n\n<b>\x1B" + std::string( 10000, 'x' ) ), attempt( "urn:c", Attempt::State::Started ) };
  report.method = "urn:c";
  report.host = "h\n:1";
  const std::string text = report.text();
  CHECK( std::count( text.begin(), text.end(), '\n' ) == 6 );
  CHECK( text.find( '\x1B' ) == std::string::npos );
  CHECK( text.size() < 1000 );
  CHECK( text.find( "open: urn:c through h?:1," ) != std::string::npos );
}

TEST_CASE( "a report of a session that never opened says so", "[report]" )
{
  CHECK_THAT( Report().text(), Catch::Matchers::Equals( "offer from \nanswer: none; methods: none\nnever open\nsent 0 bytes, received 0 bytes\n" ) );
}
