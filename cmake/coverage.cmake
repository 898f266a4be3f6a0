# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/coverage.cmake -B build/coverage      Clang; the library counts which of its lines and branches are used: tests/run coverage
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1" CACHE STRING "")
set(GLOOX_SI_MULTIPLE_WERROR ON CACHE BOOL "")
set(GLOOX_SI_MULTIPLE_COVERAGE ON CACHE BOOL "")
