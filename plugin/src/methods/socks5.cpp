// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SOCKS5 bytestreams (XEP-0065): the method. Its two halves are socks5outgoing.h and socks5incoming.h.

#include "methods/methods.h"
#include "methods/ownhosts.h"
#include "methods/proxies.h"
#include "methods/socks5incoming.h"
#include "methods/socks5outgoing.h"
#include "net/socks5listener.h"
#include "protocol/s5b.h"

#include <gloox/gloox.h>

namespace simultiple::methods
{

namespace
{

class Socks5 final : public Method
{
  public:
    [[nodiscard]] const std::string& name() const override { return gloox::XMLNS_BYTESTREAMS; }
    [[nodiscard]] airlock::StanzaKind opening() const override { return airlock::StanzaKind::S5bQuery; }

    // SI-2: something to offer, or the hope of a proxy that is being asked.
    [[nodiscard]] bool canOffer( const Shared& shared, Privacy privacy ) const override
    {
      if( !canAccept( shared, privacy ) )
        return false;
      const auto& bot = shared.bot;
      const bool direct = offersDirect( shared.options, privacy ) && bot.leavesListener( privacy, shared.airlock );
      return direct || bot.served( privacy, shared.airlock ) || shared.proxies.any();
    }
    [[nodiscard]] bool canAccept( const Shared&, Privacy privacy ) const override { return privacy != Privacy::IbbOnly; }

    [[nodiscard]] std::unique_ptr<OutgoingMethod> makeOutgoing( Shared& shared, const StreamId& id, Privacy privacy, bool last,
                                                                MethodHandler& handler ) const override
    {
      return std::make_unique<Socks5Outgoing>( shared, id, privacy, last, handler );
    }
    [[nodiscard]] std::unique_ptr<IncomingMethod> makeIncoming( Shared& shared, const StreamId& id, Privacy privacy, MethodHandler& handler ) const override
    {
      return std::make_unique<Socks5Incoming>( shared, id, privacy, handler );
    }

    // S5B-20: UDP is not done; such a query uses the method up.
    [[nodiscard]] negotiation::Opening check( const airlock::Stanza& opening, const Shared&, protocol::StanzaError& error ) const override
    {
      if( protocol::readQuery( *opening.element ).tcp )
        return negotiation::Opening::Good;
      error = notAcceptable();
      return negotiation::Opening::Unusable;
    }
    [[nodiscard]] protocol::StanzaError notAcceptable() const override { return protocol::errors::s5bNotAcceptable(); }
};

} // namespace

std::unique_ptr<Method> makeSocks5Method() { return std::make_unique<Socks5>(); }

} // namespace simultiple::methods
