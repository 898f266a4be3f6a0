// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What one stanza costs. Prints one object of JSON.
//
//   bench-stanzas CASE SESSIONS ITERATIONS
//
// The stanza of CASE is given to a client ITERATIONS times, parsing by gloox included, and the plugin has its turn after every sixteenth. SESSIONS
// live in-band sessions are there meanwhile; `bare`: the plugin is not. Under valgrind --tool=callgrind --toggle-collect='bench::measured*' that alone
// is counted, exactly and repeatably; `ns` is CPU time per stanza.
//
// The bot's own traffic:  chat, presence, unavailable (of somebody without a session), ping.
// Ours:                   query (S5B, for a live session), data (4 KiB, for a live session), stray-data (for none), result (to no request of ours).
//                         Each but the last has its answer, which is built and written.
// Parsing alone, SESSIONS is 0: parse-offer, parse-answer, parse-element (si-multiple), parse-query.
//
// Fields: case, sessions (-1: bare), iterations, ns, handled (a count that proves the work was done).

#include "support/ends.h"
#include "support/measure.h"

#include <gloox-si-multiple/simultiple.h>

#include "protocol/s5b.h"
#include "protocol/sianswer.h"
#include "protocol/sioffer.h"

#include <gloox/gloox.h>
#include <gloox/parser.h>
#include <gloox/taghandler.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace
{

using namespace bench;
namespace protocol = simultiple::protocol;

std::unique_ptr<gloox::Tag> parse( std::string xml )
{
  struct Catcher final : gloox::TagHandler
  {
    void handleTag( gloox::Tag* tag ) override { caught.reset( tag ); }
    std::unique_ptr<gloox::Tag> caught{};
  } catcher;
  gloox::Parser parser( &catcher, false );
  if( parser.feed( xml ) != -1 || !catcher.caught )
    throw std::runtime_error( "not a stanza" );
  return std::move( catcher.caught );
}

const std::string Offer = "<iq type='set' id='o1' from='b@wired.example/b' to='a@wired.example/a'><si xmlns='http://jabber.org/protocol/si' id='s1'"
                          " profile='urn:example:bench'><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                          "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/bytestreams</value></option>"
                          "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>"
                          "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si></iq>";
const std::string Answer = "<iq type='result' id='o1' from='b@wired.example/b' to='a@wired.example/a'><si xmlns='http://jabber.org/protocol/si'>"
                           "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'><value>http://jabber.org/protocol/bytestreams</value>"
                           "<value>http://jabber.org/protocol/ibb</value></si-multiple></si></iq>";
const std::string Query = "<query xmlns='http://jabber.org/protocol/bytestreams' sid='SID' mode='tcp'>"
                          "<streamhost jid='b@wired.example/b' host='192.0.2.1' port='5086'/>"
                          "<streamhost jid='proxy.wired.example' host='192.0.2.7' port='7777'/></query>";

/// @return What was done, or nothing if @a name is none of these.
std::optional<std::size_t> parsing( const std::string& name, std::size_t iterations )
{
  std::size_t handled = 0;
  const auto repeat = [&]( const auto& work )
  {
    measured( [&]
    {
      for( std::size_t i = 0; i < iterations; ++i )
        handled += work();
    } );
    return handled;
  };
  if( name == "parse-offer" )
  {
    const auto iq = parse( Offer );
    const auto* si = protocol::findSi( *iq );
    return repeat( [&] { return protocol::readOfferHead( *si ).sid.size() + protocol::readOfferForm( *si, {} ).index(); } );
  }
  if( name == "parse-answer" )
  {
    const auto iq = parse( Answer );
    protocol::AnswerContext context;
    context.offered = { gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB };
    context.multiple = true;
    return repeat( [&] { return protocol::readAnswer( *iq, context ).methods.size(); } );
  }
  if( name == "parse-element" )
  {
    const auto iq = parse( Answer );
    const auto* element = simultiple::SIMultiple::find( protocol::findSi( *iq ) );
    return repeat( [&] { return simultiple::SIMultiple( element ).methods().size(); } );
  }
  if( name == "parse-query" )
  {
    const auto query = parse( Query );
    return repeat( [&] { return protocol::readQuery( *query ).hosts.size(); } );
  }
  return std::nullopt;
}

std::string iq( const char* type, std::size_t number, const std::string& payload )
{
  return std::string( "<iq type='" ) + type + "' id='n" + std::to_string( number ) + "' from='b@wired.example/b' to='a@wired.example/a'>" + payload + "</iq>";
}

/// @return The stanza number @a number of the case; empty: no such case.
std::string stanza( const std::string& name, std::size_t number, const std::string& sid )
{
  static const std::string base64( 5464, 'A' );   // with no padding it is 4098 bytes; the last two characters become "=="
  if( name == "chat" )
    return "<message type='chat' from='friend@wired.example/home' to='a@wired.example/a'><body>How do you do?</body></message>";
  if( name == "presence" )
    return "<presence from='friend@wired.example/home' to='a@wired.example/a'><show>away</show></presence>";
  if( name == "unavailable" )
    return "<presence type='unavailable' from='friend@wired.example/home' to='a@wired.example/a'/>";
  if( name == "ping" )
    return iq( "get", number, "<ping xmlns='urn:xmpp:ping'/>" );
  if( name == "query" )
    return iq( "set", number, std::string( Query ).replace( Query.find( "SID" ), 3, sid ) );
  if( name == "data" || name == "stray-data" )
    return iq( "set", number, "<data xmlns='http://jabber.org/protocol/ibb' sid='" + ( name == "data" ? sid : std::string( "nobody" ) ) + "' seq='"
                                + std::to_string( number % 65536 ) + "'>" + base64.substr( 0, 5462 ) + "==</data>" );
  if( name == "result" )
    return iq( "result", number, "" );
  return {};
}

} // namespace

