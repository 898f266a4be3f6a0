// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/options.h>

#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>

#include <cstdint>
#include <memory>
#include <string>

namespace simultiple
{

class MultiBytestream;
class SIMultipleManager;

/**
 * File transfer with the public interface of gloox::SIProfileFT, so that an existing bot changes a type name and gains
 * fallback.
 *
 * @code
 * -gloox::SIProfileFT files( &client, this );
 * +simultiple::SIProfileMultipleFT files( &client, this );
 * @endcode
 *
 * The bot keeps its gloox::SIProfileFTHandler, its BytestreamDataHandler, its gloox::SOCKS5BytestreamServer and its loop.
 * Offers to peers carry `<si-multiple/>`; offers of peers that do are answered with a list; others are answered as gloox
 * would.
 *
 * @par The loop
 * A bot whose loop is `client.recv()`, `bs->recv()` for each stream that it was given, and `server->recv()` works as it
 * stands. Stanzas are served inside `client.recv()`; sockets and deadlines inside `bs->recv()`, `bs->send()`,
 * `bs->connect()`, `bs->close()` and every call of this class. What such a loop does not serve is time while there is no
 * stream: an offer that nobody answers is not given up, and an offer that the bot does not decide is not declined, before
 * one of those calls or a stanza of ours comes along. Bytes that a closed stream has not sent yet wait for these calls,
 * too. Call recv() of this class instead of `client.recv()` and nothing waits; that is one line, and it takes less time.
 *
 * @par The stream
 * handleFTBytestream() comes early, as in gloox: to a receiver inside acceptFT(), to an initiator when the peer has
 * accepted. Register a gloox::BytestreamDataHandler there and let the stream work with recv().
 * - connect() returns at once, true while the stream is on its way or open. Not calling it holds nothing up.
 * - handleBytestreamOpen() comes once, when it is open; Bytestream::type() is right from then on, before it names the
 *   method that is tried first.
 * - recv() lets the library work and returns gloox::ConnNoError until the stream has ended. It waits as long as it is
 *   told for a SOCKS5 stream that is open, and otherwise at most 10 ms, because what is awaited then comes through the
 *   client.
 * - send() takes all data, as gloox does, though it never blocks: if Limits::writeBuffer is reached (256 KiB on a socket) it waits at most 4 ms
 *   for room and then takes the data anyway. Above 64 times that limit (64 MiB) it takes nothing and returns false:
 *   whoever has more to send must look at the result.
 * - close() sends what was taken first (CLS-1); isOpen() is false at once. handleBytestreamClose() comes from inside it,
 *   as from gloox, if a SOCKS5 stream gets rid of everything within 4 ms, otherwise when it is done. Before the stream is
 *   open it gives the session up.
 * - handleBytestreamDataAck() comes on an in-band stream as from gloox: for each block of 4096 bytes of what one send()
 *   was given.
 * - handleBytestreamClose() is the last call. If the stream broke, or never opened, handleBytestreamError() comes before
 *   it, with the error that the peer gave or the one that tells it best. For an initiator whose stream never opened
 *   handleFTRequestError() follows, since that is where gloox reports it.
 *
 * A stream stays valid until dispose(), cancel() or the end of this object, also after its own end.
 *
 * @par Out-of-band data
 * FTTypeOOB counts as absent: it is neither offered, nor reported in `stypes`, nor accepted, and handleOOBRequestResult()
 * is never called.
 *
 * @par Lifetime
 * Destroy it before the client and not from inside a callback. Its sessions end without one; bytes that a closed SOCKS5
 * stream still had to send get one second to leave. Every method but recv() and process() may be called from inside a
 * callback, of gloox or of this library; these two do nothing inside ours.
 * @par Thread
 * The one that calls gloox::ClientBase::recv(), and no other: unlike gloox's, these streams cannot be given to threads of
 * their own.
 * @par Spec
 * @xep{0096}; PROTOCOL 6.1, PFT-1, PFT-9.
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT SIProfileMultipleFT : public gloox::SIProfileHandler
{
  public:
    using StreamType = gloox::SIProfileFT::StreamType;
    static constexpr StreamType FTTypeS5B = gloox::SIProfileFT::FTTypeS5B;   ///< SOCKS5 bytestreams.
    static constexpr StreamType FTTypeIBB = gloox::SIProfileFT::FTTypeIBB;   ///< In-band bytestreams.
    static constexpr StreamType FTTypeOOB = gloox::SIProfileFT::FTTypeOOB;   ///< Counts as absent.
    static constexpr StreamType FTTypeAll = gloox::SIProfileFT::FTTypeAll;   ///< All types.

    /**
     * As gloox::SIProfileFT's, with a SIMultipleManager of its own that is enabled at once and served inside
     * `client.recv()`. If the bot makes a SIMultipleManager itself, use the constructor that takes it.
     * @param parent Must outlive this object. Not owned.
     * @param sipfth Hears of everything. Not owned; may be null: see removeSIProfileFTHandler().
     * @param manager Plain offers that reach it are taken, too; the profile is registered there until this object goes.
     *        Not owned, must outlive it.
     * @param s5Manager Told what setStreamHosts(), addStreamHost(), registerSOCKS5BytestreamServer() and
     *        removeSOCKS5BytestreamServer() are told, as gloox does. Not used for transfers, and streamhosts that only it
     *        knows are not offered. Not owned, must outlive this object.
     */
    SIProfileMultipleFT( gloox::ClientBase* parent, gloox::SIProfileFTHandler* sipfth, gloox::SIManager* manager = nullptr,
                         gloox::SOCKS5BytestreamManager* s5Manager = nullptr );

