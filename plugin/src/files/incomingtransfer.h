// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/filereceiver.h>

#include "files/digest.h"
#include "files/jobs.h"
#include "files/partfile.h"
#include "files/transfer.h"

#include <cstdint>
#include <memory>
#include <string>

namespace simultiple::files
{

/**
 * One file on its way in.
 *
 * Offered -> Open -> Finishing -> Ended, with Waiting between a stream that broke and the sender's next offer.
 */
class IncomingTransfer final : public Transfer
{
  public:
    IncomingTransfer( Profile& profile, TransferOwner& owner, FileTransferHandler& handler, const FileInfo& info, std::string identity,
                      std::unique_ptr<PartFile> part, const FileReceiveOptions& options );

    /** Reads what there is of the file. Once, before accept(). */
    void start();
    /** Accepts @a offer, which is of this file: the first one, or one that goes on. @return false if it was too late. */
    bool accept( const Offer& offer );

    [[nodiscard]] bool outgoing() const override { return false; }
    void cancel() override;
    [[nodiscard]] const std::string& identity() const { return m_identity; } ///< See fileIdentity().
    [[nodiscard]] bool goesOn() const { return !m_identity.empty() && m_part && !stopped(); } ///< Another offer of the same file is welcome.
    void heard() { m_heard = true; } ///< PFT-14: the sender has our word.

    // Once it has ended:
    [[nodiscard]] bool leftPart() const { return m_leftPart; } ///< Something of the file is kept for another time.
    [[nodiscard]] const std::string& path() const { return m_result.path; } ///< Empty: it is not stored.
    /** @return Whether the file, known by a digest, is stored, and the sender, who wants to know, may not have heard (PFT-18). */
    [[nodiscard]] bool unconfirmed() const
    {
      return m_stored && m_senderKnowsNotes && !m_heard && !m_identity.empty() && !( m_info.sha256.empty() && m_info.md5.empty() );
    }

  private:
    // Transfer
    [[nodiscard]] std::uint64_t position() const override { return m_bytes; }
    void streamOpened() override;
    void sessionOver( const SessionEnd& over ) override;
    void noteHeard( const Note& note ) override;
    void paceChanged() override;
    void stopping( const Stop& stop ) override;
    void ended() override;

    // gloox::BytestreamDataHandler
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;

    void take( const std::string& data );
    void partRead( const std::string& problem );
    void finish();
    [[nodiscard]] std::string digestProblem( const std::string& sha256 );
    void stored( const PartFile& part );
    void completeOnceAsked();
    void tell();
    [[nodiscard]] Note outcome() const;
    void complete();
    void failed( const PartFile& part );

    const std::string m_identity;
    const FileReceiveOptions m_options;
    std::unique_ptr<PartFile> m_part;    ///< Until it is stored
    Digest m_md5{ Digest::Algorithm::Md5 };
    Digest m_sha256{ Digest::Algorithm::Sha256 };
    std::uint64_t m_bytes = 0;           ///< In the part
    std::unique_ptr<Jobs::Job> m_job{};
    net::Alarm m_later;                  ///< The end of the wait for the sender: for its next offer, its close, or its question
    bool m_reading = false;              ///< What was there of the file is being read for its digests; new bytes wait
    bool m_unread = false;               ///< There was nobody to read it
    bool m_asked = false;                ///< PFT-14: the sender wants to hear when it is stored
    bool m_told = false;                 ///< And was told, or that it is not
    bool m_heard = false;                ///< And has heard that it is
    bool m_senderKnowsNotes = false;     ///< It has sent one
    bool m_stored = false;
    bool m_leftPart = false;
};

} // namespace simultiple::files
