// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace sample
{

/**
 * From now on SIGINT and SIGTERM only set interrupted(), once each: a second one ends the program at once. SIGPIPE
 * and SIGXFSZ are ignored: the calls that cause them say why they failed.
 */
void catchInterrupts();

/** @return Whether one of the two signals came. */
[[nodiscard]] bool interrupted() noexcept;

} // namespace sample
