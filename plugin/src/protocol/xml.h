// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/utf8.h"

#include <gloox/tag.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simultiple::protocol
{

extern const std::string XMLNS_TUBES;

/** @return The effective namespace of @a tag, also if it is only inherited from a parent (gloox returns "" then) or given by a prefix. */
[[nodiscard]] std::string namespaceOf( const gloox::Tag& tag );

/** @return The first child with this local name and effective namespace, whatever its prefix; or null. Borrowed. */
[[nodiscard]] const gloox::Tag* child( const gloox::Tag& parent, std::string_view name, std::string_view ns );

/**
 * The children with this local name and effective namespace, whatever their prefixes, in order.
 * @param atMost Look at no more than so many of them.
 */
[[nodiscard]] std::vector<const gloox::Tag*> children( const gloox::Tag& parent, std::string_view name, std::string_view ns,
                                                       std::size_t atMost );

/** The children in this effective namespace, whatever their names, in order. */
[[nodiscard]] std::vector<const gloox::Tag*> children( const gloox::Tag& parent, std::string_view ns );

/**
 * The value of an attribute without prefix. gloox's findAttribute() also takes `xmlns:sid='…'` and `other:sid='…'` for `sid`.
 * @return Nothing if it is absent; empty if it is empty.
 */
[[nodiscard]] std::optional<std::string> attribute( const gloox::Tag& tag, std::string_view name );

/**
 * A copy that means the same without its parents: the namespaces they declare are declared on it, too. A plain clone() of
 * an element whose prefix or default namespace stands on a parent has no namespace any more.
 */
[[nodiscard]] std::unique_ptr<gloox::Tag> detach( const gloox::Tag& tag );

/// SEC-1: what the server vouches for. `x:from='…'` is the peer's word, but findAttribute() takes it for `from`, and servers pass it on, now before the
/// true one and now behind it (GLOOX-NOTES 3h).
/** @return Where @a stanza comes from; empty if it does not say. */
[[nodiscard]] const std::string& origin( const gloox::Tag& stanza );
/** @return Whom @a stanza is for; empty if it does not say. */
[[nodiscard]] const std::string& destination( const gloox::Tag& stanza );

/// How large an element is.
struct Size
{
  std::size_t nodes = 0;   ///< Elements and attributes, itself included.
  std::size_t text = 0;    ///< Bytes of their values and of character data.
};

/** Of @a tag and all that is inside, as far as that has no more than @a most nodes. Beyond that what is told is more than that, and no more is true of it. */
[[nodiscard]] Size sizeOf( const gloox::Tag& tag, std::size_t most );

/** @return @a text without XML white space (space, tab, CR, LF) around it. */
[[nodiscard]] std::string_view trim( std::string_view text ) noexcept;

/** @return The value of a decimal number without sign, at most @a max; nothing if @a text is anything else. Leading zeros are fine. */
[[nodiscard]] std::optional<std::uint64_t> decimal( std::string_view text, std::uint64_t max ) noexcept;

/** @return A new element with its namespace, ready for children. */
[[nodiscard]] std::unique_ptr<gloox::Tag> element( const std::string& name, const std::string& ns );

/**
 * Appends the distinct, trimmed, non-empty values of at most 256 characters (SIM-21, SIM-22, SIM-25) to a list.
 * @param atMost Look at no more than so many values (SIM-26).
 */
class ValueList final
{
  public:
    explicit ValueList( std::size_t atMost ) : m_left( atMost ) {}
    void add( std::string_view raw );
    [[nodiscard]] std::vector<std::string> take() { return std::exchange( m_values, {} ); }

  private:
    std::size_t m_left;
    std::vector<std::string> m_values{};
};

} // namespace simultiple::protocol
