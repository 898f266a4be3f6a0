// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/sendqueue.h"

namespace simultiple::net
{

namespace
{

constexpr std::size_t ChunkSize = 65536;  ///< Smaller writes are joined up to this, so that each send() is worth its call.

} // namespace

void SendQueue::add( std::string_view data )
{
  if( data.empty() )
    return;
  if( !m_chunks.empty() && m_chunks.back().size() + data.size() <= ChunkSize )
    m_chunks.back().append( data );
  else
    m_chunks.emplace_back( data );
  m_size += data.size();
}

std::string_view SendQueue::front() const
{
  if( m_chunks.empty() )
    return {};
  return std::string_view( m_chunks.front() ).substr( m_offset );
}

void SendQueue::taken( std::size_t bytes )
{
  m_offset += bytes;
  m_size -= bytes;
  if( !m_chunks.empty() && m_offset == m_chunks.front().size() )
  {
    m_chunks.pop_front();
    m_offset = 0;
  }
}

void SendQueue::clear()
{
  m_chunks.clear();
  m_offset = 0;
  m_size = 0;
}

} // namespace simultiple::net
