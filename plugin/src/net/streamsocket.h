// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/eventloop.h"
#include "net/fd.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace simultiple::net
{

class SocketHandler
{
  public:
    virtual ~SocketHandler() = default;
    /** Bytes arrived. @param data Never empty; borrowed for the call. */
    virtual void handleSocketData( const std::string& data ) = 0;
    /** @a bytes of what write() took have gone to the kernel. */
    virtual void handleSocketWritten( std::size_t bytes ) = 0;
    /** Over: @a error is 0 for an orderly end of file, else errno; EIO if StreamSocket::fileProblem() says why. What was still queued is lost. Called once, last; not after close() or abort(). */
    virtual void handleSocketEnd( int error ) = 0;
    /**
     * close() is done: everything queued was handed to the kernel and the peer's end of file seen, or the time for that is over, or the connection broke.
     * @a error is errno of what broke it, else 0. Called once, last.
     */
    virtual void handleSocketClosed( int error ) = 0;
};

/**
 * The data path of a committed S5B stream: non-blocking, large blocks, both ways, back-pressure by not reading. Deleting it is
 * allowed inside its callbacks.
 */
class StreamSocket final
{
  public:
    static constexpr std::size_t BlockSize = 65536;             ///< Measured: larger ones fall out of the processor's cache before the bot has read them.
    static constexpr std::size_t BytesPerTurn = 4 * BlockSize;  ///< Each way. Then other sockets get their turn.
    static constexpr std::chrono::minutes MostSilence{ 2 };     ///< S5B-19: without an answer from the peer's TCP, while one is due.
    static constexpr std::chrono::seconds LastRead{ 10 };       ///< S5B-19: that a reader who pauses has when the connection is broken.

    /** @param early Payload that was read already; delivered first. Nothing is called before start(). */
    StreamSocket( EventLoop& loop, Fd fd, std::string early, SocketHandler& handler, std::chrono::milliseconds mostSilence = MostSilence );
    ~StreamSocket();
    StreamSocket( const StreamSocket& ) = delete;
    StreamSocket& operator=( const StreamSocket& ) = delete;

    void start();                        ///< From now on data are delivered, from the loop.
    void write( const std::string& data ); ///< Ignored after close(), abort() or the end. Calls nothing back; that comes from the loop.
    /**
     * Like write(), for a part of a file. Never sends from inside the call.
     * @return false if it was not taken: see SendQueue::addFile(); as write() ignores; and when the connection is broken.
     */
    [[nodiscard]] bool sendFile( int fd, std::uint64_t offset, std::uint64_t length );
    /** @return In the last callback: what was wrong with the file that could not be sent to its end; empty if nothing was. */
    [[nodiscard]] const std::string& fileProblem() const;
    /** @return In the last callback: whether the other end has read all that was written. It closed in good order after that. */
    [[nodiscard]] bool taken() const;
    [[nodiscard]] std::size_t queued() const; ///< Bytes not reported by handleSocketWritten() yet, or after close() not taken by the kernel; in the last callback: and never will be.
    void pause( bool paused );           ///< Stop or go on reading.

    /**
     * S5B-19, INT-12: sends what is queued, shuts our half down, then waits at most @a linger for the peer's end of file (data that
     * arrive meanwhile are dropped), then closes. While there is something to send, it waits at most @a patience without progress: a
     * slow reader gets all of it, a dead one does not keep us. The answer is handleSocketClosed(), from the loop; none if the end was told.
     */
    void close( std::chrono::milliseconds linger, std::chrono::milliseconds patience );
    void close( std::chrono::milliseconds linger ) { close( linger, linger ); }
    void abort();                        ///< Closes at once. No callback.

  private:
    struct Private;
    std::shared_ptr<Private> d;
};

} // namespace simultiple::net
