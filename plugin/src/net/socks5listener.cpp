// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/socks5listener.h"

#include "net/address.h"
#include "net/socks5.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t DigestText = 40;
constexpr int Backlog = 4096;  ///< As far as the kernel lets us: what does not fit must try again a second later.
constexpr int AcceptsPerTurn = 32;
constexpr std::chrono::milliseconds AcceptPause{ 200 };  ///< After the process ran out of descriptors.
constexpr std::chrono::seconds Grace{ 1 };  ///< SEC-17: a handshake takes a round trip or two.

bool isDstAddr( const std::string& text )
{
  return text.size() == DigestText
         && std::all_of( text.begin(), text.end(),
                         []( char c ) { return ( c >= '0' && c <= '9' ) || ( c >= 'a' && c <= 'f' ); } );
}

Fd bindTo( const Address& address, std::uint16_t port, bool anyPort )
{
  Fd fd( ::socket( address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0 ) );
  if( !fd )
    return fd;
  const int on = 1;
  const int off = 0;
  if( !anyPort )
    ::setsockopt( fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof( on ) );
  if( address.family == AF_INET6 && ::setsockopt( fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof( off ) ) != 0 )
    return Fd();

  sockaddr_storage at{};
  const socklen_t size = address.toSockaddr( port, at );
  if( ::bind( fd.get(), reinterpret_cast<const sockaddr*>( &at ), size ) != 0 || ::listen( fd.get(), Backlog ) != 0 )
    return Fd();
  return fd;
}

std::uint16_t portOf( int fd )
{
  sockaddr_storage at{};
  socklen_t size = sizeof( at );
  if( ::getsockname( fd, reinterpret_cast<sockaddr*>( &at ), &size ) != 0 )
    return 0;
  // both families keep the port at the same place
  return ntohs( reinterpret_cast<const sockaddr_in*>( &at )->sin_port );
}

/**
 * SEC-17: a registered digest is found by a hash with a key of our own, so that the time taken tells nothing of it to whoever tries digests, and is the
 * same for one registration and for thousands. Without entropy there would be no key, but no stream ids to be guessed, either.
 */
class KeyedHash final
{
  public:
    KeyedHash() : m_keyed( RAND_bytes( m_key.data(), static_cast<int>( m_key.size() ) ) == 1 ) {}

    /** @return Whether the key is one. Without it a guesser would know where each digest lies. */
    [[nodiscard]] bool keyed() const noexcept { return m_keyed; }

    std::size_t operator()( const std::string& text ) const
    {
      // On the stack: a registration is also taken back where memory has run out (CLS-12).
      std::array<unsigned char, KeySize + DigestText> keyed{};
      auto* const behind = std::copy( m_key.begin(), m_key.end(), keyed.data() );
      std::copy_n( text.begin(), std::min( text.size(), DigestText ), behind );
      std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
      std::size_t value = 0;
      if( EVP_Digest( keyed.data(), keyed.size(), digest.data(), nullptr, EVP_sha256(), nullptr ) == 1 )
        std::memcpy( &value, digest.data(), sizeof( value ) );
      return value;
    }

  private:
    static constexpr std::size_t KeySize = 16;
    std::array<unsigned char, KeySize> m_key{};
    bool m_keyed;
};

/// Looks at all bytes.
struct WholeEqual final
{
  bool operator()( const std::string& a, const std::string& b ) const
  {
    return a.size() == b.size() && CRYPTO_memcmp( a.data(), b.data(), a.size() ) == 0;
  }
};

} // namespace

struct Socks5Listener::Private final : public std::enable_shared_from_this<Private>
{
  /// Who waits for a DST.ADDR. S5B-9: it admits one connection.
  struct Registration
  {
    LinkHandler* handler = nullptr;
    bool used = false;
    std::shared_ptr<Duty> duty{};
  };

