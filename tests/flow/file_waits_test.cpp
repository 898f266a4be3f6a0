// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transfers that wait for something, while something else goes on.

#include "file_fixture.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// A part with all of the file in it, as if the receiver's process had died after the last byte. @return Its path.
std::filesystem::path leaveWholePart( FilePair& pair, const std::string& bytes )
{
  FileSendOptions slowly;
  slowly.limit = 50000;
  const auto transfer = pair.send( bytes, slowly );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  transfer->cancel();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  REQUIRE( pair.inbox.entries() == 1 );
  const auto part = std::filesystem::directory_iterator( pair.inbox.path() )->path();
  REQUIRE( std::filesystem::file_size( part ) < bytes.size() );
  std::ofstream( part, std::ios::binary ) << bytes;
  return part;
}

} // namespace

TEST_CASE( "PFT-16: a receiver whose limit was used up when the stream broke reads on when the next one is there", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  auto options = waiting();
  options.limit = 5000;
  options.progressEvery = 10ms;
  FilePair pair( { method }, options );
  const auto bytes = content( 100000 );
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return pair.received.offsets.size() == 2; } ) );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends[0].streams == 2 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-6, PFT-16: a stream that has come and gone while what was there is still being read loses nothing", "[files]" )
{
  FilePair pair( { gloox::XMLNS_IBB } );
  const auto bytes = content( 200000 );
  (void)leaveWholePart( pair, bytes );

  // The receiver has other files to read.
  std::vector<std::unique_ptr<files::Jobs::Job>> others;
  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  for( std::size_t i = 0; i < files::Jobs::AtOnce; ++i )
    others.push_back( pair.julietFiles->priv().profile.jobs().run( [wait]( const std::atomic<bool>& ) { wait.wait(); }, []( const std::string& ) {},
                                                                   files::Jobs::AtEnd::Join ) );
  (void)pair.send( bytes );
  REQUIRE( pair.until( [&] { return !pair.hub.logged( "<close " ).empty() && pair.received.offsets.size() == 2; } ) );
  pair.settle();
  CHECK( pair.received.ends.size() == 1 );
  CHECK( pair.sent.ends.size() == 1 );
  over.set_value();
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 2 && pair.sent.ends.size() == 2; } ) );
  CHECK( pair.received.offsets == std::vector<std::uint64_t>{ 0, bytes.size() } );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[1].confirmed );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "GEN-10, PFT-16: a file that is all there and still being read is complete, though the same file was offered again in vain", "[files]" )
{
  FileReceiveOptions receive;
  receive.privacy = Privacy::IbbOnly;
  FilePair pair( {}, receive );
  const auto bytes = content( 200000 );
  const auto part = leaveWholePart( pair, bytes );

  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  const auto others = occupy( pair.julietFiles->priv().profile.jobs(), wait );
  (void)pair.send( bytes );
  REQUIRE( pair.until( [&] { return pair.received.offsets.size() == 2 && pair.julietStreams->sessions() == 0; } ) );
  pair.settle();
  CHECK( pair.received.ends.size() == 1 );

  FileSendOptions direct;
  direct.methods = { gloox::XMLNS_BYTESTREAMS };
  FileSender other( *pair.romeoFiles, pair.sent );
  REQUIRE( other.send( gloox::JID( Juliet ), pair.outbox.file( "letter.txt" ), direct ) );
  REQUIRE( pair.until( [&] { return pair.sent.ends.size() == 2; } ) );
  CHECK( pair.sent.cause() == "refused" );
  CHECK( pair.received.ends.size() == 1 );

  over.set_value();
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 2 && pair.sent.ends.size() == 3; } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[2].confirmed );
  CHECK( pair.receiver->transfers() == 0 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-17, PCU-10: who is held up for hours may ask as often as it takes", "[files][large]" )
{
  const bool bySender = GENERATE( false, true );
  FilePair pair( { gloox::XMLNS_BYTESTREAMS }, waiting() );
  const auto bytes = content( 30000000 ); // more than buffers take
  FileSendOptions options;
  options.limit = 1000000;
  const auto transfer = pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  ( bySender ? transfer : pair.received.accepted.back() )->pause();
  transfer->setLimit( 0 );
  for( int i = 0; i < 720; ++i )
  {
    pair.clock->advance( 10s );
    pair.settle();
  }
  CHECK( pair.hub.logged( "<alive " ).size() > 50 );
  CHECK( pair.sent.interruptions == 0 );
  CHECK( pair.received.interruptions == 0 );
  ( bySender ? transfer : pair.received.accepted.back() )->resume();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends[0].streams == 1 );
}

