// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whole sessions: the plugin on a real gloox client, as sender and receiver of many at once, and a program of what peers, application, network and
// clock do. Whatever they do: everybody who asks is answered exactly once; each session ends exactly once, has at most one stream, and leaves nothing
// behind but a tombstone; tables keep their bounds; and when the plugin is gone the client is as it was before.

#include "fuzz/session/player.h"
#include "fuzz/session/words.h"
#include "fuzz/support/client.h"
#include "fuzz/support/require.h"
#include "fuzz/support/trace.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace
{

using namespace simultiple;
using namespace simultiple::fuzz;

/// What a client says to stanzas that would concern the plugin.
std::string manners( test::ScriptedClient& client )
{
  client.clear();
  const std::array<std::string, 6> payloads{ words::offer( "s0", 0x9, 0 ), words::query( "s0", 1 ), words::open( "s0", 16, 0 ),
                                             words::data( "s0", 0, 1, 0 ), words::close( "s0" ), words::note( "s0" ) };
  for( const auto& payload : payloads )
    client.feed( words::iq( "set", "same", words::Romeo, payload ) );
  client.feed( words::iq( "get", "same", words::Romeo, "<query xmlns='http://jabber.org/protocol/disco#info'/>" ) );
  client.feed( words::iq( "result", "same", words::Romeo, "" ) );
  const auto said = client.sent();
  client.clear();
  return said;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  const Program program( data, size );
  auto& client = clientFor( ( program.stage[2] & 0x80U ) != 0 );
  static const std::string before = manners( client );
  {
    Player player( client, program );
    player.play();
    if( ( program.stage[2] & 2U ) != 0 )
      player.drain();
    player.finish();
  }
  if( !client.online() )
    return 0;
  const auto after = manners( client );
  if( after != before )
    trace( "before", before + "\nafter  " + after );
  require( after == before, "CLS-10: nothing of ours is left in the client" );
  return 0;
}
