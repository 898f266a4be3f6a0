# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/fuzz.cmake -B build/fuzz      Clang, libFuzzer and the sanitizers: the target fuzzers is what tests/run fuzz MINUTES uses
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS" CACHE STRING "")
set(GLOOX_SI_MULTIPLE_WERROR ON CACHE BOOL "")
set(GLOOX_SI_MULTIPLE_SANITIZE "address,undefined" CACHE STRING "")
set(GLOOX_SI_MULTIPLE_BUILD_FUZZERS ON CACHE BOOL "")
# Several sources in one: that is compiled in a third of the time.
set(CMAKE_UNITY_BUILD ON CACHE BOOL "")
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12 CACHE STRING "")
