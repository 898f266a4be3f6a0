// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/session/internet.h"

#include "fuzz/support/require.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace simultiple::fuzz
{

using std::chrono::milliseconds;

struct Internet::Link
{
  const net::Socks5Listener* listener;
  std::string dstAddr;
  net::LinkHandler& handler;
  net::Alarm alarm;
  bool used = false;   ///< S5B-9
};

struct Internet::DialWork : std::enable_shared_from_this<DialWork>
{
  enum class Target { Untried, Started, Failed, Forbidden };

  DialWork( net::EventLoop& loop, net::DialHandler& h ) : handler( h ), alarm( loop ) {}

  void now( Dial what, bool early );
  [[nodiscard]] std::size_t first( Target state ) const
  {
    return static_cast<std::size_t>( std::find( targets.begin(), targets.end(), state ) - targets.begin() );
  }
  void failed( std::size_t target, Target how );

  net::DialHandler& handler;
  net::Alarm alarm;
  std::vector<Target> targets{};
  bool over = false;
};

namespace
{
Internet* present = nullptr;
}

Internet::Internet() { present = this; }
Internet::~Internet() { present = nullptr; }
Internet* Internet::now() { return present; }

net::Fd Internet::connect( bool hasEarly, std::string& early )
{
  std::array<int, 2> ends{ -1, -1 };
  require( ::socketpair( AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data() ) == 0, "(a local connection could be made)" );
  const char letter = static_cast<char>( 'A' + m_made++ % 26 );
  m_far.push_back( { net::Fd( ends[0] ), letter } );
  if( hasEarly )
    early = std::string( 5, letter );
  return net::Fd( ends[1] );
}

void Internet::link( std::size_t which, bool early )
{
  if( m_links.empty() )
    return;
  const auto link = m_links[which % m_links.size()];
  if( std::exchange( link->used, true ) )
    return;
  link->alarm.start( milliseconds( 0 ), [link, early, this]
  {
    std::string bytes;
    auto fd = connect( early, bytes );
    link->handler.handleLink( std::move( fd ), std::move( bytes ) );
  } );
}

void Internet::remove( const net::Socks5Listener* listener, const std::string& dstAddr )
{
  const auto ours = [&]( const auto& link ) { return link->listener == listener && ( dstAddr.empty() || link->dstAddr == dstAddr ); };
  for( const auto& link : m_links )
    if( ours( link ) )
      link->alarm.stop();
  m_links.erase( std::remove_if( m_links.begin(), m_links.end(), ours ), m_links.end() );
}

const Internet::Link* Internet::find( const net::Socks5Listener* listener, const std::string& dstAddr ) const
{
  const auto found = std::find_if( m_links.begin(), m_links.end(), [&]( const auto& link ) { return link->listener == listener && link->dstAddr == dstAddr; } );
  return found == m_links.end() ? nullptr : found->get();
}

void Internet::dial( std::size_t which, Dial what, bool early )
{
  if( m_dials.empty() )
    return;
  const auto work = m_dials[which % m_dials.size()];
  if( !work->alarm.running() )   // else something happens to it already
    work->alarm.start( milliseconds( 0 ), [work, what, early] { work->now( what, early ); } );
}

void Internet::remove( const DialWork* work )
{
  m_dials.erase( std::remove_if( m_dials.begin(), m_dials.end(), [work]( const auto& one ) { return one.get() == work; } ), m_dials.end() );
}

// The dialer may be deleted in every callback; then it is over.
void Internet::DialWork::now( Dial what, bool early )
{
  const auto self = shared_from_this();
  if( over )
    return;
  if( targets.empty() )
  {
    over = true;
    return handler.handleDialExhausted();
  }
  if( what == Dial::Forbid && first( Target::Untried ) < targets.size() )
    return failed( first( Target::Untried ), Target::Forbidden );

  auto target = first( Target::Started );
  if( what == Dial::Start || target == targets.size() )
  {
    target = first( Target::Untried );
    if( target == targets.size() )
      return;
    targets[target] = Target::Started;
    handler.handleDialStarted( target );
    if( over )
      return;
  }
  if( what == Dial::Fail )
    failed( target, Target::Failed );
  if( what != Dial::Connect )
    return;
  over = true;
  std::string bytes;
  auto fd = Internet::now()->connect( early, bytes );
  handler.handleDialed( target, std::move( fd ), std::move( bytes ), milliseconds( 1 ) );
}

void Internet::DialWork::failed( std::size_t target, Target how )
{
  targets[target] = how;
  handler.handleDialFailed( target, "the program wants it so", milliseconds( 1 ) );
  if( over || first( Target::Untried ) < targets.size() || first( Target::Started ) < targets.size() )
    return;
  over = true;
  handler.handleDialExhausted();
}

void Internet::say( std::size_t which, Say what, std::size_t bytes )
{
  if( m_far.empty() )
    return;
  auto& far = m_far[m_far.size() - 1 - which % m_far.size()];   // the newest first
  std::array<char, 4096> buffer{};
  switch( what )
  {
    case Say::Bytes:
      (void)::send( far.fd.get(), std::string( bytes, far.letter ).data(), bytes, MSG_NOSIGNAL );
      return;
    case Say::Read:
      while( ::recv( far.fd.get(), buffer.data(), buffer.size(), 0 ) > 0 )
      {
      }
      return;
    case Say::Close:
      (void)::shutdown( far.fd.get(), SHUT_WR );
      return;
    case Say::Break:
      far.fd.reset();   // with something unread it is a reset
      return;
  }
}

bool Internet::allClosed()
{
  std::array<char, 4096> buffer{};
  for( const auto& far : m_far )
  {
    ssize_t got = 1;
    while( far.fd && got > 0 )
      got = ::recv( far.fd.get(), buffer.data(), buffer.size(), 0 );
    if( far.fd && got < 0 && ( errno == EAGAIN || errno == EWOULDBLOCK ) )
      return false;
  }
  return true;
}

} // namespace simultiple::fuzz

