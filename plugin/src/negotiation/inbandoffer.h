// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/timeouts.h>

#include <cstdint>
#include <string>
#include <vector>

namespace simultiple::negotiation
{

/**
 * The sender's IBB part of PROTOCOL 3.1: rows ST-S-12 and ST-S-29 to ST-S-33. Pure, one object per walk step.
 */
class InBandOffer final
{
  public:
    enum class State { Idle, Waiting, Done, Failed };

    struct Action
    {
      enum class Do
      {
        SendOpen,      ///< W-17 with @a blockSize, a new IQ id, the same sid.
        StartTimer,    ///< T-S-IBB (starting a running timer restarts it)
        StopTimer,     ///< T-S-IBB
        SendClose,     ///< IBB-4: silence, and nothing follows: W-24, its answer ignored.
        AnswerClose,   ///< ST-S-33: result to R's W-24.
        Commit,        ///< NEG-10.
        Fail           ///< @a reason; @a peerUnreachable by NEG-7.
      };
      Do what;
      std::uint16_t blockSize = 0;
      std::string reason{};
      bool peerUnreachable = false;
    };
    using Actions = std::vector<Action>;

    static constexpr std::uint16_t SmallestBlock = 256;  ///< IBB-3
    static constexpr int MaxRetries = 4;                 ///< IBB-3

    /** @param last Nothing follows in the list (IBB-4). */
    InBandOffer( std::uint16_t blockSize, bool last ) : m_blockSize( blockSize ), m_last( last ) {}

    [[nodiscard]] Actions start();                 ///< ST-S-12
    [[nodiscard]] Actions accepted();              ///< W-18: ST-S-29
    [[nodiscard]] Actions resourceConstraint();    ///< W-19: ST-S-30, or the method fails
    [[nodiscard]] Actions error( const std::string& condition, bool peerUnreachable ); ///< ST-S-31, 32
    [[nodiscard]] Actions closeReceived();         ///< ST-S-33
    [[nodiscard]] Actions timer( Timer timer );    ///< ST-S-32, IBB-4

    [[nodiscard]] State state() const noexcept { return m_state; }
    [[nodiscard]] std::uint16_t blockSize() const noexcept { return m_blockSize; }

  private:
    Actions fail( Actions actions, const std::string& reason, bool peerUnreachable = false );

    State m_state = State::Idle;
    std::uint16_t m_blockSize;
    bool m_last;
    int m_retries = 0;
};

} // namespace simultiple::negotiation
