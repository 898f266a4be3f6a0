// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PFT-18: the receiver's word about a complete file is lost, and the sender offers the file again.

#include "file_fixture.h"

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// romeo sends a file by SOCKS5. When it asks whether it has arrived, juliet is not there for her server; the stream brings her everything.
struct LostWord : FilePair
{
  /** @param busy If there is one: what is complete comes to the disk after it. */
  explicit LostWord( const FileReceiveOptions& receive = FileReceiveOptions(), std::size_t size = 60000, const std::shared_future<void>& busy = {},
                     const FileSendOptions& how = FileSendOptions() )
    : FilePair( { gloox::XMLNS_BYTESTREAMS }, receive, impatient ), bytes( content( size ) )
  {
    if( busy.valid() )
      others = occupy( julietFiles->priv().profile.jobs(), busy );
    received.onOpen = []( FileTransfer& one ) { one.pause(); };
    holdFirst( hub, "<sent ", refused );
    transfer = send( bytes, how );
    REQUIRE( until( [&] { return !refused.empty(); } ) );
    received.onOpen = nullptr;
    received.accepted.at( 0 )->resume();
    if( busy.valid() )
    {
      REQUIRE( until( [&] { return received.accepted.at( 0 )->state() == FileTransfer::State::Finishing && julietStreams->sessions() == 0; } ) );
      return;
    }
    REQUIRE( later( [&] { return received.ends.size() == 1; } ) ); // the question may be on its way yet
    REQUIRE( received.cause() == "complete" );
    settle();
    REQUIRE( sent.ends.empty() );
  }
  /** romeo hears that she is gone, and offers the file again until it is over. */
  void again()
  {
    hub.inject( unavailable( refused ) );
    REQUIRE( later( [&] { return sent.ends.size() == 1; } ) );
    settle();
    CHECK( sent.interruptions == 1 );
    CHECK( sent.cause() == "complete" );
    CHECK( sent.ends[0].confirmed );
    CHECK( sent.ends[0].streams == 2 );
  }
  void expectTwice()
  {
    CHECK( received.offers.size() == 2 );
    CHECK( received.ends.size() == 2 );
    CHECK( sent.offsets == std::vector<std::uint64_t>{ 0, 0 } );
  }

  const std::string bytes;
  std::string refused{};
  std::shared_ptr<FileTransfer> transfer{};
  std::vector<std::unique_ptr<files::Jobs::Job>> others{};
};

/// A bot at romeo's JID that knows notes and offers what it likes, after romeo's word was lost.
struct Stranger : LostWord
{
  explicit Stranger( const FileReceiveOptions& receive = FileReceiveOptions() ) : LostWord( receive )
  {
    const auto info = transfer->info();
    file = info.tag();
    sender.reset();
    romeoFiles.reset();
    romeoStreams.reset();
    ProfileOptions profile;
    profile.noteNamespace = Notes;
    romeo = std::make_unique<Bot>( romeoClient.client(), testOptions( clock ), profile );
    romeo->manager.enable();
    work();
  }

  [[nodiscard]] std::string offer( const std::vector<std::string>& methods = { gloox::XMLNS_BYTESTREAMS } )
  {
    OfferOptions options;
    options.methods = methods;
    const auto sid = romeo->profile->offer( gloox::JID( Juliet ), std::unique_ptr<gloox::Tag>( file->clone() ), options ).sid; // a copy is ours
    REQUIRE_FALSE( sid.empty() );
    return sid;
  }
  void tell( const std::string& sid, const std::string& name )
  {
    auto note = std::make_unique<gloox::Tag>( name );
    note->setXmlns( Notes );
    CHECK( romeo->profile->sendNote( gloox::JID( Juliet ), sid, std::move( note ) ) );
  }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return runManagersUntil( { &romeo->manager, julietStreams.get() }, [this] { return hub.run() > 0; }, done );
  }
  void work() { settleManagers( { &romeo->manager, julietStreams.get() }, [this] { return hub.run() > 0; } ); }
  [[nodiscard]] std::size_t words() const { return hub.logged( "<received " ).size(); }

  std::unique_ptr<gloox::Tag> file{};
  std::unique_ptr<Bot> romeo{};
};

} // namespace

