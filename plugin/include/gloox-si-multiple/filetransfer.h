// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/fileinfo.h>
#include <gloox-si-multiple/report.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simultiple
{

/**
 * Why a file transfer ended. Each transfer ends exactly once, with exactly one of these.
 * @since 0.2
 */
enum class FileCause
{
  Complete,         ///< `complete`: the receiver has the whole file. FileResult::confirmed says whether it said so itself.
  Refused,          ///< `refused`: the peer does not want the file, or cannot do file transfer.
  NotOpened,        ///< `not-opened`: no stream came about; FileResult::session says why.
  Interrupted,      ///< `interrupted`: the stream broke, and there will be no further try. What there is may be resumed.
  Unresumable,      ///< `unresumable`: the stream broke, and the peer would have the whole file again, which was not wanted (ResumeOptions::wholeAgain).
  Cancelled,        ///< `cancelled`: a person gave it up.
  TooFewBytes,      ///< `too-few-bytes`: the sender ended the stream before all that it had announced.
  DigestMismatch,   ///< `digest-mismatch`: not the file that was announced. Nothing of it is kept.
  SourceUnreadable, ///< `source-unreadable`: the sender cannot read its file any more.
  SourceChanged,    ///< `source-changed`: the sender's file is not any more what was offered.
  StorageFull,      ///< `storage-full`: there is no room for the file.
  StorageFailed     ///< `storage-failed`: the file cannot be written, or not under its name.
};

/** @return The word for @a cause, such as `digest-mismatch`. Never null; static storage. @since 0.2 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT const char* fileCauseText( FileCause cause ) noexcept;

/** @return The cause that @a word names, or nothing. The inverse of fileCauseText(). @since 0.2 */
[[nodiscard]] GLOOX_SI_MULTIPLE_EXPORT std::optional<FileCause> fileCauseFromText( std::string_view word ) noexcept;

/// How far a transfer is. @since 0.2
struct FileProgress
{
  std::string method;                        ///< The namespace of the method in use; empty while there is no stream.
  std::uint64_t bytes = 0;                   ///< Of the file, from its start: sent (in-band: acknowledged), or written.
  std::uint64_t size = 0;                    ///< Of the file.
  std::uint64_t rate = 0;                    ///< Bytes per second, lately.
  std::optional<std::chrono::seconds> left;  ///< How long it may take yet; nothing if that cannot be told.
};

/// All that is known of a transfer once it is over. @since 0.2
struct FileResult
{
  FileCause cause = FileCause::Complete;
  bool byPeer = false;                  ///< The cause is the peer's: it said so (PFT-13).
  bool confirmed = false;               ///< As sender, with FileCause::Complete: the receiver has said that the file is stored and right (PFT-14).
  Cause session = Cause::ClosedLocal;   ///< How the last session ended.
  std::string text;                     ///< More about it, for people; may hold the peer's own words, so treat it as untrusted (SI-22).
  std::uint64_t bytes = 0;              ///< Payload of all streams together, so resumed bytes do not count.
  std::string sha256;                   ///< Of the whole file, 64 lower-case hexadecimal digits; empty if it is not known.
  std::string path;                     ///< The local file; as receiver only if the cause is FileCause::Complete.
  unsigned streams = 0;                 ///< Streams that were opened.
  std::chrono::milliseconds took{ 0 };  ///< From its start.
  Report report;                        ///< Of the last session.
};

/**
 * One file on its way, in one direction, over as many streams as it takes.
 *
 * Made by FileSender::send() and FileReceiver::accept(). Keep the shared_ptr as long as you like; after the end it only tells what was.
 *
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT FileTransfer
{
  public:
    /// Where a transfer stands.
    enum class State
    {
      Preparing, ///< The file is being read for its digests.
      Offered,   ///< Offered, or accepted; no stream yet.
      Open,      ///< Bytes flow.
      Finishing, ///< All bytes are there; they are being brought to the disk, checked, confirmed.
      Waiting,   ///< The stream broke; there will be another.
      Ended
    };

    virtual ~FileTransfer() = default;

    [[nodiscard]] virtual State state() const = 0;
    [[nodiscard]] virtual bool outgoing() const = 0;
    [[nodiscard]] virtual const gloox::JID& peer() const = 0;      ///< Full JID. It may change when a peer comes back with another resource.
    [[nodiscard]] virtual const std::string& sid() const = 0;      ///< Of the newest session; empty before the first.
    [[nodiscard]] virtual const FileInfo& info() const = 0;
    [[nodiscard]] virtual FileProgress progress() const = 0;

    /** Holds the transfer up, in whatever state it is: nothing is sent, or read, until resume(). Nothing is lost; deadlines of the protocol go on. */
    virtual void pause() = 0;
    virtual void resume() = 0;
    [[nodiscard]] virtual bool paused() const = 0;

    /** At most so many bytes per second from now on; 0: no limit. */
    virtual void setLimit( std::uint64_t bytesPerSecond ) = 0;

    /**
     * Gives the transfer up, in whatever state it is; the peer is told (PFT-13). The receiver keeps what can be resumed.
     * Too late for a receiver that has everything and is storing it: that ends with FileCause::Complete.
     * FileTransferHandler::handleFileEnd() follows with FileCause::Cancelled, from inside this call or later.
     */
    virtual void cancel() = 0;
};

