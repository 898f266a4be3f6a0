// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include <gloox-si-multiple/fileinfo.h>

#include <gloox/tag.h>

#include <memory>
#include <string>

using namespace simultiple;

namespace
{

std::unique_ptr<gloox::Tag> element( const std::string& xml ) { return simultiple::test::parse( xml ); }

std::string file( const std::string& attributes, const std::string& children = "" )
{
  return "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' " + attributes + ">" + children + "</file>";
}

std::optional<FileInfo> parsed( const std::string& xml )
{
  return FileInfo::parse( element( xml ).get() );
}

std::string answer( const std::string& range )
{
  return "<si xmlns='http://jabber.org/protocol/si'>"
         "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'>" + range + "</file></si>";
}

} // namespace

TEST_CASE( "TC-191, PFT-1: an offer without a file, a name or a valid size is not understood", "[files]" )
{
  CHECK_FALSE( FileInfo::parse( nullptr ) );
  CHECK_FALSE( parsed( "<stream xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='a' size='1'/>" ) );
  CHECK_FALSE( parsed( file( "size='15'" ) ) );
  CHECK_FALSE( parsed( file( "name='' size='15'" ) ) );
  CHECK_FALSE( parsed( file( "name='a'" ) ) );
  const auto size = GENERATE( "", "-1", "+1", "1e3", " 1", "1 ", "0x1", "9223372036854775808", "18446744073709551616",
                              "99999999999999999999999999" );
  CAPTURE( size );
  CHECK_FALSE( parsed( file( std::string( "name='a' size='" ) + size + "'" ) ) );
}

TEST_CASE( "TC-192, PFT-1: sizes from 0 to 2^63-1 are understood, leading zeros are decimal", "[files]" )
{
  CHECK( parsed( file( "name='a' size='0'" ) ).value().size == 0 );
  CHECK( parsed( file( "name='a' size='9223372036854775807'" ) ).value().size == 9223372036854775807u );
  CHECK( parsed( file( "name='a' size='010'" ) ).value().size == 10 );
}

TEST_CASE( "SEC-12: a name of more than 255 bytes is refused, a long description is cut", "[files]" )
{
  CHECK( parsed( file( "size='1' name='" + std::string( 255, 'n' ) + "'" ) ) );
  CHECK_FALSE( parsed( file( "size='1' name='" + std::string( 256, 'n' ) + "'" ) ) );

  std::string umlauts;
  for( int i = 0; i < 5000; ++i )
    umlauts += "\xc3\xbc";
  CHECK( parsed( file( "size='1' name='n'", "<desc>" + umlauts + "</desc>" ) ).value().desc.size() == 2 * 4096 );
}

TEST_CASE( "TC-201, PFT-6: a hash of 32 digits of either case counts, any other is ignored", "[files]" )
{
  const std::string md5 = "d41d8cd98f00b204e9800998ecf8427e";
  CHECK( parsed( file( "name='a' size='0' hash='" + md5 + "'" ) ).value().md5 == md5 );
  CHECK( parsed( file( "name='a' size='0' hash='D41D8CD98F00B204E9800998ECF8427E'" ) ).value().md5 == md5 );
  CHECK( parsed( file( "name='a' size='0' hash='d41d8cd98f00b204e9800998ecf8427'" ) ).value().md5.empty() );
  CHECK( parsed( file( "name='a' size='0' hash='g41d8cd98f00b204e9800998ecf8427e'" ) ).value().md5.empty() );
}

