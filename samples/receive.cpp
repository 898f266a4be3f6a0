// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// si-multiple-receive: stays online and takes files, from contacts only unless told otherwise.

#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filereceiver.h>
#include <gloox-si-multiple/simultiplemanager.h>

#include "support/connection.h"
#include "support/interrupt.h"
#include "support/loop.h"
#include "support/start.h"
#include "support/text.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace
{

using namespace sample;
using Clock = std::chrono::steady_clock;

class Receiver final : public simultiple::FileReceiverHandler
{
  public:
    Receiver( const Settings& settings, Reporter& reporter );

    /** Receives until `--once` is reached, a signal comes or the connection is lost. @return How it went. */
    [[nodiscard]] ExitStatus run();

    // reimplemented from FileReceiverHandler
    void handleFileOffer( const simultiple::Offer& offer, const simultiple::FileInfo& info ) override;
    void handleFileOfferEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text ) override;
    void handleFileLimit( const gloox::JID& peer, const std::string& what ) override;
    void handleFileAttempt( simultiple::FileTransfer& transfer, const simultiple::Attempt& attempt ) override;
    void handleFileOpen( simultiple::FileTransfer& transfer, std::uint64_t offset ) override;
    void handleFileProgress( simultiple::FileTransfer& transfer, const simultiple::FileProgress& progress ) override;
    void handleFileInterrupted( simultiple::FileTransfer& transfer, simultiple::Cause cause, const std::string& text,
                                std::chrono::milliseconds again ) override;
    void handleFileEnd( simultiple::FileTransfer& transfer, const simultiple::FileResult& result ) override;

  private:
    using Key = std::pair<std::string, std::string>; // peer and sid: two peers may choose the same sid (GEN-2)

    [[nodiscard]] simultiple::FileProfileOptions profileOptions();
    [[nodiscard]] simultiple::FileReceiveOptions receiveOptions() const;
    [[nodiscard]] bool knows( const gloox::JID& peer );
    [[nodiscard]] bool enough() const { return m_settings.once && m_finished >= *m_settings.once; }
    void accept( const simultiple::Offer& offer );
    void refuse( const simultiple::Offer& offer, const std::string& toPeer, const std::string& why );
    void finished( ExitStatus status );
    void giveUp();

    const Settings& m_settings;
    Reporter& m_reporter;
    Connection m_connection;
    simultiple::SIMultipleManager m_streams;
    simultiple::FileProfile m_files;
    simultiple::FileReceiver m_receiver;
    Loop m_loop;
    std::vector<std::weak_ptr<simultiple::FileTransfer>> m_incoming;
    std::map<Key, std::string> m_refused; // why, for us; until handleFileOfferEnd()
    std::uint64_t m_finished = 0;
    bool m_limited = false; // by the offer that is being accepted
    Summary m_summary;
    ExitStatus m_result = ExitStatus::Done;
};

Receiver::Receiver( const Settings& settings, Reporter& reporter )
  : m_settings( settings ), m_reporter( reporter ), m_connection( settings, reporter ),
    m_streams( m_connection.client(), settings.options ), m_files( m_streams, profileOptions() ),
    m_receiver( m_files, settings.directory, *this, receiveOptions() ), m_loop( m_connection, m_streams )
{
}

simultiple::FileProfileOptions Receiver::profileOptions()
{
  simultiple::FileProfileOptions options;
  options.knows = [this]( const gloox::JID& peer ) { return knows( peer ); };
  return options;
}

simultiple::FileReceiveOptions Receiver::receiveOptions() const
{
  simultiple::FileReceiveOptions options;
  options.folders = true;
  options.keepParts = m_settings.keepParts;
  options.limit = m_settings.limit;
  options.wait = std::chrono::seconds( m_settings.resume ? 300 : 0 );
  return options;
}

bool Receiver::knows( const gloox::JID& peer )
{
  switch( m_settings.accept )
  {
    case Accept::All:
      return true;
    case Accept::Contacts:
      return m_connection.isContact( peer );
    case Accept::Listed:
      return isListed( peer, m_settings.accepted );
  }
  return false;
}

ExitStatus Receiver::run()
{
  if( const auto status = m_loop.enable( m_files.valid(), m_reporter ); status != ExitStatus::Done )
    return status;
  if( const auto status = m_loop.logIn( m_reporter ); status != ExitStatus::Done )
    return status;

  const auto begin = Clock::now();
  while( !enough() && !interrupted() )
  {
    m_loop.turn();
    if( !m_connection.comeBack( m_settings.resume ) && m_loop.dead() )
      break;
  }
  const bool lost = !m_connection.up();
  giveUp();

  if( !enough() && lost )
  {
    m_reporter.problem( m_connection.problem() );
    finished( ExitStatus::Login );
  }
  else if( !enough() && m_settings.once )
    finished( ExitStatus::NoMethod ); // interrupted before what was asked for had happened
  m_summary.took = std::chrono::duration_cast<std::chrono::milliseconds>( Clock::now() - begin );
  m_reporter.summary( m_summary );
  m_connection.logout();
  return m_result;
}

