// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/jid.h>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace simultiple::airlock
{

class Tenant;

/// A request of ours that waits for its answer.
struct Pending
{
  Tenant* tenant = nullptr;
  std::string kind{};
  gloox::JID to{};          ///< Who may answer (GEN-5).
  std::string inner{};      ///< gloox's id for it on the private client; empty: a request of our own.
};

/// A peer's set that was handed to a gloox object and is not answered yet.
struct Asked
{
  Tenant* tenant = nullptr;
  gloox::JID local{};
  gloox::JID peer{};
  std::string id{};         ///< The peer's.
};

/// Who owes whom an answer, both ways.
class Tracker final
{
  public:
    // ---- our requests, by our id
    void expect( const std::string& id, Pending pending ) { m_pending[id] = std::move( pending ); }
    /** GEN-5: @return Whether an answer with this id, from there, is awaited. A wrong sender changes nothing. */
    [[nodiscard]] bool awaited( const std::string& id, const std::string& from ) const;
    [[nodiscard]] std::optional<Pending> take( const std::string& id );

    // ---- theirs, by the id that the gloox object sees
    void owe( const std::string& inner, Asked asked ) { m_asked[inner] = std::move( asked ); }
    /** @return The set that is answered hereby; nothing if it was answered before. */
    [[nodiscard]] std::optional<Asked> settle( const std::string& inner );
    /** @return The inner id of a set of @a peer's that @a tenant owes an answer to; "" if there is none. */
    [[nodiscard]] std::string find( const Tenant& tenant, const gloox::JID& peer, const std::string& id ) const;

    /** Forgets a tenant. @return The sets it leaves unanswered. */
    [[nodiscard]] std::vector<Asked> forget( const Tenant& tenant );
    [[nodiscard]] std::size_t size() const { return m_pending.size() + m_asked.size(); }

  private:
    std::unordered_map<std::string, Pending> m_pending{};
    std::unordered_map<std::string, Asked> m_asked{};
};

} // namespace simultiple::airlock
