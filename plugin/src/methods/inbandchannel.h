// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "airlock/airlock.h"
#include "methods/channel.h"
#include "methods/inbandturns.h"
#include "methods/inbandwindow.h"
#include "methods/method.h"
#include "net/eventloop.h"
#include "net/sendqueue.h"

#include <gloox/bytestreamdatahandler.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gloox
{
class InBandBytestream;
}

namespace simultiple::methods
{

/**
 * An in-band stream (XEP-0047) around a gloox::InBandBytestream that lives in the airlock. gloox opens, accepts and closes it. The blocks go past
 * gloox's object, straight to and from the bot's client: sequence, size, base64, window, flow control and the orderly end had to be ours anyway,
 * because gloox checks or does none of them (GLOOX-NOTES 4), and what was left to it, writing one stanza and reading one answer, took half of the
 * time of a block: written as text, parsed again to be stamped, written again; decoded twice. gloox's object does not miss them: it counts nothing
 * but its own blocks, and its close() says only that the stream ends.
 */
class InBandChannel final : public Channel, private airlock::Tenant, private InBandTurns::Rider, private gloox::BytestreamDataHandler
{
  public:
    /// The answer to our W-17: an error, or null for W-18.
    using Opened = std::function<void( const protocol::ReceivedError* error )>;

    InBandChannel( Shared& shared, StreamId id, std::uint16_t blockSize );
    ~InBandChannel() override;
    InBandChannel( const InBandChannel& ) = delete;
    InBandChannel& operator=( const InBandChannel& ) = delete;

    void open( Opened opened );                        ///< Sends W-17.
    void acceptOpen( const airlock::Stanza& opening ); ///< Sends W-18.
    void start( ChannelHandler& handler ) override;
    void write( const std::string& data ) override;
    [[nodiscard]] std::size_t queued() const override { return m_unsent.size() + m_unacknowledged; }
    void pause( bool paused ) override;
    void close() override;
    void abort() override;
    void drop() override;
    void peerGone() override;
    [[nodiscard]] bool inBand() const override { return true; }
    [[nodiscard]] bool survives() const override { return m_last.has_value(); }
    [[nodiscard]] bool proxied() const override { return false; }
    [[nodiscard]] bool taken() const override { return queued() == 0; }
    [[nodiscard]] std::string host() const override { return {}; }
    bool handleStanza( const airlock::Stanza& stanza ) override;

  private:
    // airlock::Tenant
    [[nodiscard]] const gloox::JID& local() const override { return m_id.local; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_id.peer; }
    bool handleAnswer( const std::string& kind, const gloox::Tag& iq ) override;
    void handleAnswerDone( const std::string& kind ) override;

    // InBandTurns::Rider
    [[nodiscard]] std::size_t nextBlock() const override;
    bool sendBlock( std::size_t most ) override;

    // gloox::BytestreamDataHandler: gloox refuses an open without one. It sees no data.
    void handleBytestreamData( gloox::Bytestream*, const std::string& ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}

    /// A block that waits for its acknowledgement.
    struct Sent
    {
      std::string id;
      std::size_t size;
      InBandTurns::Ticket ticket;
    };

    void makeObject();
    void destroyObject();
    void leaveTurns();
    void startPatience();
    void maybeClose();
    [[nodiscard]] std::deque<Sent>::iterator sentBlock( const gloox::Tag& answer );
    void blockAcknowledged( std::deque<Sent>::iterator block );
    void handleData( const airlock::Stanza& stanza );
    void handleClose( const airlock::Stanza& stanza );
    void takeHeld( bool all );
    void refuseHeld();
    void deliver();
    void nothingFollows( Cause cause, const std::string& text );
    void violated( const airlock::Stanza& stanza, const protocol::StanzaError& error );
    void sendClose();
    void end( Cause cause, const std::string& text );

    Shared& m_shared;
    StreamId m_id;
    std::uint16_t m_blockSize;
    ChannelHandler* m_handler = nullptr;
    std::unique_ptr<gloox::InBandBytestream> m_object;
    Opened m_opened{};
    bool m_open = false;

    // out
    net::SendQueue m_unsent{};
    std::deque<Sent> m_sent{};               ///< The blocks that wait for acknowledgement (IBB-10).
    InBandWindow m_window;
    InBandTurns::Ticket m_opening{};         ///< What the answer to our open proves
    std::uint16_t m_next = 0;                ///< IBB-6
    std::size_t m_unacknowledged = 0;
    bool m_closing = false;                  ///< close() was called
    bool m_closeSent = false;
    net::Alarm m_closeAlarm;                 ///< T-CLOSE

    // in
    struct Held
    {
      airlock::Stanza question;
      std::string bytes;
      /** @return What it takes, the peer's id included: both are the peer's to choose (SEC-15). */
      [[nodiscard]] std::size_t cost() const { return sizeof( Held ) + bytes.size() + question.id.size(); }
    };
    std::uint16_t m_expected = 0;            ///< IBB-6
    std::string m_unread{};                  ///< Not delivered yet
    std::deque<Held> m_held{};               ///< IBB-9: not acknowledged until there is room
    std::size_t m_heldBytes = 0;
    /// What it ends with.
    struct Last
    {
      Cause cause;
      std::string text;
    };
    std::optional<Last> m_last{};            ///< IBB-13: nothing more comes, or goes; what was received is delivered still
    bool m_paused = false;
    bool m_ended = false;
    net::Alarm m_deliverAlarm;
};

} // namespace simultiple::methods
