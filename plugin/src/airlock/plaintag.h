// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/tag.h>

#include <memory>

namespace simultiple::airlock
{

/**
 * A copy of what a peer sent in the only spelling that gloox's own classes understand: no prefixes, the namespace written on each element.
 * gloox's filters and findChild() miss a prefixed element, and xmlns() is empty where the namespace is inherited (GLOOX-NOTES 2f).
 */
[[nodiscard]] std::unique_ptr<gloox::Tag> plainCopy( const gloox::Tag& tag );

/** A copy of what a gloox object says, reduced to the attributes that PROTOCOL 1.6 and 1.7 list (W-9 to W-25). */
[[nodiscard]] std::unique_ptr<gloox::Tag> listedCopy( const gloox::Tag& tag );

} // namespace simultiple::airlock
