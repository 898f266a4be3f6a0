// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/jobs.h"

#include <algorithm>
#include <chrono>
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

void Jobs::startNext()
{
  while( m_running < AtOnce && !m_waiting.empty() )
  {
    Job& job = *m_waiting.front();
    m_waiting.pop_front();
    start( job );
  }
}

void Jobs::start( Job& job )
{
  const net::Roster::Shift shift( m_loop.roster(), job.m_duty );
  job.m_running = true;
  ++m_running;
  std::string problem;
  job.m_thread = net::HelperThread::start( m_loop, std::exchange( job.m_work, {} ), [&job]
  {
    job.m_jobs.leave( job );
    const auto done = std::exchange( job.m_done, {} ); // the job may be destroyed in it
    done( {} );
  }, job.m_atEnd, problem );
  if( job.m_thread )
    return;
  job.m_failed = std::make_unique<net::Alarm>( m_loop );
  job.m_failed->start( std::chrono::milliseconds::zero(), [&job, problem]
  {
    job.m_jobs.leave( job );
    const auto done = std::exchange( job.m_done, {} );
    done( problem );
  } );
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
