// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/scripted.h"

namespace simultiple::fuzz
{

/**
 * A client that is logged in. Logging in takes as long as a session, so it is the same one for many runs, as it is for a bot that switches the
 * plugin on and off. @param fresh A new one all the same.
 */
[[nodiscard]] test::ScriptedClient& clientFor( bool fresh );

} // namespace simultiple::fuzz
