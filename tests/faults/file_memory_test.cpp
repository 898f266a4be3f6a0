// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// CLS-12: every allocation of the plugin's fails once while a file is sent.

#include "faults/scarcity.h"
#include "flow/file_fixture.h"

#include <gloox/gloox.h>

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Whose = Scarcity::Here::Whose;

namespace
{

/// What becomes of the receiver's word that it has everything.
enum class Word
{
  Heard,
  Lost   ///< The first one: then the file is offered again (PFT-18)
};

/// A file from romeo to juliet, who wait for each other if its stream breaks.
struct Letter final : FilePair
{
  explicit Letter( Word word ) : FilePair( { gloox::XMLNS_IBB }, waiting() )
  {
    outbox.write( "letter.txt", bytes );
    hub.setFilter( [this, lose = word == Word::Lost]( std::string& xml ) mutable
    {
      const bool lost = lose && xml.find( "<received " ) != std::string::npos;
      lose = lose && !lost;
      if( lost && onLost )
        onLost();
      return !lost;
    } );
  }

  void begin()
  {
    const gloox::JID to( Juliet );
    const std::string path = outbox.file( "letter.txt" );
    const FileSendOptions options;
    const Scarcity::Here here( Whose::All );
    transfer = sender->send( to, path, options );
  }

  [[nodiscard]] bool over() const
  {
    return sender->transfers() + receiver->transfers() + romeoStreams->sessions() + julietStreams->sessions() == 0;
  }

  /** One stanza delivered, or a turn of both. @return Whether anything moved. */
  bool turn()
  {
    if( hub.waiting() > 0 )
    {
      const Scarcity::Here here( Whose::CalledBack );
      return hub.step();
    }
    bool moved = false;
    std::vector<pollfd> descriptors;
    for( const auto* manager : managers() )
    {
      const auto next = manager->nextDeadline();
      moved = moved || ( next && next->count() == 0 );
      for( const auto& one : manager->pollDescriptors() )
        descriptors.push_back( { one.fd, one.events, 0 } );
    }
    moved = moved || ::poll( descriptors.data(), descriptors.size(), 1 ) > 0;
    for( auto* manager : managers() )
    {
      const Scarcity::Here here( Whose::All );
      manager->process();
    }
    return moved || hub.waiting() > 0;
  }

  /** Everything happens, an hour included, until nobody has a session or a transfer. */
  void finish()
  {
    for( int i = 0; i < 360 && !over(); ++i )
    {
      for( int idle = 0; idle < 3 && !over(); )
        idle = turn() ? 0 : idle + 1;
      clock->advance( 10s );
    }
  }

  const std::string bytes = content( 20000 );
  std::shared_ptr<FileTransfer> transfer{};
  std::function<void()> onLost{};
};

/** @return The first and the last allocation: all of the transfer, or those that follow upon the lost word. */
std::pair<std::size_t, std::size_t> allocations( Word word )
{
  Letter letter( word );
  const Scarcity none( 0 );
  std::size_t first = 1;
  letter.onLost = [&] { first = none.asked(); };
  letter.begin();
  letter.finish();
  REQUIRE( letter.received.cause() == "complete" );
  REQUIRE( letter.sent.ends.at( 0 ).confirmed );
  REQUIRE( letter.sent.ends.at( 0 ).streams == ( word == Word::Heard ? 1 : 2 ) );
  return { first, none.asked() };
}

/** The transfer, with one allocation refused. @return Whether that was one of the plugin's. */
bool send( Word word, std::size_t number )
{
  Letter letter( word );
  bool struck = false;
  {
    const Scarcity scarcity( number );
    letter.begin();
    letter.finish();
    struck = scarcity.refused() > 0;
  }
  letter.finish();
  INFO( "allocation " << number << ": " << letter.sent.cause() << ", " << letter.received.cause() );
  CHECK( letter.over() );
  CHECK( letter.sent.ends.size() == ( letter.transfer ? 1U : 0U ) );
  CHECK( letter.received.ends.size() == letter.received.accepted.size() );
  if( letter.sent.cause() == "complete" )
    CHECK( ( letter.inbox.read( "letter.txt" ) == letter.bytes ) );
  return struck;
}

/** Every @a stride-th allocation. @return How many were refused. */
std::size_t all( Word word, std::size_t stride )
{
  const auto [first, last] = allocations( word );
  std::size_t struck = 0;
  for( std::size_t number = first; number <= last; number += stride )
    struck += send( word, number ) ? 1U : 0U;
  return struck;
}

} // namespace

TEST_CASE( "CLS-12, GEN-10: when an allocation fails, a file transfer ends once on each side and nothing of it is left", "[faults][files]" )
{
  CHECK( all( Word::Heard, 97 ) > 4 );
  CHECK( all( Word::Lost, 97 ) > 4 );
}

// Minutes, by command: faults-tests "[every]"
TEST_CASE( "CLS-12, GEN-10: every single allocation of a file transfer", "[.every][files]" )
{
  const auto word = GENERATE( Word::Heard, Word::Lost );
  DYNAMIC_SECTION( ( word == Word::Heard ? "word heard" : "word lost" ) )
  {
    CHECK( all( word, 1 ) > 100 );
  }
}
