// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session/respondersession.h"

#include <gloox-si-multiple/simultiple.h>

#include "methods/proxies.h"
#include "protocol/sianswer.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <utility>

namespace simultiple::session
{

namespace errors = protocol::errors;

ResponderSession::ResponderSession( SessionHost& host, methods::StreamId id, SIProfileMultipleHandler& handler, const airlock::Stanza& stanza, Offer offer,
                                    bool listMulti, bool senderSpeaksFirst )
  : Session( host, std::move( id ), offer.profile, handler, false ), m_question( stanza.question() ), m_offer( std::move( offer ) ),
    m_listMulti( listMulti ), m_senderSpeaksFirst( senderSpeaksFirst ), m_decline( errors::forbidden() )
{
  m_era = stanza.era;   // it has waited in the inbox
}

ResponderSession::~ResponderSession() { m_method.reset(); }

void ResponderSession::start() { run( m_machine.offered() ); }

void ResponderSession::run( Machine::Actions actions, const std::shared_ptr<const Subject>& about )
{
  std::vector<Step> steps;
  steps.reserve( actions.size() );
  for( auto& action : actions )
    steps.push_back( { std::move( action ), about } );
  m_actions.run( std::move( steps ), [this]( const Step& step ) { perform( step ); } );
}

void ResponderSession::perform( const Step& step )
{
  using Do = Machine::Action::Do;
  const auto& action = step.action;
  auto& airlock = shared().airlock;
  switch( action.what )
  {
    case Do::AskApplication: return askApplication();
    case Do::SendAccept: return sendAccept();
    case Do::SendDecline: return airlock.sendError( m_question, m_decline );
    case Do::StartTimer: return startTimer( action.timer, [this, timer = action.timer] { timerFired( timer ); } );
    case Do::StopTimer: return stopTimer( action.timer );
    case Do::Accept: return accept( action.method, step.about->stanza );
    case Do::RefuseOpening: return refuse( action.condition, *step.about );
    case Do::RefuseCurrent: return refuseCurrent( action.condition );
    case Do::AnswerCurrent: return m_method->confirm();
    case Do::DropMethod: return dropMethod();
    case Do::TakeCandidate: return takeCandidate();
    case Do::ReportOpen: openStream( action.method ); return stream().startChannel();
    case Do::ReportChange: changeStream( action.method ); return stream().startChannel();
    case Do::ReportFailure: return reportMethod( action.method, Attempt::State::Failed, action.reason );
    case Do::AnswerClose: return airlock.sendResult( step.about->stanza );
    case Do::RefuseClose: return airlock.sendError( step.about->stanza, errors::itemNotFound() );
    case Do::CloseStream: return stream().closeChannel();
    case Do::AbortStream: return stream().abortChannel();
    case Do::End: return conclude( action.cause, action.reason );
  }
}

// T-R-FIRST: what the application does not read cannot be seen.
void ResponderSession::timerFired( Timer timer )
{
  if( timer == Timer::RFirst && stream().paused )
    return startTimer( timer, [this, timer] { timerFired( timer ); } );
  run( m_machine.timer( timer ) );
}

// ---- the decision

void ResponderSession::askApplication()
{
  m_asked = true;
  if( m_handler )
    m_handler->handleOffer( m_offer );
  m_offer.si.reset();
}

// SIM-11, SIM-12: of what was offered, what we can serve now, in our order.
std::vector<std::string> ResponderSession::usable( const std::vector<std::string>& preferred ) const
{
  std::vector<std::string> list;
  for( const auto& name : preferred )
  {
    const auto* method = m_host.method( name );
    const bool offered = std::find( m_offer.methods.begin(), m_offer.methods.end(), name ) != m_offer.methods.end();
    if( offered && method && method->canAccept( shared(), m_privacy ) && list.size() < SIMultiple::MaxValues )
      list.push_back( name );
  }
  return list;
}

bool ResponderSession::accept( const AcceptOptions& options )
{
  const auto& ours = shared().options;
  if( !undecided() || ( options.profileChild && protocol::namespaceOf( *options.profileChild ) != m_profile ) )
    return false;   // SI-14, PCU-2
  m_privacy = options.privacy.value_or( ours.privacy );
  if( m_privacy == Privacy::ProxyOnly )
    shared().proxies.ask();   // those we know ourselves are the only ones we may connect to
  m_list = usable( options.methods.empty() ? ours.methods : options.methods );
  if( m_list.empty() )
  {
    decline( errors::noValidStreams() );   // SIM-13
    return false;
  }
  m_child = options.profileChild;
  m_machine.setConfig( { m_senderSpeaksFirst && !options.expectsNothing, options.expectsNothing } );

  auto list = m_list;
  m_report.dialect = Dialect::SiMultiple;
  if( !m_offer.multiple )
  {
    // SIM-10, SI-11: one answer for one question; SIM-16 only by the bot's own wish. INT-9: what we answered and what we serve may differ.
    const bool smack = ours.smackDialect && m_listMulti;
    m_report.dialect = smack ? Dialect::Smack : Dialect::Plain;
    if( !smack )
    {
      m_list.resize( 1 );
      const bool fallsBack = ours.lastResort && list.front() == gloox::XMLNS_BYTESTREAMS
                             && std::find( list.begin(), list.end(), gloox::XMLNS_IBB ) != list.end();
      list = fallsBack ? std::vector<std::string>{ gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB } : m_list;
    }
  }
  m_report.methods = m_list;
  run( m_machine.accepted( list ) );
  return true;
}

void ResponderSession::sendAccept()
{
  auto si = m_offer.multiple ? protocol::buildListAnswer( m_list, m_child.get() ) : protocol::buildFormAnswer( m_list, m_child.get() );
  debug( std::string( "accepted, dialect " ) + dialectText( m_report.dialect ) );
  shared().airlock.sendResult( m_question, std::move( si ) );
  m_child.reset();
}

bool ResponderSession::decline( const protocol::StanzaError& error )
{
  if( !undecided() )
    return false;
  m_decline = error;
  run( m_machine.declined( error.extra == "no-valid-streams" ? Cause::NoValidStreams : Cause::Declined ) );
  return true;
}

void ResponderSession::cancel( bool abort ) { run( m_machine.cancel( abort ) ); }

// ---- openings

void ResponderSession::handleStanza( const airlock::Stanza& stanza )
{
  using airlock::StanzaKind;
  auto& airlock = shared().airlock;
  const bool carried = stream().channel && stream().channel->inBand();
  switch( stanza.kind )
  {
    case StanzaKind::Offer: return airlock.sendError( stanza, errors::conflict() );   // GEN-9, ST-R-7
    case StanzaKind::S5bQuery:
    case StanzaKind::IbbOpen: return handleOpening( stanza );
    case StanzaKind::Application: return m_host.methodOf( stanza ) ? handleOpening( stanza ) : handleNote( stanza );
    case StanzaKind::IbbData:
      if( carried && stream().channel->handleStanza( stanza ) )
        return;
      if( !stanza.message )
        airlock.sendError( stanza, errors::ibbUnexpected() );
      return;
    case StanzaKind::IbbClose:
      if( carried && stream().channel->handleStanza( stanza ) )
        return;
      return run( m_machine.closeReceived(), std::make_shared<const Subject>( Subject{ stanza.question() } ) );
  }
}

void ResponderSession::handleOpening( const airlock::Stanza& stanza )
{
  const auto* method = m_host.methodOf( stanza );
  const auto about = std::make_shared<Subject>( Subject{ stanza } );
  const auto verdict = method->check( stanza, shared(), about->error );
  run( m_machine.opening( method->name(), stanza.id, verdict ), about );
}

void ResponderSession::accept( const std::string& name, const airlock::Stanza& opening )
{
  reportMethod( name, Attempt::State::Started );
  m_methodName = name;
  m_method = m_host.method( name )->makeIncoming( shared(), m_id, m_privacy, *this );
  m_method->accept( opening );
}

void ResponderSession::refuse( const std::string& condition, const Subject& opening )
{
  // What the method itself found wrong has its own words; all else is the method's not-acceptable.
  const bool itsOwn = opening.error.condition == condition;
  shared().airlock.sendError( opening.stanza, itsOwn ? opening.error : m_host.methodOf( opening.stanza )->notAcceptable() );
}

void ResponderSession::refuseCurrent( const std::string& condition )
{
  const auto dropped = m_dropped.lock();   // NEG-23: its sockets are closed before it answers
  if( auto* method = m_method ? m_method.get() : dropped.get() )
    method->refuse( condition == "item-not-found" ? errors::itemNotFound() : m_host.method( m_methodName )->notAcceptable() );
}

void ResponderSession::dropMethod()
{
  if( m_method )
  {
    m_method->abandon();
    const std::shared_ptr<methods::IncomingMethod> dropped( std::move( m_method ) );
    m_dropped = dropped;
    m_host.bury( dropped );
  }
  m_ready.reset();
  dropChannel();
}

void ResponderSession::handleMethodReady( std::unique_ptr<methods::Channel> channel )
{
  m_ready = std::move( channel );
  run( m_machine.methodAccepted( m_machine.method() ) );
}

void ResponderSession::handleMethodFailed( const std::string& reason, bool, const std::string& condition )
{
  run( m_machine.methodFailed( m_machine.method(), reason, condition ) );
}

void ResponderSession::takeCandidate()
{
  const bool hold = m_ready->proxied() && !m_senderSpeaksFirst;
  stream().attach( std::move( m_ready ) );
  if( hold )
    stream().hold( shared().options.timeouts.get( Timer::RHold ) );   // NEG-28
}

void ResponderSession::streamPayloadReceived()
{
  if( m_machine.state() == Machine::State::Tentative || m_machine.state() == Machine::State::Open )
    run( m_machine.payloadReceived() );
}

// CLS-13: if the stream is resumed, the sender waits still.
void ResponderSession::disconnected()
{
  if( shared().airlock.waitsForStream() && undecided() )
    shared().airlock.sendError( m_question, errors::itemNotFound() );
  else if( shared().airlock.waitsForStream() && m_machine.state() == Machine::State::Accepting )
    refuseCurrent( "item-not-found" );
  run( m_machine.disconnected( closeUnlessSurviving() ) );
}

} // namespace simultiple::session
