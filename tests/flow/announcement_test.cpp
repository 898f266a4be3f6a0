// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filereceiver.h>
#include <gloox-si-multiple/simultiplemanager.h>

#include "flow/inband_fixture.h"
#include "support/heapwatch.h"
#include "support/temporarydirectory.h"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::streaming;

namespace
{

constexpr std::size_t Slack = 64 << 10; // bytes: what differs for other reasons

std::string offerOfSize( std::uint64_t size )
{
  std::string offer = offerOf( { Ibb } );
  const std::string fifteen = "size='15'";
  return offer.replace( offer.find( fifteen ), fifteen.size(), "size='" + std::to_string( size ) + "'" );
}

std::string dataElement()
{
  return "<data xmlns='http://jabber.org/protocol/ibb' sid='" + Sid + "' seq='0'>QSBzaG9ydCBsZXR0ZXIK</data>";
}

/// What a bot asks the heap for, from an offer to its first block.
std::size_t costOf( std::uint64_t size, const std::string& blockSize )
{
  Solo solo( Juliet, []( Options& options ) { options.inBand.maxBlockSize = 65535; } );
  const HeapWatch heap;
  solo.feed( offerOfSize( size ) );
  solo.feed( fromPeer( Romeo, Juliet, "set", "o1", openElement( blockSize ) ) );
  solo.feed( fromPeer( Romeo, Juliet, "set", "d1", dataElement() ) );
  const auto bytes = heap.bytes();
  CHECK( solo.bot->received == "A short letter\n" );
  return bytes;
}

struct Handler final : FileReceiverHandler
{
  void handleFileOffer( const Offer& offer, const FileInfo& ) override { transfer = receiver->accept( offer ); }
  void handleFileEnd( FileTransfer&, const FileResult& ) override {}

  FileReceiver* receiver = nullptr;
  std::shared_ptr<FileTransfer> transfer{};
};

/// Juliet as a receiver of files, and Romeo as a script.
struct Files
{
  Files() { handler.receiver = &receiver; (void)manager.enable(); }

  void feed( const std::string& xml )
  {
    client.feed( xml );
    settleManagers( { &manager }, {} );
  }

  /** @return What is in the directory; there is nothing else. */
  [[nodiscard]] struct stat part() const
  {
    REQUIRE( directory.entries() == 1 );
    struct stat status{};
    REQUIRE( ::stat( std::filesystem::directory_iterator( directory.path() )->path().c_str(), &status ) == 0 );
    return status;
  }

  TemporaryDirectory directory{};
  Handler handler{};
  ScriptedClient client{ Juliet };
  SIMultipleManager manager{ client.client(), testOptions( std::make_shared<ManualClock>() ) };
  FileProfile files{ manager };
  FileReceiver receiver{ files, directory.path(), handler };
};

std::size_t costOfFile( std::uint64_t size )
{
  Files juliet;
  const HeapWatch heap;
  juliet.feed( offerOfSize( size ) );
  REQUIRE( juliet.handler.transfer );
  CHECK( juliet.part().st_size == 0 );
  CHECK( juliet.part().st_blocks == 0 );
  juliet.feed( fromPeer( Romeo, Juliet, "set", "o1", openElement() ) );
  juliet.feed( fromPeer( Romeo, Juliet, "set", "d1", dataElement() ) );
  const auto bytes = heap.bytes();
  CHECK( juliet.part().st_size == 15 );
  CHECK( juliet.part().st_blocks * 512 <= 65536 );
  return bytes;
}

} // namespace

TEST_CASE( "SEC-18, TC-235: a stream of which 2^62 bytes, or blocks of 65535, are announced costs no more memory than a small one", "[files]" )
{
  if( !HeapWatch::works() )
    WARN( "NOT MEASURED: this C library does not tell what is allocated" );
  const auto small = costOf( 15, "4096" );
  CHECK( costOf( std::uint64_t( 1 ) << 62, "4096" ) < small + Slack );
  CHECK( costOf( FileInfo::MaxSize, "65535" ) < small + Slack );
}

TEST_CASE( "SEC-18, PFT-10, TC-235: neither memory nor disk is taken for what is merely announced", "[files]" )
{
  const auto small = costOfFile( 16 );
  CHECK( costOfFile( 64 << 20 ) < small + Slack );
}

TEST_CASE( "SEC-18, TC-235: a file for which there is no room is refused, and leaves nothing behind", "[files]" )
{
  Files juliet;
  const HeapWatch heap;
  juliet.feed( offerOfSize( FileInfo::MaxSize ) );
  CHECK( heap.bytes() < 4 * Slack );
  CHECK_FALSE( juliet.handler.transfer );
  CHECK( juliet.directory.entries() == 0 );
  CHECK( juliet.client.sent().find( "<forbidden" ) != std::string::npos );
}
