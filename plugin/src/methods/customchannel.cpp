// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/customchannel.h"

#include <algorithm>
#include <utility>

namespace simultiple::methods
{

CustomChannel::CustomChannel( Shared& shared, std::unique_ptr<ByteCarrier> carrier )
  : m_shared( shared ), m_duty( shared.loop.roster().current() ), m_carrier( std::move( carrier ) ), m_alarm( shared.loop ), m_patience( shared.loop )
{
}

// ---- the session's side

void CustomChannel::start( ChannelHandler& handler )
{
  m_handler = &handler;
  m_carrier->start( *this );
  if( m_over || m_last )
    return; // it has told its end from in there
  // The application may write, and close, as soon as it hears of the stream.
  if( !m_early.empty() )
    m_carrier->write( std::exchange( m_early, {} ) );
  if( m_closing )
    m_carrier->close();
}

void CustomChannel::write( const std::string& data )
{
  m_queued += data.size();
  if( !m_handler )
    m_early += data;
  else if( !m_over && !m_last )
    m_carrier->write( data );
}

void CustomChannel::pause( bool paused )
{
  m_paused = paused;
  if( !m_over && !m_last )
    m_carrier->pause( paused );
  wake();
}

void CustomChannel::close()
{
  if( m_over || std::exchange( m_closing, true ) )
    return;
  awaitProgress();
  if( m_handler && !m_last )
    m_carrier->close();
  wake();
}

void CustomChannel::drop()
{
  if( std::exchange( m_over, true ) )
    return;
  m_alarm.stop();
  m_patience.stop();
  if( !m_last || !m_last->carriers )
    m_shared.loop.roster().attempt( [this] { m_carrier->abort(); } );
}

// ---- the carrier's side: notes only

void CustomChannel::handleCarrierData( const std::string& data )
{
  if( m_over || m_last )
    return;
  m_shared.loop.roster().run( m_duty, [&]
  {
    m_data += data;
    if( m_paused && m_data.size() > m_shared.options.limits.readBuffer )
      finish( { Cause::LimitExceeded, "more than a paused stream keeps", false } );
    else
      wake();
  } );
}

void CustomChannel::handleCarrierWritten( std::size_t bytes )
{
  if( m_over || m_last )
    return;
  m_written = std::min( m_written + std::min( bytes, m_queued ), m_queued );
  m_shared.loop.roster().run( m_duty, [this] { wake(); } );
}

void CustomChannel::handleCarrierEnd( const std::string& error )
{
  m_shared.loop.roster().run( m_duty, [&] { finish( { error.empty() ? Cause::ClosedRemote : Cause::IoError, error } ); } );
}

void CustomChannel::handleCarrierClosed()
{
  m_shared.loop.roster().run( m_duty, [this] { finish( { Cause::ClosedLocal } ); } );
}

void CustomChannel::finish( Last last )
{
  if( m_over || m_last )
    return;
  m_last = std::move( last );
  wake();
}

void CustomChannel::wake()
{
  const bool something = m_last || m_written > 0 || !m_data.empty();
  if( something && m_handler && !m_over && !m_alarm.running() )
    m_alarm.start( std::chrono::milliseconds( 0 ), [this] { deliver(); } );
}

// ---- from the loop

// Whoever listens may drop us in each call: then m_over says so, and we are buried and still there.
void CustomChannel::deliver()
{
  if( m_written > 0 )
  {
    const auto bytes = std::exchange( m_written, 0 );
    m_queued -= bytes;
    if( m_closing )
      awaitProgress();
    m_handler->handleChannelWritten( bytes );
  }
  const bool limit = m_last && !m_last->carriers;
  if( !m_over && !m_paused && !limit && !m_data.empty() )
    m_handler->handleChannelData( std::exchange( m_data, {} ) );
  // What came before the end is read before it, unless nobody reads any more.
  if( !m_over && m_last && ( m_data.empty() || m_closing || limit ) )
    end();
}

void CustomChannel::end()
{
  auto last = *m_last;
  const bool lost = m_queued > 0 && m_closing && ( last.cause == Cause::ClosedLocal || last.cause == Cause::ClosedRemote );
  if( lost )
    last = { Cause::IoError, std::to_string( m_queued ) + " bytes could not be sent" };
  else if( last.cause == Cause::ClosedLocal && !m_closing )
    last.cause = Cause::ClosedRemote;   // closed without being asked to
  drop();
  if( last.cause == Cause::ClosedLocal )
    m_handler->handleChannelClosed();
  else
    m_handler->handleChannelEnd( last.cause, last.text, false );
}

void CustomChannel::awaitProgress()
{
  m_patience.start( DrainPatience * m_shared.options.timeouts.get( Timer::Close ), [this]
  {
    finish( { Cause::IoError, std::to_string( m_queued ) + " bytes could not be sent, nothing moves any more", false } );
    wake();
  } );
}

} // namespace simultiple::methods
