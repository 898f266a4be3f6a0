// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/options.h>
#include <gloox-si-multiple/report.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace simultiple::fuzz
{

/** @return Bytes @a from to @a from + @a count of an endless text in which no place looks like another; @a way makes two of them. */
[[nodiscard]] std::string text( unsigned way, std::uint64_t from, std::size_t count );

/// Everything known about one in-band stream, told from both sides, and what must hold between the two (2.7).
class Line final
{
  public:
    Line( const Options& options, std::string sid, std::size_t blockSize ) : m_options( options ), m_sid( std::move( sid ) ), m_blockSize( blockSize ) {}

    [[nodiscard]] const std::string& sid() const { return m_sid; }
    [[nodiscard]] std::size_t blockSize() const { return m_blockSize; }

    // ---- the peer writes
    /** A block of so many bytes, in its place. @return Its bytes. */
    [[nodiscard]] std::string nextBlock( std::size_t size );
    [[nodiscard]] unsigned nextSeq() const { return m_theirSeq; }
    void wrote( const std::string& id, std::size_t size );   ///< nextBlock() was fed; without an id by a message
    void wroteWrong() { m_theirsWrong = m_theirsWrong || !( m_theirsOver || m_oursRefused ); }   ///< Something that cannot be accepted was fed: nothing after it counts
    void theyClosed( const std::string& id )
    {
      m_theirsOver = true;
      m_theirClose = id;
    }

    // ---- we answer
    void answered( const std::string& id, const std::string& how );

    // ---- we write
    struct Block
    {
      std::string id;
      std::size_t size;
    };
    void sent( const std::string& id, const std::string& stanza );   ///< W-21
    void sentClose();                                                ///< W-24
    [[nodiscard]] const std::deque<Block>& waiting() const { return m_waiting; }
    void acknowledge( std::size_t which );   ///< By a result
    void refuse( std::size_t which );        ///< By an error (IBB-11): nothing that they write after it counts, only what was not read yet

    // ---- the application
    std::shared_ptr<MultiBytestream> stream{};
    bool ended = false, closed = false, paused = false, aborted = false;
    std::uint64_t taken = 0;                 ///< By send()
    void heard( const std::string& data );
    void heardEnd( Cause cause, const Report& report );

    void check() const;   ///< At rest

  private:
    struct Unanswered
    {
      std::string id;
      std::size_t size;
    };

    const Options& m_options;
    std::string m_sid;
    std::size_t m_blockSize;
    // theirs
    unsigned m_theirSeq = 0;
    std::uint64_t m_written = 0;          ///< Bytes, in order and right
    std::uint64_t m_acknowledged = 0;     ///< Of those
    std::uint64_t m_byMessage = 0;        ///< Of those; nobody says what became of them
    std::uint64_t m_heard = 0;
    std::deque<Unanswered> m_unanswered{};
    std::string m_theirClose{};           ///< Its id
    bool m_theirsWrong = false, m_theirsOver = false, m_theirCloseAnswered = false;
    // ours
    unsigned m_ourSeq = 0;
    std::uint64_t m_sent = 0, m_confirmed = 0;
    std::deque<Block> m_waiting{};
    bool m_closeSent = false, m_oursRefused = false;
};

} // namespace simultiple::fuzz
