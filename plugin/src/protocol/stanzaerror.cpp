// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/stanzaerror.h"

#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace simultiple::protocol
{

namespace
{

constexpr std::size_t MaxText = 4096;
constexpr std::size_t MaxCondition = 256;

template<std::size_t N>
bool isOneOf( std::string_view word, const std::array<std::string_view, N>& words )
{
  return std::find( words.begin(), words.end(), word ) != words.end();
}

/// The `<error/>` of the stanza itself; what the peer echoes of our request stands in other namespaces.
const gloox::Tag* findError( const gloox::Tag& iq )
{
  return child( iq, "error", namespaceOf( iq ) );
}

} // namespace

std::unique_ptr<gloox::Tag> StanzaError::tag() const
{
  auto error = std::make_unique<gloox::Tag>( "error" );
  error->addAttribute( gloox::TYPE, type );
  error->addChild( element( condition, gloox::XMLNS_XMPP_STANZAS ).release() );   // gloox owns it
  if( !text.empty() )
  {
    auto words = element( "text", gloox::XMLNS_XMPP_STANZAS );
    words->setCData( xmlText( text ) ? text : printable( text, MaxText ) );
    error->addChild( words.release() );   // gloox owns it
  }
  if( !extra.empty() )
    error->addChild( element( extra, extraNamespace ).release() );   // gloox owns it
  return error;
}

namespace errors
{

StanzaError forbidden( const std::string& text )
{
  return { "cancel", "forbidden", "", "", text };
}

StanzaError badProfile()
{
  return { "cancel", "bad-request", "bad-profile", gloox::XMLNS_SI };
}

StanzaError noValidStreams()
{
  return { "cancel", "bad-request", "no-valid-streams", gloox::XMLNS_SI };
}

StanzaError badRequest()
{
  return { "modify", "bad-request" };
}

StanzaError conflict()
{
  return { "cancel", "conflict" };
}

StanzaError serviceUnavailable()
{
  return { "cancel", "service-unavailable" };
}

StanzaError tooMany()
{
  return { "wait", "resource-constraint" };
}

StanzaError itemNotFound()
{
  return { "cancel", "item-not-found" };
}

StanzaError s5bNotAcceptable()
{
  return { "modify", "not-acceptable" };
}

StanzaError ibbNotAcceptable()
{
  return { "cancel", "not-acceptable" };
}

StanzaError ibbSmallerBlocks()
{
  return { "modify", "resource-constraint" };
}

StanzaError ibbUnexpected()
{
  return { "cancel", "unexpected-request" };
}

StanzaError ibbBadData()
{
  return { "cancel", "bad-request" };
}

StanzaError tooManyNotes()
{
  return { "wait", "policy-violation" };
}

} // namespace errors

bool ReceivedError::peerUnreachable() const
{
  static constexpr std::array<std::string_view, 5> gone{ "recipient-unavailable", "remote-server-not-found",
                                                         "remote-server-timeout", "gone", "jid-malformed" };
  return isOneOf( condition, gone );
}

Cause ReceivedError::offerCause() const
{
  static constexpr std::array<std::string_view, 2> unsupported{ "service-unavailable", "feature-not-implemented" };

  if( siCondition == "no-valid-streams" )
    return Cause::NoValidStreams;
  if( siCondition == "bad-profile" )
    return Cause::BadProfile;
  if( isOneOf( condition, unsupported ) )
    return Cause::Unsupported;
  if( peerUnreachable() || condition == "item-not-found" )
    return Cause::PeerUnreachable;
  return Cause::Declined;   // SI-22: everything else
}

std::string ReceivedError::describe() const
{
  std::string words = condition.empty() ? std::string( "error without condition" ) : printable( condition );
  if( !siCondition.empty() )
    words += " (" + siCondition + ")";
  return words;
}

ReceivedError readError( const gloox::Tag& iq )
{
  ReceivedError read;
  const gloox::Tag* error = findError( iq );
  if( !error )
    return read;

  for( const std::string_view name : { "no-valid-streams", "bad-profile" } )
    if( read.siCondition.empty() && child( *error, name, gloox::XMLNS_SI ) )
      read.siCondition = name;

  for( const gloox::Tag* c : children( *error, gloox::XMLNS_XMPP_STANZAS ) )
  {
    if( c->name() != "text" )
    {
      if( read.condition.empty() )
        read.condition = cut( c->name(), MaxCondition );
    }
    else if( read.text.empty() )
      read.text = cut( c->cdata(), MaxText );
  }
  return read;
}

} // namespace simultiple::protocol
