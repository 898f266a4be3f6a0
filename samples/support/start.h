// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "cli.h"
#include "exitstatus.h"
#include "reporter.h"

#include <functional>

namespace sample
{

/**
 * What main() does in all programs: reads the command line, answers `--help` and `--version`, complains, catches interrupts.
 * @param program Is run if there is something to do.
 * @return The status to exit with.
 */
[[nodiscard]] int runProgram( Role role, int argc, char** argv, const std::function<ExitStatus( const Settings&, Reporter& )>& program );

} // namespace sample
