// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files that change, disks that fail, peers that miscount: each has its own cause, on both sides (PFT-13).

#include "file_fixture.h"

#include "support/nodescriptors.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// A file larger than this cannot be written: the full disk that needs no privileges.
class SmallDisk final
{
  public:
    explicit SmallDisk( rlim_t bytes )
    {
      ::getrlimit( RLIMIT_FSIZE, &m_before );
      m_handler = std::signal( SIGXFSZ, SIG_IGN );
      const rlimit small{ bytes, m_before.rlim_max };
      ::setrlimit( RLIMIT_FSIZE, &small );
    }
    ~SmallDisk()
    {
      ::setrlimit( RLIMIT_FSIZE, &m_before );
      std::signal( SIGXFSZ, m_handler );
    }
    SmallDisk( const SmallDisk& ) = delete;
    SmallDisk& operator=( const SmallDisk& ) = delete;

  private:
    rlimit m_before{};
    void ( *m_handler )( int ) = nullptr;
};

/// A transfer of 400000 bytes that has begun and goes slowly.
struct Begun : FilePair
{
  explicit Begun( const std::string& method, const FileReceiveOptions& receive = waiting(), bool digests = true ) : FilePair( { method }, receive )
  {
    FileSendOptions options;
    options.digests = digests;
    options.limit = 100000; // so that not everything has been read
    transfer = send( bytes, options );
    REQUIRE( later( [&] { return !received.progress.empty() && received.progress.back() > 0; } ) );
    REQUIRE( received.progress.back() < bytes.size() );
  }

  [[nodiscard]] std::filesystem::path part() const { return std::filesystem::directory_iterator( inbox.path() )->path(); }

  /** Both sides end with this cause, which is @a whose; nothing is left of the file, and nobody tries again. */
  void expect( const std::string& cause, bool receivers )
  {
    transfer->setLimit( 0 );
    REQUIRE( later( [&] { return bothEnded(); } ) );
    CHECK( sent.cause() == cause );
    CHECK( received.cause() == cause );
    CHECK( sent.ends[0].byPeer == receivers );
    CHECK( received.ends[0].byPeer != receivers );
    CHECK( sent.interruptions == 0 );
    CHECK_FALSE( std::filesystem::exists( inbox.file( "letter.txt" ) ) );
    CHECK( inbox.entries() == 0 );
    expectNoPaths();
  }
  /** Neither side has told the other where its files lie. */
  void expectNoPaths() const
  {
    CHECK( sent.ends[0].text.find( inbox.path() ) == std::string::npos );
    CHECK( received.ends[0].text.find( outbox.path() ) == std::string::npos );
  }

  const std::string bytes = content( 400000 );
  std::shared_ptr<FileTransfer> transfer{};
};

} // namespace

TEST_CASE( "PFT-13: a disk that becomes full ends the transfer on both sides, and gets its room back", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  const SmallDisk disk( std::filesystem::file_size( pair.part() ) + 1000 );
  pair.expect( "storage-full", true );
  CHECK( pair.sent.ends[0].text.find( "File too large" ) != std::string::npos ); // the receiver's words
}

TEST_CASE( "PFT-13: a part that vanishes while it is received is a failure that both sides hear of", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  std::filesystem::remove( pair.part() );
  pair.expect( "storage-failed", true );
  CHECK( pair.sent.ends[0].text.find( "vanished" ) != std::string::npos );
}

TEST_CASE( "PFT-13: of a file that cannot be given its name nothing is kept", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  std::filesystem::resize_file( pair.part(), pair.bytes.size() + 1 );
  pair.expect( "storage-failed", true );
  CHECK( pair.sent.ends[0].text.find( "was changed by somebody else" ) != std::string::npos );
  CHECK( pair.receiver->transfers() == 0 );
}

