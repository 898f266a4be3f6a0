// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/dialer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace simultiple::net
{

class DialAttempt;

/// Who runs a DialAttempt.
class DialAttemptOwner
{
  public:
    virtual ~DialAttemptOwner() = default;
    /** The attempt has come to a Handshake, or is Won or Failed. Never called from inside begin(). Deleting the attempt is allowed. */
    virtual void attemptChanged( DialAttempt& attempt ) = 0;
    /** @return Whether a target is left that was not begun: then the time for a TCP connection is short (T-R-HOST). */
    [[nodiscard]] virtual bool othersWait() const = 0;
    /** Keeps the owner and its attempts alive on the stack while the application is asked for an address (SEC-6), and may do anything. */
    [[nodiscard]] virtual std::shared_ptr<void> held() = 0;
};

/**
 * One streamhost: name, address, TCP, handshake (S5B-12). Knows nothing of the other ones.
 */
class DialAttempt final
{
  public:
    /// In the order in which an attempt goes through them.
    enum class Stage { Waiting, Naming, Connecting, Handshake, Won, Failed };

    DialAttempt( EventLoop& loop, Resolver& resolver, const DialOptions& options, DialAttemptOwner& owner, std::size_t index,
                 DialTarget target, const std::string& dstAddr );
    ~DialAttempt();
    DialAttempt( const DialAttempt& ) = delete;
    DialAttempt& operator=( const DialAttempt& ) = delete;

    void begin();                            ///< May end in Failed at once; ask stage(). The caller holds the owner.
    void giveUp( const std::string& why );   ///< Fails it and closes everything; the owner is not called.

    [[nodiscard]] Stage stage() const noexcept { return m_stage; }
    [[nodiscard]] bool live() const noexcept { return m_stage > Stage::Waiting && m_stage < Stage::Won; }
    [[nodiscard]] bool connected() const noexcept { return m_connected; }  ///< Got as far as an established TCP connection (S5B-11 a).
    /** @return In a handshake in which the host has not said a word: until when it is worth waiting for one (S5B-11 b). */
    [[nodiscard]] std::optional<TimePoint> firstWordUntil() const;
    [[nodiscard]] bool tried() const noexcept { return m_tried; }          ///< A connection was begun, so a failure is not of our own making.
    [[nodiscard]] std::size_t index() const noexcept { return m_index; }
    [[nodiscard]] const DialTarget& target() const noexcept { return m_target; }
    [[nodiscard]] const std::string& reason() const noexcept { return m_reason; }  ///< Why Failed.
    [[nodiscard]] std::chrono::milliseconds took() const;
    [[nodiscard]] Fd takeFd();
    [[nodiscard]] std::string takePayload() { return m_handshake.takePayload(); }

  private:
    void named( std::vector<Address> addresses, const std::string& error );
    void tryNextAddress();
    [[nodiscard]] bool connectTo( const Address& address );
    void connectReady();
    void connectTooSlow();
    void established();
    void handshakeReady( std::uint32_t events );
    void readHandshake();
    [[nodiscard]] bool flush();
    void outOfTime();
    void closeSocket();
    void tellOwner( Stage before );

    EventLoop& m_loop;
    Resolver& m_resolver;
    const DialOptions& m_options;
    DialAttemptOwner& m_owner;
    std::size_t m_index;
    DialTarget m_target;
    Stage m_stage = Stage::Waiting;
    bool m_connected = false;
    bool m_tried = false;
    bool m_heard = false;   ///< The host said something.
    TimePoint m_began{};
    TimePoint m_connecting{};
    TimePoint m_connectedAt{};
    std::chrono::milliseconds m_took{ 0 };
    std::string m_reason{};
    Alarm m_hostTime;
    Alarm m_tcpTime;
    std::unique_ptr<Lookup> m_lookup{};
    std::vector<Address> m_addresses{};
    std::size_t m_nextAddress = 0;
    Socks5Client m_handshake;
    std::string m_out{};
    Fd m_fd{};
    std::unique_ptr<Watch> m_watch{};  // after m_fd: must go before the descriptor
};

} // namespace simultiple::net
