// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "start.h"

#include "interrupt.h"
#include "text.h"

#include <gloox-si-multiple/version.h>

#include <cstdio>
#include <string>
#include <vector>

namespace sample
{

std::optional<ExitStatus> readArguments( Role role, int argc, char** argv, CommandLine& line )
{
  const std::string name = programName( role );
  line = readCommandLine( role, std::vector<std::string>( argv + ( argc > 0 ? 1 : 0 ), argv + argc ) );
  switch( line.wanted )
  {
    case CommandLine::Wanted::Help:
      std::fputs( helpText( role ).c_str(), stdout );
      return ExitStatus::Done;
    case CommandLine::Wanted::Version:
      std::fputs( ( name + " " GLOOX_SI_MULTIPLE_VERSION "\n" ).c_str(), stdout );
      return ExitStatus::Done;
    case CommandLine::Wanted::Nothing:
      std::fputs( ( name + ": " + printable( line.problem ) + " (see --help)\n" ).c_str(), stderr );
      return ExitStatus::Usage;
    case CommandLine::Wanted::Run:
      break;
  }
  catchInterrupts();
  return std::nullopt;
}

} // namespace sample
