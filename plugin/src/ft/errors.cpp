// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ft/errors.h"

#include <gloox/gloox.h>

namespace simultiple::ft
{

namespace
{

protocol::StanzaError plain( Cause cause )
{
  switch( cause )
  {
    case Cause::Declined: return { "cancel", "forbidden" };
    case Cause::NoValidStreams: return protocol::errors::noValidStreams();
    case Cause::BadProfile: return protocol::errors::badProfile();
    case Cause::Unsupported: return protocol::errors::serviceUnavailable();
    case Cause::PeerUnreachable: return { "wait", "recipient-unavailable" };
    case Cause::Timeout: return { "wait", "remote-server-timeout" };
    case Cause::LimitExceeded: return { "wait", "resource-constraint" };
    case Cause::StreamConflict: return protocol::errors::conflict();
    case Cause::MethodsExhausted: return protocol::errors::itemNotFound();
    case Cause::ClosedLocal:
    case Cause::ClosedRemote:
    case Cause::MalformedReply:
    case Cause::CancelledLocal:
    case Cause::CancelledRemote:
    case Cause::Disconnected:
    case Cause::ProtocolViolation:
    case Cause::IoError: break;
  }
  return { "cancel", "undefined-condition" };
}

} // namespace

protocol::StanzaError errorFor( Cause cause, const protocol::ReceivedError& refusal, const std::string& text )
{
  auto error = plain( cause );
  if( !refusal.condition.empty() )
  {
    error.condition = refusal.condition;
    error.extra = refusal.siCondition;
    error.extraNamespace = refusal.siCondition.empty() ? std::string() : gloox::XMLNS_SI;
  }
  error.text = text.empty() ? causeText( cause ) : text;
  return error;
}

} // namespace simultiple::ft
