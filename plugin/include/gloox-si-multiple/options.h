// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/clock.h>
#include <gloox-si-multiple/timeouts.h>

#include <gloox/gloox.h>
#include <gloox/jid.h>
#include <gloox/stanzaextension.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple
{

/// What may be disclosed, and to whom, by the choice of methods and streamhosts (SEC-16).
enum class Privacy
{
  Any,       ///< Own addresses and proxies, then in-band.
  NoLocal,   ///< As Any, but our private and unique-local addresses are not offered.
  ProxyOnly, ///< Only proxies that we know ourselves, then in-band.
  IbbOnly,   ///< In-band only: no address is ever disclosed.
  S5bOnly    ///< SOCKS5 only: nothing passes through the XMPP servers.
};

/// A streamhost to offer beside our own: a proxy, or an address of ours that only the bot's owner knows.
struct StreamHostEntry
{
  gloox::JID jid;         ///< Whose host it is. Invalid (`JID()`): ourselves.
  std::string host;       ///< IPv4, IPv6 without brackets, or a DNS name.
  std::uint16_t port = 0; ///< 1..65535.
};

/// Where the SOCKS5 server listens and what it offers.
struct ListenOptions
{
  bool enabled = true;      ///< false: no listener, no own address offered.
  std::string address;      ///< Numeric address to bind. Empty: all interfaces, and every usable one is offered.
                            ///< A given address is offered even if it is loopback (S5B-3).
  std::uint16_t port = 0;   ///< 0: any free port.
  std::size_t handshakes = 16; ///< Unfinished handshakes at once (SEC-17).
};

/// Which SOCKS5 proxies are offered.
struct ProxyOptions
{
  bool discover = true;                 ///< Ask the bot's own server (disco#items) for proxies, once per connection.
  std::vector<gloox::JID> jids;         ///< Ask these for their address, too.
  std::vector<StreamHostEntry> known;   ///< Offered as they stand, in order.
};

/// Which hosts a peer may make us connect to (SEC-6 to SEC-9). The address is checked after name resolution.
struct StreamHostFilter
{
  std::vector<std::string> allow; ///< CIDR blocks that are allowed although SEC-6 refuses them. Lifts nothing but the address rule.
  std::vector<std::string> deny;  ///< CIDR blocks that are refused although SEC-6 allows them. Wins over allow.
  bool lowPorts = false;          ///< true: ports below 1024 other than 80 and 443, too (SEC-8).
  /** Asked last, with the numeric address and the port; return false to refuse. May be empty. */
  std::function<bool( const std::string& address, std::uint16_t port )> accept;
};

/// Upper bounds (PROTOCOL 4.3). Hitting one is reported through SIProfileMultipleHandler::handleLimit().
struct Limits
{
  std::size_t offersPerPeer = 5;      ///< Undecided incoming offers per bare JID (SEC-13).
  std::size_t offers = 50;            ///< Undecided incoming offers in all (SEC-13).
  std::size_t sessionsPerPeer = 32;   ///< Sessions per bare JID (SEC-13).
  std::size_t sessionsPerDomain = 100;///< Sessions per domain, on a component (SEC-13).
  std::size_t sessions = 256;         ///< Sessions in all (SEC-13).
  std::size_t tombstones = 1024;      ///< Ended sessions remembered (SEC-14).
  std::size_t queriesPerPeer = 4;     ///< S5B queries of one peer worked on at once (SEC-9).
  std::size_t queries = 16;           ///< S5B queries worked on at once in all (SEC-9).
  std::size_t streamHosts = 8;        ///< Streamhosts tried per query, and offered (SEC-9, S5B-2).
  std::size_t rememberedHosts = 256;  ///< Streamhosts that worked or failed lately and are remembered (S5B-21, S5B-22). 0: none.
  std::size_t readBuffer = 262144;    ///< Bytes kept per stream that is not being read (SEC-15).
  std::size_t writeBuffer = 1048576;  ///< Bytes MultiBytestream::send() queues before it returns false; 256 KiB at most on a socket.
};

/// In-band bytestreams (XEP-0047).
struct InBandOptions
{
  std::uint16_t blockSize = 4096;     ///< Bytes per block that we propose, 1..65535.
  std::uint16_t maxBlockSize = 16384; ///< Largest block size that we accept from a peer (SEC-15).
  std::size_t window = 10;            ///< Data stanzas that may wait for acknowledgement (IBB-10), at least 1.
};

/**
 * Everything that can be set about a SIMultipleManager. A plain value with working defaults.
 * @since 0.1
 */
struct Options
{
  /// Methods, first choice first. Namespaces; a method that is not listed is neither offered nor accepted. See also
  /// SIMultipleManager::registerMethod().
  std::vector<std::string> methods{ gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB };

  Privacy privacy = Privacy::Any; ///< Unless OfferOptions::privacy or AcceptOptions::privacy say otherwise for a session.
  ListenOptions listen;
  ProxyOptions proxies;
  StreamHostFilter streamHosts;
  Timeouts timeouts;
  bool uncheckedTimeouts = false; ///< true: take @a timeouts as they are, even against TMO-2.
  Limits limits;
  InBandOptions inBand;

  bool siMultiple = true;         ///< false: behave as a plain XEP-0095 entity: never offer or answer a list.
  bool lastResort = true;         ///< INT-9: after a plain "S5B" that failed, try in-band once (S), or wait for it (R).
  bool smackDialect = false;      ///< SIM-16: answer several values to a `list-multi` offer without the extension.
  bool ownsNamespaces = false;    ///< GEN-8: nobody else on this client does SI, S5B or IBB, so unknown sids are answered by us.
  bool keepSocks5OnDisconnect = true; ///< CLS-7: an open SOCKS5 stream survives the loss of the XMPP connection.
  bool advertise = true;          ///< ADV-1: add our features to service discovery, and re-send presence for XEP-0115.

  /// Number of our stanza extension. gloox replaces an extension that has the same number: move ours if the bot uses it.
  int extensionType = gloox::ExtUser + 1095;

  /// The time; null means the real one. Shared, so that a test can keep moving it.
  std::shared_ptr<Clock> clock;
};

} // namespace simultiple
