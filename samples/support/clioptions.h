// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "cli.h"

#include <string>

namespace sample
{

/// What is being built while the command line is read.
struct CliState
{
  Settings& settings;
  bool proxyGiven = false;
  bool timeoutGiven = false;
};

/// Whether si-multiple-tube has an option.
enum class ForTube { IfCommon, Yes, No }; ///< IfCommon: if the two other programs have it.

/// One row of the table of options.
struct CliOption
{
  const char* name = nullptr;
  const char* value = nullptr; ///< What the value is called in the help; null: a switch.
  bool send = false;           ///< Whether si-multiple-send has it.
  bool receive = false;        ///< Whether si-multiple-receive has it.
  const char* help = nullptr;
  bool ( *apply )( CliState&, const std::string& value ) = nullptr; ///< false: the value is wrong.
  ForTube tube = ForTube::IfCommon;
};

/** @return The row of @a name, if @a role has that option; otherwise null. */
[[nodiscard]] const CliOption* findOption( Role role, const std::string& name );

} // namespace sample
