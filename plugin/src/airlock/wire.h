// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/iq.h>
#include <gloox/tag.h>

#include <memory>
#include <string>

namespace simultiple::airlock
{

/** @return What a gloox object wrote on the private client, as a Tag; null if it is no single element. */
[[nodiscard]] std::unique_ptr<gloox::Tag> parseOutgoing( const std::string& xml );

/** Puts any element into an `iq` of ours. */
void addPayload( gloox::IQ& iq, std::unique_ptr<gloox::Tag> payload );

} // namespace simultiple::airlock
