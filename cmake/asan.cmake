# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/asan.cmake -B build/asan      what tests/run uses
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS" CACHE STRING "")
set(GLOOX_SI_MULTIPLE_WERROR ON CACHE BOOL "")
set(GLOOX_SI_MULTIPLE_SANITIZE "address,undefined" CACHE STRING "")
