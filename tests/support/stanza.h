// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/tag.h>

#include <cstddef>
#include <memory>
#include <string>

namespace simultiple::test
{

/**
 * Parses one stanza the way gloox does on the wire: by its own parser, inside a `jabber:client` stream.
 * @return The stanza, or null if gloox's parser refuses it, expects more, or finds more than one.
 */
[[nodiscard]] std::unique_ptr<gloox::Tag> parse( const std::string& xml );

/** The same with the text arriving in pieces of @a piece bytes. */
[[nodiscard]] std::unique_ptr<gloox::Tag> parseInPieces( const std::string& xml, std::size_t piece );

} // namespace simultiple::test
