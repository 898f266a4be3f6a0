// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/helperthread.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <csignal>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace simultiple::net
{

namespace
{

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

} // namespace

struct HelperThread::Private
{
  std::shared_ptr<Fd> wake; ///< The thread's, too: whoever lets go last closes it.
  AtEnd atEnd;
  std::thread thread{};
  std::unique_ptr<Watch> watch{}; // after wake: must go before the descriptor
};

HelperThread::HelperThread( std::unique_ptr<Private> priv )
  : d( std::move( priv ) )
{
}

HelperThread::~HelperThread()
{
  if( !d->thread.joinable() )
    return;
  if( d->atEnd == AtEnd::Join )
    d->thread.join();
  else
    d->thread.detach();
}

std::unique_ptr<HelperThread> HelperThread::start( EventLoop& loop, std::function<void()> work, std::function<void()> done, AtEnd atEnd,
                                                   std::string& problem )
{
  // All of it first: nothing may fail any more once the thread runs, or nobody would join it.
  auto wake = std::make_shared<Fd>( ::eventfd( 0, EFD_CLOEXEC | EFD_NONBLOCK ) );
  std::unique_ptr<HelperThread> helper( new HelperThread( std::make_unique<Private>( Private{ std::move( wake ), atEnd } ) ) );
  Private& d = *helper->d;
  if( *d.wake )
    d.watch = std::make_unique<Watch>( loop, d.wake->get(), EPOLLIN, [&d, done = std::move( done )]( std::uint32_t )
    {
      d.watch.reset(); // the callback itself stays alive while it runs
      done();
    } );
  if( !d.watch || !d.watch->valid() )
  {
    problem = "out of descriptors";
    return nullptr;
  }
  try
  {
    const SignalsBlocked blocked;
    d.thread = std::thread( [work = std::move( work ), wake = d.wake]
    {
      try
      {
        work();
      }
      catch( const std::exception& )
      {
        // out of memory: whoever waits finds no result
      }
      ::eventfd_write( wake->get(), 1 );
    } );
  }
  catch( const std::system_error& e )
  {
    problem = e.what();
    return nullptr;
  }
  return helper;
}

} // namespace simultiple::net
