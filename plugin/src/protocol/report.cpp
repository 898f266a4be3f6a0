// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/report.h>

#include "protocol/xml.h"

#include <gloox/gloox.h>

namespace simultiple
{

using protocol::printable;

namespace
{

std::string inMilliseconds( std::chrono::milliseconds time )
{
  return std::to_string( time.count() ) + " ms";
}

/// ` 192.0.2.17:7890 of proxy.example`, or nothing for a method as a whole.
std::string place( const Attempt& attempt )
{
  if( attempt.host.empty() )
    return {};
  const bool v6 = attempt.host.find( ':' ) != std::string::npos;
  std::string words = " " + ( v6 ? "[" + printable( attempt.host ) + "]" : printable( attempt.host ) );
  words += ":" + std::to_string( attempt.port );
  if( attempt.hostJid )
    words += " of " + printable( attempt.hostJid.full() );
  return words;
}

std::string outcome( const Attempt& attempt )
{
  switch( attempt.state )
  {
    case Attempt::State::Started:
      return "started";
    case Attempt::State::Failed:
      return "failed after " + inMilliseconds( attempt.took )
             + ( attempt.reason.empty() ? std::string() : ": " + printable( attempt.reason ) );
    case Attempt::State::Opened:
      return "opened after " + inMilliseconds( attempt.took );
  }
  return {};
}

std::string names( const std::vector<std::string>& methods )
{
  std::string words;
  for( const auto& method : methods )
    words += ( words.empty() ? "" : ", " ) + printable( methodName( method ) );
  return words.empty() ? std::string( "none" ) : words;
}

} // namespace

const char* dialectText( Dialect dialect ) noexcept
{
  switch( dialect )
  {
    case Dialect::None:
      return "none";
    case Dialect::SiMultiple:
      return "si-multiple";
    case Dialect::Plain:
      return "plain";
    case Dialect::Smack:
      return "smack";
  }
  return "none";   // only for a number that is none of the enumeration
}

std::string methodName( const std::string& method )
{
  if( method == gloox::XMLNS_BYTESTREAMS )
    return "s5b";
  if( method == gloox::XMLNS_IBB )
    return "ibb";
  return method;
}

std::string Report::text() const
{
  std::string words = std::string( initiator ? "offer to " : "offer from " ) + printable( peer.full() ) + "\n";
  words += std::string( "answer: " ) + dialectText( dialect ) + "; methods: " + names( methods ) + "\n";
  for( const Attempt& attempt : attempts )
    words += "tried " + printable( methodName( attempt.method ) ) + place( attempt ) + ": " + outcome( attempt ) + "\n";

  if( method.empty() )
    words += "never open\n";
  else
    words += "open: " + printable( methodName( method ) ) + ( host.empty() ? std::string() : " through " + printable( host ) )
             + ", " + inMilliseconds( toOpen ) + " after the offer\n";
  words += "sent " + std::to_string( bytesSent ) + " bytes, received " + std::to_string( bytesReceived ) + " bytes\n";
  return words;
}

} // namespace simultiple