// Whatever is still under way is cancelled, and the other side is told.
void Receiver::giveUp()
{
  for( const auto& incoming : m_incoming )
    if( const auto transfer = incoming.lock() )
      transfer->cancel();
  m_loop.runFor( std::chrono::seconds( 4 ), [this] { return m_receiver.transfers() == 0; } );
}

void Receiver::finished( ExitStatus status )
{
  if( m_result == ExitStatus::Done )
    m_result = status;
}

void Receiver::handleFileOffer( const simultiple::Offer& offer, const simultiple::FileInfo& info )
{
  m_reporter.offer( offer.sid, offer.peer, simultiple::safeFileName( info.name ), info.size );
  if( m_settings.maxSize && info.size > *m_settings.maxSize )
    refuse( offer, "The file is too large", "the file is larger than --max-size allows" );
  else if( m_settings.once && m_finished + m_receiver.transfers() >= *m_settings.once )
    refuse( offer, "No more files are taken", "--once is reached" );
  else
    accept( offer );
}

void Receiver::refuse( const simultiple::Offer& offer, const std::string& toPeer, const std::string& why )
{
  const Key key{ offer.peer.full(), offer.sid };
  m_refused[key] = why;
  if( !m_receiver.decline( offer, toPeer ) )
    m_refused.erase( key ); // it is over already
}

void Receiver::accept( const simultiple::Offer& offer )
{
  m_limited = false;
  const auto transfer = m_receiver.accept( offer );
  if( !transfer )
  {
    if( m_limited )
      return; // refused, and no trouble of ours
    finished( ExitStatus::LocalFile );
    ++m_finished;
    ++m_summary.failed;
    return;
  }
  m_incoming.erase( std::remove_if( m_incoming.begin(), m_incoming.end(), []( const auto& one ) { return one.expired(); } ), m_incoming.end() );
  m_incoming.push_back( transfer );

  // What was agreed on is known to the library; what a peer without the extension gets is the first of it.
  const auto& ours = m_settings.options.methods;
  std::vector<std::string> methods;
  std::copy_if( ours.begin(), ours.end(), std::back_inserter( methods ), [&offer]( const std::string& method )
                { return std::find( offer.methods.begin(), offer.methods.end(), method ) != offer.methods.end(); } );
  const bool list = offer.multiple && m_settings.options.siMultiple;
  if( !list && methods.size() > 1 )
    methods.resize( 1 );
  m_reporter.accepted( *transfer, list ? simultiple::Dialect::SiMultiple : simultiple::Dialect::Plain, methods );
}

void Receiver::handleFileOfferEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text )
{
  const auto refused = m_refused.find( { peer.full(), sid } );
  m_reporter.error( sid, peer, cause, refused == m_refused.end() ? text : refused->second );
  if( refused != m_refused.end() )
    m_refused.erase( refused );
}

void Receiver::handleFileLimit( const gloox::JID& peer, const std::string& what )
{
  m_limited = true;
  m_reporter.warning( printable( peer.full() ) + " hit a limit: " + printable( what ) );
}

void Receiver::handleFileAttempt( simultiple::FileTransfer& transfer, const simultiple::Attempt& attempt )
{
  m_reporter.attempt( transfer, attempt );
}

void Receiver::handleFileOpen( simultiple::FileTransfer& transfer, std::uint64_t offset )
{
  m_reporter.open( transfer, offset );
}

void Receiver::handleFileProgress( simultiple::FileTransfer& transfer, const simultiple::FileProgress& progress )
{
  m_reporter.progress( transfer, simultiple::safeFileName( transfer.info().name ), progress );
}

void Receiver::handleFileInterrupted( simultiple::FileTransfer& transfer, simultiple::Cause cause, const std::string& text,
                                      std::chrono::milliseconds again )
{
  m_reporter.interrupted( transfer, cause, text, again );
}

void Receiver::handleFileEnd( simultiple::FileTransfer& transfer, const simultiple::FileResult& result )
{
  ++m_finished;
  finished( exitStatus( result ) );
  if( result.cause == simultiple::FileCause::Complete )
  {
    ++m_summary.files;
    m_summary.bytes += transfer.info().size;
    m_reporter.done( transfer, { transfer.info().size, result.sha256, result.took, result.path, result.report.method, result.streams, result.confirmed } );
    return;
  }
  ++m_summary.failed;
  m_reporter.fileError( transfer, result );
}

} // namespace

int main( int argc, char** argv )
{
  return runProgram( Role::Receive, argc, argv, []( const Settings& settings, Reporter& reporter )
  {
    const std::string problem = simultiple::FileReceiver::directoryProblem( settings.directory );
    if( !problem.empty() )
    {
      reporter.problem( problem );
      return ExitStatus::LocalFile;
    }
    return Receiver( settings, reporter ).run();
  } );
}
