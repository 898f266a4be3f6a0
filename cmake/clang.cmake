# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/clang.cmake -B build/clang    Clang, every target, hardened and without sanitizers: what tests/run valgrind uses
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
# valgrind 3.19 cannot read what Clang 14 writes as DWARF 5
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -gdwarf-4 -D_GLIBCXX_ASSERTIONS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3" CACHE STRING "")
set(GLOOX_SI_MULTIPLE_WERROR ON CACHE BOOL "")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON CACHE BOOL "")
