# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/lint.cmake -B build/lint      what tests/run lint reads; nothing is built
#
# Many sources in one, because most of what a linter reads, and of the time that it takes, is headers.
include("${CMAKE_CURRENT_LIST_DIR}/clang.cmake")
set(CMAKE_UNITY_BUILD ON CACHE BOOL "")
set(CMAKE_UNITY_BUILD_BATCH_SIZE 20 CACHE STRING "")
set(BUILD_TESTING OFF CACHE BOOL "")
