// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "arguments.h"

#include <gloox/client.h>
#include <gloox/connectionlistener.h>

#include <string>

namespace bench
{

/**
 * A bot's place on the server: `--jid --host --port --ca-file`, the password in $XMPP_PASSWORD. TLS as bots use it.
 */
class Account final : public gloox::ConnectionListener
{
  public:
    explicit Account( const Arguments& arguments );
    ~Account() override;
    Account( const Account& ) = delete;
    Account& operator=( const Account& ) = delete;

    /** Logs in; prints `connected` with the JID, as the sample programs do. */
    [[nodiscard]] bool login();
    [[nodiscard]] bool up() const { return m_up; }
    [[nodiscard]] gloox::Client& client() { return m_client; }
    [[nodiscard]] int socket() const;

    void onConnect() override { m_up = true; }
    void onDisconnect( gloox::ConnectionError ) override { m_up = false; }
    bool onTLSConnect( const gloox::CertInfo& info ) override { return info.status == gloox::CertOk; }

  private:
    gloox::Client m_client;
    bool m_up = false;
};

} // namespace bench
