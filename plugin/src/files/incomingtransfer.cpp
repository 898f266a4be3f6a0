// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/incomingtransfer.h"

#include "files/profile.h"
#include "files/sourcefile.h"
#include "protocol/utf8.h"
#include "session/plugin.h"

#include <string_view>
#include <utility>

namespace simultiple::files
{

IncomingTransfer::IncomingTransfer( Profile& profile, TransferOwner& owner, FileTransferHandler& handler, const FileInfo& info, std::string identity,
                                    std::unique_ptr<PartFile> part, const FileReceiveOptions& options )
  : Transfer( profile, owner, &handler, options.progressEvery ), m_identity( std::move( identity ) ), m_options( options ), m_part( std::move( part ) ),
    m_bytes( m_part->size() ), m_later( profile.loop() )
{
  m_info = info;
  m_throttle.setRate( options.limit, profile.loop().now() );
}

// PFT-16: the digests are of the whole file, so what an earlier process has written goes into them, too.
void IncomingTransfer::start()
{
  m_reading = m_bytes > 0;
  if( !m_reading )
    return;
  m_job = readDigests( m_profile.jobs(), m_part->descriptor(), m_bytes, [this]( Digests& read )
  {
    const auto self = shared_from_this();
    const auto job = std::move( m_job );
    m_md5 = std::move( read.md5 );
    m_sha256 = std::move( read.sha256 );
    m_unread = !read.begun;
    partRead( read.problem );
  } );
}

void IncomingTransfer::partRead( const std::string& problem )
{
  m_reading = false;
  if( !problem.empty() )
  {
    const std::string why = "cannot read what there is of " + printable( m_info.name ) + ": " + problem;
    return stop( FileCause::StorageFailed, why, why );
  }
  paceChanged();
  if( ( opened() || state() == State::Finishing ) && m_bytes == m_info.size )
    finish();
}

bool IncomingTransfer::accept( const Offer& offer )
{
  const auto self = shared_from_this();
  const bool again = !sid().empty();
  if( live() )
    abandonSession(); // the sender knows better than we do that it is over
  AcceptOptions options;
  options.privacy = m_options.privacy;
  options.expectsNothing = m_bytes == m_info.size;
  if( again || m_bytes > 0 ) // PFT-7: otherwise there is nothing to say
    options.profileChild = rangeAnswer( m_info, { m_bytes, m_info.size - m_bytes, true } );
  const bool accepted = m_profile.si().accept( offer, options );
  if( accepted )
  {
    m_later.stop();
    m_asked = m_told = m_heard = false;
    setState( State::Offered );
    begin( offer.peer, offer.sid );
  }
  else if( again && state() != State::Finishing ) // what is only read yet needs no sender any more
    end( { FileCause::Interrupted, "the sender's next offer could not be accepted", false } );
  return accepted;
}

// ---- the stream

void IncomingTransfer::streamOpened()
{
  setState( State::Open );
  paceChanged();
  if( m_handler )
    m_handler->handleFileOpen( *this, m_bytes );
  if( m_bytes == m_info.size && !m_reading && !stopped() )
    finish();
}

void IncomingTransfer::paceChanged()
{
  if( !m_stream )
    return;
  const bool usedUp = m_throttle.allowance( loop().now() ) == 0; // by the stream before this one, too
  if( usedUp )
    waitForThrottle();
  if( paused() || m_reading || usedUp )
    m_stream->pause();
  else if( m_stream->paused() )
    m_stream->resume();
}

void IncomingTransfer::stopping( const Stop& stop )
{
  m_job.reset();
  m_later.stop();
  if( m_stream )
    m_stream->pause();
  if( !m_part )
    return;
  // What was cancelled can be resumed, and what nobody could look at. What is not the file any more cannot, and a full disk needs the room.
  const bool keep = m_unread || stop.cause == FileCause::Cancelled || stop.cause == FileCause::Interrupted || stop.cause == FileCause::SourceUnreadable
                    || stop.cause == FileCause::TooFewBytes || stop.cause == FileCause::NotOpened;
  if( !keep )
    m_part->discard();
}

void IncomingTransfer::ended()
{
  m_job.reset();
  m_later.stop();
  m_leftPart = m_leftPart || ( m_part && m_part->resumable() && m_part->size() > 0 );
  m_part.reset(); // unlocked, for the next transfer of this file
  if( m_asked )
    tell();
  else if( !stopped() && !sid().empty() )
    m_profile.remember( peer(), sid(), outcome() );
}

void IncomingTransfer::cancel()
{
  if( state() != State::Finishing )
    Transfer::cancel();
}

void IncomingTransfer::handleBytestreamData( gloox::Bytestream*, const std::string& data )
{
  (void)work( [&] { take( data ); } );
}

void IncomingTransfer::take( const std::string& data )
{
  if( stopped() || state() == State::Ended )
    return;
  if( state() == State::Finishing )
  {
    m_stream->close(); // PFT-10: not a byte more than was announced
    return;
  }
  std::string_view wanted = data;
  if( wanted.size() > m_info.size - m_bytes )
    wanted = wanted.substr( 0, static_cast<std::size_t>( m_info.size - m_bytes ) );
  if( !m_info.md5.empty() && m_info.sha256.empty() )
    m_md5.update( wanted );
  m_sha256.update( wanted );
  const bool written = m_part->write( wanted );
  m_bytes = m_part->size();
  if( !written )
    return failed( *m_part );
  m_throttle.take( wanted.size() );
  if( m_bytes == m_info.size )
  {
    const bool more = wanted.size() < data.size();
    finish();
    if( more && m_stream )
      m_stream->close();
    return;
  }
  if( m_throttle.allowance( loop().now() ) > 0 )
    return;
  m_stream->pause();
  waitForThrottle();
}

// ---- all is there

// PFT-6: the SHA-256 of XEP-0300 is preferred to the MD5.
std::string IncomingTransfer::digestProblem( const std::string& sha256 )
{
  if( !m_info.sha256.empty() )
    return digestMismatch( "SHA-256", sha256, m_info.sha256 );
  return digestMismatch( "MD5", m_md5.hex(), m_info.md5 );
}

void IncomingTransfer::finish()
{
  setState( State::Finishing );
  m_result.sha256 = m_sha256.hex();
  if( const std::string mismatch = digestProblem( m_result.sha256 ); !mismatch.empty() )
    return stop( FileCause::DigestMismatch, mismatch, mismatch );

  // fsync() may take seconds; nobody else touches the part meanwhile.
  std::shared_ptr<PartFile> part = std::move( m_part );
  const auto committed = std::make_shared<bool>( false );
  auto commit = [part, committed]( const std::atomic<bool>& ) mutable
  {
    *committed = part->commit();
    part.reset(); // the thread may outlive what is done when this is
  };
  m_job = m_profile.jobs().run( std::move( commit ), [this, part, committed]( const std::string& noThread )
  {
    const auto self = shared_from_this();
    const auto job = std::move( m_job );
    if( !noThread.empty() )
      *committed = part->commit(); // then it has to be here
    if( *committed )
      stored( *part );
    else
    {
      part->discard(); // PFT-13; stopping() has it no more
      failed( *part );
    }
  }, Jobs::AtEnd::Detach );
}

void IncomingTransfer::stored( const PartFile& part )
{
  m_stored = true;
  m_result.path = part.path();
  if( m_asked )
    tell();
  if( !live() )
    return completeOnceAsked();
  closeInTime( m_later );
}

// PFT-14: the end of an S5B stream overtakes the question that was sent before it, and an application that hears of the end may go offline.
void IncomingTransfer::completeOnceAsked()
{
  if( !m_senderKnowsNotes || m_asked || !m_profile.connected() )
    return complete();
  m_later.start( m_profile.manager().options().timeouts.get( Timer::Note ), [this]
  {
    const auto self = shared_from_this();
    complete();
  } );
}

void IncomingTransfer::failed( const PartFile& part )
{
  stop( part.full() ? FileCause::StorageFull : FileCause::StorageFailed, part.problem(), part.problemForPeer() );
}

void IncomingTransfer::noteHeard( const Note& note )
{
  m_senderKnowsNotes = true;
  if( note.kind != Note::Kind::Sent )
    return;
  m_asked = true;
  if( m_stored || ( !live() && state() != State::Finishing ) )
    tell();
  if( m_stored && !live() && state() == State::Finishing )
    complete();
}

/// PFT-14: once for each session.
void IncomingTransfer::tell()
{
  if( !std::exchange( m_told, true ) && !stopped() )
    m_profile.tell( peer(), sid(), outcome() );
}

Note IncomingTransfer::outcome() const { return { m_stored ? Note::Kind::Received : Note::Kind::Lacking }; }

void IncomingTransfer::complete()
{
  m_later.stop();
  end( { FileCause::Complete, {}, false } );
}

// ---- the end of a session

void IncomingTransfer::sessionOver( const SessionEnd& over )
{
  if( m_stored )
    return completeOnceAsked();
  if( state() == State::Finishing )
    return; // the disk is still at work
  if( over.opened && over.closed() && m_bytes == m_info.size && m_reading )
    return setState( State::Finishing ); // partRead() goes on
  if( over.opened && over.closed() && m_bytes == m_info.size )
    return finish(); // NEG-27: a stream of no bytes is complete when it has come and gone

  if( m_asked )
    tell(); // it was written, and did not arrive
  std::string text = over.text;
  if( over.opened && over.closed() )
    text = "the stream ended after " + std::to_string( m_bytes ) + " of " + std::to_string( m_info.size ) + " bytes" +
           ( over.text.empty() ? "" : ": " + over.text );
  const bool broke = m_result.streams > 0; // the sender tries again, also when that brought no stream
  if( m_options.wait.count() > 0 && broke && !m_identity.empty() )
  {
    setState( State::Waiting );
    m_later.start( m_options.wait, [this, text]
    {
      end( { FileCause::Interrupted, text + "; the sender has not come back", false } );
    } );
    if( m_handler )
      m_handler->handleFileInterrupted( *this, over.cause, text, m_options.wait );
    return;
  }
  const FileCause cause = !over.opened ? FileCause::NotOpened : over.closed() ? FileCause::TooFewBytes : FileCause::Interrupted;
  end( { cause, text, false } );
}

} // namespace simultiple::files