    /** As above, with options. Nothing works if they do not make sense: see SIMultipleManager::problem(). */
    SIProfileMultipleFT( gloox::ClientBase* parent, gloox::SIProfileFTHandler* sipfth, const Options& options,
                         gloox::SIManager* manager = nullptr, gloox::SOCKS5BytestreamManager* s5Manager = nullptr );

    /**
     * For a bot that runs a SIMultipleManager: that one is used, and the bot enables and pumps it as always.
     * @param multiple Must outlive this object.
     */
    SIProfileMultipleFT( SIMultipleManager& multiple, gloox::SIProfileFTHandler* sipfth, gloox::SIManager* manager = nullptr,
                         gloox::SOCKS5BytestreamManager* s5Manager = nullptr );

    ~SIProfileMultipleFT() override;
    SIProfileMultipleFT( const SIProfileMultipleFT& ) = delete;
    SIProfileMultipleFT& operator=( const SIProfileMultipleFT& ) = delete;

    /**
     * Offers a file.
     * @param to A full JID.
     * @param name Of the file; not empty. Of a path its last part is offered.
     * @param size In bytes, more than zero. 64 bits, while gloox counts in `long`.
     * @param hash MD5 of the file, in hexadecimal; empty: left out.
     * @param date Of its last modification, as XEP-0082 writes it; empty: left out.
     * @param mimetype Empty: left out.
     * @param streamTypes ORed StreamType: the methods to offer, in the order of Options::methods. Methods of the application's own have no
     *        StreamType: they are offered with FTTypeAll only.
     * @param from Our JID; needed on a component, ignored on a client.
     * @param sid The stream id, if it must be a certain one: 1 to 256 characters, not in use. Empty: one is made. Whoever
     *        can guess it may take the receiver's place (SEC-4), and ids of different lengths can meet in one SOCKS5
     *        address (SEC-5), so leave it to the library.
     * @return The stream id; empty if nothing was sent. Then the outcome comes as handleFTBytestream() or
     *        handleFTRequestError().
     */
    const std::string requestFT( const gloox::JID& to, const std::string& name, std::int64_t size, const std::string& hash = gloox::EmptyString,
                                 const std::string& desc = gloox::EmptyString, const std::string& date = gloox::EmptyString,
                                 const std::string& mimetype = gloox::EmptyString, int streamTypes = FTTypeAll,
                                 const gloox::JID& from = gloox::JID(), const std::string& sid = gloox::EmptyString );

