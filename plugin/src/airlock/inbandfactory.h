// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/simanager.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreammanager.h>

#include <memory>
#include <string>

namespace gloox
{
class ClientBase;
class InBandBytestream;
}

namespace simultiple::airlock
{

/**
 * Makes gloox::InBandBytestream objects, whose constructor is private: a file transfer profile makes one as soon as it is told that
 * in-band was chosen (GLOOX-NOTES 6a). Its managers have no parent and so register nothing anywhere (C5).
 */
class InBandFactory final : private gloox::SIProfileFTHandler
{
  public:
    explicit InBandFactory( gloox::ClientBase& client );

    /** A stream from @a local to @a peer (this way round on both sides, or its close() would go to ourselves: 6f), out of the client's dispatch. */
    [[nodiscard]] std::unique_ptr<gloox::InBandBytestream> make( const gloox::JID& local, const gloox::JID& peer, const std::string& sid );

  private:
    void handleFTRequest( const gloox::JID&, const gloox::JID&, const std::string&, const std::string&, long, const std::string&,
                          const std::string&, const std::string&, const std::string&, int ) override {}
    void handleFTRequestError( const gloox::IQ&, const std::string& ) override {}
    void handleFTBytestream( gloox::Bytestream* stream ) override { m_made = stream; }
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }

    gloox::ClientBase& m_client;
    gloox::SIManager m_manager;
    gloox::SOCKS5BytestreamManager m_socks5;
    gloox::SIProfileFT m_profile;
    gloox::SIManager::SI m_choice;
    gloox::Bytestream* m_made = nullptr;
};

} // namespace simultiple::airlock
