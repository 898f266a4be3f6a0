# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Flags on our targets only. Undefined behaviour ends the program, so that no test can pass with it.
set(GLOOX_SI_MULTIPLE_SANITIZE_FLAGS "")
if(GLOOX_SI_MULTIPLE_SANITIZE)
  list(APPEND GLOOX_SI_MULTIPLE_SANITIZE_FLAGS
    -fsanitize=${GLOOX_SI_MULTIPLE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # This check opens a pipe to see whether an address can be read, and takes an object for broken when a test leaves it
  # no descriptor to do so. AddressSanitizer finds what it would find.
  if(GLOOX_SI_MULTIPLE_SANITIZE MATCHES "undefined")
    list(APPEND GLOOX_SI_MULTIPLE_SANITIZE_FLAGS -fno-sanitize=vptr)
  endif()
endif()
if(GLOOX_SI_MULTIPLE_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "The fuzz targets need Clang: cmake -C cmake/fuzz.cmake -B build/fuzz")
  endif()
  # Coverage counters in all of the code; the driver comes with the fuzz targets alone.
  list(APPEND GLOOX_SI_MULTIPLE_SANITIZE_FLAGS -fsanitize=fuzzer-no-link)
endif()

# The counters are in the library alone (plugin/CMakeLists.txt); whoever links it needs what writes them to a file.
if(GLOOX_SI_MULTIPLE_COVERAGE)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "Coverage needs Clang: cmake -C cmake/coverage.cmake -B build/coverage")
  endif()
  add_link_options(-fprofile-instr-generate)
endif()

function(gloox_si_multiple_sanitize target)
  if(GLOOX_SI_MULTIPLE_SANITIZE_FLAGS)
    target_compile_options(${target} PRIVATE ${GLOOX_SI_MULTIPLE_SANITIZE_FLAGS})
    target_link_options(${target} PRIVATE ${GLOOX_SI_MULTIPLE_SANITIZE_FLAGS})
  endif()
endfunction()
