// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/session/player.h"

#include "fuzz/session/words.h"
#include "fuzz/support/require.h"
#include "fuzz/support/trace.h"
#include "session/plugin.h"

#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

namespace simultiple::fuzz
{

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace
{

// What a step does is its first byte: the lower bits what, and two flags.
constexpr std::uint8_t Unsettled = 0x80;   ///< The plugin gets no turn before the next step
constexpr std::uint8_t SameId = 0x40;      ///< The id of the peer's last request again
constexpr unsigned PeerSteps = 10, AppSteps = 12, WorldSteps = 6;

bool bit( std::uint8_t byte, unsigned which ) { return ( unsigned( byte ) >> which & 1U ) != 0; }

Options optionsOf( const Program& program, std::shared_ptr<Clock> clock )
{
  const auto first = program.stage[0], second = program.stage[1], third = program.stage[2], fourth = program.stage[3];
  Options options;
  options.clock = std::move( clock );
  options.uncheckedTimeouts = true;
  options.privacy = static_cast<Privacy>( ( first & 7U ) < 5 ? first & 7U : 0 );
  options.siMultiple = !bit( first, 3 );
  options.ownsNamespaces = bit( first, 4 );
  options.smackDialect = bit( first, 5 );
  options.lastResort = !bit( first, 6 );
  options.keepSocks5OnDisconnect = !bit( first, 7 );
  options.listen.enabled = !bit( second, 5 );
  options.proxies.discover = bit( third, 4 );
  options.advertise = bit( third, 3 );
  if( bit( second, 6 ) )
    options.proxies.known = { { gloox::JID( words::Proxy ), "198.51.100.4", 7777 } };
  if( bit( third, 0 ) )
    std::reverse( options.methods.begin(), options.methods.end() );
  if( bit( third, 2 ) )
    options.timeouts.set( Timer::SNext, 1s );
  if( !bit( second, 7 ) )
  {
    options.limits.offersPerPeer = 2;
    options.limits.offers = 3;
    options.limits.sessionsPerPeer = 4;
    options.limits.sessions = 6;
    options.limits.tombstones = 3;
    options.limits.queriesPerPeer = 1;
    options.limits.queries = 2;
    options.limits.streamHosts = 2;
    options.limits.rememberedHosts = 3;
    options.limits.readBuffer = 100;
    options.limits.writeBuffer = 500;
  }
  switch( unsigned( fourth ) >> 4U & 3U )
  {
    case 1: options.limits.tombstones = 0; break;
    case 2: options.limits.readBuffer = options.limits.rememberedHosts = options.limits.streamHosts = 0; break;
    case 3: options.limits.tombstones = 1; break;
    default: break;
  }
  options.inBand.blockSize = static_cast<std::uint16_t>( bit( fourth, 0 ) ? 4096 : 300 );
  options.inBand.maxBlockSize = static_cast<std::uint16_t>( bit( fourth, 1 ) ? 16384 : 64 );
  options.inBand.window = 1 + ( unsigned( fourth ) >> 2U & 3U );
  return options;
}

ProfileOptions profileOptionsOf( const Program& program )
{
  const auto second = program.stage[1], third = program.stage[2];
  ProfileOptions options;
  options.senderSpeaksFirst = bit( second, 0 );
  options.childRequired = bit( second, 1 );
  options.takePlainOffers = !bit( second, 2 );
  options.notesAfterEnd = bit( second, 3 );
  options.noteNamespace = App::Notes;
  if( bit( third, 5 ) )
    options.mandatoryMethod = gloox::XMLNS_IBB;
  if( bit( third, 6 ) )
    options.screen = []( const Offer& offer ) { return offer.sid == "s1" ? std::optional<Refusal>( Refusal( Decline::BadRequest, "no" ) ) : std::nullopt; };
  return options;
}

std::vector<std::string> methodsOf( std::uint8_t which )
{
  switch( which & 3U )
  {
    case 1: return { gloox::XMLNS_BYTESTREAMS };
    case 2: return { gloox::XMLNS_IBB };
    case 3: return { gloox::XMLNS_IBB, gloox::XMLNS_BYTESTREAMS };
    default: return {};
  }
}

/// A file that holds what we say.
int file()
{
  static const int fd = []
  {
    const int made = ::memfd_create( "said", MFD_CLOEXEC );
    const std::string text( 8192, 'o' );
    require( made >= 0 && ::write( made, text.data(), text.size() ) == 8192, "(a file could be made)" );
    return made;
  }();
  return fd;
}

} // namespace

Player::Player( test::ScriptedClient& client, const Program& program )
  : m_client( client ), m_program( program ), m_options( optionsOf( program, m_clock ) ), m_disconnects( client.disconnects() )
{
  m_internet.listens = !bit( program.stage[1], 4 );
  m_client.clear();
  m_client.setOnStanza( [this]( const std::string& xml ) { m_ledger.said( xml ); } );
  m_app = std::make_unique<App>( client.client(), m_options, profileOptionsOf( program ) );
  m_app->onCallback = [this]( Heard& session ) { react( session ); };
  require( m_app->manager->enable(), "(the options are good)" );
  settle();
}

Player::~Player()
{
  m_client.setOnStanza( {} );
  m_client.connection().setOnSend( test::ScriptedConnection::OnSend::Accept );
}

void Player::play()
{
  for( const auto& one : m_program.steps )
  {
    step( one );
    if( ( one.what & Unsettled ) == 0 )
      settle();
    else
      m_settled = false;
  }
  settle();
}

void Player::step( const Step& step )
{
  auto what = ( step.what & 0x3fU ) % ( PeerSteps + AppSteps + WorldSteps + 1 );
  trace( "step", std::to_string( what ) + " " + std::to_string( step.a ) + " " + std::to_string( step.b ) + " " + std::to_string( step.c ) );
  if( what < PeerSteps )
    return peer( what, step );
  what -= PeerSteps;
  if( what < AppSteps )
    return act( what, step );
  what -= AppSteps;
  if( what < WorldSteps )
    return world( what, step );
  m_armed.push_back( step );
}

void Player::react( Heard& )
{
  if( m_armed.empty() || m_depth > 3 )
    return;
  const auto next = m_armed.front();
  m_armed.pop_front();
  ++m_depth;
  act( next.a % AppSteps, next );
  --m_depth;
}

void Player::settle()
{
  for( int turns = 0; m_app->manager; ++turns )
  {
    require( turns < 1000, "the plugin comes to rest" );
    m_app->manager->process();
    pollfd loop{ m_app->manager->pollDescriptors().front().fd, POLLIN, 0 };
    if( m_app->manager->nextDeadline() != milliseconds( 0 ) && ::poll( &loop, 1, 0 ) <= 0 )
      break;
  }
  checkConnection();
  m_client.clear();
  m_app->checkTables();
  m_opens.erase( std::remove_if( m_opens.begin(), m_opens.end(), [this]( const auto& open )
  {
    const auto answer = m_ledger.answerTo( open.first );
    if( answer == "result" )
      m_next[open.second] = 0;
    return !answer.empty();
  } ), m_opens.end() );
  m_settled = true;
}

void Player::checkConnection()
{
  if( m_disconnects == m_client.disconnects() )
    return;
  m_disconnects = m_client.disconnects();
  m_app->manager->process();
  m_ledger.lost();
}

// ---- peers

std::string Player::who( std::uint8_t a ) const
{
  static const std::array<std::string, 8> all{ words::Romeo, words::Romeo, words::Romeo, words::Romeo, "romeo@montague.example/garden", "mallory@evil.example/x",
                                               words::Own, "" };
  return all[a & 7U];
}

std::string Player::sid( std::uint8_t b ) const
{
  if( b >= 252 )
    return b == 252 ? "" : b == 253 ? std::string( 257, 'x' ) : "two\nlines & 'quotes'";
  return m_sids[m_sids.size() - 1 - b % m_sids.size()];   // the newest first
}

void Player::feed( const std::string& stanza )
{
  if( !m_client.online() )
    return;
  m_ledger.heard( stanza );
  m_client.feed( stanza );
  checkConnection();
}

/// @param fromTheGrave What a tombstone would answer.
void Player::say( const std::string& type, const Step& step, const std::string& payload, const char* fromTheGrave )
{
  const auto from = who( step.a );
  if( ( step.what & SameId ) == 0 || m_lastId.empty() || m_lastFrom != from )
    m_lastId = "theirs" + std::to_string( ++m_ids );
  m_lastFrom = from;
  const auto id = m_lastId;
  const gloox::JID jid( from );
  const bool dead = fromTheGrave && m_settled && m_app->tombsKnown() && m_client.online() && jid && m_app->entombed( jid, sid( step.b ) );
  feed( words::iq( type, id, from, payload ) );
  if( !dead )
    return;
  settle();
  require( !m_client.online() || m_ledger.answerTo( id ) == fromTheGrave, "CLS-9: what a tombstone answers" );
}

void Player::peer( unsigned what, const Step& step )
{
  const auto from = who( step.a );
  const auto stream = sid( step.b );
  const Key key{ from, stream };
  const unsigned blockSize = m_options.inBand.maxBlockSize;
  switch( what )
  {
    case 0: return say( "set", step, words::offer( stream, static_cast<std::uint8_t>( step.c < 64 ? 0x9 : step.c ), static_cast<std::uint8_t>( step.c < 64 ? step.c : 0 ) ) );
    case 1:
    case 2: return answer( step );
    case 3: return say( "set", step, words::query( stream, step.c ), "not-acceptable" );
    case 4:
      say( "set", step, words::open( stream, 1 + step.c % blockSize, step.c ), "not-acceptable" );
      m_opens.emplace_back( m_lastId, key );
      return;
    case 5:
    {
      const auto delta = step.c >= 250 ? step.c - 249U : 0;
      const unsigned size = step.c < 4 ? blockSize : step.c % 67U;
      const auto seq = m_next[key] + delta;
      if( delta == 0 )
        ++m_next[key];
      return say( "set", step, words::data( stream, seq, size, static_cast<std::uint8_t>( step.c >= 240 ? step.c - 239 : 0 ) ), "item-not-found" );
    }
    case 6: return say( "set", step, words::close( stream ), "result" );
    case 7: return say( "set", step, words::note( stream ), "result" );
    case 8:
      if( step.c < 128 )
        return feed( "<presence type='unavailable'" + ( from.empty() ? "" : " from='" + from + "'" ) + " to='" + words::Own + "'/>" );
      return feed( "<message from='" + from + "' to='" + words::Own + "'>" + words::data( stream, m_next[key]++, step.c % 67U, 0 ) + "</message>" );
    default:
      feed( words::strange( step.c, "theirs" + std::to_string( ++m_ids ), from, stream ) );
  }
}

void Player::answer( const Step& step )
{
  auto& requests = m_ledger.requests();
  if( requests.empty() )
    return;
  // The newest that waits, or any.
  auto chosen = requests.rbegin();
  if( step.a < 192 )
    chosen = std::find_if( requests.rbegin(), requests.rend(), []( const auto& one ) { return !one.answered; } );
  if( chosen == requests.rend() || step.a >= 128 )
    chosen = std::next( requests.rbegin(), step.a % static_cast<std::ptrdiff_t>( requests.size() ) );
  const auto request = *chosen;
  const bool refused = step.b >= 128 && step.b < 192;
  const auto from = step.b >= 240 ? who( step.b ) : request.to;
  const auto payload = refused ? words::error( step.c ) : words::result( request, step.c );
  feed( words::iq( refused ? "error" : "result", request.id, from, payload ) );
}

// ---- the application

Heard* Player::pick( std::uint8_t which, bool ( *fits )( const Heard& ) )
{
  std::vector<Heard*> all;
  for( auto& session : m_app->sessions() )
    if( fits( session ) )
      all.push_back( &session );
  return all.empty() ? nullptr : all[all.size() - 1 - which % all.size()];
}

void Player::act( unsigned what, const Step& step )
{
  auto& manager = *m_app->manager;
  switch( what )
  {
    case 0: return offer( step );
    case 1: return decide( step );
    case 2:
      if( auto* session = pick( step.b, []( const Heard& one ) { return !one.ended; } ) )
        require( m_app->profile->cancel( session->peer, session->sid ), "a session that is not over can be cancelled" );
      return;
    case 3:
    {
      auto* session = pick( step.b, []( const Heard& ) { return true; } );
      if( !session )
        return;
      auto note = std::make_unique<gloox::Tag>( "alive" );
      note->setXmlns( App::Notes );
      const auto heard = std::make_shared<bool>( false );
      const bool sent = m_app->profile->sendNote( session->peer, session->sid, std::move( note ), [this, heard]( simultiple::NoteAnswer )
      {
        require( !std::exchange( *heard, true ), "PCU-9: a note is answered once" );
        ++m_notesAnswered;
      } );
      m_notesSent += sent ? 1U : 0U;
      return;
    }
    case 4: return step.c & 1U ? manager.disable() : m_app->enable();
    case 5: return manager.process();
    default: return stream( what - 6, step );
  }
}

void Player::offer( const Step& step )
{
  OfferOptions options;
  options.methods = methodsOf( step.c );
  options.fallback = ( step.c & 4U ) == 0;
  options.expectsNothing = ( step.c & 8U ) != 0;
  const gloox::JID to( who( step.a ) );
  const auto result = m_app->profile->offer( to, nullptr, options );
  require( result.sid.empty() != result.problem.empty(), "an offer is sent, or there is a reason" );
  if( !result )
    return;
  m_app->offered( to, result.sid );
  m_sids.push_back( result.sid );
}

void Player::decide( const Step& step )
{
  auto* session = pick( step.b, []( const Heard& one ) { return one.offer && !one.ended; } );
  if( !session )
    return;
  const auto offer = *session->offer;
  if( step.c >= 192 )
  {
    require( m_app->profile->decline( offer, static_cast<Decline>( step.c % 3 ), step.c & 4U ? "because" : "" ), "SI-14: what is undecided can be declined" );
    require( !m_app->profile->decline( offer ), "SI-14: once" );
    return;
  }
  AcceptOptions options;
  options.methods = methodsOf( step.c );
  options.expectsNothing = ( step.c & 8U ) != 0;
  session->offer.reset();
  (void)m_app->profile->accept( offer, options );
  require( !m_app->profile->accept( offer ), "SI-14: once" );
}

void Player::stream( unsigned what, const Step& step )
{
  auto* session = pick( step.b, []( const Heard& one ) { return static_cast<bool>( one.stream ); } );
  if( !session )
    return;
  const auto stream = session->stream;
  static const std::array<std::size_t, 4> sizes{ 1, 100, 5000, App::MostAtOnce };
  const auto size = sizes[step.c & 3U];
  switch( what )
  {
    case 0:
    {
      const bool open = stream->isOpen();
      session->taken += size;   // it may be told of from inside
      if( !stream->send( std::string( size, 'o' ) ) )
        session->taken -= size;
      else
        require( open && !session->ended, "what is not open takes nothing" );
      return;
    }
    case 1:
      session->taken += 4096;
      if( !stream->sendFile( file(), 0, step.c & 4U ? 9000 : 4096 ) )
        session->taken -= 4096;
      else if( step.c & 4U )
        session->taken += 9000 - 4096;
      return;
    case 2: return stream->close();
    case 3: return stream->abort();
    case 4:
      session->paused = true;
      return stream->pause();
    default:
      session->paused = false;
      return stream->resume();
  }
}

// ---- the world

void Player::world( unsigned what, const Step& step )
{
  switch( what )
  {
    case 0: return advance( step );
    case 1: return m_internet.link( step.b, ( step.c & 1U ) != 0 );
    case 2:
    case 3: return m_internet.dial( step.b, static_cast<Internet::Dial>( step.c & 3U ), ( step.c & 4U ) != 0 );
    case 4: return m_internet.say( step.b, static_cast<Internet::Say>( step.a & 3U ), step.c );
    default: break;
  }
  settle();   // what was heard before the loss is done with, or is never answered
  if( m_client.online() && step.c < 192 )
    lose( ( step.c & 1U ) != 0 );
  settle();
  if( m_client.online() || step.c < 64 )
    return;
  require( m_client.reconnect(), "(the connection comes back)" );
  m_app->manager->process();
  m_app->forgetTombs();
}

void Player::lose( bool inSend )
{
  if( inSend )
    m_client.connection().setOnSend( test::ScriptedConnection::OnSend::Lose );
  else
    m_client.dropConnection();
  checkConnection();
}

void Player::advance( const Step& step )
{
  static const std::array<milliseconds, 12> times{ 1ms, 100ms, 300ms, 1s, 2s, 5s, 10s, 15s, 30s, 120s, 300s, 600s };
  auto by = times[step.c % times.size()];
  const auto next = m_app->manager->nextDeadline();
  if( step.b >= 64 && next )
    by = *next;
  m_clock->advance( by );
}

// ---- the end

void Player::drain()
{
  m_armed.clear();
  for( auto& session : m_app->sessions() )
    if( !session.ended )
      (void)m_app->profile->cancel( session.peer, session.sid );
  settle();
  require( m_app->live() == 0, "GEN-10: what is cancelled is over" );
  for( int hours = 0; hours < 2; ++hours )
  {
    m_clock->advance( 1h );
    settle();
  }
  auto& plugin = m_app->manager->priv();
  require( m_ledger.unanswered() == 0, "GEN-1: everybody who has asked is answered" );
  require( m_notesSent == m_notesAnswered, "PCU-9: every note is answered, or its time is over" );
  require( plugin.sessions.size() == 0 && plugin.pendingOffers.empty(), "SEC-14: no session is left" );
  require( !plugin.runtime || plugin.runtime->airlock.pending() == 0, "SEC-14: nobody waits for an answer" );
  require( plugin.loop.watched() == 0 && !plugin.loop.nextAlarm(), "SEC-14: no socket and no deadline is left" );
  require( m_internet.registrations() == 0 && m_internet.dialers() == 0 && m_internet.allClosed(), "NEG-5: no connection is left" );
}

void Player::finish()
{
  settle();
  const bool online = m_client.online();
  m_app->destroy();
  if( online && m_client.online() )
    m_ledger.close();
  require( m_internet.registrations() == 0 && m_internet.dialers() == 0 && m_internet.allClosed(), "CLS-10: every socket is closed" );
}

} // namespace simultiple::fuzz
