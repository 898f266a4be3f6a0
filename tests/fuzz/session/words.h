// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "fuzz/support/ledger.h"

#include <cstdint>
#include <string>

namespace simultiple::fuzz
{

/// The peer's words: payloads as strangers write them, right ones and wrong ones; the numbers say which.
namespace words
{

extern const std::string Own;     ///< Our JID
extern const std::string Romeo;
extern const std::string Proxy;

[[nodiscard]] std::string iq( const std::string& type, const std::string& id, const std::string& from, const std::string& payload );
[[nodiscard]] std::string escaped( const std::string& text );

[[nodiscard]] std::string offer( const std::string& sid, std::uint8_t methods, std::uint8_t how );
[[nodiscard]] std::string query( const std::string& sid, std::uint8_t hosts );
[[nodiscard]] std::string open( const std::string& sid, unsigned blockSize, std::uint8_t how );
[[nodiscard]] std::string data( const std::string& sid, unsigned seq, unsigned size, std::uint8_t how );
[[nodiscard]] std::string close( const std::string& sid );
[[nodiscard]] std::string note( const std::string& sid );
[[nodiscard]] std::string error( std::uint8_t which );

/** What a result to one of our requests may hold. */
[[nodiscard]] std::string result( const Ledger::Request& request, std::uint8_t how );

/** A stanza that is none of the above. */
[[nodiscard]] std::string strange( std::uint8_t which, const std::string& id, const std::string& from, const std::string& sid );

} // namespace words

} // namespace simultiple::fuzz
