// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/catch2.h"

#include "samples/support/cli.h"

#include <gloox/gloox.h>

#include <chrono>
#include <string>
#include <vector>

using sample::CommandLine;
using sample::isListed;
using sample::Role;
using Wanted = sample::CommandLine::Wanted;

namespace
{

using Words = std::vector<std::string>;

CommandLine send( Words options )
{
  options.insert( options.begin(), { "--jid", "romeo@montague.example" } );
  options.insert( options.end(), { "juliet@capulet.example/balcony", "letter.txt" } );
  return readCommandLine( Role::Send, options );
}

CommandLine receive( Words options )
{
  options.insert( options.begin(), { "--jid", "juliet@capulet.example/balcony" } );
  return readCommandLine( Role::Receive, options );
}

} // namespace

TEST_CASE( "the smallest command lines work and are careful", "[samples]" )
{
  const auto sender = send( {} );
  REQUIRE( sender.wanted == Wanted::Run );
  CHECK( sender.settings.jid.full() == "romeo@montague.example" );
  CHECK( sender.settings.to.full() == "juliet@capulet.example/balcony" );
  CHECK( sender.settings.files == Words{ "letter.txt" } );
  CHECK( sender.settings.tls == sample::Tls::Required );
  CHECK( sender.settings.options.proxies.discover );
  CHECK( sender.warning.empty() );

  const auto receiver = receive( {} );
  REQUIRE( receiver.wanted == Wanted::Run );
  CHECK( receiver.settings.accept == sample::Accept::Contacts );
  CHECK( receiver.settings.directory == "." );
  CHECK_FALSE( receiver.settings.maxSize );
  CHECK_FALSE( receiver.settings.once );
}

TEST_CASE( "every option of the sender arrives where it belongs", "[samples]" )
{
  const auto line = send( { "--password-file", "pw", "--host", "127.0.0.1", "--port=5223", "--tls", "optional", "--ca-file", "ca.pem",
                            "--methods", "ibb,s5b", "--no-si-multiple", "--listen", "127.0.0.1:0", "--streamhost",
                            "proxy.montague.example,198.51.100.4,7777", "--streamhost", ",192.0.2.17,7890", "--proxy", "none",
                            "--allow-host", "127.0.0.0/8", "--deny-host", "2001:db8::/32", "--block-size", "1024", "--window", "3",
                            "--timeout", "T-R-HOST=0.25", "--json", "--log-xml", "log.xml", "--verbose" } );
  INFO( line.problem );
  REQUIRE( line.wanted == Wanted::Run );
  const auto& s = line.settings;
  const auto& o = s.options;
  CHECK( s.passwordFile == "pw" );
  CHECK( s.host == "127.0.0.1" );
  CHECK( s.port == 5223 );
  CHECK( s.tls == sample::Tls::Optional );
  CHECK( s.caFile == "ca.pem" );
  CHECK( o.methods == Words{ gloox::XMLNS_IBB, gloox::XMLNS_BYTESTREAMS } );
  CHECK_FALSE( o.siMultiple );
  CHECK( o.listen.enabled );
  CHECK( o.listen.address == "127.0.0.1" );
  CHECK( o.listen.port == 0 );
  REQUIRE( o.proxies.known.size() == 2 );
  CHECK( o.proxies.known[0].jid.full() == "proxy.montague.example" );
  CHECK( o.proxies.known[0].host == "198.51.100.4" );
  CHECK( o.proxies.known[0].port == 7777 );
  CHECK_FALSE( o.proxies.known[1].jid );
  CHECK_FALSE( o.proxies.discover );
  CHECK( o.streamHosts.allow == Words{ "127.0.0.0/8" } );
  CHECK( o.streamHosts.deny == Words{ "2001:db8::/32" } );
  CHECK_FALSE( o.streamHosts.lowPorts );
  CHECK( o.inBand.blockSize == 1024 );
  CHECK( o.inBand.window == 3 );
  CHECK( o.timeouts.get( simultiple::Timer::RHost ) == std::chrono::milliseconds( 250 ) );
  CHECK( s.json );
  CHECK( s.logXml == "log.xml" );
  CHECK( s.verbose );
}

