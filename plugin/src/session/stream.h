// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/multibytestream.h>

#include "methods/channel.h"
#include "net/eventloop.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace simultiple::session
{

/// The session a stream belongs to.
class StreamOwner
{
  public:
    virtual ~StreamOwner() = default;
    virtual void streamPayloadReceived() = 0;   ///< NEG-20: payload, or an acknowledgement of ours in-band
    virtual void streamPayloadWritten() = 0;    ///< NEG-25: bytes of ours have gone to the channel
    virtual void streamEnded( Cause cause, const std::string& text, bool inBand ) = 0;
    virtual void streamClosed() = 0;            ///< Our close is done.
    virtual void streamCloseWanted( bool abort ) = 0; ///< The application closes.
    /** MultiBytestream::recv(): lets the library work. @return Whether the stream is open still. Neither it nor the session need be there any more. */
    [[nodiscard]] virtual bool streamWait( int timeout ) = 0;
    /** Does @a work of the session's, which the application has called for. Give it by reference: a copy may take memory.
        @return false if an exception came out of it (CLS-12). */
    virtual bool streamWork( const std::function<void()>& work ) = 0;
};

} // namespace simultiple::session

namespace simultiple
{

/// The machinery of MultiBytestream: stands between the application and whichever channel carries the stream.
struct MultiBytestream::Private final : methods::ChannelHandler
{
  Private( net::EventLoop& loop_, session::StreamOwner& owner_, std::size_t writeLimit_, bool initiated_ );

  // ---- for the session
  void attach( std::unique_ptr<methods::Channel> channel_ );   ///< TakeCandidate, Commit
  std::unique_ptr<methods::Channel> detach();                  ///< NEG-24, NEG-27: the candidate goes, the stream waits for the next
  void hold( std::chrono::milliseconds most );                 ///< NEG-28: keep our own bytes back
  void release();                                              ///< Ends hold()
  void changed( const std::string& method_ );                  ///< Another channel carries it now: at the open, and by NEG-24
  void markOpen();                                             ///< send() works
  void reportOpen();                                           ///< handleBytestreamOpen()
  void startChannel();                                         ///< From now on data are delivered
  void closeChannel();                                         ///< CLS-1
  void abortChannel();
  void finish();                                               ///< The session is over: handleBytestreamClose() if it was open
  void silence();                                              ///< No callback any more; the session goes without a word

  // methods::ChannelHandler
  void handleChannelData( const std::string& data ) override;
  void handleChannelBlock() override;
  void handleChannelWritten( std::size_t bytes ) override;
  void handleChannelEnd( Cause cause, const std::string& text, bool inBand ) override;
  void handleChannelClosed() override;

  void pause( bool paused_ );
  [[nodiscard]] bool write( const std::string& data );   ///< While there is an owner. @return false if the session comes to its end of it (CLS-12)
  [[nodiscard]] bool writeFile( int fd, std::uint64_t offset, std::uint64_t length );
  void put( const std::string& data );
  [[nodiscard]] bool putFile( int fd, std::uint64_t offset, std::uint64_t length );
  void flushHeld();
  [[nodiscard]] std::size_t queued() const;
  [[nodiscard]] std::size_t limit() const;   ///< queued() from which nothing more is taken

  MultiBytestream* facade = nullptr;
  session::StreamOwner* owner;
  const bool initiated;          ///< We are the sender
  std::unique_ptr<methods::Channel> channel{};
  std::string method{};
  std::string held{};            ///< Taken from the application, not given to a channel yet
  bool holding = false;
  net::Alarm holdAlarm;
  bool closing = false;
  bool paused = false;
  bool wasFull = false;
  std::size_t writeLimit;
  std::uint64_t sent = 0;
  bool allTaken = false;   ///< Report::taken
  std::uint64_t received = 0;
  std::function<void()> writable{};
  std::function<void()> acknowledged{};   ///< For SIProfileMultipleFT: after each acknowledgement of a block of ours in-band
};

} // namespace simultiple
