// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/clock.h>
#include <gloox-si-multiple/filetransfer.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace simultiple::files
{

/// How one stream of a transfer ended before the file was complete.
struct StreamEnd
{
  Cause cause = Cause::IoError;
  bool opened = false;         ///< A stream had been open.
  std::string method{};        ///< Which one.
  std::uint64_t carried = 0;   ///< Bytes that were written to it. How many of them arrived, reached() tells.
};

/**
 * PFT-16: whether a transfer that broke is tried again, when, and by which methods. Pure: time is passed in.
 *
 * A transfer that has never had a stream is not tried again: what stands in its way will stand there tomorrow. A method that broke
 * BreaksInARow times, each time before it had carried WorthKeeping, is likely to break again and is left out, as long as another is left.
 */
class ResumePolicy final
{
  public:
    static constexpr unsigned BreaksInARow = 2;
    static constexpr std::uint64_t WorthKeeping = 1 << 20; ///< Bytes
    static constexpr std::chrono::milliseconds LongestDelay{ 30000 };

    ResumePolicy( const ResumeOptions& options, TimePoint now );

    struct Verdict
    {
      bool again = false;
      std::chrono::milliseconds after{ 0 };
    };

    [[nodiscard]] Verdict streamEnded( const StreamEnd& end, TimePoint now );

    /** The receiver goes on at @a offset: that is how far the stream before has really brought it. */
    void reached( std::uint64_t offset );

    /** A try could not even be made: not connected, say. */
    [[nodiscard]] Verdict notOffered( TimePoint now );

    /** The application held the transfer up until @a now: that nothing moved says nothing. */
    void heldUp( TimePoint now ) { m_moved = now; }

    /** @return Those of @a wanted that are worth a try; all of them if none is. */
    [[nodiscard]] std::vector<std::string> methods( const std::vector<std::string>& wanted ) const;

    [[nodiscard]] unsigned streams() const { return m_streams; }

  private:
    [[nodiscard]] Verdict again( TimePoint now );

    ResumeOptions m_options;
    TimePoint m_moved;              ///< When something moved last
    unsigned m_streams = 0;
    unsigned m_idle = 0;            ///< Tries in a row that brought nothing
    std::uint64_t m_offset = 0;     ///< As reached() told last
    std::string m_last{};           ///< The method that broke last, if it is not known yet what it carried
    std::map<std::string, unsigned> m_breaks{};
};

} // namespace simultiple::files
