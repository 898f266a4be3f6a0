// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/sendqueue.h"

#include "support/catch2.h"
#include "support/files.h"
#include "support/sockets.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <utility>

using namespace simultiple::net;
using namespace simultiple;

namespace
{

/// What sendfile() does instead of its work: returns the errno it fails with, 0 to work as usual.
thread_local std::function<int()> failure{};

} // namespace

// Stands before the C library's, so that a test can be a file system or a kernel that is not there.
extern "C" ssize_t sendfile( int out, int in, off_t* offset, size_t count ) noexcept
{
  const int error = failure ? failure() : 0;
  if( error == 0 )
    return ::syscall( SYS_sendfile, out, in, offset, count );
  errno = error;
  return -1;
}

namespace
{

struct Failing
{
  explicit Failing( std::function<int()> how ) { failure = std::move( how ); }
  ~Failing() { failure = {}; }
};

FileRange rangeOf( const Fd& file, std::uint64_t offset, std::uint64_t length )
{
  auto range = FileRange::make( file.get(), offset, length, nullptr );
  REQUIRE( range );
  return std::move( *range );
}

} // namespace

TEST_CASE( "A range is of a regular file that can be read, not empty, and within what a file can have", "[net]" )
{
  const auto file = test::fileOf( "0123456789" );
  CHECK( FileRange::make( file.get(), 0, 10, nullptr ) );
  CHECK( FileRange::make( file.get(), 20, 10, nullptr ) ); // it may grow until it is sent
  CHECK_FALSE( FileRange::make( file.get(), 0, 0, nullptr ) );
  constexpr auto most = static_cast<std::uint64_t>( std::numeric_limits<off_t>::max() );
  CHECK( FileRange::make( file.get(), most - 1, 1, nullptr ) );
  CHECK_FALSE( FileRange::make( file.get(), most, 1, nullptr ) );
  CHECK_FALSE( FileRange::make( file.get(), 1, most, nullptr ) );
  CHECK_FALSE( FileRange::make( file.get(), 2, std::numeric_limits<std::uint64_t>::max() - 1, nullptr ) );
  CHECK_FALSE( FileRange::make( -1, 0, 1, nullptr ) );

  int ends[2];
  REQUIRE( ::pipe2( ends, O_CLOEXEC ) == 0 );
  const Fd reading( ends[0] ), writing( ends[1] );
  CHECK_FALSE( FileRange::make( reading.get(), 0, 1, nullptr ) );
  const Fd folder( ::open( "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC ) );
  CHECK_FALSE( FileRange::make( folder.get(), 0, 1, nullptr ) );
  const Fd device( ::open( "/dev/zero", O_RDONLY | O_CLOEXEC ) );
  CHECK_FALSE( FileRange::make( device.get(), 0, 1, nullptr ) );

  const auto again = [&]( int flags ) { return Fd( ::open( ( "/proc/self/fd/" + std::to_string( file.get() ) ).c_str(), flags | O_CLOEXEC ) ); };
  const auto writeOnly = again( O_WRONLY ), readOnly = again( O_RDONLY ), path = again( O_PATH );
  CHECK( FileRange::make( readOnly.get(), 0, 1, nullptr ) );
  CHECK_FALSE( FileRange::make( writeOnly.get(), 0, 1, nullptr ) );
  CHECK_FALSE( FileRange::make( path.get(), 0, 1, nullptr ) );
}

TEST_CASE( "Pieces of one file share a descriptor, and those that follow each other are one range; ranges are bounded", "[net]" )
{
  const auto file = test::fileOf( "0123456789" ), other = test::fileOf( "abcdefghij" );
  SendQueue queue;
  const auto before = test::openDescriptors();
  REQUIRE( queue.addFile( file.get(), 1, 3 ) );
  REQUIRE( queue.addFile( file.get(), 4, 2 ) );
  CHECK( queue.frontFile()->left() == 5 );
  REQUIRE( queue.addFile( file.get(), 7, 1 ) );
  CHECK( queue.frontFile()->left() == 5 );
  queue.add( "bytes" );
  REQUIRE( queue.addFile( file.get(), 8, 1 ) );
  CHECK( test::openDescriptors() == before + 1 );
  REQUIRE( queue.addFile( other.get(), 9, 1 ) ); // goes on by its numbers, but it is another file
  CHECK( test::openDescriptors() == before + 2 );
  CHECK( queue.size() == 13 );

  std::size_t more = 0;
  while( more < 1000 && queue.addFile( ( more % 2 ? file : other ).get(), 0, 1 ) )
    ++more;
  CHECK( more == 60 );
  CHECK( queue.size() == 73 );
  CHECK_FALSE( queue.addFile( file.get(), 5, 1 ) );
  CHECK( queue.addFile( file.get(), 1, 2 ) ); // goes on: no further range

  SendQueue large; // counts no further than it can
  constexpr auto most = static_cast<std::uint64_t>( std::numeric_limits<off_t>::max() );
  CHECK( large.addFile( file.get(), 0, most ) );
  CHECK( large.addFile( file.get(), 0, most ) );
  CHECK_FALSE( large.addFile( file.get(), 0, most ) );
}

TEST_CASE( "A range holds the file, not the caller's descriptor, and does not move its position", "[net]" )
{
  auto file = test::fileOf( "0123456789" );
  const Fd same( ::dup( file.get() ) );
  REQUIRE( ::lseek( file.get(), 2, SEEK_SET ) == 2 );
  auto range = rangeOf( file, 3, 4 );
  file.reset();
  auto pair = test::tcpPair();
  const auto step = range.sendSome( pair.one.get(), 100 );
  CHECK( step.sent == 4 );
  CHECK( range.left() == 0 );
  CHECK( ::lseek( same.get(), 0, SEEK_CUR ) == 2 );
  pair.one.reset();
  bool end = false;
  std::string got;
  while( !end )
    got += test::receiveNow( pair.other, &end );
  CHECK( got == "3456" );
}

TEST_CASE( "Where a file system has no sendfile() the range is read and sent, and interruptions are nothing", "[net]" )
{
  const int error = GENERATE( EINVAL, ENOSYS, EOPNOTSUPP, EINTR );
  CAPTURE( error );
  const auto bytes = test::pattern( 20'000'000 );
  const auto file = test::fileOf( bytes );
  auto range = rangeOf( file, 0, bytes.size() );
  auto pair = test::tcpPair();
  int calls = 0;
  const Failing kernel( [&] { return ++calls == 1 || error != EINTR ? error : 0; } );
  std::string got;
  while( range.left() > 0 )
  {
    const auto step = range.sendSome( pair.one.get(), 1'000'000 );
    CHECK( step.sent <= 1'000'000 );
    REQUIRE( step.socketError == 0 );
    REQUIRE( step.fileProblem.empty() );
    if( step.sent == 0 )
      got += test::receiveNow( pair.other );
  }
  pair.one.reset();
  for( bool end = false; !end; )
    got += test::receiveNow( pair.other, &end );
  CHECK( ( got == bytes ) );
  CHECK( ( error == EINTR ? calls > 1 : calls == 1 ) ); // it is not asked again and again
}

TEST_CASE( "An error of sendfile() is the file's if the file cannot be read, else the socket's", "[net]" )
{
  const auto file = test::fileOf( "0123456789" );
  auto pair = test::tcpPair();
  auto range = rangeOf( file, 0, 10 );
  const Failing kernel( [] { return EIO; } );
  auto step = range.sendSome( pair.one.get(), 100 );
  CHECK( step.socketError == EIO );
  CHECK( step.fileProblem.empty() );

  REQUIRE( ::ftruncate( file.get(), 0 ) == 0 );
  step = range.sendSome( pair.one.get(), 100 );
  CHECK( step.socketError == 0 );
  CHECK( step.fileProblem == "the file ended 10 bytes early" );
}

TEST_CASE( "CLS-11: a file that ends early is sent as far as it goes, by sendfile() and without", "[net]" )
{
  const bool without = GENERATE( false, true );
  CAPTURE( without );
  const auto file = test::fileOf( "0123456789" );
  auto pair = test::tcpPair();
  auto range = rangeOf( file, 7, 10 );
  const Failing kernel( [&] { return without ? ENOSYS : 0; } );
  CHECK( range.sendSome( pair.one.get(), 100 ).sent == 3 );
  const auto step = range.sendSome( pair.one.get(), 100 );
  CHECK( step.sent == 0 );
  CHECK( step.socketError == 0 );
  CHECK( step.fileProblem == "the file ended 7 bytes early" );
  CHECK( range.left() == 7 );
}

namespace
{

/// A socket on which writing raises SIGPIPE.
Fd brokenSocket()
{
  auto pair = test::tcpPair();
  ::shutdown( pair.one.get(), SHUT_WR ); // the same to the kernel as a reset that has arrived, and at once
  return std::move( pair.one );
}

/** @return How a child of ours that runs @a body ended: its exit status, or minus the signal that killed it. */
int inChild( const std::function<int()>& body )
{
  const pid_t child = ::fork();
  if( child == 0 )
    ::_exit( body() );
  int status = 0;
  if( child < 0 || ::waitpid( child, &status, 0 ) != child )
    return 1000;
  return WIFEXITED( status ) ? WEXITSTATUS( status ) : -WTERMSIG( status );
}

bool pipeBlocked()
{
  sigset_t mask;
  return pthread_sigmask( SIG_SETMASK, nullptr, &mask ) == 0 && sigismember( &mask, SIGPIPE ) == 1;
}

bool pipePending()
{
  sigset_t pending;
  return sigpending( &pending ) == 0 && sigismember( &pending, SIGPIPE ) == 1;
}

void setPipe( int how )
{
  sigset_t set;
  sigemptyset( &set );
  sigaddset( &set, SIGPIPE );
  pthread_sigmask( how, &set, nullptr );
}

} // namespace

TEST_CASE( "A peer that is gone does not raise SIGPIPE in a process that dies of it, and no trace of the signal is left", "[net]" )
{
  const auto file = test::fileOf( "0123456789" );
  const auto socket = brokenSocket();
  // The test itself: without the shield the child is killed.
  REQUIRE( inChild( [&]
                    {
                      std::signal( SIGPIPE, SIG_DFL );
                      ::sendfile( socket.get(), file.get(), nullptr, 1 );
                      return 0;
                    } )
           == -SIGPIPE );
  const auto broken = [&] { return rangeOf( file, 0, 10 ).sendSome( socket.get(), 10 ).socketError == EPIPE; };

  CHECK( inChild( [&]
                  {
                    std::signal( SIGPIPE, SIG_DFL );
                    setPipe( SIG_UNBLOCK );
                    return broken() && !pipeBlocked() && !pipePending() ? 0 : 1;
                  } )
         == 0 );
  CHECK( inChild( [&] // one thread of several
                  {
                    std::signal( SIGPIPE, SIG_DFL );
                    bool fine = false;
                    std::thread( [&] { fine = broken() && !pipeBlocked() && !pipePending(); } ).join();
                    return fine ? 0 : 1;
                  } )
         == 0 );
  CHECK( inChild( [&] // blocked by the bot, nothing pending
                  {
                    setPipe( SIG_BLOCK );
                    return broken() && pipeBlocked() && !pipePending() ? 0 : 1;
                  } )
         == 0 );
  CHECK( inChild( [&] // a signal of the bot's own waits: it stays the bot's
                  {
                    setPipe( SIG_BLOCK );
                    ::raise( SIGPIPE );
                    return broken() && pipeBlocked() && pipePending() ? 0 : 1;
                  } )
         == 0 );
  CHECK( inChild( [&] // ignored by the bot
                  {
                    std::signal( SIGPIPE, SIG_IGN );
                    return broken() && !pipeBlocked() && !pipePending() && std::signal( SIGPIPE, SIG_IGN ) == SIG_IGN ? 0 : 1;
                  } )
         == 0 );
}

TEST_CASE( "A peer whose reset comes back while the bytes are still going out does not raise SIGPIPE, either", "[net]" )
{
  const auto file = test::fileOf( std::string( 8 << 20, 'x' ) );
  const auto send = [&]( const std::function<void( int socket )>& what )
  {
    return inChild( [&]
    {
      std::signal( SIGPIPE, SIG_DFL );
      setPipe( SIG_UNBLOCK );
      for( int i = 0; i < 50; ++i )
      {
        auto pair = test::tcpPair();
        pair.other.reset(); // answers the first bytes with a reset, which loopback delivers within the call
        what( pair.one.get() );
      }
      return pipePending() ? 1 : 0;
    } );
  };
  // The test itself: without the shield the child is killed.
  REQUIRE( send( [&]( int socket ) { (void)!::sendfile( socket, file.get(), nullptr, 8 << 20 ); } ) == -SIGPIPE );
  CHECK( send( [&]( int socket ) { (void)rangeOf( file, 0, 8 << 20 ).sendSome( socket, 8 << 20 ); } ) == 0 );
}
