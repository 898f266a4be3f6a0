// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/report.h>

#include <gloox/gloox.h>
#include <gloox/jid.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace simultiple::methods
{

/** @return What is told of one streamhost (GEN-11). The session fills in whose it is. */
[[nodiscard]] inline Attempt hostAttempt( const std::string& host, std::uint16_t port, const gloox::JID& jid, Attempt::State state,
                                          const std::string& reason = std::string(), std::chrono::milliseconds took = {} )
{
  return { {}, {}, gloox::XMLNS_BYTESTREAMS, host, port, jid, state, reason, took };
}

} // namespace simultiple::methods
