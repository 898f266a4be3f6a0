// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// FileSender and FileReceiver when nothing goes wrong, and when somebody changes his mind.

#include "file_fixture.h"

#include <filesystem>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

TEST_CASE( "PFT-6, PFT-14: a file arrives whole by every method, and both sides know it", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method } );
  const auto bytes = content( 300001 );
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );

  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( pair.sent.ends[0].sha256 == sha256( bytes ) );
  CHECK( pair.sent.ends[0].bytes == bytes.size() );
  CHECK( pair.sent.ends[0].streams == 1 );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends[0].sha256 == sha256( bytes ) );
  CHECK( pair.received.ends[0].bytes == bytes.size() );
  CHECK( pair.received.ends[0].path == pair.inbox.file( "letter.txt" ) );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
  CHECK( pair.inbox.entries() == 1 );
  CHECK( pair.received.offsets == std::vector<std::uint64_t>{ 0 } );
  CHECK( pair.received.progress.back() == bytes.size() );
  CHECK( pair.sent.progress.back() == bytes.size() );
  CHECK( std::is_sorted( pair.sent.progress.begin(), pair.sent.progress.end() ) );
  CHECK( transfer->state() == FileTransfer::State::Ended );
  CHECK( pair.sender->transfers() == 0 );
  CHECK( pair.receiver->transfers() == 0 );
  pair.settle();
  pair.clock->advance( 1h );
  pair.settle();
  CHECK( pair.sent.ends.size() == 1 );
  CHECK( pair.received.ends.size() == 1 );
}

TEST_CASE( "W-1, PFT-6: the offer says what the file is", "[files]" )
{
  FilePair pair;
  FileSendOptions options;
  options.desc = "Short letter";
  options.mimeType = "text/plain";
  options.folder = "a/b";
  (void)pair.send( "Wherefore art t", options );
  REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );
  const auto offer = pair.hub.logged( "<file " );
  REQUIRE( offer.size() == 1 );
  CHECK( offer[0].find( "mime-type='text/plain'" ) != std::string::npos );
  CHECK( offer[0].find( "name='letter.txt' size='15' hash='" ) != std::string::npos );
  CHECK( offer[0].find( "<desc>Short letter</desc><range/><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>" ) != std::string::npos );
  CHECK( offer[0].find( "<folder xmlns='urn:x-gloox-si-multiple:files:0'>a/b</folder>" ) != std::string::npos );
  CHECK( pair.inbox.read( "letter.txt" ) == "Wherefore art t" ); // folders only if they are wanted
}

TEST_CASE( "PFT-15: a receiver that wants folders makes them", "[files]" )
{
  FileReceiveOptions receive;
  receive.folders = true;
  FilePair pair( {}, receive );
  FileSendOptions options;
  options.folder = "../a/./b";
  (void)pair.send( "x", options );
  REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.inbox.read( "a/b/letter.txt" ) == "x" );
}

TEST_CASE( "PFT-10: a file of no bytes arrives by every method", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method } );
  (void)pair.send( "" );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.received.cause() == "complete" );
  CHECK( std::filesystem::file_size( pair.inbox.file( "letter.txt" ) ) == 0 );
  CHECK( pair.inbox.entries() == 1 );
}

TEST_CASE( "PFT-6: without digests in the offer the file is hashed on its way, and resumed by its date", "[files]" )
{
  FilePair pair;
  FileSendOptions options;
  options.digests = false;
  const auto bytes = content( 200000 );
  (void)pair.send( bytes, options );
  REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.hub.logged( " hash='" ).empty() );
  CHECK( pair.sent.ends[0].sha256 == sha256( bytes ) );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-8: two files of one name become two files", "[files]" )
{
  FilePair pair;
  (void)pair.send( "first" );
  REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );
  (void)pair.send( "second" );
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 2; } ) );
  CHECK( pair.inbox.read( "letter.txt" ) == "first" );
  CHECK( pair.inbox.read( "letter (1).txt" ) == "second" );
}

