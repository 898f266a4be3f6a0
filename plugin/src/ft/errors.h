// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>

#include "protocol/stanzaerror.h"

#include <string>

namespace simultiple::ft
{

/**
 * What SIProfileMultipleFT tells the bot when a session has failed, as the stanza that gloox would have been sent. The peer's own words where it
 * refused the offer; otherwise those that tell the cause best: for a stream that nobody could connect what gloox hears of a failed query.
 * @param text More about it, for people.
 */
[[nodiscard]] protocol::StanzaError errorFor( Cause cause, const protocol::ReceivedError& refusal, const std::string& text );

} // namespace simultiple::ft
