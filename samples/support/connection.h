// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "cli.h"
#include "descriptor.h"
#include "reporter.h"

#include <gloox-si-multiple/contacts.h>

#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/eventhandler.h>
#include <gloox/loghandler.h>

#include <chrono>
#include <memory>
#include <string>

namespace sample
{

/**
 * The connection to the server: set up, logged in, watched.
 *
 * The server's certificate is checked against the domain of the JID, also if `--host` says where to connect. Presence
 * has a negative priority, so that the server keeps chat messages for the user's real client.
 */
class Connection final : public gloox::ConnectionListener, public gloox::LogHandler, public gloox::EventHandler
{
  public:
    Connection( const Settings& settings, Reporter& reporter );
    ~Connection() override;
    Connection( const Connection& ) = delete;
    Connection& operator=( const Connection& ) = delete;

    /** @return Why nothing can be tried: no password, no log file. Empty: call login(). */
    [[nodiscard]] std::string prepare();

    /** Connects and logs in; returns when it is done, after 30 s, or when interrupted(). @return Why it failed, or empty. */
    [[nodiscard]] std::string login();

    /**
     * Ends the stream properly: not before the server has seen what we sent last, 2 s at most. A socket that is closed
     * with something still unread in it may take our last words along.
     */
    void logout();

    /**
     * For a connection that was lost: logs in again, now and then, for up to five minutes. Call it in each turn of the loop.
     * @param wanted false: do nothing.
     * @return Whether there is a connection, or hope for one.
     */
    [[nodiscard]] bool comeBack( bool wanted );

    [[nodiscard]] gloox::Client& client() { return *m_client; }
    [[nodiscard]] bool up() const { return m_up; }

    /** @return Why the connection is gone, for people. */
    [[nodiscard]] const std::string& problem() const { return m_problem; }

    /** @return Whether the bare JID of @a peer is in our roster, or is our own. */
    [[nodiscard]] bool isContact( const gloox::JID& peer ) const;

    // reimplemented from ConnectionListener
    void onConnect() override;
    void onDisconnect( gloox::ConnectionError error ) override;
    void onResourceBindError( const gloox::Error* error ) override;
    bool onTLSConnect( const gloox::CertInfo& info ) override;

    // reimplemented from LogHandler
    void handleLog( gloox::LogLevel level, gloox::LogArea area, const std::string& message ) override;

    // reimplemented from EventHandler: the answer to the ping of logout()
    void handleEvent( const gloox::Event& ) override { m_seen = true; }

  private:
    void setUpPresence();
    [[nodiscard]] bool setUpTls();

    const Settings& m_settings;
    Reporter& m_reporter;
    Descriptor m_log;
    std::unique_ptr<gloox::Client> m_client;
    simultiple::Contacts m_contacts;
    std::string m_problem;
    bool m_up = false;
    bool m_down = false;
    bool m_seen = false;
    std::chrono::steady_clock::time_point m_lost{};
    std::chrono::steady_clock::time_point m_nextTry{};
};

/** @return What is wrong with the certificate, for people; empty if nothing is. */
[[nodiscard]] std::string certificateProblem( int status );

/** @return @a xml with what a SASL element or a password element holds replaced by `...`. */
[[nodiscard]] std::string withoutSecrets( const std::string& xml );

} // namespace sample
