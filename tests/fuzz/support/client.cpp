// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/support/client.h"

#include "fuzz/support/require.h"

#include <memory>

namespace simultiple::fuzz
{

test::ScriptedClient& clientFor( bool fresh )
{
  static std::unique_ptr<test::ScriptedClient> client;
  if( fresh || !client )
    client = std::make_unique<test::ScriptedClient>();
  if( !client->online() )
    require( client->reconnect(), "(the connection comes back)" );
  return *client;
}

} // namespace simultiple::fuzz
