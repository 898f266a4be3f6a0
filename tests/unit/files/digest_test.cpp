// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "files/digest.h"

#include <string>

using simultiple::files::Digest;
using simultiple::files::digestMismatch;

TEST_CASE( "PFT-6: digests are those of RFC 1321 and FIPS 180", "[files]" )
{
  CHECK( Digest( Digest::Algorithm::Md5 ).hex() == "d41d8cd98f00b204e9800998ecf8427e" );
  CHECK( Digest( Digest::Algorithm::Sha256 ).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" );

  Digest md5( Digest::Algorithm::Md5 );
  Digest sha256( Digest::Algorithm::Sha256 );
  md5.update( "abc" );
  sha256.update( "abc" );
  CHECK( md5.hex() == "900150983cd24fb0d6963f7d28e17f72" );
  CHECK( sha256.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" );
}

TEST_CASE( "a digest does not depend on how the data are cut", "[files]" )
{
  const std::string data = "The quick brown fox jumps over the lazy dog";
  for( std::size_t cut = 0; cut <= data.size(); ++cut )
  {
    Digest md5( Digest::Algorithm::Md5 );
    md5.update( std::string_view( data ).substr( 0, cut ) );
    md5.update( std::string_view( data ).substr( cut ) );
    REQUIRE( md5.hex() == "9e107d9d372bb6826bd81d3542a419d6" );
  }
}

TEST_CASE( "a digest can be taken once", "[files]" )
{
  Digest md5( Digest::Algorithm::Md5 );
  REQUIRE( md5.valid() );
  CHECK( md5.hex().size() == 32 );
  CHECK( md5.hex().empty() );
  CHECK_FALSE( md5.valid() );
}

TEST_CASE( "PFT-6: a digest that was not announced, or that we could not compute, is no mismatch", "[files]" )
{
  CHECK( digestMismatch( "MD5", "abcd", "abcd" ).empty() );
  CHECK( digestMismatch( "MD5", "abcd", "" ).empty() );
  Digest failed( Digest::Algorithm::Md5 );
  (void)failed.hex();
  CHECK( digestMismatch( "MD5", failed.hex(), "abcd" ).empty() );
  CHECK( digestMismatch( "MD5", "abcd", "ef01" ) == "digest mismatch: MD5 is abcd, announced was ef01" );
}
