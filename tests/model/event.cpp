// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/event.h"

#include <array>
#include <utility>

namespace simultiple::model
{

using negotiation::Initiator;
using negotiation::Responder;
using Kind = Event::Kind;

namespace
{

constexpr std::array<const char*, 45> Names{
  "S cancels", "S closes", "S aborts", "S writes", "R accepts", "R declines", "R cancels", "R closes", "R aborts", "R writes",
  "reaches S", "reaches R", "lost on the way to S", "lost on the way to R", "S disconnects", "R disconnects", "S hears that R is gone", "R hears that S is gone",
  "S:", "R:", "R: T-R-HOST for S's address", "R: T-R-HOST for the proxy",
  "S's server accepts", "S's server refuses", "R's handshake is done", "R tries the proxy, too",
  "R's handler is ready", "R's handler fails",
  "the proxy takes R", "the proxy refuses R", "the proxy takes S", "the proxy refuses S", "the proxy activates", "the proxy refuses to activate",
  "the activation's answer reaches S", "the activation's answer is lost", "the proxy drops payload", "the proxy drops R",
  "S reads", "R reads", "S sees the end", "R sees the end", "a connection breaks", "S has drained", "R has drained" };

bool alive( End end ) { return end == End::Up || end == End::Dialing; }
bool gone( End end ) { return end == End::Shut || end == End::Dead; }

/// Collects what is possible.
struct Chances
{
  const World& w;
  const Setup& setup;
  std::vector<Event> events{};

  void add( bool may, Kind kind, std::uint8_t which = 0 )
  {
    if( may )
      events.push_back( { kind, which } );
  }
  void add( bool may, Kind kind, Way way ) { add( may, kind, static_cast<std::uint8_t>( way ) ); }