    /**
     * Accepts an offer of handleFTRequest(); handleFTBytestream() comes from inside this call. Does nothing if there is
     * no such offer (any more).
     * @param to Who offered. Two peers may use one sid.
     * @param type The method to prefer. If the peer offered several together with `<si-multiple/>` the others follow it in
     *        the answer; if not, this one is the answer, or the other one if it was not offered. With FTTypeOOB the offer
     *        is declined.
     * @param from To which of a component's JIDs it was offered; may be left out while that is clear.
     */
    void acceptFT( const gloox::JID& to, const std::string& sid, StreamType type = FTTypeS5B, const gloox::JID& from = gloox::JID() );

    /**
     * Declines an offer of handleFTRequest(); nothing follows. Does nothing if there is no such offer (any more).
     * @param reason RequestRejected is `forbidden` with @a text, the other two are the conditions of XEP-0095.
     */
    void declineFT( const gloox::JID& to, const std::string& sid, gloox::SIManager::SIError reason, const std::string& text = gloox::EmptyString );

    /**
     * Gives a stream up in whatever state it is, and deletes it. No callback follows. What was not sent is lost. Null, or
     * a stream that was disposed of: nothing.
     */
    void cancel( gloox::Bytestream* bs );

    /**
     * Deletes a stream. An open one is closed, after everything taken by send() has left; one that is on its way is given
     * up. No callback follows. May be called from inside the stream's callbacks. Null, or a stream that was disposed of:
     * nothing.
     */
    void dispose( gloox::Bytestream* bs );

    /** Registers the one handler. */
    void registerSIProfileFTHandler( gloox::SIProfileFTHandler* sipfth );

    /** Without a handler offers are declined, and answers to our own offers end the session. Streams that were handed out go on. */
    void removeSIProfileFTHandler();

    /**
     * Replaces the streamhosts for queries from now on. They are offered before all others, our own (with our JID) first.
     * Those that are ours are served by the registered server, or by Options::listen without one. A bot without options
     * of its own that names hosts offers these and the proxies of its server, and no other address of its machine.
     */
    void setStreamHosts( gloox::StreamHostList hosts );

    /** Adds one streamhost. @param port 1..65535; another one is ignored. */
    void addStreamHost( const gloox::JID& jid, const std::string& host, int port );

    /**
     * From now on the bot's own server takes the connections to our streamhosts, if one is set; SIMultipleManager's
     * listener stays out of it then.
     * @param server Not owned: remove it before it is deleted, unless this object goes next. It forgets none of the streams
     *        it was told of, and reads what a peer sends before the stream is open, as with gloox::SIProfileFT.
     */
    void registerSOCKS5BytestreamServer( gloox::SOCKS5BytestreamServer* server );

    /** From now on there is none; a session that waits for a connection to it goes on with its next method. */
    void removeSOCKS5BytestreamServer();

    // reimplemented from gloox::SIProfileHandler: a gloox::SIManager delivers what it is offered
    void handleSIRequest( const gloox::JID& from, const gloox::JID& to, const std::string& id, const gloox::SIManager::SI& si ) override;

    // ---- beyond gloox

    /** @return false if the manager has the profile already: nothing works then. */
    [[nodiscard]] bool valid() const;

    /** @return The manager in use. Once it is disabled, what it has on the client stays until recv() or process(). */
    [[nodiscard]] SIMultipleManager& manager() const;

    /** Replaces `client.recv( timeout )`: SIMultipleManager::recv(). @param timeout Microseconds. */
    gloox::ConnectionError recv( int timeout = -1 );

    /** SIMultipleManager::process(): after each `client.recv()`, if recv() cannot take its place. */
    void process();

    /**
     * What carries a stream of handleFTBytestream(), for all that gloox's interface lacks.
     * @return Null before the stream is open and after its end.
     */
    [[nodiscard]] std::shared_ptr<MultiBytestream> stream( const gloox::Bytestream* bs ) const;

    struct Private;

  private:
    std::unique_ptr<Private> d;
};

} // namespace simultiple