TEST_CASE( "every option of the receiver arrives where it belongs", "[samples]" )
{
  const auto line = receive( { "--dir", "in", "--accept", "romeo@montague.example,mercutio@montague.example/street", "--max-size", "1000",
                               "--once", "2", "--block-size", "2048", "--no-direct", "--quiet" } );
  INFO( line.problem );
  REQUIRE( line.wanted == Wanted::Run );
  CHECK( line.settings.directory == "in" );
  CHECK( line.settings.accept == sample::Accept::Listed );
  CHECK( line.settings.accepted.size() == 2 );
  CHECK( line.settings.maxSize == 1000u );
  CHECK( line.settings.once == 2u );
  CHECK( line.settings.options.inBand.maxBlockSize == 2048 );
  CHECK_FALSE( line.settings.options.listen.enabled );
  CHECK( line.settings.quiet );
  CHECK( receive( { "--accept", "all" } ).settings.accept == sample::Accept::All );
  CHECK( receive( { "--accept", "contacts" } ).settings.accept == sample::Accept::Contacts );
}

TEST_CASE( "wrong values are refused and the option is named", "[samples]" )
{
  const auto words = GENERATE( Words{ "--jid", "montague.example" }, Words{ "--jid", "@" }, Words{ "--port", "0" }, Words{ "--port", "65536" },
                               Words{ "--port", "http" }, Words{ "--tls", "yes" }, Words{ "--methods", "" }, Words{ "--methods", "s5b,s5b" },
                               Words{ "--methods", "tcp" }, Words{ "--listen", "localhost:0" }, Words{ "--listen", "127.0.0.1" },
                               Words{ "--listen", "127.0.0.1:99999" }, Words{ "--listen", "::1:0" }, Words{ "--listen", "[127.0.0.1]:0" },
                               Words{ "--streamhost", "192.0.2.17,7890" }, Words{ "--streamhost", "p.example,192.0.2.17,0" },
                               Words{ "--streamhost", "p.example,,7777" }, Words{ "--proxy", "" }, Words{ "--allow-host", "10.0.0.0/33" },
                               Words{ "--deny-host", "example.org" }, Words{ "--allow-host", "::/129" }, Words{ "--allow-host", "10.0.0.0/" },
                               Words{ "--block-size", "0" }, Words{ "--block-size", "65536" }, Words{ "--window", "0" },
                               Words{ "--timeout", "T-R-HOST" }, Words{ "--timeout", "T-NONE=3" }, Words{ "--timeout", "T-R-HOST=" },
                               Words{ "--timeout", "T-R-HOST=." }, Words{ "--timeout", "T-R-HOST=1." }, Words{ "--timeout", "T-R-HOST=-1" },
                               Words{ "--timeout", "T-R-HOST=1.x" }, Words{ "--timeout", "T-R-HOST=1e3" }, Words{ "--log-xml", "" } );
  CAPTURE( words );
  const auto line = send( words );
  CHECK( line.wanted == Wanted::Nothing );
  CHECK( line.problem.find( words[0] ) != std::string::npos );
}

TEST_CASE( "wrong values of the receiver are refused, too", "[samples]" )
{
  const auto words = GENERATE( Words{ "--dir", "" }, Words{ "--accept", "" }, Words{ "--accept", "romeo@montague.example," }, Words{ "--max-size", "1k" },
                               Words{ "--max-size", "-1" }, Words{ "--once", "0" }, Words{ "--once", "" } );
  CAPTURE( words );
  CHECK( receive( words ).wanted == Wanted::Nothing );
}

TEST_CASE( "what is not an option of this program is refused", "[samples]" )
{
  CHECK( send( { "--dir", "in" } ).problem == "unknown option: --dir" );
  CHECK( receive( { "--streamhost", "p.example,192.0.2.17,7890" } ).problem == "unknown option: --streamhost" );
  CHECK( send( { "--password", "secret" } ).problem == "unknown option: --password" );
  CHECK( send( { "-x" } ).problem == "unknown option: -x" );
  CHECK( send( { "--json=yes" } ).wanted == Wanted::Nothing );
  CHECK( receive( { "letter.txt" } ).wanted == Wanted::Nothing );
  CHECK( receive( { "--dir" } ).problem == "--dir needs a value: DIR" );
  CHECK( receive( { "--quiet", "--verbose" } ).wanted == Wanted::Nothing );
  CHECK_FALSE( receive( { "--no-direct", "--listen", ":0" } ).settings.options.listen.enabled );
}

