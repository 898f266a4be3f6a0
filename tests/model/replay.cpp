// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/replay.h"

#include "model/step.h"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace simultiple::model
{

using Kind = Event::Kind;
using test::attribute;
using test::Juliet;
using test::Romeo;

namespace
{

bool has( const std::string& text, const char* part ) { return text.find( part ) != std::string::npos; }

Options optionsOf( const Setup& setup, const std::vector<std::string>& list, const Timeouts& timeouts, std::shared_ptr<test::ManualClock> clock )
{
  auto options = test::testOptions( std::move( clock ) );
  options.methods.clear();
  for( const auto& method : list )
    options.methods.push_back( method == S5b ? gloox::XMLNS_BYTESTREAMS : gloox::XMLNS_IBB );
  if( !setup.own )
    options.listen.address = "192.0.2.1";   // nobody's: the listener cannot be opened, and there is no streamhost to offer (S5B-4)
  options.timeouts = timeouts;
  options.uncheckedTimeouts = true;
  return options;
}

} // namespace

Replay::Replay( const Setup& setup, const Schedule& schedule )
  : m_setup( setup ), m_world( worldOf( setup ) ), m_senderClient( m_hub.join( Romeo ) ), m_receiverClient( m_hub.join( Juliet ) )
{
  ProfileOptions profile;
  profile.senderSpeaksFirst = setup.senderFirst;
  m_sender = std::make_unique<test::Bot>( m_senderClient.client(), optionsOf( setup, setup.senderList, schedule.sender, m_senderClock ), profile );
  m_receiver = std::make_unique<test::Bot>( m_receiverClient.client(), optionsOf( setup, setup.receiverList, schedule.receiver, m_receiverClock ), profile );
  m_receiver->onOffer = test::Bot::OnOffer::Wait;
  m_sender->manager.enable();
  m_receiver->manager.enable();
  settle();
  m_hub.setFilter( [this]( std::string& xml ) { return pass( xml ); } );
}

// What the two say to each other waits until the trace delivers it.
bool Replay::pass( std::string& xml )
{
  const bool fromS = attribute( xml, "from" ) == Romeo && attribute( xml, "to" ) == Juliet;
  const bool fromR = attribute( xml, "from" ) == Juliet && attribute( xml, "to" ) == Romeo;
  if( m_passing || ( !fromS && !fromR ) || xml.compare( 0, 3, "<iq" ) != 0 )
    return true;
  if( attribute( xml, "type" ) == "set" )
    m_requests[( fromS ? "s " : "r " ) + attribute( xml, "id" )] = sayOf( xml );
  send( fromS, xml );
  return false;
}

void Replay::send( bool fromS, const std::string& xml )
{
  if( ( fromS ? m_receiverClient : m_senderClient ).online() )
    ( fromS ? m_toR : m_toS ).push_back( xml );
  else
    bounce( fromS, xml );
}

// As a server answers for somebody who is not there.
void Replay::bounce( bool toS, const std::string& request )
{
  if( attribute( request, "type" ) == "set" && ( toS ? m_senderClient : m_receiverClient ).online() )
    ( toS ? m_toS : m_toR ).push_back( "<iq type='error' id='" + attribute( request, "id" ) + "' from='" + attribute( request, "to" ) + "' to='" + attribute( request, "from" )
                                       + "'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>" );
}

void Replay::disconnect( bool s )
{
  ( s ? m_senderClient : m_receiverClient ).dropConnection();
  for( const auto& xml : std::exchange( s ? m_toS : m_toR, {} ) )
    bounce( !s, xml );
}

void Replay::hearsGone( bool s )
{
  m_hub.inject( "<presence type='unavailable' from='" + ( s ? Juliet : Romeo ) + "' to='" + ( s ? Romeo : Juliet ) + "'/>" );
  (void)m_hub.step();
}

void Replay::settle()
{
  bool moved = true;
  while( moved )
  {
    moved = m_hub.run() > 0;
    for( auto* bot : { m_sender.get(), m_receiver.get() } )
    {
      const auto next = bot->manager.nextDeadline();
      moved = moved || ( next && next->count() == 0 );
      bot->manager.process();
    }
    m_gate.pump();
    std::vector<pollfd> descriptors;
    for( auto* bot : { m_sender.get(), m_receiver.get() } )
      for( const auto& one : bot->manager.pollDescriptors() )
        descriptors.push_back( { one.fd, one.events, 0 } );
    moved = ::poll( descriptors.data(), descriptors.size(), m_setup.own ? 1 : 0 ) > 0 || moved;
  }
}

void Replay::deliver( Queue& queue )
{
  auto xml = queue.front();
  queue.pop_front();
  if( const auto at = xml.find( "port='" ); at != std::string::npos )
  {
    const auto end = xml.find( '\'', at + 6 );
    m_gate.setServer( static_cast<std::uint16_t>( std::stoi( xml.substr( at + 6, end - at - 6 ) ) ) );
    xml.replace( at + 6, end - at - 6, std::to_string( m_gate.port() ) );
  }
  m_hub.inject( xml );
  m_passing = true;
  (void)m_hub.step();
  m_passing = false;
}

void Replay::apply( const Event& event )
{
  const gloox::JID romeo( Romeo ), juliet( Juliet );
  Timer timer{};
  for( const bool atS : { true, false } )
    if( isTick( event, atS, timer ) )
      return ( atS ? m_senderClock : m_receiverClock )->advance( Schedule::Tick );
  const auto until = [this]( auto done )
  {
    for( int turn = 0; turn < 1000 && !done(); ++turn )
      settle();
  };
  const auto letIn = [&]
  {
    m_gate.letIn();
    until( [this] { return m_gate.answered(); } );
  };
  switch( event.kind )
  {
    case Kind::SCancels: (void)m_sender->profile->cancel( juliet, m_sid ); return;
    case Kind::SCloses: return m_sender->stream().close();
    case Kind::SAborts: return m_sender->stream().abort();
    case Kind::SWrites: (void)m_sender->stream().send( "s" ); return;
    case Kind::RAccepts: (void)m_receiver->profile->accept( m_receiver->offers.back() ); return;
    case Kind::RDeclines: (void)m_receiver->profile->decline( m_receiver->offers.back() ); return;
    case Kind::RCancels: (void)m_receiver->profile->cancel( romeo, m_sid ); return;
    case Kind::RCloses: return m_receiver->stream().close();
    case Kind::RAborts: return m_receiver->stream().abort();
    case Kind::RWrites: (void)m_receiver->stream().send( "r" ); return;
    case Kind::ReachesS: return deliver( m_toS );
    case Kind::ReachesR: return deliver( m_toR );
    case Kind::LostToS: return m_toS.pop_front();
    case Kind::LostToR: return m_toR.pop_front();
    case Kind::SDisconnects: return disconnect( true );
    case Kind::RDisconnects: return disconnect( false );
    case Kind::SHearsGone: return hearsGone( true );
    case Kind::RHearsGone: return hearsGone( false );
    case Kind::ServerAccepts: return letIn();
    case Kind::ServerRefuses:
      letIn();
      m_gate.tellR();
      settle();
      return m_gate.endToR();
    case Kind::HandshakeDone: return m_gate.tellR();
    case Kind::SReads:
      until( [this] { return m_gate.holdsForS(); } );
      return m_gate.payloadToS();
    case Kind::RReads:
      until( [this] { return m_gate.holdsForR(); } );
      return m_gate.payloadToR();
    case Kind::SSeesEnd: return m_gate.endToS();
    case Kind::RSeesEnd: return m_gate.endToR();
    default: throw Broken( "an event that cannot be replayed" );
  }
}

std::string Replay::run( const Trace& trace )
{
  Step( m_world, m_setup ).begin();
  m_sid = m_sender->offer( Juliet );
  settle();
  std::string difference = compare();
  for( std::size_t i = 0; i < trace.size() && difference.empty(); ++i )
  {
    apply( trace[i] );
    settle();
    Step( m_world, m_setup ).apply( trace[i] );
    difference = compare();
    for( int more = 0; more < 200 && !difference.empty(); ++more )   // the kernel's loopback takes the time it takes
    {
      settle();
      difference = compare();
    }
    if( !difference.empty() )
      difference = "after " + std::to_string( i + 1 ) + " events (" + textOf( trace[i] ) + "): " + difference;
  }
  return difference;
}

// ---- what the real ones say

Say Replay::sayOf( const std::string& xml )
{
  if( attribute( xml, "type" ) == "set" )
    return has( xml, "<open " )    ? Say::Open
           : has( xml, "<data " )  ? Say::Data
           : has( xml, "<close " ) ? Say::Close
           : has( xml, "<si " )    ? Say::Offer
                                   : Say::Query;
  const bool good = attribute( xml, "type" ) == "result";
  const bool notFound = has( xml, "<item-not-found" );
  const bool gone = has( xml, "<recipient-unavailable" );
  const Say request = m_requests[( attribute( xml, "from" ) == Juliet ? "s " : "r " ) + attribute( xml, "id" )];
  if( gone && ( request == Say::Offer || request == Say::Open || request == Say::Query ) )
    return Say::Unreachable;
  switch( request )
  {
    case Say::Offer: return good ? Say::Accept : Say::Decline;
    case Say::Open:
      if( good )
        return Say::OpenOk;
      return has( xml, "<resource-constraint" ) ? Say::TooLarge : notFound ? Say::NotFound : Say::NotAcceptable;
    case Say::Query: return good ? Say::UsedSelf : notFound ? Say::NotFound : Say::NotAcceptable;
    case Say::Data: return good ? Say::DataOk : notFound || gone ? Say::DataGone : Say::DataUnexpected;
    default: return good ? Say::CloseOk : Say::CloseError;
  }
}

std::string Replay::compareQueue( const char* name, const Queue& real, const Pipe& pipe )
{
  std::vector<Say> said;
  std::string all;
  for( const auto& xml : real )
  {
    said.push_back( sayOf( xml ) );
    all += "\n    " + xml;
  }
  const bool same = std::equal( said.begin(), said.end(), pipe.begin(), pipe.end(), []( Say one, const Stanza& other ) { return one == other.say; } );
  return same ? "" : std::string( "under way to " ) + name + " are " + std::to_string( pipe.end() - pipe.begin() ) + " other stanzas than:" + all;
}

std::string Replay::compare()
{
  if( auto difference = compareQueue( "S", m_toS, m_world.toS ) + compareQueue( "R", m_toR, m_world.toR ); !difference.empty() )
    return difference;
  const auto cause = []( const Side& side ) { return side.ends == 0 ? std::string() : causeText( side.cause ); };
  if( m_sender->ends.size() != m_world.s.ends || m_sender->cause() != cause( m_world.s ) )
    return "S ended: " + m_sender->cause() + ", not: " + cause( m_world.s );
  if( m_receiver->ends.size() != m_world.r.ends || m_receiver->cause() != cause( m_world.r ) )
    return "R ended: " + m_receiver->cause() + ", not: " + cause( m_world.r );
  if( m_sender->opens != ( m_world.committed != Way::None ) || m_receiver->opens != m_world.reportedOpen )
    return "one opened and the other did not: " + std::to_string( m_sender->opens ) + ", " + std::to_string( m_receiver->opens );
  if( m_world.committed != Way::None && ( m_sender->stream().method() == gloox::XMLNS_IBB ) != ( m_world.committed == Way::InBand ) )
    return "S committed to " + m_sender->stream().method();
  if( m_world.candidate != Way::None && ( m_receiver->stream().method() == gloox::XMLNS_IBB ) != ( m_world.candidate == Way::InBand ) )
    return "R holds " + m_receiver->stream().method();
  if( m_sender->received.empty() == m_world.s.got || m_receiver->received.empty() == m_world.r.got )
    return "payload: S got '" + m_sender->received + "', R got '" + m_receiver->received + "'";
  return {};
}

} // namespace simultiple::model
