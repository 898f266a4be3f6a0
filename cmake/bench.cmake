# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/bench.cmake -B build/bench     what tests/bench/run uses: the library as it is installed, and programs that measure it
include("${CMAKE_CURRENT_LIST_DIR}/release.cmake")
set(GLOOX_SI_MULTIPLE_BUILD_BENCH ON CACHE BOOL "")
