// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "soak/crowd.h"

#include "support/sockets.h"

#include <sys/socket.h>

#include <iterator>
#include <utility>

namespace simultiple::soak
{

using namespace std::chrono_literals;

namespace
{

const std::string S5b = "http://jabber.org/protocol/bytestreams";
const std::string Ibb = "http://jabber.org/protocol/ibb";
const std::string Block = "YSBibG9jayBvZiBkYXRh";

std::string siOf( const std::string& sid, const std::string& options, const std::string& more = "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>" )
{
  return "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' profile='urn:example:soak'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
         "<x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>" + options + "</field></x></feature>" + more + "</si>";
}

std::string option( const std::string& method ) { return "<option><value>" + method + "</value></option>"; }
std::string both( const std::string& sid ) { return siOf( sid, option( S5b ) + option( Ibb ) ); }
std::string open( const std::string& sid, const std::string& size = "4096" ) { return "<open xmlns='" + Ibb + "' sid='" + sid + "' block-size='" + size + "'/>"; }
std::string close( const std::string& sid ) { return "<close xmlns='" + Ibb + "' sid='" + sid + "'/>"; }
std::string block( const std::string& sid, unsigned seq, const std::string& text = Block )
{
  return "<data xmlns='" + Ibb + "' sid='" + sid + "' seq='" + std::to_string( seq ) + "'>" + text + "</data>";
}
std::string query( const std::string& sid, const std::string& jid, const std::string& host, std::uint16_t port )
{
  return "<query xmlns='" + S5b + "' sid='" + sid + "' mode='tcp'><streamhost jid='" + jid + "' host='" + host + "' port='" + std::to_string( port ) + "'/></query>";
}

/// Offers that are none.
std::vector<std::string> brokenOffers( const std::string& sid )
{
  std::string many;
  for( int i = 0; i < 300; ++i )
    many += option( "urn:example:method:" + std::to_string( i ) );
  return { "<si xmlns='http://jabber.org/protocol/si'/>",
           "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' profile='urn:example:soak'/>",
           "<si xmlns='http://jabber.org/protocol/si' id='" + sid + "' profile='urn:example:nobody'><si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/></si>",
           siOf( sid, "" ), siOf( sid, many ), siOf( std::string( 300, 'i' ), option( Ibb ) ), siOf( "", option( Ibb ) ), siOf( sid, option( std::string( 2000, 'm' ) ) ),
           siOf( sid, option( "urn:example:unknown" ) ) };
}

} // namespace

Crowd::Crowd( Stage& stage, const std::string& bot, Party& party, const std::string& domain )
  : m_stage( stage ), m_bot( bot ), m_party( party ), m_domain( domain ), m_nobody( test::boundSocket() ), m_mute( test::boundSocket() )
{
  (void)::listen( m_mute.get(), 4 );
}

void Crowd::raw( const std::string& xml )
{
  if( !m_party.online() )
    return;
  ++stanzas;
  const auto type = test::attribute( xml, "type" );
  if( type == "set" || type == "get" )
    m_asked.insert( test::attribute( xml, "id" ) );
  m_party.entity.feed( xml );
}

void Crowd::say( const std::string& from, const std::string& type, const std::string& payload )
{
  raw( "<iq type='" + type + "' id='" + newId() + "' from='" + from + "' to='" + m_bot + "'>" + payload + "</iq>" );
}

void Crowd::act()
{
  switch( m_stage.below( 8 ) )
  {
    case 0: return connect();
    case 1:
    case 2: return meddle();
    default: return offer();
  }
}

// ---- what one says to nobody in particular

void Crowd::meddle()
{
  const auto from = newJid();
  const auto foreign = m_victim ? m_victim() : std::string();
  const auto sid = foreign.empty() ? "nobody" : foreign;
  const std::string broken[] = { block( sid, m_stage.below( 70000 ) ), open( sid ), close( sid ), query( sid, from, "127.0.0.1", 9 ),
                                 "<query xmlns='" + S5b + "' sid='" + sid + "' mode='udp'/>", block( sid, 0, "?!" ) };
  switch( m_stage.below( 7 ) )
  {
    case 0: return say( from, "set", broken[m_stage.below( static_cast<unsigned>( std::size( broken ) ) )] );
    case 1:   // a forged answer
      return raw( "<iq type='result' id='" + std::to_string( m_stage.below( 1U << 31U ) ) + "' from='" + from + "' to='" + m_bot + "'>" + query( sid, from, "127.0.0.1", 9 ) + "</iq>" );
    case 2: return m_heard.empty() ? void() : repeat( m_heard[m_stage.below( static_cast<unsigned>( m_heard.size() ) )], from );
    case 3: return raw( "<message from='" + from + "' to='" + m_bot + "'>" + block( sid, 0 ) + "</message>" );
    case 4: return raw( "<message from='" + from + "' to='" + m_bot + "'><body>" + std::string( 20000, 'b' ) + "</body></message>" );
    case 5: return raw( "<presence type='unavailable' from='" + from + "' to='" + m_bot + "'/>" );
    default:
    {
      const auto offers = brokenOffers( "b" + std::to_string( ++m_made ) );
      return say( from, "set", offers[m_stage.below( static_cast<unsigned>( offers.size() ) )] );
    }
  }
}

/// What somebody else has said: a request as a new one, an answer as it was.
void Crowd::repeat( const std::string& xml, const std::string& from )
{
  const auto type = test::attribute( xml, "type" );
  const auto ours = test::withAttribute( xml, "from", from );
  raw( type == "set" || type == "get" ? test::withAttribute( ours, "id", newId() ) : ours );
}

void Crowd::overhear( const std::string& xml )
{
  constexpr std::size_t Memory = 16;
  if( xml.compare( 0, 3, "<iq" ) != 0 )
    return;
  m_heard.push_back( xml );
  if( m_heard.size() > Memory )
    m_heard.pop_front();
}

// ---- strangers at the listener

void Crowd::connect()
{
  const auto port = m_party.manager.listenPort();
  if( port == 0 )
    return;
  for( auto n = m_stage.oneIn( 50 ) ? 20U : 1U; n > 0; --n )
  {
    auto fd = test::connectTo( port );
    if( !fd )
      return;
    const std::string hellos[] = { "", "GET / HTTP/1.0\r\n\r\n", std::string( "\x05\x01\x00", 3 ), std::string( "\x05\x01\x00\x05\x01\x00\x03\x28", 8 ) + std::string( 40, 'a' ) + std::string( 2, '\0' ), "\x05" };
    const auto& hello = hellos[m_stage.below( static_cast<unsigned>( std::size( hellos ) ) )];
    (void)::send( fd.get(), hello.data(), hello.size(), MSG_NOSIGNAL );
    const int number = fd.get();
    m_connections[number] = std::move( fd );
    m_stage.later( m_stage.between( 0ms, 30s ), [this, number] { m_connections.erase( number ); } );
  }
}

void Crowd::work()
{
  constexpr std::size_t Held = 4;
  for( net::Fd guest( ::accept4( m_mute.get(), nullptr, nullptr, SOCK_CLOEXEC ) ); guest; guest.reset( ::accept4( m_mute.get(), nullptr, nullptr, SOCK_CLOEXEC ) ) )
  {
    m_held.push_back( std::move( guest ) );
    if( m_held.size() > Held )
      m_held.pop_front();
  }
}

// ---- offers

void Crowd::offer()
{
  const auto jid = newJid();
  auto& stranger = m_strangers[jid];
  stranger.manner = static_cast<Manner>( m_stage.below( static_cast<unsigned>( Manner::Count ) ) );
  stranger.sid = "c" + std::to_string( m_made );
  m_lookups += stranger.manner == Manner::Unknown ? 1U : 0U;
  m_stage.later( 20min, [this, jid]
  {
    if( const auto found = m_strangers.find( jid ); found != m_strangers.end() )
    {
      (void)m_party.profile.cancel( gloox::JID( jid ), found->second.sid );
      ended( gloox::JID( jid ) );
    }
  } );
  say( jid, "set", both( stranger.sid ) );
  if( stranger.manner == Manner::OffersTwice )
    say( jid, "set", both( stranger.sid ) );
}

void Crowd::offered( const Offer& offer )
{
  ++sessions;
  if( m_strangers.count( offer.peer.full() ) == 0 )   // somebody's offer, repeated
    return void( m_party.profile.decline( offer ) );
  switch( m_stage.below( 10 ) )
  {
    case 0: m_party.profile.decline( offer ); break;
    case 1: break;   // nobody decides
    default: m_party.profile.accept( offer ); break;
  }
}

void Crowd::ended( const gloox::JID& peer )
{
  const auto found = m_strangers.find( peer.full() );
  if( found == m_strangers.end() )
    return;
  m_lookups -= found->second.manner == Manner::Unknown ? 1U : 0U;
  m_strangers.erase( found );
}

bool Crowd::takes( const std::string& to, const std::string& xml )
{
  if( to.size() < m_domain.size() + 3 || to.compare( to.size() - m_domain.size() - 2, m_domain.size(), m_domain ) != 0 )
    return false;
  const auto type = test::attribute( xml, "type" );
  const auto id = test::attribute( xml, "id" );
  if( ( type == "result" || type == "error" ) && m_asked.erase( id ) == 0 && m_party.online() )
    m_stage.wrong( "GEN-1: an answer that nobody waits for: " + xml );
  const auto found = m_strangers.find( to );
  if( found == m_strangers.end() )
    return true;
  if( type == "set" && !m_stage.oneIn( 4 ) )   // what the bot asks is answered, mostly
    m_stage.later( 0ms, [this, to, id] { raw( "<iq type='result' id='" + id + "' from='" + to + "' to='" + m_bot + "'/>" ); } );
  if( type == "result" )
    m_stage.later( 0ms, [this, to]
    {
      if( const auto there = m_strangers.find( to ); there != m_strangers.end() )
        proceed( to, there->second );
    } );
  return true;
}

/// The offer was accepted (step 0), or something else that was asked for.
void Crowd::proceed( const std::string& jid, Stranger& stranger )
{
  const auto step = stranger.step++;
  const auto sid = stranger.sid;   // it may go from inside
  const auto ask = [&]( const std::string& payload ) { say( jid, "set", payload ); };
  switch( stranger.manner )
  {
    case Manner::Silent:
    case Manner::OffersTwice:
    case Manner::Count: return;
    case Manner::Refused: return step == 0 ? ask( query( sid, jid, "127.0.0.1", test::portOf( m_nobody ) ) ) : void();
    case Manner::Mute: return step == 0 ? ask( query( sid, jid, "127.0.0.1", test::portOf( m_mute ) ) ) : void();
    case Manner::Unknown: return step == 0 && m_stage.oneIn( 4 ) ? ask( query( sid, jid, "localhost", test::portOf( m_nobody ) ) ) : void();
    case Manner::InBand: return step == 0 ? ask( open( sid ) ) : step < 5 ? ask( block( sid, step - 1 ) ) : step == 5 ? ask( close( sid ) ) : void();
    case Manner::WrongOrder: return step == 0 ? ask( open( sid ) ) : step < 4 ? ask( block( sid, step * 7 ) ) : void();
    case Manner::NotBase64: return step == 0 ? ask( open( sid ) ) : step == 1 ? ask( block( sid, 0, "=a=b c" ) ) : void();
    case Manner::TooLarge: return step == 0 ? ask( open( sid, "256" ) ) : step == 1 ? ask( block( sid, 0, std::string( 40000, 'A' ) ) ) : void();
    case Manner::Garbage:
      if( step > 0 )
        return;
      ask( open( sid, "0" ) );
      ask( "<open xmlns='" + Ibb + "'/>" );
      ask( block( sid, 0 ) );
      return ask( "<query xmlns='" + S5b + "' sid='" + sid + "' mode='udp'/>" );
    case Manner::Closes:
      if( step > 1 )
        return;
      ask( step == 0 ? open( sid ) : close( sid ) );
      return step == 1 ? ask( block( sid, 0 ) ) : void();
    case Manner::Hangs: return step == 0 ? ask( open( sid ) ) : void();
    case Manner::Leaves: return raw( "<presence type='unavailable' from='" + jid + "' to='" + m_bot + "'/>" );
  }
}

void Crowd::checkRest()
{
  m_heard.clear();   // or how much was heard last would show in the memory
  if( !m_asked.empty() )
    m_stage.wrong( "GEN-1: " + std::to_string( m_asked.size() ) + " requests of strangers without an answer" );
}

} // namespace simultiple::soak
