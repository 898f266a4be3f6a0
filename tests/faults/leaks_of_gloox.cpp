// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What LeakSanitizer is not to report in these tests. gloox keeps what it has made in bare pointers until it gives it away, so an exception
// that passes it loses that.

extern "C" const char* __lsan_default_suppressions() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): LeakSanitizer's name
{
  return "leak:gloox::\n";
}

extern "C" const char* __lsan_default_options() // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
{
  return "print_suppressions=0";
}
