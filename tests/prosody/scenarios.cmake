# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later

# gloox_si_multiple_scenarios(LABEL): each scenarios/*.py of this folder is a test "LABEL: ...", named by the first line of its docstring.
# What it imports is looked for in its own folder's parent, and in tests/prosody.
function(gloox_si_multiple_scenarios label)
  file(GLOB scenarios CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/scenarios/*.py")
  if(NOT scenarios)
    message(STATUS "NO ${label} TESTS: nothing in tests/${label}/scenarios")
  endif()

  foreach(scenario IN LISTS scenarios)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${scenario}")
    file(STRINGS "${scenario}" sentence REGEX "^\"\"\"." LIMIT_COUNT 1)
    string(REGEX REPLACE "^\"\"\"(.*[^\"])(\"\"\")?$" "\\1" sentence "${sentence}")
    string(REGEX REPLACE "\"\"\"$|\\.$|\\.\"\"\"$" "" sentence "${sentence}")
    if(NOT sentence)
      message(FATAL_ERROR "${scenario} has no docstring to name its test by")
    endif()
    # "# TIMEOUT SECONDS" in a scenario that needs more than others.
    file(STRINGS "${scenario}" timeout REGEX "^# TIMEOUT [0-9]+$" LIMIT_COUNT 1)
    string(REGEX REPLACE "[^0-9]" "" timeout "${timeout}")
    if(NOT timeout)
      set(timeout 180)
    endif()
    # "# ALONE" in one that cannot do with half a processor.
    file(STRINGS "${scenario}" alone REGEX "^# ALONE$" LIMIT_COUNT 1)
    string(COMPARE NOTEQUAL "${alone}" "" alone)
    add_test(NAME "${label}: ${sentence}" COMMAND "${PYTHON3}" -B "${scenario}")
    set_tests_properties("${label}: ${sentence}" PROPERTIES
      LABELS ${label}
      RUN_SERIAL ${alone}
      TIMEOUT ${timeout}
      COST ${timeout} # side by side, the longest starts first
      SKIP_RETURN_CODE 77
      ENVIRONMENT "SEND=$<TARGET_FILE:si-multiple-send>;RECEIVE=$<TARGET_FILE:si-multiple-receive>;TUBE=$<TARGET_FILE:si-multiple-tube>;STOCK=$<TARGET_FILE:stock-peer>;ECHOBOT=$<TARGET_FILE:echobot_multiple>;FT_PATTERN_STOCK=$<TARGET_FILE:ft-pattern-stock>;FT_PATTERN_MULTIPLE=$<TARGET_FILE:ft-pattern-multiple>;PYTHONPATH=${CMAKE_CURRENT_SOURCE_DIR}:${PROJECT_SOURCE_DIR}/tests/prosody;UBSAN_OPTIONS=print_stacktrace=1")
  endforeach()
endfunction()
