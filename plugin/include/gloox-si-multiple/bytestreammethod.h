// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/options.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace gloox
{
class Tag;
}

namespace simultiple
{

/**
 * Where a ByteCarrier reports to. Implemented by the library, which takes note and acts in the next SIMultipleManager::process(); so every
 * method may be called at any time from its thread, also from inside a call of the library's.
 * @since 0.2
 */
class ByteCarrierHandler
{
  public:
    virtual ~ByteCarrierHandler() = default;

    /** Bytes of the peer's. What comes while the carrier is paused is kept, up to Limits::readBuffer; more ends the stream. */
    virtual void handleCarrierData( const std::string& data ) = 0;

    /** So many more bytes of ours have left. All of them must be reported in the end, or they count as lost. */
    virtual void handleCarrierWritten( std::size_t bytes ) = 0;

    /**
     * The other side has ended the stream, or it broke. The last report.
     * @param error Empty: an ordinary end. Otherwise what happened, for people.
     */
    virtual void handleCarrierEnd( const std::string& error = std::string() ) = 0;

    /** ByteCarrier::close() is done. The last report. */
    virtual void handleCarrierClosed() = 0;
};

/**
 * A connected stream of an application's method: what carries the bytes of a MultiBytestream. Made by the application, and from
 * MethodOpening::ready() on owned by the library.
 *
 * Its destructor ends whatever is left, without a report. Once started it is destroyed by SIMultipleManager::process(), or with the plugin, and never
 * from inside one of its own methods.
 *
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @since 0.2
 */
class ByteCarrier
{
  public:
    virtual ~ByteCarrier() = default;

    /** The stream is this one: report from now on. Nothing is to be reported, and what arrives is to be kept, before. */
    virtual void start( ByteCarrierHandler& handler ) = 0;

    /** Takes all of @a data, which is not empty, without waiting; sends it when it can. */
    virtual void write( const std::string& data ) = 0;

    /** Stop reading, or read again: the peer is to be slowed down, nothing may be lost. May come before start(). */
    virtual void pause( bool paused ) = 0;

    /** End the stream once everything written has left, then report it closed. Without progress for 6 x T-CLOSE the library gives up. */
    virtual void close() = 0;

    /** End it at once. Nothing is reported any more. Called at most once, and not after the last report. */
    virtual void abort() = 0;

    /** @return Whether the stream lives on without the XMPP connection (CLS-7). */
    [[nodiscard]] virtual bool outlivesConnection() const { return false; }

    /** @return Where it leads, for Report::host; empty: nothing to tell. */
    [[nodiscard]] virtual std::string host() const { return {}; }
};

/**
 * One attempt to open a session's stream by a method of the application's. Belongs to the library: valid from BytestreamMethod::open() or
 * accept() until abandon(), or until ByteCarrier::start() of the carrier given to ready(). What becomes of it is reported by ready() or
 * failed(), at any time in between, also from inside a call of the library's; the first report counts.
 *
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT MethodOpening
{
  public:
    struct Private;

    /** Made by the library only. */
    explicit MethodOpening( std::unique_ptr<Private> d );
    ~MethodOpening();
    MethodOpening( const MethodOpening& ) = delete;
    MethodOpening& operator=( const MethodOpening& ) = delete;

    [[nodiscard]] const std::string& sid() const;
    [[nodiscard]] const gloox::JID& local() const;
    [[nodiscard]] const gloox::JID& peer() const;
    [[nodiscard]] bool initiator() const;   ///< Whether it is ours to open.

    /**
     * Sends the opening (W-38); initiator only, once. A result arrives at BytestreamMethod::handleAnswer(); an error, or no answer in time,
     * fails the method.
     * @param element In the method's namespace; its attribute `sid` is set by the library.
     * @return false if nothing was sent: not the initiator, sent already, over, null, a foreign namespace, or not connected.
     */
    bool send( std::unique_ptr<gloox::Tag> element );

    /**
     * The method is connected. As initiator this counts once the peer's positive answer is there, too (NEG-10); as receiver it lets
     * the library give that answer.
     * @param answer As receiver, what the answer holds: an element in the method's namespace, or null. Otherwise ignored.
     */
    void ready( std::unique_ptr<ByteCarrier> carrier, std::unique_ptr<gloox::Tag> answer = nullptr );

    /** The method cannot be connected; the next one is tried. @param reason For people (GEN-11). The peer does not hear it (SEC-8). */
    void failed( const std::string& reason );

    /** The library's own access. */
    [[nodiscard]] Private& priv() { return *d; }

  private:
    std::unique_ptr<Private> d;
};

/**
 * A bytestream method of the application's own, beside S5B and IBB (PCU-5). It connects two sides in whatever way it likes; the
 * library offers it, negotiates, finds the session, checks who speaks, writes ids and answers, keeps the time, and falls back.
 *
 * Register it with SIMultipleManager::registerMethod() and name it in Options::methods. SEC-19 applies: whether its bytes can be read
 * on their way is for the application to know. gloox's Bytestream::type() has no word for it and says S5B; MultiBytestream::method() is right.
 *
 * All methods are called from SIMultipleManager::process(). They must not let an exception out, nor wait.
 *
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @par Spec
 * PROTOCOL 6.3, PCU-5, PCU-11 to PCU-13.
 * @since 0.2
 */
class BytestreamMethod
{
  public:
    virtual ~BytestreamMethod() = default;

    /** @return Its name, a namespace: 1..256 characters without white space. Must not change. */
    [[nodiscard]] virtual const std::string& name() const = 0;

    /**
     * Whether it can be offered, or accepted, right now (SI-2, SIM-15). With Privacy::IbbOnly and Privacy::S5bOnly it is not asked, and not
     * used.
     * @param privacy What may be disclosed in the session (SEC-16).
     */
    [[nodiscard]] virtual bool available( Privacy privacy ) const { return privacy == Privacy::Any; }

    /**
     * How long an opening may take from open() or accept() to its end before the library gives it up. The receiver's time should be at least
     * ten seconds shorter than the initiator's, so that its answer comes in time (TMO-2).
     */
    [[nodiscard]] virtual std::chrono::milliseconds patience( bool initiator ) const { return std::chrono::seconds( initiator ? 40 : 25 ); }

    /** It is this method's turn (ST-S-13): connect, and MethodOpening::send() an opening. */
    virtual void open( MethodOpening& opening ) = 0;

    /**
     * The peer has accepted our opening. @param element Its words, the first child in the method's namespace; null if there is none. The
     * peer's word, untrusted. Borrowed for the call.
     */
    virtual void handleAnswer( MethodOpening& opening, const gloox::Tag* element )
    {
      (void)opening; (void)element;
    }

    /**
     * The peer of a session that waits for this method opens it (NEG-21): connect, and report.
     * @param element W-38. The peer's word, untrusted. Borrowed for the call.
     */
    virtual void accept( MethodOpening& opening, const gloox::Tag& element ) = 0;

    /**
     * The opening is over and did not become the stream: it failed, took too long, the peer moved on, the session ended. Undo whatever
     * there is, at once; a carrier that was handed over is being destroyed by the library. Called exactly once for each such opening, whatever
     * was reported; also for one that was the receiver's candidate for a while (NEG-24). Not for one that became the stream.
     * @param opening Not valid any more after this.
     */
    virtual void abandon( MethodOpening& opening ) = 0;
};

} // namespace simultiple
