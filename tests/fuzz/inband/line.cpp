// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/inband/line.h"

#include "fuzz/support/require.h"
#include "protocol/base64.h"
#include "support/scripted.h"

#include <algorithm>
#include <utility>

namespace simultiple::fuzz
{

std::string text( unsigned way, std::uint64_t from, std::size_t count )
{
  std::string bytes( count, '\0' );
  for( auto& byte : bytes )
  {
    byte = static_cast<char>( ( from * 2654435761U + way * 97U ) >> 13U );
    ++from;
  }
  return bytes;
}

// ---- the peer writes, we read

std::string Line::nextBlock( std::size_t size ) { return text( 0, m_written, size ); }

void Line::wrote( const std::string& id, std::size_t size )
{
  m_theirSeq = ( m_theirSeq + 1 ) & 0xffffU;
  if( m_theirsWrong || m_theirsOver || m_oursRefused )
    return;
  m_written += size;
  if( id.empty() )
    m_byMessage += size;
  else
    m_unanswered.push_back( { id, size } );
}

// IBB-9: a result says that the bytes were taken over; they come in the order in which they were sent.
void Line::answered( const std::string& id, const std::string& how )
{
  m_theirCloseAnswered = m_theirCloseAnswered || ( m_theirsOver && id == m_theirClose );
  const auto found = std::find_if( m_unanswered.begin(), m_unanswered.end(), [&]( const Unanswered& block ) { return block.id == id; } );
  if( found == m_unanswered.end() )
    return;
  if( how == "result" )
  {
    require( found == m_unanswered.begin(), "IBB-9: blocks are taken over in order" );
    m_acknowledged += found->size;
  }
  m_unanswered.erase( found );
}

void Line::heard( const std::string& data )
{
  require( !ended && !paused && !aborted && !data.empty(), "data come while the stream is open and read" );
  require( m_heard + data.size() <= m_written, "IBB-6: nothing is delivered that was not sent, or after something wrong" );
  require( data == text( 0, m_heard, data.size() ), "IBB-6: the bytes are those that were sent, in their order" );
  m_heard += data.size();
  require( m_heard <= m_acknowledged + m_byMessage, "IBB-9: what is delivered was acknowledged" );
}

// ---- we write, the peer reads

void Line::sent( const std::string& id, const std::string& stanza )
{
  const auto begin = stanza.find( '>', stanza.find( "<data" ) ) + 1;
  const auto coded = stanza.substr( begin, stanza.find( '<', begin ) - begin );
  const auto bytes = protocol::decodeBase64( coded );
  require( bytes && protocol::encodeBase64( *bytes ) == coded, "section 1.7: base64 on one line" );
  require( !bytes->empty() && bytes->size() <= m_blockSize, "IBB-10: no empty blocks, none larger than was agreed" );
  require( test::attribute( stanza.substr( stanza.find( "<data" ) ), "seq" ) == std::to_string( m_ourSeq ), "IBB-6: blocks are counted" );
  require( !m_closeSent && !ended && !m_theirCloseAnswered, "IBB-12, IBB-13: nothing after a close" );
  require( *bytes == text( 1, m_sent, bytes->size() ) && m_sent + bytes->size() <= taken, "IBB-10: what the application wrote, in its order" );
  m_ourSeq = ( m_ourSeq + 1 ) & 0xffffU;
  m_sent += bytes->size();
  m_waiting.push_back( { id, bytes->size() } );
  require( m_waiting.size() <= m_options.inBand.window, "IBB-10: no more than the window" );
}

void Line::sentClose()
{
  require( !std::exchange( m_closeSent, true ), "IBB-12: one close" );
}

void Line::acknowledge( std::size_t which )
{
  const auto block = m_waiting.begin() + static_cast<std::ptrdiff_t>( which );
  if( !ended )
    m_confirmed += block->size;
  m_waiting.erase( block );
}

void Line::refuse( std::size_t which )
{
  m_oursRefused = true;
  m_waiting.erase( m_waiting.begin() + static_cast<std::ptrdiff_t>( which ) );
}

// ---- both

void Line::heardEnd( Cause cause, const Report& report )
{
  require( !std::exchange( ended, true ), "GEN-10: one end" );
  require( report.bytesReceived == m_heard, "the report counts what was delivered" );
  require( report.bytesSent <= m_sent, "the report counts what was acknowledged" );
  if( cause == Cause::ClosedRemote )
    require( m_theirsOver && m_heard == m_written, "IBB-13: what arrived before the close is delivered first" );
  if( cause == Cause::ClosedLocal && !aborted )
    require( closed && report.bytesSent == taken, "IBB-12: a close is one when everything was acknowledged" );
  if( cause == Cause::ProtocolViolation )
    require( m_theirsWrong, "nobody is accused who has done nothing" );
}

void Line::check() const
{
  if( ended )
    return;
  require( stream->bytesSent() == m_confirmed, "bytesSent() is what was acknowledged" );
  require( stream->bytesQueued() == taken - m_confirmed, "bytesQueued() is what was not" );
  require( !m_theirsWrong, "IBB-6 to IBB-8: something wrong ends the stream" );
  const auto room = m_options.limits.readBuffer + m_blockSize;
  require( m_theirsOver || m_acknowledged + m_byMessage - m_heard <= room + m_byMessage, "SEC-15: the read buffer has its size" );
  require( paused || m_theirsOver || m_unanswered.empty(), "IBB-9: with room in the buffer everything is acknowledged" );
  require( paused || m_heard == m_written, "what was taken over is delivered" );
  std::size_t held = 0;
  for( const auto& block : m_unanswered )
    held += block.size;
  require( held <= std::max( 2 * m_options.limits.readBuffer, 16 * ( m_blockSize + 1024 ) ), "SEC-15: what is held back has a bound" );
}

} // namespace simultiple::fuzz