TEST_CASE( "PFT-13, PFT-16: a part that nobody could read for want of a descriptor is kept for another time", "[files]" )
{
  Begun pair( gloox::XMLNS_IBB );
  pair.transfer->cancel();
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  const auto there = std::filesystem::file_size( pair.part() );

  // The receiver has other files to read, until there is no descriptor any more.
  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  const auto others = occupy( pair.julietFiles->priv().profile.jobs(), wait );
  (void)pair.send( pair.bytes );
  REQUIRE( pair.until( [&] { return pair.received.offsets.size() == 2; } ) );
  {
    const NoDescriptors exhausted;
    over.set_value();
    REQUIRE( pair.until( [&] { return pair.received.ends.size() == 2 && pair.sent.ends.size() == 2; } ) );
  }
  CHECK( pair.received.cause() == "storage-failed" );
  CHECK( pair.sent.cause() == "storage-failed" );
  REQUIRE( pair.inbox.entries() == 1 );
  CHECK( std::filesystem::file_size( pair.part() ) == there );

  (void)pair.send( pair.bytes );
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 3 && pair.sent.ends.size() == 3; } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.offsets.back() == there );
  CHECK( ( pair.inbox.read( "letter.txt" ) == pair.bytes ) );
}

TEST_CASE( "PFT-13: a directory that loses its permissions is a failure that both sides hear of", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  // Also for root: a directory that is not there any more takes no names.
  const auto part = pair.part();
  const auto directory = pair.inbox.path();
  const auto bytes = std::filesystem::file_size( part );
  CHECK( bytes > 0 );
  TemporaryDirectory elsewhere;
  std::filesystem::create_hard_link( part, elsewhere.file( "kept" ) ); // so that it has not vanished
  std::filesystem::remove_all( directory );
  pair.transfer->setLimit( 0 );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.received.cause() == "storage-failed" );
  CHECK( pair.sent.cause() == "storage-failed" );
  CHECK( pair.sent.ends[0].byPeer );
  CHECK( pair.received.ends[0].text == "cannot create letter.txt in " + directory + "/: No such file or directory" );
  CHECK( pair.sent.ends[0].text == "cannot create letter.txt: No such file or directory" ); // where, is no business of the sender's
}

TEST_CASE( "PFT-12, PFT-13: a source that becomes shorter ends the transfer on both sides, whatever has arrived", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  std::filesystem::resize_file( pair.outbox.file( "letter.txt" ), 100 );
  pair.expect( "source-changed", false );
  CHECK( pair.sent.ends[0].text == pair.outbox.file( "letter.txt" ) + " became shorter while it was sent" );
  CHECK( pair.received.ends[0].text == "letter.txt became shorter while it was sent" );
}

TEST_CASE( "PFT-12: a source that grows stops at the agreed number", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  std::ofstream( pair.outbox.file( "letter.txt" ), std::ios::app ) << "more";
  pair.transfer->setLimit( 0 );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( ( pair.inbox.read( "letter.txt" ) == pair.bytes ) );
}

TEST_CASE( "PFT-16: a source that changed between two streams is not the same file any more", "[files]" )
{
  const bool grown = GENERATE( false, true );
  Begun pair( gloox::XMLNS_BYTESTREAMS );
  pair.cutAtReceiver();
  if( grown )
    std::ofstream( pair.outbox.file( "letter.txt" ), std::ios::app ) << "more"; // the first part is the same
  else
    pair.outbox.write( "letter.txt", content( 400000, 2 ) );
  pair.transfer->setLimit( 0 );
  REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
  CHECK( pair.sent.cause() == ( grown ? "complete" : "source-changed" ) );
  if( !grown )
    CHECK( pair.received.ends[0].text == "letter.txt was changed while it was sent" );
  pair.expectNoPaths();
}

TEST_CASE( "PFT-6: a source that is written to in place is found out by its digest, on both sides", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  Begun pair( method );
  std::fstream( pair.outbox.file( "letter.txt" ), std::ios::in | std::ios::out | std::ios::binary ).seekp( 399000 ) << "other words";
  pair.expect( "digest-mismatch", true );
}