TEST_CASE( "PFT-18: a file that is there, and of which the sender has not heard, is not sent again", "[files]" )
{
  const std::size_t size = GENERATE( 0U, 60000U );
  LostWord pair( {}, size );
  pair.again();
  CHECK( pair.sent.offsets == std::vector<std::uint64_t>{ 0, size } );
  CHECK( pair.sent.ends[0].bytes == pair.bytes.size() );
  CHECK( pair.received.offers.size() == 1 ); // nobody was asked
  CHECK( pair.received.ends.size() == 1 );   // or told
  CHECK( pair.receiver->transfers() == 0 );
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.inbox.entries() == 1 );
  CHECK( pair.inbox.read( "letter.txt" ) == pair.bytes );
}

TEST_CASE( "PFT-18: the same where the word was on its way", "[files]" )
{
  FilePair pair( { gloox::XMLNS_IBB } );
  bool lost = false;
  pair.hub.setFilter( [&]( std::string& xml ) { return lost || !( lost = xml.find( "<received " ) != std::string::npos ); } );
  (void)pair.send( content( 60000 ) );
  REQUIRE( pair.until( [&] { return lost && pair.received.ends.size() == 1; } ) );
  pair.settle();
  pair.clock->advance( pair.romeoStreams->options().timeouts.get( Timer::Tomb ) );
  REQUIRE( pair.later( [&] { return pair.sent.ends.size() == 1; } ) );
  pair.settle();
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( pair.received.offers.size() == 1 );
  CHECK( pair.received.ends.size() == 1 );
  CHECK( pair.inbox.entries() == 1 );
}

