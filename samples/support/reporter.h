// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "cli.h"
#include "progress.h"

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/filetransfer.h>
#include <gloox-si-multiple/report.h>

#include <gloox/jid.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sample
{

/// The end of a transfer that worked.
struct DoneEvent
{
  std::uint64_t bytes = 0;
  std::string sha256;
  std::chrono::milliseconds took{ 0 }; ///< Since the first offer.
  std::string path;                    ///< The local file.
  std::string method;                  ///< The last one, by its namespace.
  unsigned streams = 1;                ///< How many it took.
  bool confirmed = false;              ///< The receiver has said that it is stored.
};

/// All transfers of a run together.
struct Summary
{
  std::uint64_t files = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;             ///< Of the files that arrived.
  std::chrono::milliseconds took{ 0 };
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
    void accepted( const simultiple::FileTransfer& transfer, simultiple::Dialect dialect, const std::vector<std::string>& methods );

    /**
     * `attempt`, or `failed` once a method as a whole has; a streamhost that failed is only a detail. What was opened
     * is remembered for open().
     */
    void attempt( const simultiple::Attempt& attempt );
    void attempt( const simultiple::FileTransfer& transfer, const simultiple::Attempt& what );

    /** @param offset Where in the file the stream starts. */
    void open( const std::string& sid, const gloox::JID& peer, const std::string& method, std::uint64_t offset );
    void open( const simultiple::FileTransfer& transfer, std::uint64_t offset );

    void progress( const simultiple::FileTransfer& transfer, const std::string& name, const simultiple::FileProgress& progress );

    /** The stream broke and there will be another. */
    void interrupted( const simultiple::FileTransfer& transfer, simultiple::Cause cause, const std::string& text,
                      std::chrono::milliseconds again );

    void done( const simultiple::FileTransfer& transfer, const DoneEvent& event );
    /** The end of a session that came to nothing, with the name of its file if offer() told one. */
    void error( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text );
    /** The end of a transfer that did not work. */
    void fileError( const simultiple::FileTransfer& transfer, const simultiple::FileResult& result );

    /** Says nothing about a single file: its own line has said it. */
    void summary( const Summary& summary );

    // ---- of si-multiple-tube

    void tube( std::uint32_t id, const gloox::JID& peer, const std::string& service );
    void listening( const std::string& address, std::uint16_t port );
    /** One connection is over, as it should. @param sent, received Bytes, seen from the stream. */
    void connectionDone( const std::string& sid, const gloox::JID& peer, std::uint64_t sent, std::uint64_t received,
                         std::chrono::milliseconds took );
    void tubeClosed( std::uint32_t id, const gloox::JID& peer, const std::string& how );

    /** @return Sessions of which something is remembered. */
    [[nodiscard]] std::size_t sessions() const { return m_live.size(); }

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
      const simultiple::FileTransfer* transfer = nullptr; ///< Whose session it is, once that is known; only compared.
      std::string name; ///< Of the file; empty if there is none.
      std::string method;
      std::string host;
      std::uint16_t port = 0;
      Clock::time_point begun = Clock::now();
    };
    using Key = std::pair<std::string, std::string>;

    static Key key( const std::string& sid, const gloox::JID& peer ) { return { peer.full(), sid }; }
    [[nodiscard]] Live& live( const std::string& sid, const gloox::JID& peer ) { return m_live[key( sid, peer )]; }
    /**
     * The session that @a transfer has now is the one that counts, and an earlier one is forgotten: a sender may come back under a new sid at any time
     * (PFT-16), and nobody is told that the old one is over.
     */
    void follow( const simultiple::FileTransfer& transfer );
    void step( const std::string& text );
    void print( const std::string& line );
    void complain( const std::string& line );

    const Role m_role;
    const bool m_json;
    const bool m_verbose;
    const bool m_quiet;
    const bool m_steps;    ///< Tell each step in plain words, not only what came out: somebody is watching.
    ProgressBar m_bar;
    std::map<Key, Live> m_live;
};

} // namespace sample
