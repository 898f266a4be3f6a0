// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "reporter.h"

#include "clivalues.h"
#include "jsonevents.h"
#include "text.h"

#include <gloox-si-multiple/fileinfo.h>

#include <unistd.h>

#include <cstdio>
#include <iterator>

namespace sample
{

namespace
{

std::uint64_t count( std::chrono::milliseconds time )
{
  return time.count() < 0 ? 0 : static_cast<std::uint64_t>( time.count() );
}

std::vector<std::string> names( const std::vector<std::string>& methods )
{
  std::vector<std::string> result;
  result.reserve( methods.size() );
  for( const auto& method : methods )
    result.push_back( simultiple::methodName( method ) );
  return result;
}

std::string where( const std::string& host, std::uint16_t port )
{
  if( host.empty() )
    return {};
  return host.find( ':' ) == std::string::npos ? host + ':' + std::to_string( port )
                                               : '[' + host + "]:" + std::to_string( port );
}

// What a line about a file begins with: several may be under way, or still to come.
std::string about( const std::string& name )
{
  return name.empty() ? std::string() : printable( name ) + ": ";
}

std::string about( const simultiple::FileInfo& file )
{
  const std::string folder = simultiple::safeFolder( file.folder );
  return about( ( folder.empty() ? folder : folder + '/' ) + simultiple::safeFileName( file.name ) );
}

} // namespace

Reporter::Reporter( const Settings& settings )
  : m_role( settings.role ), m_json( settings.json ), m_verbose( settings.verbose ), m_quiet( settings.quiet ),
    m_steps( settings.verbose || ::isatty( STDOUT_FILENO ) == 1 ), m_bar( !settings.json && !settings.quiet )
{
}

void Reporter::print( const std::string& line )
{
  m_bar.clear();
  std::fputs( ( line + '\n' ).c_str(), stdout );
  std::fflush( stdout ); // a script reads the events as they happen
}

void Reporter::complain( const std::string& line )
{
  m_bar.clear();
  std::fputs( ( std::string( programName( m_role ) ) + ": " + line + '\n' ).c_str(), stderr );
}

void Reporter::problem( const std::string& text )
{
  complain( text );
}

void Reporter::warning( const std::string& text )
{
  if( !m_quiet )
    complain( "warning: " + text );
}

void Reporter::note( const std::string& text )
{
  if( !m_json && !m_quiet )
    print( text );
}

void Reporter::step( const std::string& text )
{
  if( m_steps )
    note( text );
}

void Reporter::detail( const std::string& text )
{
  if( !m_verbose )
    return;
  for( const auto& line : split( text, '\n' ) )
    if( !line.empty() )
      complain( printable( line ) );
}

void Reporter::connected( const gloox::JID& jid )
{
  if( m_json )
    print( JsonEvent( "connected" ).text( "jid", jid.full() ).line() );
  note( "Connected as " + printable( jid.full() ) );
}

void Reporter::offer( const std::string& sid, const gloox::JID& peer, const std::string& name, std::uint64_t size )
{
  if( m_json )
    print( JsonEvent( "offer" ).text( "sid", sid ).text( "peer", peer.full() ).text( "name", name )
             .number( "size", size ).line() );
  live( sid, peer ).name = name;
  const std::string file = printable( name ) + " (" + sizeText( size ) + ")";
  step( m_role == Role::Send ? "Offering " + file + " to " + printable( peer.full() )
                             : printable( peer.full() ) + " offers " + file );
}

void Reporter::follow( const simultiple::FileTransfer& transfer )
{
  const Key now = key( transfer.sid(), transfer.peer() );
  for( auto it = m_live.begin(); it != m_live.end(); )
    it = it->second.transfer == &transfer && it->first != now ? m_live.erase( it ) : std::next( it );
  if( transfer.state() != simultiple::FileTransfer::State::Ended )
    m_live[now].transfer = &transfer;
}

void Reporter::accepted( const simultiple::FileTransfer& transfer, simultiple::Dialect dialect, const std::vector<std::string>& methods )
{
  follow( transfer );
  accepted( transfer.sid(), dialect, methods );
}

void Reporter::accepted( const std::string& sid, simultiple::Dialect dialect, const std::vector<std::string>& methods )
{
  if( m_json )
    print( JsonEvent( "accepted" ).text( "sid", sid ).text( "dialect", simultiple::dialectText( dialect ) )
             .list( "methods", names( methods ) ).line() );
  std::string text;
  for( const auto& name : names( methods ) )
    text += ( text.empty() ? "" : ", " ) + name;
  step( "Accepted (" + std::string( simultiple::dialectText( dialect ) ) + "): " + printable( text ) );
}

void Reporter::attempt( const simultiple::FileTransfer& transfer, const simultiple::Attempt& what )
{
  follow( transfer );
  attempt( what );
}

void Reporter::attempt( const simultiple::Attempt& attempt )
{
  using State = simultiple::Attempt::State;
  const std::string method = simultiple::methodName( attempt.method );
  const std::string host = where( attempt.host, attempt.port );
  if( attempt.state == State::Opened )
  {
    // The method as a whole and its host may be reported in either order; the host must not be forgotten.
    Live& known = live( attempt.sid, attempt.peer );
    if( attempt.host.empty() && known.method == method )
      return;
    known.method = method;
    known.host = attempt.host;
    known.port = attempt.port;
    return;
  }

  const bool failed = attempt.state == State::Failed;
  const bool wholeMethod = failed && host.empty();
  if( m_json && wholeMethod )
    print( JsonEvent( "failed" ).text( "sid", attempt.sid ).text( "method", method ).text( "reason", attempt.reason )
             .number( "ms", count( attempt.took ) ).line() );
  else if( m_json && !failed )
    print( JsonEvent( "attempt" ).text( "sid", attempt.sid ).text( "method", method ).text( "host", attempt.host )
             .number( "port", attempt.port ).line() );

  const std::string what = printable( method + ( host.empty() ? "" : " " + host ) );
  const std::string text = failed ? what + " failed: " + printable( attempt.reason ) + " (" +
                                      std::to_string( count( attempt.took ) ) + " ms)"
                                  : "Trying " + what;
  if( wholeMethod && !m_json )
    note( text );
  else
    detail( text );
}

void Reporter::open( const simultiple::FileTransfer& transfer, std::uint64_t offset )
{
  follow( transfer );
  open( transfer.sid(), transfer.peer(), transfer.progress().method, offset );
}

void Reporter::open( const std::string& sid, const gloox::JID& peer, const std::string& method, std::uint64_t offset )
{
  Live& known = live( sid, peer );
  const std::string name = simultiple::methodName( method );
  if( known.method != name )
  {
    known.host.clear();
    known.port = 0;
  }
  known.method = name;
  const auto took = count( std::chrono::duration_cast<std::chrono::milliseconds>( Clock::now() - known.begun ) );
  if( m_json )
    print( JsonEvent( "open" ).text( "sid", sid ).text( "method", name ).text( "host", known.host ).number( "ms", took )
             .number( "port", known.port ).number( "offset", offset ).line() );
  const std::string host = where( known.host, known.port );
  step( "Open: " + printable( name + ( host.empty() ? "" : " " + host ) ) + " after " + std::to_string( took ) + " ms" +
        ( offset > 0 ? ", going on at " + sizeText( offset ) : "" ) );
}

void Reporter::progress( const simultiple::FileTransfer& transfer, const std::string& name, const simultiple::FileProgress& progress )
{
  if( m_json )
    print( JsonEvent( "progress" ).text( "sid", transfer.sid() ).number( "bytes", progress.bytes ).number( "total", progress.size ).line() );
  else
    m_bar.show( { name, simultiple::methodName( progress.method ), progress.bytes, progress.size, progress.rate, progress.left } );
}

void Reporter::interrupted( const simultiple::FileTransfer& transfer, simultiple::Cause cause, const std::string& text,
                            std::chrono::milliseconds again )
{
  follow( transfer );
  m_live.erase( key( transfer.sid(), transfer.peer() ) );
  if( m_json )
    print( JsonEvent( "interrupted" ).text( "sid", transfer.sid() ).text( "cause", simultiple::causeText( cause ) ).text( "text", text )
             .number( "again", count( again ) ).line() );
  note( about( transfer.info() ) + "interrupted: " + simultiple::causeText( cause ) + ( text.empty() ? "" : ": " + printable( text ) ) +
        ( m_role == Role::Send ? "; trying again" : "; waiting for the sender" ) );
}

void Reporter::done( const simultiple::FileTransfer& transfer, const DoneEvent& event )
{
  follow( transfer );
  m_live.erase( key( transfer.sid(), transfer.peer() ) );
  if( m_json )
    print( JsonEvent( "done" ).text( "sid", transfer.sid() ).number( "bytes", event.bytes ).text( "sha256", event.sha256 )
             .number( "ms", count( event.took ) ).text( "path", event.path ).number( "streams", event.streams )
             .number( "confirmed", event.confirmed ? 1 : 0 ).line() );
  note( ( m_role == Role::Send ? "Sent " : "Saved " ) + printable( event.path ) + ": " + sizeText( event.bytes ) + " in " +
        std::to_string( count( event.took ) ) + " ms by " + simultiple::methodName( event.method ) +
        ( event.streams > 1 ? ", " + std::to_string( event.streams ) + " streams" : "" ) + ", SHA-256 " + event.sha256 );
}

void Reporter::error( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text )
{
  const std::string file = about( live( sid, peer ).name );
  m_live.erase( key( sid, peer ) );
  if( m_json )
    print( JsonEvent( "error" ).text( "sid", sid ).text( "cause", simultiple::causeText( cause ) )
             .text( "text", text ).line() );
  complain( file + simultiple::causeText( cause ) + ( text.empty() ? "" : ": " + printable( text ) ) );
}

void Reporter::fileError( const simultiple::FileTransfer& transfer, const simultiple::FileResult& result )
{
  using simultiple::FileCause;
  const std::string why = simultiple::fileCauseText( result.cause );
  if( transfer.sid().empty() )
    return problem( "cannot offer " + about( transfer.info() ) + ( result.text.empty() ? why : printable( result.text ) ) );
  follow( transfer );
  m_live.erase( key( transfer.sid(), transfer.peer() ) );
  const std::string cause = simultiple::causeText( result.session );
  if( m_json )
    print( JsonEvent( "error" ).text( "sid", transfer.sid() ).text( "cause", cause ).text( "text", result.text ).text( "why", why )
             .text( "by", result.byPeer ? "peer" : "us" ).line() );
  // How the session ended says more than that it did.
  const bool session = result.cause == FileCause::NotOpened || result.cause == FileCause::Interrupted || result.cause == FileCause::TooFewBytes
                       || result.cause == FileCause::Refused;
  complain( about( transfer.info() ) + ( session ? cause : why ) + ( result.byPeer && !session ? " (the other side)" : "" ) +
            ( result.text.empty() ? "" : ": " + printable( result.text ) ) );
  if( !result.report.attempts.empty() )
    detail( result.report.text() );
}

void Reporter::summary( const Summary& summary )
{
  if( summary.files + summary.failed < 2 )
    return;
  if( m_json )
    print( JsonEvent( "summary" ).number( "files", summary.files ).number( "failed", summary.failed ).number( "bytes", summary.bytes )
             .number( "ms", count( summary.took ) ).line() );
  const auto seconds = static_cast<double>( count( summary.took ) ) / 1000;
  const auto rate = seconds > 0 ? static_cast<std::uint64_t>( static_cast<double>( summary.bytes ) / seconds ) : 0;
  note( std::to_string( summary.files ) + ( summary.files == 1 ? " file, " : " files, " ) + sizeText( summary.bytes ) + " in " +
        std::to_string( count( summary.took ) ) + " ms (" + sizeText( rate ) + "/s)" +
        ( summary.failed > 0 ? "; " + std::to_string( summary.failed ) + " failed" : "" ) );
}

void Reporter::tube( std::uint32_t id, const gloox::JID& peer, const std::string& service )
{
  if( m_json )
    print( JsonEvent( "tube" ).number( "id", id ).text( "peer", peer.full() ).text( "service", service ).line() );
  note( "Tube to " + printable( peer.full() ) + ": " + printable( service ) );
}

void Reporter::listening( const std::string& address, std::uint16_t port )
{
  if( m_json )
    print( JsonEvent( "listening" ).text( "address", address ).number( "port", port ).line() );
  note( "Listening on " + where( address, port ) );
}

void Reporter::connectionDone( const std::string& sid, const gloox::JID& peer, std::uint64_t sent, std::uint64_t received,
                               std::chrono::milliseconds took )
{
  m_live.erase( key( sid, peer ) );
  if( m_json )
    print( JsonEvent( "done" ).text( "sid", sid ).number( "sent", sent ).number( "received", received )
             .number( "ms", count( took ) ).line() );
  note( "Closed: " + sizeText( sent ) + " sent, " + sizeText( received ) + " received in " + std::to_string( count( took ) ) + " ms" );
}

void Reporter::tubeClosed( std::uint32_t id, const gloox::JID& peer, const std::string& how )
{
  if( m_json )
    print( JsonEvent( "closed" ).number( "id", id ).text( "peer", peer.full() ).text( "how", how ).line() );
  note( "The tube to " + printable( peer.full() ) + " is closed (" + how + ")" );
}

} // namespace sample
