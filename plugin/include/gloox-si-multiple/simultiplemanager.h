// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/options.h>

#include <gloox/gloox.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gloox
{
class ClientBase;
}

namespace simultiple
{

class BytestreamMethod;

/// A descriptor for a foreign event loop.
struct PollDescriptor
{
  int fd;        ///< Belongs to the library; do not close it.
  short events;  ///< As for poll(2).
};

/**
 * The plugin: one per gloox::Client or gloox::Component.
 *
 * Dormant until enable(). While enabled it takes, of all that arrives, only what carries `<si-multiple/>`, is for one of its
 * profiles, or belongs to one of its sessions; everything else reaches the bot untouched. Nothing happens behind
 * the bot's back: the library works only inside process() and recv(), never blocks, and starts no thread except
 * for looking up the DNS names of streamhosts.
 *
 * @code
 * simultiple::SIMultipleManager streams( client );
 * simultiple::SIProfileMultiple files( streams, gloox::XMLNS_SI_FT, handler );
 * streams.enable();
 * while( streams.recv( 100000 ) == gloox::ConnNoError ) {}
 * @endcode
 *
 * @par Lifetime
 * Destroy it before the client, after its profiles, and not from inside a callback (CLS-10).
 * @par Memory
 * When it runs out in the library's work, the session at work ends (Cause::IoError) and nothing else does; process(), and what gloox calls, let no
 * exception out (CLS-12). Constructors may, and so does recv() what comes out of gloox::ClientBase::recv().
 * @par Thread
 * The one that calls gloox::ClientBase::recv(), and no other.
 * @since 0.1
 */
class GLOOX_SI_MULTIPLE_EXPORT SIMultipleManager
{
  public:
    /** @param client Must outlive this object. Not owned. */
    explicit SIMultipleManager( gloox::ClientBase& client, Options options = Options() );
    ~SIMultipleManager();
    SIMultipleManager( const SIMultipleManager& ) = delete;
    SIMultipleManager& operator=( const SIMultipleManager& ) = delete;

    /**
     * Adds a bytestream method of the application's (PCU-5). It is used if Options::methods names it.
     * @param method Must outlive this object. Not owned.
     * @return false, and nothing happens, if enable() was called before, the name is not sound (BytestreamMethod::name()), or it has another
     *         meaning already: NS_SI, NS_SIM, a method, the notes of a profile.
     */
    bool registerMethod( BytestreamMethod& method );

    /**
     * Starts taking and making offers: registers with the client, advertises (ADV-1) and, if connected, re-sends presence so
     * that entity capabilities are right (ADV-6). May be called at any time, also from inside a callback.
     * @return false if the options do not make sense, see problem().
     */
    bool enable();

    /**
     * No new sessions; running ones finish. The features are withdrawn at once, and everything that is not of a running
     * session reaches the bot as if the plugin were not there. Undecided offers are declined. What was registered with the client is taken back by the
     * process() that follows the end of the last session. May be called at any time, also from inside a callback.
     */
    void disable();

    /** @return Whether enable() is in force. */
    [[nodiscard]] bool enabled() const;

    /** @return Why enable() returned false; empty if it would not. */
    [[nodiscard]] std::string problem() const;

    /** @return The options given to the constructor. */
    [[nodiscard]] const Options& options() const;

    /** @return The client. */
    [[nodiscard]] gloox::ClientBase& client() const;

    /**
     * Replaces `client.recv( timeout )`: waits for the client's socket and for ours, whichever is ready first, lets the client
     * read, then calls process().
     * @param timeout Microseconds to wait at most, as in gloox; -1: until something happens.
     * @return What gloox::ClientBase::recv() returned; gloox::ConnNotConnected if the client is not connected.
     */
    gloox::ConnectionError recv( int timeout = -1 );

    /**
     * For foreign loops: does what is ready, fires timers, delivers events. Never waits. Call it after each
     * gloox::ClientBase::recv(), when a descriptor of pollDescriptors() is ready, and at nextDeadline().
     */
    void process();

    /** @return How long a loop may sleep before it must call process(): zero if there is work now, nothing if there is no deadline. */
    [[nodiscard]] std::optional<std::chrono::milliseconds> nextDeadline() const;

    /** @return What to poll besides the client's own socket. Does not change while this object lives. */
    [[nodiscard]] std::vector<PollDescriptor> pollDescriptors() const;

    /** @return Sessions that have not ended. */
    [[nodiscard]] std::size_t sessions() const;

    /**
     * The port of the SOCKS5 listener.
     * @return 0 if it is not listening at the moment (SEC-17).
     */
    [[nodiscard]] std::uint16_t listenPort() const;

    struct Private;
    /** The library's own access. */
    [[nodiscard]] Private& priv() { return *d; }

  private:
    std::unique_ptr<Private> d;
};

} // namespace simultiple
