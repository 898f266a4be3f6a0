// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/streamsocket.h"

#include "net/sendqueue.h"
#include "net/silence.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t SmallestBlock = 4096;

bool wouldBlock( int error )
{
  return error == EAGAIN || error == EWOULDBLOCK;
}

} // namespace

struct StreamSocket::Private final : public std::enable_shared_from_this<Private>
{
  Private( EventLoop& l, Fd f, std::string e, SocketHandler& h, std::chrono::milliseconds s )
    : loop( l ), fd( std::move( f ) ), early( std::move( e ) ), handler( h ), soon( l ), linger( l ), look( l ), disk( l ), silence( s )
  {
  }

  void ready( std::uint32_t events );
  void attend();
  void settle();
  void attendSoon();
  void deliverEarly();
  void readSome();
  void readInto( std::string& buffer );
  [[nodiscard]] std::size_t sendOnce( std::string_view data );
  [[nodiscard]] std::size_t sendFrom( FileRange& file, std::size_t most );
  void flush();
  void tellWritten();
  void waitAtMost( std::chrono::milliseconds time );
  void progress();
  void lookLater();
  void finishClosing();
  void updateWatch();
  void end( int error );
  void closed();
  void shut();
  [[nodiscard]] bool wantsToRead() const;
  [[nodiscard]] bool wantsToSend() const { return !queue.empty() && writeError == 0 && !disk.running(); }

  EventLoop& loop;
  Fd fd;
  std::string early;
  SocketHandler& handler;
  std::unique_ptr<Watch> watch{};  // after fd: must go before the descriptor
  Alarm soon;
  Alarm linger;
  Alarm look;                         ///< Only while something is on its way: many quiet sockets cost nothing.
  Alarm disk;                         ///< While the file in front is being read.
  Silence silence;
  std::chrono::milliseconds lingerTime{ 0 };
  std::chrono::milliseconds patience{ 0 };
  SendQueue queue{};
  std::size_t block = SmallestBlock;  ///< What is read at once. Grows with the traffic up to BlockSize.
  std::size_t written = 0;            ///< Taken by the kernel, not told yet.
  std::string fileProblem{};          ///< With writeError: it is the file, not the socket.
  int writeError = 0;                 ///< Nothing goes out any more; what has arrived is still read before the end is told.
  bool inLoop = false;                ///< In ready() or attend(): settle() comes anyway.
  bool started = false;
  bool paused = false;
  bool closing = false;
  bool shutDown = false;
  bool endSeen = false;               ///< The peer's end of file, or while closing an error.
  bool taken = false;                 ///< Once it is dead.
  bool timeOver = false;              ///< Closing, or broken: waited long enough.
  bool dead = false;
};

StreamSocket::StreamSocket( EventLoop& loop, Fd fd, std::string early, SocketHandler& handler, std::chrono::milliseconds mostSilence )
  : d( std::make_shared<Private>( loop, std::move( fd ), std::move( early ), handler, mostSilence ) )
{
  const auto set = [this]( int level, int option, int value ) { ::setsockopt( d->fd.get(), level, option, &value, sizeof( value ) ); };
  set( IPPROTO_TCP, TCP_NODELAY, 1 );
  // S5B-19: a peer that went away without a word while nothing was on its way is found within two minutes; otherwise Silence finds it.
  set( SOL_SOCKET, SO_KEEPALIVE, 1 );
  set( IPPROTO_TCP, TCP_KEEPIDLE, 60 );
  set( IPPROTO_TCP, TCP_KEEPINTVL, 15 );
  set( IPPROTO_TCP, TCP_KEEPCNT, 4 );
}

StreamSocket::~StreamSocket()
{
  d->shut();
}

void StreamSocket::start()
{
  if( d->dead )
    return;
  d->started = true;
  d->attendSoon();
}

void StreamSocket::write( const std::string& data )
{
  if( d->dead || d->closing || data.empty() )
    return;
  // A reader as fast as we are would never be full, and hold a bot that sends until it is told to stop.
  const std::size_t room = d->queue.empty() && d->writeError == 0 ? BytesPerTurn - std::min( d->written, BytesPerTurn ) : 0;
  const std::size_t sent = room > 0 ? d->sendOnce( std::string_view( data ).substr( 0, room ) ) : 0;
  d->queue.add( std::string_view( data ).substr( sent ) ); // on a broken connection, too: the end has to tell what was lost
  d->attendSoon();
}

