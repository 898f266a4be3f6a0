// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tcp.h"

#include <gloox-si-multiple/clock.h>
#include <gloox-si-multiple/multibytestream.h>

#include <gloox/bytestreamdatahandler.h>

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sample
{

/**
 * Carries one TCP connection through one stream, both ways and in bounded memory: neither side is read faster than the other takes it.
 *
 * A bytestream has no half-close (S5B-19): its end is the end of both directions. So when a program that connected to us has said its last word, the
 * stream stays open until the peer, too, has been silent for Linger: there may be an answer to come. A server that closes has said all there is, and the
 * stream is closed behind its last byte. What came from the peer before the end of the stream is delivered to the TCP side in any case.
 */
class TcpPump final : public gloox::BytestreamDataHandler
{
  public:
    using Duration = std::chrono::milliseconds;

    static constexpr Duration ConnectTime{ 10000 };  ///< For each address.
    static constexpr Duration Linger{ 2000 };        ///< See above.
    static constexpr Duration Patience{ 60000 };     ///< With a TCP side that takes nothing of what is left after the end of the stream.
    static constexpr Duration DrainTime{ 5000 };     ///< For the TCP side to close after us, so that nothing on its way to it is lost.
    static constexpr std::size_t HighWater = 262144; ///< Bytes for the TCP side at which the stream is paused …
    static constexpr std::size_t LowWater = 65536;   ///< … and read again.

    /** For a program that has connected to us. @param clock Must outlive this object, as in the other constructor. */
    TcpPump( Descriptor connected, const simultiple::Clock& clock );
    /** Connects to a server: the first of @a targets that can be reached. */
    TcpPump( const std::vector<TcpAddress>& targets, const simultiple::Clock& clock );
    ~TcpPump() override;
    TcpPump( const TcpPump& ) = delete;
    TcpPump& operator=( const TcpPump& ) = delete;

    /** The stream is there. */
    void start( std::shared_ptr<simultiple::MultiBytestream> stream );

    /**
     * The session is over, or will never be.
     * @param properly The stream was open and has been closed. Otherwise the TCP connection is reset: whoever sits there must not take the rest for all.
     */
    void streamEnded( bool properly );

    /** @return What to wait for; its `fd` is -1 if there is nothing. */
    [[nodiscard]] pollfd wanted() const;

    /** @return When turn() must be called in any case. */
    [[nodiscard]] std::optional<simultiple::TimePoint> deadline() const { return m_deadline; }

    /** Does what there is to do. @param events What poll() said. */
    void turn( short events );

    /** @return Whether nothing more will happen on either side. */
    [[nodiscard]] bool finished() const { return !m_fd && ( m_streamOver || !m_stream ) && !m_waiting; }

    /** @return Whether we have closed the stream, as opposed to whoever ended it otherwise. */
    [[nodiscard]] bool closing() const { return m_closing; }

    /** @return What went wrong with the TCP connection, for people; empty if nothing did. */
    [[nodiscard]] const std::string& problem() const { return m_problem; }

    // reimplemented from BytestreamDataHandler
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {} // the session's end tells
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override {}

  private:
    [[nodiscard]] std::size_t pending() const { return m_out.size() - m_outAt; }
    [[nodiscard]] bool reading() const;
    void connectNext( int error );
    void finishConnecting( short events );
    void readSome();
    void pass( std::string block );
    void writable();
    void flush();
    void decide();
    void closeStream();
    void breakOff( int error );
    void drop( bool reset );
    void letGo();

    const simultiple::Clock& m_clock;
    const Duration m_linger;
    std::vector<TcpAddress> m_targets;  // not tried yet, last first
    Descriptor m_fd;
    std::shared_ptr<simultiple::MultiBytestream> m_stream;
    std::optional<simultiple::TimePoint> m_deadline;
    simultiple::TimePoint m_moved{};    // when the last byte came or went
    std::string m_in;                   // read, not yet taken by the stream
    std::string m_out;                  // for the TCP side
    std::size_t m_outAt = 0;
    std::string m_problem;
    bool m_connecting = false;
    bool m_waiting = true;              // for the stream
    bool m_closing = false;             // the stream, by us
    bool m_streamOver = false;
    bool m_endSeen = false;             // of what the TCP side sends
    bool m_shut = false;                // our half of the TCP connection
};

} // namespace sample
