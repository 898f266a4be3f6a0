// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/options.h>

#include "net/dialer.h"
#include "net/socks5.h"

#include "support/catch2.h"

using namespace simultiple;
using namespace std::chrono_literals;

TEST_CASE( "SEC-7, SEC-9, SEC-13 to SEC-17: the defaults are those of the rulebook", "[options]" )
{
  const Options options;
  CHECK( options.privacy == Privacy::Any );
  CHECK( options.limits.offersPerPeer == 5 );
  CHECK( options.limits.offers == 50 );
  CHECK( options.limits.sessionsPerPeer == 32 );
  CHECK( options.limits.sessionsPerDomain == 100 );
  CHECK( options.limits.sessions == 256 );
  CHECK( options.limits.tombstones == 1024 );
  CHECK( options.limits.queriesPerPeer == 4 );
  CHECK( options.limits.queries == 16 );
  CHECK( options.limits.streamHosts == 8 );
  CHECK( options.limits.readBuffer == 262144 );
  CHECK( options.inBand.maxBlockSize == 16384 );
  CHECK( options.listen.handshakes == 16 );
  CHECK( options.timeouts.get( Timer::Socks ) == 10s );
  CHECK( options.timeouts.get( Timer::RApp ) == 600s );
  CHECK( options.timeouts.get( Timer::RNext ) == 150s );
  CHECK( options.streamHosts.allow.empty() );
  CHECK_FALSE( options.streamHosts.lowPorts );
  CHECK_FALSE( options.ownsNamespaces );
  CHECK( net::DialOptions().addressesPerName == 4 );
  CHECK( net::Socks5Server::MaxBytes == 262 );
}