TEST_CASE( "PFT-13: a sender that cancels is heard, whatever state the transfer is in", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method } );
  bool opened = true;
  SECTION( "while the file is read for its digests" )
  {
    opened = false;
    const auto transfer = pair.send( content( 1000000 ) );
    REQUIRE( transfer->state() == FileTransfer::State::Preparing );
    transfer->cancel();
    CHECK( pair.sent.cause() == "cancelled" );
    pair.settle();
    CHECK( pair.received.offers.empty() );
  }
  SECTION( "while nobody has decided" )
  {
    opened = false;
    pair.received.accepts = false;
    const auto transfer = pair.send( content( 1000000 ) );
    REQUIRE( pair.until( [&] { return pair.received.offers.size() == 1; } ) );
    transfer->cancel();
    REQUIRE( pair.later( [&] { return !pair.sent.ends.empty(); } ) );
  }
  SECTION( "while bytes flow" )
  {
    pair.received.onOpen = [&]( FileTransfer& transfer ) { transfer.setLimit( 100000 ); };
    const auto transfer = pair.send( content( 1000000 ) );
    REQUIRE( pair.later( [&] { return !pair.received.progress.empty(); } ) );
    transfer->cancel();
  }
  SECTION( "while it is paused" )
  {
    const auto transfer = pair.send( content( 1000000 ) );
    transfer->pause();
    REQUIRE( pair.until( [&] { return !pair.received.offsets.empty() && !pair.sent.offsets.empty(); } ) );
    transfer->cancel();
  }
  SECTION( "from inside a callback" )
  {
    pair.sent.onOpen = []( FileTransfer& transfer ) { transfer.cancel(); };
    (void)pair.send( content( 1000000 ) );
  }
  REQUIRE( pair.later( [&] { return !pair.sent.ends.empty() && ( !opened || !pair.received.ends.empty() ); } ) );
  CHECK( pair.sent.cause() == "cancelled" );
  CHECK_FALSE( pair.sent.ends[0].byPeer );
  if( opened )
  {
    CHECK( pair.received.cause() == "cancelled" );
    CHECK( pair.received.ends[0].byPeer );
  }
  CHECK_FALSE( std::filesystem::exists( pair.inbox.file( "letter.txt" ) ) );
  pair.settle();
  CHECK( pair.sent.ends.size() == 1 );
}

TEST_CASE( "PFT-13: a receiver that cancels is heard, the sender does not try again, and what came is kept", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method } );
  const auto bytes = content( 1000000 );
  pair.received.onProgress = []( FileTransfer& transfer )
  {
    if( transfer.progress().bytes > 0 )
      transfer.cancel();
  };
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 100000 ); };
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "cancelled" );
  CHECK( pair.sent.cause() == "cancelled" );
  CHECK( pair.sent.ends[0].byPeer );
  CHECK( pair.sent.interruptions == 0 );
  CHECK( pair.inbox.entries() == 1 ); // the part

  pair.received.onProgress = nullptr;
  pair.received.onOpen = nullptr;
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 2; } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.offsets.back() > 0 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
  CHECK( pair.inbox.entries() == 1 );
}

TEST_CASE( "IBB-9: either side can hold a transfer up, and nothing is lost", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const bool atSender = GENERATE( true, false );
  FilePair pair( { method } );
  const auto bytes = content( 500000 );
  Heard& who = atSender ? pair.sent : pair.received;
  FileTransfer* held = nullptr;
  who.onOpen = [&]( FileTransfer& transfer )
  {
    held = &transfer;
    transfer.pause();
  };
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.until( [&] { return held && !pair.received.offsets.empty(); } ) );
  pair.settle();
  CHECK( held->paused() );
  CHECK( pair.received.ends.empty() );
  const auto so_far = pair.received.progress.empty() ? 0 : pair.received.progress.back();
  CHECK( so_far < bytes.size() );
  held->resume();
  REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "a limit is kept by either side, whatever the other can do", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const bool atSender = GENERATE( true, false );
  FileReceiveOptions receive;
  FileSendOptions options;
  ( atSender ? options.limit : receive.limit ) = 400000;
  FilePair pair( { method }, receive );
  const auto bytes = content( 1000000 );
  const auto begin = pair.clock->now();
  (void)pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>( pair.clock->now() - begin ); // by the injected clock
  CHECK( took.count() >= 1000 ); // 2.5 s, less what a burst and a read buffer hold
}

TEST_CASE( "SEC-13, PFT-1: without a receiver nobody is there, and what is no file is refused", "[files]" )
{
  FilePair pair;
  pair.receiver.reset();
  (void)pair.send( "x" );
  REQUIRE( pair.until( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "refused" );
  CHECK( pair.hub.logged( "service-unavailable" ).size() == 1 );
}

TEST_CASE( "CLS-10: senders and receivers may go while their transfers run, and nobody hears of it", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method } );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 1000 ); };
  const auto transfer = pair.send( content( 1000000 ) );
  SECTION( "at once" ) {}
  SECTION( "when bytes flow" ) { REQUIRE( pair.until( [&] { return !pair.received.offsets.empty() && !pair.sent.offsets.empty(); } ) ); }
  SECTION( "when the receiver is gone" )
  {
    REQUIRE( pair.until( [&] { return !pair.received.offsets.empty() && !pair.sent.offsets.empty(); } ) );
    pair.receiver.reset();
    REQUIRE( pair.until( [&] { return pair.sent.interruptions == 1; } ) );
    CHECK( pair.received.ends.empty() );
  }
  pair.sender.reset();
  CHECK( transfer->state() == FileTransfer::State::Ended );
  transfer->pause();
  transfer->setLimit( 5 );
  transfer->cancel();
  pair.settle();
  CHECK( pair.sent.ends.empty() );
  pair.receiver.reset();
  pair.romeoFiles.reset();
  pair.romeoStreams.reset();
  CHECK( transfer->progress().size == 1000000 );
}
