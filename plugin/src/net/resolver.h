// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "net/address.h"
#include "net/eventloop.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::net
{

/// A name look-up under way; destroying it forgets the answer.
class Lookup
{
  public:
    virtual ~Lookup() = default;
};

/// Looks names up without blocking (GEN-13). Replaceable, for tests (TC-176).
class Resolver
{
  public:
    using Answer = std::function<void( std::vector<Address> addresses, std::string error )>;

    virtual ~Resolver() = default;

    /**
     * @param answer Called once from the event loop, never from inside this call. Addresses empty: @a error says why.
     * @return Keep it until the answer came.
     */
    [[nodiscard]] virtual std::unique_ptr<Lookup> resolve( const std::string& name, Answer answer ) = 0;
};

/**
 * The system's resolver. getaddrinfo() cannot be made non-blocking, so each look-up has a short-lived helper thread that owns a copy of
 * the name, touches nothing else of ours, and wakes the loop through a descriptor; at most MaxThreads at once per process
 * wide object, further look-ups fail. A look-up that is forgotten leaves its thread to finish alone.
 */
class SystemResolver final : public Resolver
{
  public:
    static constexpr int MaxThreads = 8;

    explicit SystemResolver( EventLoop& loop );
    ~SystemResolver() override;
    SystemResolver( const SystemResolver& ) = delete;
    SystemResolver& operator=( const SystemResolver& ) = delete;
    [[nodiscard]] std::unique_ptr<Lookup> resolve( const std::string& name, Answer answer ) override;

  private:
    EventLoop& m_loop;
    std::shared_ptr<std::atomic<int>> m_running;
};

} // namespace simultiple::net
