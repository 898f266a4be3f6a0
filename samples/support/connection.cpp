// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "connection.h"

#include "interrupt.h"
#include "serverconnection.h"
#include "text.h"

#include <gloox/capabilities.h>
#include <gloox/disco.h>
#include <gloox/error.h>
#include <gloox/tlsdefault.h>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

namespace sample
{

namespace
{

constexpr std::chrono::seconds LoginTime{ 30 };
constexpr std::chrono::seconds LogoutTime{ 2 };
constexpr std::chrono::seconds RetryTime{ 5 };
constexpr std::chrono::minutes Patience{ 5 };
constexpr int XmppPort = 5222;

std::string password( const Settings& settings, std::string& problem )
{
  std::string text;
  if( settings.passwordFile.empty() )
  {
    const char* const value = std::getenv( "XMPP_PASSWORD" );
    text = value ? value : "";
    if( text.empty() )
      problem = "no password: set XMPP_PASSWORD or give --password-file";
    return text;
  }
  std::ifstream file( settings.passwordFile );
  std::getline( file, text );
  if( !text.empty() && text.back() == '\r' )
    text.pop_back();
  if( text.empty() )
    problem = "cannot read a password from " + printable( settings.passwordFile );
  return text;
}

std::string problemText( gloox::ConnectionError error, gloox::Client& client )
{
  switch( error )
  {
    case gloox::ConnNoError:
    case gloox::ConnNotConnected:
      return "not connected";
    case gloox::ConnStreamError:
    {
      std::string text = client.streamErrorText();
      if( text.empty() )
        text = client.streamError() == gloox::StreamErrorConflict ? "another session took this resource"
                                                                  : "the server ended the stream";
      return "stream error: " + printable( text );
    }
    case gloox::ConnStreamVersionError:
      return "the server speaks another version of XMPP";
    case gloox::ConnStreamClosed:
      return "the server closed the connection";
    case gloox::ConnProxyAuthRequired:
    case gloox::ConnProxyAuthFailed:
    case gloox::ConnProxyNoSupportedAuth:
      return "the proxy refused us";
    case gloox::ConnIoError:
      return "input/output error on the connection";
    case gloox::ConnParseError:
      return "the server sent something that is not XML";
    case gloox::ConnConnectionRefused:
      return "connection refused";
    case gloox::ConnDnsError:
      return "the server's name cannot be resolved";
    case gloox::ConnOutOfMemory:
      return "out of memory";
    case gloox::ConnNoSupportedAuth:
      return "the server offers no way to log in that we know";
    case gloox::ConnTlsFailed:
      return "TLS failed";
    case gloox::ConnTlsNotAvailable:
      return "the server offers no encryption (see --tls)";
    case gloox::ConnCompressionFailed:
      return "compression failed";
    case gloox::ConnAuthenticationFailed:
      return "wrong user name or password";
    case gloox::ConnUserDisconnected:
      return "disconnected";
  }
  return "disconnected";
}

bool isSecret( const std::string& xml, std::size_t at )
{
  static constexpr std::array<std::string_view, 6> names{ "auth", "response", "challenge", "success", "password", "digest" };
  return std::any_of( names.begin(), names.end(), [&]( std::string_view name ) { return xml.compare( at, name.size(), name ) == 0; } );
}

} // namespace

std::string certificateProblem( int status )
{
  static constexpr std::array<std::pair<int, const char*>, 7> problems{ {
    { gloox::CertWrongPeer, "not issued for this server" },
    { gloox::CertExpired, "expired" },
    { gloox::CertNotActive, "not valid yet" },
    { gloox::CertRevoked, "revoked" },
    { gloox::CertSignerUnknown, "issued by an authority that is not trusted" },
    { gloox::CertSignerNotCa, "signed by something that is not an authority" },
    { gloox::CertInvalid, "not trusted" },
  } };
  for( const auto& [bit, text] : problems )
    if( ( status & bit ) != 0 )
      return text;
  return status == gloox::CertOk ? "" : "not acceptable";
}

// A peer decides how much of this there is, so nothing is looked at or moved twice.
std::string withoutSecrets( const std::string& xml )
{
  std::string result;
  result.reserve( xml.size() );
  std::size_t copied = 0;
  for( std::size_t at = xml.find( '<' ); at != std::string::npos; at = xml.find( '<', at + 1 ) )
  {
    if( !isSecret( xml, at + 1 ) )
      continue;
    const auto start = xml.find( '>', at );
    if( start == std::string::npos )
      break;
    at = start;
    if( xml[start - 1] == '/' )
      continue;
    const auto end = xml.find( "</", start );
    if( end == std::string::npos )
      break;
    result.append( xml, copied, start + 1 - copied ).append( "..." );
    copied = at = end;
  }
  return result.append( xml, copied, xml.size() - copied );
}

Connection::Connection( const Settings& settings, Reporter& reporter )
  : m_settings( settings ), m_reporter( reporter ),
    m_client( std::make_unique<gloox::Client>( settings.jid, std::string(), settings.port ) ), m_contacts( *m_client )
{
}

Connection::~Connection()
{
  m_client->logInstance().removeLogHandler( this );
  m_client->removeConnectionListener( this );
}

std::string Connection::prepare()
{
  std::string problem;
  m_client->setPassword( password( m_settings, problem ) );
  if( !problem.empty() )
    return problem;

  // gloox takes the name that the certificate must bear from setServer(), so `--host` must not go there.
  if( !m_settings.host.empty() )
    m_client->setConnectionImpl( // gloox owns it
      new ServerConnection( m_client.get(), m_client->logInstance(), m_settings.host,
                            m_settings.port > 0 ? m_settings.port : XmppPort ) );
  m_client->setTls( m_settings.tls == Tls::Required   ? gloox::TLSRequired
                    : m_settings.tls == Tls::Optional ? gloox::TLSOptional
                                                      : gloox::TLSDisabled );
  m_client->setCompression( false );
  if( !m_settings.caFile.empty() )
  {
    if( !Descriptor( ::open( m_settings.caFile.c_str(), O_RDONLY | O_CLOEXEC ) ) )
      return "cannot open " + printable( m_settings.caFile ) + ": " + std::generic_category().message( errno );
    if( !setUpTls() )
      return "TLS is not available";
  }
  m_client->registerConnectionListener( this );
  setUpPresence();

  if( !m_settings.logXml.empty() )
  {
    m_log = Descriptor( ::open( m_settings.logXml.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600 ) );
    if( !m_log )
      return "cannot open " + printable( m_settings.logXml ) + ": " + std::generic_category().message( errno );
  }
  // gloox logs stanzas at the debug level, too.
  const bool everything = m_settings.verbose || m_log;
  m_client->logInstance().registerLogHandler( everything ? gloox::LogLevelDebug : gloox::LogLevelWarning,
                                              gloox::LogAreaAll, this );
  return {};
}

// gloox 1.0.24 never gets as far as using what setCACerts() stores, so the TLS object is made here, with the file in it.
bool Connection::setUpTls()
{
  auto tls = std::make_unique<gloox::TLSDefault>( m_client.get(), m_settings.jid.server() );
  if( !tls->init( std::string(), std::string(), gloox::StringList() ) )
    return false;
  tls->setCACerts( { m_settings.caFile } );
  m_client->setEncryptionImpl( tls.release() ); // gloox owns it
  return true;
}

void Connection::setUpPresence()
{
  m_client->disco()->setIdentity( "client", "bot", programName( m_settings.role ) );
  // INT-13: gabble sends files only to those whose presence carries entity capabilities. gloox adds them by default.
  const auto& extensions = m_client->presenceExtensions();
  if( std::none_of( extensions.begin(), extensions.end(), []( const gloox::StanzaExtension* extension )
                    { return extension->extensionType() == gloox::ExtCaps; } ) )
    m_client->addPresenceExtension( new gloox::Capabilities( m_client->disco() ) ); // gloox owns it
  m_client->setPresence( gloox::Presence::Available, -1 );
}

std::string Connection::login()
{
  if( !m_client->connect( false ) )
    return m_problem.empty() ? "cannot connect to the server" : m_problem;

  const auto deadline = std::chrono::steady_clock::now() + LoginTime;
  while( !m_up && !m_down )
  {
    if( interrupted() )
      return "interrupted";
    if( std::chrono::steady_clock::now() > deadline )
      return "the server did not let us in within 30 s";
    if( m_client->recv( 100000 ) != gloox::ConnNoError && !m_down )
      return "cannot connect to the server";
  }
  return m_up ? std::string() : m_problem;
}

bool Connection::comeBack( bool wanted )
{
  const auto now = std::chrono::steady_clock::now();
  if( m_up || !wanted || interrupted() || now - m_lost > Patience )
    return m_up;
  if( now < m_nextTry )
    return true;
  m_nextTry = now + RetryTime;
  m_down = false;
  m_problem.clear();
  if( !m_settings.caFile.empty() && !setUpTls() ) // one object serves one connection
    return false;
  const std::string problem = login();
  if( problem.empty() )
    m_reporter.connected( m_client->jid() );
  else
  {
    m_problem = problem; // nobody else may have said why
    m_reporter.note( "No connection yet: " + problem );
  }
  return true;
}

void Connection::logout()
{
  if( !m_up )
    return;
  const auto deadline = std::chrono::steady_clock::now() + LogoutTime;
  m_client->xmppPing( gloox::JID( m_client->jid().server() ), this );
  while( m_up && !m_seen && std::chrono::steady_clock::now() < deadline )
    (void)m_client->recv( 100000 );
  m_client->disconnect();
}

bool Connection::isContact( const gloox::JID& peer ) const
{
  // onConnect() comes after the roster, so it is complete here.
  return m_contacts.contain( peer );
}

void Connection::onConnect()
{
  // gloox also reports a stream on which it had nothing to log in with.
  m_up = m_client->authed();
  m_down = !m_up;
  if( m_down )
    m_problem = "the server did not let us log in";
}

void Connection::onDisconnect( gloox::ConnectionError error )
{
  if( m_up )
    m_lost = std::chrono::steady_clock::now();
  m_up = false;
  m_down = true;
  if( m_problem.empty() )
    m_problem = problemText( error, *m_client );
}

void Connection::onResourceBindError( const gloox::Error* )
{
  m_problem = "the server refused the resource";
}

bool Connection::onTLSConnect( const gloox::CertInfo& info )
{
  const std::string problem = certificateProblem( info.status );
  if( problem.empty() )
    return true;
  if( m_settings.tls == Tls::Required )
  {
    m_problem = "the server's certificate is " + problem;
    return false;
  }
  m_reporter.warning( "the server's certificate is " + problem );
  return true;
}

void Connection::handleLog( gloox::LogLevel level, gloox::LogArea area, const std::string& message )
{
  if( area == gloox::LogAreaXmlIncoming || area == gloox::LogAreaXmlOutgoing )
  {
    if( !m_log )
      return;
    const std::string line = ( area == gloox::LogAreaXmlIncoming ? "<- " : "-> " ) + withoutSecrets( message ) + '\n';
    if( ::write( m_log.get(), line.data(), line.size() ) < 0 )
      m_log = Descriptor(); // the log is no reason to fail
    return;
  }
  if( level == gloox::LogLevelDebug && !m_settings.verbose )
    return;
  if( area == gloox::LogAreaUser || level != gloox::LogLevelDebug )
    m_reporter.detail( message );
}

} // namespace sample
