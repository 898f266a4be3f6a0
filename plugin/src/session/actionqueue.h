// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace simultiple::session
{

/**
 * Carries out what a machine has decided, in order. Actions may bring events about at once (a method that fails in open(), an in-band
 * open that is accepted in one step); what follows from those waits until the present actions are done.
 */
template<typename Action>
class ActionQueue final
{
  public:
    template<typename Perform>
    void run( std::vector<Action> actions, Perform perform )
    {
      m_todo.insert( m_todo.end(), std::make_move_iterator( actions.begin() ), std::make_move_iterator( actions.end() ) );
      if( std::exchange( m_running, true ) )
        return;
      const Done done( *this );
      for( std::size_t next = 0; next < m_todo.size(); ++next )
      {
        const auto action = std::move( m_todo[next] );
        perform( action );
      }
    }

    [[nodiscard]] bool running() const { return m_running; }

  private:
    /// Also when an exception comes out of an action: what was to follow is void (CLS-12).
    struct Done
    {
      explicit Done( ActionQueue& queue_ ) : queue( queue_ ) {}
      ~Done()
      {
        queue.m_todo = std::vector<Action>();   // a session that is idle for hours keeps none of it
        queue.m_running = false;
      }
      Done( const Done& ) = delete;
      Done& operator=( const Done& ) = delete;
      ActionQueue& queue;
    };

    std::vector<Action> m_todo{};
    bool m_running = false;
};

} // namespace simultiple::session
