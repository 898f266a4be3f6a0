// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What LeakSanitizer is not to report in the flow tests: leaks that are gloox's own.

/// gloox 1.0.24 looks the server's address up and does not free what it got.
extern "C" const char* __lsan_default_suppressions() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): LeakSanitizer's name
{
  return "leak:gloox::ConnectionTCPServer::connect\n";
}

extern "C" const char* __lsan_default_options() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
{
  return "print_suppressions=0";
}
