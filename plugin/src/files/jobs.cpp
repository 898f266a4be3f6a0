// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/jobs.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace simultiple::files
{

Jobs::Job::~Job()
{
  *m_goOn = false;
  m_thread.reset();
  m_jobs.leave( *this );
}

std::unique_ptr<Jobs::Job> Jobs::run( std::function<void( const std::atomic<bool>& )> work, std::function<void( const std::string& )> done, AtEnd atEnd )
{
  std::unique_ptr<Job> job( new Job( *this ) );
  job->m_work = [work = std::move( work ), goOn = job->m_goOn] { work( *goOn ); };
  job->m_done = std::move( done );
  job->m_atEnd = atEnd;
  job->m_duty = m_loop.roster().current();
  m_waiting.push_back( job.get() ); // cppcheck-suppress danglingLifetime ; it leaves when it is destroyed
  startNext();
  return job;
}

// Whoever comes by here, the job that cannot be started is the one that fails.
void Jobs::startNext()
{
  for( std::size_t at = 0; m_running < AtOnce && at < m_waiting.size(); )
  {
    Job& job = *m_waiting[at];
    if( m_loop.roster().run( job.m_duty, [&] { start( job ); } ) || job.m_duty )
      m_waiting.erase( m_waiting.begin() + static_cast<std::ptrdiff_t>( at ) );
    else
      ++at;
  }
}

void Jobs::start( Job& job )
{
  std::string problem;
  job.m_thread = net::HelperThread::start( m_loop, job.m_work, [&job]
  {
    job.m_jobs.leave( job );
    const auto done = std::exchange( job.m_done, {} ); // the job may be destroyed in it
    done( {} );
  }, job.m_atEnd, problem );
  if( !job.m_thread )
  {
    job.m_failed = std::make_unique<net::Alarm>( m_loop );
    job.m_failed->start( std::chrono::milliseconds::zero(), [&job, problem]
    {
      job.m_jobs.leave( job );
      const auto done = std::exchange( job.m_done, {} );
      done( problem );
    } );
  }
  job.m_work = nullptr; // the thread's alone
  job.m_running = true;
  ++m_running;
}

/// Idempotent: the job needs no place any more.
void Jobs::leave( Job& job )
{
  if( std::exchange( job.m_running, false ) )
    --m_running;
  else
    m_waiting.erase( std::remove( m_waiting.begin(), m_waiting.end(), &job ), m_waiting.end() );
  startNext();
}

} // namespace simultiple::files
