// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "cli.h"
#include "exitstatus.h"

#include <optional>

namespace sample
{

/**
 * The first lines of both programs: reads the command line, answers `--help` and `--version`, complains.
 * @return The status to exit with at once, or nothing: go on with @a line.
 */
[[nodiscard]] std::optional<ExitStatus> readArguments( Role role, int argc, char** argv, CommandLine& line );

} // namespace sample