  /// A connection whose handshake is not finished.
  struct Guest
  {
    Guest( EventLoop& loop, Fd f, std::string from ) : fd( std::move( f ) ), origin( std::move( from ) ), since( loop.now() ), deadline( loop ) {}
    Fd fd;
    std::string origin;
    TimePoint since;
    Socks5Server handshake{};
    std::string out{};
    std::size_t received = 0;
    Alarm deadline;
    std::unique_ptr<Watch> watch{};  // after fd: must go before the descriptor
  };

  Private( EventLoop& l, ListenOptions o, std::chrono::milliseconds t )
    : loop( l ), options( std::move( o ) ), handshakeTime( t ), acceptAgain( l )
  {
  }

  [[nodiscard]] bool listen();
  [[nodiscard]] bool fail( const std::string& why );
  void stop();
  void stopUnlessNeeded()
  {
    if( registrations.empty() )
      stop();   // SEC-17
  }
  void watchListener();
  void acceptSome();
  void welcome( Fd fd, const std::string& origin );
  [[nodiscard]] bool makeRoom( const std::string& newcomer );
  void guestReady( std::uint64_t id );
  void serve( std::uint64_t id );
  [[nodiscard]] bool read( Guest& guest );
  [[nodiscard]] static bool flush( Guest& guest );
  void decide( Guest& guest );
  void handOver( std::uint64_t id );
  void dismiss( std::uint64_t id );
  void dismissAllOf( const std::string& dstAddr );

  EventLoop& loop;
  const ListenOptions options;
  const std::chrono::milliseconds handshakeTime;
  Fd socket{};
  std::unique_ptr<Watch> watch{};
  Alarm acceptAgain;
  bool ipv6 = false;
  std::uint16_t port = 0;
  std::string problem{};
  std::unordered_map<std::string, Registration, KeyedHash, WholeEqual> registrations{};
  std::map<std::uint64_t, Guest> guests{};   ///< The oldest first.
  std::uint64_t lastGuest = 0;
};

Socks5Listener::Socks5Listener( EventLoop& loop, const ListenOptions& options, std::chrono::milliseconds handshakeTime )
  : d( std::make_shared<Private>( loop, options, handshakeTime ) )
{
}

Socks5Listener::~Socks5Listener()
{
  d->registrations.clear();
  d->stop();
}

bool Socks5Listener::add( const std::string& dstAddr, LinkHandler& handler )
{
  if( !isDstAddr( dstAddr ) )
    return d->fail( "not a DST.ADDR" );
  if( has( dstAddr ) )
    return d->fail( "this DST.ADDR is registered already" ); // SEC-5
  if( !d->listen() )
    return false;
  try
  {
    auto& registration = d->registrations[dstAddr];
    registration.handler = &handler;
    registration.duty = d->loop.roster().current();
    return true;
  }
  catch( ... )
  {
    d->registrations.erase( dstAddr );
    d->stopUnlessNeeded();
    throw;
  }
}

void Socks5Listener::remove( const std::string& dstAddr )
{
  if( d->registrations.erase( dstAddr ) == 0 )
    return;
  d->dismissAllOf( dstAddr );
  d->stopUnlessNeeded();
}

bool Socks5Listener::has( const std::string& dstAddr ) const
{
  return d->registrations.count( dstAddr ) > 0;
}

bool Socks5Listener::listen()
{
  return d->listen();
}

std::uint16_t Socks5Listener::port() const
{
  return d->port;
}

const std::string& Socks5Listener::problem() const
{
  return d->problem;
}

bool Socks5Listener::dualStack() const
{
  return d->ipv6;
}

bool Socks5Listener::Private::fail( const std::string& why )
{
  problem = why;
  return false;
}

