// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/connectionbase.h>

#include <string>

namespace simultiple::methods
{

/**
 * What a gloox::SOCKS5Bytestream sits on: a connection without a descriptor. Ours are non-blocking and belong to the
 * session, so gloox may delete this whenever it likes (GLOOX-NOTES 10, C6). It says that it is not connected until told otherwise: a
 * connected one would make the stream open in its constructor.
 */
class Seat final : public gloox::ConnectionBase
{
  public:
    Seat() : ConnectionBase( nullptr ) {}

    void becomeConnected() { m_state = gloox::StateConnected; }

    gloox::ConnectionError connect() override { return gloox::ConnNoError; }
    gloox::ConnectionError recv( int ) override { return gloox::ConnNoError; }
    bool send( const std::string& ) override { return false; }
    gloox::ConnectionError receive() override { return gloox::ConnNoError; }
    void disconnect() override { m_state = gloox::StateDisconnected; }
    void getStatistics( long int& totalIn, long int& totalOut ) override { totalIn = totalOut = 0; }
    [[nodiscard]] gloox::ConnectionBase* newInstance() const override { return new Seat; } // gloox owns it
};

} // namespace simultiple::methods
