// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/resolver.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace simultiple::net
{

struct SystemResolver::Shared
{
  std::atomic<int> running{ 0 };
};

namespace
{

constexpr std::size_t LongestName = 255;
constexpr std::size_t MostAddresses = 64;

/// What a helper thread and its Lookup have in common. Whoever lets go last frees it.
struct Slot
{
  Fd wake{ ::eventfd( 0, EFD_CLOEXEC | EFD_NONBLOCK ) };
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

  {
    const std::lock_guard<std::mutex> lock( slot.mutex );
    if( code != 0 )
      slot.error = code == EAI_SYSTEM ? std::generic_category().message( systemError ) : ::gai_strerror( code );
    else
    {
      for( const addrinfo* i = list; i && slot.addresses.size() < MostAddresses; i = i->ai_next )
      {
        const auto address = i->ai_addr ? Address::fromSockaddr( *i->ai_addr ) : std::nullopt;
        if( address && std::find( slot.addresses.begin(), slot.addresses.end(), *address ) == slot.addresses.end() )
          slot.addresses.push_back( *address );
      }
      if( slot.addresses.empty() )
        slot.error = "the name has no address";
    }
  }
  ::eventfd_write( slot.wake.get(), 1 );
}

/// Keeps the application's signals away from helper threads: a thread inherits the mask of the one that starts it.
class SignalsBlocked final
{
  public:
    SignalsBlocked()
    {
      sigset_t all;
      ::sigfillset( &all );
      ::pthread_sigmask( SIG_SETMASK, &all, &m_before );
    }
    ~SignalsBlocked() { ::pthread_sigmask( SIG_SETMASK, &m_before, nullptr ); }
    SignalsBlocked( const SignalsBlocked& ) = delete;
    SignalsBlocked& operator=( const SignalsBlocked& ) = delete;

  private:
    sigset_t m_before{};
};

/// One look-up: waits for its thread, or reports at the next turn that there is none.
class ThreadLookup final : public Lookup
{
  public:
    ThreadLookup( EventLoop& loop, Resolver::Answer answer ) : m_loop( loop ), m_failed( loop ), m_answer( std::move( answer ) ) {}

    void fail( const std::string& error )
    {
      m_failed.start( std::chrono::milliseconds::zero(), [this, error]() { tell( {}, error ); } );
    }

    [[nodiscard]] bool await( const std::shared_ptr<Slot>& slot )
    {
      if( !slot->wake )
        return false;
      m_slot = slot;
      m_watch = std::make_unique<Watch>( m_loop, slot->wake.get(), EPOLLIN, [this]( std::uint32_t ) { answered(); } );
      return m_watch->valid();
    }

    void forgetThread()
    {
      m_watch.reset();
      m_slot.reset();
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
      forgetThread();
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
    std::shared_ptr<Slot> m_slot{};
    std::unique_ptr<Watch> m_watch{};  // after m_slot: must go before the descriptor
};

} // namespace

SystemResolver::SystemResolver( EventLoop& loop )
  : m_loop( loop ), m_shared( std::make_shared<Shared>() )
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
  if( m_shared->running >= MaxThreads )
  {
    lookup->fail( "too many look-ups at once" );
    return lookup;
  }

  const auto slot = std::make_shared<Slot>();
  if( !lookup->await( slot ) )
  {
    lookup->forgetThread();
    lookup->fail( "out of descriptors" );
    return lookup;
  }

  ++m_shared->running;
  try
  {
    const SignalsBlocked blocked;
    std::thread( [slot, name, shared = m_shared]()
                 {
                   try
                   {
                     lookUp( name, *slot );
                   }
                   catch( const std::exception& )
                   {
                     // out of memory: nobody is left to tell but the waiting side
                     ::eventfd_write( slot->wake.get(), 1 );
                   }
                   --shared->running;
                 } ).detach();
  }
  catch( const std::system_error& e )
  {
    --m_shared->running;
    lookup->forgetThread();
    lookup->fail( e.what() );
  }
  return lookup;
}

} // namespace simultiple::net