TEST_CASE( "PFT-18: once the sender knows, the same file may be sent as often as people like", "[files]" )
{
  LostWord pair;
  pair.again();
  (void)pair.send( pair.bytes );
  REQUIRE( pair.later( [&] { return pair.sent.ends.size() == 2 && pair.received.ends.size() == 2; } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.received.offers.size() == 2 );
  CHECK( pair.inbox.read( "letter (1).txt" ) == pair.bytes );
}

TEST_CASE( "PFT-18: a file that is not there any more, or not as it was, is taken anew", "[files]" )
{
  LostWord pair;
  SECTION( "removed" )
  {
    std::filesystem::remove( pair.inbox.file( "letter.txt" ) );
    pair.again();
    pair.expectTwice();
    CHECK( pair.inbox.read( "letter.txt" ) == pair.bytes );
  }
  SECTION( "written to" )
  {
    pair.inbox.write( "letter.txt", "Wherefore art thou Romeo?" );
    pair.again();
    pair.expectTwice();
    CHECK( pair.inbox.read( "letter (1).txt" ) == pair.bytes );
  }
  SECTION( "written to, and as long as before" )
  {
    std::filesystem::last_write_time( pair.inbox.file( "letter.txt" ), std::filesystem::file_time_type::clock::now() + 2s );
    pair.again();
    pair.expectTwice();
  }
  SECTION( "a link to what it was" )
  {
    std::filesystem::rename( pair.inbox.file( "letter.txt" ), pair.inbox.file( "kept" ) );
    std::filesystem::create_symlink( "kept", pair.inbox.file( "letter.txt" ) );
    pair.again();
    pair.expectTwice();
  }
}

TEST_CASE( "PFT-18: as long and as many as parts are kept, and not by who keeps none", "[files]" )
{
  FileReceiveOptions options;
  SECTION( "too long ago" ) { options.partAge = 0s; }
  SECTION( "too many" ) { options.parts = 0; }
  SECTION( "none" ) { options.keepParts = false; }
  LostWord pair( options );
  // Who keeps nothing is offered it again, and answers without a range: the sender asks whether it knows any (PFT-16).
  pair.hub.inject( unavailable( pair.refused ) );
  REQUIRE( pair.later( [&] { return pair.sent.ends.size() == 1; } ) );
  CHECK( pair.received.offers.size() == 2 );
}

TEST_CASE( "PFT-18: an offer of a file that is being stored waits for what comes of that", "[files]" )
{
  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  LostWord pair( {}, 60000, wait );
  pair.hub.inject( unavailable( pair.refused ) );
  REQUIRE( pair.later( [&] { return pair.julietStreams->sessions() == 1; } ) );
  pair.settle();
  CHECK( pair.sent.offsets.size() == 1 ); // undecided
  CHECK( pair.received.ends.empty() );
  SECTION( "it is stored" )
  {
    // To the stack of a sender that offers again the word of the older session is welcome; its transfer waits for the new one.
    if( GENERATE( false, true ) )
      pair.hub.inject( pair.refused );
    pair.settle();
    over.set_value();
    REQUIRE( pair.later( [&] { return pair.bothEnded(); } ) );
    CHECK( pair.sent.cause() == "complete" );
    CHECK( pair.sent.ends[0].confirmed );
    CHECK( pair.received.cause() == "complete" );
    CHECK( pair.received.offers.size() == 1 );
    CHECK( pair.inbox.entries() == 1 );
  }
  SECTION( "it cannot be stored" )
  {
    for( const auto& entry : std::filesystem::directory_iterator( pair.inbox.path() ) )
      std::filesystem::remove( entry );
    over.set_value();
    REQUIRE( pair.later( [&] { return !pair.sent.ends.empty() && pair.received.offers.size() == 2; } ) );
    CHECK( std::string( fileCauseText( pair.received.ends.at( 0 ).cause ) ) == "storage-failed" );
  }
  SECTION( "its sender does not wait" )
  {
    pair.clock->advance( pair.julietStreams->options().timeouts.get( Timer::RApp ) );
    REQUIRE( pair.until( [&] { return pair.julietStreams->sessions() == 0; } ) );
    CHECK( pair.received.offerEnds.empty() );
    over.set_value();
    REQUIRE( pair.later( [&] { return pair.received.ends.size() == 1; } ) );
    CHECK( pair.received.cause() == "complete" );
    CHECK( pair.received.offers.size() == 1 );
  }
}

TEST_CASE( "PFT-14: a file is complete when the sender has asked for it, or T-NOTE after the stream", "[files]" )
{
  FilePair pair( { gloox::XMLNS_BYTESTREAMS }, {}, impatient );
  std::string question;
  holdFirst( pair.hub, "<sent ", question );
  pair.received.onOpen = []( FileTransfer& one ) { one.pause(); };
  (void)pair.send( content( 60000 ) );
  REQUIRE( pair.until( [&] { return !question.empty(); } ) );
  pair.settle();
  pair.received.accepted.at( 0 )->resume();
  REQUIRE( pair.until( [&] { return pair.julietStreams->sessions() == 0 && pair.inbox.read( "letter.txt" ).size() == 60000; } ) );
  pair.settle();
  pair.clock->advance( 99ms );
  pair.settle();
  CHECK( pair.received.ends.empty() ); // who hears of it may go offline
  SECTION( "it asks" )
  {
    pair.hub.inject( question );
    REQUIRE( pair.until( [&] { return pair.bothEnded(); } ) );
    CHECK( pair.sent.ends[0].confirmed );
  }
  SECTION( "it does not ask" )
  {
    pair.clock->advance( 1ms );
    REQUIRE( pair.until( [&] { return !pair.received.ends.empty(); } ) );
  }
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.received.ends.size() == 1 );
}

