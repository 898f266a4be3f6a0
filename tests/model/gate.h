// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/fd.h"

#include <cstdint>
#include <string>

namespace simultiple::model
{

/// Stands in the way of R's connection to S's server, and lets through what a trace says, when it says so.
class Gate final
{
  public:
    Gate();

    [[nodiscard]] std::uint16_t port() const;
    void setServer( std::uint16_t port ) { m_server = port; }

    void pump();                      ///< Takes what is there, and forwards what may go.
    void letIn();                     ///< R reaches S's server: all but the server's last word goes through.
    [[nodiscard]] bool answered() const { return m_toR.size() > 2 || m_serverGone; }   ///< The server has said its last word.
    void tellR();                     ///< That word reaches R; payload and the end of file wait for the following calls.
    [[nodiscard]] bool holdsForS() const { return !m_toS.empty(); }
    [[nodiscard]] bool holdsForR() const { return !m_toR.empty(); }
    void payloadToS();
    void payloadToR();
    void endToS() { m_s.reset(); }
    void endToR() { m_r.reset(); }

  private:
    net::Fd m_listener;
    net::Fd m_r{};
    net::Fd m_s{};
    std::uint16_t m_server = 0;
    std::string m_toS{};
    std::string m_toR{};
    bool m_open = false;              ///< The handshake may pass.
    std::size_t m_forwarded = 0;      ///< Of the server's words: 2 bytes of choice before the reply
    bool m_serverGone = false;
};

} // namespace simultiple::model
