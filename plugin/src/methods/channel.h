// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>

#include "airlock/stanza.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace simultiple::methods
{

/// Who uses a channel. Called from the event loop or the inbox, never from inside a gloox object.
class ChannelHandler
{
  public:
    virtual ~ChannelHandler() = default;
    virtual void handleChannelData( const std::string& data ) = 0;
    /** In-band: a block of the peer's has come, whether or not it can be delivered yet (NEG-20). */
    virtual void handleChannelBlock() = 0;
    /** @a bytes of ours have left (in-band: were acknowledged, which also confirms the stream, NEG-20). */
    virtual void handleChannelWritten( std::size_t bytes ) = 0;
    /** The other side ended it, or it broke. Called once, last. @param inBand What Channel::inBand() says: nothing follows such a stream (ST-R-28). */
    virtual void handleChannelEnd( Cause cause, const std::string& text, bool inBand ) = 0;
    /** Our close() is done and everything has left. Called once, last; if bytes were lost it is handleChannelEnd() with Cause::IoError. */
    virtual void handleChannelClosed() = 0;
};

/// How many T-CLOSE our close waits without any progress before it counts the peer as gone (S5B-19, IBB-12).
inline constexpr int DrainPatience = 6;

/**
 * A connected method: bytes both ways. What a method makes and MultiBytestream runs on. Destroying it is drop().
 */
class Channel
{
  public:
    virtual ~Channel() = default;

    virtual void start( ChannelHandler& handler ) = 0;   ///< Nothing is delivered before; nothing from inside this call.
    virtual void write( const std::string& data ) = 0;   ///< Takes all of it. Not empty.
    /** Like write(), for a part of a file that stays the caller's. @return false if the channel cannot: nothing was taken. */
    [[nodiscard]] virtual bool sendFile( int fd, std::uint64_t offset, std::uint64_t length )
    {
      (void)fd, (void)offset, (void)length;
      return false;
    }
    [[nodiscard]] virtual std::size_t queued() const = 0;///< Taken and not yet reported as written.
    /** @return How much queued() is worth having: more only costs memory. */
    [[nodiscard]] virtual std::size_t useful() const { return std::numeric_limits<std::size_t>::max(); }
    virtual void pause( bool paused ) = 0;
    virtual void close() = 0;                            ///< CLS-1: after everything that was written has left.
    virtual void abort() = 0;                            ///< At once; in-band the peer is told (W-24). No callback follows.
    virtual void drop() = 0;                             ///< At once, without a word to the peer (NEG-5, NEG-24). No callback follows.

    [[nodiscard]] virtual bool inBand() const = 0;       ///< Lives on the XMPP connection: dies with it (CLS-7), ends with W-24.
    [[nodiscard]] virtual bool survives() const { return !inBand(); }   ///< CLS-7: the loss of the XMPP connection.
    [[nodiscard]] virtual bool proxied() const = 0;      ///< NEG-28.
    /** @return In the last callback: whether the peer itself has surely taken all that was written. */
    [[nodiscard]] virtual bool taken() const { return false; }
    [[nodiscard]] virtual std::string host() const = 0;  ///< `host:port` of the streamhost; empty in-band.

    /** CLS-8: the peer's full JID went offline. What lives on that connection ends with it, after what has been received (IBB-13). */
    virtual void peerGone() {}

    /** An in-band stanza of this session. @return false if the channel has no use for such stanzas. */
    virtual bool handleStanza( const airlock::Stanza& stanza )
    {
      (void)stanza;
      return false;
    }
};

} // namespace simultiple::methods
