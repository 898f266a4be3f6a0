// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PFT-16: transfers that break and go on.

#include "file_fixture.h"

#include "support/sockets.h"

#include <filesystem>
#include <fstream>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/** Cuts the stream each time so many bytes more have arrived. */
void cutEvery( FilePair& pair, std::uint64_t bytes, int times )
{
  auto next = std::make_shared<std::uint64_t>( bytes );
  auto left = std::make_shared<int>( times );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 2000000 ); }; // so that the last byte is not there at once
  pair.received.onProgress = [&pair, next, left, bytes]( FileTransfer& transfer )
  {
    if( *left == 0 || transfer.progress().bytes < *next )
      return;
    --*left;
    *next = transfer.progress().bytes + bytes;
    pair.cutAtReceiver();
  };
}

FileReceiveOptions often( FileReceiveOptions options = waiting() )
{
  options.progressEvery = 10ms;
  return options;
}

} // namespace

TEST_CASE( "PFT-16: a stream that breaks goes on where it was, and no byte arrives twice", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method }, often() );
  const auto bytes = content( 3000000 );
  cutEvery( pair, 500000, 4 );
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends.size() == 1 );
  CHECK( pair.received.ends[0].streams == 5 );
  CHECK( pair.received.ends[0].bytes == bytes.size() );
  CHECK( pair.received.offers.size() == 1 ); // nobody was asked again
  CHECK( pair.received.interruptions == 4 );
  CHECK( std::is_sorted( pair.received.offsets.begin(), pair.received.offsets.end() ) );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
  CHECK( pair.inbox.entries() == 1 );
}

TEST_CASE( "PFT-16: a method that keeps breaking gives way to the next one", "[files]" )
{
  FilePair pair( {}, often() );
  const auto bytes = content( 1000000 );
  cutEvery( pair, 1, 3 ); // at once: what the second has carried is known when the third is under way
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.methods == std::vector<std::string>{ "s5b", "s5b", "s5b", "ibb" } );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "TC-194, W-30, PFT-16: a later receiver asks for what is lacking, and checks the digest of the whole", "[files]" )
{
  const bool broken = GENERATE( false, true );
  FilePair pair;
  const auto bytes = content( 200000 );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 100000 ); };
  const auto first = pair.send( bytes );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty(); } ) );
  first->cancel();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  REQUIRE( pair.inbox.entries() == 1 );
  const auto part = std::filesystem::directory_iterator( pair.inbox.path() )->path();
  const auto size = std::filesystem::file_size( part );
  REQUIRE( size > 0 );
  if( broken )
    std::fstream( part, std::ios::in | std::ios::out | std::ios::binary ) << "somebody else's words";

  // Another process would have another sender and another receiver.
  pair.received.onOpen = nullptr;
  pair.received.accepted.clear();
  pair.receiver.reset();
  pair.makeReceiver();
  pair.sender.reset();
  pair.makeSender();
  pair.hub.clearLog();
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 2 && pair.sent.ends.size() == 2; } ) );
  CHECK( pair.hub.logged( "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'><range offset='" + std::to_string( size ) + "'/></file>" ).size() == 1 );
  CHECK( pair.received.offsets.back() == size );
  CHECK( pair.received.ends[1].bytes == bytes.size() - size );
  if( !broken )
  {
    CHECK( pair.received.cause() == "complete" );
    CHECK( pair.received.ends[1].sha256 == sha256( bytes ) );
    CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
    CHECK( pair.inbox.entries() == 1 );
    return;
  }
  CHECK( pair.received.cause() == "digest-mismatch" );
  CHECK( pair.sent.cause() == "digest-mismatch" );
  CHECK( pair.sent.ends[1].byPeer );
  CHECK( pair.inbox.entries() == 0 ); // the next try starts over
}

