# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gloox ships a pkg-config file and no CMake package. Defines Gloox::Gloox. Installed beside our package
# configuration, which needs it, too.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_GLOOX QUIET gloox)
endif()

find_path(Gloox_INCLUDE_DIR gloox/gloox.h HINTS ${PC_GLOOX_INCLUDE_DIRS})
find_library(Gloox_LIBRARY gloox HINTS ${PC_GLOOX_LIBRARY_DIRS})
mark_as_advanced(Gloox_INCLUDE_DIR Gloox_LIBRARY)

set(Gloox_VERSION "${PC_GLOOX_VERSION}")
if(NOT Gloox_VERSION AND Gloox_INCLUDE_DIR AND EXISTS "${Gloox_INCLUDE_DIR}/gloox/gloox.h")
  file(STRINGS "${Gloox_INCLUDE_DIR}/gloox/gloox.h" gloox_version_line REGEX "GLOOXVERSION")
  string(REGEX MATCH "[0-9]+\\.[0-9]+(\\.[0-9]+)?" Gloox_VERSION "${gloox_version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Gloox
  REQUIRED_VARS Gloox_LIBRARY Gloox_INCLUDE_DIR
  VERSION_VAR Gloox_VERSION)

if(Gloox_FOUND AND NOT TARGET Gloox::Gloox)
  add_library(Gloox::Gloox UNKNOWN IMPORTED)
  set_target_properties(Gloox::Gloox PROPERTIES
    IMPORTED_LOCATION "${Gloox_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Gloox_INCLUDE_DIR}")
endif()