/**
 * Hears of transfers. One object may serve many.
 *
 * All methods are called from SIMultipleManager::process() (or recv()), or from inside FileSender::send(), FileReceiver::accept() or a method of
 * the FileTransfer: an offer that cannot be made has ended when send() returns. Any method of this library may be called from them; no exception
 * may leave them. For each transfer: exactly one handleFileEnd(), nothing after it.
 *
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT FileTransferHandler
{
  public:
    virtual ~FileTransferHandler() = default;

    /** A session of the transfer was offered (as sender). The first time, or again after a break. */
    virtual void handleFileOffered( FileTransfer& transfer ) { (void)transfer; }
    /** The peer accepted (as sender). @param methods In the order in which they will be tried. */
    virtual void handleFileAccepted( FileTransfer& transfer, Dialect dialect, const std::vector<std::string>& methods )
    {
      (void)transfer; (void)dialect; (void)methods;
    }
    /** A method or one of its hosts was started, failed or opened (GEN-11). */
    virtual void handleFileAttempt( FileTransfer& transfer, const Attempt& attempt ) { (void)transfer; (void)attempt; }
    /** A stream of the transfer is open. @param offset Where in the file it starts: 0, or what is there already. */
    virtual void handleFileOpen( FileTransfer& transfer, std::uint64_t offset ) { (void)transfer; (void)offset; }
    /** Bytes have moved. Not more often than FileSendOptions::progressEvery; always once before handleFileEnd() if any moved. */
    virtual void handleFileProgress( FileTransfer& transfer, const FileProgress& progress ) { (void)transfer; (void)progress; }
    /** The stream broke, and the transfer goes on by itself (PFT-16). @param text Why it broke. @param again The next try is made then. */
    virtual void handleFileInterrupted( FileTransfer& transfer, Cause cause, const std::string& text, std::chrono::milliseconds again )
    {
      (void)transfer; (void)cause; (void)text; (void)again;
    }
    /** The transfer is over. Called exactly once. */
    virtual void handleFileEnd( FileTransfer& transfer, const FileResult& result ) = 0;
};

/// When a transfer that broke goes on by itself (PFT-16). @since 0.2
struct ResumeOptions
{
  bool enabled = true;                        ///< false: a stream that breaks ends the transfer.
  unsigned streams = 100;                     ///< Streams at most, in all.
  std::chrono::seconds patience{ 300 };       ///< Give up when nothing has moved for so long.
  std::chrono::milliseconds firstDelay{ 250 };///< From a break to the next offer; doubled while nothing moves, at most 30 s.
  bool wholeAgain = false;                    ///< As sender: also to a peer that knows no ranges, from the start (PFT-7).
};

} // namespace simultiple
