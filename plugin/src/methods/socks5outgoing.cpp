// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/socks5outgoing.h"

#include "methods/hostattempt.h"
#include "methods/ownhosts.h"
#include "methods/socks5channel.h"
#include "net/address.h"
#include "net/socks5.h"
#include "protocol/s5b.h"
#include "protocol/stanzaerror.h"

#include <gloox/connectiontcpbase.h>
#include <gloox/socks5bytestream.h>
#include <gloox/socks5bytestreammanager.h>
#include <gloox/socks5bytestreamserver.h>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace simultiple::methods
{

namespace
{
// TMO-5: Smack waits only 5 s for the first opening, so a proxy that is still being asked gets less than a second.
constexpr std::chrono::milliseconds ProxyWait{ 800 };
}

Socks5Outgoing::Socks5Outgoing( Shared& shared, const StreamId& id, Privacy privacy, bool last, MethodHandler& handler )
  : m_shared( shared ), m_id( id ), m_privacy( privacy ), m_last( last ), m_handler( handler ),
    m_dstAddr( net::dstAddr( id.sid, id.local.full(), id.peer.full() ) ), m_wait( shared.loop )
{
}

Socks5Outgoing::~Socks5Outgoing() { abandon(); }

// NEG-5, in its order: timers, DST.ADDR, sockets and their bytes, ids.
void Socks5Outgoing::abandon()
{
  if( std::exchange( m_abandoned, true ) )
    return;
  m_wait.stop();
  m_shared.proxies.stopWaiting( this );
  m_alarms.clear();
  m_shared.listener.remove( m_dstAddr );
  m_dialer.reset();
  m_linkWatch.reset();
  m_link.reset();
  m_early.clear();
  if( m_manager )
  {
    airlock::Airlock::Scope scope( m_shared.airlock, *this );
    if( m_stream )
      m_stream->removeBytestreamDataHandler();
    m_stream = nullptr;
    m_manager.reset();
  }
  m_shared.airlock.forget( *this );
}

void Socks5Outgoing::open()
{
  if( !m_shared.proxies.asking() )
    return begin();
  m_wait.start( ProxyWait, [this] { begin(); } );
  m_shared.proxies.wait( this, [this] { begin(); } );
}

void Socks5Outgoing::begin()
{
  m_wait.stop();
  m_shared.proxies.stopWaiting( this );
  collectHosts();
  run( m_offer.start( !m_hosts.empty(), m_last ) );
}

// Our own addresses are one thing to remember: an answer does not say which of them was used, and their port changes.
HostMemory::Host Socks5Outgoing::memorable( const protocol::StreamHost& host ) const
{
  const bool own = host.jid == m_id.local;
  return { HostMemory::Side::Offered, m_id.peer.bare(), own ? std::string() : host.host, own ? std::uint16_t( 0 ) : host.port };
}

// S5B-1 to S5B-3, SEC-16: own addresses first, then proxies, which keep room for themselves. S5B-21: but what is known of this peer counts.
void Socks5Outgoing::collectHosts()
{
  const auto& options = m_shared.options;
  const auto most = std::max<std::size_t>( 1, options.limits.streamHosts );
  const auto& memory = m_shared.memory;
  const auto now = m_shared.loop.now();
  const auto own = memorable( { m_id.local, {}, {}, 0 } );
  const auto dead = [&]( const Proxy& proxy ) { return memory.failedTwice( memorable( proxy.host ), now ); };
  const auto proven = [&]( const Proxy& proxy ) { return memory.workedLast( memorable( proxy.host ), now ); };

  // Dead ones are left out, unless there are no others.
  m_proxies = m_shared.proxies.known();
  const auto& bot = m_shared.bot;
  bool direct = offersDirect( options, m_privacy ) && bot.leavesListener( m_privacy, m_shared.airlock );
  bool served = bot.served( m_privacy, m_shared.airlock );
  const bool ownAlive = ( direct || served ) && !memory.failedTwice( own, now );
  if( ownAlive || !std::all_of( m_proxies.begin(), m_proxies.end(), dead ) )
  {
    direct = direct && ownAlive;
    served = served && ownAlive;
    m_proxies.erase( std::remove_if( m_proxies.begin(), m_proxies.end(), dead ), m_proxies.end() );
  }
  std::stable_partition( m_proxies.begin(), m_proxies.end(), proven );
  if( m_proxies.size() > most )
    m_proxies.resize( most );

  m_botServer = served ? bot.server : nullptr;
  if( direct && !m_shared.listener.add( m_dstAddr, *this ) )
  {
    m_handler.handleMethodAttempt( hostAttempt( "own listener", 0, {}, Attempt::State::Failed, m_shared.listener.problem() ) );
  }
  else if( direct )
  {
    m_hosts = ownHosts( options, m_privacy, m_id.local, m_shared.listener.port(), m_shared.listener.dualStack(), m_shared.localAddresses );
    const auto room = most - std::min<std::size_t>( m_proxies.size(), std::min<std::size_t>( 2, most - 1 ) );
    if( m_hosts.size() > room )
      m_hosts.resize( room );
  }
  if( direct || m_botServer )
  {
    // An address of ours carries our JID of this session, whatever the bot knew of it when it named the address.
    auto at = m_hosts.begin();
    for( const auto& entry : bot.hosts )
      if( BotHosts::isOwn( entry, m_shared.airlock ) && mayTell( entry.host, m_privacy ) && m_hosts.size() < most )
        at = m_hosts.insert( at, { m_id.local, m_id.local.full(), entry.host, entry.port } ) + 1;
  }
  // Each dead address before the one that works costs the peer a connection attempt: 300 ms with us, 10 s with gabble.
  const bool proxyFirst = !m_hosts.empty() && !m_proxies.empty() && memory.failedLast( own, now ) && proven( m_proxies.front() );
  if( proxyFirst )
    m_hosts.insert( m_hosts.begin(), m_proxies.front().host );
  for( auto proxy = m_proxies.begin() + ( proxyFirst ? 1 : 0 ); proxy != m_proxies.end(); ++proxy )
    if( m_hosts.size() < most )
      m_hosts.push_back( proxy->host );
  protocol::dropRepeats( m_hosts );   // the bot may name an address that our listener has, too
}

// S5B-21: the receiver tries hosts in order, so those before the one it names (or all) did not connect it.
void Socks5Outgoing::passedOver( std::vector<protocol::StreamHost>::const_iterator end )
{
  bool ownDone = false;
  for( auto host = m_hosts.cbegin(); host != end; ++host )
  {
    const bool own = host->jid == m_id.local;
    if( !own || !std::exchange( ownDone, true ) )
      m_shared.memory.failed( memorable( *host ), m_shared.loop.now() );
  }
}

void Socks5Outgoing::run( const Offer::Actions& actions )
{
  using Do = Offer::Action::Do;
  for( const auto& action : actions )
  {
    if( m_abandoned )
      return;
    switch( action.what )
    {
      case Do::SendQuery: sendQuery(); break;
      case Do::StartTimer:
      {
        const auto timer = action.timer;
        const auto& timeouts = m_shared.options.timeouts;
        auto& alarm = m_alarms[timer];
        if( !alarm )
          alarm = std::make_unique<net::Alarm>( m_shared.loop );
        alarm->start( timer == Timer::SS5B ? timeouts.s5bAnswer( m_hosts.size() ) : timeouts.get( timer ),
                      [this, timer]
                      {
                        const auto state = m_offer.state();
                        if( timer == Timer::SS5B && state == Offer::State::Query )
                          passedOver( m_hosts.cend() );
                        else if( m_proxy && ( state == Offer::State::Proxy || state == Offer::State::Activate ) )
                          m_shared.memory.failed( memorable( m_proxy->host ), m_shared.loop.now() );
                        run( m_offer.timer( timer ) );
                      } );
        break;
      }
      case Do::StopTimer:
        if( const auto alarm = m_alarms.find( action.timer ); alarm != m_alarms.end() )
          alarm->second->stop();
        break;
      case Do::DropLink:
        m_shared.listener.remove( m_dstAddr );
        m_linkWatch.reset();
        m_link.reset();
        m_early.clear();
        break;
      case Do::ConnectProxy: connectProxy(); break;
      case Do::SendActivate: sendActivate(); break;
      case Do::CommitDirect: commit( std::move( m_link ), std::move( m_early ), false ); break;
      case Do::CommitProxy: commit( std::move( m_link ), std::move( m_early ), true ); break;
      case Do::Fail: m_handler.handleMethodFailed( action.reason, action.peerUnreachable, {} ); break;
    }
  }
}

// ---- W-9 and its answer

void Socks5Outgoing::sendQuery()
{
  if( m_hosts.empty() )
  {
    // S5B-4: gloox's manager refuses to send an empty query (GLOOX-NOTES 5l).
    m_shared.airlock.request( *this, gloox::IQ::Set, m_id.peer, protocol::buildQuery( m_id.sid, {} ), "query" );
    return;
  }
  gloox::StreamHostList hosts;
  for( const auto& host : m_hosts )
  {
    gloox::StreamHost entry;
    entry.jid = host.jid;
    entry.host = host.host;
    entry.port = host.port;
    hosts.push_back( entry );
  }
  m_manager = m_shared.airlock.makeSocks5( *this );
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  registerBotServer();
  m_manager->setStreamHosts( hosts );
  (void)m_manager->requestSOCKS5Bytestream( m_id.peer, gloox::SOCKS5BytestreamManager::S5BTCP, m_id.sid, m_id.local );
}

bool Socks5Outgoing::handleAnswer( const std::string& kind, const gloox::Tag& iq )
{
  const bool failed = iq.findAttribute( "type" ) == "error";
  if( kind == "activate" )
  {
    if( failed )
    {
      const auto reason = protocol::readError( iq ).describe();
      proxyAttempt( Attempt::State::Failed, "activation refused: " + reason );
      run( m_offer.activationRefused( reason ) );
    }
    else
    {
      run( m_offer.activated() );
    }
    return false;
  }
  if( kind != "query" )
    return false;
  if( failed )
  {
    const auto error = protocol::readError( iq );
    if( error.condition == "item-not-found" && m_offer.state() == Offer::State::Query )
      passedOver( m_hosts.cend() );
    run( m_offer.answerError( error.describe(), error.peerUnreachable() ) );
    return false;
  }

  const auto used = protocol::readStreamHostUsed( iq, m_id.sid );
  const auto offered = std::find_if( m_hosts.begin(), m_hosts.end(), [&]( const auto& host ) { return host.jid == used.jid; } );
  if( !used.problem.empty() || !used.jid || offered == m_hosts.end() )
  {
    // S5B-8, SEC-10: a JID from the receiver alone never leads anywhere.
    run( m_offer.answerBogus( used.problem.empty() ? "the answer names a host that was not offered" : used.problem ) );
    return false;
  }
  passedOver( offered );
  if( offered->jid == m_id.local )
  {
    if( m_link && !linkAlive() )
    {
      m_link.reset();
      (void)m_offer.linkBroken();   // S5B-10: then the answer is about nobody
    }
    m_answer = &Offer::answerSelf;
    registerBotServer();
  }
  else
  {
    m_proxy = &*std::find_if( m_proxies.begin(), m_proxies.end(), [&]( const Proxy& proxy ) { return proxy.host.jid == used.jid; } );
    m_answer = &Offer::answerProxy;
  }
  return m_manager != nullptr;
}

void Socks5Outgoing::handleAnswerDone( const std::string& kind )
{
  if( kind != "query" || !m_answer || m_abandoned )
    return;
  if( !m_stream )
    return run( m_offer.answerBogus( "the answer made no stream" ) );   // GLOOX-NOTES 5a
  if( m_botServer && m_answer == &Offer::answerSelf )
  {
    // The bot's server has answered the peer's handshake before the peer answered us: what is not there by now does not come.
    m_link = linkOfBotServer();
    if( !m_link )
      return run( m_offer.answerBogus( "the answer names us, but nobody connected to the bot's server" ) );   // GLOOX-NOTES 5d
    (void)m_offer.linked();
  }
  const auto answer = std::exchange( m_answer, nullptr );
  run( ( m_offer.*answer )() );
}

std::unique_ptr<gloox::ConnectionBase> Socks5Outgoing::makeConnection()
{
  auto seat = std::make_unique<Seat>();
  m_seat = seat.get();
  return seat;
}

void Socks5Outgoing::handleOutgoingBytestream( gloox::Bytestream* stream )
{
  m_stream = static_cast<gloox::SOCKS5Bytestream*>( stream );
  m_stream->registerBytestreamDataHandler( this );
  (void)m_stream->connect();
}

// ---- the bot's server

// Its hashes are the manager's affair (GLOOX-NOTES 5f). The bot may have taken the server back since the query, and gloox would ask it.
void Socks5Outgoing::registerBotServer()
{
  if( m_botServer && m_botServer == m_shared.bot.server )
    m_manager->registerSOCKS5BytestreamServer( m_botServer );
  else
    m_manager->removeSOCKS5BytestreamServer();
}

// gloox keeps its object and closes its descriptor with it, so ours is another one for the same connection.
net::Fd Socks5Outgoing::linkOfBotServer() const
{
  const auto* connection = dynamic_cast<const gloox::ConnectionTCPBase*>( m_stream->connectionImpl() );
  net::Fd link( connection ? ::fcntl( connection->socket(), F_DUPFD_CLOEXEC, 0 ) : -1 );
  if( link )
    (void)::fcntl( link.get(), F_SETFL, ::fcntl( link.get(), F_GETFL ) | O_NONBLOCK );
  return link;
}

// ---- our own server

void Socks5Outgoing::handleLink( net::Fd fd, std::string early )
{
  m_link = std::move( fd );
  m_early = std::move( early );
  run( m_offer.linked() );
}

bool Socks5Outgoing::linkAlive() const
{
  char byte = 0;
  const auto got = ::recv( m_link.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT );
  return got > 0 || !m_early.empty() || ( got < 0 && ( errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ) );
}

// ---- the proxy

net::DialOptions Socks5Outgoing::proxyTimes( const std::string& host, const Timeouts& timeouts )
{
  net::DialOptions dial;
  dial.perHost = timeouts.get( net::Address::parse( host ) ? Timer::SProxy : Timer::SProxyAll );
  dial.tcp = timeouts.get( Timer::SProxy );
  return dial;
}

void Socks5Outgoing::connectProxy()
{
  auto dial = proxyTimes( m_proxy->host.host, m_shared.options.timeouts );
  // SEC-10: what our own server told us is checked like a peer's word, with private ranges allowed; what the owner wrote is not.
  dial.filter = m_proxy->configured ? nullptr : &m_shared.filter;
  net::DialHandler& self = *this;
  m_dialer = std::make_unique<net::Dialer>( m_shared.loop, m_shared.resolver, dial, self );
  m_dialer->start( { { m_proxy->host.jid.full(), m_proxy->host.host, m_proxy->host.port, true } }, m_dstAddr );
}

void Socks5Outgoing::proxyAttempt( Attempt::State state, const std::string& reason, std::chrono::milliseconds took )
{
  const auto& host = m_proxy->host;
  if( state == Attempt::State::Failed )
    m_shared.memory.failed( memorable( host ), m_shared.loop.now() );
  m_handler.handleMethodAttempt( hostAttempt( host.host, host.port, host.jid, state, reason, took ) );
}

void Socks5Outgoing::handleDialStarted( std::size_t ) { proxyAttempt( Attempt::State::Started ); }

void Socks5Outgoing::handleDialFailed( std::size_t, const std::string& reason, std::chrono::milliseconds took )
{
  proxyAttempt( Attempt::State::Failed, reason, took );
  run( m_offer.proxyFailed( "proxy: " + reason ) );
}

void Socks5Outgoing::handleDialExhausted() { run( m_offer.proxyFailed( "proxy: no address answered" ) ); }

void Socks5Outgoing::handleDialed( std::size_t, net::Fd fd, std::string early, std::chrono::milliseconds took )
{
  m_link = std::move( fd );
  m_early = std::move( early );
  // ST-S-28: until the activation a broken socket is all that the proxy can tell us.
  m_linkWatch = std::make_unique<net::Watch>( m_shared.loop, m_link.get(), EPOLLRDHUP, [this]( std::uint32_t )
  {
    m_linkWatch.reset();
    proxyAttempt( Attempt::State::Failed, "closed before the activation" );
    run( m_offer.proxyFailed( "proxy: closed before the activation" ) );
  } );
  proxyAttempt( Attempt::State::Opened, {}, took );
  run( m_offer.proxyDialled() );
}

void Socks5Outgoing::sendActivate()
{
  airlock::Airlock::Scope scope( m_shared.airlock, *this );
  m_stream->handleConnect( m_seat );
}

// C6: payload goes past gloox, so its objects may go now.
void Socks5Outgoing::commit( net::Fd fd, std::string early, bool proxied )
{
  // A direct stream: by which of our addresses it came in, the accepted socket knows.
  std::string host = proxied ? m_proxy->host.host : net::localAddressOf( fd.get() );
  // The bot may have deleted its server since the query, but not while it was what the peer chose (S5B-10).
  const std::uint16_t port = proxied       ? m_proxy->host.port
                             : m_botServer ? static_cast<std::uint16_t>( m_botServer->localPort() )
                                           : m_shared.listener.port();
  m_shared.memory.worked( memorable( proxied ? m_proxy->host : protocol::StreamHost{ m_id.local, {}, {}, 0 } ), m_shared.loop.now() );
  if( !proxied )
    m_handler.handleMethodAttempt( hostAttempt( host, port, m_id.local, Attempt::State::Opened ) );
  host += ":" + std::to_string( port );
  const auto linger = m_shared.options.timeouts.get( Timer::Close );
  m_linkWatch.reset();
  auto channel = std::make_unique<Socks5Channel>( m_shared.loop, std::move( fd ), std::move( early ), proxied, host, linger );
  abandon();
  m_handler.handleMethodReady( std::move( channel ) );
}

} // namespace simultiple::methods