TEST_CASE( "PFT-6: a SHA-256 of XEP-0300 is read, an unknown algorithm is ignored", "[files]" )
{
  const auto sha256 = parsed( file( "name='a' size='0'",
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-512'>AAAA</hash>"
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</hash>" ) ).value().sha256;
  CHECK( sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" );
  CHECK( parsed( file( "name='a' size='0'", "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>AAAA</hash>" ) )
           .value().sha256.empty() );
}

TEST_CASE( "TC-202: dates with Z, an offset, a fraction or without seconds are kept, others ignored", "[files]" )
{
  const auto good = GENERATE( "2005-11-29T11:21Z", "2005-11-29T12:21:00.5+01:00", "2005-11-29T11:21:00Z",
                              "2005-11-29T11:21:00.123456-11:30" );
  CAPTURE( good );
  CHECK( parsed( file( std::string( "name='a' size='1' date='" ) + good + "'" ) ).value().date == good );

  const auto bad = GENERATE( "yesterday", "", "2005-11-29", "2005-13-29T11:21Z", "2005-11-29T24:00Z", "2005-11-29T11:21",
                             "2005-11-29T11:21:00.Z", "2005-11-29T11:21:00ZZ", "2005-11-29T11:21+1:00",
                             "2005-11-29T11:21:00+01:00x" );
  CAPTURE( bad );
  CHECK( parsed( file( std::string( "name='a' size='1' date='" ) + bad + "'" ) ).value().date.empty() );
}

TEST_CASE( "TC-203: gabble's offer is read, its forms are ignored", "[files]" )
{
  const auto child = parsed( file( "name='letter.txt' size='15' mime-type='text/plain'",
    "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>"
    "http://telepathy.freedesktop.org/xmpp/file-transfer-service</value></field></x>"
    "<desc>Short letter</desc><range/>" ) );
  REQUIRE( child );
  CHECK( child->mimeType == "text/plain" );
  CHECK( child->desc == "Short letter" );
  CHECK( child->range );
}

TEST_CASE( "PFT-1: what is emitted is read back, without what was not given", "[files]" )
{
  FileInfo child;
  child.name = "a&b 'c'.txt";
  child.size = 15;
  CHECK_THAT( child.tag()->xml(), Catch::Matchers::Equals(
    "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='a&amp;b &apos;c&apos;.txt' size='15'/>" ) );

  child.desc = "a\x01";
  CHECK_FALSE( child.tag() ); // XML cannot hold it, and gloox would leave it out without a word
  child.md5 = "d41d8cd98f00b204e9800998ecf8427e";
  child.date = "2005-11-29T11:21:00Z";
  child.desc = "Short letter";
  child.range = true;
  const auto back = FileInfo::parse( child.tag().get() );
  REQUIRE( back );
  CHECK( back->name == child.name );
  CHECK( back->size == 15 );
  CHECK( back->md5 == child.md5 );
  CHECK( back->date == child.date );
  CHECK( back->desc == child.desc );
  CHECK( back->range );
}

TEST_CASE( "TC-197, PFT-7: no file, an empty file and an empty range mean the whole file", "[files]" )
{
  for( const bool ranged : { false, true } )
  {
    for( const auto& xml : { std::string( "<si xmlns='http://jabber.org/protocol/si'/>" ), answer( "" ), answer( "<range/>" ),
                             answer( "<range offset='0' length='15'/>" ) } )
    {
      CAPTURE( xml );
      const auto range = answeredRange( *element( xml ), 15, ranged );
      REQUIRE( range );
      CHECK( range->offset == 0 );
      CHECK( range->length == 15 );
    }
  }
}

TEST_CASE( "TC-196, PFT-9: a range that is not inside the file, or not asked for, breaks the rules", "[files]" )
{
  const auto range = GENERATE( "<range offset='16'/>", "<range offset='10' length='6'/>", "<range offset='-1'/>",
                               "<range offset='1' length='9223372036854775807'/>", "<range length='16'/>",
                               "<range offset='18446744073709551615' length='2'/>", "<range offset=''/>" );
  CAPTURE( range );
  CHECK_FALSE( answeredRange( *element( answer( range ) ), 15, true ) );
  CHECK_FALSE( answeredRange( *element( answer( range ) ), 15, false ) );

  CHECK_FALSE( answeredRange( *element( answer( "<range offset='5'/>" ) ), 15, false ) );
  CHECK_FALSE( answeredRange( *element( answer( "<range length='5'/>" ) ), 15, false ) );
}

TEST_CASE( "TC-198, PFT-8: offset and length have defaults, and the end of the file is a place in it", "[files]" )
{
  const auto rest = answeredRange( *element( answer( "<range offset='10'/>" ) ), 15, true );
  CHECK( rest.value().offset == 10 );
  CHECK( rest.value().length == 5 );
  const auto start = answeredRange( *element( answer( "<range length='5'/>" ) ), 15, true );
  CHECK( start.value().offset == 0 );
  CHECK( start.value().length == 5 );
  const auto end = answeredRange( *element( answer( "<range offset='15'/>" ) ), 15, true );
  CHECK( end.value().offset == 15 );
  CHECK( end.value().length == 0 );
}