TEST_CASE( "SI-1: the receiver is a full JID or a component, the account is given", "[samples]" )
{
  const auto to = []( const std::string& jid ) { return readCommandLine( Role::Send, { "--jid", "a@b.example", jid, "f" } ).wanted; };
  CHECK( to( "juliet@capulet.example" ) == Wanted::Nothing );
  CHECK( to( "" ) == Wanted::Nothing );
  CHECK( to( "gateway.example" ) == Wanted::Run );
  CHECK( to( "gateway.example/ft" ) == Wanted::Run );
  CHECK( readCommandLine( Role::Send, { "--jid", "a@b.example" } ).wanted == Wanted::Nothing );
  CHECK( readCommandLine( Role::Send, { "--jid", "a@b.example", "c@d.example/e" } ).wanted == Wanted::Nothing );
  CHECK( readCommandLine( Role::Send, { "c@d.example/e", "f" } ).wanted == Wanted::Nothing );
  CHECK( readCommandLine( Role::Receive, {} ).problem == "--jid is missing" );

  const auto files = readCommandLine( Role::Send, { "--jid", "a@b.example", "c@d.example/e", "f", "--", "--json", "-" } );
  CHECK( files.settings.files == Words{ "f", "--json", "-" } );
  CHECK_FALSE( files.settings.json );
}

TEST_CASE( "TMO-2: timeouts are taken as given, with a warning if they do not fit together", "[samples]" )
{
  const auto sound = send( { "--timeout", "T-S-OFFER=30" } );
  CHECK( sound.warning.empty() );
  CHECK( sound.settings.options.uncheckedTimeouts );
  CHECK( sound.settings.options.timeouts.get( simultiple::Timer::SOffer ) == std::chrono::seconds( 30 ) );

  const auto odd = send( { "--timeout", "T-R-NEXT=1", "--timeout", "R-HOST=.5" } );
  REQUIRE( odd.wanted == Wanted::Run );
  CHECK_FALSE( odd.warning.empty() );
  CHECK( odd.settings.options.timeouts.get( simultiple::Timer::RNext ) == std::chrono::seconds( 1 ) );
  CHECK( odd.settings.options.timeouts.get( simultiple::Timer::RHost ) == std::chrono::milliseconds( 500 ) );
  CHECK_FALSE( send( {} ).settings.options.uncheckedTimeouts );
}

TEST_CASE( "with --no-direct only the streamhosts given are offered, unless proxies are asked for", "[samples]" )
{
  const Words host{ "--streamhost", "p.example,192.0.2.17,7890" };
  CHECK( send( host ).settings.options.proxies.discover );
  CHECK( send( { "--no-direct" } ).settings.options.proxies.discover );
  CHECK_FALSE( send( { host[0], host[1], "--no-direct" } ).settings.options.proxies.discover );
  CHECK( send( { host[0], host[1], "--no-direct", "--proxy", "auto" } ).settings.options.proxies.discover );
  const auto given = send( { "--proxy", "p.example", "--proxy", "q.example" } );
  CHECK_FALSE( given.settings.options.proxies.discover );
  CHECK( given.settings.options.proxies.jids.size() == 2 );
}

TEST_CASE( "addresses of the listener may be left out or be IPv6", "[samples]" )
{
  CHECK( send( { "--listen", ":5000" } ).settings.options.listen.port == 5000 );
  CHECK( send( { "--listen", ":5000" } ).settings.options.listen.address.empty() );
  CHECK( send( { "--listen", "[::1]:0" } ).settings.options.listen.address == "::1" );
}

TEST_CASE( "the help names every option of its program and no password option exists", "[samples]" )
{
  const std::string sender = helpText( Role::Send );
  const std::string receiver = helpText( Role::Receive );
  for( const char* const option : { "--jid", "--password-file", "--host", "--port", "--tls", "--ca-file", "--methods", "--no-si-multiple", "--listen",
                                    "--no-direct", "--proxy", "--allow-host", "--deny-host", "--block-size", "--window", "--timeout", "--json",
                                    "--log-xml", "--verbose", "--quiet", "--help", "--version" } )
  {
    CAPTURE( option );
    CHECK( sender.find( option ) != std::string::npos );
    CHECK( receiver.find( option ) != std::string::npos );
  }
  CHECK( sender.find( "--streamhost" ) != std::string::npos );
  CHECK( receiver.find( "--streamhost" ) == std::string::npos );
  CHECK( receiver.find( "--accept" ) != std::string::npos );
  CHECK( sender.find( "--accept" ) == std::string::npos );
  CHECK( sender.find( "--password " ) == std::string::npos );
  CHECK( readCommandLine( Role::Send, { "--nonsense", "--help" } ).wanted == Wanted::Nothing );
  CHECK( readCommandLine( Role::Send, { "--help", "--nonsense" } ).wanted == Wanted::Help );
  CHECK( readCommandLine( Role::Receive, { "--version" } ).wanted == Wanted::Version );
}

