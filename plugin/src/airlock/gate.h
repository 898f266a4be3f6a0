// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/stanza.h"

#include <gloox/connectionlistener.h>
#include <gloox/iqhandler.h>
#include <gloox/stanzaextension.h>

#include <optional>
#include <string>

namespace gloox
{
class ClientBase;
}

namespace simultiple::airlock
{

/// Decides at the gate, while gloox dispatches. Nothing here may call back into the bot's client.
class GateKeeper
{
  public:
    virtual ~GateKeeper() = default;

    /** Is this `iq` of type set or get ours? Then what it is; nothing otherwise. */
    [[nodiscard]] virtual std::optional<Stanza> admitsRequest( const gloox::Tag& iq ) = 0;
    /** Is this `iq` of type result or error an answer we wait for (GEN-5)? */
    [[nodiscard]] virtual bool admitsAnswer( const gloox::Tag& iq ) = 0;

    /** Ours now. @param botDoesSi Whether the bot understands it, too: only now gloox shows that. @return false to leave it to the bot after all. */
    virtual bool takeRequest( Stanza stanza, const gloox::Tag& iq, bool botDoesSi ) = 0;
    virtual void takeAnswer( const gloox::Tag& iq ) = 0;

    /** Every message and presence: seen, never withheld from the bot. */
    virtual void seeMessage( const gloox::Tag& message ) = 0;
    virtual void seePresence( const gloox::Tag& presence ) = 0;

    virtual void seeStream( gloox::StreamEvent event ) noexcept = 0;
    virtual void seeBound() noexcept = 0;
    virtual void seeConnect() = 0;
    virtual void seeDisconnect() noexcept = 0;

    /** There was no memory to take this `iq` or message (CLS-12): whoever waits for it is not to wait for ever. */
    virtual void lost( const gloox::Tag& stanza ) noexcept = 0;
};

/**
 * All that there is of ours on the bot's client: one stanza extension type, its handler, and a connection listener. Registered first in line
 * on construction, gone without a trace on destruction (outside of callbacks only: GLOOX-NOTES 7g).
 */
class BotSide final : private gloox::IqHandler, private gloox::ConnectionListener
{
  public:
    BotSide( gloox::ClientBase& bot, int extensionType, GateKeeper& keeper );
    ~BotSide() override;
    BotSide( const BotSide& ) = delete;
    BotSide& operator=( const BotSide& ) = delete;

  private:
    bool handleIq( const gloox::IQ& iq ) override;
    void handleIqID( const gloox::IQ&, int ) override {}
    void onConnect() override;
    void onDisconnect( gloox::ConnectionError ) override { m_keeper.seeDisconnect(); }
    void onStreamEvent( gloox::StreamEvent event ) override { m_keeper.seeStream( event ); }
    void onResourceBind( const std::string& ) override { m_keeper.seeBound(); }
    bool onTLSConnect( const gloox::CertInfo& ) override { return true; } // the bot's listeners decide; false would be a veto

    void pushStockTypesBehind();

    gloox::ClientBase& m_bot;
    int m_type;
    GateKeeper& m_keeper;
    bool m_hadSi = false;   ///< When we came. It may have come later, and then its type is attached to what it understands.
};

} // namespace simultiple::airlock
