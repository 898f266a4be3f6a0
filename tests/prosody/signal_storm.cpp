// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Loaded before a program, has it interrupted a thousand times a second, by a handler that has no system call start over.

#include <sys/time.h>

#include <csignal>

namespace
{

extern "C" void ignoreAlarm( int ) {}

struct Storm
{
  Storm()
  {
    struct sigaction action{};
    action.sa_handler = ignoreAlarm;
    ::sigaction( SIGALRM, &action, nullptr );
    const itimerval every{ { 0, 1000 }, { 0, 1000 } };
    ::setitimer( ITIMER_REAL, &every, nullptr );
  }
};

const Storm storm;

} // namespace
