// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <gloox/stanzaextension.h>

#include <cstddef>
#include <string>
#include <vector>

namespace gloox
{
class Tag;
}

namespace simultiple
{

/// `http://telepathy.freedesktop.org/xmpp/si-multiple` (NS_SIM).
extern GLOOX_SI_MULTIPLE_EXPORT const std::string XMLNS_SI_MULTIPLE;

/**
 * The `<si-multiple/>` element: empty in an offer, the receiver's ordered list in an answer.
 *
 * Parsing is liberal and bounded: the first 16 `<value/>` children are looked at, their text is trimmed, and empty
 * values, values of more than 256 characters and repeats are left out (SIM-20 to SIM-22, SIM-25, SIM-26). What was
 * offered and what we implement is not this class's business (SIM-23, SIM-24). Emitting is strict: what tag()
 * returns always validates against si-multiple.xsd (XSD-6).
 *
 * A bot needs this class only if it wants to see the element itself; SIMultipleManager does not register it.
 *
 * @par Thread
 * Any; a value once made.
 * @par Spec
 * PROTOCOL 1.1, 1.2, 5.
 * @since 0.1
 */
class GLOOX_SI_MULTIPLE_EXPORT SIMultiple : public gloox::StanzaExtension
{
  public:
    static constexpr std::size_t MaxValues = 16;   ///< SIM-26
    static constexpr std::size_t MaxLength = 256;  ///< SIM-22, in characters

    /** The extension's default number: `gloox::ExtUser + 1096`. */
    static const int DefaultType;

    /** The empty element of an offer (SIM-1), which also serves as prototype for registerStanzaExtension(). */
    explicit SIMultiple( int type = DefaultType );

    /**
     * The list of an answer (W-2).
     * @param methods First choice first. Invalid values and repeats are left out; at most MaxValues are kept.
     */
    explicit SIMultiple( const std::vector<std::string>& methods, int type = DefaultType );

    /**
     * Parses an element.
     * @param tag `<si-multiple/>` itself, or an `<si/>` or `<iq/>` that holds one (the first counts). May be null.
     *            Not kept. If none is found, valid() is false.
     */
    explicit SIMultiple( const gloox::Tag* tag, int type = DefaultType );

    /** @return Whether the element was there. */
    [[nodiscard]] bool valid() const { return m_valid; }

    /** @return The cleaned-up list; empty for the element of an offer. */
    [[nodiscard]] const std::vector<std::string>& methods() const { return m_methods; }

    /** @return The first `<si-multiple/>` in NS_SIM among @a si's children, whatever its prefix (SIM-20), or null. Borrowed. */
    [[nodiscard]] static const gloox::Tag* find( const gloox::Tag* si );

    // reimplemented from StanzaExtension
    [[nodiscard]] const std::string& filterString() const override;
    [[nodiscard]] gloox::StanzaExtension* newInstance( const gloox::Tag* tag ) const override;
    [[nodiscard]] gloox::Tag* tag() const override;
    [[nodiscard]] gloox::StanzaExtension* clone() const override;

  private:
    std::vector<std::string> m_methods;
};

} // namespace simultiple
