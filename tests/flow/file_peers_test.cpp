// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files from and to peers that know no more than Stream Initiation, or do not keep to what they say.

#include "file_fixture.h"

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <utility>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

/// juliet receives files; romeo is a bot without a FileSender, which offers what it likes.
struct PlainSender : FilePair
{
  explicit PlainSender( const std::vector<std::string>& methods = {}, const FileReceiveOptions& receive = FileReceiveOptions(), const Limits& limits = Limits() )
    : FilePair( {}, receive, [&]( Options&, Options& juliet ) { juliet.limits = limits; } )
  {
    sender.reset();
    romeoFiles.reset();
    auto options = testOptions( clock );
    if( !methods.empty() )
      options.methods = methods;
    romeo = std::make_unique<Bot>( romeoClient.client(), options, ProfileOptions() );
    romeo->manager.enable();
  }

  /** Offers `letter.txt` of 15 bytes. */
  void offer( const std::string& md5 = std::string() )
  {
    auto child = fileChild();
    if( !md5.empty() )
      child->addAttribute( "hash", md5 );
    offer( std::move( child ) );
  }
  /** Offers 15 bytes under this name, of which any part may be asked for. */
  void offerRanged( const std::string& name )
  {
    auto child = fileChild( name );
    child->addAttribute( "date", "2026-01-01T00:00:00Z" );
    new gloox::Tag( child.get(), "range" ); // gloox owns it
    offer( std::move( child ) );
  }
  void offer( std::unique_ptr<gloox::Tag> child )
  {
    REQUIRE_FALSE( romeo->profile->offer( gloox::JID( Juliet ), std::move( child ), OfferOptions() ).sid.empty() );
  }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return runManagersUntil( { &romeo->manager, julietStreams.get() }, [this] { return hub.run() > 0; }, done );
  }
  void settle()
  {
    settleManagers( { &romeo->manager, julietStreams.get() }, [this] { return hub.run() > 0; } );
  }

  const std::string bytes = content( 15 );
  std::unique_ptr<Bot> romeo{};
};

std::string md5( const std::string& bytes )
{
  files::Digest digest( files::Digest::Algorithm::Md5 );
  digest.update( bytes );
  return digest.hex();
}

} // namespace

TEST_CASE( "PFT-6: where the sender knows no other digest, the MD5 is what the file is checked by", "[files]" )
{
  PlainSender pair;
  const bool right = GENERATE( true, false );
  pair.romeo->onOpen = [&]( MultiBytestream& stream )
  {
    stream.send( pair.bytes );
    stream.close();
  };
  pair.offer( md5( right ? pair.bytes : "something else" ) );
  REQUIRE( pair.until( [&] { return !pair.received.ends.empty(); } ) );
  CHECK( pair.received.cause() == ( right ? "complete" : "digest-mismatch" ) );
  CHECK( pair.inbox.entries() == ( right ? 1 : 0 ) );
  if( right )
    CHECK( pair.inbox.read( "letter.txt" ) == pair.bytes );
  else
    CHECK( pair.received.ends[0].text.find( "MD5 is " + md5( pair.bytes ) ) != std::string::npos );
}

