// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The data path of in-band bytestreams (2.7): up to three streams of one client, opened by either side, and a program of blocks, acknowledgements,
// closes, writes, pauses and time, in any order. What must hold is in inband/line.cpp.

#include "fuzz/inband/line.h"
#include "fuzz/support/client.h"
#include "fuzz/support/ledger.h"
#include "fuzz/support/program.h"
#include "fuzz/support/require.h"
#include "fuzz/support/trace.h"
#include "protocol/base64.h"
#include "session/plugin.h"
#include "support/manual_clock.h"

#include <gloox/bytestreamdatahandler.h>
#include <gloox/gloox.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <memory>
#include <string>

namespace
{

using namespace simultiple;
using namespace simultiple::fuzz;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::attribute;

const std::string Profile = "urn:example:profile";
const std::string Peer = "romeo@montague.example/orchard";
const std::string Own = "juliet@capulet.example/balcony";

std::string iq( const std::string& type, const std::string& id, const std::string& payload, const std::string& from = Peer )
{
  return "<iq type='" + type + "' id='" + id + "' from='" + from + "' to='" + Own + "'>" + payload + "</iq>";
}

std::string ibb( const std::string& name, const std::string& sid, const std::string& attributes = {}, const std::string& content = {} )
{
  return "<" + name + " xmlns='http://jabber.org/protocol/ibb' sid='" + sid + "'" + attributes + ">" + content + "</" + name + ">";
}

Options optionsOf( const Program& program, std::shared_ptr<Clock> clock )
{
  static const std::array<std::uint16_t, 4> sizes{ 1, 48, 300, 4096 };
  static const std::array<std::size_t, 4> buffers{ 1, 100, 5000, 262144 };
  const unsigned first = program.stage[0], second = program.stage[1];
  Options options;
  options.clock = std::move( clock );
  options.uncheckedTimeouts = true;
  options.methods = { gloox::XMLNS_IBB };
  options.advertise = false;
  options.proxies.discover = false;
  options.inBand.blockSize = sizes[first & 3U];
  options.inBand.maxBlockSize = sizes[first >> 2U & 3U];
  options.inBand.window = 1 + ( first >> 4U );
  options.limits.readBuffer = buffers[second & 3U];
  options.limits.writeBuffer = buffers[second >> 2U & 3U];
  return options;
}

class Bench final : public SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    Bench( test::ScriptedClient& client, const Program& program );
    ~Bench() override;
    Bench( const Bench& ) = delete;
    Bench& operator=( const Bench& ) = delete;

    void play();
    void finish();

  private:
    void openLine( bool ours );
    void step( const Step& step );
    void settle();
    void said( const std::string& stanza );
    void feed( const std::string& stanza )
    {
      m_ledger.heard( stanza );
      m_client.feed( stanza );
    }
    void set( const std::string& id, const std::string& payload ) { feed( iq( "set", id, payload ) ); }
    [[nodiscard]] std::string nextId() { return "theirs" + std::to_string( ++m_ids ); }

    void theyWrite( Line& line, const Step& step );
    void theyAnswer( Line& line, const Step& step );
    void weWrite( Line& line, std::size_t size );
    void act( Line& line, unsigned what, const Step& step );
    [[nodiscard]] Line& lineOf( const gloox::Bytestream& stream );
    [[nodiscard]] Line* find( const std::string& sid );

    void handleOffer( const Offer& offer ) override { (void)m_profile->accept( offer ); }
    void handleStream( std::shared_ptr<MultiBytestream> stream ) override;
    void handleEnd( const std::string& sid, const gloox::JID&, Cause cause, const std::string&, const Report& report ) override;
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}

    test::ScriptedClient& m_client;
    const Program& m_program;
    std::shared_ptr<test::ManualClock> m_clock = std::make_shared<test::ManualClock>();
    Ledger m_ledger{};
    Options m_options;
    std::list<Line> m_lines{};
    std::unique_ptr<SIMultipleManager> m_manager;
    std::unique_ptr<SIProfileMultiple> m_profile;
    std::string m_closeId{};      ///< Of our newest close
    std::list<Step> m_armed{};    ///< What the application does when it hears something
    std::size_t m_ids = 0;
};

