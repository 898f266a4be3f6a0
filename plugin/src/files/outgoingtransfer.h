// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/filesender.h>

#include "files/jobs.h"
#include "files/resumepolicy.h"
#include "files/sourcefile.h"
#include "files/transfer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::files
{

/**
 * One file on its way out.
 *
 * Preparing -> Offered -> Open -> Finishing -> Ended, with Waiting between a stream that broke and the next offer.
 */
class OutgoingTransfer final : public Transfer
{
  public:
    OutgoingTransfer( Profile& profile, TransferOwner& owner, FileTransferHandler& handler, const gloox::JID& to, std::unique_ptr<SourceFile> file,
                      const FileSendOptions& options );

    /** Reads the file's digests, or offers it at once. Not from the constructor: callbacks may follow. */
    void start();

    [[nodiscard]] bool outgoing() const override { return true; }

  private:
    // Transfer
    [[nodiscard]] bool answered( Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& si ) override;
    [[nodiscard]] std::uint64_t position() const override;
    void streamOpened() override;
    void sessionOver( const SessionEnd& over ) override;
    void noteHeard( const Note& note ) override;
    void paceChanged() override;
    void stopping( const Stop& ) override { ended(); }
    void ended() override;

    // gloox::BytestreamDataHandler
    void handleBytestreamData( gloox::Bytestream*, const std::string& ) override {} // PFT-3: the receiver has no say

    [[nodiscard]] bool goesOn() const { return m_policy.streams() > 0; } ///< There has been a stream before
    void readDigests();
    void digestsRead( Digests& read );
    void offer();
    void offerLater( std::chrono::milliseconds after );
    void offerAgain();
    void doubtOver( NoteAnswer answer );
    void pump();
    [[nodiscard]] bool sendSome( std::uint64_t most );
    void allTaken();
    void askForNotes();
    void heardOfSent( NoteAnswer answer );
    [[nodiscard]] bool wordLost() const;
    void waitForWord();
    void interrupted( const SessionEnd& over );
    void endWithout( const SessionEnd& over );
    void sourceProblem( FileCause cause, const std::string& before, const std::string& after );
    [[nodiscard]] bool sourceFailed( const SessionEnd& over );
    void decide();
    void complete( bool confirmed );

    const gloox::JID m_to;
    const FileSendOptions m_options;
    const std::unique_ptr<SourceFile> m_file;
    ResumePolicy m_policy;
    std::unique_ptr<Jobs::Job> m_job{};
    net::Alarm m_later;                       ///< The next offer, or the end of a wait for the receiver's word
    Digest m_sha256{ Digest::Algorithm::Sha256 }; ///< Without digests before the offer: of what was read so far
    std::uint64_t m_hashed = 0;               ///< Bytes in it
    std::string m_block{};                    ///< Read, and not taken by the stream yet
    FileRange m_range{};                      ///< Of the present session
    std::uint64_t m_taken = 0;                ///< Bytes of it that the stream has taken
    /// PFT-14: what is known of the receiver's word.
    enum class Word { NotWanted, Asked, WillNotCome, MayCome, WillCome, Gone, Received, Lacking };
    Word m_word = Word::NotWanted;
    std::uint64_t m_askedIn = 0;              ///< Profile::era()
    TimePoint m_wordBy{};                     ///< Until when it is waited for
    /// What the receiver made of the first one.
    enum class Notes { Unheard, Unknown, Known };
    Notes m_notes = Notes::Unheard;
    bool m_doubtful = false;                  ///< Whether the receiver knows ranges is being asked; no byte moves
    SessionEnd m_over{};                      ///< Of the newest session that is over
    bool m_all = false;                       ///< The session is over, and everything has left
};

} // namespace simultiple::files
