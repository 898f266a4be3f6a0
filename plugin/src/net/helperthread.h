// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/eventloop.h"

#include <functional>
#include <memory>
#include <string>

namespace simultiple::net
{

/**
 * One piece of work that the system cannot do without blocking (a name look-up, fsync(), reading a whole file), on a short-lived thread
 * that wakes the loop when it is done. The application's signals stay away from it.
 */
class HelperThread final
{
  public:
    /// What becomes of work that is still going on when its HelperThread is destroyed.
    enum class AtEnd
    {
      Detach, ///< It finishes alone.
      Join    ///< It is waited for: for work that looks often at a flag its owner sets first.
    };

    /**
     * @param work Runs on the thread, once; must own whatever it touches. An exception ends it like a return.
     * @param done Called once from the loop when @a work is over, and not if this object is gone by then; may destroy it.
     * @param problem Receives why there is no thread.
     * @return Null if no thread or descriptor is to be had. Out of memory it throws, and there is no thread, either.
     */
    [[nodiscard]] static std::unique_ptr<HelperThread> start( EventLoop& loop, std::function<void()> work, std::function<void()> done,
                                                              AtEnd atEnd, std::string& problem );
    ~HelperThread();
    HelperThread( const HelperThread& ) = delete;
    HelperThread& operator=( const HelperThread& ) = delete;

  private:
    struct Private;
    explicit HelperThread( std::unique_ptr<Private> priv );
    std::unique_ptr<Private> d;
};

} // namespace simultiple::net