TEST_CASE( "PFT-18: the word of a transfer that was resumed is lost as well", "[files]" )
{
  FilePair pair( { gloox::XMLNS_BYTESTREAMS }, {}, impatient );
  const auto bytes = content( 3000000 );
  std::string refused;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( "<sent " ) == std::string::npos || pair.received.offsets.size() < 2 || !refused.empty() )
      return true;
    refused = xml;
    return false;
  } );
  bool cut = false;
  pair.received.onOpen = [&]( FileTransfer& one ) { one.setLimit( cut ? 0 : 2000000 ); };
  pair.received.onProgress = [&]( FileTransfer& ) { if( !std::exchange( cut, true ) ) pair.cutAtReceiver(); };
  (void)pair.send( bytes );
  REQUIRE( pair.later( [&] { return pair.received.ends.size() == 2 && !refused.empty(); } ) );
  REQUIRE( pair.received.cause() == "complete" );
  pair.hub.inject( unavailable( refused ) );
  REQUIRE( pair.later( [&] { return pair.sent.ends.size() == 1; } ) );
  pair.settle();
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( pair.sent.ends[0].streams == 3 );
  CHECK( pair.received.ends.size() == 2 );
  CHECK( pair.inbox.entries() == 1 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
}

TEST_CASE( "PFT-14: where the stream breaks behind the last byte, the receiver's word ends the sender's wait for its next try", "[files]" )
{
  FilePair pair( { gloox::XMLNS_IBB } );
  std::string word, last;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( "seq='4'" ) != std::string::npos ) // the last block
      last = attribute( xml, "id" );
    const bool said = xml.find( "<received " ) != std::string::npos;
    if( said )
      word = xml;
    return !said && ( last.empty() || attribute( xml, "id" ) != last || attribute( xml, "from" ) != Juliet );
  } );
  (void)pair.send( content( 20000 ) );
  REQUIRE( pair.until( [&] { return !word.empty(); } ) );
  pair.hub.inject( "<presence type='unavailable' from='" + Juliet + "' to='" + Romeo + "'/>" );
  REQUIRE( pair.until( [&] { return pair.sent.interruptions == 1; } ) );
  pair.hub.setFilter( {} );
  pair.hub.inject( word );
  REQUIRE( pair.until( [&] { return pair.sent.ends.size() == 1; } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( pair.sent.ends[0].streams == 1 );
}

TEST_CASE( "PFT-18: what is known by its date alone is another file when it is offered again", "[files]" )
{
  FileSendOptions options;
  options.digests = false;
  options.resume.wholeAgain = true;
  LostWord pair( {}, 60000, {}, options );
  pair.hub.inject( unavailable( pair.refused ) );
  REQUIRE( pair.later( [&] { return pair.sent.ends.size() == 1; } ) );
  CHECK( pair.received.offers.size() == 2 );
  CHECK( pair.inbox.entries() == 2 );
}

TEST_CASE( "PFT-18: a sender that asks for no word has its file stored as often as it sends it", "[files]" )
{
  FilePair pair;
  FileSendOptions options;
  options.confirm = false;
  for( std::size_t number = 1; number <= 2; ++number )
  {
    (void)pair.send( content( 1000 ), options );
    REQUIRE( pair.until( [&] { return pair.sent.ends.size() == number && pair.received.ends.size() == number; } ) );
  }
  CHECK( pair.received.offers.size() == 2 );
  CHECK( pair.inbox.entries() == 2 );
}

TEST_CASE( "PFT-18: the stream brings nothing, and the word is said once, whenever it is asked for", "[files]" )
{
  Stranger pair;
  pair.romeo->onOpen = []( MultiBytestream& stream ) { (void)stream.send( "more" ); };
  const auto sid = pair.offer( { GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) } );
  REQUIRE( pair.until( [&] { return pair.romeo->ends.size() == 1; } ) ); // juliet closes
  pair.work();
  CHECK( pair.words() == 0 );
  pair.tell( sid, "sent" );
  pair.work();
  CHECK( pair.words() == 1 );
  pair.tell( sid, "sent" );
  pair.work();
  CHECK( pair.words() == 1 );
  CHECK( pair.received.ends.size() == 1 );
  CHECK( pair.inbox.read( "letter.txt" ) == pair.bytes );
  CHECK( pair.inbox.entries() == 1 );
}