TEST_CASE( "TC-200, PFT-11: after a fallback the payload starts at the agreed offset", "[files]" )
{
  FilePair pair( {}, FileReceiveOptions(), []( Options&, Options& receiver ) { receiver.streamHosts.allow.clear(); } );
  const auto bytes = content( 300000 );
  const auto first = pair.send( bytes );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 50000 ); };
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  first->cancel();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  pair.received.onOpen = nullptr;
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 2; } ) );
  CHECK( pair.received.methods.back() == "ibb" );
  CHECK( pair.received.ends[1].report.attempts.front().state == Attempt::State::Failed ); // SOCKS5 came first
  CHECK( pair.received.offsets.back() > 0 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "TC-195, PFT-8: what was offered without a range is taken whole, whatever is there", "[files]" )
{
  FileInfo info;
  info.name = "letter.txt";
  info.size = 15;
  CHECK_FALSE( rangeAnswer( info, { 10, 5, true } ) );
  info.range = true;
  CHECK( rangeAnswer( info, { 10, 5, true } )->xml() == "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'><range offset='10'/></file>" );
  CHECK( rangeAnswer( info, { 10, 4, true } )->xml() == "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'><range offset='10' length='4'/></file>" );
  CHECK_FALSE( rangeAnswer( info, { 16, 0, true } ) );
  CHECK_FALSE( rangeAnswer( info, { 10, 6, true } ) );

  FilePair pair;
  FileSendOptions options;
  options.ranged = false;
  options.resume.enabled = false;
  const auto bytes = content( 200000 );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 50000 ); };
  (void)pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty(); } ) );
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.inbox.entries() == 0 );
  pair.received.onOpen = nullptr;
  (void)pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 2; } ) );
  CHECK( pair.hub.logged( "<range" ).empty() );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-16: a sender that starts anew goes on with what its receiver still holds to be open", "[files]" )
{
  FilePair pair( {}, waiting() );
  const auto bytes = content( 400000 );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 50000 ); };
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  // The process dies: its sockets say nothing that the receiver has heard so far, and a new one offers.
  pair.hub.setFilter( []( std::string& xml ) { return xml.find( "<stopped" ) == std::string::npos; } );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 0 ); };
  pair.makeSender();
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.ends.size() == 1 );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.offers.size() == 1 );
  CHECK( pair.received.offsets.size() == 2 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-14: a sender that wrote everything hears that not everything came, and sends the rest", "[files]" )
{
  FilePair pair( { gloox::XMLNS_BYTESTREAMS }, waiting() );
  const auto bytes = content( 60000 ); // the kernel takes all of it
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.pause(); };
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.until( [&] { return transfer->state() == FileTransfer::State::Finishing; } ) );
  pair.settle();
  REQUIRE( pair.hub.logged( "<sent " ).size() == 1 );
  pair.received.onOpen = nullptr;
  pair.received.accepted.back()->resume(); // for the next stream
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.hub.logged( "<lacking " ).size() == 1 );
  CHECK( pair.sent.ends[0].streams == 2 );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-14: a receiver whose transfer is over still answers the sender's question", "[files]" )
{
  FilePair pair( { gloox::XMLNS_BYTESTREAMS }, {}, impatient ); // the receiver does not wait
  const auto bytes = content( 60000 );
  // The question is held back until the receiver has given up.
  std::string question;
  holdFirst( pair.hub, "<sent ", question );
  bool cut = true;
  SECTION( "that the file is not there" ) { pair.received.onOpen = []( FileTransfer& transfer ) { transfer.pause(); }; }
  SECTION( "that the file is there" ) { cut = false; }
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.until( [&] { return !question.empty(); } ) );
  if( cut )
    pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return !pair.received.ends.empty(); } ) );
  CHECK( pair.sent.ends.empty() );
  pair.received.onOpen = nullptr;
  pair.hub.inject( question );
  REQUIRE( pair.later( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( pair.sent.ends[0].streams == ( cut ? 2 : 1 ) );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-16: a receiver waits for its sender, but not for ever, and keeps what it has", "[files]" )
{
  FilePair pair( {}, waiting() );
  FileSendOptions options;
  options.resume.enabled = false;
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 50000 ); };
  const auto bytes = content( 400000 );
  (void)pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  pair.cutAtReceiver();
  REQUIRE( pair.later( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "interrupted" );
  pair.clock->advance( 200s );
  pair.settle();
  CHECK( pair.received.ends.empty() );
  pair.clock->advance( 100s );
  REQUIRE( pair.until( [&] { return !pair.received.ends.empty(); } ) );
  CHECK( pair.received.cause() == "interrupted" );
  CHECK( pair.inbox.entries() == 1 );

  pair.received.onOpen = nullptr;
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 2; } ) );
  CHECK( pair.received.offsets.back() > 0 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-7, PFT-16: a peer without ranges gets the whole file again only if that is wished", "[files]" )
{
  const bool wholeAgain = GENERATE( false, true );
  FilePair pair( { gloox::XMLNS_IBB } );
  pair.receiver.reset();
  pair.julietFiles.reset();
  Bot juliet( pair.julietClient.client(), testOptions( pair.clock ), ProfileOptions() ); // knows neither ranges nor notes
  juliet.manager.enable();
  const auto deliver = [&] { return pair.hub.run() > 0; };
  const Managers managers{ pair.romeoStreams.get(), &juliet.manager };
  FileSendOptions options;
  options.resume.wholeAgain = wholeAgain;
  const auto bytes = content( 100000 );
  (void)pair.send( bytes, options );
  bool cut = false;
  juliet.onData = [&]( MultiBytestream& stream, const std::string& )
  {
    if( !cut && juliet.received.size() > 10000 )
    {
      cut = true;
      stream.abort();
    }
  };
  REQUIRE( runManagersUntil( managers, deliver, [&]
  {
    pair.clock->advance( 10ms );
    return !pair.sent.ends.empty();
  } ) );
  CHECK( cut );
  CHECK( pair.sent.cause() == ( wholeAgain ? "complete" : "unresumable" ) );
  if( wholeAgain )
  {
    CHECK_FALSE( pair.sent.ends[0].confirmed );
    CHECK( ( juliet.received.substr( juliet.received.size() - bytes.size() ) == bytes ) );
  }
}

TEST_CASE( "CLS-7, PFT-16: a transfer outlives the loss of the connection", "[files]" )
{
  FilePair pair( { gloox::XMLNS_IBB }, waiting() );
  pair.received.onOpen = []( FileTransfer& one ) { one.setLimit( 50000 ); };
  const auto bytes = content( 2000000 ); // more than buffers take
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  pair.romeoClient.dropConnection();
  REQUIRE( pair.later( [&] { return transfer->state() == FileTransfer::State::Waiting; } ) );
  pair.received.onOpen = nullptr;
  pair.received.accepted.back()->setLimit( 0 );
  pair.clock->advance( 5s );
  pair.settle();
  REQUIRE( pair.romeoClient.reconnect() );
  // The receiver has not heard of it, and its in-band stream is open; the new offer tells.
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "CLS-8, PFT-16: an in-band stream ends with the connection of its peer, and the file goes on when it is back", "[files]" )
{
  FilePair pair( { gloox::XMLNS_IBB }, waiting() );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 50000 ); };
  const auto bytes = content( 2000000 ); // more than buffers take
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  // What was on its way is never answered.
  pair.hub.setFilter( []( std::string& xml ) { return xml.find( "<data " ) == std::string::npos; } );
  pair.settle();
  CHECK( pair.sent.interruptions == 0 );
  pair.hub.inject( "<presence type='unavailable' to='" + Romeo + "' from='" + Juliet + "'/>" );
  REQUIRE( pair.until( [&] { return pair.sent.interruptions == 1; } ) );
  pair.hub.setFilter( {} );
  pair.received.onOpen = nullptr;
  pair.received.accepted.back()->setLimit( 0 );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-17: who sees nothing move asks, waits as long as somebody is there, and no longer", "[files][large]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method }, waiting() );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.pause(); };
  const auto bytes = content( method == gloox::XMLNS_IBB ? 2000000 : 30000000 ); // more than buffers take
  const auto transfer = pair.send( bytes );
  REQUIRE( pair.until( [&] { return !pair.received.offsets.empty() && !pair.sent.offsets.empty(); } ) );
  pair.settle();
  pair.hub.clearLog();
  const auto pass = [&]( std::chrono::seconds time )
  {
    for( ; time.count() > 0; time -= 5s )
    {
      pair.clock->advance( 5s );
      pair.settle();
    }
  };
  pass( 115s );
  CHECK( pair.hub.logged( "<alive " ).empty() );
  pass( 200s );
  CHECK( pair.hub.logged( "<alive " ).size() == 2 );
  CHECK( pair.sent.interruptions == 0 );

  pair.hub.setFilter( []( std::string& xml ) { return xml.find( "<alive" ) == std::string::npos; } ); // nobody is there any more
  pass( 125s );
  CHECK( pair.sent.interruptions == 1 );
  pair.hub.setFilter( {} );
  pair.received.onOpen = nullptr;
  pair.received.accepted.back()->resume();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-17, CLS-9: behind a proxy that holds the stream of a receiver that is gone, the first question tells", "[files]" )
{
  Clock real;
  net::EventLoop hostLoop( real );
  ScriptedHost host( hostLoop ); // takes some, and passes nothing on
  const gloox::JID proxy( "proxy.capulet.example" );
  FilePair pair( { gloox::XMLNS_BYTESTREAMS }, waiting(), [&]( Options& sender, Options& )
  {
    sender.listen.enabled = false;
    sender.proxies.known = { { proxy, "127.0.0.1", host.port() } };
  } );
  pair.hub.serveProxy( proxy.full(), "127.0.0.1", host.port() );
  (void)pair.send( content( 30000000 ) ); // more than buffers take
  const auto deliver = [&]
  {
    const bool ready = hostLoop.runReady();
    return pair.hub.run() > 0 || ready;
  };
  REQUIRE( runManagersUntil( pair.managers(), deliver, [&] { return !pair.received.offsets.empty() && !pair.sent.offsets.empty(); } ) );
  pair.cutAtReceiver();
  pair.settle();
  REQUIRE( pair.received.interruptions == 1 );
  CHECK( pair.sent.interruptions == 0 );
  pair.hub.clearLog();
  for( int i = 0; i < 100 && pair.hub.logged( "<alive " ).empty(); ++i ) // the kernel may take a little more yet, and it is waited anew
  {
    pair.clock->advance( 5s );
    pair.settle();
  }
  CHECK( pair.hub.logged( "<alive " ).size() == 1 );
  CHECK( pair.sent.interruptions == 1 );
}

