// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <utility>

namespace simultiple::net
{

/// What has to end by itself, and nothing else with it, when an exception comes out of its work: a session, a file transfer.
struct Duty
{
  const char* failed = nullptr;             ///< Why; what it takes to say that is there beforehand.
  /** Ends it. Null once it is gone. @return false to be called again later: even an end takes some memory. */
  std::function<bool()> giveUp{};

  private:
  friend class Roster;
  std::shared_ptr<Duty> m_next{};           ///< Of those that have failed
  bool m_queued = false;
};

/**
 * Whose work is being done (CLS-12). Whatever it leaves for later, a watch, an alarm, a request, goes on in the same name; so when memory runs out, the
 * session at work is known. Nobody's work has no Duty.
 */
class Roster final
{
  public:
    /// In somebody's name while it lives.
    class Shift final
    {
      public:
        Shift( Roster& roster, std::shared_ptr<Duty> duty ) noexcept : m_roster( roster ), m_before( std::move( duty ) ) { m_before.swap( m_roster.m_current ); }
        ~Shift() { m_before.swap( m_roster.m_current ); }
        Shift( const Shift& ) = delete;
        Shift& operator=( const Shift& ) = delete;

      private:
        Roster& m_roster;
        std::shared_ptr<Duty> m_before;
    };

    [[nodiscard]] const std::shared_ptr<Duty>& current() const noexcept { return m_current; }

    /** Does @a work in the name of @a duty. @return false if an exception came out of it: it is dealt with, and told. */
    template<typename Work>
    bool run( std::shared_ptr<Duty> duty, const Work& work )
    {
      const Shift shift( *this, std::move( duty ) );
      return attempt( work );
    }
    /** The same, in the present name. */
    template<typename Work>
    bool attempt( const Work& work )
    {
      try
      {
        work();
        return true;
      }
      catch( const std::bad_alloc& )
      {
        fail( m_current );
      }
      catch( const std::exception& )
      {
        fail( m_current, "an exception" );
      }
      return false;
    }

    void fail( const std::shared_ptr<Duty>& duty, const char* why = "out of memory" ) noexcept
    {
      if( !duty )
        return;
      if( !duty->failed )
        duty->failed = why;
      if( std::exchange( duty->m_queued, true ) )
        return;
      duty->m_next = std::move( m_failed );
      m_failed = duty;
    }
    [[nodiscard]] bool anyFailed() const noexcept { return m_failed != nullptr; }

    /** Has those that have failed give up, from the outer loop. @return Whether all of them could. */
    bool giveUpFailed()
    {
      bool all = true;
      auto failed = std::exchange( m_failed, nullptr );
      while( failed )
      {
        const auto duty = std::exchange( failed, std::exchange( failed->m_next, nullptr ) );
        duty->m_queued = false;
        if( duty->giveUp && !duty->giveUp() )
        {
          fail( duty );
          all = false;
        }
      }
      return all;
    }

  private:
    std::shared_ptr<Duty> m_current{};
    std::shared_ptr<Duty> m_failed{};
};

} // namespace simultiple::net
