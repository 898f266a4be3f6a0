// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace simultiple::net
{

// What can be asked of a TCP socket that is gloox's: it reads and writes it, blocking.

/** @return How many bytes a send() on this TCP socket takes at least before it would block; the largest number if nothing is queued (there
    is no better moment then) or the kernel does not tell. */
[[nodiscard]] std::size_t sendRoom( int fd ) noexcept;

/** Sends the acknowledgement that the kernel of this TCP socket may be holding back for up to 40 ms. Lasts for the moment only. */
void acknowledgeNow( int fd ) noexcept;

} // namespace simultiple::net
