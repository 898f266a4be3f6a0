// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace simultiple::test
{

inline int harnessDepth = 0;

/// While it lives, what happens is the tests' own doing, though it is called by what is being tested: a test that makes allocations fail spares it.
struct Harness
{
  Harness() { ++harnessDepth; }
  ~Harness() { --harnessDepth; }
  Harness( const Harness& ) = delete;
  Harness& operator=( const Harness& ) = delete;
};

/// While it lives, it is not: a call from there into what is being tested.
struct Subject
{
  Subject() : before( harnessDepth ) { harnessDepth = 0; }
  ~Subject() { harnessDepth = before; }
  Subject( const Subject& ) = delete;
  Subject& operator=( const Subject& ) = delete;
  int before;
};

} // namespace simultiple::test
