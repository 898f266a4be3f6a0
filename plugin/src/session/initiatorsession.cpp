// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/initiatorsession.h"

#include "protocol/ibb.h"
#include "protocol/sianswer.h"
#include "protocol/sioffer.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <utility>

namespace simultiple::session
{

namespace errors = protocol::errors;

InitiatorSession::InitiatorSession( SessionHost& host, methods::StreamId id, const std::string& profile, SIProfileMultipleHandler& handler,
                                    OfferOptions options, std::vector<std::string> methods )
  : Session( host, std::move( id ), profile, handler, true ), m_machine( host.shared().options.timeouts.get( Timer::SNext ).count() > 0 ),
    m_options( std::move( options ) ), m_offered( std::move( methods ) ),
    m_multiple( host.shared().options.siMultiple && m_options.fallback && m_offered.size() > 1 )
{
  m_privacy = m_options.privacy.value_or( m_privacy );
}

InitiatorSession::~InitiatorSession()
{
  m_method.reset();
  shared().airlock.forget( *this );
}

void InitiatorSession::start( std::unique_ptr<gloox::Tag> profileChild )
{
  m_child = std::move( profileChild );
  run( m_machine.offer() );
}

void InitiatorSession::perform( const Machine::Action& action )
{
  using Do = Machine::Action::Do;
  switch( action.what )
  {
    case Do::SendOffer: return sendOffer();
    case Do::StartTimer: return startTimer( action.timer, [this, timer = action.timer] { run( m_machine.timer( timer ) ); } );
    case Do::StopTimer: return stopTimer( action.timer );
    case Do::StartMethod: return startMethod( action.method );
    case Do::AbandonMethod: return abandonMethod();
    case Do::ReportFailure: return reportMethod( action.method, Attempt::State::Failed, action.reason );
    case Do::Commit: return commit();
    case Do::NeverMind: return shared().airlock.sendAndForget( m_id.local, m_id.peer, protocol::buildClose( m_id.sid ) );
    case Do::CloseStream: return stream().closeChannel();
    case Do::AbortStream: return stream().abortChannel();
    case Do::End: return conclude( action.cause, action.reason );
  }
}

// ---- offer

void InitiatorSession::sendOffer()
{
  protocol::OfferContent content;
  content.sid = m_id.sid;
  content.profile = m_profile;
  content.mimeType = m_options.mimeType;
  content.profileChild = m_child.get();
  content.methods = m_offered;
  content.multiple = m_multiple;
  m_offerPending = true;
  debug( "ST-S-1: offered to " + m_id.peer.full() );
  shared().airlock.request( *this, gloox::IQ::Set, m_id.peer, protocol::buildOffer( content ), "offer" );
  m_child.reset();
}

bool InitiatorSession::handleAnswer( const std::string& kind, const gloox::Tag& iq )
{
  if( kind != "offer" )
    return false;
  m_offerPending = false;
  if( iq.findAttribute( "type" ) == "error" )
  {
    const auto error = m_refusal = protocol::readError( iq );
    run( m_machine.refused( error.offerCause(), error.text.empty() ? error.describe() : error.text ) );   // ST-S-5, SI-22
  }
  else
  {
    readResult( iq );
  }
  return false;
}

// ---- list

void InitiatorSession::readResult( const gloox::Tag& iq )
{
  const auto& options = shared().options;
  protocol::AnswerContext context;
  context.offered = m_offered;
  context.multiple = m_multiple;
  context.fallback = m_options.fallback;
  context.usable = [this]( const std::string& name ) { return m_host.method( name ) != nullptr; };
  auto answer = protocol::readAnswer( iq, context );

  if( m_machine.state() != Machine::State::Offering )
    return run( m_machine.listReceived( answer.methods, answer.namesInBand ) );   // ST-S-41
  if( !answer.accepted )
    return run( m_machine.refused( answer.cause, answer.problem, answer.namesInBand ) );   // ST-S-4

  m_report.dialect = answer.dialect;
  m_report.methods = answer.methods;
  const auto* si = protocol::findSi( iq );
  if( m_handler && !m_handler->handleAccepted( m_id.sid, m_id.peer, answer.dialect, answer.methods, *si ) )
    return run( m_machine.refused( Cause::MalformedReply, "the profile does not understand the answer", answer.namesInBand ) );

  // INT-9: libpurple falls back without a word, and a peer that does not costs one round trip.
  const bool plainS5b = answer.dialect == Dialect::Plain && answer.methods.size() == 1 && answer.methods.front() == gloox::XMLNS_BYTESTREAMS;
  const bool offeredIbb = std::find( m_offered.begin(), m_offered.end(), gloox::XMLNS_IBB ) != m_offered.end();
  if( plainS5b && offeredIbb && options.lastResort && m_options.fallback )
    answer.methods.push_back( gloox::XMLNS_IBB );
  run( m_machine.listReceived( answer.methods, answer.namesInBand ) );
}

// ---- try, next

void InitiatorSession::startMethod( const std::string& name )
{
  const auto* method = m_host.method( name );
  debug( "trying " + methodName( name ) );
  reportMethod( name, Attempt::State::Started );
  m_method = method->makeOutgoing( shared(), m_id, m_privacy, m_machine.onLastMethod(), *this );
  m_method->open();
}

void InitiatorSession::abandonMethod()
{
  if( !m_method )
    return;
  m_method->abandon();
  m_host.bury( std::shared_ptr<methods::OutgoingMethod>( std::move( m_method ) ) );
}

void InitiatorSession::handleMethodReady( std::unique_ptr<methods::Channel> channel )
{
  m_ready = std::move( channel );
  run( m_machine.methodOpened( m_machine.method() ) );
}

void InitiatorSession::handleMethodFailed( const std::string& reason, bool peerUnreachable, const std::string& )
{
  run( m_machine.methodFailed( m_machine.method(), reason, peerUnreachable ) );
}

// ---- open

void InitiatorSession::commit()
{
  const std::string name = m_machine.method();
  m_host.bury( std::shared_ptr<methods::OutgoingMethod>( std::move( m_method ) ) );
  stream().attach( std::move( m_ready ) );
  openStream( name );
  stream().startChannel();
}

void InitiatorSession::streamEnded( Cause cause, const std::string& text, bool )
{
  run( m_machine.streamEnded( cause, text ) );
}

void InitiatorSession::peerUnavailable()
{
  run( m_machine.peerUnavailable() );
  Session::peerUnavailable();
}

void InitiatorSession::disconnected()
{
  m_offerPending = false;
  const bool open = m_machine.state() == Machine::State::Open || m_machine.state() == Machine::State::Closing;
  const bool inBand = std::find( m_offered.begin(), m_offered.end(), gloox::XMLNS_IBB ) != m_offered.end();
  run( m_machine.disconnected( closeUnlessSurviving() ) );
  if( !open && inBand && shared().airlock.waitsForStream() )
    shared().airlock.sendAndForget( m_id.local, m_id.peer, protocol::buildClose( m_id.sid ) );   // CLS-13: the receiver waits, or decides
}

// Only we open methods (NEG-32), so what R may send is in-band data and closes.
void InitiatorSession::handleStanza( const airlock::Stanza& stanza )
{
  using airlock::StanzaKind;
  auto& airlock = shared().airlock;
  switch( stanza.kind )
  {
    case StanzaKind::Offer: return airlock.sendError( stanza, errors::conflict() );            // GEN-9
    case StanzaKind::S5bQuery: return airlock.sendError( stanza, errors::s5bNotAcceptable() );
    case StanzaKind::IbbOpen: return airlock.sendError( stanza, errors::ibbNotAcceptable() );
    case StanzaKind::Application:
      if( const auto* method = m_host.methodOf( stanza ) )
        return airlock.sendError( stanza, method->notAcceptable() );
      return handleNote( stanza );
    case StanzaKind::IbbData:
      if( stream().channel && stream().channel->handleStanza( stanza ) )
        return;
      if( !stanza.message )
        airlock.sendError( stanza, errors::ibbUnexpected() );
      return;
    case StanzaKind::IbbClose:
      if( ( stream().channel && stream().channel->handleStanza( stanza ) ) || ( m_method && m_method->handleStanza( stanza ) ) )
        return;
      if( stream().channel )
        return airlock.sendError( stanza, errors::itemNotFound() );   // IBB-15
      return airlock.sendResult( stanza );
  }
}

} // namespace simultiple::session
