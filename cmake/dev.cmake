# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -C cmake/dev.cmake -B build/dev        to work on the library: debug, warnings are errors
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-g -D_GLIBCXX_ASSERTIONS" CACHE STRING "")
set(GLOOX_SI_MULTIPLE_WERROR ON CACHE BOOL "")
