// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/filereceiver.h>

#include "files/transfer.h"

#include <string>

namespace simultiple::files
{

/**
 * PFT-18: a file on its way in that is here already. Its sender is told so, by a stream of no bytes; the application has heard of the file and hears
 * nothing.
 */
class RepeatedTransfer final : public Transfer
{
  public:
    RepeatedTransfer( Profile& profile, TransferOwner& owner, const FileInfo& info, std::string identity );

    /** @return false if it was too late. */
    [[nodiscard]] bool accept( const Offer& offer, const FileReceiveOptions& options );

    [[nodiscard]] bool outgoing() const override { return false; }
    [[nodiscard]] const std::string& identity() const { return m_identity; } ///< See fileIdentity().

  private:
    // Transfer
    [[nodiscard]] std::uint64_t position() const override { return m_info.size; }
    void streamOpened() override;
    void sessionOver( const SessionEnd& over ) override;
    void noteHeard( const Note& note ) override;
    void paceChanged() override {}
    void stopping( const Stop& ) override { m_later.stop(); }
    void ended() override;

    // gloox::BytestreamDataHandler
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;

    const std::string m_identity;
    net::Alarm m_later; ///< The end of the wait for the sender's close
    bool m_told = false;
};

} // namespace simultiple::files
