// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace simultiple::test
{

/** @return Bytes in which a block that is missing, twice or in a wrong place shows. */
[[nodiscard]] std::string pattern( std::size_t size );

/** A regular file without a name that holds @a bytes from @a offset on; what comes before is a hole. Throws if there is none. */
[[nodiscard]] net::Fd fileOf( const std::string& bytes, std::uint64_t offset = 0 );

} // namespace simultiple::test
