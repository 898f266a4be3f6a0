// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"
#include "support/stanza.h"

#include "protocol/s5b.h"

using namespace simultiple;
using namespace simultiple::protocol;
using simultiple::test::parse;

namespace
{

Query read( const std::string& content, const std::string& attributes = "sid='s'" )
{
  const auto iq = parse( "<iq><query xmlns='http://jabber.org/protocol/bytestreams' " + attributes + ">" + content + "</query></iq>" );
  REQUIRE( iq );
  return readQuery( *iq->children().front() );
}

std::string host( const std::string& attributes )
{
  return "<streamhost " + attributes + "/>";
}

StreamHostUsed used( const std::string& content, const std::string& sid = "s" )
{
  const auto iq = parse( "<iq type='result' id='1'>" + content + "</iq>" );
  REQUIRE( iq );
  return readStreamHostUsed( *iq, sid );
}

std::string query( const std::string& content, const std::string& attributes = "sid='s'" )
{
  return "<query xmlns='http://jabber.org/protocol/bytestreams' " + attributes + ">" + content + "</query>";
}

void checkBogus( const StreamHostUsed& answer )
{
  CHECK_FALSE( answer.jid );
  CHECK_FALSE( answer.problem.empty() );
}

} // namespace

TEST_CASE( "W-9: a query is written with sid, mode and streamhosts", "[s5b]" )
{
  const gloox::JID romeo( "romeo@montague.example/orchard" );
  const gloox::JID proxy( "proxy.montague.example" );
  CHECK_THAT( buildQuery( "sm4f", { { romeo, romeo.full(), "192.0.2.17", 7890 }, { proxy, "", "2001:db8::1", 65535 } } )->xml(),
              Catch::Matchers::Equals( "<query xmlns='http://jabber.org/protocol/bytestreams' sid='sm4f' mode='tcp'>"
                                       "<streamhost jid='romeo@montague.example/orchard' host='192.0.2.17' port='7890'/>"
                                       "<streamhost jid='proxy.montague.example' host='2001:db8::1' port='65535'/></query>" ) );
}

TEST_CASE( "S5B-4: a query without streamhosts can be written and read", "[s5b]" )
{
  const auto query = buildQuery( "sm4f", {} );
  CHECK( query->xml() == "<query xmlns='http://jabber.org/protocol/bytestreams' sid='sm4f' mode='tcp'/>" );
  CHECK( readQuery( *query ).hosts.empty() );
  CHECK( readQuery( *query ).tcp );
  CHECK( readQuery( *query ).sid == "sm4f" );
}

TEST_CASE( "the question for a proxy's address is an empty query", "[s5b]" )
{
  CHECK( buildProxyQuestion()->xml() == "<query xmlns='http://jabber.org/protocol/bytestreams'/>" );
}

TEST_CASE( "section 1.6: streamhosts are read in document order, with their JID as written", "[s5b]" )
{
  const Query query = read( host( "jid='Romeo@Montague.example/Orchard' host='192.0.2.17' port='07890'" ) + "<other/>" + host( "jid='proxy.example' host='[2001:db8::1]' port='7777'" ) );
  REQUIRE( query.hosts.size() == 2 );
  CHECK( query.hosts[0].jid.full() == "romeo@montague.example/Orchard" );
  CHECK( query.hosts[0].rawJid == "Romeo@Montague.example/Orchard" );
  CHECK( query.hosts[0].host == "192.0.2.17" );
  CHECK( query.hosts[0].port == 7890 );
  CHECK( query.hosts[1].host == "2001:db8::1" );
  CHECK( query.hosts[1].port == 7777 );
}

TEST_CASE( "TC-116, section 1.6: bad streamhosts are skipped and a missing port means 1080", "[s5b]" )
{
  const std::string good = "jid='a.example' host='h.example' ";
  const auto bad = GENERATE_COPY( as<std::string>{}, "host='h' port='1'", "jid='' host='h' port='1'", "jid='@' host='h' port='1'", "jid='a.example' port='1'",
                                  "jid='a.example' host='' port='1'", "jid='a.example' host='[]' port='1'", "jid='a.example' host='[::1' port='1'",
                                  "jid='a.example' host='[name]' port='1'", "jid='a.example' host='two words' port='1'",
                                  "jid='a.example' host='" + std::string( 256, 'h' ) + "' port='1'", good + "port='0'", good + "port='65536'", good + "port='x'", good + "port=''",
                                  good + "port='-1'", good + "port='+1'", good + "port='99999999999999999999999'", good + "port='1' zeroconf='_jabber.bytestreams'", good + "zeroconf=''" );
  CHECK( read( host( bad ) ).hosts.empty() );

  const Query query = read( host( bad ) + host( "jid='last.example' host='last.example'" ) );
  REQUIRE( query.hosts.size() == 1 );
  CHECK( query.hosts[0].host == "last.example" );
  CHECK( query.hosts[0].port == 1080 );
}

TEST_CASE( "section 1.6: a JID of absurd length is no JID", "[s5b]" )
{
  CHECK( read( host( "jid='a.example/" + std::string( 100000, 'r' ) + "' host='h'" ) ).hosts.empty() );
}