bool Socks5Listener::Private::listen()
{
  if( socket )
  {
    if( !watch && !acceptAgain.running() )
      loop.roster().run( nullptr, [this] { watchListener(); } );   // there was no memory the last time
    return true;
  }
  if( !options.enabled )
    return fail( "listening is switched off" );
  if( !registrations.hash_function().keyed() )
    return fail( "no random numbers to be had" ); // SEC-17

  const bool anyAddress = options.address.empty();
  const auto address = Address::parse( anyAddress ? "::" : options.address );
  if( !address )
    return fail( "not a numeric address to listen at: " + options.address );

  const bool anyPort = options.port == 0;
  socket = bindTo( *address, options.port, anyPort );
  ipv6 = socket && address->family == AF_INET6;
  if( !socket && anyAddress )
    socket = bindTo( *Address::parse( "0.0.0.0" ), options.port, anyPort );
  if( !socket )
    return fail( "cannot listen: " + std::generic_category().message( errno ) );

  port = portOf( socket.get() );
  if( !loop.roster().run( nullptr, [this] { watchListener(); } ) || !watch->valid() )   // it is not only for who came first
  {
    stop();
    return fail( "cannot listen: out of descriptors to watch" );
  }
  problem.clear();
  return true;
}

void Socks5Listener::Private::stop()
{
  guests.clear();
  acceptAgain.stop();
  watch.reset();
  socket.reset();
  port = 0;
  ipv6 = false;
}

void Socks5Listener::Private::watchListener()
{
  watch = std::make_unique<Watch>( loop, socket.get(), EPOLLIN, [this]( std::uint32_t ) { acceptSome(); } );
  if( !watch->valid() )
    acceptAgain.start( AcceptPause, [this]() { watchListener(); } );
}

void Socks5Listener::Private::acceptSome()
{
  for( int i = 0; i < AcceptsPerTurn; ++i )
  {
    sockaddr_storage from{};
    socklen_t size = sizeof( from );
    Fd fd( ::accept4( socket.get(), reinterpret_cast<sockaddr*>( &from ), &size, SOCK_NONBLOCK | SOCK_CLOEXEC ) );
    if( fd )
    {
      const auto address = Address::fromSockaddr( reinterpret_cast<const sockaddr&>( from ) );
      welcome( std::move( fd ), address ? neighbourhood( *address ).text() : std::string() );
      continue;
    }
    if( errno == EAGAIN || errno == EWOULDBLOCK )
      return;
    if( errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM )
    {
      // The client stays in the queue and the socket stays readable: look away, or the loop spins.
      acceptAgain.start( AcceptPause, [this]() { watchListener(); } );
      watch.reset();
      return;
    }
    // anything else concerns the one connection that was to be accepted: accept(2)
  }
}

void Socks5Listener::Private::welcome( Fd fd, const std::string& origin )
{
  if( guests.size() >= std::max<std::size_t>( options.handshakes, 1 ) && !makeRoom( origin ) )
    return; // SEC-17
  const int on = 1;
  ::setsockopt( fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof( on ) );

  const std::uint64_t id = ++lastGuest;
  const bool seated = loop.roster().attempt( [&]
  {
    Guest& guest = guests.try_emplace( id, loop, std::move( fd ), origin ).first->second;
    guest.deadline.start( handshakeTime, [this, id]() { dismiss( id ); } );
    guest.watch = std::make_unique<Watch>( loop, guest.fd.get(), EPOLLIN, [this, id]( std::uint32_t ) { guestReady( id ); } );
    if( !guest.watch->valid() )
      dismiss( id );
  } );
  if( !seated )
    dismiss( id );
}

/**
 * SEC-17: strangers who hold all places must not keep others out, so the oldest handshake of the address that has most of them, a newcomer's counted, gives
 * its place up. Where the newcomer's own address has as many, only after its Grace: in a crowd each would drive out another, and nobody would ever be done.
 */
bool Socks5Listener::Private::makeRoom( const std::string& newcomer )
{
  std::map<std::string, std::size_t> held{ { newcomer, 1 } };
  std::size_t most = 1;
  for( const auto& [id, guest] : guests )
    most = std::max( most, ++held[guest.origin] );

  for( const auto& [id, guest] : guests )
  {
    if( held[guest.origin] < most )
      continue;
    if( held[newcomer] == most && loop.now() - guest.since < Grace )
      return false;
    dismiss( id );
    return true;
  }
  return false;
}

