// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "outgoingfile.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <utility>

namespace sample
{

namespace
{

constexpr std::uint64_t BlockSize = 256 * 1024;

} // namespace

OutgoingFile::OutgoingFile( SourceFile& file, const gloox::JID& peer, Reporter& reporter )
  : m_file( file ), m_peer( peer ), m_reporter( reporter )
{
}

OutgoingFile::~OutgoingFile()
{
  if( !m_stream )
    return;
  m_stream->setWritableCallback( nullptr );
  m_stream->removeBytestreamDataHandler();
}

void OutgoingFile::offered( const std::string& sid )
{
  m_sid = sid;
  m_reporter.offer( sid, m_peer, m_file.name(), m_file.size() );
}

void OutgoingFile::start( std::shared_ptr<simultiple::MultiBytestream> stream )
{
  m_stream = std::move( stream );
  m_stream->registerBytestreamDataHandler( this );
  m_stream->setWritableCallback( [this] { pump(); } );
}

void OutgoingFile::handleBytestreamOpen( gloox::Bytestream* )
{
  m_opened = true;
  m_reporter.open( m_sid, m_peer, m_stream->method(),
                   std::chrono::duration_cast<std::chrono::milliseconds>( std::chrono::steady_clock::now() - m_begin ) );
  pump();
}

// Reads the next block if there is none waiting. PFT-12: a file that grew is sent as far as it was offered, one
// that shrank is not padded.
bool OutgoingFile::fill()
{
  if( !m_block.empty() )
    return true;
  const auto count = static_cast<std::size_t>( std::min( BlockSize, m_file.size() - m_taken ) );
  if( !m_file.read( m_taken, count, m_block ) )
    localProblem( m_file.problem() );
  else if( m_block.empty() )
    localProblem( m_file.path() + " became shorter while it was sent" );
  return m_problem.empty();
}

void OutgoingFile::pump()
{
  if( !m_opened || m_closing )
    return;
  while( m_taken < m_file.size() && fill() )
  {
    if( !m_stream->send( m_block ) )
      return; // full: the writable callback brings us back; or gone: the end is on its way
    m_sha256.update( m_block );
    m_taken += m_block.size();
    m_block.clear();
  }
  m_closing = true;
  m_stream->close(); // what was taken leaves first (CLS-1)
}

void OutgoingFile::localProblem( const std::string& text )
{
  m_problem = text;
  m_block.clear();
}

void OutgoingFile::showProgress()
{
  if( m_opened && !m_ended )
    m_reporter.progress( m_sid, m_peer, m_file.name(), m_stream->bytesSent(), m_file.size() );
}

bool OutgoingFile::usedSocks5() const
{
  return m_opened && m_stream->method() == gloox::XMLNS_BYTESTREAMS;
}

void OutgoingFile::end( simultiple::Cause cause, const std::string& text, const simultiple::Report& report )
{
  m_ended = true;
  const bool closed = cause == simultiple::Cause::ClosedLocal || cause == simultiple::Cause::ClosedRemote;
  // PFT-10: the receiver may close as soon as it has everything. If it closed before, the rest was lost.
  const bool complete = m_closing && m_problem.empty() && m_taken == m_file.size() && report.bytesSent == m_taken;
  if( closed && complete )
  {
    m_status = ExitStatus::Done;
    const auto took = std::chrono::steady_clock::now() - m_begin;
    m_reporter.done( m_peer, { m_sid, m_taken, m_sha256.hex(),
                               std::chrono::duration_cast<std::chrono::milliseconds>( took ), m_file.path() } );
    return;
  }

  m_status = m_problem.empty() ? exitStatus( cause, m_opened ) : ExitStatus::LocalFile;
  std::string why = m_problem.empty() ? text : m_problem;
  if( why.empty() && closed )
    why = "the receiver closed the stream before it had everything";
  m_reporter.error( m_sid, m_peer, cause, why );
  if( !report.attempts.empty() )
    m_reporter.detail( report.text() );
}

} // namespace sample