Bench::Bench( test::ScriptedClient& client, const Program& program )
  : m_client( client ), m_program( program ), m_options( optionsOf( program, m_clock ) ),
    m_manager( std::make_unique<SIMultipleManager>( client.client(), m_options ) )
{
  ProfileOptions profile;
  profile.childRequired = false;
  m_profile = std::make_unique<SIProfileMultiple>( *m_manager, Profile, *this, profile );
  m_manager->priv().turnClock = [] { return std::chrono::steady_clock::time_point(); };
  m_client.clear();
  m_client.setOnStanza( [this]( const std::string& stanza ) { said( stanza ); } );
  require( m_manager->enable(), "(the options are good)" );
  settle();
  const unsigned third = program.stage[2];
  for( unsigned i = 0; i < 1 + third % 3; ++i )
    openLine( ( third >> ( 2 + i ) & 1U ) != 0 );
}

Bench::~Bench() { m_client.setOnStanza( {} ); }

void Bench::openLine( bool ours )
{
  const auto sid = "line" + std::to_string( m_lines.size() );
  m_lines.emplace_back( m_options, sid, ours ? m_options.inBand.blockSize : m_options.inBand.maxBlockSize );
  if( ours )
  {
    m_manager->priv().makeSid = [sid] { return sid; };
    require( static_cast<bool>( m_profile->offer( gloox::JID( Peer ), nullptr ) ), "(an offer is sent)" );
    feed( iq( "result", m_ledger.requests().back().id, "<si xmlns='http://jabber.org/protocol/si'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
              "<x xmlns='jabber:x:data' type='submit'><field var='stream-method'><value>http://jabber.org/protocol/ibb</value></field></x></feature></si>" ) );
    settle();
    feed( iq( "result", m_ledger.requests().back().id, "" ) );
  }
  else
  {
    set( nextId(), "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' profile='" + Profile + "'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                   "<x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option>"
                   "</field></x></feature></si>" );
    settle();
    set( nextId(), ibb( "open", sid, " block-size='" + std::to_string( m_options.inBand.maxBlockSize ) + "'" ) );
  }
  settle();
  require( static_cast<bool>( m_lines.back().stream ), "(the stream is open)" );
}

void Bench::play()
{
  for( const auto& one : m_program.steps )
  {
    step( one );
    if( ( one.what & 0x80U ) == 0 )
      settle();
  }
  settle();
}

void Bench::finish()
{
  m_profile.reset();
  m_manager.reset();
  m_ledger.close();
}

void Bench::settle()
{
  for( int turns = 0; turns == 0 || m_manager->nextDeadline() == milliseconds( 0 ); ++turns )
  {
    require( turns < 1000, "the plugin comes to rest" );
    m_manager->process();
  }
  m_client.clear();
  for( const auto& line : m_lines )
    if( line.stream )
      line.check();
}

// ---- the wire

void Bench::said( const std::string& stanza )
{
  m_ledger.said( stanza );
  const auto type = attribute( stanza, "type" );
  if( type == "result" || type == "error" )
  {
    for( auto& line : m_lines )
      line.answered( attribute( stanza, "id" ), m_ledger.answerTo( attribute( stanza, "id" ) ) );
    return;
  }
  if( type != "set" )
    return;
  const auto& request = m_ledger.requests().back();
  auto* line = find( request.sid );
  if( line && request.kind == "data" )
    line->sent( request.id, stanza );
  if( line && request.kind == "close" )
  {
    line->sentClose();
    m_closeId = request.id;
  }
}

Line* Bench::find( const std::string& sid )
{
  const auto found = std::find_if( m_lines.begin(), m_lines.end(), [&]( const Line& line ) { return line.sid() == sid; } );
  return found == m_lines.end() ? nullptr : &*found;
}

// ---- steps

void Bench::step( const Step& step )
{
  auto& line = *std::next( m_lines.begin(), step.a % static_cast<std::ptrdiff_t>( m_lines.size() ) );
  const auto what = ( step.what & 0x7fU ) % 16U;
  trace( "step", std::to_string( what ) + " of " + line.sid() + " " + std::to_string( step.b ) + " " + std::to_string( step.c ) );
  if( what < 4 )
    return theyWrite( line, step );
  if( what < 7 )
    return theyAnswer( line, step );
  if( what < 13 )
    return act( line, what - 7, step );
  if( what == 13 )
  {
    m_armed.push_back( step );
    return;
  }
  if( what == 14 )
  {
    static const std::array<milliseconds, 8> times{ 1ms, 100ms, 300ms, 600ms, 1s, 5s, 10s, 60s };
    m_clock->advance( times[step.c & 7U] );
    return;
  }
  const auto id = nextId();
  line.theyClosed( id );
  set( id, ibb( "close", line.sid() ) );
}