TEST_CASE( "SEC-21: a bare JID stands for all its resources, a full one for itself", "[samples]" )
{
  const std::vector<gloox::JID> list{ gloox::JID( "romeo@montague.example" ), gloox::JID( "juliet@capulet.example/balcony" ) };
  CHECK( isListed( gloox::JID( "romeo@montague.example/orchard" ), list ) );
  CHECK( isListed( gloox::JID( "juliet@capulet.example/balcony" ), list ) );
  CHECK_FALSE( isListed( gloox::JID( "juliet@capulet.example/chamber" ), list ) );
  CHECK_FALSE( isListed( gloox::JID( "mercutio@montague.example/orchard" ), list ) );
  CHECK_FALSE( isListed( gloox::JID( "romeo@montague.example/orchard" ), {} ) );
}

namespace
{

CommandLine tube( Words words )
{
  words.insert( words.begin(), { "--jid", "romeo@montague.example" } );
  return readCommandLine( Role::Tube, words );
}

} // namespace

TEST_CASE( "si-multiple-tube shares a server with a peer", "[samples]" )
{
  const auto line = tube( { "--window=4", "share", "http", "[2001:db8::1]:80", "juliet@capulet.example/balcony" } );
  REQUIRE( line.wanted == Wanted::Run );
  CHECK( line.settings.tube.share );
  CHECK( line.settings.tube.service == "http" );
  CHECK( line.settings.tube.host == "2001:db8::1" );
  CHECK( line.settings.tube.port == 80 );
  CHECK( line.settings.to.full() == "juliet@capulet.example/balcony" );
  CHECK( line.settings.options.inBand.window == 4 );
  CHECK( tube( { "share", "http", "localhost:8080", "gateway.capulet.example" } ).wanted == Wanted::Run );
}

TEST_CASE( "si-multiple-tube joins on loopback unless told otherwise, and from contacts only", "[samples]" )
{
  const auto line = tube( { "join", ":0" } );
  REQUIRE( line.wanted == Wanted::Run );
  CHECK_FALSE( line.settings.tube.share );
  CHECK( line.settings.tube.service.empty() );
  CHECK( line.settings.tube.host == "127.0.0.1" );
  CHECK( line.settings.tube.port == 0 );
  CHECK( line.settings.accept == sample::Accept::Contacts );

  const auto other = tube( { "join", "0.0.0.0:8080", "--service", "http", "--accept", "all", "--block-size=512" } );
  REQUIRE( other.wanted == Wanted::Run );
  CHECK( other.settings.tube.service == "http" );
  CHECK( other.settings.tube.host == "0.0.0.0" );
  CHECK( other.settings.tube.port == 8080 );
  CHECK( other.settings.accept == sample::Accept::All );
  CHECK( other.settings.options.inBand.blockSize == 512 );
  CHECK( other.settings.options.inBand.maxBlockSize == 512 );
}

TEST_CASE( "si-multiple-tube refuses command lines that cannot work, and options of other programs", "[samples]" )
{
  const std::string to = "juliet@capulet.example/balcony";
  const Words words = GENERATE_COPY( Words{}, Words{ "send" }, Words{ "share" }, Words{ "share", "http", "localhost:80" },
                                     Words{ "share", "", "localhost:80", to }, Words{ "share", "http", "localhost", to },
                                     Words{ "share", "http", "localhost:0", to }, Words{ "share", "http", ":80", to },
                                     Words{ "share", "http", "2001:db8::1:80", to }, Words{ "share", "http", "localhost:65536", to },
                                     Words{ "share", "http", "localhost:80", "juliet@capulet.example" },
                                     Words{ "share", "http", "localhost:80", to, "more" }, Words{ "--service=a", "share", "http", "localhost:80", to },
                                     Words{ "join" }, Words{ "join", "8080" }, Words{ "join", "localhost:80" }, Words{ "join", ":1", "more" },
                                     Words{ "--dir", ".", "join", ":0" }, Words{ "--streamhost", "a,b,1", "join", ":0" }, Words{ "--once=1", "join", ":0" } );
  CAPTURE( words );
  const auto line = tube( words );
  CHECK( line.wanted == Wanted::Nothing );
  CHECK_FALSE( line.problem.empty() );
  CHECK( send( { "--service=a" } ).wanted == Wanted::Nothing );
  CHECK( receive( { "--service=a" } ).wanted == Wanted::Nothing );
}
