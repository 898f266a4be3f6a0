// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filetransfer.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace simultiple
{

/// How a file is sent. @since 0.2
struct FileSendOptions
{
  gloox::JID from;                    ///< Our JID; needed on a component, ignored on a client (CMP-2).
  std::string name;                   ///< For the peer; empty: the file's own.
  std::string folder;                 ///< PFT-15: folder below the receiver's directory, for receivers that are this library. Empty: none.
  std::string desc;                   ///< A sentence for people; left out if empty.
  std::string mimeType;               ///< Left out if empty.
  std::vector<std::string> methods;   ///< First choice first; empty: Options::methods.
  std::optional<Privacy> privacy;     ///< What may be disclosed (SEC-16). Nothing: Options::privacy.
  bool digests = true;                ///< Read the file before it is offered, so that the offer carries MD5 and SHA-256 (PFT-6).
                                      ///< false: offer at once; the SHA-256 is then computed while the file is sent, and nobody checks it.
  bool ranged = true;                 ///< Let the receiver ask for the part that it lacks (PFT-8).
  bool confirm = true;                ///< Ask the receiver whether it has everything before the stream is closed (PFT-14).
  std::uint64_t limit = 0;            ///< Bytes per second; 0: no limit. See FileTransfer::setLimit().
  ResumeOptions resume;
  std::chrono::milliseconds progressEvery{ 200 };
};

/**
 * Sends files.
 *
 * Each is read in bounded pieces, or handed from the file to the socket by the kernel where the stream is one. The whole file is read for its
 * digests on a helper thread before it is offered; nothing of that blocks the bot.
 *
 * @par Lifetime
 * Destroy it before its FileProfile, and not from inside a callback. Its transfers end with it, without a callback.
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @par Spec
 * PFT-1 to PFT-18.
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT FileSender
{
  public:
    /** @param handler Hears of all transfers. Must outlive this object. Not owned. */
    FileSender( FileProfile& files, FileTransferHandler& handler );
    ~FileSender();
    FileSender( const FileSender& ) = delete;
    FileSender& operator=( const FileSender& ) = delete;

    /**
     * Sends the file at @a path. Returns at once; the outcome comes as FileTransferHandler::handleFileEnd().
     * @param to A full JID, or a component's address (SI-1).
     * @return Null, and nothing is sent, if the file is not a regular one that can be read, or a text of @a options cannot be written in XML; problem()
     *         says why.
     */
    [[nodiscard]] std::shared_ptr<FileTransfer> send( const gloox::JID& to, const std::string& path,
                                                      const FileSendOptions& options = FileSendOptions() );

    /** @return Why the last send() returned null, for people. */
    [[nodiscard]] const std::string& problem() const;

    /** @return Transfers that have not ended. */
    [[nodiscard]] std::size_t transfers() const;

  private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace simultiple
