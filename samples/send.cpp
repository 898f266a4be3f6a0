// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// si-multiple-send: sends files to one peer, one after another, each as an offer of its own.

#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "support/connection.h"
#include "support/filechild.h"
#include "support/interrupt.h"
#include "support/loop.h"
#include "support/outgoingfile.h"
#include "support/start.h"

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace
{

using namespace sample;

/// A file and its digest, read before the connection is made: what is missing should be known before anybody is bothered.
struct Prepared
{
  std::unique_ptr<SourceFile> file;
  std::string md5;
};

class Sender final : public simultiple::SIProfileMultipleHandler
{
  public:
    Sender( const Settings& settings, Reporter& reporter );

    /** Sends everything. @return How it went; with several failures, the first. */
    [[nodiscard]] ExitStatus run( const std::vector<Prepared>& files );

    // reimplemented from SIProfileMultipleHandler
    void handleOffer( const simultiple::Offer& offer ) override;
    bool handleAccepted( const std::string& sid, const gloox::JID& peer, simultiple::Dialect dialect,
                         const std::vector<std::string>& methods, const gloox::Tag& si ) override;
    void handleStream( std::shared_ptr<simultiple::MultiBytestream> stream ) override;
    void handleAttempt( const simultiple::Attempt& attempt ) override;
    void handleEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text,
                    const simultiple::Report& report ) override;

  private:
    [[nodiscard]] ExitStatus send( const Prepared& prepared );
    [[nodiscard]] bool offer( const Prepared& prepared );
    [[nodiscard]] bool current( const std::string& sid ) const { return m_current && m_current->sid() == sid; }
    void stayForSlowReaders();

    const Settings& m_settings;
    Reporter& m_reporter;
    Connection m_connection;
    simultiple::SIMultipleManager m_streams;
    simultiple::SIProfileMultiple m_profile;
    Loop m_loop;
    std::unique_ptr<OutgoingFile> m_current;
    std::uint64_t m_currentSize = 0;
    std::chrono::steady_clock::time_point m_stayUntil{};
};

simultiple::ProfileOptions profileOptions()
{
  simultiple::ProfileOptions options;
  options.senderSpeaksFirst = true; // PFT-3
  options.knows = []( const gloox::JID& ) { return false; }; // this program only sends
  return options;
}

Sender::Sender( const Settings& settings, Reporter& reporter )
  : m_settings( settings ), m_reporter( reporter ), m_connection( settings, reporter ),
    m_streams( m_connection.client(), settings.options ),
    m_profile( m_streams, gloox::XMLNS_SI_FT, *this, profileOptions() ), m_loop( m_connection, m_streams )
{
}

ExitStatus Sender::run( const std::vector<Prepared>& files )
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

  ExitStatus result = ExitStatus::Done;
  for( const auto& prepared : files )
  {
    const ExitStatus status = send( prepared );
    if( result == ExitStatus::Done )
      result = status;
    if( interrupted() || !m_connection.up() )
      break;
  }
  stayForSlowReaders();
  m_connection.logout();
  return result;
}

ExitStatus Sender::send( const Prepared& prepared )
{
  if( interrupted() )
    return ExitStatus::NoMethod;
  if( !m_connection.up() )
  {
    m_reporter.problem( m_connection.problem() );
    return ExitStatus::Login;
  }
  m_current = std::make_unique<OutgoingFile>( *prepared.file, m_settings.to, m_reporter );
  m_currentSize = prepared.file->size();
  if( !offer( prepared ) )
  {
    m_current.reset();
    return m_connection.up() ? ExitStatus::NoMethod : ExitStatus::Login;
  }

  while( !m_current->ended() && !interrupted() && !m_loop.dead() )
  {
    m_loop.turn();
    m_current->showProgress();
  }
  if( !m_current->ended() )
  {
    m_profile.cancel( m_settings.to, m_current->sid() );
    m_loop.runFor( std::chrono::seconds( 2 ), [this] { return m_current->ended(); } );
  }

  const ExitStatus status = m_current->status();
  if( m_current->usedSocks5() )
    m_stayUntil = std::chrono::steady_clock::now() + std::chrono::seconds( 2 );
  m_current.reset();
  return status;
}

bool Sender::offer( const Prepared& prepared )
{
  FileChild child;
  child.name = prepared.file->name();
  child.size = prepared.file->size();
  child.md5 = prepared.md5;
  child.date = prepared.file->date();

  simultiple::OfferOptions options;
  options.expectsNothing = child.size == 0;
  const auto result = m_profile.offer( m_settings.to, child.tag(), options );
  if( result )
    m_current->offered( result.sid );
  else
    m_reporter.problem( "cannot offer " + child.name + ": " + result.problem );
  return static_cast<bool>( result );
}

// INT-12: a reader of a SOCKS5 stream may drop the end of the file when our presence goes away.
void Sender::stayForSlowReaders()
{
  const auto left = m_stayUntil - std::chrono::steady_clock::now();
  if( left.count() > 0 )
    m_loop.runFor( std::chrono::duration_cast<std::chrono::milliseconds>( left ),
                   [this] { return interrupted() || !m_connection.up(); } );
}

void Sender::handleOffer( const simultiple::Offer& offer )
{
  m_profile.decline( offer );
}

bool Sender::handleAccepted( const std::string& sid, const gloox::JID&, simultiple::Dialect dialect,
                             const std::vector<std::string>& methods, const gloox::Tag& si )
{
  m_reporter.accepted( sid, dialect, methods );
  return answeredRange( si, m_currentSize, false ).has_value(); // PFT-9
}

void Sender::handleStream( std::shared_ptr<simultiple::MultiBytestream> stream )
{
  if( current( stream->sid() ) )
    m_current->start( std::move( stream ) );
}

void Sender::handleAttempt( const simultiple::Attempt& attempt )
{
  m_reporter.attempt( attempt );
}

void Sender::handleEnd( const std::string& sid, const gloox::JID&, simultiple::Cause cause, const std::string& text,
                        const simultiple::Report& report )
{
  if( current( sid ) )
    m_current->end( cause, text, report );
}

/** @return Whether all files are there and could be read. */
bool prepare( const std::vector<std::string>& paths, Reporter& reporter, std::vector<Prepared>& files )
{
  std::string problem;
  for( const auto& path : paths )
  {
    files.emplace_back();
    files.back().file = SourceFile::open( path, problem );
    if( !files.back().file )
    {
      reporter.problem( problem );
      return false;
    }
  }
  for( auto& prepared : files )
  {
    if( prepared.file->md5( prepared.md5, [] { return !interrupted(); } ) )
      continue;
    reporter.problem( prepared.file->problem() );
    return false;
  }
  return true;
}

} // namespace

int main( int argc, char** argv )
{
  CommandLine line;
  if( const auto status = readArguments( Role::Send, argc, argv, line ) )
    return static_cast<int>( *status );

  Reporter reporter( line.settings );
  if( !line.warning.empty() )
    reporter.warning( line.warning );
  std::vector<Prepared> files;
  if( !prepare( line.settings.files, reporter, files ) )
    return static_cast<int>( ExitStatus::LocalFile );

  Sender sender( line.settings, reporter );
  return static_cast<int>( sender.run( files ) );
}
