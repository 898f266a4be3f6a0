// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "soak/talks.h"

#include "support/sockets.h"

#include <gloox/gloox.h>

#include <iterator>
#include <utility>

namespace simultiple::soak
{

using namespace std::chrono_literals;

namespace
{

constexpr auto Patience = 20min;   // then a bot gives up what is still there
constexpr unsigned LatestStrike = 14;

/// How often what happens, of a hundred.
struct Share
{
  Fate fate;
  unsigned of100;
};
constexpr Share Shares[] = { { Fate::Complete, 30 }, { Fate::InBand, 20 }, { Fate::Single, 3 },   { Fate::FallsBack, 8 }, { Fate::Idle, 2 },
                             { Fate::Held, 3 },      { Fate::DecidedLate, 2 }, { Fate::Declined, 4 }, { Fate::NoMethod, 2 },  { Fate::Malformed, 1 },
                             { Fate::Undecided, 1 }, { Fate::Cancelled, 12 }, { Fate::Aborted, 5 },  { Fate::Vanishes, 7 } };

Fate draw( Stage& stage )
{
  auto left = stage.below( 100 );
  for( const auto& share : Shares )
    if( left < share.of100 )
      return share.fate;
    else
      left -= share.of100;
  return Fate::Complete;
}

/// Mostly a few kilobytes, sometimes many.
std::string payload( Stage& stage )
{
  std::string bytes( stage.oneIn( 20 ) ? 1 + stage.below( 150000 ) : 1 + stage.below( 6000 ), '\0' );
  std::uint32_t word = stage.below( 1U << 31U );
  for( auto& byte : bytes )
    byte = static_cast<char>( ( word = word * 1664525U + 1013904223U ) >> 24U );
  return bytes;
}

} // namespace

Talks::Talks( Stage& stage, const std::string& bot, const std::string& domain )
  : m_stage( stage ), m_botJid( bot ), m_domain( domain ), m_nobody( test::boundSocket() )
{
}

Talks::Shared Talks::find( const std::string& sid ) const
{
  const auto found = m_talks.find( sid );
  return found == m_talks.end() ? nullptr : found->second;
}

std::string Talks::anySid() { return m_talks.empty() ? std::string() : m_talks.begin()->first; }

void Talks::start()
{
  auto talk = std::make_shared<Talk>();
  talk->fate = draw( m_stage );
  talk->botOffers = m_stage.oneIn( 2 );
  talk->responderCloses = m_stage.oneIn( 3 );
  talk->speaks = m_stage.oneIn( 8 );
  talk->strikes = 1 + m_stage.below( LatestStrike );
  talk->there = payload( m_stage );
  if( m_stage.oneIn( 2 ) )
    talk->back = payload( m_stage );
  const auto n = m_started++;
  talk->peer = "u" + std::to_string( n % 8 == 7 ? n - 1 : n ) + "@" + m_domain + "/r" + std::to_string( n % 8 );   // some are of one account

  OfferOptions options;
  options.from = gloox::JID( talk->peer );
  options.fallback = talk->fate != Fate::Single;
  if( talk->fate == Fate::InBand || talk->fate == Fate::NoMethod )
    options.methods = { gloox::XMLNS_IBB };
  auto& party = initiator( *talk );
  const auto limits = party.limits;
  const auto result = party.offer( peerOf( party, *talk ), options );
  if( !result )
  {
    if( party.limits == limits )
      m_stage.wrong( "no offer: " + result.problem );
    return;
  }
  talk->sid = result.sid;
  m_talks[talk->sid] = talk;
  m_sids[talk->peer] = talk->sid;
  m_stage.later( Patience, [this, sid = talk->sid]
  {
    if( const auto late = find( sid ) )
    {
      late->disturbed = true;
      cancel( *m_bot, *late );
      cancel( *m_other, *late );
    }
  } );
}

void Talks::disturb()
{
  for( const auto& entry : m_talks )
    entry.second->disturbed = true;
}

void Talks::cancel( Party& party, const Talk& talk ) { (void)party.profile.cancel( gloox::JID( peerOf( party, talk ) ), talk.sid ); }

// ---- on the wire

bool Talks::passes( std::string& xml, const std::string& from, const std::string& to )
{
  auto found = m_sids.find( from );
  if( found == m_sids.end() )
    found = m_sids.find( to );
  const auto talk = found == m_sids.end() ? nullptr : find( found->second );
  if( !talk || xml.compare( 0, 9, "<presence" ) == 0 )
    return true;
  if( talk->fate == Fate::FallsBack && xml.find( "<streamhost " ) != std::string::npos )
  {
    const auto port = xml.find( "port='" ) + 6;
    xml.replace( port, xml.find( '\'', port ) - port, std::to_string( test::portOf( m_nobody ) ) );
  }
  if( ++talk->stanzas == talk->strikes )
    strike( talk );
  if( talk->gone )
    talk->disturbed = true;
  return !talk->gone;
}

void Talks::strike( const Shared& talk )
{
  if( talk->fate == Fate::Vanishes )
  {
    talk->gone = true;
    if( m_stage.oneIn( 2 ) )   // and sometimes the server notices
      m_stage.later( 5s, [this, peer = talk->peer]
      {
        if( m_bot->online() )
          m_bot->entity.feed( "<presence type='unavailable' from='" + peer + "' to='" + m_botJid + "'/>" );
      } );
  }
  if( talk->fate == Fate::Cancelled )
    m_stage.later( 0ms, [this, talk]
    {
      talk->disturbed = true;
      cancel( m_stage.oneIn( 2 ) ? *m_bot : *m_other, *talk );
    } );
  if( talk->speaks )
    m_stage.later( 0ms, [this, talk]
    {
      m_bot->sendNote( gloox::JID( talk->peer ), talk->sid );
      m_other->sendNote( gloox::JID( m_botJid ), talk->sid );
    } );
}

// ---- the two bots

void Talks::offered( Party& party, const Offer& offer )
{
  const auto talk = find( offer.sid );
  if( !talk )
    return m_stage.wrong( "a session that nobody began" );
  talk->responderKnows = true;
  switch( talk->fate )
  {
    case Fate::Declined: party.profile.decline( offer ); break;
    case Fate::Undecided: talk->disturbed = true; break;
    case Fate::DecidedLate: m_stage.later( m_stage.between( 1s, 5min ), [this, &party, offer, talk] { accept( party, offer, *talk ); } ); break;
    default: accept( party, offer, *talk ); break;
  }
}

void Talks::accept( Party& party, const Offer& offer, const Talk& talk )
{
  AcceptOptions options;
  if( talk.fate == Fate::NoMethod )
    options.methods = { gloox::XMLNS_BYTESTREAMS };
  party.profile.accept( offer, options );
}

bool Talks::mayAccept( const std::string& sid )
{
  const auto talk = find( sid );
  return !talk || talk->fate != Fate::Malformed;
}

void Talks::opened( Party& party, const std::shared_ptr<MultiBytestream>& stream )
{
  const auto talk = find( stream->sid() );
  if( !talk )
    return m_stage.wrong( "a session that nobody began" );
  if( !initiates( party, *talk ) )
  {
    if( talk->fate == Fate::Held )
    {
      stream->pause();
      m_stage.later( m_stage.between( 1s, 50s ), [stream] { stream->resume(); } );
    }
    return;
  }
  if( talk->fate == Fate::Idle )
    m_stage.later( m_stage.between( 1min, 15min ), [this, stream, talk] { write( stream, *talk ); } );
  else
    write( stream, *talk );
}

void Talks::write( const std::shared_ptr<MultiBytestream>& stream, const Talk& talk )
{
  const auto first = talk.there.size() / ( 1 + m_stage.below( 3 ) );
  const bool taken = stream->send( talk.there.substr( 0, first ) ) && stream->send( talk.there.substr( first ) );
  if( !taken && stream->isOpen() )
    m_stage.wrong( "an empty stream takes no data" );
  if( talk.back.empty() && !talk.responderCloses && talk.fate != Fate::Aborted )
    stream->close();
}

void Talks::data( Party& party, MultiBytestream& stream, const std::string& part )
{
  const auto talk = find( stream.sid() );
  if( !talk )
    return m_stage.wrong( "a session that nobody began" );
  const bool there = !initiates( party, *talk );
  const auto& expected = there ? talk->there : talk->back;
  auto& got = there ? talk->gotThere : talk->gotBack;
  if( got + part.size() > expected.size() || expected.compare( got, part.size(), part ) != 0 )
    m_stage.wrong( "other bytes than were sent" );
  got += part.size();
  bytes += part.size();
  if( talk->fate == Fate::Aborted )
  {
    talk->disturbed = true;
    stream.abort();
    return;
  }
  if( got < expected.size() )
    return;
  if( there && !talk->back.empty() && !stream.send( talk->back ) )
    m_stage.wrong( "an empty stream takes no answer" );
  if( there ? talk->responderCloses : !talk->responderCloses )
    stream.close();
}

// ---- the end

void Talks::ended( Party& party, const std::string& sid, Cause cause, const std::string& text )
{
  const auto talk = find( sid );
  if( !talk )
    return m_stage.wrong( "a session that nobody began" );
  if( initiates( party, *talk ) )
    talk->text = text;
  ( initiates( party, *talk ) ? talk->initiatorEnd : talk->responderEnd ) = cause;
  m_stage.later( 2s, [this, sid] { reap( sid ); } );   // an offer may still be on its way
}

void Talks::reap( const std::string& sid )
{
  const auto talk = find( sid );
  if( !talk || !talk->initiatorEnd || ( talk->responderKnows && !talk->responderEnd ) )
    return;
  m_talks.erase( sid );
  m_sids.erase( talk->peer );
  judge( *talk );
}

void Talks::judge( const Talk& talk )
{
  if( talk.disturbed )
  {
    ++disturbed;
    return;
  }
  const auto expect = [&]( Cause cause )
  {
    if( talk.initiatorEnd != cause )
      m_stage.wrong( "fate " + std::to_string( static_cast<int>( talk.fate ) ) + ": ended as " + causeText( *talk.initiatorEnd ) + " (" + talk.text + "), not as "
                     + causeText( cause ) );
  };
  // SEC-13: what the bot has no room for is not accepted.
  if( talk.initiatorEnd == Cause::Declined && !talk.responderKnows && responder( talk ).limits > 0 )
    return;
  switch( talk.fate )
  {
    case Fate::Declined: return expect( Cause::Declined );
    case Fate::NoMethod: return expect( Cause::NoValidStreams );
    case Fate::Malformed: return expect( Cause::MalformedReply );
    default: break;
  }
  ++completed;
  const bool all = talk.gotThere == talk.there.size() && talk.gotBack == talk.back.size();
  if( !all )
    m_stage.wrong( "fate " + std::to_string( static_cast<int>( talk.fate ) ) + ": " + std::to_string( talk.gotThere ) + "/" + std::to_string( talk.there.size() ) + " and "
                   + std::to_string( talk.gotBack ) + "/" + std::to_string( talk.back.size() ) + " bytes arrived; " + causeText( *talk.initiatorEnd ) + " " + talk.text );
  expect( talk.responderCloses ? Cause::ClosedRemote : Cause::ClosedLocal );
}

} // namespace simultiple::soak
