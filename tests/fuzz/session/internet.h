// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/dialer.h"
#include "net/fd.h"
#include "net/socks5listener.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::fuzz
{

/**
 * All hosts that there are for the plugin: internet.cpp takes the place of net::Socks5Listener and net::Dialer, so nothing is resolved, connected or
 * waited for, and everything comes when the program says so. What is connected is a pair of local sockets, which the real net::StreamSocket works on.
 */
class Internet final
{
  public:
    Internet();
    ~Internet();
    Internet( const Internet& ) = delete;
    Internet& operator=( const Internet& ) = delete;
    [[nodiscard]] static Internet* now();   ///< That of the present run

    bool listens = true;   ///< false: the listener cannot be opened

    // ---- what a program may let happen; all of it comes from the plugin's loop
    void link( std::size_t which, bool early );              ///< Somebody shows a DST.ADDR that is registered
    enum class Dial { Start, Fail, Forbid, Connect };
    void dial( std::size_t which, Dial what, bool early );   ///< To a dialer at work
    enum class Say { Bytes, Close, Break, Read };
    void say( std::size_t which, Say what, std::size_t bytes );   ///< The far end of a connection

    // ---- what there is
    [[nodiscard]] std::size_t registrations() const { return m_links.size(); }
    [[nodiscard]] std::size_t dialers() const { return m_dials.size(); }
    [[nodiscard]] bool allClosed();        ///< Every connection was closed by the plugin, or is by its far end

    // ---- for the two in internet.cpp
    struct Link;
    struct DialWork;
    void add( std::shared_ptr<Link> link ) { m_links.push_back( std::move( link ) ); }
    void remove( const net::Socks5Listener* listener, const std::string& dstAddr );
    [[nodiscard]] const Link* find( const net::Socks5Listener* listener, const std::string& dstAddr ) const;
    void add( std::shared_ptr<DialWork> work ) { m_dials.push_back( std::move( work ) ); }
    void remove( const DialWork* work );
    /** @return The plugin's end of a new connection. @param early What its far end has sent already; its letter. */
    [[nodiscard]] net::Fd connect( bool hasEarly, std::string& early );

  private:
    /// The far end. All that it ever says is its letter, so that bytes tell where they came from.
    struct Far
    {
      net::Fd fd;
      char letter;
    };

    std::vector<std::shared_ptr<Link>> m_links{};
    std::vector<std::shared_ptr<DialWork>> m_dials{};
    std::vector<Far> m_far{};
    std::size_t m_made = 0;
};

} // namespace simultiple::fuzz
