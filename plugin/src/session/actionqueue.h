// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <deque>
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
      while( !m_todo.empty() )
      {
        const auto action = std::move( m_todo.front() );
        m_todo.pop_front();
        perform( action );
      }
      m_running = false;
    }

  private:
    std::deque<Action> m_todo{};
    bool m_running = false;
};

} // namespace simultiple::session
