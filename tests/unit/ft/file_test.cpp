// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ft/file.h"

#include "ft/errors.h"
#include "support/catch2.h"
#include "support/stanza.h"

#include <memory>
#include <string>

using namespace simultiple;

namespace
{

std::unique_ptr<gloox::Tag> fileOf( const std::string& attributes, const std::string& children = std::string() )
{
  return test::parse( "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' " + attributes + ">" + children + "</file>" );
}

} // namespace

TEST_CASE( "PFT-1, SEC-12: an offer without a file, a name or a size that fits is not read", "[ft]" )
{
  CHECK_FALSE( ft::File::parse( nullptr ) );
  CHECK_FALSE( ft::File::parse( test::parse( "<other name='a' size='1'/>" ).get() ) );
  for( const std::string attributes : { "name='a'", "size='1'", "name='' size='1'", "name='a' size=''", "name='a' size='-1'", "name='a' size='1e3'",
                                        "name='a' size='9223372036854775808'", "name='a' size=' 1'" } )
  {
    CAPTURE( attributes );
    CHECK_FALSE( ft::File::parse( fileOf( attributes ).get() ) );
  }
  CHECK_FALSE( ft::File::parse( fileOf( "size='1' name='" + std::string( 256, 'n' ) + "'" ).get() ) );
  CHECK( ft::File::parse( fileOf( "size='1' name='" + std::string( 255, 'n' ) + "'" ).get() ) );
  CHECK( ft::File::parse( fileOf( "name='a' size='9223372036854775807'" ).get() )->size == 9223372036854775807U );
  CHECK( ft::File::parse( fileOf( "name='a' size='010'" ).get() )->size == 10 );
}

TEST_CASE( "SEC-12, PROTOCOL 6.1: a file's other texts are read as far as they go", "[ft]" )
{
  const auto all = ft::File::parse( fileOf( "name='a' size='1' hash='552da749930852c69ae5d2141d3766b1' date='2005-11-29T11:21Z' mime-type='text/plain'",
                                            "<desc>words</desc><range/>" ).get() );
  REQUIRE( all );
  CHECK( all->hash == "552da749930852c69ae5d2141d3766b1" );
  CHECK( all->date == "2005-11-29T11:21Z" );
  CHECK( all->mimeType == "text/plain" );
  CHECK( all->desc == "words" );
  const auto odd = ft::File::parse( fileOf( "name='a' size='1' hash='short'", "<desc>" + std::string( 5000, 'd' ) + "</desc>" ).get() );
  REQUIRE( odd );
  CHECK( odd->hash.empty() );
  CHECK( odd->desc.size() == 4096 );
}

TEST_CASE( "PROTOCOL 6.1: what is written into an offer is read back, and what XML cannot hold is not written", "[ft]" )
{
  ft::File file;
  file.name = "letter <1>.txt";
  file.size = 15;
  file.desc = "Short & sweet";
  const auto tag = file.tag();
  REQUIRE( tag );
  const auto read = ft::File::parse( test::parse( tag->xml() ).get() );
  REQUIRE( read );
  CHECK( read->name == file.name );
  CHECK( read->desc == file.desc );
  CHECK_FALSE( tag->hasAttribute( "hash" ) );
  file.name = "a\x01";
  CHECK( file.tag() == nullptr );
}

TEST_CASE( "PFT-9: an answer that wants a part of the file is told from one that wants all of it", "[ft]" )
{
  const auto answer = []( const std::string& content )
  {
    return test::parse( "<si xmlns='http://jabber.org/protocol/si'><file xmlns='http://jabber.org/protocol/si/profile/file-transfer'>" + content + "</file></si>" );
  };
  for( const std::string whole : { "", "<range/>", "<range offset='0'/>", "<range length='15'/>", "<range offset='0' length='15'/>" } )
    CHECK_FALSE( ft::wantsPart( *answer( whole ), 15 ) );
  for( const std::string part : { "<range offset='1'/>", "<range length='14'/>", "<range offset='x'/>", "<range length='-1'/>" } )
    CHECK( ft::wantsPart( *answer( part ), 15 ) );
  CHECK_FALSE( ft::wantsPart( *test::parse( "<si xmlns='http://jabber.org/protocol/si'/>" ), 15 ) );
}

TEST_CASE( "SI-22: a bot is told the peer's own condition, and for the rest the one that tells the cause", "[ft]" )
{
  protocol::ReceivedError refusal;
  CHECK( ft::errorFor( Cause::Declined, refusal, "no" ).condition == "forbidden" );
  CHECK( ft::errorFor( Cause::MethodsExhausted, refusal, "" ).condition == "item-not-found" );
  CHECK( ft::errorFor( Cause::MethodsExhausted, refusal, "" ).text == "methods-exhausted" );
  CHECK( ft::errorFor( Cause::Timeout, refusal, "late" ).text == "late" );
  CHECK( ft::errorFor( Cause::NoValidStreams, refusal, "" ).extra == "no-valid-streams" );
  refusal.condition = "not-allowed";
  CHECK( ft::errorFor( Cause::Declined, refusal, "no" ).condition == "not-allowed" );
  refusal.condition = "bad-request";
  refusal.siCondition = "bad-profile";
  CHECK( ft::errorFor( Cause::BadProfile, refusal, "" ).extra == "bad-profile" );
}
