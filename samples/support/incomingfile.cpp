// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "incomingfile.h"

#include "filename.h"

#include <string_view>
#include <utility>

namespace sample
{

namespace
{

// How long the sender of a complete file may take to close: it does so at once, but not every program can.
constexpr std::chrono::seconds CloseGrace{ 5 };

} // namespace

IncomingFile::IncomingFile( simultiple::Offer offer, FileChild file, std::unique_ptr<FileWriter> writer,
                            Reporter& reporter )
  : m_offer( std::move( offer ) ), m_file( std::move( file ) ), m_name( safeFileName( m_file.name ) ),
    m_reporter( reporter ), m_writer( std::move( writer ) )
{
}

IncomingFile::~IncomingFile()
{
  if( m_stream )
    m_stream->removeBytestreamDataHandler();
}

void IncomingFile::start( std::shared_ptr<simultiple::MultiBytestream> stream )
{
  m_stream = std::move( stream );
  m_stream->registerBytestreamDataHandler( this );
}

void IncomingFile::handleBytestreamOpen( gloox::Bytestream* )
{
  m_opened = true;
  m_reporter.open( m_offer.sid, m_offer.peer, m_stream->method(),
                   std::chrono::duration_cast<std::chrono::milliseconds>( Clock::now() - m_begin ) );
}

void IncomingFile::handleBytestreamData( gloox::Bytestream*, const std::string& data )
{
  if( m_closeAt )
  {
    m_stream->close(); // PFT-10: not a byte more than was announced
    return;
  }
  std::string_view wanted = data;
  if( wanted.size() > m_file.size - m_bytes )
    wanted = wanted.substr( 0, static_cast<std::size_t>( m_file.size - m_bytes ) );
  if( !m_file.md5.empty() && m_file.sha256.empty() )
    m_md5.update( wanted );
  m_sha256.update( wanted );
  m_bytes += wanted.size();
  if( !m_writer->write( wanted ) )
    fail( ExitStatus::LocalFile, m_writer->problem() );
  else if( m_bytes == m_file.size )
  {
    complete();
    if( wanted.size() < data.size() )
      m_stream->close();
  }
}

// PFT-6: the SHA-256 of XEP-0300 is preferred to the MD5.
std::string IncomingFile::digestProblem( const std::string& sha256 )
{
  if( !m_file.sha256.empty() )
    return m_file.sha256 == sha256 ? "" : "digest mismatch: SHA-256 is " + sha256 + ", announced was " + m_file.sha256;
  if( m_file.md5.empty() || !m_md5.valid() )
    return {};
  const std::string md5 = m_md5.hex();
  return m_file.md5 == md5 ? "" : "digest mismatch: MD5 is " + md5 + ", announced was " + m_file.md5;
}

void IncomingFile::complete()
{
  const std::string sha256 = m_sha256.hex();
  const std::string mismatch = digestProblem( sha256 );
  if( !mismatch.empty() )
    return fail( ExitStatus::DigestMismatch, mismatch );
  if( !m_writer->commit() )
    return fail( ExitStatus::LocalFile, m_writer->problem() );

  m_done = true;
  m_status = ExitStatus::Done;
  m_closeAt = Clock::now() + CloseGrace;
  m_reporter.done( m_offer.peer, { m_offer.sid, m_bytes, sha256,
                                   std::chrono::duration_cast<std::chrono::milliseconds>( Clock::now() - m_begin ),
                                   m_writer->path() } );
}

// The error is reported when the session has ended and its cause is known.
void IncomingFile::fail( ExitStatus status, const std::string& text )
{
  m_status = status;
  m_problem = text;
  m_writer.reset(); // and with it what there is of the file
  m_closeAt = Clock::now();
  if( m_stream && m_stream->isOpen() )
    m_stream->abort();
}

void IncomingFile::turn()
{
  if( m_ended || !m_opened )
    return;
  if( !m_closeAt )
    m_reporter.progress( m_offer.sid, m_offer.peer, m_name, m_bytes, m_file.size );
  else if( Clock::now() >= *m_closeAt && m_stream->isOpen() )
    m_stream->close();
}

void IncomingFile::end( simultiple::Cause cause, const std::string& text, const simultiple::Report& report )
{
  m_ended = true;
  const bool closed = cause == simultiple::Cause::ClosedLocal || cause == simultiple::Cause::ClosedRemote;
  // A file of no bytes is complete when its stream has come and gone (NEG-27).
  if( closed && m_opened && m_file.size == 0 && !m_done && m_problem.empty() )
    complete();
  if( m_done )
    return;

  m_writer.reset();
  std::string why = m_problem.empty() ? text : m_problem;
  if( m_problem.empty() )
    m_status = exitStatus( cause, m_opened );
  if( m_problem.empty() && closed )
    why = "the stream ended after " + std::to_string( m_bytes ) + " of " + std::to_string( m_file.size ) + " bytes" +
          ( text.empty() ? "" : ": " + text );
  m_reporter.error( m_offer.sid, m_offer.peer, cause, why );
  if( !report.attempts.empty() )
    m_reporter.detail( report.text() );
}

} // namespace sample
