// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "methods/method.h"
#include "methods/seat.h"
#include "net/dialer.h"
#include "net/eventloop.h"
#include "protocol/s5b.h"

#include <gloox/bytestreamdatahandler.h>
#include <gloox/bytestreamhandler.h>

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
 * S5B as the responder accepts it (PROTOCOL 2.6, *Receiver*): the query goes to gloox's manager, our dialer finds a host that
 * answers, and gloox writes the answer. One object per query.
 */
class Socks5Incoming final : public IncomingMethod,
                             private airlock::Tenant,
                             private gloox::BytestreamHandler,
                             private gloox::BytestreamDataHandler,
                             private net::DialHandler
{
  public:
    Socks5Incoming( Shared& shared, StreamId id, Privacy privacy, MethodHandler& handler );
    ~Socks5Incoming() override;
    Socks5Incoming( const Socks5Incoming& ) = delete;
    Socks5Incoming& operator=( const Socks5Incoming& ) = delete;

    void accept( const airlock::Stanza& opening ) override;
    void confirm() override;
    void refuse( const protocol::StanzaError& error ) override;
    void abandon() override;

  private:
    // airlock::Tenant
    [[nodiscard]] const gloox::JID& local() const override { return m_id.local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_id.peer; }
    bool handleAnswer( const std::string&, const gloox::Tag& ) override { return false; }
    [[nodiscard]] std::unique_ptr<gloox::ConnectionBase> makeConnection() override;
    void finish( gloox::Tag& payload ) override;

    // gloox: called below its manager, so they only take notes
    void handleIncomingBytestreamRequest( const std::string&, const gloox::JID& ) override {}
    void handleIncomingBytestream( gloox::Bytestream* stream ) override;
    void handleOutgoingBytestream( gloox::Bytestream* ) override {}
    void handleBytestreamError( const gloox::IQ&, const std::string& ) override {}
    void handleBytestreamData( gloox::Bytestream*, const std::string& ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}

    // net::DialHandler
    void handleDialStarted( std::size_t target ) override;
    void handleDialFailed( std::size_t target, const std::string& reason, std::chrono::milliseconds took ) override;
    void handleDialed( std::size_t target, net::Fd fd, std::string early, std::chrono::milliseconds took ) override;
    void handleDialExhausted() override;

    [[nodiscard]] std::vector<net::DialTarget> targets( const gloox::Tag& query );
    [[nodiscard]] HostMemory::Host memorable( const protocol::StreamHost& host ) const;
    void attempt( std::size_t target, Attempt::State state, const std::string& reason, std::chrono::milliseconds took );
    void failed( const std::string& reason );
    void stopWork();

    Shared& m_shared;
    StreamId m_id;
    Privacy m_privacy;
    MethodHandler& m_handler;
    airlock::Stanza m_question{};                   ///< What it takes to answer the query
    std::vector<protocol::StreamHost> m_hosts{};    ///< Those that are dialled
    std::size_t m_winner = 0;
    std::unique_ptr<gloox::SOCKS5BytestreamManager> m_manager;
    gloox::SOCKS5Bytestream* m_stream = nullptr;    ///< The manager's
    Seat* m_seat = nullptr;                         ///< The stream's
    std::unique_ptr<net::Dialer> m_dialer;
    net::Alarm m_alarm;                             ///< T-R-S5B
    std::string m_reasons{};
    bool m_budget = false;
};

} // namespace simultiple::methods
