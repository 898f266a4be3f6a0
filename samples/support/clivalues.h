// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include <gloox/jid.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The values that options take. Each function returns false if the text is wrong; what it filled in then does not count.

namespace sample
{

/** @return @a text cut at each @a separator. Always at least one part. */
[[nodiscard]] std::vector<std::string> split( std::string_view text, char separator );

/** Reads `s5b,ibb`: each at most once. */
[[nodiscard]] bool methodList( const std::string& text, std::vector<std::string>& methods );

/** Reads `ADDR:PORT`, `[ADDR6]:PORT` or `:PORT`. */
[[nodiscard]] bool addressAndPort( const std::string& text, std::string& address, std::uint16_t& port );

/** Reads `JID,HOST,PORT` and appends it. An empty JID means ourselves. */
[[nodiscard]] bool streamHost( const std::string& text, std::vector<simultiple::StreamHostEntry>& hosts );

/** Reads `NAME=SECONDS`, fractions allowed. */
[[nodiscard]] bool timer( const std::string& text, simultiple::Timeouts& timeouts );

/** Reads `JID,JID`. A list, because a resource may hold nearly any character but is unlikely to hold a comma. */
[[nodiscard]] bool jidList( const std::string& text, std::vector<gloox::JID>& jids );

/** @return The number of bytes per second that @a text means: digits, perhaps with k, M or G behind them; nothing if it means none. */
[[nodiscard]] std::optional<std::uint64_t> rate( const std::string& text );

} // namespace sample
