// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace simultiple::net
{

/// S5B-18, W-16: lower-case hex SHA-1 of sid + requester + target. The JIDs exactly as they stand in the stanzas.
[[nodiscard]] std::string dstAddr( std::string_view sid, std::string_view requester, std::string_view target );

/**
 * The client's half of the handshake W-16. Pure: bytes in, bytes out.
 */
class Socks5Client final
{
  public:
    enum class State { Choice, Reply, Done, Failed };

    explicit Socks5Client( std::string dstAddr );

    /** @return The greeting `05 01 00`, to be sent first. */
    [[nodiscard]] static std::string greeting();

    /** Takes what arrived, in any fragmentation. Consumes nothing beyond the reply: payload() has the rest (S5B-15). */
    void feed( std::string_view bytes );
    /** @return Bytes to send now; each byte once. */
    [[nodiscard]] std::string takeOutput();
    [[nodiscard]] State state() const noexcept { return m_state; }
    [[nodiscard]] const std::string& reason() const noexcept { return m_reason; }  ///< Why Failed, for people.
    [[nodiscard]] std::string takePayload();  ///< Bytes after the reply.

  private:
    void fail( const std::string& reason );
    void readReply();

    State m_state = State::Choice;
    std::string m_dstAddr;
    std::string m_in{};
    std::string m_out{};
    std::string m_reason{};
};

/**
 * The server's half. Pure. The caller is asked whether the DST.ADDR is welcome and says so with grant() or refuse().
 */
class Socks5Server final
{
  public:
    enum class State { Greeting, Connect, Asked, Granted, Refused };
    static constexpr std::size_t MaxBytes = 262;  ///< SEC-17

    void feed( std::string_view bytes );
    [[nodiscard]] std::string takeOutput();
    [[nodiscard]] State state() const noexcept { return m_state; }
    /** In Asked: the 40 digits, in lower case. */
    [[nodiscard]] const std::string& dstAddr() const noexcept { return m_dstAddr; }
    void grant();   ///< Reply, good.
    void refuse();  ///< Reply, bad (02); the caller closes after sending it.
    [[nodiscard]] std::string takePayload();  ///< Bytes that a hasty client sent after its CONNECT.

  private:
    void readGreeting();
    void readConnect();

    State m_state = State::Greeting;
    std::string m_in{};
    std::string m_out{};
    std::string m_dstAddr{};
    std::string m_wire{};   ///< The digits as the client wrote them, for the reply.
    std::size_t m_read = 0; ///< Handshake bytes consumed.
};

} // namespace simultiple::net
