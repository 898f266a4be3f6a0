// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "exitstatus.h"

namespace sample
{

ExitStatus exitStatus( simultiple::Cause cause, bool opened ) noexcept
{
  using simultiple::Cause;
  switch( cause )
  {
    case Cause::Declined:
    case Cause::NoValidStreams:
    case Cause::BadProfile:
    case Cause::Unsupported:
    case Cause::PeerUnreachable:
    case Cause::MalformedReply:
      return ExitStatus::Refused;
    case Cause::CancelledRemote:
    case Cause::LimitExceeded:
      return opened ? ExitStatus::Broken : ExitStatus::Refused;
    case Cause::MethodsExhausted:
      return ExitStatus::NoMethod;
    case Cause::CancelledLocal:
      return opened ? ExitStatus::Broken : ExitStatus::NoMethod;
    case Cause::Timeout:
      return ExitStatus::TimedOut;
    case Cause::Disconnected:
      return opened ? ExitStatus::Broken : ExitStatus::Login;
    case Cause::ClosedLocal:
    case Cause::ClosedRemote:
    case Cause::ProtocolViolation:
    case Cause::StreamConflict:
    case Cause::IoError:
      return ExitStatus::Broken;
  }
  return ExitStatus::Broken;
}

ExitStatus exitStatus( const simultiple::FileResult& result ) noexcept
{
  using simultiple::FileCause;
  const bool opened = result.streams > 0;
  switch( result.cause )
  {
    case FileCause::Complete:
      return ExitStatus::Done;
    case FileCause::Refused:
      return ExitStatus::Refused;
    case FileCause::NotOpened:
    case FileCause::Interrupted:
    case FileCause::TooFewBytes:
      return exitStatus( result.session, opened );
    case FileCause::Unresumable:
      return ExitStatus::Broken;
    case FileCause::Cancelled:
      return opened ? ExitStatus::Broken : result.byPeer ? ExitStatus::Refused : ExitStatus::NoMethod;
    case FileCause::DigestMismatch:
      return ExitStatus::DigestMismatch;
    case FileCause::SourceUnreadable:
    case FileCause::SourceChanged:
    case FileCause::StorageFull:
    case FileCause::StorageFailed:
      return result.byPeer ? ExitStatus::Broken : ExitStatus::LocalFile;
  }
  return ExitStatus::Broken;
}

} // namespace sample
