// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filetransfer.h>
#include <gloox-si-multiple/offer.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace simultiple
{

/// What a bot implements to receive files. @since 0.2
class GLOOX_SI_MULTIPLE_EXPORT FileReceiverHandler : public FileTransferHandler
{
  public:
    /**
     * A peer offers a file. Decide now or later with FileReceiver::accept() or decline(); undecided offers are declined after T-R-APP.
     * Not asked for a transfer that broke and goes on (PFT-16): that was decided. Nor for a file that is complete and of which the sender could not
     * hear (PFT-18): it is told, and no transfer is seen here.
     * @param offer Copy it if the decision comes later.
     * @param info Its `<file/>`.
     */
    virtual void handleFileOffer( const Offer& offer, const FileInfo& info ) = 0;

    /**
     * An offer that was not accepted is over: declined by us, withdrawn, timed out.
     * @param text For people: why FileReceiver::accept() could not, or how the session ended; may hold the peer's own words.
     */
    virtual void handleFileOfferEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text )
    {
      (void)sid; (void)peer; (void)cause; (void)text;
    }

    /**
     * See SIProfileMultipleHandler::handleLimit(). Also from inside FileReceiver::accept(), which then returns null: a transfer without a session, whose
     * file is being stored or which waits for its sender, counts as one towards Limits::sessions, sessionsPerPeer and sessionsPerDomain (SEC-13).
     */
    virtual void handleFileLimit( const gloox::JID& peer, const std::string& what ) { (void)peer; (void)what; }
};

/// How files are received. @since 0.2
struct FileReceiveOptions
{
  bool folders = false;                       ///< PFT-15: make the folders that the sender names, below the directory.
  bool keepParts = true;                      ///< Keep what there is of a file that was interrupted, for the next try (PFT-16),
                                              ///< and know complete ones of which the sender has not heard (PFT-18).
  std::chrono::seconds wait{ 0 };             ///< How long a transfer that broke may wait for its sender to come back; 0: it ends with the break.
                                              ///< What is kept can be resumed either way.
  std::chrono::seconds partAge{ 7 * 24 * 3600 }; ///< Older parts are removed when the receiver is made, and when another one is left.
  std::size_t parts = 64;                     ///< More than so many parts are not kept in the directory and, with folders, below; the oldest go first.
                                              ///< As many complete files are known, as long (PFT-18).
  std::optional<Privacy> privacy;             ///< What may be disclosed (SEC-16). Nothing: Options::privacy.
  std::uint64_t limit = 0;                    ///< Bytes per second of each transfer; 0: no limit. See FileTransfer::setLimit().
  std::chrono::milliseconds progressEvery{ 200 };
};

/**
 * Receives files into a directory.
 *
 * A file appears under its name only when it is complete, right and on the disk; until then it is a hidden part beside it. Nothing that exists is
 * overwritten, and nothing is written outside the directory (PFT-4).
 *
 * @par Lifetime
 * One per FileProfile. Destroy it before its FileProfile, and not from inside a callback. Its transfers end with it, without a callback.
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @par Spec
 * PFT-1 to PFT-18.
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT FileReceiver
{
  public:
    /**
     * @param directory Must exist. See directoryProblem().
     * @param handler Must outlive this object. Not owned.
     */
    FileReceiver( FileProfile& files, const std::string& directory, FileReceiverHandler& handler,
                  const FileReceiveOptions& options = FileReceiveOptions() );
    ~FileReceiver();
    FileReceiver( const FileReceiver& ) = delete;
    FileReceiver& operator=( const FileReceiver& ) = delete;

    /**
     * Accepts an offer. What is there already of this very file from this peer is not asked for again.
     * @param name Under which the file is stored; passed through safeFileName(). Empty: the one that was offered.
     * @return Null if there is nothing to accept any more, if the file cannot be stored, or if there are too many transfers (SEC-13): the offer is
     *         then declined with a reason, and problem() says more.
     */
    [[nodiscard]] std::shared_ptr<FileTransfer> accept( const Offer& offer, const std::string& name = std::string() );

    /**
     * Declines an offer. FileReceiverHandler::handleFileOfferEnd() follows.
     * @param text For the peer; "Offer Declined" if empty.
     * @return false if there is nothing to decline any more.
     */
    bool decline( const Offer& offer, const std::string& text = std::string() );

    /** @return Why the last accept() returned null, for people. */
    [[nodiscard]] const std::string& problem() const;

    /** @return Transfers that have not ended. */
    [[nodiscard]] std::size_t transfers() const;

    /** @return Why files cannot be stored in @a directory, for people; empty if they can. Tries it. */
    [[nodiscard]] static std::string directoryProblem( const std::string& directory );

  private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace simultiple
