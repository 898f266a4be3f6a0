// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/repeatedtransfer.h"

#include "files/profile.h"

#include <utility>

namespace simultiple::files
{

RepeatedTransfer::RepeatedTransfer( Profile& profile, TransferOwner& owner, const FileInfo& info, std::string identity )
  : Transfer( profile, owner, nullptr, FileReceiveOptions().progressEvery ), m_identity( std::move( identity ) ), m_later( profile.loop() )
{
  m_info = info;
}

bool RepeatedTransfer::accept( const Offer& offer, const FileReceiveOptions& options )
{
  AcceptOptions how;
  how.privacy = options.privacy;
  how.expectsNothing = true;
  how.profileChild = rangeAnswer( m_info, { m_info.size, 0, true } );
  if( !m_profile.si().accept( offer, how ) )
    return false;
  setState( State::Offered );
  begin( offer.peer, offer.sid );
  debug( "PFT-18: the file is here already" );
  return true;
}

void RepeatedTransfer::streamOpened()
{
  setState( State::Finishing );
  closeInTime( m_later );
}

// PFT-10: not a byte more than was asked for.
void RepeatedTransfer::handleBytestreamData( gloox::Bytestream*, const std::string& )
{
  if( m_stream )
    m_stream->close();
}

void RepeatedTransfer::noteHeard( const Note& note )
{
  if( note.kind == Note::Kind::Sent && !std::exchange( m_told, true ) )
    m_profile.tell( peer(), sid(), { Note::Kind::Received } );
}

// If it broke, the sender comes again; the file stays.
void RepeatedTransfer::sessionOver( const SessionEnd& over )
{
  end( { over.opened && over.closed() ? FileCause::Complete : FileCause::Interrupted, over.text, false } );
}

void RepeatedTransfer::ended()
{
  m_later.stop();
  if( !m_told && m_result.streams > 0 )
    m_profile.remember( peer(), sid(), { Note::Kind::Received } );
}

} // namespace simultiple::files
