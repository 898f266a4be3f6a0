// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/sendqueue.h"

#include <limits>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t ChunkSize = 65536;  ///< Smaller writes are joined up to this, so that each send() is worth its call.
constexpr std::size_t MostRanges = 64;    ///< Each may hold a descriptor.

} // namespace

void SendQueue::add( std::string_view data )
{
  if( data.empty() )
    return;
  auto* last = m_chunks.empty() ? nullptr : std::get_if<std::string>( &m_chunks.back() );
  if( last && last->size() + data.size() <= ChunkSize )
    last->append( data );
  else
    m_chunks.emplace_back( std::string( data ) );
  m_size += data.size();
}

bool SendQueue::addFile( int fd, std::uint64_t offset, std::uint64_t length )
{
  auto range = FileRange::make( fd, offset, length, m_lastFile.lock() );
  if( !range || length > std::numeric_limits<std::size_t>::max() - m_size )
    return false;
  auto* last = m_chunks.empty() ? nullptr : std::get_if<FileRange>( &m_chunks.back() );
  if( !last || !last->join( *range ) )
  {
    if( m_ranges == MostRanges )
      return false;
    ++m_ranges;
    m_lastFile = range->file();
    m_chunks.emplace_back( std::move( *range ) );
  }
  m_size += static_cast<std::size_t>( length );
  return true;
}

std::string_view SendQueue::front() const
{
  const auto* bytes = m_chunks.empty() ? nullptr : std::get_if<std::string>( &m_chunks.front() );
  return bytes ? std::string_view( *bytes ).substr( m_offset ) : std::string_view();
}

FileRange* SendQueue::frontFile()
{
  return m_chunks.empty() ? nullptr : std::get_if<FileRange>( &m_chunks.front() );
}

void SendQueue::taken( std::size_t bytes )
{
  if( bytes == 0 || m_chunks.empty() )
    return;
  m_size -= bytes;
  if( const auto* file = frontFile() )   // it counts for itself
  {
    if( file->left() > 0 )
      return;
    --m_ranges;
    m_chunks.pop_front();
    return;
  }
  m_offset += bytes;
  if( m_offset == std::get<std::string>( m_chunks.front() ).size() )
  {
    m_chunks.pop_front();
    m_offset = 0;
  }
}

} // namespace simultiple::net
