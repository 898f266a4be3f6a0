// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>

#include <gloox/jid.h>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <deque>
#include <string>

namespace simultiple::files
{

/**
 * PFT-18: files that are complete, and of which their senders may not know: the word went with a connection. Bounded, the oldest go first.
 *
 * Each is remembered as it was left. One that somebody has moved, changed or removed is not there any more.
 */
class Unconfirmed final
{
  public:
    /** @param most So many files, @param age for so long. */
    Unconfirmed( std::size_t most, std::chrono::seconds age ) : m_most( most ), m_age( age ) {}

    /** The file of this session is complete, at @a path. @param identity See fileIdentity(). */
    void add( const gloox::JID& peer, const std::string& sid, const std::string& identity, const std::string& path, TimePoint now );
    /** Its sender knows. */
    void confirmed( const gloox::JID& peer, const std::string& sid ) noexcept;
    /** @return Whether it is there as it was left. It is offered once more, in this session. */
    [[nodiscard]] bool offered( const gloox::JID& peer, const std::string& sid, const std::string& identity, TimePoint now );

  private:
    /// What a file that nobody has touched keeps.
    struct Stamp
    {
      explicit Stamp( const std::string& path );
      [[nodiscard]] bool operator==( const Stamp& other ) const;

      bool file = false;   ///< There is one, and it is no link
      dev_t device = 0;
      ino_t inode = 0;
      off_t size = 0;
      timespec changed{};
    };
    struct File
    {
      gloox::JID peer;
      std::string sid;
      std::string identity;
      std::string path;
      Stamp stamp;
      TimePoint since;
    };

    const std::size_t m_most;
    const std::chrono::seconds m_age;
    std::deque<File> m_files{}; ///< The newest last
};

} // namespace simultiple::files
