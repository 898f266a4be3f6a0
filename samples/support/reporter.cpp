// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "reporter.h"

#include "clivalues.h"
#include "jsonevents.h"
#include "text.h"

#include <cstdio>

namespace sample
{

namespace
{

constexpr std::chrono::milliseconds ProgressInterval{ 200 };

std::uint64_t count( std::chrono::milliseconds time )
{
  return time.count() < 0 ? 0 : static_cast<std::uint64_t>( time.count() );
}

std::vector<std::string> names( const std::vector<std::string>& methods )
{
  std::vector<std::string> result;
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

} // namespace

Reporter::Reporter( const Settings& settings )
  : m_role( settings.role ), m_json( settings.json ), m_verbose( settings.verbose ), m_quiet( settings.quiet ),
    m_bar( !settings.json && !settings.quiet )
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
  const std::string file = printable( name ) + " (" + sizeText( size ) + ")";
  note( m_role == Role::Send ? "Offering " + file + " to " + printable( peer.full() )
                             : printable( peer.full() ) + " offers " + file );
}

void Reporter::accepted( const std::string& sid, simultiple::Dialect dialect, const std::vector<std::string>& methods )
{
  if( m_json )
    print( JsonEvent( "accepted" ).text( "sid", sid ).text( "dialect", simultiple::dialectText( dialect ) )
             .list( "methods", names( methods ) ).line() );
  std::string text;
  for( const auto& name : names( methods ) )
    text += ( text.empty() ? "" : ", " ) + name;
  note( "Accepted (" + std::string( simultiple::dialectText( dialect ) ) + "): " + printable( text ) );
}

void Reporter::attempt( const simultiple::Attempt& attempt )
{
  using State = simultiple::Attempt::State;
  const std::string method = simultiple::methodName( attempt.method );
  const std::string host = where( attempt.host, attempt.port );
  if( attempt.state == State::Opened )
  {
    // The method as a whole and its host may be reported in either order; the host must not be forgotten.
    Live& live = m_live[key( attempt.sid, attempt.peer )];
    if( attempt.host.empty() && live.method == method )
      return;
    live.method = method;
    live.host = attempt.host;
    live.port = attempt.port;
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

void Reporter::open( const std::string& sid, const gloox::JID& peer, const std::string& method,
                     std::chrono::milliseconds took )
{
  Live& live = m_live[key( sid, peer )];
  const std::string name = simultiple::methodName( method );
  if( live.method != name )
    live = Live();
  live.method = name;
  live.opened = Clock::now();
  if( m_json )
    print( JsonEvent( "open" ).text( "sid", sid ).text( "method", name ).text( "host", live.host )
             .number( "ms", count( took ) ).number( "port", live.port ).line() );
  const std::string host = where( live.host, live.port );
  note( "Open: " + printable( name + ( host.empty() ? "" : " " + host ) ) + " after " +
        std::to_string( count( took ) ) + " ms" );
}

void Reporter::progress( const std::string& sid, const gloox::JID& peer, const std::string& name, std::uint64_t bytes,
                         std::uint64_t total )
{
  const auto found = m_live.find( key( sid, peer ) );
  const auto now = Clock::now();
  if( found == m_live.end() || bytes == found->second.bytes || now - found->second.shown < ProgressInterval )
    return;
  Live& live = found->second;
  live.shown = now;
  live.bytes = bytes;
  if( m_json )
    print( JsonEvent( "progress" ).text( "sid", sid ).number( "bytes", bytes ).number( "total", total ).line() );
  else
    m_bar.show( { name, live.method, bytes, total,
                  std::chrono::duration_cast<std::chrono::milliseconds>( now - live.opened ) } );
}

void Reporter::done( const gloox::JID& peer, const DoneEvent& event )
{
  m_live.erase( key( event.sid, peer ) );
  if( m_json )
    print( JsonEvent( "done" ).text( "sid", event.sid ).number( "bytes", event.bytes ).text( "sha256", event.sha256 )
             .number( "ms", count( event.took ) ).text( "path", event.path ).line() );
  note( ( m_role == Role::Send ? "Sent " : "Saved " ) + printable( event.path ) + ": " + sizeText( event.bytes ) +
        " in " + std::to_string( count( event.took ) ) + " ms, SHA-256 " + event.sha256 );
}

void Reporter::error( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text )
{
  m_live.erase( key( sid, peer ) );
  if( m_json )
    print( JsonEvent( "error" ).text( "sid", sid ).text( "cause", simultiple::causeText( cause ) )
             .text( "text", text ).line() );
  complain( std::string( simultiple::causeText( cause ) ) + ( text.empty() ? "" : ": " + printable( text ) ) );
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
