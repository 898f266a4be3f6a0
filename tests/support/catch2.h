// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The only place that includes Catch2, version 2 or 3.
#pragma once
#if __has_include( <catch2/catch_all.hpp> )
#  include <catch2/catch_all.hpp>
#else
#  include <catch2/catch.hpp>
#endif
