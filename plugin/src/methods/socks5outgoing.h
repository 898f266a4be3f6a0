// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "methods/method.h"
#include "methods/proxies.h"
#include "methods/seat.h"
#include "negotiation/socks5offer.h"
#include "net/dialer.h"
#include "net/eventloop.h"
#include "net/fd.h"
#include "net/socks5listener.h"

#include <gloox/bytestreamdatahandler.h>
#include <gloox/bytestreamhandler.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gloox
{
class SOCKS5Bytestream;
class SOCKS5BytestreamManager;
}

namespace simultiple::methods
{

/**
 * S5B as the initiator opens it (PROTOCOL 2.6, *Sender*): runs negotiation::Socks5Offer. gloox's manager writes the query and the
 * activation and makes the stream; the connections are ours, because gloox's listener and its connect() cannot be trusted (GLOOX-NOTES 3).
 */
class Socks5Outgoing final : public OutgoingMethod,
                             private airlock::Tenant,
                             private gloox::BytestreamHandler,
                             private gloox::BytestreamDataHandler,
                             private net::LinkHandler,
                             private net::DialHandler
{
  public:
    Socks5Outgoing( Shared& shared, const StreamId& id, Privacy privacy, bool last, MethodHandler& handler );
    ~Socks5Outgoing() override;
    Socks5Outgoing( const Socks5Outgoing& ) = delete;
    Socks5Outgoing& operator=( const Socks5Outgoing& ) = delete;

    void open() override;
    void abandon() override;

    [[nodiscard]] static net::DialOptions proxyTimes( const std::string& host, const Timeouts& timeouts );  ///< T-S-PROXY

  private:
    using Offer = negotiation::Socks5Offer;

    // airlock::Tenant
    [[nodiscard]] const gloox::JID& local() const override { return m_id.local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_id.peer; }
    bool handleAnswer( const std::string& kind, const gloox::Tag& iq ) override;
    void handleAnswerDone( const std::string& kind ) override;
    [[nodiscard]] std::unique_ptr<gloox::ConnectionBase> makeConnection() override;

    // gloox: called below its manager, so they only take notes
    void handleIncomingBytestreamRequest( const std::string&, const gloox::JID& ) override {}
    void handleIncomingBytestream( gloox::Bytestream* ) override {}
    void handleOutgoingBytestream( gloox::Bytestream* stream ) override;
    void handleBytestreamError( const gloox::IQ&, const std::string& ) override {}
    void handleBytestreamData( gloox::Bytestream*, const std::string& ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}

    // net
    void handleLink( net::Fd fd, std::string early ) override;
    void handleDialStarted( std::size_t target ) override;
    void handleDialFailed( std::size_t target, const std::string& reason, std::chrono::milliseconds took ) override;
    void handleDialed( std::size_t target, net::Fd fd, std::string early, std::chrono::milliseconds took ) override;
    void handleDialExhausted() override;

    void begin();
    void run( const Offer::Actions& actions );
    void collectHosts();
    [[nodiscard]] HostMemory::Host memorable( const protocol::StreamHost& host ) const;
    void passedOver( std::vector<protocol::StreamHost>::const_iterator end );
    void sendQuery();
    void registerBotServer();
    [[nodiscard]] net::Fd linkOfBotServer() const;
    void connectProxy();
    void sendActivate();
    void commit( net::Fd fd, std::string early, bool proxied );
    [[nodiscard]] bool linkAlive() const;
    void proxyAttempt( Attempt::State state, const std::string& reason = {}, std::chrono::milliseconds took = {} );

    Shared& m_shared;
    StreamId m_id;
    Privacy m_privacy;
    bool m_last;
    MethodHandler& m_handler;
    Offer m_offer{};
    std::string m_dstAddr;
    net::Alarm m_wait;                              ///< For proxies that are still being asked
    std::map<Timer, std::unique_ptr<net::Alarm>> m_alarms{};
    std::vector<protocol::StreamHost> m_hosts{};
    std::vector<Proxy> m_proxies{};                 ///< Those of m_hosts that are not ourselves
    std::unique_ptr<gloox::SOCKS5BytestreamManager> m_manager;
    gloox::SOCKS5Bytestream* m_stream = nullptr;    ///< The manager's
    Seat* m_seat = nullptr;                         ///< The stream's
    gloox::SOCKS5BytestreamServer* m_botServer = nullptr;   ///< It waits for our DST.ADDR, in place of our own listener
    Offer::Actions ( Offer::*m_answer )() = nullptr;///< What the answer means, once gloox has seen it
    const Proxy* m_proxy = nullptr;                 ///< Chosen by the answer
    std::unique_ptr<net::Dialer> m_dialer;
    net::Fd m_link{};                               ///< Accepted by our listener, or dialled to the proxy
    std::string m_early{};
    std::unique_ptr<net::Watch> m_linkWatch;
    bool m_abandoned = false;
};

} // namespace simultiple::methods
