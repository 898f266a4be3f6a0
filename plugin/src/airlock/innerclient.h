// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/clientbase.h>
#include <gloox/connectionbase.h>

#include <memory>
#include <string>

namespace simultiple::airlock
{

/// What comes out of the private client.
class InnerHandler
{
  public:
    virtual ~InnerHandler() = default;
    virtual void handleInnerText( const std::string& xml ) noexcept = 0;
    /** Null: there is none for whoever asks. */
    [[nodiscard]] virtual std::unique_ptr<gloox::ConnectionBase> makeInnerConnection() noexcept = 0;
};

/**
 * The private client that never connects: the parent of all our gloox objects (DESIGN 3). Derived from ClientBase, it lacks a Client's
 * roster, binding and session types; its JID is empty and so equals no peer's, except for the moment in which an answer is handed in.
 *
 * ClientBase's constructor calls `srand( time( 0 ) )` and so disturbs the process's rand() (GLOOX-NOTES 3b): one of these per bot
 * client, made once, not one per session.
 */
class InnerClient final : public gloox::ClientBase
{
  public:
    explicit InnerClient( InnerHandler& handler );

    /** Whose client this is while an answer is handed in; empty: nobody's. */
    void speakFor( const gloox::JID& local ) { m_jid = local; }

  private:
    void handleStartNode( const gloox::Tag* ) override {}
    bool handleNormalNode( gloox::Tag* ) override { return false; }
    void rosterFilled() override {}
};

} // namespace simultiple::airlock
