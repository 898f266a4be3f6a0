// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <gloox/bytestream.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace simultiple
{

/**
 * The stream that came of an offer, whichever method carries it: code written for gloox bytestreams works on it
 * unchanged, and it adds what they lack.
 *
 * Register a gloox::BytestreamDataHandler in SIProfileMultipleHandler::handleStream(). handleBytestreamOpen() comes once,
 * also when the method changes beneath a receiver (NEG-24); handleBytestreamClose() once, after the last data.
 *
 * @par Lifetime
 * Held by the session and by whoever keeps the shared_ptr. It stays valid after its end; send() then returns false.
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @since 0.1
 */
class GLOOX_SI_MULTIPLE_EXPORT MultiBytestream : public gloox::Bytestream
{
  public:
    struct Private;

    /** Made by the library only. */
    MultiBytestream( std::unique_ptr<Private> priv, const gloox::LogSink& log, const gloox::JID& initiator,
                     const gloox::JID& target, const std::string& sid );
    ~MultiBytestream() override;
    MultiBytestream( const MultiBytestream& ) = delete;
    MultiBytestream& operator=( const MultiBytestream& ) = delete;

    /** The walk opens the stream by itself. @return isOpen(). */
    bool connect() override;

    /**
     * Queues @a data. All of it is taken or none; never blocks.
     * @return false if the stream is not open, closing, or bytesQueued() has reached Limits::writeBuffer (256 KiB on a socket, if that
     *         is less): wait for the writable callback. Empty data is taken and ignored (IBB-10).
     */
    bool send( const std::string& data ) override;

    /**
     * Queues a part of a file behind what send() took: the kernel carries it to the socket, and it passes no memory of ours. All of it is taken
     * or none; never blocks on the network, nor on a disk whose file system tells what is in memory. Calls of send() and sendFile() may be mixed.
     *
     * The bytes are read when the network has room for them, so leave the file as it is until they have left: bytesQueued() counts them. If
     * it cannot be read to the end of the range by then, what was there is sent, the rest is not waited for nor padded, and the session ends
     * with Cause::IoError and a text that says why, such as "the file ended 4711 bytes early" (CLS-11).
     * @param fd     A regular file, open for reading; its position is neither used nor moved. The library takes a descriptor of its own
     *               of the same file: this one may be closed at once.
     * @param offset Of the first byte.
     * @param length In bytes. Nothing is taken and ignored, as with send().
     * @return false and nothing is queued if the stream is not open, closing, or bytesQueued() has reached Limits::writeBuffer: wait for
     *         the writable callback. Below that: the stream cannot do it (in-band, one whose first bytes wait for NEG-28, anything but a regular
     *         file, too many separate parts at a time): read the file and send() what it holds.
     */
    [[nodiscard]] bool sendFile( int fd, std::uint64_t offset, std::uint64_t length );

    /** Closes after everything taken by send() and sendFile() has left (CLS-1). */
    void close() override;

    /** Closes at once; what is queued is lost. The session ends with Cause::ClosedLocal. */
    void abort();

    /**
     * Lets the library work on its sockets. You may let go of this stream in a callback that comes meanwhile.
     * @param timeout Microseconds to wait at most; -1: no limit.
     * @return gloox::ConnNoError while the stream is open, else gloox::ConnNotConnected.
     */
    gloox::ConnectionError recv( int timeout = -1 ) override;

    /** @return The side that is not ours: initiator() or target(). On a component both may be JIDs of ours. */
    [[nodiscard]] const gloox::JID& peer() const;

    /** @return The method's namespace; empty before the stream is open. */
    [[nodiscard]] const std::string& method() const;

    /** @return Payload bytes taken by send() and sendFile() that have not left yet (in-band: not acknowledged yet). */
    [[nodiscard]] std::size_t bytesQueued() const;

    /** @return Payload bytes that have left (in-band: acknowledged). */
    [[nodiscard]] std::uint64_t bytesSent() const;

    /** @return Payload bytes handed to the data handler. */
    [[nodiscard]] std::uint64_t bytesReceived() const;

    /** Calls @a callback each time the queue falls to half of what send() fills or below. Empty: none. */
    void setWritableCallback( std::function<void()> callback );

    /** Stops reading: the peer is slowed down by the method's own flow control, nothing is lost (IBB-9), unless the connection breaks meanwhile (S5B-19). */
    void pause();

    /** Reads again. What was kept is delivered from the next process(), not from inside this call. */
    void resume();

    /** @return Whether pause() is in force. */
    [[nodiscard]] bool paused() const;

    /** The library's own access. */
    [[nodiscard]] Private& priv() { return *d; }

  private:
    friend struct Private;
    std::unique_ptr<Private> d;
};

} // namespace simultiple