int main( int argc, char** argv )
try
{
  if( argc < 4 )
    return 2;
  const std::string name = argv[1];
  const bool bare = std::string( argv[2] ) == "bare";
  const std::size_t sessions = bare ? 0 : std::strtoull( argv[2], nullptr, 10 );
  const std::size_t iterations = std::strtoull( argv[3], nullptr, 10 );
  std::size_t handled = 0;
  double before = cpuSeconds();

  if( const auto parsed = parsing( name, iterations ) )
  {
    handled = *parsed;
  }
  else if( stanza( name, 0, {} ).empty() )
  {
    return 2;
  }
  else if( bare )
  {
    Entity entity( "a@wired.example/a", false );
    before = cpuSeconds();
    measured( [&]
    {
      for( std::size_t i = 0; i < iterations; ++i )
        entity.wire().feed( stanza( name, i, {} ) );
    } );
    handled = entity.wire().written();
  }
  else
  {
    Ends ends( false, manySessions( gloox::XMLNS_IBB ) );
    if( sessions > 0 && !ends.open( sessions, 32 ) )
      throw std::runtime_error( ends.a.problem );
    ends.settle();
    auto& wire = ends.a.entity.wire();
    wire.joinTo( nullptr );   // what is answered is written, and goes nowhere
    const auto sid = sessions > 0 ? ends.a.streams[sessions / 2]->sid() : std::string( "nobody" );
    const auto written = wire.written();
    before = cpuSeconds();
    measured( [&]
    {
      for( std::size_t i = 0; i < iterations; ++i )
      {
        wire.feed( stanza( name, i, sid ) );
        if( i % 16 == 15 )
          ends.a.manager.process();
      }
      ends.a.manager.process();
    } );
    handled = wire.written() - written;
  }
  std::printf( "{\"case\": \"%s\", \"sessions\": %ld, \"iterations\": %zu, \"ns\": %.1f, \"handled\": %zu}\n", name.c_str(),
               bare ? -1L : static_cast<long>( sessions ), iterations, ( cpuSeconds() - before ) * 1e9 / static_cast<double>( std::max<std::size_t>( 1, iterations ) ),
               handled );
  return 0;
}
catch( const std::exception& error )
{
  std::fprintf( stderr, "bench-stanzas: %s\n", error.what() );
  return 1;
}
