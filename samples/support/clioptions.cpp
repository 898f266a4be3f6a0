// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "clioptions.h"

#include "clivalues.h"
#include "text.h"

#include <algorithm>
#include <array>

namespace sample
{

namespace
{

bool setText( std::string& target, const std::string& value )
{
  target = value;
  return !value.empty();
}

bool setTls( CliState& state, const std::string& value )
{
  state.settings.tls = value == "off" ? Tls::Off : value == "optional" ? Tls::Optional : Tls::Required;
  return value == "off" || value == "optional" || value == "required";
}

bool setProxy( CliState& state, const std::string& value )
{
  auto& proxies = state.settings.options.proxies;
  state.proxyGiven = true;
  proxies.discover = value == "auto";
  if( value == "auto" || value == "none" )
    return true;
  const gloox::JID jid( value );
  proxies.jids.push_back( jid );
  return jid && !jid.server().empty();
}

bool setBlockSize( CliState& state, const std::string& value )
{
  const auto size = decimal( value, 65535 );
  auto& inBand = state.settings.options.inBand;
  inBand.blockSize = static_cast<std::uint16_t>( size.value_or( 0 ) );
  if( state.settings.role != Role::Send )
    inBand.maxBlockSize = inBand.blockSize; // the receiver proposes nothing; it can only set a bound
  return inBand.blockSize > 0;
}

bool setAccept( CliState& state, const std::string& value )
{
  auto& settings = state.settings;
  settings.accept = value == "all" ? Accept::All : value == "contacts" ? Accept::Contacts : Accept::Listed;
  settings.accepted.clear();
  return settings.accept != Accept::Listed || jidList( value, settings.accepted );
}

constexpr std::array<CliOption, 32> table{ {
  { "--jid", "JID", true, true, "the account, with or without a resource",
    []( CliState& s, const std::string& v )
    {
      s.settings.jid = gloox::JID( v ); // setJID() would keep the user name of an earlier one
      return s.settings.jid && !s.settings.jid.username().empty();
    } },
  { "--password-file", "FILE", true, true, "its first line is the password; otherwise $XMPP_PASSWORD is",
    []( CliState& s, const std::string& v ) { return setText( s.settings.passwordFile, v ); } },
  { "--host", "HOST", true, true, "connect there instead of where DNS says",
    []( CliState& s, const std::string& v ) { return setText( s.settings.host, v ); } },
  { "--port", "N", true, true, "the server's port",
    []( CliState& s, const std::string& v )
    {
      const auto port = decimal( v, 65535 );
      s.settings.port = static_cast<int>( port.value_or( 0 ) );
      return s.settings.port > 0;
    } },
  { "--tls", "required|optional|off", true, true, "encryption of the connection to the server; default: required",
    setTls },
  { "--ca-file", "FILE", true, true, "trust the authorities in this file (PEM), too",
    []( CliState& s, const std::string& v ) { return setText( s.settings.caFile, v ); } },
  { "--methods", "s5b,ibb", true, true, "the methods to use, first choice first; default: s5b,ibb",
    []( CliState& s, const std::string& v ) { return methodList( v, s.settings.options.methods ); } },
  { "--no-si-multiple", nullptr, true, true, "behave as a plain XEP-0095 program: no lists, no fallback",
    []( CliState& s, const std::string& ) { s.settings.options.siMultiple = false; return true; } },
  { "--listen", "ADDR:PORT", true, true, "SOCKS5 listener; port 0: any; no ADDR: all interfaces; IPv6 in brackets",
    []( CliState& s, const std::string& v )
    { return addressAndPort( v, s.settings.options.listen.address, s.settings.options.listen.port ); } },
  { "--no-direct", nullptr, true, true, "no SOCKS5 listener, whatever --listen says: our own addresses are not offered",
    []( CliState& s, const std::string& ) { s.settings.options.listen.enabled = false; return true; } },
  { "--streamhost", "JID,HOST,PORT", true, false, "a further streamhost; repeatable; with --no-direct only these",
    []( CliState& s, const std::string& v ) { return streamHost( v, s.settings.options.proxies.known ); } },
  { "--proxy", "auto|none|JID", true, true, "SOCKS5 proxy; auto (default): ask the server; a JID: use that; repeatable",
    setProxy },
  { "--allow-host", "CIDR", true, true, "connect to streamhosts in this network although the filter would not; repeatable",
    []( CliState& s, const std::string& v )
    { s.settings.options.streamHosts.allow.push_back( v ); return isCidr( v ); } },
  { "--deny-host", "CIDR", true, true, "never connect to streamhosts in this network; repeatable",
    []( CliState& s, const std::string& v )
    { s.settings.options.streamHosts.deny.push_back( v ); return isCidr( v ); } },
  { "--block-size", "N", true, true, "in-band: bytes in a block (receiver: at most), 1 to 65535",
    setBlockSize },
  { "--window", "N", true, true, "in-band: blocks sent ahead of their acknowledgement, 1 to 1000",
    []( CliState& s, const std::string& v )
    {
      const auto window = decimal( v, 1000 );
      s.settings.options.inBand.window = static_cast<std::size_t>( window.value_or( 0 ) );
      return s.settings.options.inBand.window > 0;
    } },
  { "--timeout", "NAME=SECONDS", true, true, "a timer of the protocol, such as T-S-OFFER=30 or R-HOST=0.5; repeatable",
    []( CliState& s, const std::string& v )
    { s.timeoutGiven = true; return timer( v, s.settings.options.timeouts ); } },
  { "--resume", nullptr, true, true, "go on by itself when a stream breaks (receiver: wait for the sender), for up to 5 minutes",
    []( CliState& s, const std::string& ) { s.settings.resume = true; return true; }, ForTube::No },
  { "--limit", "RATE", true, true, "at most so many bytes per second for each file; k, M and G stand for powers of 1024",
    []( CliState& s, const std::string& v )
    { return ( s.settings.limit = rate( v ).value_or( 0 ) ) > 0; }, ForTube::No },
  { "--recursive", nullptr, true, false, "send directories, with all files in them",
    []( CliState& s, const std::string& ) { s.settings.recursive = true; return true; } },
  { "--no-resume", nullptr, false, true, "keep nothing of a file that was interrupted",
    []( CliState& s, const std::string& ) { s.settings.keepParts = false; return true; } },
  { "--json", nullptr, true, true, "one JSON object a line on standard output, and nothing else there",
    []( CliState& s, const std::string& ) { s.settings.json = true; return true; } },
  { "--log-xml", "FILE", true, true, "write the XML that is exchanged with the server to FILE, without passwords",
    []( CliState& s, const std::string& v ) { return setText( s.settings.logXml, v ); } },
  { "--verbose", nullptr, true, true, "say more, on standard error",
    []( CliState& s, const std::string& ) { s.settings.verbose = true; return true; } },
  { "--quiet", nullptr, true, true, "say nothing but errors",
    []( CliState& s, const std::string& ) { s.settings.quiet = true; return true; } },
  { "--dir", "DIR", false, true, "where files go; default: the current directory. Nothing is overwritten",
    []( CliState& s, const std::string& v ) { return setText( s.settings.directory, v ); } },
  { "--accept", "all|contacts|JID,...", false, true, "whose offers to take; default: contacts, those in the roster",
    setAccept, ForTube::Yes },
  { "--service", "NAME", false, false, "join: wait for a tube of this service; default: any",
    []( CliState& s, const std::string& v ) { return setText( s.settings.tube.service, v ); }, ForTube::Yes },
  { "--max-size", "N", false, true, "refuse files of more than N bytes",
    []( CliState& s, const std::string& v )
    { return ( s.settings.maxSize = decimal( v, 0x7fffffffffffffff ) ).has_value(); } },
  { "--once", "N", false, true, "end after N transfers, completed or failed",
    []( CliState& s, const std::string& v )
    { return ( s.settings.once = decimal( v, 1000000000 ) ).value_or( 0 ) > 0; } },
  // Read before all others; here for the help.
  { "--help", nullptr, true, true, "this text", []( CliState&, const std::string& ) { return true; } },
  { "--version", nullptr, true, true, "the version", []( CliState&, const std::string& ) { return true; } },
} };

bool has( const CliOption& option, Role role )
{
  switch( role )
  {
    case Role::Send: return option.send;
    case Role::Receive: return option.receive;
    case Role::Tube: return option.tube == ForTube::Yes || ( option.tube == ForTube::IfCommon && option.send && option.receive );
  }
  return false;
}

/// The first lines of the help.
std::string usage( Role role )
{
  std::string start = std::string( "Usage: " ) + programName( role ) + " [options]";
  switch( role )
  {
    case Role::Send:
      return start + " FULLJID FILE...\n\nSends files over XMPP, one after another; falls back from SOCKS5 to in-band if need be.\n\n";
    case Role::Receive:
      return start + "\n\nStays online and receives files over XMPP.\n\n";
    case Role::Tube:
      return start + " share SERVICE HOST:PORT FULLJID\n       " + programName( role ) + " [options] join ADDR:PORT\n\n"
             "share: announces a tube to a peer and connects whoever comes through it to the TCP server at HOST:PORT.\n"
             "join: waits for a tube, listens on ADDR:PORT (no ADDR: loopback; port 0: any) and carries each connection\n"
             "through it. Either ends with the tube, or when interrupted.\n\n";
  }
  return start;
}

} // namespace

const CliOption* findOption( Role role, const std::string& name )
{
  const auto* const found = std::find_if( table.begin(), table.end(), [&]( const CliOption& option )
                                          { return has( option, role ) && name == option.name; } );
  return found == table.end() ? nullptr : &*found;
}

std::string helpText( Role role )
{
  std::string text = usage( role );
  for( const auto& option : table )
  {
    if( !has( option, role ) )
      continue;
    std::string left = std::string( "  " ) + option.name + ( option.value ? std::string( " " ) + option.value : "" );
    left.resize( std::max<std::size_t>( left.size() + 2, 32 ), ' ' );
    text += left + option.help + '\n';
  }
  return text + "\nExit status: 0 all done; 1 usage; 2 connect or login failed; 3 refused or unsupported by the\n"
                "peer; 4 no method connected; 5 broken after open; 6 digest mismatch; 7 timeout; 8 local file error.\n";
}

} // namespace sample