// ---- what the plugin sees of it

namespace simultiple::net
{

using fuzz::Internet;
using std::chrono::milliseconds;

struct Socks5Listener::Private
{
  EventLoop& loop;
  std::string problem{};
};

Socks5Listener::Socks5Listener( EventLoop& loop, const ListenOptions&, milliseconds ) : d( std::make_shared<Private>( Private{ loop } ) ) {}

Socks5Listener::~Socks5Listener()
{
  if( auto* network = Internet::now() )
    network->remove( this, {} );
}

bool Socks5Listener::add( const std::string& dstAddr, LinkHandler& handler )
{
  if( !listen() || has( dstAddr ) )
    return false;
  Internet::now()->add( std::shared_ptr<Internet::Link>( new Internet::Link{ this, dstAddr, handler, Alarm( d->loop ) } ) );
  return true;
}

void Socks5Listener::remove( const std::string& dstAddr ) { Internet::now()->remove( this, dstAddr ); }
bool Socks5Listener::has( const std::string& dstAddr ) const { return Internet::now()->find( this, dstAddr ) != nullptr; }

bool Socks5Listener::listen()
{
  d->problem = Internet::now()->listens ? "" : "no more descriptors";
  return Internet::now()->listens;
}

std::uint16_t Socks5Listener::port() const { return Internet::now()->registrations() > 0 ? 7777 : 0; }
const std::string& Socks5Listener::problem() const { return d->problem; }
bool Socks5Listener::dualStack() const { return false; }

struct Dialer::Private
{
  std::shared_ptr<Internet::DialWork> work;
};

Dialer::Dialer( EventLoop& loop, Resolver&, DialOptions, DialHandler& handler )
  : d( std::make_shared<Private>( Private{ std::make_shared<Internet::DialWork>( loop, handler ) } ) )
{
  Internet::now()->add( d->work );
}

Dialer::~Dialer()
{
  d->work->over = true;
  d->work->alarm.stop();
  Internet::now()->remove( d->work.get() );
}

void Dialer::start( std::vector<DialTarget> targets, const std::string& )
{
  d->work->targets.assign( targets.size(), Internet::DialWork::Target::Untried );
  if( targets.empty() )
    Internet::now()->dial( Internet::now()->dialers() - 1, Internet::Dial::Start, false );
}

bool Dialer::tried( std::size_t target ) const { return d->work->targets.at( target ) != Internet::DialWork::Target::Forbidden; }

} // namespace simultiple::net
