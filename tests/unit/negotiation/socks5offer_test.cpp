// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "negotiation/socks5offer.h"

#include "support/catch2.h"
#include "unit/negotiation/show.h"

#include <algorithm>
#include <functional>
#include <set>

using simultiple::Timer;
using simultiple::negotiation::Socks5Offer;
using show::all;
using State = Socks5Offer::State;

namespace
{

Socks5Offer query()
{
  Socks5Offer machine;
  (void)machine.start( true, false );
  return machine;
}

Socks5Offer link()
{
  Socks5Offer machine = query();
  (void)machine.answerSelf();
  return machine;
}

Socks5Offer proxy()
{
  Socks5Offer machine = query();
  (void)machine.answerProxy();
  return machine;
}

Socks5Offer activate()
{
  Socks5Offer machine = proxy();
  (void)machine.proxyDialled();
  return machine;
}

} // namespace

TEST_CASE( "ST-S-9, ST-S-10, S5B-4: a query is sent, with or without streamhosts, and its answer awaited", "[socks5offer]" )
{
  Socks5Offer withHosts;
  CHECK( all( withHosts.start( true, true ) ) == "SendQuery, start SS5B" );
  CHECK( withHosts.state() == State::Query );
  CHECK( all( withHosts.start( true, true ) ).empty() );
  Socks5Offer empty;
  CHECK( all( empty.start( false, false ) ) == "SendQuery, start SS5B" );
}

TEST_CASE( "ST-S-11, S5B-4: an empty query with nothing after it fails at once and its answer is ignored", "[socks5offer]" )
{
  Socks5Offer machine;
  CHECK( all( machine.start( false, true ) ) == "SendQuery, Fail" );
  CHECK( machine.state() == State::Failed );
  CHECK( all( machine.answerError( "item-not-found", false ) ).empty() );
}

TEST_CASE( "ST-S-15, NEG-10: an answer that names us commits the connection we hold", "[socks5offer]" )
{
  Socks5Offer machine = query();
  CHECK( all( machine.linked() ).empty() );
  CHECK( all( machine.answerSelf() ) == "stop SS5B, CommitDirect" );
  CHECK( machine.state() == State::Done );
}

TEST_CASE( "ST-S-16, ST-S-23: without a connection the answer waits for it", "[socks5offer]" )
{
  Socks5Offer machine = query();
  CHECK( all( machine.answerSelf() ) == "stop SS5B, start SLink" );
  CHECK( machine.state() == State::Link );
  CHECK( all( machine.linked() ) == "stop SLink, CommitDirect" );
  CHECK( machine.state() == State::Done );
}

TEST_CASE( "ST-S-17, S5B-7: an answer that names a proxy drops the peer's connection to us, then dials", "[socks5offer]" )
{
  Socks5Offer machine = query();
  (void)machine.linked();
  CHECK( all( machine.answerProxy() ) == "stop SS5B, DropLink, ConnectProxy, start SProxyAll" );
  CHECK( machine.state() == State::Proxy );
  CHECK( all( machine.linked() ) == "DropLink" );
  Socks5Offer later = activate();
  CHECK( all( later.linked() ) == "DropLink" );
}

TEST_CASE( "ST-S-18, S5B-8: a bogus answer fails the method", "[socks5offer]" )
{
  Socks5Offer machine = query();
  const auto actions = machine.answerBogus( "names nobody" );
  REQUIRE( all( actions ) == "stop SS5B, Fail" );
  CHECK( actions.back().reason == "names nobody" );
}

TEST_CASE( "ST-S-18, S5B-8: an answer to an empty query can only name what was not offered", "[socks5offer]" )
{
  Socks5Offer self;
  (void)self.start( false, false );
  CHECK( all( self.answerSelf() ) == "stop SS5B, Fail" );
  Socks5Offer other;
  (void)other.start( false, false );
  CHECK( all( other.answerProxy() ) == "stop SS5B, Fail" );
}

TEST_CASE( "ST-S-19, ST-S-20, NEG-7: an error fails the method and says if the peer is unreachable", "[socks5offer]" )
{
  Socks5Offer plain = query();
  const auto actions = plain.answerError( "item-not-found", false );
  REQUIRE( all( actions ) == "stop SS5B, Fail" );
  CHECK( actions.back().reason == "item-not-found" );
  Socks5Offer gone = query();
  CHECK( all( gone.answerError( "gone", true ) ) == "stop SS5B, Fail unreachable" );
}

TEST_CASE( "ST-S-21, ST-S-24, ST-S-26, ST-S-28: silence fails the method in each state", "[socks5offer]" )
{
  Socks5Offer a = query();
  CHECK( all( a.timer( Timer::SS5B ) ) == "Fail" );
  Socks5Offer b = link();
  CHECK( all( b.timer( Timer::SLink ) ) == "Fail" );
  Socks5Offer c = proxy();
  CHECK( all( c.timer( Timer::SProxyAll ) ) == "Fail" );
  Socks5Offer d = activate();
  CHECK( all( d.timer( Timer::SAct ) ) == "Fail" );
  CHECK( d.state() == State::Failed );
}

TEST_CASE( "ST-S-22, S5B-9, S5B-10: a broken connection does not fail the method, but the answer is bogus then", "[socks5offer]" )
{
  Socks5Offer machine = query();
  CHECK( all( machine.linkBroken() ).empty() );
  (void)machine.linked();
  CHECK( all( machine.linkBroken() ).empty() );
  CHECK( machine.state() == State::Query );
  CHECK( all( machine.linked() ) == "DropLink" );
  Socks5Offer byProxy = machine;
  CHECK( all( machine.answerSelf() ) == "stop SS5B, Fail" );
  CHECK( all( byProxy.answerProxy() ) == "stop SS5B, DropLink, ConnectProxy, start SProxyAll" );
}