TEST_CASE( "PFT-16: a transfer that breaks while its sender holds it up goes on when it is let go, however late", "[files]" )
{
  FilePair pair( {}, waiting() );
  const auto bytes = content( 300000 );
  FileSendOptions options;
  options.limit = 50000;
  const auto transfer = pair.send( bytes, options );
  REQUIRE( pair.later( [&] { return !pair.received.progress.empty() && pair.received.progress.back() > 0; } ) );
  transfer->pause();
  pair.cutAtReceiver();
  REQUIRE( pair.until( [&] { return pair.sent.interruptions == 1; } ) );
  pair.clock->advance( 200s );
  pair.settle();
  CHECK( transfer->state() == FileTransfer::State::Waiting );
  CHECK( pair.hub.logged( "<si " ).size() == 2 ); // one offer, one answer
  transfer->setLimit( 0 );
  transfer->resume();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "ST-R-31: a receiver that holds a stream up from its first byte on is not taken for one whose sender is silent", "[files][large]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  FilePair pair( { method }, waiting() );
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.pause(); };
  const auto bytes = content( method == gloox::XMLNS_IBB ? 2000000 : 30000000 ); // more than buffers take
  (void)pair.send( bytes );
  REQUIRE( pair.until( [&] { return !pair.received.offsets.empty() && !pair.sent.offsets.empty(); } ) );
  for( int i = 0; i < 60; ++i )
  {
    pair.clock->advance( 5s );
    pair.settle();
  }
  CHECK( pair.received.interruptions == 0 );
  pair.received.accepted.back()->resume();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.ends[0].streams == 1 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}
