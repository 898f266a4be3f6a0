// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simultiple::net
{

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 keeps its form; classify() looks through it.
struct Address
{
  int family = AF_UNSPEC;
  std::array<std::uint8_t, 16> bytes{};  ///< Network order; the first 4 for IPv4.
  std::uint32_t scope = 0;               ///< IPv6 zone.

  [[nodiscard]] std::string text() const;  ///< Numeric, without brackets and zone. Empty if there is no family.
  /** @return The IPv4 address inside an IPv4-mapped, IPv4-compatible, translated, 6to4 or NAT64 address; nothing for others. */
  [[nodiscard]] std::optional<Address> inner() const;
  /** Fills a socket address. @return Its length. */
  [[nodiscard]] socklen_t toSockaddr( std::uint16_t port, sockaddr_storage& out ) const;
  [[nodiscard]] static std::optional<Address> parse( std::string_view text ); ///< Numeric only; accepts a bracketed IPv6 literal.
  [[nodiscard]] static std::optional<Address> fromSockaddr( const sockaddr& sa );
  friend bool operator==( const Address& a, const Address& b ) { return a.family == b.family && a.bytes == b.bytes; }
  friend bool operator!=( const Address& a, const Address& b ) { return !( a == b ); }
};

/// What an address is good for (SEC-6).
enum class Scope
{
  Global,     ///< Anywhere.
  Private,    ///< RFC 1918, 100.64.0.0/10, 192.0.0.0/24, 198.18.0.0/15, fc00::/7, fec0::/10.
  LinkLocal,  ///< 169.254.0.0/16, fe80::/10.
  Loopback,   ///< 127.0.0.0/8, ::1.
  Forbidden   ///< Unspecified (all of 0.0.0.0/8), multicast, broadcast and reserved 240.0.0.0/4; and every IPv4-mapped, 6to4 or NAT64
              ///< form of an address that is not Global.
};

[[nodiscard]] Scope classify( const Address& address );

/** @return Whom to count as one (SEC-17): an IPv4 address, also one in IPv6 clothes; of an IPv6 address its /64, as whoever has one address there has them all. */
[[nodiscard]] Address neighbourhood( const Address& address );

/// A CIDR block such as `10.0.0.0/8`, `::1`, `fe80::/10`.
struct Network
{
  Address base;
  unsigned bits = 0;
  [[nodiscard]] bool contains( const Address& address ) const;
  [[nodiscard]] static std::optional<Network> parse( std::string_view text );
};

/// May a peer make us connect there? SEC-6, SEC-8, and the bot's own lists.
class HostFilter final
{
  public:
    explicit HostFilter( const StreamHostFilter& options );

    /**
     * @param ofPeer The streamhost's JID is the peer's own (SEC-6: then private ranges are allowed).
     * @return Empty if allowed, otherwise why not, for our own log.
     */
    [[nodiscard]] std::string refuse( const Address& address, std::uint16_t port, bool ofPeer ) const;

    /** @return The first entry of the options' lists that is not a CIDR block; empty if all are. */
    [[nodiscard]] const std::string& invalid() const noexcept { return m_invalid; }

  private:
    std::vector<Network> m_allow{};
    std::vector<Network> m_deny{};
    bool m_lowPorts;
    std::function<bool( const std::string&, std::uint16_t )> m_accept;
    std::string m_invalid{};
};

/** @return The addresses of this host's interfaces that are up, without duplicates: IPv4 before IPv6, Global before Private. */
[[nodiscard]] std::vector<Address> localAddresses();

/** @return The numeric address at our end of a connected socket; empty if there is none. */
[[nodiscard]] std::string localAddressOf( int fd );

/**
 * S5B-3: those of @a all that may be offered: Global and Private only; without Private (and ULA) if @a noLocal (SEC-16).
 */
[[nodiscard]] std::vector<Address> offerable( const std::vector<Address>& all, bool noLocal );

} // namespace simultiple::net
