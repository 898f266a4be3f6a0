// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A sender's file on a disk that breaks, or that somebody writes to, in the middle.

#include "flow/file_fixture.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

using namespace simultiple;
using namespace simultiple::test;

namespace
{

thread_local bool broken = false;

ssize_t unlessBroken( long result )
{
  if( broken )
    errno = EIO;
  return broken ? -1 : result;
}

} // namespace

// These stand before the C library's, so that a test can be a disk that breaks.
extern "C" ssize_t sendfile( int out, int in, off_t* offset, size_t count ) noexcept
{
  return unlessBroken( broken ? -1 : ::syscall( SYS_sendfile, out, in, offset, count ) );
}

extern "C" ssize_t pread( int file, void* into, size_t count, off_t offset )
{
  return unlessBroken( broken ? -1 : ::syscall( SYS_pread64, file, into, count, offset ) );
}

TEST_CASE( "PFT-13: a disk that breaks in the middle is told to both sides, and not taken for a stream that broke", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const bool digests = GENERATE( true, false );
  CAPTURE( method, digests );
  FilePair pair( { method } );
  FileSendOptions options;
  options.digests = digests;
  pair.sent.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 4'000'000 ); };
  pair.sent.onProgress = []( FileTransfer& ) { broken = true; };
  (void)pair.send( content( 4'000'000 ), options );
  const bool over = pair.later( [&] { return pair.bothEnded(); } );
  broken = false;
  REQUIRE( over );
  CHECK( pair.sent.cause() == "source-unreadable" );
  CHECK( pair.sent.ends[0].text == "cannot read " + pair.outbox.file( "letter.txt" ) + ": Input/output error" );
  CHECK( pair.sent.interruptions == 0 );
  // What the kernel reads by itself ends the stream before we know why, and this receiver does not wait.
  const bool kernel = method == gloox::XMLNS_BYTESTREAMS && digests;
  CHECK( pair.received.cause() == ( kernel ? "too-few-bytes" : "source-unreadable" ) );
  CHECK( pair.received.ends[0].byPeer == !kernel );
}

TEST_CASE( "PFT-12: without a digest a file that is written to in place is found out by its date, and one that grows is not", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const bool grows = GENERATE( true, false );
  CAPTURE( method, grows );
  FilePair pair( { method } );
  FileSendOptions options;
  options.digests = false;
  const auto bytes = content( 400'000 );
  pair.sent.onOpen = [&]( FileTransfer& )
  {
    const auto how = std::ios::in | std::ios::out | std::ios::binary;
    std::fstream( pair.outbox.file( "letter.txt" ), grows ? how | std::ios::app : how ) << "more";
    std::filesystem::last_write_time( pair.outbox.file( "letter.txt" ), std::filesystem::file_time_type::clock::now() + std::chrono::seconds( 2 ) );
  };
  (void)pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == ( grows ? "complete" : "source-changed" ) );
  CHECK( pair.received.cause() == ( grows ? "complete" : "source-changed" ) );
  if( grows )
    CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}
