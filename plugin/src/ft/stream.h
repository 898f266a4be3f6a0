// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/multibytestream.h>

#include <gloox/bytestream.h>
#include <gloox/bytestreamdatahandler.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace gloox
{
class IQ;
}

namespace simultiple::ft
{

class Stream;

/// What a stream needs of the profile that made it.
class StreamKeeper
{
  public:
    virtual ~StreamKeeper() = default;
    /** Lets the library work; waits at most so long for its sockets. @return false if it is at work already, and we are below a callback. */
    virtual bool pump( std::chrono::microseconds most ) = 0;
    virtual void giveUp( Stream& stream ) = 0;                 ///< Closed before it was open.
    virtual void letGo( Stream& stream ) = 0;                  ///< Closed, and the kernel has everything: the session may end by itself.
};

/**
 * What a bot that was written for gloox gets from handleFTBytestream(): there before the method is chosen and after everything is over, with the manners of
 * gloox's own streams. A MultiBytestream carries it from the open to the end.
 *
 * The bot may dispose of it inside any callback, also one that comes from below its own methods; so these hold on to it.
 */
class Stream final : public gloox::Bytestream, public std::enable_shared_from_this<Stream>, private gloox::BytestreamDataHandler
{
  public:
    static constexpr std::chrono::milliseconds Patience{ 4 };   ///< How long send() and close() wait for room at most.
    static constexpr std::chrono::milliseconds BlindWait{ 10 }; ///< How long recv() waits at most for what comes through the client.
    static constexpr std::size_t HardLimit = 64;                ///< Times Limits::writeBuffer: then send() refuses.
    static constexpr std::size_t BlockSize = 4096;              ///< gloox's, for handleBytestreamDataAck().

    Stream( StreamKeeper& keeper, gloox::LogSink& log, const gloox::JID& initiator, const gloox::JID& target, const std::string& sid, StreamType first );
    ~Stream() override;
    Stream( const Stream& ) = delete;
    Stream& operator=( const Stream& ) = delete;

    // gloox::Bytestream
    bool connect() override;
    bool send( const std::string& data ) override;
    void close() override;
    gloox::ConnectionError recv( int timeout = -1 ) override;

    // ---- for the keeper
    void carriedBy( std::shared_ptr<MultiBytestream> carrier );   ///< It is about to open.
    void finish( const gloox::IQ* error );   ///< The session has ended: the last callbacks. @param error Null: as it should.
    void leave();                            ///< Nobody is to hear anything any more, and nobody keeps us.
    [[nodiscard]] bool wasOpen() const { return m_wasOpen; }
    [[nodiscard]] const std::shared_ptr<MultiBytestream>& carrier() const { return m_carrier; }

  private:
    // gloox::BytestreamDataHandler, from the carrier
    void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override;
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override;
    void handleBytestreamClose( gloox::Bytestream* ) override {}   // finish() knows why

    bool pump( std::chrono::microseconds most );
    void acknowledge();
    void release();
    [[nodiscard]] std::size_t queued() const;

    StreamKeeper* m_keeper;                        ///< Null once left
    std::shared_ptr<MultiBytestream> m_carrier{};
    std::deque<std::uint64_t> m_blocks{};          ///< Where each block ends that gloox would have made, while it is not acknowledged
    std::uint64_t m_taken = 0;
    bool m_wasOpen = false;
    bool m_ended = false;
};

} // namespace simultiple::ft
