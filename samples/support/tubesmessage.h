// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tubes.h"

#include <gloox/stanzaextension.h>

#include <memory>
#include <string>
#include <variant>

namespace sample
{

/**
 * W-33 or W-35 in a message, as a gloox extension.
 *
 * Attached only to messages that are one of the two (PTB-9): a direct child, in a live message (GEN-7), not of type `error` and not from a room. What
 * gloox unpacks from a carbon or a forwarded message hangs on that inner message, never on the one that handlers see.
 *
 * Without content it is on messages of type `error` and on presence. For all of them: where it is, from() is what the server vouches for, and not the
 * `x:from` of somebody who would be another (SEC-1); only extensions see the difference.
 */
class TubesMessage final : public gloox::StanzaExtension
{
  public:
    using Content = std::variant<std::monostate, TubeChild, CloseChild>;

    /** @param type The number under which it is registered. */
    explicit TubesMessage( int type ) : gloox::StanzaExtension( type ) {}

    [[nodiscard]] const Content& content() const { return m_content; }

    /** @return What @a message announces or closes, or std::monostate. */
    [[nodiscard]] static Content read( const gloox::Tag& message );

    // reimplemented from StanzaExtension
    [[nodiscard]] const std::string& filterString() const override;
    [[nodiscard]] gloox::StanzaExtension* newInstance( const gloox::Tag* stanza ) const override;
    [[nodiscard]] gloox::Tag* tag() const override;
    [[nodiscard]] gloox::StanzaExtension* clone() const override;

  private:
    Content m_content;
};

/** @return The message that carries @a content to @a to; marked as not worth storing or copying, because it means nothing to anybody else or later. */
[[nodiscard]] std::unique_ptr<gloox::Tag> tubesMessage( const std::string& from, const std::string& to, const std::string& id,
                                                        std::unique_ptr<gloox::Tag> content );

} // namespace sample
