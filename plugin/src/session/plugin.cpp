// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The life of the plugin on one client: enable, turn, wait, disable, end. What arrives is in arrivals.cpp, what the bot asks in requests.cpp.

#include "session/plugin.h"

#include <gloox-si-multiple/bytestreammethod.h>
#include <gloox-si-multiple/simultiple.h>

#include "methods/methods.h"
#include "protocol/xml.h"

#include <gloox/clientbase.h>
#include <gloox/component.h>
#include <gloox/connectiontcpbase.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

namespace simultiple
{

using namespace std::chrono;
using Plugin = SIMultipleManager::Private;

namespace
{
// So that no call holds the bot's loop for long: what is left waits for the next turn.
constexpr microseconds TurnBudget{ 3000 };
// Busy sockets use a turn up. Deadlines and the dead have shares that these cannot take, or of thousands that come due, or end, at once one would
// have its turn.
constexpr microseconds Share{ 500 };
// A client without a descriptor of its own (a test, BOSH) is looked at this often.
constexpr microseconds BlindWait{ 10000 };
constexpr milliseconds WaitForMemory{ 100 };
}

Plugin::Private( gloox::ClientBase& client_, Options options_ )
  : client( client_ ), options( std::move( options_ ) ), clock( options.clock ? *options.clock : realClock ), loop( clock ), resolver( loop ),
    filter( options.streamHosts ), listener( loop, options.listen, options.timeouts.get( Timer::Socks ) ),
    queries( options.limits.queriesPerPeer, options.limits.queries ),
    memory( options.limits.rememberedHosts, options.timeouts.get( Timer::Remember ) ), methods( methods::allMethods() ), logger( client_.logInstance() ),
    features( client_ ), component( dynamic_cast<gloox::Component*>( &client_ ) != nullptr ), sessions( loop, options, component )
{
}

// CLS-10, in its order.
Plugin::~Private()
{
  on = false;
  endAll();
  emptyGraveyard();
  sessions.clearTombs();
  runtime.reset();
}

Plugin::Runtime::Runtime( Plugin& plugin )
  : airlock( plugin.client, plugin.options.extensionType, plugin, plugin.loop.roster() ), proxies( airlock, plugin.loop, plugin.options, plugin.botHosts, plugin.filter ),
    turns( plugin.loop, plugin.options.inBand.window, [this] { return airlock.room(); } ),
    notes( airlock, plugin.loop, plugin.options, [&plugin]( std::shared_ptr<void> dead ) { plugin.bury( std::move( dead ) ); } ),
    shared( std::make_unique<methods::Shared>( methods::Shared{ airlock, plugin.loop, plugin.resolver, plugin.listener, plugin.filter, proxies,
                                                                plugin.queries, plugin.memory, turns, plugin.options, plugin.botHosts, plugin.localAddresses } ) )
{
}

std::string Plugin::problem() const
{
  if( options.methods.empty() )
    return "no method is allowed";
  for( const auto& name : options.methods )
    if( std::none_of( methods.begin(), methods.end(), [&]( const auto& known ) { return known->name() == name; } ) )
      return "unknown method: " + name;
  if( options.extensionType <= gloox::ExtUser )
    return "the extension number is gloox's own";
  if( options.inBand.blockSize == 0 || options.inBand.maxBlockSize == 0 || options.inBand.window == 0 )
    return "block sizes and window must be at least 1";
  if( !filter.invalid().empty() )
    return "not a CIDR block: " + filter.invalid();
  return options.uncheckedTimeouts ? std::string() : options.timeouts.problem();
}

bool Plugin::registerMethod( BytestreamMethod& method )
{
  const auto& name = method.name();
  const bool sound = !name.empty() && protocol::characters( name ) <= SIMultiple::MaxLength && protocol::xmlText( name )
                     && name.find_first_of( " \t\r\n" ) == std::string::npos;   // XSD-4
  const bool taken = name == gloox::XMLNS_SI || name == XMLNS_SI_MULTIPLE || ownNamespaces.count( name ) > 0
                     || std::any_of( methods.begin(), methods.end(), [&]( const auto& known ) { return known->name() == name; } );
  if( on || runtime || !sound || taken )
    return false;
  methods.push_back( methods::makeCustomMethod( method ) );
  ownNamespaces.insert( name );
  return true;
}

bool Plugin::enable()
{
  if( const auto why = problem(); !why.empty() )
  {
    logger.warn( "not enabled: " + why );
    return false;
  }
  if( std::exchange( on, true ) )
    return true;
  if( !runtime )
  {
    on = loop.roster().attempt( [this] { runtime = std::make_unique<Runtime>( *this ); } );
    if( !on )
      return false;
    if( runtime->airlock.connected() )
      handleConnected();
  }
  updateFeatures();
  return true;
}

void Plugin::disable()
{
  if( !std::exchange( on, false ) )
    return;
  while( !pendingOffers.empty() )
  {
    auto* const session = pendingOffers.back();
    pendingOffers.pop_back();
    session->work( [session] { (void)session->decline( protocol::errors::forbidden() ); } );
  }
  updateFeatures();   // the rest goes in the next turn: we may be inside a callback of gloox
}

// ADV-1 to ADV-4: NS_SI, each profile, each method that policy lets us accept, and NS_SIM for whoever wants to know.
void Plugin::updateFeatures()
{
  std::set<std::string> wanted;
  if( on && options.advertise )
  {
    wanted = { gloox::XMLNS_SI, gloox::XMLNS_FEATURE_NEG };
    if( options.siMultiple )
      wanted.insert( XMLNS_SI_MULTIPLE );
    for( const auto& entry : profiles )
      wanted.insert( entry.first );
    for( const auto& name : options.methods )
      if( const auto* known = method( name ); known && known->canAccept( *runtime->shared, options.privacy ) )
        wanted.insert( name );
  }
  if( features.set( wanted ) )
    features.announce();
}

// ---- the turn

void Plugin::turn( Turn where )
{
  // A callback called process(), and it is being done already; or the client reports a disconnect from inside our own send().
  if( turning || ( runtime && runtime->airlock.speaking() ) )
    return;
  turning = true;
  // CLS-12: whatever happens in it, the bot's loop goes on.
  const net::EventLoop::Enough enough = [this, until = turnClock() + TurnBudget] { return turnClock() >= until; };
  const bool done = loop.roster().run( nullptr, [&] { serve( where, enough ); } );
  failedInVain = !loop.roster().giveUpFailed() || !done;   // there will be more memory some time
  emptyGraveyard( where == Turn::Below ? net::EventLoop::Enough() : enough );
  turning = false;
  if( where == Turn::Outermost )
    rest();
}

void Plugin::serve( Turn where, const net::EventLoop::Enough& enough )
{
  makeRoomForTheDead();
  if( where == Turn::Below )
    while( ( lossUntold && tellOfLoss() ) || ( runtime && runtime->airlock.dispatchOne() ) )
    {
      // All of it, and all that is dead below: nobody may come back for the rest before the next stanza of ours arrives.
    }
  do
    unfinished = round( enough );
  while( unfinished && !enough() );
  if( on )
    features.repair();
  // IBB-19. A server that writes a block in pieces (Prosody: of 8 KiB) and leaves Nagle's algorithm on keeps the last one until the others are acknowledged.
  if( runtime && runtime->turns.receiving() )
    runtime->airlock.hurry();
}

/// While somebody is being buried there may be no memory for it.
void Plugin::makeRoomForTheDead()
{
  for( auto* place : { &graveyard, &dying } )
    if( const auto most = place->size() + 16 + 4 * sessions.size(); place->capacity() < most )
      place->reserve( 2 * most );
}

/// One, and as many more as there is time for.
void Plugin::emptyGraveyard( const net::EventLoop::Enough& enough )
{
  const auto share = turnClock() + Share;
  do
  {
    if( dying.empty() )
    {
      dying.swap( graveyard );
      std::reverse( dying.begin(), dying.end() );
    }
    if( !dying.empty() )
    {
      const auto dead = std::move( dying.back() );
      dying.pop_back();   // first: it may bury others
    }
    else if( sessions.anyDead() )
      sessions.clearOneDead();
    else
      return;
  } while( !( enough && enough() && turnClock() >= share ) );
}

/// One round of everybody, or what @a enough allows; then the next call goes on with it. @return Whether there was anything.
bool Plugin::round( const net::EventLoop::Enough& enough )
{
  if( lossUntold && !tellOfLoss( enough ) )
    return true;
  // TMO-3: what arrived comes first, sockets next, and a deadline only counts when both have been heard.
  const auto waiting = [this] { return runtime ? runtime->airlock.waiting() : 0; };
  if( unheard == 0 )
    unheard = waiting();
  while( runtime && runtime->airlock.dispatchOne() )
  {
    unheard -= unheard > 0 ? 1 : 0;
    if( lossUntold )
      return true;
    if( enough() )
      break;
  }
  unheard = std::min( unheard, waiting() );
  if( unheard > 0 )
    return true;   // whoever floods us with stanzas keeps nobody else waiting for more than those of one round
  bool any = loop.runReady( enough );
  any = loop.runAlarms( [this, &enough, share = turnClock() + Share] { return enough() && turnClock() >= share; } ) || any;
  return waiting() > 0 || any;
}

// What has died goes in such a turn, too: it is of the private client (GLOOX-NOTES 7a-7h are about the one that is dispatching).
void Plugin::handleArrival()
{
  if( servesAtOnce )
    turn( Turn::Below );
}

void Plugin::rest()
{
  if( on || !runtime || lossUntold || sessions.size() > 0 || runtime->notes.waiting() > 0 )
    return;
  emptyGraveyard();
  sessions.clearTombs();
  runtime.reset();
}

std::optional<milliseconds> Plugin::nextDeadline() const
{
  const bool resting = !on && runtime && sessions.size() == 0 && runtime->notes.waiting() == 0;
  const bool failed = !failedInVain && ( loop.roster().anyFailed() || lossUntold );
  if( resting || unfinished || failed || !graveyard.empty() || !dying.empty() || sessions.anyDead() || ( runtime && runtime->airlock.hasWork() ) )
    return milliseconds( 0 );
  const auto alarm = loop.nextAlarm();
  const auto left = alarm ? std::max( milliseconds( 0 ), ceil<milliseconds>( *alarm - clock.now() ) ) : milliseconds::max();
  if( failedInVain )
    return std::min( left, WaitForMemory );
  if( !alarm )
    return std::nullopt;
  return left;
}

gloox::ConnectionError Plugin::wait( int timeout )
{
  auto most = timeout < 0 ? microseconds::max() : microseconds( timeout );
  if( const auto deadline = nextDeadline(); deadline && *deadline < most )
    most = *deadline;

  std::array<pollfd, 2> descriptors{ { { loop.descriptor(), POLLIN, 0 }, { -1, POLLIN, 0 } } };
  const auto* tcp = dynamic_cast<gloox::ConnectionTCPBase*>( client.connectionImpl() );
  if( tcp )
    descriptors[1].fd = tcp->socket();
  else
    most = std::min( most, BlindWait );
  timespec time{};
  time.tv_sec = static_cast<time_t>( duration_cast<seconds>( most ).count() );
  time.tv_nsec = static_cast<long>( duration_cast<nanoseconds>( most % seconds( 1 ) ).count() );
  (void)::ppoll( descriptors.data(), descriptors.size(), most == microseconds::max() ? nullptr : &time, nullptr );

  auto result = gloox::ConnNoError;
  if( !tcp || descriptors[1].revents != 0 )
    result = client.recv( 0 );
  else if( client.state() == gloox::StateDisconnected )
    result = gloox::ConnNotConnected;
  turn();
  return result;
}

void Plugin::waitForSockets( microseconds most )
{
  if( const auto deadline = nextDeadline(); deadline && *deadline < most )
    most = *deadline;
  if( most == microseconds::zero() )
    return;
  pollfd descriptor{ loop.descriptor(), POLLIN, 0 };
  timespec time{};
  time.tv_sec = static_cast<time_t>( duration_cast<seconds>( most ).count() );
  time.tv_nsec = static_cast<long>( duration_cast<nanoseconds>( most % seconds( 1 ) ).count() );
  (void)::ppoll( &descriptor, 1, most == microseconds::max() ? nullptr : &time, nullptr );
}

void Plugin::work( int timeout )
{
  if( turning )
    return;   // called from a callback: waiting there would hold up everything
  waitForSockets( timeout < 0 ? microseconds::max() : microseconds( timeout ) );
  turn( Turn::Below );   // the bot may be inside a handler of gloox
}

bool Plugin::pump( microseconds most )
{
  if( turning || ( runtime && runtime->airlock.speaking() ) )
    return false;
  waitForSockets( most );
  turn( Turn::Below );
  return true;
}

// ---- the end

// The application gets no callback from here on (CLS-10); the peers get their answers.
void Plugin::endAll()
{
  if( !runtime )
    return;
  const auto next = [this] { return sessions.any( []( const session::Session& ) { return true; } ); };
  for( auto* session = next(); session; session = next() )
  {
    session->silence();
    session->stop( true );
    sessions.entomb( *session );   // if there was no memory to end in good order
  }
  pendingOffers.clear();
  features.set( {} );
}

void Plugin::sessionEnded( session::Session& session ) noexcept
{
  pendingOffers.erase( std::remove( pendingOffers.begin(), pendingOffers.end(), &session ), pendingOffers.end() );
  sessions.entomb( session );
}

// ---- what sessions ask

const methods::Method* Plugin::method( const std::string& name ) const
{
  if( std::find( options.methods.begin(), options.methods.end(), name ) == options.methods.end() )
    return nullptr;
  const auto found = std::find_if( methods.begin(), methods.end(), [&]( const auto& known ) { return known->name() == name; } );
  return found == methods.end() ? nullptr : found->get();
}

const methods::Method* Plugin::methodOf( const airlock::Stanza& opening ) const
{
  const bool own = opening.kind == airlock::StanzaKind::Application;
  const auto found = std::find_if( methods.begin(), methods.end(), [&]( const auto& known )
  {
    return known->opening() == opening.kind && ( !own || known->name() == opening.ns );
  } );
  return found == methods.end() ? nullptr : found->get();
}

gloox::LogSink& Plugin::sink() { return client.logInstance(); }

SIProfileMultiple::Private* Plugin::profile( const std::string& ns ) const
{
  const auto found = profiles.find( ns );
  return found == profiles.end() ? nullptr : found->second;
}

} // namespace simultiple
