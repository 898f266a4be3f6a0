// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/resolver.h"

#include "net/helperthread.h"

#include <netdb.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t LongestName = 255;
constexpr std::size_t MostAddresses = 64;

/// What a helper thread and its Lookup have in common. Whoever lets go last frees it.
struct Slot
{
  std::mutex mutex{};
  std::vector<Address> addresses{};
  std::string error{};
};

void lookUp( const std::string& name, Slot& slot )
{
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo( name.c_str(), nullptr, &hints, &list );
  const int systemError = errno;
  const std::unique_ptr<addrinfo, decltype( &::freeaddrinfo )> owner( list, &::freeaddrinfo );

  const std::lock_guard<std::mutex> lock( slot.mutex );
  if( code != 0 )
  {
    slot.error = code == EAI_SYSTEM ? std::generic_category().message( systemError ) : ::gai_strerror( code );
    return;
  }
  for( const addrinfo* i = list; i && slot.addresses.size() < MostAddresses; i = i->ai_next )
  {
    const auto address = i->ai_addr ? Address::fromSockaddr( *i->ai_addr ) : std::nullopt;
    if( address && std::find( slot.addresses.begin(), slot.addresses.end(), *address ) == slot.addresses.end() )
      slot.addresses.push_back( *address );
  }
  if( slot.addresses.empty() )
    slot.error = "the name has no address";
}

/// One look-up: waits for its thread, or reports at the next turn that there is none.
class ThreadLookup final : public Lookup
{
  public:
    ThreadLookup( EventLoop& loop, Resolver::Answer answer ) : m_loop( loop ), m_failed( loop ), m_answer( std::move( answer ) ) {}

    void fail( const std::string& error )
    {
      m_failed.start( std::chrono::milliseconds::zero(), [this, error]() { tell( {}, error ); } );
    }

    /** @return Empty, or why there is no helper. */
    [[nodiscard]] std::string start( const std::string& name, const std::shared_ptr<std::atomic<int>>& running )
    {
      ++*running;
      const std::shared_ptr<void> count( nullptr, [running]( void* ) { --*running; } ); // when the thread lets go of its work
      const auto work = [slot = m_slot, name, count] { lookUp( name, *slot ); };
      std::string problem;
      m_helper = HelperThread::start( m_loop, work, [this] { answered(); }, HelperThread::AtEnd::Detach, problem );
      return problem;
    }

  private:
    void answered()
    {
      std::vector<Address> addresses;
      std::string error;
      {
        const std::lock_guard<std::mutex> lock( m_slot->mutex );
        addresses.swap( m_slot->addresses );
        error.swap( m_slot->error );
      }
      tell( std::move( addresses ), std::move( error ) );
    }

    void tell( std::vector<Address> addresses, std::string error )
    {
      const auto answer = std::move( m_answer ); // we may be destroyed in it
      answer( std::move( addresses ), std::move( error ) );
    }

    EventLoop& m_loop;
    Alarm m_failed;
    Resolver::Answer m_answer;
    std::shared_ptr<Slot> m_slot = std::make_shared<Slot>();
    std::unique_ptr<HelperThread> m_helper{};
};

} // namespace

SystemResolver::SystemResolver( EventLoop& loop )
  : m_loop( loop ), m_running( std::make_shared<std::atomic<int>>( 0 ) )
{
}

SystemResolver::~SystemResolver() = default;

std::unique_ptr<Lookup> SystemResolver::resolve( const std::string& name, Answer answer )
{
  auto lookup = std::make_unique<ThreadLookup>( m_loop, std::move( answer ) );
  if( name.empty() || name.size() > LongestName || name.find( '\0' ) != std::string::npos )
  {
    lookup->fail( "not a host name" );
    return lookup;
  }
  if( *m_running >= MaxThreads )
  {
    lookup->fail( "too many look-ups at once" );
    return lookup;
  }

  if( const std::string problem = lookup->start( name, m_running ); !problem.empty() )
    lookup->fail( problem );
  return lookup;
}

} // namespace simultiple::net
