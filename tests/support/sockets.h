// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/eventloop.h"
#include "net/fd.h"
#include "net/resolver.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace simultiple::test
{

/**
 * Runs @a loop, waiting for descriptors in real time and never moving its clock, until @a done.
 * @return false if that did not happen within ten seconds.
 */
[[nodiscard]] bool runUntil( net::EventLoop& loop, const std::function<bool()>& done );

/// Runs @a loop until nothing is ready and no alarm is due.
void settle( net::EventLoop& loop );

/** @return How many descriptors this process has open. */
[[nodiscard]] std::size_t openDescriptors();

/** @return The port that a socket is bound to. */
[[nodiscard]] std::uint16_t portOf( const net::Fd& fd );

/** A socket bound to a loopback address (port 0: any). Not listening, so connections to it are refused. Empty on failure. */
[[nodiscard]] net::Fd boundSocket( const std::string& host = "127.0.0.1", std::uint16_t port = 0 );

/** A non-blocking connection to a loopback port; may still be in progress. @param from The address to come from, if not just any. */
[[nodiscard]] net::Fd connectTo( std::uint16_t port, const std::string& host = "127.0.0.1", const std::string& from = {} );

/// Two connected, non-blocking TCP sockets.
struct SocketPair
{
  net::Fd one;
  net::Fd other;
};
[[nodiscard]] SocketPair tcpPair();

/** Sends all of @a bytes, which must fit the kernel's buffer. @return Whether it did. */
bool sendAll( const net::Fd& fd, const std::string& bytes );

/** Takes what is there now. @param end Set to true at end of file or error. */
[[nodiscard]] std::string receiveNow( const net::Fd& fd, bool* end = nullptr );

/// Collects what arrives on a socket, from the loop.
class SocketClient final
{
  public:
    SocketClient( net::EventLoop& loop, net::Fd fd );

    [[nodiscard]] const std::string& received() const noexcept { return m_received; }
    [[nodiscard]] bool closed() const noexcept { return m_closed; }
    bool send( const std::string& bytes ) { return sendAll( m_fd, bytes ); }
    [[nodiscard]] const net::Fd& fd() const noexcept { return m_fd; }

  private:
    void read();

    net::Fd m_fd;
    std::unique_ptr<net::Watch> m_watch;
    std::string m_received{};
    bool m_closed = false;
};

/// How a ScriptedHost treats the handshake W-16 of PROTOCOL.
struct HostScript
{
  std::optional<std::string> choice = std::string( "\x05\x00", 2 );  ///< Nothing: silent from there on.
  bool closeAfterChoice = false;
  bool answersConnect = true;            ///< false: silent from there on.
  std::optional<std::string> reply{};    ///< Nothing: the good reply.
  bool closeAfterReply = false;
  std::string payload{};                 ///< Sent in one piece with the reply.
  bool closeAtOnce = false;              ///< Instead of the choice.
  bool byteByByte = false;               ///< One byte a turn.
  std::string host = "127.0.0.1";
};

/// A SOCKS5 host on loopback that does what its script says.
class ScriptedHost final
{
  public:
    ScriptedHost( net::EventLoop& loop, HostScript script = {} );
    ScriptedHost( net::EventLoop& loop, HostScript script, net::Fd bound );   ///< On a socket of boundSocket()
    ~ScriptedHost();
    ScriptedHost( const ScriptedHost& ) = delete;
    ScriptedHost& operator=( const ScriptedHost& ) = delete;

    [[nodiscard]] std::uint16_t port() const { return portOf( m_listener ); }
    [[nodiscard]] std::size_t accepted() const noexcept { return m_accepted; }    ///< Connections so far.
    [[nodiscard]] std::size_t open() const noexcept;                              ///< Connections now.
    [[nodiscard]] const std::string& received() const noexcept { return m_received; }  ///< All that clients sent.
    bool send( const std::string& bytes );   ///< To every connection there is now. @return Whether there was one that took it.
    void close( bool reset = false );        ///< Ends every connection there is now; @a reset: rudely, as a crash does.

  private:
    struct Guest;
    void accept();
    void ready( Guest& guest );
    void answer( Guest& guest );

    net::EventLoop& m_loop;
    HostScript m_script;
    net::Fd m_listener;
    net::Watch m_watch;
    std::list<std::unique_ptr<Guest>> m_guests;
    std::size_t m_accepted = 0;
    std::string m_received{};
};

/// A listener whose queue is full, so that the kernel drops further SYN packets: a connection to it neither succeeds nor fails.
class SilentPort final
{
  public:
    SilentPort();
    [[nodiscard]] std::uint16_t port() const { return portOf( m_listener ); }

  private:
    net::Fd m_listener;
    std::vector<net::Fd> m_fillers{};
};

/// Answers from a table, at the next turn of the loop; names that are not in it are never answered.
class ScriptedResolver final : public net::Resolver
{
  public:
    explicit ScriptedResolver( net::EventLoop& loop ) : m_loop( loop ) {}

    /** The answers to the first, second, … look-up of @a name; numeric addresses. An empty list: "no such name". The last one is repeated. */
    void set( const std::string& name, std::vector<std::vector<std::string>> answers ) { m_answers[name] = std::move( answers ); }
    [[nodiscard]] std::size_t lookups() const noexcept { return m_lookups; }
    [[nodiscard]] std::size_t waiting() const noexcept { return *m_waiting; }  ///< Look-ups that somebody still holds.

    [[nodiscard]] std::unique_ptr<net::Lookup> resolve( const std::string& name, Answer answer ) override;

  private:
    net::EventLoop& m_loop;
    std::map<std::string, std::vector<std::vector<std::string>>> m_answers{};
    std::size_t m_lookups = 0;
    std::shared_ptr<std::size_t> m_waiting = std::make_shared<std::size_t>( 0 );
};

} // namespace simultiple::test
