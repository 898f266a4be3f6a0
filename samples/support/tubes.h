// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gloox
{
class Tag;
}

// The elements of Telepathy tubes (PROTOCOL 6.2): read with bounds and without surprises, and written.

namespace sample
{

extern const std::string XMLNS_TUBES;

enum class TubeType
{
  DBus,  ///< The session's stream is the tube.
  Stream ///< The tube is an address; each connection to it is a session.
};

/// The value of a `bytes` parameter.
struct TubeBytes
{
  std::string data;
  friend bool operator==( const TubeBytes& a, const TubeBytes& b ) { return a.data == b.data; }
};

/// A parameter of a tube (PTB-4). Name and value are the peer's words (SEC-22).
struct TubeParameter
{
  using Value = std::variant<std::string, TubeBytes, std::uint32_t, std::int32_t, bool>; ///< `str`, `bytes`, `uint`, `int`, `bool`

  std::string name;
  Value value;
};

/// `<tube/>`: a D-Bus tube in an offer (W-31), a stream tube in a message (W-33).
struct TubeChild
{
  static constexpr std::size_t MaxService = 256;    ///< SEC-12, characters; of a parameter's name, too
  static constexpr std::size_t MaxParameters = 64;  ///< SEC-12: further ones are not looked at
  static constexpr std::size_t MaxValue = 4096;     ///< SEC-12, characters as written; a longer value is invalid

  std::uint32_t id = 0;
  TubeType type = TubeType::Stream;
  std::string service;                   ///< The peer's word.
  std::vector<TubeParameter> parameters; ///< Each name once.

  /** @return What @a tube holds, or nothing if PTB-2 or PTB-3 wants it refused. May be null. */
  [[nodiscard]] static std::optional<TubeChild> parse( const gloox::Tag* tube );

  /** @return Why this cannot be written, for people; empty if it can. The id does not count. */
  [[nodiscard]] std::string problem() const;

  /** @return The element. Only if there is no problem(). */
  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/// `<stream/>` (W-34) or `<muc-stream/>`: one more connection to a stream tube.
struct StreamChild
{
  std::uint32_t tube = 0;
  bool room = false; ///< `<muc-stream/>`

  /** @return What @a stream holds, or nothing if PTB-2 wants it refused. May be null. */
  [[nodiscard]] static std::optional<StreamChild> parse( const gloox::Tag* stream );

  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/// `<close/>`: the end of a stream tube (W-35).
struct CloseChild
{
  std::uint32_t tube = 0;

  /** @return What @a close holds, or nothing. May be null. */
  [[nodiscard]] static std::optional<CloseChild> parse( const gloox::Tag* close );

  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

/** PTB-5. @return The empty `<tube/>` of an answer. */
[[nodiscard]] std::unique_ptr<gloox::Tag> acceptedTube();

/** PTB-8. @return The feature that says that we know what to do with tubes of this service. */
[[nodiscard]] std::string tubeFeature( TubeType type, const std::string& service );

/** @return Whether @a tag is in the namespace of tubes, by itself, by a prefix or by what it is in. */
[[nodiscard]] bool inTubesNamespace( const gloox::Tag& tag );

} // namespace sample