TEST_CASE( "PFT-10: fewer bytes than announced are a failure, more are not taken", "[files]" )
{
  const auto method = GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB );
  const std::size_t bytes = GENERATE( 14U, 15U, 16U, 100000U );
  FilePair pair( { method } );
  pair.sender.reset();
  pair.romeoFiles.reset();
  auto options = testOptions( pair.clock );
  options.methods = { method };
  Bot romeo( pair.romeoClient.client(), options, ProfileOptions() ); // counts as it likes
  romeo.manager.enable();
  romeo.onOpen = [bytes]( MultiBytestream& stream )
  {
    stream.send( content( bytes ) );
    stream.close();
  };
  REQUIRE_FALSE( romeo.offer( Juliet ).empty() );
  const Managers managers{ &romeo.manager, pair.julietStreams.get() };
  REQUIRE( runManagersUntil( managers, [&] { return pair.hub.run() > 0; }, [&] { return !pair.received.ends.empty(); } ) );
  if( bytes < 15 )
  {
    CHECK( pair.received.ends[0].session == Cause::ClosedRemote );
    CHECK( pair.received.cause() == "too-few-bytes" );
    CHECK( pair.received.ends[0].text.find( "14 of 15 bytes" ) != std::string::npos );
    CHECK( pair.inbox.entries() == 0 );
    return;
  }
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.inbox.read( "letter.txt" ) == content( 15 ) );
}

TEST_CASE( "W-5: what cannot be stored is refused before a byte moves, and the bot hears why", "[files]" )
{
  FilePair pair;
  std::filesystem::remove_all( pair.inbox.path() );
  (void)pair.send( "x" );
  REQUIRE( pair.until( [&] { return !pair.sent.ends.empty() && !pair.received.offerEnds.empty(); } ) );
  CHECK( pair.sent.cause() == "refused" );
  CHECK( pair.sent.ends[0].text == "The file cannot be stored" );
  CHECK( pair.received.offerEnds[0].find( "No such file or directory" ) != std::string::npos );
  CHECK( pair.received.ends.empty() );
}

TEST_CASE( "what is no file is not sent, and a peer that is not there is not waited for", "[files]" )
{
  FilePair pair;
  CHECK_FALSE( pair.sender->send( gloox::JID( Juliet ), pair.outbox.file( "missing" ) ) );
  CHECK( pair.sender->problem().find( "No such file" ) != std::string::npos );
  CHECK_FALSE( pair.sender->send( gloox::JID( Juliet ), pair.outbox.path() ) );

  pair.outbox.write( "a", "x" );
  REQUIRE( pair.sender->send( gloox::JID( "nobody@capulet.example/x" ), pair.outbox.file( "a" ) ) );
  REQUIRE( pair.until( [&] { return pair.sent.ends.size() == 1; } ) );
  CHECK( pair.sent.cause() == "refused" );
  REQUIRE( pair.sender->send( gloox::JID( "bare@capulet.example" ), pair.outbox.file( "a" ) ) );
  REQUIRE( pair.until( [&] { return pair.sent.ends.size() == 2; } ) );
  CHECK( pair.sent.cause() == "not-opened" );
  CHECK( pair.sent.ends[1].text == "the peer must be a full JID" );
}

TEST_CASE( "PFT-9, PFT-13: a peer's words that make no sense end nothing but what they are about", "[files]" )
{
  FilePair pair;
  pair.received.onOpen = []( FileTransfer& transfer ) { transfer.setLimit( 50000 ); };
  const auto transfer = pair.send( content( 200000 ) );
  REQUIRE( pair.until( [&] { return !pair.sent.offsets.empty(); } ) );
  const auto say = [&]( const std::string& from, const std::string& note )
  {
    pair.hub.inject( "<iq type='set' id='x' to='" + Romeo + "' from='" + from + "'><" + note + " xmlns='urn:x-gloox-si-multiple:files:0' sid='" + transfer->sid() + "'/></iq>" );
    pair.settle();
  };
  say( "mallory@capulet.example/x", "stopped" );
  say( "mallory@capulet.example/x", "received" );
  say( Juliet, "received" ); // not while bytes are to be sent
  say( Juliet, "lacking" );
  say( Juliet, "sent" );
  say( Juliet, "nonsense" );
  CHECK( pair.sent.ends.empty() );
  say( Juliet, "stopped cause='storage-full'" );
  REQUIRE( pair.later( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "storage-full" );
}
