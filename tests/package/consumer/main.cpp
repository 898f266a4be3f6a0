// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The least a bot does with the library: take it in, turn it on and off.

#include <gloox-si-multiple/simultiple.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/version.h>

#include <gloox/client.h>
#include <gloox/jid.h>
#include <gloox/tag.h>

#include <cstdio>
#include <memory>

int main()
{
  const simultiple::SIMultiple list( { gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB } );
  const std::unique_ptr<gloox::Tag> tag( list.tag() );
  if( !tag || tag->children().size() != 2 || tag->xmlns() != simultiple::XMLNS_SI_MULTIPLE )
    return 1;

  gloox::Client client( gloox::JID( "romeo@localhost/consumer" ), "not used" );
  simultiple::SIMultipleManager streams( client );
  if( !streams.enable() || !streams.enabled() )
    return 2;
  streams.disable();
  if( streams.enabled() || streams.sessions() != 0 )
    return 3;

  std::printf( "gloox-si-multiple %s: %s\n", GLOOX_SI_MULTIPLE_VERSION, tag->xml().c_str() );
  return 0;
}
