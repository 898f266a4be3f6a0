// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/tag.h>

#include <memory>
#include <string>

namespace simultiple::protocol
{

extern const std::string StreamMethod;   ///< `stream-method`

/** @return `<feature><x type=@a type>`@a field`</x></feature>`: what offer and plain answer have in common (W-1, W-3). */
[[nodiscard]] std::unique_ptr<gloox::Tag> wrapField( std::unique_ptr<gloox::Tag> field, const std::string& type );

/** @return The first field of @a x whose `var` is `stream-method`, or null. Never through gloox's DataForm: it loses values. */
[[nodiscard]] const gloox::Tag* findMethodField( const gloox::Tag& x );

} // namespace simultiple::protocol