TEST_CASE( "section 1.6: repeated places are skipped, other ports and hosts are not", "[s5b]" )
{
  const Query query = read( host( "jid='a.example' host='h' port='1'" ) + host( "jid='b.example' host='H' port='1'" ) + host( "jid='a.example' host='h' port='2'" )
                            + host( "jid='a.example' host='[::1]' port='1'" ) + host( "jid='a.example' host='::1' port='1'" ) );
  REQUIRE( query.hosts.size() == 3 );
  CHECK( query.hosts[0].jid.full() == "a.example" );
  CHECK( query.hosts[1].port == 2 );
  CHECK( query.hosts[2].host == "::1" );
}

TEST_CASE( "TC-179, SEC-9: only the first 32 streamhosts are looked at, good or bad", "[s5b]" )
{
  std::string hosts;
  for( int i = 1; i <= 1000; ++i )
    hosts += host( "jid='a.example' host='h' port='" + std::to_string( i ) + "'" );
  CHECK( read( hosts ).hosts.size() == 32 );

  std::string bad;
  for( int i = 0; i < 32; ++i )
    bad += host( "" );
  CHECK( read( bad + host( "jid='a.example' host='h'" ) ).hosts.empty() );
}

TEST_CASE( "TC-115, section 1.6: mode is tcp or absent", "[s5b]" )
{
  CHECK( read( "", "sid='s'" ).tcp );
  CHECK( read( "", "sid='s' mode='tcp'" ).tcp );
  const auto mode = GENERATE( as<std::string>{}, "udp", "", "TCP", "x" );
  CHECK_FALSE( read( "", "sid='s' mode='" + mode + "'" ).tcp );
}

TEST_CASE( "TC-117, section 1.6: a missing, empty or long sid is none", "[s5b]" )
{
  CHECK( read( "", "" ).sid.empty() );
  CHECK( read( "", "sid=''" ).sid.empty() );
  CHECK( read( "", "sid='" + std::string( 257, 's' ) + "'" ).sid.empty() );
  CHECK( read( "", "sid='" + std::string( 256, 's' ) + "'" ).sid.size() == 256 );
}

TEST_CASE( "section 1.6: prefixes are understood and foreign streamhosts ignored", "[s5b]" )
{
  const auto iq = parse( "<iq xmlns:b='http://jabber.org/protocol/bytestreams'><b:query sid='s'><b:streamhost jid='a.example' host='h' port='5'/>"
                         "<streamhost xmlns='urn:x' jid='a.example' host='i' port='5'/></b:query></iq>" );
  const Query query = readQuery( *iq->children().front() );
  REQUIRE( query.hosts.size() == 1 );
  CHECK( query.hosts[0].host == "h" );
}

TEST_CASE( "W-10, W-11: the answer names the streamhost used, with or without sid", "[s5b]" )
{
  const std::string element = "<streamhost-used jid='Romeo@montague.example/orchard'/>";
  CHECK( used( query( element ) ).jid.full() == "romeo@montague.example/orchard" );
  CHECK( used( query( element ) ).problem.empty() );
  CHECK( used( query( element, "" ) ).jid.full() == "romeo@montague.example/orchard" );
  CHECK( used( query( element + "<streamhost-used jid='other.example'/>" ) ).jid.full() == "romeo@montague.example/orchard" );
  CHECK( used( "<b:query xmlns:b='http://jabber.org/protocol/bytestreams'><b:streamhost-used jid='p.example'/></b:query>" ).jid.full() == "p.example" );
}

TEST_CASE( "TC-078, S5B-8: an answer that names nobody, or is about something else, is bogus", "[s5b]" )
{
  const std::string element = "<streamhost-used jid='romeo@montague.example/orchard'/>";
  checkBogus( used( "" ) );
  checkBogus( used( "<query xmlns='urn:x'>" + element + "</query>" ) );
  checkBogus( used( query( "" ) ) );
  checkBogus( used( query( "<streamhost-used/>" ) ) );
  checkBogus( used( query( "<streamhost-used jid=''/>" ) ) );
  checkBogus( used( query( "<streamhost-used jid='@'/>" ) ) );
  checkBogus( used( query( "<streamhost-used jid='a.example/" + std::string( 100000, 'r' ) + "'/>" ) ) );
  checkBogus( used( query( "<streamhost-used/>" + element ) ) );
  checkBogus( used( query( "<streamhost-used xmlns='urn:x' jid='p.example'/>" ) ) );
  checkBogus( used( query( "<wrap>" + element + "</wrap>" ) ) );
  checkBogus( used( query( element, "sid='t'" ) ) );
  checkBogus( used( query( element, "sid='S'" ) ) );
}

TEST_CASE( "SEC-10: a proxy's answer is read like streamhosts", "[s5b]" )
{
  const auto iq = parse( "<iq type='result'>" + query( host( "jid='p.example' host='192.0.2.1' port='7777'" ) + host( "jid='p.example'" ), "" ) + "</iq>" );
  const auto hosts = readProxyAddress( *iq );
  REQUIRE( hosts.size() == 1 );
  CHECK( hosts[0].jid.full() == "p.example" );
  CHECK( hosts[0].port == 7777 );
  CHECK( readProxyAddress( *parse( "<iq type='result'/>" ) ).empty() );
}
