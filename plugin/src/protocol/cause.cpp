// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/cause.h>

#include <cstddef>

namespace simultiple
{

const char* causeText( Cause cause ) noexcept
{
  switch( cause )
  {
    case Cause::ClosedLocal:
      return "closed-local";
    case Cause::ClosedRemote:
      return "closed-remote";
    case Cause::Declined:
      return "declined";
    case Cause::NoValidStreams:
      return "no-valid-streams";
    case Cause::BadProfile:
      return "bad-profile";
    case Cause::Unsupported:
      return "unsupported";
    case Cause::PeerUnreachable:
      return "peer-unreachable";
    case Cause::MalformedReply:
      return "malformed-reply";
    case Cause::MethodsExhausted:
      return "methods-exhausted";
    case Cause::Timeout:
      return "timeout";
    case Cause::CancelledLocal:
      return "cancelled-local";
    case Cause::CancelledRemote:
      return "cancelled-remote";
    case Cause::Disconnected:
      return "disconnected";
    case Cause::ProtocolViolation:
      return "protocol-violation";
    case Cause::StreamConflict:
      return "stream-conflict";
    case Cause::LimitExceeded:
      return "limit-exceeded";
    case Cause::IoError:
      return "io-error";
  }
  return "unknown";   // only for a number that is none of the enumeration
}

std::optional<Cause> causeFromText( std::string_view word ) noexcept
{
  for( std::size_t i = 0; i <= static_cast<std::size_t>( Cause::IoError ); ++i )
    if( word == causeText( static_cast<Cause>( i ) ) )
      return static_cast<Cause>( i );
  return std::nullopt;
}

} // namespace simultiple
