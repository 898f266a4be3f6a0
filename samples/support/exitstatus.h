// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/filetransfer.h>

namespace sample
{

/// How the programs end. Scripts rely on the numbers.
enum class ExitStatus
{
  Done = 0,           ///< Everything was transferred.
  Usage = 1,
  Login = 2,          ///< Could not connect or log in, or the connection was lost with nothing under way.
  Refused = 3,        ///< Refused by the peer, or unsupported there.
  NoMethod = 4,       ///< No method connected.
  Broken = 5,         ///< Broken after the stream was open.
  DigestMismatch = 6,
  TimedOut = 7,
  LocalFile = 8       ///< A local file could not be read or written.
};

/**
 * @param cause How the session of a transfer that was not completed ended.
 * @param opened Whether its stream had been open.
 */
[[nodiscard]] ExitStatus exitStatus( simultiple::Cause cause, bool opened ) noexcept;

/** How the program ends after a transfer that ended so. */
[[nodiscard]] ExitStatus exitStatus( const simultiple::FileResult& result ) noexcept;

} // namespace sample
