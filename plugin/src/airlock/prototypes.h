// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/stanzaextension.h>

#include <memory>

namespace gloox
{
class ClientBase;
class Tag;
}

namespace simultiple::airlock
{

class InBandFactory;

/**
 * gloox's extension classes for S5B and in-band stanzas are private, yet its objects look for nothing else in an `iq`. A copy of each is
 * taken once, from a stanza dispatched on the private client; newInstance() of the copy then makes as many as are wanted. Handing an `iq` made
 * with them straight to the object is cheaper than letting the private client dispatch each block (GLOOX-NOTES 11, cost).
 */
class Prototypes final
{
  public:
    Prototypes( gloox::ClientBase& inner, InBandFactory& factory );

    /** @return gloox's extension for an element of the peer's, however it is spelt; null if gloox has none. */
    [[nodiscard]] std::unique_ptr<gloox::StanzaExtension> make( const gloox::Tag& element ) const;

  private:
    std::unique_ptr<gloox::StanzaExtension> m_query{};
    std::unique_ptr<gloox::StanzaExtension> m_inBand{};
};

} // namespace simultiple::airlock
