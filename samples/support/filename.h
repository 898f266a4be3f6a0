// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <string_view>

namespace sample
{

/**
 * PFT-4: reduces a peer's file name to something that stays in its directory and means what it shows.
 *
 * The last component with both `/` and `\` as separators; control characters, bidirectional overrides and bytes
 * that are not UTF-8 become `_`; so does a leading dot, because a peer has no business with hidden files. At most
 * 255 bytes.
 *
 * @return Never empty, `.` or `..`; `file` if nothing of the name is left.
 */
[[nodiscard]] std::string safeFileName( std::string_view name );

/** @return @a name as the @a number th of its kind: `letter (2).txt`; @a name itself for 0. At most 255 bytes. */
[[nodiscard]] std::string numberedName( const std::string& name, unsigned number );

/** @return The last component of a path of our own. */
[[nodiscard]] std::string_view baseName( std::string_view path );

} // namespace sample
