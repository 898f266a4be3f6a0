// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "cli.h"
#include "progress.h"

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/report.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sample
{

/// The end of a transfer that worked.
struct DoneEvent
{
  std::string sid;
  std::uint64_t bytes = 0;
  std::string sha256;
  std::chrono::milliseconds took{ 0 }; ///< Since the offer.
  std::string path;                    ///< The local file.
};

/**
 * Tells the user what happens: as JSON events on standard output, or in plain words there with a progress bar.
 *
 * Problems go to standard error either way. Whatever a peer wrote is made harmless on its way out (SEC-22).
 */
class Reporter final
{
  public:
    explicit Reporter( const Settings& settings );

    void connected( const gloox::JID& jid );
    void offer( const std::string& sid, const gloox::JID& peer, const std::string& name, std::uint64_t size );
    void accepted( const std::string& sid, simultiple::Dialect dialect, const std::vector<std::string>& methods );

    /**
     * `attempt`, or `failed` once a method as a whole has; a streamhost that failed is only a detail. What was opened
     * is remembered for open().
     */
    void attempt( const simultiple::Attempt& attempt );

    /** @param took Since the offer. */
    void open( const std::string& sid, const gloox::JID& peer, const std::string& method,
               std::chrono::milliseconds took );

    /** At most every 200 ms for each transfer; call it as often as you like. */
    void progress( const std::string& sid, const gloox::JID& peer, const std::string& name, std::uint64_t bytes,
                   std::uint64_t total );

    void done( const gloox::JID& peer, const DoneEvent& event );
    void error( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text );

    // ---- of si-multiple-tube

    void tube( std::uint32_t id, const gloox::JID& peer, const std::string& service );
    void listening( const std::string& address, std::uint16_t port );
    /** One connection is over, as it should. @param sent, received Bytes, seen from the stream. */
    void connectionDone( const std::string& sid, const gloox::JID& peer, std::uint64_t sent, std::uint64_t received,
                         std::chrono::milliseconds took );
    void tubeClosed( std::uint32_t id, const gloox::JID& peer, const std::string& how );

    /** One line on standard error. */
    void problem( const std::string& text );
    /** The same, unless quiet. */
    void warning( const std::string& text );
    /** A line for people, only when there is no JSON. */
    void note( const std::string& text );
    /** Lines on standard error, if verbose. */
    void detail( const std::string& text );

  private:
    using Clock = std::chrono::steady_clock;

    /// What is known of a transfer under way. A sid alone is no name: two peers may choose the same (GEN-2).
    struct Live
    {
      std::string method;
      std::string host;
      std::uint16_t port = 0;
      Clock::time_point opened{};
      Clock::time_point shown{};
      std::uint64_t bytes = 0;
    };
    using Key = std::pair<std::string, std::string>;

    static Key key( const std::string& sid, const gloox::JID& peer ) { return { peer.full(), sid }; }
    void print( const std::string& line );
    void complain( const std::string& line );

    const Role m_role;
    const bool m_json;
    const bool m_verbose;
    const bool m_quiet;
    ProgressBar m_bar;
    std::map<Key, Live> m_live;
};

} // namespace sample
