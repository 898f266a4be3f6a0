// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// si-multiple-receive: stays online and takes files, from contacts only unless told otherwise.

#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "support/connection.h"
#include "support/filechild.h"
#include "support/filename.h"
#include "support/filewriter.h"
#include "support/incomingfile.h"
#include "support/interrupt.h"
#include "support/loop.h"
#include "support/start.h"
#include "support/text.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace
{

using namespace sample;

class Receiver final : public simultiple::SIProfileMultipleHandler
{
  public:
    Receiver( const Settings& settings, Reporter& reporter );

    /** Receives until `--once` is reached, a signal comes or the connection is lost. @return How it went. */
    [[nodiscard]] ExitStatus run();

    // reimplemented from SIProfileMultipleHandler
    void handleOffer( const simultiple::Offer& offer ) override;
    void handleStream( std::shared_ptr<simultiple::MultiBytestream> stream ) override;
    void handleAttempt( const simultiple::Attempt& attempt ) override;
    void handleEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text,
                    const simultiple::Report& report ) override;
    void handleLimit( const gloox::JID& peer, const std::string& what ) override;

  private:
    using Key = std::pair<std::string, std::string>; // peer and sid: two peers may choose the same sid (GEN-2)

    [[nodiscard]] simultiple::ProfileOptions profileOptions();
    [[nodiscard]] bool knows( const gloox::JID& peer );
    [[nodiscard]] bool enough() const { return m_settings.once && m_finished >= *m_settings.once; }
    void accept( const simultiple::Offer& offer, const FileChild& file );
    void refuse( const simultiple::Offer& offer, const std::string& toPeer, const std::string& why );
    void finished( ExitStatus status );
    void turn();
    void giveUp();

    const Settings& m_settings;
    Reporter& m_reporter;
    Connection m_connection;
    simultiple::SIMultipleManager m_streams;
    simultiple::SIProfileMultiple m_profile;
    Loop m_loop;
    std::map<Key, std::unique_ptr<IncomingFile>> m_incoming;
    std::vector<std::unique_ptr<IncomingFile>> m_ended; // until the next turn
    std::map<Key, std::string> m_refused; // why, for us; until handleEnd()
    std::uint64_t m_finished = 0;
    ExitStatus m_result = ExitStatus::Done;
};

Receiver::Receiver( const Settings& settings, Reporter& reporter )
  : m_settings( settings ), m_reporter( reporter ), m_connection( settings, reporter ),
    m_streams( m_connection.client(), settings.options ),
    m_profile( m_streams, gloox::XMLNS_SI_FT, *this, profileOptions() ), m_loop( m_connection, m_streams )
{
}

simultiple::ProfileOptions Receiver::profileOptions()
{
  simultiple::ProfileOptions options;
  options.senderSpeaksFirst = true; // PFT-3
  options.knows = [this]( const gloox::JID& peer ) { return knows( peer ); };
  options.screen = []( const simultiple::Offer& offer ) -> std::optional<simultiple::Decline>
  {
    if( FileChild::parse( offer.profileChild() ) )
      return std::nullopt;
    return simultiple::Decline::BadRequest; // PFT-1
  };
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
  if( !m_profile.valid() || !m_streams.enable() )
  {
    m_reporter.problem( "these options do not work: " + m_streams.problem() );
    return ExitStatus::Usage;
  }
  std::string problem = m_connection.prepare();
  if( problem.empty() )
    problem = m_connection.login();
  if( !problem.empty() )
  {
    m_reporter.problem( problem );
    return ExitStatus::Login;
  }
  m_reporter.connected( m_connection.client().jid() );

  while( !enough() && !interrupted() && !m_loop.dead() )
    turn();
  const bool lost = !m_connection.up();
  giveUp();

  if( !enough() && lost )
  {
    m_reporter.problem( m_connection.problem() );
    finished( ExitStatus::Login );
  }
  else if( !enough() && m_settings.once )
    finished( ExitStatus::NoMethod ); // interrupted before what was asked for had happened
  m_connection.logout();
  return m_result;
}

void Receiver::turn()
{
  m_loop.turn();
  m_ended.clear();
  for( auto& [key, file] : m_incoming )
    file->turn();
}

// Whatever is still under way is cancelled, and the other side is told.
void Receiver::giveUp()
{
  std::vector<std::pair<gloox::JID, std::string>> open;
  for( const auto& [key, file] : m_incoming )
    open.emplace_back( gloox::JID( key.first ), key.second );
  for( const auto& [peer, sid] : open )
    m_profile.cancel( peer, sid );
  m_loop.runFor( std::chrono::seconds( 2 ), [this] { return m_incoming.empty(); } );
}