TEST_CASE( "PFT-16, SEC-18: a receiver that lives long keeps no more parts than it may", "[files]" )
{
  const bool folders = GENERATE( false, true );
  FileReceiveOptions receive;
  receive.parts = 2;
  receive.folders = folders;
  FilePair pair( {}, receive );
  FileSendOptions slowly;
  slowly.limit = 50000;
  slowly.folder = "photos";
  const std::string where = folders ? pair.inbox.file( "photos" ) : pair.inbox.path();
  const auto parts = [&] { return std::distance( std::filesystem::directory_iterator( where ), std::filesystem::directory_iterator() ); };
  for( unsigned seed = 1; seed <= 5; ++seed )
  {
    pair.received.progress.clear();
    const auto transfer = pair.send( content( 200000, seed ), slowly );
    REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
    transfer->cancel();
    REQUIRE( pair.later( [&] { return pair.received.ends.size() == seed && pair.sent.ends.size() == seed; } ) );
  }
  CHECK( pair.until( [&] { return parts() == 2; } ) );

  // What is left is the newest.
  slowly.limit = 0;
  (void)pair.send( content( 200000, 5 ), slowly );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 6; } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.offsets.back() > 0 );
}

TEST_CASE( "PFT-16: a receiver does not look through its directory while it is made", "[files]" )
{
  FileReceiveOptions receive;
  receive.parts = 1;
  FilePair pair( {}, receive );
  pair.receiver.reset();
  pair.inbox.write( ".f.part-0000000000000001", "x" );
  pair.inbox.write( ".f.part-0000000000000002", "x" );
  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  const auto others = occupy( pair.julietFiles->priv().profile.jobs(), wait );
  pair.makeReceiver();
  CHECK( pair.inbox.entries() == 2 );
  over.set_value();
  CHECK( pair.until( [&] { return pair.inbox.entries() == 1; } ) );
}

