// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli.h"

#include "clioptions.h"
#include "clivalues.h"
#include "tcp.h"

#include <algorithm>
#include <cstddef>

namespace sample
{

namespace
{

CommandLine wrong( CommandLine line, std::string problem )
{
  line.wanted = CommandLine::Wanted::Nothing;
  line.problem = std::move( problem );
  return line;
}

std::string notValid( const CliOption& option, const std::string& name, const std::string& value )
{
  return name + ": not a valid value: \"" + value + "\" (expected " + ( option.value ? option.value : "none" ) + ")";
}

// SI-1: to a client, or to a component's own address; a bare account's offers would be answered by its server.
std::string destinationProblem( const gloox::JID& to, const std::string& text )
{
  if( !to || to.server().empty() )
    return "not a JID: " + text;
  if( to.resource().empty() && !to.username().empty() )
    return "the receiver must be a full JID, with a resource: " + text;
  return {};
}

std::string shareProblem( Settings& settings, const std::vector<std::string>& words )
{
  auto& tube = settings.tube;
  if( words.size() != 4 )
    return "share takes a service, HOST:PORT and a full JID";
  if( !tube.service.empty() )
    return "--service is for join";
  tube.service = words[1];
  if( tube.service.empty() )
    return "the service is missing";
  if( !hostAndPort( words[2], tube.host, tube.port ) )
    return "not HOST:PORT: " + words[2];
  settings.to.setJID( words[3] );
  return destinationProblem( settings.to, words[3] );
}

std::string joinProblem( Settings& settings, const std::vector<std::string>& words )
{
  auto& tube = settings.tube;
  if( words.size() != 2 )
    return "join takes ADDR:PORT";
  if( !addressAndPort( words[1], tube.host, tube.port ) )
    return "not ADDR:PORT: " + words[1];
  if( tube.host.empty() )
    tube.host = "127.0.0.1"; // who wants it open to everybody says so
  return {};
}

std::string tubeProblem( Settings& settings, const std::vector<std::string>& words )
{
  settings.tube.share = !words.empty() && words[0] == "share";
  if( settings.tube.share )
    return shareProblem( settings, words );
  if( !words.empty() && words[0] == "join" )
    return joinProblem( settings, words );
  return "share or join is missing";
}

std::string positionalProblem( Settings& settings, const std::vector<std::string>& words )
{
  if( settings.role == Role::Tube )
    return tubeProblem( settings, words );
  if( settings.role == Role::Receive )
    return words.empty() ? std::string() : "unexpected argument: " + words.front();
  if( words.empty() )
    return "whom to send to is missing";
  settings.to.setJID( words.front() );
  settings.files.assign( words.begin() + 1, words.end() );
  std::string problem = destinationProblem( settings.to, words.front() );
  if( !problem.empty() )
    return problem;
  if( settings.files.empty() )
    return "the file to send is missing";
  return {};
}

std::string finish( CliState& state, CommandLine& line )
{
  Settings& settings = line.settings;
  if( !settings.jid )
    return "--jid is missing";
  if( settings.quiet && settings.verbose )
    return "--quiet and --verbose exclude each other";
  if( settings.tls == Tls::Off && !settings.caFile.empty() )
    return "--ca-file needs TLS";

  auto& options = settings.options;
  // "With --no-direct only these": nothing is looked for beside the streamhosts given, unless that is asked for.
  if( !options.listen.enabled && !options.proxies.known.empty() && !state.proxyGiven )
    options.proxies.discover = false;

  if( state.timeoutGiven )
  {
    options.uncheckedTimeouts = true;
    const std::string problem = options.timeouts.problem();
    if( !problem.empty() )
      line.warning = "these timeouts do not fit together: " + problem;
  }
  return {};
}

} // namespace

const char* programName( Role role ) noexcept
{
  switch( role )
  {
    case Role::Send: return "si-multiple-send";
    case Role::Receive: return "si-multiple-receive";
    case Role::Tube: return "si-multiple-tube";
  }
  return "";
}

CommandLine readCommandLine( Role role, const std::vector<std::string>& arguments )
{
  CommandLine line;
  line.settings.role = role;
  CliState state{ line.settings };
  std::vector<std::string> words;

  for( std::size_t i = 0; i < arguments.size(); ++i )
  {
    const std::string& argument = arguments[i];
    if( argument == "--" )
    {
      words.insert( words.end(), arguments.begin() + static_cast<std::ptrdiff_t>( i ) + 1, arguments.end() );
      break;
    }
    if( argument.size() < 2 || argument[0] != '-' )
    {
      words.push_back( argument );
      continue;
    }

    const auto equals = argument.find( '=' );
    const std::string name = argument.substr( 0, equals );
    if( name == "--help" || name == "--version" )
    {
      line.wanted = name == "--help" ? CommandLine::Wanted::Help : CommandLine::Wanted::Version;
      return line;
    }

    const CliOption* const option = findOption( role, name );
    if( !option )
      return wrong( std::move( line ), "unknown option: " + name );
    std::string value;
    if( option->value == nullptr )
    {
      if( equals != std::string::npos )
        return wrong( std::move( line ), name + " takes no value" );
    }
    else if( equals != std::string::npos )
      value = argument.substr( equals + 1 );
    else if( i + 1 < arguments.size() )
      value = arguments[++i];
    else
      return wrong( std::move( line ), name + " needs a value: " + option->value );

    if( !option->apply( state, value ) )
      return wrong( std::move( line ), notValid( *option, name, value ) );
  }

  std::string problem = positionalProblem( line.settings, words );
  if( problem.empty() )
    problem = finish( state, line );
  if( !problem.empty() )
    return wrong( std::move( line ), std::move( problem ) );
  line.wanted = CommandLine::Wanted::Run;
  return line;
}

bool isListed( const gloox::JID& peer, const std::vector<gloox::JID>& accepted )
{
  return std::any_of( accepted.begin(), accepted.end(), [&peer]( const gloox::JID& jid )
                      { return jid.resource().empty() ? jid.bare() == peer.bare() : jid.full() == peer.full(); } );
}

} // namespace sample
