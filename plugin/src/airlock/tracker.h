// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/roster.h"

#include <gloox/jid.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

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
  bool answered = false;    ///< The answer waits in the inbox: there is no second one (SI-23).
  std::shared_ptr<net::Duty> duty{};  ///< In whose name the answer is dealt with (CLS-12).
};

/// A peer's set that was handed to a gloox object and is not answered yet.
struct Asked
{
  Tenant* tenant = nullptr;
  gloox::JID local{};
  gloox::JID peer{};
  std::string id{};         ///< The peer's.
  std::uint64_t era = 0;    ///< Airlock::era() when it arrived.
};

/// What is owed, by id and by tenant: one that goes costs as much as it leaves behind, however much the others have.
template<typename Debt>
class Ledger final
{
  public:
    void put( const std::string& id, Debt debt )
    {
      drop( id );
      const auto at = m_debts.emplace( id, std::move( debt ) ).first;
      try
      {
        m_byTenant.emplace( at->second.tenant, &at->first );
      }
      catch( ... )
      {
        m_debts.erase( at ); // or its tenant could not take it along
        throw;
      }
    }
    [[nodiscard]] Debt* find( const std::string& id )
    {
      const auto found = m_debts.find( id );
      return found == m_debts.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const Debt* find( const std::string& id ) const { return const_cast<Ledger*>( this )->find( id ); }
    std::optional<Debt> take( const std::string& id )
    {
      const auto found = m_debts.find( id );
      if( found == m_debts.end() )
        return std::nullopt;
      std::optional<Debt> debt( std::move( found->second ) );
      drop( id );
      return debt;
    }
    void drop( const std::string& id ) noexcept
    {
      const auto found = m_debts.find( id );
      if( found == m_debts.end() )
        return;
      m_byTenant.erase( { found->second.tenant, &found->first } );
      m_debts.erase( found );
    }
    /** @return The first of what @a tenant has that @a wanted says yes to; null if there is none. */
    template<typename Wanted>
    [[nodiscard]] const std::string* first( const Tenant& tenant, const Wanted& wanted ) const
    {
      for( auto at = m_byTenant.lower_bound( { &tenant, nullptr } ); at != m_byTenant.end() && at->first == &tenant; ++at )
        if( wanted( *find( *at->second ) ) )
          return at->second;
      return nullptr;
    }
    [[nodiscard]] const std::string* first( const Tenant& tenant ) const
    {
      return first( tenant, []( const Debt& ) { return true; } );
    }
    [[nodiscard]] std::size_t size() const { return m_debts.size(); }

  private:
    using Owned = std::pair<const Tenant*, const std::string*>;
    struct Before
    {
      bool operator()( const Owned& a, const Owned& b ) const
      {
        return a.first == b.first ? std::less<>()( a.second, b.second ) : std::less<>()( a.first, b.first );
      }
    };

    std::unordered_map<std::string, Debt> m_debts{};
    std::set<Owned, Before> m_byTenant{};   ///< The ids are the keys of m_debts
};

/// Who owes whom an answer, both ways.
class Tracker final
{
  public:
    // ---- our requests, by our id
    void expect( const std::string& id, Pending pending ) { m_pending.put( id, std::move( pending ) ); }
    /** GEN-5: @return Whether an answer with this id, from there, is awaited. A wrong sender changes nothing. */
    [[nodiscard]] bool awaited( const std::string& id, const std::string& from ) const;
    /** The answer is here. @return false if there was one already, or none is awaited. */
    [[nodiscard]] bool answered( const std::string& id );
    [[nodiscard]] std::optional<Pending> take( const std::string& id ) { return m_pending.take( id ); }

    // ---- theirs, by the id that the gloox object sees
    void owe( const std::string& inner, Asked asked ) { m_asked.put( inner, std::move( asked ) ); }
    /** @return The set that is answered hereby; nothing if it was answered before. */
    [[nodiscard]] std::optional<Asked> settle( const std::string& inner ) { return m_asked.take( inner ); }
    /** @return The inner id of a set of @a peer's that @a tenant owes an answer to; "" if there is none. */
    [[nodiscard]] std::string find( const Tenant& tenant, const gloox::JID& peer, const std::string& id ) const;

    /** Forgets what a tenant has asked. */
    void forgetRequests( const Tenant& tenant ) noexcept;
    /** @return One of the sets that a tenant leaves unanswered, and forgets it; nothing if there is none left. */
    [[nodiscard]] std::optional<Asked> forgetOne( const Tenant& tenant ) noexcept;
    /** @return In whose name the answer with this id is awaited; null if in nobody's. */
    [[nodiscard]] std::shared_ptr<net::Duty> dutyOf( const std::string& id ) const noexcept;
    [[nodiscard]] std::size_t size() const { return m_pending.size() + m_asked.size(); }

  private:
    Ledger<Pending> m_pending{};
    Ledger<Asked> m_asked{};
};

} // namespace simultiple::airlock