TEST_CASE( "PFT-10: a sender that has sent everything and does not close is closed to, and the file is whole", "[files]" )
{
  PlainSender pair( { GENERATE( gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB ) } );
  pair.romeo->onOpen = [&]( MultiBytestream& stream ) { stream.send( pair.bytes ); };
  pair.offer();
  const auto name = pair.inbox.file( "letter.txt" );
  REQUIRE( pair.until( [&] { return std::filesystem::exists( name ); } ) );
  pair.settle();
  CHECK( pair.received.ends.empty() ); // it may still close, and most do
  CHECK( pair.romeo->ends.empty() );
  pair.clock->advance( 5s );
  REQUIRE( pair.until( [&] { return !pair.received.ends.empty() && !pair.romeo->ends.empty(); } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.romeo->cause() == "closed-remote" );
  CHECK( pair.inbox.read( "letter.txt" ) == pair.bytes );
  CHECK( pair.receiver->transfers() == 0 );
}

TEST_CASE( "PFT-14, PCU-8: a receiver that wanted to confirm and never does is not taken for one that has everything", "[files]" )
{
  FilePair pair( { gloox::XMLNS_BYTESTREAMS } );
  pair.hub.setFilter( []( std::string& xml ) { return xml.find( "<received " ) == std::string::npos; } );
  FileSendOptions options;
  options.resume.enabled = false;
  (void)pair.send( content( 60000 ), options );
  REQUIRE( pair.until( [&] { return !pair.received.ends.empty() && pair.romeoStreams->sessions() == 0; } ) );
  CHECK( pair.sent.ends.empty() );
  const auto patience = pair.romeoStreams->options().timeouts.get( Timer::Tomb );
  pair.clock->advance( patience - 1ms );
  pair.settle();
  CHECK( pair.sent.ends.empty() );
  pair.clock->advance( 1ms );
  REQUIRE( pair.until( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "interrupted" );
  CHECK( pair.sent.ends[0].text == "the receiver has not said that it has everything" );
  CHECK_FALSE( pair.sent.ends[0].confirmed );
}

TEST_CASE( "PFT-14: a sender that does not hear whether everything came sends it again rather than call it delivered", "[files]" )
{
  FilePair pair( { gloox::XMLNS_BYTESTREAMS } );
  int lost = 0;
  pair.hub.setFilter( [&]( std::string& xml ) { return xml.find( "<received " ) == std::string::npos || lost++ > 0; } );
  const auto bytes = content( 60000 );
  (void)pair.send( bytes );
  REQUIRE( pair.until( [&] { return !pair.received.ends.empty() && pair.romeoStreams->sessions() == 0; } ) );
  pair.clock->advance( pair.romeoStreams->options().timeouts.get( Timer::Tomb ) );
  REQUIRE( pair.later( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "complete" );
  CHECK( pair.sent.ends[0].confirmed );
  CHECK( pair.sent.interruptions == 1 );
  CHECK( ( pair.inbox.read( "letter.txt" ) == bytes ) );
  CHECK( pair.inbox.entries() == 1 ); // the receiver knew that it has it (PFT-18)
}

TEST_CASE( "W-5: a file that is declined is declined in our words, and its offer ends once", "[files]" )
{
  FilePair pair;
  pair.received.accepts = false;
  std::optional<Offer> offer;
  pair.received.onOffer = [&]( const Offer& one ) { offer = one; };
  (void)pair.send( "x" );
  REQUIRE( pair.until( [&] { return offer.has_value(); } ) );
  CHECK( pair.receiver->decline( *offer, "Not today" ) );
  REQUIRE( pair.until( [&] { return !pair.sent.ends.empty() && !pair.received.offerEnds.empty(); } ) );
  CHECK( pair.sent.cause() == "refused" );
  CHECK( pair.sent.ends[0].text == "Not today" );
  CHECK_FALSE( pair.receiver->decline( *offer ) );
  CHECK_FALSE( pair.receiver->accept( *offer ) );
  CHECK( pair.receiver->problem().find( "not there any more" ) != std::string::npos );
  CHECK( pair.received.offerEnds.size() == 1 );
  CHECK( pair.receiver->transfers() == 0 );
  CHECK( pair.inbox.entries() == 0 );
}

TEST_CASE( "GEN-9: a client cannot send a file to its own full JID, which has only one session for a stream id", "[files]" )
{
  FilePair pair;
  pair.outbox.write( "letter.txt", "x" );
  FileSender sender( *pair.julietFiles, pair.sent );
  REQUIRE( sender.send( gloox::JID( Juliet ), pair.outbox.file( "letter.txt" ) ) );
  REQUIRE( pair.until( [&] { return !pair.sent.ends.empty(); } ) );
  CHECK( pair.sent.cause() == "refused" );
  CHECK( pair.received.offers.empty() );
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.inbox.entries() == 0 );
}

TEST_CASE( "SEC-13: a receiver hears of the offers that were one too many", "[files]" )
{
  FilePair pair;
  pair.received.accepts = false;
  pair.outbox.write( "letter.txt", "x" );
  for( int i = 0; i < 6; ++i )
    REQUIRE( pair.sender->send( gloox::JID( Juliet ), pair.outbox.file( "letter.txt" ) ) );
  REQUIRE( pair.until( [&] { return !pair.received.limits.empty(); } ) );
  CHECK( pair.received.limits == std::vector<std::string>{ Romeo + ": offers per peer" } );
  CHECK( pair.received.offers.size() == 5 );
}

TEST_CASE( "SEC-13, PFT-16: transfers that wait for their sender are bounded as sessions are, and one that comes back goes on", "[files]" )
{
  const bool each = GENERATE( false, true );
  Limits limits;
  ( each ? limits.sessionsPerPeer : limits.sessions ) = 3;
  PlainSender pair( { gloox::XMLNS_IBB }, waiting(), limits );
  pair.romeo->onOpen = []( MultiBytestream& stream ) { stream.close(); };
  std::size_t ends = 0;
  const auto offer = [&]( const std::string& name )
  {
    pair.offerRanged( name );
    REQUIRE( pair.until( [&] { return pair.romeo->ends.size() > ends; } ) );
    ends = pair.romeo->ends.size();
    pair.settle();
  };
  for( const auto* name : { "a", "b", "c" } )
    offer( name );
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.receiver->transfers() == 3 );
  CHECK( pair.received.limits.empty() );

  const std::string limit = each ? "file transfers per peer" : "file transfers";
  offer( "d" );
  CHECK( pair.romeo->cause() == "declined" );
  CHECK( pair.romeo->ends.back().text == "The file cannot be stored" );
  CHECK( pair.received.limits == std::vector<std::string>{ Romeo + ": " + limit } );
  CHECK( pair.received.offerEnds == std::vector<std::string>{ "too many " + limit } );
  CHECK( pair.receiver->problem() == "too many " + limit );
  CHECK( pair.receiver->transfers() == 3 );
  CHECK( pair.inbox.entries() == 3 );

  pair.romeo->onOpen = [&]( MultiBytestream& stream )
  {
    stream.send( pair.bytes );
    stream.close();
  };
  offer( "b" );
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 1; } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.inbox.read( "b" ) == pair.bytes );
  offer( "d" ); // there is room again
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 2; } ) );
  CHECK( pair.inbox.read( "d" ) == pair.bytes );
  CHECK( pair.received.limits.size() == 1 );
}

