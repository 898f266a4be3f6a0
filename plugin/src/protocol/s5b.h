// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/stanzaerror.h"

#include <gloox/jid.h>
#include <gloox/tag.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::protocol
{

struct StreamHost
{
  gloox::JID jid;
  std::string rawJid;       ///< As written: W-10 answers with exactly this.
  std::string host;         ///< Without brackets.
  std::uint16_t port = 0;
};

/** @return Whether both have the same host and port; names are compared without regard to case. */
[[nodiscard]] bool samePlace( const StreamHost& a, const StreamHost& b );

/** Section 1.6: of each host and port only the first stays. */
void dropRepeats( std::vector<StreamHost>& hosts );

/** W-9; no `<streamhost/>` if @a hosts is empty (S5B-4). */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildQuery( const std::string& sid, const std::vector<StreamHost>& hosts );

/** The element asked of a proxy for its address: an empty `<query/>`. */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildProxyQuestion();

struct Query
{
  std::string sid;
  bool tcp = true;                      ///< mode absent or `tcp`
  std::vector<StreamHost> hosts;        ///< Usable ones, in order, no repeats of (host, port), at most 32 looked at (SEC-9).
};

/** Reads W-9. Total: bad streamhosts are skipped (section 1.6). */
[[nodiscard]] Query readQuery( const gloox::Tag& query );

/// What an answer to W-9 names.
struct StreamHostUsed
{
  gloox::JID jid;          ///< Invalid if bogus.
  std::string problem;     ///< S5B-8, for people; empty if fine.
};

/** Reads W-10, W-11. @param iq The `<iq type='result'/>`. */
[[nodiscard]] StreamHostUsed readStreamHostUsed( const gloox::Tag& iq, const std::string& sid );

/** Reads a proxy's answer to buildProxyQuestion(): its streamhosts. */
[[nodiscard]] std::vector<StreamHost> readProxyAddress( const gloox::Tag& iq );

} // namespace simultiple::protocol
