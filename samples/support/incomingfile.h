// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "digest.h"
#include "exitstatus.h"
#include "filechild.h"
#include "filewriter.h"
#include "reporter.h"

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/offer.h>
#include <gloox-si-multiple/report.h>

#include <gloox/bytestreamdatahandler.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sample
{

/// One file on its way in: counts, digests, writes, and gives the file its name when it is complete and right.
class IncomingFile final : public gloox::BytestreamDataHandler
{
  public:
    using Clock = std::chrono::steady_clock;

    IncomingFile( simultiple::Offer offer, FileChild file, std::unique_ptr<FileWriter> writer, Reporter& reporter );
    ~IncomingFile() override;
    IncomingFile( const IncomingFile& ) = delete;
    IncomingFile& operator=( const IncomingFile& ) = delete;

    /** The stream is there. */
    void start( std::shared_ptr<simultiple::MultiBytestream> stream );

    /** The session is over. */
    void end( simultiple::Cause cause, const std::string& text, const simultiple::Report& report );

    /** Call it in each turn of the loop: shows progress, and closes a stream that its sender forgot to close. */
    void turn();

    [[nodiscard]] bool ended() const { return m_ended; }
    [[nodiscard]] ExitStatus status() const { return m_status; } ///< Once ended.

    // reimplemented from BytestreamDataHandler
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {} // handleEnd() tells
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* ) override {}

  private:
    void complete();
    void fail( ExitStatus status, const std::string& text );
    [[nodiscard]] std::string digestProblem( const std::string& sha256 );

    const simultiple::Offer m_offer;
    const FileChild m_file;
    const std::string m_name;
    Reporter& m_reporter;
    std::unique_ptr<FileWriter> m_writer;
    const Clock::time_point m_begin = Clock::now();
    Digest m_md5{ Digest::Algorithm::Md5 };
    Digest m_sha256{ Digest::Algorithm::Sha256 };
    std::shared_ptr<simultiple::MultiBytestream> m_stream;
    std::uint64_t m_bytes = 0;
    std::optional<Clock::time_point> m_closeAt; // set once the outcome is known
    std::string m_problem;
    ExitStatus m_status = ExitStatus::Broken;
    bool m_opened = false;
    bool m_done = false;
    bool m_ended = false;
};

} // namespace sample
