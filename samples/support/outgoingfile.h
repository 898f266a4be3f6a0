// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "digest.h"
#include "exitstatus.h"
#include "reporter.h"
#include "sourcefile.h"

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/report.h>

#include <gloox/bytestreamdatahandler.h>
#include <gloox/jid.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace sample
{

/// One file on its way out: feeds the stream from the file as fast as the stream takes it, in bounded memory.
class OutgoingFile final : public gloox::BytestreamDataHandler
{
  public:
    OutgoingFile( SourceFile& file, const gloox::JID& peer, Reporter& reporter );
    ~OutgoingFile() override;
    OutgoingFile( const OutgoingFile& ) = delete;
    OutgoingFile& operator=( const OutgoingFile& ) = delete;

    /** The offer has left. */
    void offered( const std::string& sid );

    /** The stream is there. */
    void start( std::shared_ptr<simultiple::MultiBytestream> stream );

    /** The session is over. */
    void end( simultiple::Cause cause, const std::string& text, const simultiple::Report& report );

    /** Call it in each turn of the loop. */
    void showProgress();

    [[nodiscard]] const std::string& sid() const { return m_sid; }
    [[nodiscard]] bool ended() const { return m_ended; }
    [[nodiscard]] ExitStatus status() const { return m_status; } ///< Once ended.
    [[nodiscard]] bool usedSocks5() const;

    // reimplemented from BytestreamDataHandler
    void handleBytestreamData( gloox::Bytestream*, const std::string& ) override {} // PFT-3: the receiver has no say
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}  // handleEnd() tells
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* ) override {}

  private:
    void pump();
    [[nodiscard]] bool fill();
    void localProblem( const std::string& text );

    SourceFile& m_file;
    const gloox::JID m_peer;
    Reporter& m_reporter;
    const std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
    Digest m_sha256{ Digest::Algorithm::Sha256 };
    std::shared_ptr<simultiple::MultiBytestream> m_stream;
    std::string m_sid;
    std::string m_block;          // read, not yet taken by the stream
    std::string m_problem;        // of the local file
    std::uint64_t m_taken = 0;    // by the stream
    ExitStatus m_status = ExitStatus::Broken;
    bool m_opened = false;
    bool m_closing = false;
    bool m_ended = false;
};

} // namespace sample
