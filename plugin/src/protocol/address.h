// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/tag.h>

#include <string>

namespace simultiple::protocol
{

/// SEC-1: what the server vouches for. `x:from='…'` is the peer's word, but findAttribute() takes it for `from`, and servers pass it on, now before the
/// true one and now behind it (GLOOX-NOTES 3h).
/** @return Where @a stanza comes from; empty if it does not say. */
[[nodiscard]] const std::string& origin( const gloox::Tag& stanza );
/** @return Whom @a stanza is for; empty if it does not say. */
[[nodiscard]] const std::string& destination( const gloox::Tag& stanza );

} // namespace simultiple::protocol
