// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "interrupt.h"

#include <csignal>

namespace sample
{

namespace
{

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the only one; a signal handler can reach nothing else
volatile std::sig_atomic_t caught = 0;

extern "C" void handleInterrupt( int )
{
  caught = 1;
}

} // namespace

void catchInterrupts()
{
  struct sigaction action{};
  action.sa_handler = handleInterrupt;
  action.sa_flags = static_cast<int>( SA_RESETHAND ); // and no SA_RESTART: a blocking call must return
  ::sigemptyset( &action.sa_mask );
  ::sigaction( SIGINT, &action, nullptr );
  ::sigaction( SIGTERM, &action, nullptr );

  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction( SIGPIPE, &ignore, nullptr );
  ::sigaction( SIGXFSZ, &ignore, nullptr );
}

bool interrupted() noexcept
{
  return caught != 0;
}

} // namespace sample