bool StreamSocket::sendFile( int fd, std::uint64_t offset, std::uint64_t length )
{
  if( d->dead || d->closing || d->writeError != 0 || !d->queue.addFile( fd, offset, length ) )
    return false;
  d->attendSoon();
  return true;
}

const std::string& StreamSocket::fileProblem() const
{
  return d->fileProblem;
}

bool StreamSocket::taken() const
{
  return d->taken;
}

std::size_t StreamSocket::queued() const
{
  return d->queue.size() + ( d->closing ? 0 : d->written );   // closing, nobody waits for room any more, only for the kernel
}

void StreamSocket::pause( bool paused )
{
  if( d->dead || d->paused == paused )
    return;
  d->paused = paused;
  if( d->started )
    d->attendSoon();
  if( paused && d->watch )
    d->updateWatch();
}

void StreamSocket::close( std::chrono::milliseconds linger, std::chrono::milliseconds patience )
{
  if( d->dead || d->closing )
    return;
  d->started = true;
  d->closing = true;
  d->early.clear();
  d->lingerTime = linger;
  d->patience = patience;
  d->progress();
  d->attendSoon();
}

void StreamSocket::abort()
{
  d->shut();
}

bool StreamSocket::Private::wantsToRead() const
{
  if( closing )
    return !endSeen;
  return started && !paused && early.empty(); // resumed in between, what came early still goes first
}

void StreamSocket::Private::ready( std::uint32_t events )
{
  const auto self = shared_from_this();
  inLoop = true;
  flush();
  tellWritten();
  const bool readable = ( events & ~std::uint32_t( EPOLLOUT ) ) != 0;
  if( !dead && readable && wantsToRead() )
    readSome();
  if( !dead )
    settle();
}

/// Whatever does not wait for the descriptor. Comes from the loop, like ready(): the application may do anything in a callback.
void StreamSocket::Private::attend()
{
  const auto self = shared_from_this();
  inLoop = true;
  deliverEarly();
  if( !dead )
    tellWritten();
  if( !dead )
    settle();
}

/// The last thing of ready() and attend().
void StreamSocket::Private::settle()
{
  if( writeError != 0 && wantsToRead() )
    readSome(); // it may have sent something before it broke off
  if( !dead && !closing && ( timeOver || !fileProblem.empty() ) )
    end( writeError ); // paused, or a peer that would go on sending for ever: nothing else would tell
  if( !dead && closing )
    finishClosing();
  if( dead )
    return;
  if( writeError != 0 && !linger.running() )
    waitAtMost( LastRead );
  updateWatch();
  inLoop = false;
  // With something queued EPOLLOUT comes first; then there is room for more than what would be queued behind it now.
  if( ( !early.empty() && !paused ) || ( written > 0 && !wantsToSend() ) )
    attendSoon();
}

void StreamSocket::Private::attendSoon()
{
  if( started && !inLoop && !soon.running() )
    soon.start( std::chrono::milliseconds::zero(), [this]() { attend(); } );
}

void StreamSocket::Private::deliverEarly()
{
  if( early.empty() || paused || closing )
    return;
  const std::string data = std::exchange( early, {} );
  handler.handleSocketData( data );
}

void StreamSocket::Private::readSome()
{
  std::string buffer = loop.takeReceiveBuffer();
  readInto( buffer );
  loop.giveReceiveBuffer( std::move( buffer ) );
}

void StreamSocket::Private::readInto( std::string& buffer )
{
  for( std::size_t total = 0; total < BytesPerTurn && !dead && wantsToRead(); )
  {
    buffer.resize( block );   // fills with zeros only what the read before left out
    const ssize_t got = ::recv( fd.get(), buffer.data(), buffer.size(), 0 );
    if( got < 0 && errno == EINTR )
      continue;
    if( got < 0 && wouldBlock( errno ) )
    {
      if( writeError != 0 )
        end( writeError );
      return;
    }
    if( got <= 0 )
      return end( got == 0 ? writeError : errno );
    const auto bytes = static_cast<std::size_t>( got );
    const bool more = bytes == block || writeError != 0;
    total += bytes;
    if( bytes == block )
      block = std::min( 2 * block, BlockSize );
    else if( bytes < block / 4 )
      block = std::max( block / 2, SmallestBlock );
    buffer.resize( bytes );
    if( !closing )
      handler.handleSocketData( buffer );
    if( !more )
      return; // that was all; the loop tells if there is more by now
  }
}

