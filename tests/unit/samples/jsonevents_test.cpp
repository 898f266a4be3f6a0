// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "samples/support/jsonevents.h"
#include "samples/support/text.h"

#include <string>

using sample::JsonEvent;
using sample::jsonString;
using Catch::Matchers::Equals;
using namespace std::string_literals;

TEST_CASE( "an event is one line of JSON, its name first and the rest in order", "[samples]" )
{
  CHECK_THAT( JsonEvent( "connected" ).text( "jid", "romeo@montague.example/orchard" ).line(),
              Equals( R"({"event":"connected","jid":"romeo@montague.example/orchard"})" ) );
  CHECK_THAT( JsonEvent( "progress" ).text( "sid", "s1" ).number( "bytes", 0 ).number( "total", 18446744073709551615u ).line(),
              Equals( R"({"event":"progress","sid":"s1","bytes":0,"total":18446744073709551615})" ) );
  CHECK_THAT( JsonEvent( "accepted" ).list( "methods", { "s5b", "ibb" } ).list( "none", {} ).line(),
              Equals( R"({"event":"accepted","methods":["s5b","ibb"],"none":[]})" ) );
}

TEST_CASE( "SEC-22: whatever a peer wrote stays inside its JSON string", "[samples]" )
{
  CHECK_THAT( jsonString( "a\"b\\c" ), Equals( R"("a\"b\\c")" ) );
  CHECK_THAT( jsonString( "\n\r\t\0\x1f\x7f"s ), Equals( R"("\u000a\u000d\u0009\u0000\u001f\u007f")" ) );
  CHECK_THAT( jsonString( "gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80" ), Equals( "\"gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80\"" ) );
  CHECK_THAT( JsonEvent( "e" ).text( "n\"", "\"}\n{" ).line(), Equals( R"({"event":"e","n\"":"\"}\u000a{"})" ) );
}

TEST_CASE( "bytes that are not UTF-8 are replaced", "[samples]" )
{
  const auto [bytes, expected] = GENERATE( table<std::string, std::string>( {
    { "a\xff" "b", "a\xef\xbf\xbd" "b" },
    { "\xc3", "\xef\xbf\xbd" },                                             // cut short
    { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },                             // overlong
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },             // surrogate
    { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, // beyond U+10FFFF
    { "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
    { "\xe2\x82\x41", "\xef\xbf\xbd\xef\xbf\xbd" "A" },
  } ) );
  CHECK_THAT( simultiple::validUtf8( bytes ), Equals( expected ) );
  CHECK_THAT( jsonString( bytes ), Equals( '"' + expected + '"' ) );
}

TEST_CASE( "SEC-22: a peer's words cannot move the terminal's cursor", "[samples]" )
{
  CHECK_THAT( sample::printable( "a\x1b[2Jb\nc\rd\xe2\x80\xae" "e\xc2\x9b" ), Equals( "a?[2Jb?c?d?e?" ) );
  CHECK( sample::printable( std::string( 10000, 'x' ) ).size() == 500 );
}

TEST_CASE( "decimal() reads digits only and knows its limit", "[samples]" )
{
  CHECK( sample::decimal( "0", 0 ) == 0u );
  CHECK( sample::decimal( "65535", 65535 ) == 65535u );
  CHECK_FALSE( sample::decimal( "65536", 65535 ) );
  CHECK( sample::decimal( "18446744073709551615", 18446744073709551615u ) == 18446744073709551615u );
  CHECK_FALSE( sample::decimal( "18446744073709551616", 18446744073709551615u ) );
  CHECK_FALSE( sample::decimal( "", 9 ) );
  CHECK_FALSE( sample::decimal( "-1", 9 ) );
  CHECK_FALSE( sample::decimal( "1a", 99 ) );
}

TEST_CASE( "sizes are written for people", "[samples]" )
{
  CHECK( sample::sizeText( 15 ) == "15 B" );
  CHECK( sample::sizeText( 1536 ) == "1.5 KiB" );
  CHECK( sample::sizeText( 1073741824 ) == "1.0 GiB" );
}
