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

int runProgram( Role role, int argc, char** argv, const std::function<ExitStatus( const Settings&, Reporter& )>& program )
{
  const std::string name = programName( role );
  const CommandLine line = readCommandLine( role, std::vector<std::string>( argv + ( argc > 0 ? 1 : 0 ), argv + argc ) );
  switch( line.wanted )
  {
    case CommandLine::Wanted::Help:
      std::fputs( helpText( role ).c_str(), stdout );
      return static_cast<int>( ExitStatus::Done );
    case CommandLine::Wanted::Version:
      std::fputs( ( name + " " GLOOX_SI_MULTIPLE_VERSION "\n" ).c_str(), stdout );
      return static_cast<int>( ExitStatus::Done );
    case CommandLine::Wanted::Nothing:
      std::fputs( ( name + ": " + printable( line.problem ) + " (see --help)\n" ).c_str(), stderr );
      return static_cast<int>( ExitStatus::Usage );
    case CommandLine::Wanted::Run:
      break;
  }
  catchInterrupts();
  Reporter reporter( line.settings );
  if( !line.warning.empty() )
    reporter.warning( line.warning );
  return static_cast<int>( program( line.settings, reporter ) );
}

} // namespace sample