TEST_CASE( "SEC-13: files that are complete and not yet on the disk are bounded as sessions are", "[files]" )
{
  Limits limits;
  limits.sessionsPerPeer = 3;
  PlainSender pair( { gloox::XMLNS_IBB }, FileReceiveOptions(), limits );
  pair.romeo->onOpen = [&]( MultiBytestream& stream )
  {
    stream.send( pair.bytes );
    stream.close();
  };
  std::promise<void> over;
  const std::shared_future<void> wait( over.get_future() );
  const auto others = occupy( pair.julietFiles->priv().profile.jobs(), wait );
  for( std::size_t number = 1; number <= 4; ++number )
  {
    pair.offer();
    REQUIRE( pair.until( [&] { return pair.romeo->ends.size() == number; } ) );
    pair.settle();
  }
  CHECK( pair.romeo->cause() == "declined" );
  CHECK( pair.received.limits == std::vector<std::string>{ Romeo + ": file transfers per peer" } );
  CHECK( pair.julietStreams->sessions() == 0 );
  CHECK( pair.receiver->transfers() == 3 );
  over.set_value();
  REQUIRE( pair.until( [&] { return pair.received.ends.size() == 3; } ) );
  CHECK( pair.received.cause() == "complete" );
  CHECK( pair.inbox.entries() == 3 );
}
