// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/unconfirmed.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>

namespace simultiple::files
{

Unconfirmed::Stamp::Stamp( const std::string& path )
{
  struct stat status{};
  if( ::lstat( path.c_str(), &status ) != 0 || !S_ISREG( status.st_mode ) )
    return;
  file = true;
  device = status.st_dev;
  inode = status.st_ino;
  size = status.st_size;
  changed = status.st_mtim;
}

bool Unconfirmed::Stamp::operator==( const Stamp& other ) const
{
  return file && other.file && device == other.device && inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec
         && changed.tv_nsec == other.changed.tv_nsec;
}

void Unconfirmed::add( const gloox::JID& peer, const std::string& sid, const std::string& identity, const std::string& path, TimePoint now )
{
  m_files.push_back( { peer, sid, identity, path, Stamp( path ), now } );
  while( m_files.size() > m_most )
    m_files.pop_front();
}

void Unconfirmed::confirmed( const gloox::JID& peer, const std::string& sid ) noexcept
{
  const auto known = [&]( const File& one ) { return one.sid == sid && one.peer == peer; };
  if( const auto found = std::find_if( m_files.begin(), m_files.end(), known ); found != m_files.end() )
    m_files.erase( found );
}

bool Unconfirmed::offered( const gloox::JID& peer, const std::string& sid, const std::string& identity, TimePoint now )
{
  const auto old = [&]( const File& one ) { return std::chrono::duration_cast<std::chrono::seconds>( now - one.since ) >= m_age; };
  while( !m_files.empty() && old( m_files.front() ) )
    m_files.pop_front();
  const auto found = std::find_if( m_files.rbegin(), m_files.rend(), [&]( const File& one ) { return one.identity == identity; } );
  if( identity.empty() || found == m_files.rend() )
    return false;
  if( !( Stamp( found->path ) == found->stamp ) )
  {
    m_files.erase( std::next( found ).base() );
    return false;
  }
  found->peer = peer;
  found->sid = sid;
  return true;
}

} // namespace simultiple::files
