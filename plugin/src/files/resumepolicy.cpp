// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/resumepolicy.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace simultiple::files
{

namespace
{

/// What another try may overcome. The rest is somebody's decision, or a fault that a second try would only repeat.
bool maySucceedLater( Cause cause )
{
  switch( cause )
  {
    case Cause::ClosedLocal:      // bytes were lost in our close
    case Cause::ClosedRemote:     // before it had everything
    case Cause::Unsupported:      // it is not there at the moment
    case Cause::PeerUnreachable:
    case Cause::MethodsExhausted:
    case Cause::Timeout:
    case Cause::Disconnected:
    case Cause::StreamConflict:
    case Cause::IoError:
      return true;
    case Cause::Declined:
    case Cause::NoValidStreams:
    case Cause::BadProfile:
    case Cause::MalformedReply:
    case Cause::CancelledLocal:
    case Cause::CancelledRemote:
    case Cause::ProtocolViolation:
    case Cause::LimitExceeded:
      return false;
  }
  return false;
}

} // namespace

ResumePolicy::ResumePolicy( const ResumeOptions& options, TimePoint now )
  : m_options( options ), m_moved( now )
{
}

ResumePolicy::Verdict ResumePolicy::streamEnded( const StreamEnd& end, TimePoint now )
{
  if( end.opened )
  {
    ++m_streams;
    m_last = end.method;
  }
  if( end.carried > 0 )
  {
    m_moved = now;
    m_idle = 0;
  }
  if( !m_options.enabled || m_streams == 0 || m_streams >= m_options.streams || !maySucceedLater( end.cause ) )
    return {};
  return again( now );
}

// What the kernel took says little: of megabytes that were written the receiver may have seen a few bytes.
void ResumePolicy::reached( std::uint64_t offset )
{
  const auto carried = offset - std::min( offset, m_offset );
  m_offset = offset;
  if( m_last.empty() )
    return;
  auto& breaks = m_breaks[std::exchange( m_last, {} )];
  breaks = carried >= WorthKeeping ? 0 : breaks + 1;
}

ResumePolicy::Verdict ResumePolicy::notOffered( TimePoint now )
{
  if( !m_options.enabled || m_streams == 0 )
    return {};
  return again( now );
}

ResumePolicy::Verdict ResumePolicy::again( TimePoint now )
{
  auto delay = std::max( m_options.firstDelay, std::chrono::milliseconds( 1 ) );
  for( unsigned i = 0; i < m_idle && delay < LongestDelay; ++i )
    delay *= 2;
  delay = std::min( delay, LongestDelay );
  ++m_idle;
  if( now + delay - m_moved > m_options.patience )
    return {};
  return { true, delay };
}

std::vector<std::string> ResumePolicy::methods( const std::vector<std::string>& wanted ) const
{
  std::vector<std::string> good;
  std::copy_if( wanted.begin(), wanted.end(), std::back_inserter( good ), [this]( const std::string& method )
  {
    const auto found = m_breaks.find( method );
    return found == m_breaks.end() || found->second < BreaksInARow;
  } );
  return good.empty() ? wanted : good;
}

} // namespace simultiple::files