TEST_CASE( "PFT-16: a connection that is lost while a peer is asked whether it knows ranges does not mean that it knows none", "[files]" )
{
  FileReceiveOptions receive;
  receive.keepParts = false; // it starts over each time
  FilePair pair( { gloox::XMLNS_IBB }, receive );
  const auto bytes = content( 200000 );
  FileSendOptions slowly;
  slowly.limit = 50000;
  const auto transfer = pair.send( bytes, slowly );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  bool asked = false;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    const bool alive = xml.find( "<alive" ) != std::string::npos;
    asked = asked || alive;
    return !alive;
  } );
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return asked; } ) );
  pair.romeoClient.dropConnection();
  pair.settle();
  CHECK( transfer->state() == FileTransfer::State::Waiting );
  CHECK( pair.sent.ends.empty() );
  pair.hub.setFilter( {} );
  REQUIRE( pair.romeoClient.reconnect() );
  REQUIRE( pair.later( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "GEN-10: a transfer that is given up at the news of its last bytes ends once, and these are counted", "[files]" )
{
  FileReceiveOptions receive;
  receive.progressEvery = 1h; // nothing is told before the stream ends
  FilePair pair( {}, receive );
  FileSendOptions slowly;
  slowly.limit = 50000;
  (void)pair.send( content( 200000 ), slowly );
  REQUIRE( pair.later( [&] { return !pair.received.accepted.empty() && pair.received.accepted.back()->progress().bytes > 0; } ) );
  pair.received.onProgress = []( FileTransfer& transfer ) { transfer.cancel(); };
  pair.cutAtReceiver();
  pair.settle();
  REQUIRE( pair.received.ends.size() == 1 );
  CHECK( pair.received.cause() == "cancelled" );
  REQUIRE( pair.received.progress.size() == 1 );
  CHECK( pair.received.ends[0].bytes == pair.received.progress[0] );
  CHECK( pair.received.ends[0].report.sid == pair.received.accepted[0]->sid() );
}

TEST_CASE( "PFT-16: what came by a session that gave way to a newer one is counted, too", "[files]" )
{
  FilePair pair( {}, waiting() );
  const auto bytes = content( 200000 );
  FileSendOptions slowly;
  slowly.limit = 50000;
  (void)pair.send( bytes, slowly );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  // Another resource of the same person, say; the receiver's session is still there when the next offer comes.
  FileSender other( *pair.romeoFiles, pair.sent );
  const auto again = other.send( gloox::JID( Juliet ), pair.outbox.file( "letter.txt" ) );
  REQUIRE( again );
  REQUIRE( pair.later( [&] { return !pair.received.ends.empty(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends[0].streams == 2 );
  CHECK( pair.received.ends[0].bytes == bytes.size() );
  CHECK( pair.received.offerEnds.empty() );
  pair.sender.reset();
}

TEST_CASE( "PFT-16: without digests a source that was written to between two streams is not the same file any more", "[files]" )
{
  FilePair pair( {}, waiting() );
  const auto bytes = content( 200000 );
  FileSendOptions slowly;
  slowly.limit = 50000;
  slowly.digests = false;
  const auto transfer = pair.send( bytes, slowly );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return transfer->state() == FileTransfer::State::Waiting; } ) );
  pair.outbox.write( "letter.txt", content( 200000, 2 ) );
  std::filesystem::last_write_time( pair.outbox.file( "letter.txt" ), std::filesystem::file_time_type::clock::now() + 1h );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "source-changed" );
  CHECK( pair.received.cause() == "source-changed" );
  CHECK( pair.inbox.entries() == 0 ); // half of the one, half of the other would be neither
}

TEST_CASE( "PFT-16: a receiver that waits for its sender waits on when the next stream does not come about", "[files]" )
{
  FilePair pair( {}, waiting() );
  const auto bytes = content( 200000 );
  FileSendOptions slowly;
  slowly.limit = 50000;
  const auto transfer = pair.send( bytes, slowly );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  pair.cutAtReceiver();
  const auto& mine = *pair.received.accepted.back();
  REQUIRE( pair.later( [&] { return mine.state() == FileTransfer::State::Offered; } ) );
  pair.cutAtReceiver();
  CHECK( mine.state() == FileTransfer::State::Waiting );
  CHECK( pair.received.interruptions == 2 );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.offers.size() == 1 ); // nobody was asked again
  CHECK( pair.received.ends.size() == 1 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "CLS-10: a transfer can be kept and asked when everything else is gone", "[files]" )
{
  const bool ended = GENERATE( false, true );
  auto pair = std::make_unique<FilePair>( std::vector<std::string>{}, waiting() );
  FileSendOptions slowly;
  slowly.limit = 50000;
  const auto sent = pair->send( content( 200000 ), slowly );
  REQUIRE( pair->later( [&] { return !pair->received.progress.empty() && pair->received.progress.back() > 0; } ) );
  const auto received = pair->received.accepted.back();
  if( ended )
  {
    sent->cancel();
    REQUIRE( pair->later( [&] { return pair->bothEnded(); } ) );
  }
  pair.reset();
  for( const auto& one : { sent, received } )
  {
    CHECK( one->state() == FileTransfer::State::Ended );
    CHECK( one->progress().size == 200000 );
    CHECK( one->info().name == "letter.txt" );
    CHECK_FALSE( one->sid().empty() );
    one->pause();
    one->setLimit( 1 );
    one->resume();
    one->setLimit( 0 );
    one->cancel();
    CHECK( one->state() == FileTransfer::State::Ended );
  }
}
