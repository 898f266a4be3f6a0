// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>

#include <gloox/jid.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sample
{

enum class Role { Send, Receive, Tube };

enum class Tls
{
  Required, ///< Encrypted, and the certificate is checked.
  Optional, ///< Encrypted if the server can; a bad certificate is only reported.
  Off
};

/// Whose offers the receiver takes. Everybody else hears that there is nobody (SEC-21).
enum class Accept { Contacts, All, Listed };

/// What si-multiple-tube is to do.
struct TubeSettings
{
  bool share = false;     ///< Announce a tube; otherwise join one.
  std::string service;    ///< share: its name; join: which one to wait for, empty for any.
  std::string host;       ///< share: the server to connect to; join: where to listen.
  std::uint16_t port = 0; ///< join: 0 for any.
};

/// What the command line asks for.
struct Settings
{
  Role role = Role::Send;

  gloox::JID jid;            ///< The account.
  std::string passwordFile;  ///< Empty: the environment variable XMPP_PASSWORD.
  std::string host;          ///< Empty: by DNS.
  int port = -1;
  Tls tls = Tls::Required;
  std::string caFile;        ///< Beside the system's authorities.

  simultiple::Options options;

  bool json = false;
  bool verbose = false;
  bool quiet = false;
  std::string logXml;

  gloox::JID to;                    ///< send, tube share: the peer.
  std::vector<std::string> files;   ///< send: what to send, in order.
  bool recursive = false;           ///< send: directories, too.

  TubeSettings tube;                ///< tube

  std::string directory = ".";      ///< receive
  Accept accept = Accept::Contacts; ///< receive, tube join
  std::vector<gloox::JID> accepted; ///< the same: with Accept::Listed, bare or full.
  std::optional<std::uint64_t> maxSize; ///< receive
  std::optional<std::uint64_t> once;    ///< receive: stop after so many transfers.
  bool keepParts = true;                ///< receive: keep what there is of an interrupted file.

  bool resume = false;                  ///< A stream that breaks does not end its transfer.
  std::uint64_t limit = 0;              ///< Bytes per second of each transfer; 0: no limit.
};

/// A command line, read.
struct CommandLine
{
  enum class Wanted { Run, Help, Version, Nothing };

  Wanted wanted = Wanted::Nothing; ///< Nothing: it was wrong, see problem.
  std::string problem;
  std::string warning;             ///< One line for the user; may be empty.
  Settings settings;
};

/** Reads the arguments, without the program's name. Touches no file. */
[[nodiscard]] CommandLine readCommandLine( Role role, const std::vector<std::string>& arguments );

/** @return The text of `--help`. */
[[nodiscard]] std::string helpText( Role role );

/** @return `si-multiple-send`, `si-multiple-receive` or `si-multiple-tube`. */
[[nodiscard]] const char* programName( Role role ) noexcept;

/** @return Whether @a text is an IPv4 or IPv6 block, such as `10.0.0.0/8`, or a single address. */
[[nodiscard]] bool isCidr( const std::string& text );

/**
 * Who may send to us.
 * @param peer A full JID.
 * @param accepted Bare JIDs stand for all of their resources.
 */
[[nodiscard]] bool isListed( const gloox::JID& peer, const std::vector<gloox::JID>& accepted );

} // namespace sample
