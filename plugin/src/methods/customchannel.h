// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/bytestreammethod.h>

#include "methods/channel.h"
#include "methods/method.h"
#include "net/eventloop.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace simultiple::methods
{

/**
 * The stream of an application's method. What its carrier reports, from wherever, waits for the event loop, so that the session hears of it
 * as of a socket's doings and never from inside the application's code.
 */
class CustomChannel final : public Channel, private ByteCarrierHandler
{
  public:
    CustomChannel( Shared& shared, std::unique_ptr<ByteCarrier> carrier );
    ~CustomChannel() override { CustomChannel::drop(); }
    CustomChannel( const CustomChannel& ) = delete;
    CustomChannel& operator=( const CustomChannel& ) = delete;

    void start( ChannelHandler& handler ) override;
    void write( const std::string& data ) override;
    [[nodiscard]] std::size_t queued() const override { return m_queued; }
    void pause( bool paused ) override;
    void close() override;
    void abort() override { drop(); }
    void drop() override;

    [[nodiscard]] bool inBand() const override { return false; }
    [[nodiscard]] bool survives() const override { return m_carrier->outlivesConnection(); }
    [[nodiscard]] bool proxied() const override { return false; }
    [[nodiscard]] std::string host() const override { return m_carrier->host(); }

  private:
    /// The carrier's last word, or the library's about it.
    struct Last
    {
      Cause cause;
      std::string text{};
      bool carriers = true;   ///< It said so itself, so it is not to be aborted.
    };

    // ByteCarrierHandler
    void handleCarrierData( const std::string& data ) override;
    void handleCarrierWritten( std::size_t bytes ) override;
    void handleCarrierEnd( const std::string& error ) override;
    void handleCarrierClosed() override;

    void finish( Last last );
    void wake();
    void deliver();
    void end();
    void awaitProgress();

    Shared& m_shared;
    const std::shared_ptr<net::Duty> m_duty;  ///< The session's
    std::unique_ptr<ByteCarrier> m_carrier;   ///< Lives as long as we do: it may be on the stack when it is dropped.
    ChannelHandler* m_handler = nullptr;
    net::Alarm m_alarm;                       ///< Something is to be delivered.
    net::Alarm m_patience;                    ///< While closing
    std::size_t m_queued = 0;
    std::size_t m_written = 0;
    std::string m_early{};                    ///< Written before start()
    std::string m_data{};
    std::optional<Last> m_last{};
    bool m_paused = false;
    bool m_closing = false;
    bool m_over = false;
};

} // namespace simultiple::methods