  void applications();
  void stanzas();
  void timers();
  void dials();
  void connections( Way way );
  [[nodiscard]] bool mayFire( Timer timer ) const;
};

void Chances::applications()
{
  using S = Initiator::State;
  using R = Responder::State;
  const auto s = w.initiator.state();
  const auto r = w.responder.state();
  const bool undecided = w.asked && r == R::Offered;
  add( undecided, Kind::RAccepts );
  add( undecided && setup.cancels, Kind::RDeclines );
  add( setup.cancels && ( s == S::Offering || s == S::Choosing || s == S::Trying ), Kind::SCancels );
  add( setup.cancels && s == S::Open, Kind::SCloses );
  add( setup.cancels && ( s == S::Open || s == S::Closing ), Kind::SAborts );
  add( setup.cancels && ( r == R::Waiting || r == R::Accepting ), Kind::RCancels );
  add( setup.cancels && ( r == R::Tentative || r == R::Open ), Kind::RCloses );
  add( setup.cancels && ( r == R::Tentative || r == R::Open || r == R::Closing ), Kind::RAborts );
  add( setup.writes && s == S::Open && !w.s.wrote, Kind::SWrites );
  add( setup.writes && w.reportedOpen && !w.r.wrote && !w.r.closing && r != R::Ended && r != R::Closing, Kind::RWrites );
}

void Chances::stanzas()
{
  add( !w.toS.empty(), Kind::ReachesS );
  add( !w.toR.empty(), Kind::ReachesR );
  add( !w.toS.empty() && setup.loses, Kind::LostToS );
  add( !w.toR.empty() && setup.loses, Kind::LostToR );
  add( setup.disconnects && w.s.online && !w.sEnded(), Kind::SDisconnects );
  add( setup.disconnects && w.r.online && !w.rEnded(), Kind::RDisconnects );
  add( w.s.online && !w.r.online && ( w.s.inBandOpen || w.initiator.state() == Initiator::State::Offering ), Kind::SHearsGone );
  add( w.r.online && !w.s.online && w.r.inBandOpen, Kind::RHearsGone );
}

// TMO-2 and the defaults of PROTOCOL 2.8, if a stanza takes less than 10 s and TCP is done, or hopeless, within T-R-HOST.
bool Chances::mayFire( Timer timer ) const
{
  if( !setup.defaultTimes )
    return true;
  constexpr std::uint32_t S5bPhase = bit( Timer::SS5B ) | bit( Timer::SLink ) | bit( Timer::SProxyAll ) | bit( Timer::SAct );
  constexpr std::uint32_t Opening = S5bPhase | bit( Timer::SIbb );
  const bool underWay = !w.toS.empty() || !w.toR.empty() || w.activationWaits;
  switch( timer )
  {
    case Timer::SLink:
    case Timer::RHold: return true;                                          // the short ones
    case Timer::SS5B: return !underWay && ( w.r.timers & bit( Timer::RS5B ) ) == 0;   // T-R-S5B + 10 s <= T-S-S5B
    case Timer::RS5B: return setup.breaks && !underWay;
    case Timer::STotal: return !underWay && w.otherOpening;                  // 240 s: two methods of ours take 155 s at most
    case Timer::RNext: return !underWay && ( w.s.timers & Opening ) == 0;    // 150 s
    case Timer::RTotal: return !underWay && ( w.s.timers & ( Opening | bit( Timer::STotal ) ) ) == 0;   // 300 s
    case Timer::RFirst: return !underWay && ( w.s.timers & ( w.responder.method() == Ibb ? bit( Timer::SIbb ) : S5bPhase ) ) == 0;   // 120 s
    default: return !underWay;
  }
}

void Chances::timers()
{
  for( std::uint8_t i = 0; i < TimerCount; ++i )
  {
    const auto timer = static_cast<Timer>( i );
    add( ( w.s.timers & bit( timer ) ) != 0 && mayFire( timer ), Kind::STimer, i );
    add( ( w.r.timers & bit( timer ) ) != 0 && mayFire( timer ), Kind::RTimer, i );
  }
  const bool slow = !setup.defaultTimes || setup.breaks;
  add( slow && w.direct.r == End::Dialing, Kind::RHostTimer );
  add( slow && w.proxied.r == End::Dialing, Kind::RProxyTimer );
}

void Chances::dials()
{
  using Activation = World::Activation;
  const auto& direct = w.direct;
  const auto& proxied = w.proxied;
  add( !direct.broken && direct.s == End::None && ( direct.r == End::Dialing || direct.r == End::Shut ) && w.registered, Kind::ServerAccepts );
  add( direct.s == End::None && direct.r == End::Dialing && ( setup.breaks || !w.registered ), Kind::ServerRefuses );
  add( !direct.broken && direct.s != End::None && direct.r == End::Dialing, Kind::HandshakeDone );
  add( setup.proxy && direct.s == End::None && direct.r == End::Dialing && proxied.r == End::None, Kind::ProxyToo );   // S5B-11
  add( !proxied.broken && proxied.r == End::Dialing, Kind::ProxyTakesR );
  add( setup.breaks && proxied.r == End::Dialing, Kind::ProxyRefusesR );
  add( !proxied.broken && proxied.s == End::Dialing, Kind::ProxyTakesS );
  add( setup.breaks && proxied.s == End::Dialing, Kind::ProxyRefusesS );
  add( w.other.r == End::Dialing, Kind::OtherReady );
  add( w.other.r == End::Dialing && setup.breaks, Kind::OtherFails );
  const bool asked = w.activation == Activation::Asked;
  const bool both = proxied.s == End::Up && proxied.r == End::Up && !proxied.broken;
  add( asked && both, Kind::Activates );
  add( asked && ( setup.breaks || !both ), Kind::RefusesActivation );
  add( w.activationWaits, Kind::ActivationReachesS );
  add( w.activationWaits && setup.loses, Kind::ActivationLost );
  const bool active = w.activation == Activation::Active;
  add( proxied.toS && !active, Kind::ProxyEats );
  add( !active && !proxied.broken && proxied.r == End::Up && gone( proxied.s ), Kind::ProxyTidies, Way::Proxied );
}

void Chances::connections( Way way )
{
  const auto& link = w.link( way );
  const bool joined = way != Way::Proxied || w.activation == World::Activation::Active;
  const bool early = setup.fault == Fault::DeliversEarly;
  add( joined && link.s == End::Up && link.toS && ( w.committed == way || early ), Kind::SReads, way );
  add( joined && link.r == End::Up && link.toR && w.candidate == way, Kind::RReads, way );
  add( ( link.s == End::Up && joined && gone( link.r ) && !link.toS ) || ( alive( link.s ) && link.broken ), Kind::SSeesEnd, way );
  const bool refused = way == Way::Direct && link.r == End::Dialing && gone( link.s );
  add( ( link.r == End::Up && joined && gone( link.s ) && !link.toR ) || ( alive( link.r ) && link.broken ) || refused, Kind::RSeesEnd, way );
  add( setup.breaks && !link.broken && ( alive( link.s ) || alive( link.r ) ), Kind::Breaks, way );
  add( w.s.closing && w.committed == way && !w.sEnded(), Kind::SDrained );
  add( w.r.closing && w.candidate == way && link.r != End::Up, Kind::RDrained );
}

} // namespace

std::vector<Event> possible( const World& world, const Setup& setup )
{
  Chances chances{ world, setup };
  chances.applications();
  chances.stanzas();
  chances.timers();
  chances.dials();
  chances.connections( Way::Direct );
  chances.connections( Way::Proxied );
  chances.connections( Way::Other );
  return std::move( chances.events );
}

bool isProgress( const Event& event )
{
  switch( event.kind )
  {
    case Kind::SCancels:
    case Kind::SCloses:
    case Kind::SAborts:
    case Kind::SWrites:
    case Kind::RAccepts:
    case Kind::RDeclines:
    case Kind::RCancels:
    case Kind::RCloses:
    case Kind::RAborts:
    case Kind::RWrites:
    case Kind::LostToS:
    case Kind::LostToR:
    case Kind::SDisconnects:
    case Kind::RDisconnects:
    case Kind::SHearsGone:
    case Kind::RHearsGone:
    case Kind::ActivationLost:
    case Kind::ProxyTidies:
    case Kind::Breaks: return false;
    default: return true;
  }
}

std::string textOf( const Event& event )
{
  std::string text = Names[static_cast<std::size_t>( event.kind )];
  if( event.kind == Kind::STimer || event.kind == Kind::RTimer )
    return text + " " + timerName( static_cast<Timer>( event.which ) );
  if( event.which != 0 )
    text += event.which == static_cast<std::uint8_t>( Way::Direct ) ? " (direct)" : event.which == static_cast<std::uint8_t>( Way::Proxied ) ? " (proxied)" : " (app)";
  return text;
}

} // namespace simultiple::model
