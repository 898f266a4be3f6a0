// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// si-multiple-send: sends files and directories to one peer, one file after another, each as an offer of its own.

#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filesender.h>
#include <gloox-si-multiple/simultiplemanager.h>

#include "support/connection.h"
#include "support/filelist.h"
#include "support/interrupt.h"
#include "support/loop.h"
#include "support/start.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace
{

using namespace sample;
using Clock = std::chrono::steady_clock;

class Sender final : public simultiple::FileTransferHandler
{
  public:
    Sender( const Settings& settings, Reporter& reporter );

    /** Sends everything. @return How it went; with several failures, the first. */
    [[nodiscard]] ExitStatus run( const std::vector<ListedFile>& files );

    // reimplemented from FileTransferHandler
    void handleFileOffered( simultiple::FileTransfer& transfer ) override;
    void handleFileAccepted( simultiple::FileTransfer& transfer, simultiple::Dialect dialect, const std::vector<std::string>& methods ) override;
    void handleFileAttempt( simultiple::FileTransfer& transfer, const simultiple::Attempt& attempt ) override;
    void handleFileOpen( simultiple::FileTransfer& transfer, std::uint64_t offset ) override;
    void handleFileProgress( simultiple::FileTransfer& transfer, const simultiple::FileProgress& progress ) override;
    void handleFileInterrupted( simultiple::FileTransfer& transfer, simultiple::Cause cause, const std::string& text,
                                std::chrono::milliseconds again ) override;
    void handleFileEnd( simultiple::FileTransfer& transfer, const simultiple::FileResult& how ) override;

  private:
    /** Waits for the server to come back if that is wanted. @return Whether another file can be offered. */
    [[nodiscard]] bool online();
    [[nodiscard]] ExitStatus send( const ListedFile& file );
    [[nodiscard]] simultiple::FileSendOptions options( const ListedFile& file ) const;
    [[nodiscard]] simultiple::FileResult explained( const simultiple::FileTransfer& transfer, simultiple::FileResult result ) const;
    void stayForSlowReaders();

    const Settings& m_settings;
    Reporter& m_reporter;
    Connection m_connection;
    simultiple::SIMultipleManager m_streams;
    simultiple::FileProfile m_files;
    simultiple::FileSender m_sender;
    Loop m_loop;
    Summary m_summary;
    ExitStatus m_status = ExitStatus::NoMethod; ///< Of the present file
    bool m_lost = false;                        ///< It is given up because nothing can come of it without a connection.
    Clock::time_point m_stayUntil{};
};

Sender::Sender( const Settings& settings, Reporter& reporter )
  : m_settings( settings ), m_reporter( reporter ), m_connection( settings, reporter ),
    m_streams( m_connection.client(), settings.options ), m_files( m_streams ), m_sender( m_files, *this ),
    m_loop( m_connection, m_streams )
{
}

ExitStatus Sender::run( const std::vector<ListedFile>& files )
{
  if( const auto status = m_loop.enable( m_files.valid(), m_reporter ); status != ExitStatus::Done )
    return status;
  if( const auto status = m_loop.logIn( m_reporter ); status != ExitStatus::Done )
    return status;

  const auto begin = Clock::now();
  ExitStatus result = ExitStatus::Done;
  for( const auto& file : files )
  {
    if( !online() )
    {
      // What is left was asked for, too.
      if( result == ExitStatus::Done )
        result = interrupted() ? ExitStatus::NoMethod : ExitStatus::Login;
      if( !interrupted() )
        m_reporter.problem( m_connection.problem() );
      break;
    }
    const ExitStatus status = send( file );
    if( result == ExitStatus::Done )
      result = status;
  }
  m_summary.took = std::chrono::duration_cast<std::chrono::milliseconds>( Clock::now() - begin );
  m_summary.failed = files.size() - m_summary.files; // also those that were not begun
  m_reporter.summary( m_summary );
  stayForSlowReaders();
  m_connection.logout();
  return result;
}

simultiple::FileSendOptions Sender::options( const ListedFile& file ) const
{
  simultiple::FileSendOptions options;
  options.folder = file.folder;
  options.limit = m_settings.limit;
  options.resume.enabled = m_settings.resume;
  return options;
}

bool Sender::online()
{
  while( !interrupted() && m_connection.comeBack( m_settings.resume ) && !m_connection.up() )
    m_loop.turn();
  return m_connection.up() && !interrupted();
}

ExitStatus Sender::send( const ListedFile& file )
{
  m_status = ExitStatus::NoMethod;
  m_lost = false;
  const auto transfer = m_sender.send( m_settings.to, file.path, options( file ) );
  if( !transfer )
  {
    m_reporter.problem( m_sender.problem() );
    return ExitStatus::LocalFile;
  }
  const auto ended = [&] { return transfer->state() == simultiple::FileTransfer::State::Ended; };
  while( !ended() && !interrupted() && !m_lost )
  {
    m_loop.turn();
    m_lost = !m_connection.comeBack( m_settings.resume ) && m_loop.dead() && !interrupted();
  }
  if( !ended() )
  {
    transfer->cancel();
    m_loop.runFor( std::chrono::seconds( 4 ), ended );
  }
  return m_status;
}

/// A transfer does not know everything: that it was cancelled by nobody, but for want of a connection, and what there was in place of a session.
simultiple::FileResult Sender::explained( const simultiple::FileTransfer& transfer, simultiple::FileResult result ) const
{
  using simultiple::Cause;
  using simultiple::FileCause;
  const bool forWant = m_lost && result.cause == FileCause::Cancelled && !result.byPeer;
  const bool noSession = transfer.sid().empty() && result.cause == FileCause::NotOpened;
  if( forWant )
    result.cause = result.streams > 0 ? FileCause::Interrupted : FileCause::NotOpened;
  if( forWant || ( noSession && !m_connection.up() ) )
  {
    result.session = Cause::Disconnected;
    result.text = m_connection.problem();
  }
  else if( noSession )
    result.session = Cause::MethodsExhausted;
  return result;
}

// INT-12: a reader of a SOCKS5 stream may drop the end of the file when our presence goes away.
void Sender::stayForSlowReaders()
{
  const auto left = m_stayUntil - Clock::now();
  if( left.count() > 0 )
    m_loop.runFor( std::chrono::duration_cast<std::chrono::milliseconds>( left ),
                   [this] { return interrupted() || !m_connection.up(); } );
}

void Sender::handleFileOffered( simultiple::FileTransfer& transfer )
{
  m_reporter.offer( transfer.sid(), transfer.peer(), transfer.info().name, transfer.info().size );
}

void Sender::handleFileAccepted( simultiple::FileTransfer& transfer, simultiple::Dialect dialect, const std::vector<std::string>& methods )
{
  m_reporter.accepted( transfer, dialect, methods );
}

void Sender::handleFileAttempt( simultiple::FileTransfer& transfer, const simultiple::Attempt& attempt )
{
  m_reporter.attempt( transfer, attempt );
}

void Sender::handleFileOpen( simultiple::FileTransfer& transfer, std::uint64_t offset )
{
  m_reporter.open( transfer, offset );
}

void Sender::handleFileProgress( simultiple::FileTransfer& transfer, const simultiple::FileProgress& progress )
{
  m_reporter.progress( transfer, transfer.info().name, progress );
}

void Sender::handleFileInterrupted( simultiple::FileTransfer& transfer, simultiple::Cause cause, const std::string& text,
                                    std::chrono::milliseconds again )
{
  m_reporter.interrupted( transfer, cause, text, again );
}

void Sender::handleFileEnd( simultiple::FileTransfer& transfer, const simultiple::FileResult& how )
{
  const auto result = explained( transfer, how );
  m_status = exitStatus( result );
  if( result.streams > 0 && result.report.method == gloox::XMLNS_BYTESTREAMS && !result.confirmed )
    m_stayUntil = Clock::now() + std::chrono::seconds( 2 );
  if( result.cause == simultiple::FileCause::Complete )
  {
    ++m_summary.files;
    m_summary.bytes += transfer.info().size;
    m_reporter.done( transfer, { transfer.info().size, result.sha256, result.took, result.path, result.report.method, result.streams, result.confirmed } );
    return;
  }
  m_reporter.fileError( transfer, result );
}

} // namespace

int main( int argc, char** argv )
{
  return runProgram( Role::Send, argc, argv, []( const Settings& settings, Reporter& reporter )
  {
    // What is missing should be known before anybody is bothered.
    std::string problem;
    std::vector<std::string> leftOut;
    const auto files = listFiles( settings.files, settings.recursive, leftOut, problem );
    for( const auto& path : leftOut )
      reporter.warning( path + " is left out: not a file" );
    if( !problem.empty() )
    {
      reporter.problem( problem );
      return ExitStatus::LocalFile;
    }
    return Sender( settings, reporter ).run( files );
  } );
}