void Receiver::finished( ExitStatus status )
{
  if( m_result == ExitStatus::Done )
    m_result = status;
}

void Receiver::handleOffer( const simultiple::Offer& offer )
{
  const auto file = FileChild::parse( offer.profileChild() );
  if( !file )
  {
    m_profile.decline( offer, simultiple::Decline::BadRequest );
    return;
  }
  m_reporter.offer( offer.sid, offer.peer, safeFileName( file->name ), file->size );
  if( m_settings.maxSize && file->size > *m_settings.maxSize )
    refuse( offer, "The file is too large", "the file is larger than --max-size allows" );
  else if( m_settings.once && m_finished + m_incoming.size() >= *m_settings.once )
    refuse( offer, "No more files are taken", "--once is reached" );
  else
    accept( offer, *file );
}

void Receiver::refuse( const simultiple::Offer& offer, const std::string& toPeer, const std::string& why )
{
  m_refused[{ offer.peer.full(), offer.sid }] = why;
  m_profile.decline( offer, simultiple::Decline::Forbidden, toPeer );
}

void Receiver::accept( const simultiple::Offer& offer, const FileChild& file )
{
  // A promise about the disk is worth nothing later, but there is no point in starting what cannot be finished.
  std::string problem;
  std::unique_ptr<FileWriter> writer;
  if( !hasRoom( m_settings.directory, file.size ) )
    problem = "not enough room in " + printable( m_settings.directory ) + " for " + sizeText( file.size );
  else
    writer = FileWriter::create( m_settings.directory, safeFileName( file.name ), problem );
  if( !writer )
  {
    finished( ExitStatus::LocalFile );
    ++m_finished;
    refuse( offer, "The file cannot be stored", problem );
    return;
  }

  const Key key{ offer.peer.full(), offer.sid };
  auto& incoming = m_incoming[key];
  incoming = std::make_unique<IncomingFile>( offer, file, std::move( writer ), m_reporter );
  simultiple::AcceptOptions options;
  options.expectsNothing = file.size == 0;
  if( !m_profile.accept( offer, options ) )
    return; // too late, or no method: handleEnd() tells

  // What was agreed on is known to the library; what a peer without the extension gets is the first of it.
  const auto& ours = m_settings.options.methods;
  std::vector<std::string> methods;
  std::copy_if( ours.begin(), ours.end(), std::back_inserter( methods ), [&offer]( const std::string& method )
                { return std::find( offer.methods.begin(), offer.methods.end(), method ) != offer.methods.end(); } );
  const bool list = offer.multiple && m_settings.options.siMultiple;
  if( !list && methods.size() > 1 )
    methods.resize( 1 );
  m_reporter.accepted( offer.sid, list ? simultiple::Dialect::SiMultiple : simultiple::Dialect::Plain, methods );
}

void Receiver::handleStream( std::shared_ptr<simultiple::MultiBytestream> stream )
{
  const auto found = m_incoming.find( { stream->initiator().full(), stream->sid() } );
  if( found != m_incoming.end() )
    found->second->start( std::move( stream ) );
}

void Receiver::handleAttempt( const simultiple::Attempt& attempt )
{
  m_reporter.attempt( attempt );
}

void Receiver::handleEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause,
                          const std::string& text, const simultiple::Report& report )
{
  const Key key{ peer.full(), sid };
  const auto found = m_incoming.find( key );
  if( found != m_incoming.end() )
  {
    found->second->end( cause, text, report );
    finished( found->second->status() );
    m_ended.push_back( std::move( found->second ) ); // we may be inside one of its own calls
    m_incoming.erase( found );
    ++m_finished;
    return;
  }
  const auto refused = m_refused.find( key );
  m_reporter.error( sid, peer, cause, refused == m_refused.end() ? text : refused->second );
  if( refused != m_refused.end() )
    m_refused.erase( refused );
}

void Receiver::handleLimit( const gloox::JID& peer, const std::string& what )
{
  m_reporter.warning( printable( peer.full() ) + " hit a limit: " + printable( what ) );
}

} // namespace

int main( int argc, char** argv )
{
  CommandLine line;
  if( const auto status = readArguments( Role::Receive, argc, argv, line ) )
    return static_cast<int>( *status );

  Reporter reporter( line.settings );
  if( !line.warning.empty() )
    reporter.warning( line.warning );
  const std::string problem = directoryProblem( line.settings.directory );
  if( !problem.empty() )
  {
    reporter.problem( problem );
    return static_cast<int>( ExitStatus::LocalFile );
  }

  Receiver receiver( line.settings, reporter );
  return static_cast<int>( receiver.run() );
}
