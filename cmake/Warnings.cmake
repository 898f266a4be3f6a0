# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What every target of ours is compiled with; never handed on to consumers.
function(gloox_si_multiple_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
    $<$<BOOL:${GLOOX_SI_MULTIPLE_WERROR}>:-Werror>)
endfunction()