std::size_t StreamSocket::Private::sendOnce( std::string_view data )
{
  ssize_t sent = 0;
  do
    sent = ::send( fd.get(), data.data(), data.size(), MSG_NOSIGNAL );
  while( sent < 0 && errno == EINTR );
  if( sent >= 0 )
  {
    written += static_cast<std::size_t>( sent );
    return static_cast<std::size_t>( sent );
  }
  if( !wouldBlock( errno ) )
    writeError = errno;
  return 0;
}

std::size_t StreamSocket::Private::sendFrom( FileRange& file, std::size_t most )
{
  auto step = file.sendSome( fd.get(), most );
  if( step.socketError != 0 )
    writeError = step.socketError;
  if( !step.fileProblem.empty() )
  {
    fileProblem = std::move( step.fileProblem );
    writeError = EIO;
  }
  if( step.disk )
    disk.start( ReadAhead::Again, [this]() { attend(); } );
  written += step.sent;
  return step.sent;
}

void StreamSocket::Private::flush()
{
  std::size_t total = 0;
  while( wantsToSend() && total < BytesPerTurn )
  {
    auto* file = queue.frontFile();
    const std::size_t sent = file ? sendFrom( *file, BytesPerTurn - total ) : sendOnce( queue.front() );
    if( sent == 0 )
      break;
    queue.taken( sent );
    total += sent;
  }
  if( total > 0 )
    progress();
}

void StreamSocket::Private::tellWritten()
{
  if( dead || !started || written == 0 )
    return;
  if( !closing && !look.running() )
    lookLater();
  handler.handleSocketWritten( std::exchange( written, 0 ) );
}

void StreamSocket::Private::waitAtMost( std::chrono::milliseconds time )
{
  linger.start( time, [this]()
                {
                  timeOver = true;
                  attend();
                } );
}

/// INT-12: a reader that is merely slow gets everything.
void StreamSocket::Private::progress()
{
  if( closing )
    waitAtMost( shutDown ? lingerTime : patience );
}

void StreamSocket::Private::lookLater()
{
  look.start( silence.interval(), [this]()
              {
                const auto seen = Silence::lookAt( fd.get() );
                if( closing || writeError != 0 )
                  return; // that has its own time
                if( silence.tooLong( seen, loop.now() ) )
                {
                  writeError = ETIMEDOUT;
                  attend();
                }
                else if( seen.pending || !queue.empty() )
                  lookLater();
              } );
}

void StreamSocket::Private::finishClosing()
{
  tellWritten();
  if( dead )
    return;
  if( queue.empty() && !shutDown )
  {
    shutDown = true;
    ::shutdown( fd.get(), SHUT_WR );
    progress();
  }
  if( timeOver || writeError != 0 || ( queue.empty() && endSeen ) )
    closed();
}

void StreamSocket::Private::updateWatch()
{
  const std::uint32_t events = ( wantsToRead() ? std::uint32_t( EPOLLIN ) : 0U )
                             | ( wantsToSend() ? std::uint32_t( EPOLLOUT ) : 0U );
  if( events == 0 )
    return watch.reset(); // a hang-up is always reported: nobody would take it and the loop would spin
  if( watch )
    return watch->want( events );
  watch = std::make_unique<Watch>( loop, fd.get(), events, [this]( std::uint32_t e ) { ready( e ); } );
  if( !watch->valid() )
    end( ENOSPC );
}

void StreamSocket::Private::end( int error )
{
  if( closing )
  {
    endSeen = true;
    if( error != 0 )
      writeError = error; // nothing more goes out, either
    return;
  }
  const auto self = shared_from_this();
  tellWritten();
  if( dead )
    return;
  endSeen = error == 0;
  shut();
  handler.handleSocketEnd( error );
}

void StreamSocket::Private::closed()
{
  shut();
  handler.handleSocketClosed( writeError );
}

void StreamSocket::Private::shut()
{
  dead = true;
  // A program that closes with something unread, or gets more afterwards, resets the connection. So of what was acknowledged it has read all.
  const auto left = unacknowledged( fd.get() );
  taken = endSeen && writeError == 0 && queue.empty() && left && *left <= ( shutDown ? 1 : 0 );
  written = 0; // gone, whoever heard of it
  soon.stop();
  linger.stop();
  look.stop();
  disk.stop();
  watch.reset();
  fd.reset(); // the queue stays: queued() tells what was lost
}

} // namespace simultiple::net
