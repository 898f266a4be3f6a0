// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/outgoingtransfer.h"

#include "files/filename.h"
#include "files/profile.h"
#include "session/plugin.h"

#include <gloox/tag.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace simultiple::files
{

namespace
{

constexpr std::uint64_t BlockSize = 262144;       // read and sent at once
constexpr std::uint64_t FileBlockSize = 4 * BlockSize; // handed to the kernel at once: costs no memory
constexpr std::chrono::seconds LookAgain{ 1 };         // whether the receiver's word can still come

FileInfo describe( const SourceFile& file, const FileSendOptions& options )
{
  FileInfo info;
  info.name = options.name.empty() ? file.name() : std::string( baseName( options.name ) );
  info.folder = options.folder;
  info.size = file.size();
  info.date = file.date();
  info.desc = options.desc;
  info.range = options.ranged;
  return info;
}

} // namespace

OutgoingTransfer::OutgoingTransfer( Profile& profile, TransferOwner& owner, FileTransferHandler& handler, const gloox::JID& to,
                                    std::unique_ptr<SourceFile> file, const FileSendOptions& options )
  : Transfer( profile, owner, &handler, options.progressEvery ), m_to( to ), m_options( options ), m_file( std::move( file ) ),
    m_policy( options.resume, profile.loop().now() ), m_later( profile.loop() )
{
  m_info = describe( *m_file, options );
  m_result.path = m_file->path();
  m_throttle.setRate( options.limit, profile.loop().now() );
}

// ---- before the offer

void OutgoingTransfer::start()
{
  if( m_options.digests )
    readDigests();
  else
    offer();
}

void OutgoingTransfer::readDigests()
{
  setState( State::Preparing );
  m_job = files::readDigests( m_profile.jobs(), m_file->descriptor(), m_file->size(), [this]( Digests& read )
  {
    const auto self = shared_from_this();
    const auto job = std::move( m_job );
    digestsRead( read );
  } );
}

void OutgoingTransfer::digestsRead( Digests& read )
{
  if( !read.problem.empty() )
    return sourceProblem( m_file->change() == SourceFile::Change::Shorter ? FileCause::SourceChanged : FileCause::SourceUnreadable,
                          "cannot read ", ": " + read.problem );
  const std::string digest = read.sha256.hex();
  if( goesOn() && ( digest.empty() || digest != m_info.sha256 ) )
    return sourceProblem( FileCause::SourceChanged, {}, " was changed while it was sent" );
  m_info.md5 = read.md5.hex();
  m_info.sha256 = digest;
  m_result.sha256 = digest;
  offer();
}

// ---- the offer

// PFT-16: each is the same file again, by the methods that are worth a try.
void OutgoingTransfer::offer()
{
  m_word = Word::NotWanted;
  m_all = m_doubtful = false;
  m_range = {};
  m_taken = 0;
  m_block.clear();
  OfferOptions options;
  options.from = m_options.from;
  options.mimeType = m_options.mimeType;
  options.privacy = m_options.privacy;
  options.expectsNothing = m_info.size == 0;
  options.methods = m_policy.methods( m_options.methods.empty() ? m_profile.manager().options().methods : m_options.methods );
  const auto result = m_profile.si().offer( m_to, m_info.tag(), options );
  if( result )
  {
    setState( State::Offered );
    begin( m_to, result.sid );
    if( m_handler )
      m_handler->handleFileOffered( *this );
    return;
  }
  const auto verdict = m_policy.notOffered( loop().now() );
  if( verdict.again )
    return offerLater( verdict.after );
  end( { goesOn() ? FileCause::Interrupted : FileCause::NotOpened, result.problem, false } );
}

void OutgoingTransfer::offerLater( std::chrono::milliseconds after )
{
  setState( State::Waiting );
  m_later.start( after, [this]
  {
    const auto self = shared_from_this();
    if( !paused() ) // otherwise resume() does it
      offerAgain();
  } );
}

void OutgoingTransfer::offerAgain()
{
  switch( m_file->change() )
  {
    case SourceFile::Change::None: return offer();
    case SourceFile::Change::Touched:
    case SourceFile::Change::Longer:
      if( m_options.digests )
        return readDigests();
      // PFT-16: its date is all that it is known by.
      return sourceProblem( FileCause::SourceChanged, {}, " was changed while it was sent" );
    case SourceFile::Change::Shorter: (void)sourceFailed( {} ); return;
  }
}

void OutgoingTransfer::paceChanged()
{
  if( state() == State::Waiting && !paused() && !m_later.running() )
  {
    m_policy.heldUp( loop().now() );
    return offerAgain();
  }
  pump();
}

bool OutgoingTransfer::answered( Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& si )
{
  const auto range = answeredRange( si, m_info.size, m_info.range );
  if( !range )
    return false; // PFT-9
  m_range = *range;
  if( goesOn() && range->asked )
    m_policy.reached( range->offset );
  if( m_handler )
    m_handler->handleFileAccepted( *this, dialect, methods );
  if( stopped() || state() == State::Ended )
    return true;
  // PFT-16: a receiver that knows ranges says from where, unless it has just been started and has nothing. One that does not would have everything again.
  m_doubtful = goesOn() && !range->asked && m_info.size > 0 && !m_options.resume.wholeAgain;
  if( m_doubtful )
    say( { Note::Kind::Alive }, [this, asked = sid()]( NoteAnswer answer )
    {
      if( asked == sid() && std::exchange( m_doubtful, false ) )
        doubtOver( answer );
    } );
  else if( goesOn() && range->offset > 0 )
    debug( "PFT-16: going on at byte " + std::to_string( range->offset ) );
  return true;
}

void OutgoingTransfer::doubtOver( NoteAnswer answer )
{
  switch( answer )
  {
    case NoteAnswer::Understood: return pump();
    case NoteAnswer::Refused:
    {
      const std::string why = "the receiver wants the whole file again";
      return stop( FileCause::Unresumable, why, why );
    }
    case NoteAnswer::Gone:
    case NoteAnswer::Unheard:
    {
      const SessionEnd over{ Cause::Timeout, "the receiver does not say whether it goes on", opened() };
      abandonSession();
      return interrupted( over );
    }
  }
}

// ---- the stream

void OutgoingTransfer::streamOpened()
{
  setState( State::Open );
  m_stream->setWritableCallback( [this] { (void)work( [this] { pump(); } ); } );
  if( m_handler )
    m_handler->handleFileOpen( *this, m_range.offset );
  askForNotes();
  pump();
}

// PFT-14: once the receiver is gone its server refuses <sent/> as a receiver does that knows no notes. So it is asked while it is there, in each
// session: by that it knows that we want its word, and remembers a file of which we cannot hear (PFT-18).
void OutgoingTransfer::askForNotes()
{
  if( m_options.confirm && state() == State::Open && !stopped() )
    say( { Note::Kind::Alive }, [this]( NoteAnswer answer )
    {
      if( answer == NoteAnswer::Understood )
        m_notes = Notes::Known;
      else if( answer == NoteAnswer::Refused && m_notes == Notes::Unheard )
        m_notes = Notes::Unknown;
    } );
}

std::uint64_t OutgoingTransfer::position() const
{
  return m_range.offset + m_stream->bytesSent();
}

void OutgoingTransfer::ended()
{
  m_job.reset();
  m_later.stop();
  m_block.clear();
}

void OutgoingTransfer::pump()
{
  if( state() != State::Open || stopped() || !m_stream || paused() || m_doubtful )
    return;
  while( m_taken < m_range.length )
  {
    if( !m_stream->isOpen() || m_stream->bytesQueued() >= m_stream->priv().limit() )
      return; // the writable callback brings us back; or the end is on its way
    const auto allowed = m_throttle.allowance( loop().now() );
    if( allowed == 0 )
      return waitForThrottle();
    if( !sendSome( std::min( allowed, m_range.length - m_taken ) ) )
      return;
  }
  allTaken();
}

bool OutgoingTransfer::sendSome( std::uint64_t most )
{
  const auto at = m_range.offset + m_taken;
  const auto taken = [this]( std::uint64_t bytes )
  {
    m_taken += bytes;
    m_throttle.take( bytes );
  };
  // Where the kernel can do it, no byte comes by here; but then nobody computes a digest on the way.
  if( const auto bytes = std::min( most, FileBlockSize ); m_options.digests && m_block.empty() && m_stream->sendFile( m_file->descriptor(), at, bytes ) )
  {
    taken( bytes );
    return true;
  }
  const auto wanted = std::min( most, BlockSize );
  if( m_block.empty() && !m_file->read( at, static_cast<std::size_t>( wanted ), m_block ) )
  {
    sourceProblem( FileCause::SourceUnreadable, "cannot read ", ": " + m_file->problem() );
    return false;
  }
  if( m_block.size() < wanted )
  {
    // PFT-12: nothing is padded.
    sourceProblem( FileCause::SourceChanged, {}, " became shorter while it was sent" );
    return false;
  }
  // PFT-12: nobody has a digest to see it by, and with the last block the receiver takes it for whole.
  if( !m_options.digests && m_taken + wanted == m_range.length && m_file->change() == SourceFile::Change::Touched )
  {
    sourceProblem( FileCause::SourceChanged, {}, " was changed while it was sent" );
    return false;
  }
  if( !m_stream->send( m_block ) )
    return false; // full after all, or over
  if( !m_options.digests && at == m_hashed )
  {
    m_sha256.update( m_block );
    m_hashed += m_block.size();
  }
  taken( m_block.size() );
  m_block.clear();
  return true;
}

// ---- the end of a stream

// PFT-14. S5B has no acknowledgement: that the kernel took the last byte says little about where it is. But the stream is closed at once:
// there are proxies that keep the last block until the writer closes (INT-11).
void OutgoingTransfer::allTaken()
{
  setState( State::Finishing );
  if( m_options.confirm )
  {
    m_word = Word::Asked;
    m_askedIn = m_profile.era();
    say( { Note::Kind::Sent }, [this, asked = sid()]( NoteAnswer answer )
    {
      if( asked == sid() )
        heardOfSent( answer );
    } );
  }
  m_stream->close(); // what was taken leaves first (CLS-1)
}

void OutgoingTransfer::heardOfSent( NoteAnswer answer )
{
  const auto self = shared_from_this();
  if( m_word != Word::Asked )
    return;
  switch( answer )
  {
    case NoteAnswer::Understood: m_word = Word::WillCome; break;
    case NoteAnswer::Unheard: m_word = m_notes != Notes::Known || wordLost() ? Word::MayCome : Word::WillCome; break;
    case NoteAnswer::Refused: m_word = m_notes == Notes::Known ? Word::Gone : Word::WillNotCome; break;
    case NoteAnswer::Gone: m_word = m_notes == Notes::Unknown ? Word::WillNotCome : Word::Gone; break;
  }
  if( m_all )
    decide();
}

/// Whether a word of the receiver's may have gone with our connection.
bool OutgoingTransfer::wordLost() const { return !m_profile.connected() || m_profile.era() != m_askedIn; }

void OutgoingTransfer::noteHeard( const Note& note )
{
  // The stream broke behind the last byte, and the next one is not offered yet.
  if( note.kind == Note::Kind::Received && goesOn() && !live() && ( state() == State::Waiting || state() == State::Preparing ) )
    return complete( true );
  if( state() != State::Finishing || ( note.kind != Note::Kind::Received && note.kind != Note::Kind::Lacking ) )
    return;
  m_word = note.kind == Note::Kind::Received ? Word::Received : Word::Lacking;
  if( !live() )
    decide();
}

void OutgoingTransfer::complete( bool confirmed )
{
  m_result.confirmed = confirmed;
  if( !m_options.digests && m_hashed == m_info.size )
    m_result.sha256 = m_sha256.hex();
  end( { FileCause::Complete, {}, false } );
}

void OutgoingTransfer::sessionOver( const SessionEnd& over )
{
  m_over = over;
  m_doubtful = false; // whoever was asked is not the one that will be offered to next
  // PFT-10: the receiver may close as soon as it has everything. If it closed before, the rest was lost.
  m_all = over.opened && state() == State::Finishing && over.sent == m_range.length && over.closed();
  decide();
}

/// The session is over: what has become of the file?
void OutgoingTransfer::decide()
{
  if( m_word == Word::Received )
    return complete( true );
  if( !m_all || m_word == Word::Lacking )
    return interrupted( m_over );
  if( m_word == Word::Gone ) // and when it is back it says nothing of its own accord
  {
    m_over.text = "the receiver went away before it said that it has everything";
    return interrupted( m_over );
  }
  const bool silent = m_word == Word::MayCome || ( m_word == Word::WillCome && wordLost() );
  if( m_word == Word::NotWanted || m_word == Word::WillNotCome || ( silent && m_over.taken ) )
    return complete( false );
  // Its word comes when everything is on its disk, and can come as long as there is a tombstone (PCU-8).
  if( !m_later.running() )
  {
    m_wordBy = loop().now() + m_profile.manager().options().timeouts.get( Timer::Tomb );
    waitForWord();
  }
}

void OutgoingTransfer::waitForWord()
{
  const auto left = std::chrono::ceil<std::chrono::milliseconds>( m_wordBy - loop().now() );
  m_later.start( std::min<std::chrono::milliseconds>( left, LookAgain ), [this]
  {
    const auto self = shared_from_this();
    if( loop().now() >= m_wordBy )
    {
      m_over.text = "the receiver has not said that it has everything";
      return interrupted( m_over );
    }
    waitForWord();
    if( wordLost() )
      decide();
  } );
}

// Where it lies is no business of the peer's, which has the name that was offered.
void OutgoingTransfer::sourceProblem( FileCause cause, const std::string& before, const std::string& after )
{
  stop( cause, before + m_file->path() + after, before + m_info.name + after );
}

/// Whether it was the file that broke the stream. Where the kernel sends it by itself, nobody else tells.
bool OutgoingTransfer::sourceFailed( const SessionEnd& over )
{
  if( m_file->change() == SourceFile::Change::Shorter )
    sourceProblem( FileCause::SourceChanged, {}, " became shorter while it was sent" );
  else if( over.opened && over.cause == Cause::IoError && over.sent < m_range.length && !m_file->read( m_range.offset + over.sent, 1, m_block ) )
    sourceProblem( FileCause::SourceUnreadable, "cannot read ", ": " + m_file->problem() );
  else
    return false;
  return true;
}

void OutgoingTransfer::interrupted( const SessionEnd& over )
{
  m_later.stop();
  m_all = false;
  if( sourceFailed( over ) )
    return;
  const auto verdict = m_policy.streamEnded( { over.cause, over.opened, over.method, over.sent }, loop().now() );
  if( !verdict.again )
    return endWithout( over );
  offerLater( verdict.after );
  if( m_handler )
    m_handler->handleFileInterrupted( *this, over.cause, over.text, verdict.after );
}

void OutgoingTransfer::endWithout( const SessionEnd& over )
{
  const bool refused = over.cause == Cause::Declined || over.cause == Cause::NoValidStreams || over.cause == Cause::BadProfile;
  if( refused || ( over.cause == Cause::Unsupported && !goesOn() ) )
    return end( { FileCause::Refused, over.text, true } );
  if( over.cause == Cause::CancelledRemote )
    return end( { FileCause::Cancelled, over.text, true } );
  std::string text = over.text;
  if( over.opened && over.closed() && state() != State::Finishing )
    text = "the receiver closed the stream before it had everything" + ( text.empty() ? "" : ": " + text );
  end( { goesOn() ? FileCause::Interrupted : FileCause::NotOpened, text, false } );
}

} // namespace simultiple::files