void Bench::theyWrite( Line& line, const Step& step )
{
  static const std::array<std::size_t, 4> few{ 0, 1, 2, 47 };
  const auto most = line.blockSize();
  auto size = ( step.b & 8U ) != 0 ? most : std::min( few[step.b & 3U], most );
  const bool message = ( step.b & 16U ) != 0;
  auto seq = line.nextSeq();
  auto bytes = line.nextBlock( size );
  auto coded = protocol::encodeBase64( bytes );
  bool wrong = true;
  switch( step.c )
  {
    case 255: seq += 1; break;
    case 254: seq += 65535; break;
    case 253: coded = protocol::encodeBase64( line.nextBlock( most + 1 ) ); break;   // IBB-8
    case 252: coded += "="; break;                                                  // IBB-7
    case 251: coded += "AA=A"; break;
    case 250: coded = std::string( 8 * most + 100, ' ' ); break;                    // SEC-15
    default:
      wrong = false;
      if( step.c >= 240 )
        coded = "\n " + coded.substr( 0, coded.size() / 2 ) + "\t" + coded.substr( coded.size() / 2 );
      // White space beyond the bound is as wrong as anything.
      wrong = coded.size() > 2 * ( ( most * 4 + 2 ) / 3 + 4 );
  }
  const auto data = ibb( "data", line.sid(), " seq='" + std::to_string( seq & 0xffffU ) + "'", coded );
  const auto id = message ? std::string() : nextId();
  if( wrong )
    line.wroteWrong();
  else
    line.wrote( id, size );
  if( message )
    feed( "<message from='" + Peer + "' to='" + Own + "'>" + data + "</message>" );
  else
    set( id, data );
}

void Bench::theyAnswer( Line& line, const Step& step )
{
  if( ( step.b & 0xc0U ) == 0xc0U )   // the close, or again whatever it was
  {
    if( !m_closeId.empty() )
      feed( iq( ( step.c & 1U ) != 0 ? "result" : "error", m_closeId, "" ) );
    return;
  }
  if( line.waiting().empty() )
    return;
  const auto which = ( step.b & 1U ) != 0 ? step.c % line.waiting().size() : 0;
  const auto id = line.waiting()[which].id;
  if( ( step.b & 0xc0U ) == 0x80U )
    return feed( iq( "result", id, "", "mallory@evil.example/x" ) );   // GEN-5
  if( step.c < 250 )
  {
    feed( iq( "result", id, "" ) );
    line.acknowledge( which );
    if( ( step.b & 2U ) != 0 )
      feed( iq( "error", id, "" ) );   // too late
    return;
  }
  feed( iq( "error", id, "<error type='cancel'><" + std::string( ( step.c & 1U ) != 0 ? "item-not-found" : "bad-request" )
                         + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" ) );
  line.refuse( which );
}

void Bench::weWrite( Line& line, std::size_t size )
{
  const auto before = line.taken;
  line.taken += size;   // blocks leave from inside the call
  if( !line.stream->send( text( 1, before, size ) ) )
    line.taken = before;
  else
    require( !line.closed && !line.ended, "what is closed takes nothing" );
}

void Bench::act( Line& line, unsigned what, const Step& step )
{
  static const std::array<std::size_t, 6> sizes{ 1, 3, 48, 299, 5000, 40000 };
  switch( what )
  {
    case 0:
    case 1: return weWrite( line, sizes[step.c % sizes.size()] );
    case 2:
      line.paused = true;
      return line.stream->pause();
    case 3:
      line.paused = false;
      return line.stream->resume();
    case 4:
      line.closed = line.closed || line.stream->isOpen();
      return line.stream->close();
    default:
      if( step.c < 128 )
        return;
      line.aborted = line.aborted || line.stream->isOpen();
      return line.stream->abort();
  }
}

// ---- the application

Line& Bench::lineOf( const gloox::Bytestream& stream )
{
  auto* line = find( stream.sid() );
  require( line != nullptr, "(one of ours)" );
  return *line;
}

void Bench::handleStream( std::shared_ptr<MultiBytestream> stream )
{
  auto& line = lineOf( *stream );
  require( !line.stream, "GEN-10: one stream" );
  line.stream = std::move( stream );
  line.stream->registerBytestreamDataHandler( this );
}

void Bench::handleEnd( const std::string& sid, const gloox::JID&, Cause cause, const std::string&, const Report& report )
{
  find( sid )->heardEnd( cause, report );
}

void Bench::handleBytestreamData( gloox::Bytestream* stream, const std::string& data )
{
  auto& line = lineOf( *stream );
  line.heard( data );
  if( m_armed.empty() )
    return;
  const auto next = m_armed.front();
  m_armed.pop_front();
  act( line, next.b % 6U, next );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  const Program program( data, size );
  Bench bench( clientFor( ( program.stage[3] & 1U ) != 0 ), program );
  bench.play();
  bench.finish();
  return 0;
}