TEST_CASE( "PFT-18: a sender that does not close, or breaks the stream, is closed upon and may come again", "[files]" )
{
  Stranger pair;
  (void)pair.offer();
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1; } ) );
  SECTION( "it does not close" )
  {
    pair.work();
    CHECK( pair.romeo->ends.empty() );
    pair.clock->advance( 5s );
  }
  SECTION( "it breaks the stream" ) { pair.romeo->stream().abort(); }
  SECTION( "it gives up" )
  {
    pair.tell( pair.romeo->stream().sid(), "stopped" );
  }
  SECTION( "it offers again meanwhile" ) {}
  pair.work();
  const auto sid = pair.offer();
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 2; } ) );
  pair.tell( sid, "sent" );
  pair.romeo->stream().close();
  REQUIRE( pair.until( [&] { return pair.words() == 1 && pair.romeo->ends.size() == 2; } ) );
  pair.work();
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.received.offers.size() == 1 );
  CHECK( pair.received.ends.size() == 1 );

  // Now the sender knows.
  (void)pair.offer();
  REQUIRE( pair.until( [&] { return pair.received.offers.size() == 2; } ) );
}

TEST_CASE( "PFT-18: what the sender takes for the older session, while it offers the file again, does not count", "[files]" )
{
  Stranger pair;
  pair.file->addAttribute( "name", "other.txt" );
  pair.romeo->onOpen = [&]( MultiBytestream& stream ) { (void)stream.send( pair.bytes ); }; // and does not close
  const auto first = pair.offer();
  REQUIRE( pair.until( [&] { return pair.received.accepted.size() == 2 && pair.received.accepted[1]->state() == FileTransfer::State::Finishing; } ) );
  pair.work();

  std::string word, answer;
  pair.hub.setFilter( [&]( std::string& xml )
  {
    if( xml.find( "<received " ) != std::string::npos )
      word = attribute( xml, "id" );
    const bool result = !word.empty() && attribute( xml, "id" ) == word && attribute( xml, "from" ) == Romeo;
    if( result )
      answer = xml;
    return !result;
  } );
  pair.tell( first, "sent" );
  REQUIRE( pair.until( [&] { return !answer.empty(); } ) );
  pair.romeo->onOpen = nullptr;
  const auto second = pair.offer();
  pair.work();
  pair.hub.setFilter( {} );
  pair.hub.inject( answer );
  pair.work();
  pair.clock->advance( 5s );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 2; } ) );
  pair.tell( second, "sent" );
  REQUIRE( pair.until( [&] { return pair.words() == 2; } ) );
  CHECK( pair.received.offers.size() == 2 );
  CHECK( pair.received.ends.size() == 2 );
  CHECK( pair.inbox.entries() == 2 );
}

TEST_CASE( "PFT-18, CLS-10: a receiver that goes away meanwhile leaves nothing behind", "[files]" )
{
  Stranger pair;
  (void)pair.offer();
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1; } ) );
  pair.receiver.reset();
  pair.julietFiles.reset();
  REQUIRE( pair.until( [&] { return pair.romeo->ends.size() == 1; } ) );
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.received.ends.size() == 1 );
}

TEST_CASE( "PFT-18: where no method serves both, the offer is refused as any other", "[files]" )
{
  FileReceiveOptions options;
  options.privacy = Privacy::S5bOnly;
  Stranger pair( options );
  (void)pair.offer( { gloox::XMLNS_IBB } );
  REQUIRE( pair.until( [&] { return pair.romeo->ends.size() == 1; } ) );
  CHECK( pair.romeo->cause() == "no-valid-streams" );
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.received.offers.size() == 1 );
  CHECK( pair.received.offerEnds.empty() ); // nobody hears the end of what nobody saw begin
}