void Socks5Listener::Private::guestReady( std::uint64_t id )
{
  const auto self = shared_from_this();
  if( !loop.roster().attempt( [&] { serve( id ); } ) )
    dismiss( id );
}

void Socks5Listener::Private::serve( std::uint64_t id )
{
  using State = Socks5Server::State;
  const auto it = guests.find( id );
  if( it == guests.end() )
    return;

  Guest& guest = it->second;
  if( !read( guest ) || !flush( guest ) )
    return dismiss( id );
  if( !guest.out.empty() )
    return guest.watch->want( guest.handshake.state() < State::Asked ? EPOLLIN | EPOLLOUT : EPOLLOUT );
  if( guest.handshake.state() == State::Granted )
    return handOver( id );
  if( guest.handshake.state() == State::Refused )
    return dismiss( id );
  guest.watch->want( EPOLLIN );
}

/// SEC-17: takes no more than the handshake may have; what a hasty client sent beyond it stays in the kernel.
bool Socks5Listener::Private::read( Guest& guest )
{
  std::array<char, Socks5Server::MaxBytes> buffer{};
  while( guest.handshake.state() < Socks5Server::State::Asked )
  {
    const ssize_t got = ::recv( guest.fd.get(), buffer.data(), Socks5Server::MaxBytes - guest.received, 0 );
    if( got < 0 && errno == EINTR )
      continue;
    if( got < 0 && ( errno == EAGAIN || errno == EWOULDBLOCK ) )
      return true;
    if( got <= 0 )
      return false;
    guest.received += static_cast<std::size_t>( got );
    guest.handshake.feed( std::string_view( buffer.data(), static_cast<std::size_t>( got ) ) );
    if( guest.handshake.state() == Socks5Server::State::Asked )
      decide( guest );
    guest.out += guest.handshake.takeOutput();
  }
  return true;
}

bool Socks5Listener::Private::flush( Guest& guest )
{
  while( !guest.out.empty() )
  {
    const ssize_t sent = ::send( guest.fd.get(), guest.out.data(), guest.out.size(), MSG_NOSIGNAL );
    if( sent < 0 && errno == EINTR )
      continue;
    if( sent < 0 )
      return errno == EAGAIN || errno == EWOULDBLOCK;
    guest.out.erase( 0, static_cast<std::size_t>( sent ) );
  }
  return true;
}

void Socks5Listener::Private::decide( Guest& guest )
{
  const auto registration = registrations.find( guest.handshake.dstAddr() );
  if( registration == registrations.end() || registration->second.used )
    return guest.handshake.refuse(); // S5B-9, S5B-10
  registration->second.used = true;
  guest.handshake.grant();
}

void Socks5Listener::Private::handOver( std::uint64_t id )
{
  Guest& guest = guests.find( id )->second;
  guest.watch.reset();
  Fd fd = std::move( guest.fd );
  auto early = guest.handshake.takePayload();
  const auto registration = registrations.find( guest.handshake.dstAddr() );
  guests.erase( id );
  if( registration == registrations.end() )
    return;
  const auto duty = registration->second.duty;
  loop.roster().run( duty, [&] { registration->second.handler->handleLink( std::move( fd ), std::move( early ) ); } );
}

void Socks5Listener::Private::dismiss( std::uint64_t id )
{
  const auto it = guests.find( id );
  if( it == guests.end() )
    return;
  if( it->second.handshake.state() == Socks5Server::State::Granted )
  {
    // It broke before it had the whole reply: not the one connection that S5B-9 allows, the client may come again (S5B-10).
    const auto registration = registrations.find( it->second.handshake.dstAddr() );
    if( registration != registrations.end() )
      registration->second.used = false;
  }
  guests.erase( it );
}

void Socks5Listener::Private::dismissAllOf( const std::string& dstAddr )
{
  for( auto it = guests.begin(); it != guests.end(); )
  {
    const bool granted = it->second.handshake.state() == Socks5Server::State::Granted;
    it = granted && it->second.handshake.dstAddr() == dstAddr ? guests.erase( it ) : std::next( it );
  }
}

} // namespace simultiple::net