TEST_CASE( "S5B-10: a break of what was never accepted changes nothing", "[socks5offer]" )
{
  Socks5Offer machine = query();
  (void)machine.linkBroken();
  CHECK( all( machine.linked() ).empty() );
  CHECK( all( machine.answerSelf() ) == "stop SS5B, CommitDirect" );
}

TEST_CASE( "ST-S-25, ST-S-27: a dialled proxy is activated, and its answer commits", "[socks5offer]" )
{
  Socks5Offer machine = proxy();
  CHECK( all( machine.proxyDialled() ) == "stop SProxyAll, SendActivate, start SAct" );
  CHECK( machine.state() == State::Activate );
  CHECK( all( machine.activated() ) == "stop SAct, CommitProxy" );
  CHECK( machine.state() == State::Done );
}

TEST_CASE( "ST-S-26, ST-S-28: a proxy that fails, breaks or refuses fails the method", "[socks5offer]" )
{
  Socks5Offer dialling = proxy();
  CHECK( all( dialling.proxyFailed( "refused" ) ) == "stop SProxyAll, Fail" );
  Socks5Offer broken = activate();
  CHECK( all( broken.proxyFailed( "end of file" ) ) == "stop SAct, Fail" );
  Socks5Offer refused = activate();
  CHECK( all( refused.activationRefused( "not-allowed" ) ) == "stop SAct, Fail" );
}

// Every sequence of events up to a length, from every start; each is watched for what must never happen.
namespace
{

struct Watcher
{
  Socks5Offer machine{};
  std::set<Timer> running{};
  int outcomes = 0;
  int queries = 0;
  bool held = false;    // a connection to our server is there
  bool dialled = false;
  std::string fault{};

  void watch( const Socks5Offer::Actions& actions )
  {
    using Do = Socks5Offer::Action::Do;
    for( const auto& action : actions )
    {
      if( outcomes > 0 )
        fault = "acts after its outcome: " + show::text( action );
      switch( action.what )
      {
        case Do::SendQuery: ++queries; break;
        case Do::StartTimer: if( !running.insert( action.timer ).second ) fault = "timer started twice"; break;
        case Do::StopTimer: if( running.erase( action.timer ) == 0 ) fault = "stopped a timer that does not run"; break;
        case Do::DropLink: held = false; break;
        case Do::ConnectProxy: if( held ) fault = "dials with a connection left"; break;
        case Do::SendActivate: if( !dialled ) fault = "activates an undialled proxy"; break;
        case Do::CommitDirect: ++outcomes; if( !held ) fault = "commits to no connection"; break;
        case Do::CommitProxy: ++outcomes; if( !dialled ) fault = "commits to no proxy"; break;
        case Do::Fail: ++outcomes; if( action.reason.empty() ) fault = "fails without a reason"; break;
      }
    }
    if( queries > 1 )
      fault = "two queries";
    const bool over = machine.state() == State::Done || machine.state() == State::Failed;
    if( over != ( outcomes == 1 ) || ( over && !running.empty() ) )
      fault = "over without an outcome, or with a timer left";
    if( machine.state() != State::Idle && !over && running.size() != 1 )
      fault = "waits without exactly one timer";
  }

  void fire( Timer timer )
  {
    const bool stale = running.erase( timer ) == 0;
    const State before = machine.state();
    const auto actions = machine.timer( timer );
    if( stale && ( !actions.empty() || machine.state() != before ) )
      fault = "a stale timer acts";
    watch( actions );
  }
};

const std::vector<std::function<void( Watcher& )>> events{
  []( Watcher& w ) { w.watch( w.machine.start( true, false ) ); },
  []( Watcher& w ) { w.watch( w.machine.start( false, false ) ); },
  []( Watcher& w ) { w.watch( w.machine.start( false, true ) ); },
  []( Watcher& w ) { w.watch( w.machine.answerSelf() ); },
  []( Watcher& w ) { w.watch( w.machine.answerProxy() ); },
  []( Watcher& w ) { w.watch( w.machine.answerBogus( "bogus" ) ); },
  []( Watcher& w ) { w.watch( w.machine.answerError( "gone", true ) ); },
  []( Watcher& w ) { w.held = true; w.watch( w.machine.linked() ); },
  []( Watcher& w ) { w.held = false; w.watch( w.machine.linkBroken() ); },
  []( Watcher& w ) { w.dialled = true; w.watch( w.machine.proxyDialled() ); },
  []( Watcher& w ) { w.dialled = false; w.watch( w.machine.proxyFailed( "broken" ) ); },
  []( Watcher& w ) { w.watch( w.machine.activated() ); },
  []( Watcher& w ) { w.watch( w.machine.activationRefused( "not-allowed" ) ); },
  []( Watcher& w ) { w.fire( Timer::SS5B ); },
  []( Watcher& w ) { w.fire( Timer::SLink ); },
  []( Watcher& w ) { w.fire( Timer::SProxyAll ); },
  []( Watcher& w ) { w.fire( Timer::SAct ); },
  []( Watcher& w ) { w.fire( Timer::STotal ); },
};

} // namespace

TEST_CASE( "GEN-10, TMO-6, S5B-7: an S5B offer has one outcome, whatever happens in whatever order", "[socks5offer]" )
{
  std::set<State> seen;
  std::string fault;
  show::walk( Watcher{}, events, 5, seen, fault );
  CHECK( fault == "" );
  CHECK( seen.size() == 7 );
}
