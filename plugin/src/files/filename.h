// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/fileinfo.h>

#include <string>
#include <string_view>

namespace simultiple::files
{

/** @return @a name as the @a number th of its kind: `letter (2).txt`; @a name itself for 0. At most 255 bytes. */
[[nodiscard]] std::string numberedName( const std::string& name, unsigned number );

/** @return The last component of a path of our own. */
[[nodiscard]] std::string_view baseName( std::string_view path );

} // namespace simultiple::files
