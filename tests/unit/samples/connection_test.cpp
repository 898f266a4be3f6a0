// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "samples/support/connection.h"
#include "samples/support/exitstatus.h"
#include "samples/support/progress.h"

#include <gloox/gloox.h>

#include <chrono>
#include <string>

using sample::ExitStatus;
using sample::exitStatus;
using sample::progressLine;
using sample::withoutSecrets;
using simultiple::Cause;
using Catch::Matchers::Equals;

TEST_CASE( "the XML log holds no secrets", "[samples]" )
{
  CHECK_THAT( withoutSecrets( "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>" ),
              Equals( "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>...</auth>" ) );
  CHECK_THAT( withoutSecrets( "<response xmlns='x'>c2VjcmV0</response><a/><auth>b</auth>" ),
              Equals( "<response xmlns='x'>...</response><a/><auth>...</auth>" ) );
  CHECK_THAT( withoutSecrets( "<query xmlns='jabber:iq:auth'><username>r</username><password>secret</password></query>" ),
              Equals( "<query xmlns='jabber:iq:auth'><username>r</username><password>...</password></query>" ) );
  CHECK_THAT( withoutSecrets( "<response/><message><body>hello</body></message>" ),
              Equals( "<response/><message><body>hello</body></message>" ) );
  CHECK_THAT( withoutSecrets( "<success><x>a</x><password>secret</password></success>" ),
              Equals( "<success>...</x><password>...</password></success>" ) );
  CHECK_THAT( withoutSecrets( "<auth/><auth>a</auth>b<password>" ), Equals( "<auth/><auth>...</auth>b<password>" ) );
  CHECK_THAT( withoutSecrets( "<auth" ), Equals( "<auth" ) );
  CHECK_THAT( withoutSecrets( "text" ), Equals( "text" ) );
}

TEST_CASE( "a message that is full of what looks like secrets is read once", "[samples]" )
{
  // If each of them cost as much as there is to read, this would take a quarter of an hour.
  const auto [one, shown] = GENERATE( table<std::string, std::string>( { { "<auth>x</auth>", "<auth>...</auth>" }, { "<auth/>", "<auth/>" }, { "<auth>", "<auth>" } } ) );
  std::string xml;
  std::string expected;
  for( int i = 0; i < 1'500'000; ++i )
  {
    xml += one;
    expected += shown;
  }
  CHECK( withoutSecrets( xml ) == expected );
}

TEST_CASE( "a certificate is acceptable only without any objection", "[samples]" )
{
  CHECK( sample::certificateProblem( gloox::CertOk ).empty() );
  const auto status = GENERATE( gloox::CertInvalid, gloox::CertSignerUnknown, gloox::CertRevoked, gloox::CertExpired, gloox::CertNotActive,
                                gloox::CertWrongPeer, gloox::CertSignerNotCa );
  CHECK_FALSE( sample::certificateProblem( status ).empty() );
  CHECK_FALSE( sample::certificateProblem( 128 ).empty() );
  CHECK( sample::certificateProblem( gloox::CertInvalid | gloox::CertWrongPeer ) == "not issued for this server" );
}

TEST_CASE( "GEN-10: every cause has its exit status", "[samples]" )
{
  for( const Cause cause : { Cause::Declined, Cause::NoValidStreams, Cause::BadProfile, Cause::Unsupported, Cause::PeerUnreachable,
                             Cause::MalformedReply, Cause::CancelledRemote } )
    CHECK( exitStatus( cause, false ) == ExitStatus::Refused );
  CHECK( exitStatus( Cause::MethodsExhausted, false ) == ExitStatus::NoMethod );
  CHECK( exitStatus( Cause::Timeout, false ) == ExitStatus::TimedOut );
  CHECK( exitStatus( Cause::Timeout, true ) == ExitStatus::TimedOut );
  CHECK( exitStatus( Cause::Disconnected, false ) == ExitStatus::Login );
  for( const Cause cause : { Cause::IoError, Cause::ProtocolViolation, Cause::StreamConflict, Cause::ClosedLocal, Cause::ClosedRemote,
                             Cause::Disconnected, Cause::CancelledRemote, Cause::CancelledLocal } )
    CHECK( exitStatus( cause, true ) == ExitStatus::Broken );
}

TEST_CASE( "the progress line tells method, share, rate and time left and fits the terminal", "[samples]" )
{
  using namespace std::chrono_literals;
  CHECK_THAT( progressLine( { "letter.txt", "s5b", 1048576, 4194304, 524288, 6s }, 80 ),
              Equals( "s5b   25 % [=====               ] 512.0 KiB/s  0:06  letter.txt" ) );
  CHECK_THAT( progressLine( { "letter.txt", "ibb", 10, 10, 10, 0s }, 40 ), Equals( "ibb  100 % 10 B/s  letter.txt" ) );
  CHECK_THAT( progressLine( { "empty", "ibb", 0, 0, 0, {} }, 80 ), Equals( "ibb  100 % [====================] 0 B/s  empty" ) );
  CHECK( progressLine( { std::string( 300, 'n' ), "s5b", 1, 3, 1, 2s }, 80 ).size() == 80 );
  // Characters of the far east take two columns: a line that is too long would be wrapped, and never be cleared.
  CHECK_THAT( progressLine( { "\u9577\u3044\u540d", "ibb", 10, 10, 10, 0s }, 23 ), Equals( "ibb  100 % 10 B/s  \u9577\u3044" ) );
  CHECK_THAT( progressLine( { "\u9577\u3044\u540d", "ibb", 10, 10, 10, 0s }, 24 ), Equals( "ibb  100 % 10 B/s  \u9577\u3044" ) );
  CHECK( progressLine( { "a", "s5b", 1, 0x7fffffffffffffff, 1, {} }, 200 ).find( "a" ) != std::string::npos );
  CHECK( progressLine( { "a\x1b[2J", "s5b", 1, 3, 1, {} }, 80 ).find( '\x1b' ) == std::string::npos );
}
