# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/release.cmake -B build/release     what samples/demo and the benchmarks use
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "")
set(BUILD_TESTING OFF CACHE BOOL "")
