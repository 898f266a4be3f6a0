// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/connectiontcpclient.h>

#include <string>

namespace sample
{

/// A TCP connection to the XMPP server that gives up: gloox's own waits for as long as the kernel does, over two minutes.
class ServerConnection final : public gloox::ConnectionTCPClient
{
  public:
    ServerConnection( gloox::ConnectionDataHandler* handler, const gloox::LogSink& log, const std::string& host,
                      int port );

    /** Tries every address of the host, at most 10 s each. */
    gloox::ConnectionError connect() override;

    [[nodiscard]] gloox::ConnectionBase* newInstance() const override;

  private:
    const gloox::LogSink& m_log;
};

} // namespace sample
