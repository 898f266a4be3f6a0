// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>

namespace simultiple::airlock
{

/** @return 128 random bits from OpenSSL's generator as 32 lower-case hex digits (GEN-6, SEC-4); nothing if it has no entropy. */
[[nodiscard]] std::optional<std::string> randomHex();

/** SEC-4: a fresh stream id, `sm` and 32 hex digits. */
[[nodiscard]] std::optional<std::string> randomSid();

} // namespace simultiple::airlock
