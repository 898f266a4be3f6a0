// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string_view>

namespace simultiple::files
{

/** @return Whether @a text is a DateTime of XEP-0082, or one without seconds, as XEP-0096 itself prints. */
[[nodiscard]] bool isDateTime( std::string_view text );

} // namespace simultiple::files
