// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/bot.h"

#include "support/harness.h"

#include <poll.h>

#include <utility>

namespace simultiple::test
{

std::unique_ptr<gloox::Tag> fileChild( const std::string& name, const std::string& size )
{
  auto file = std::make_unique<gloox::Tag>( "file" );
  file->setXmlns( Profile );
  file->addAttribute( "name", name );
  file->addAttribute( "size", size );
  return file;
}

Options testOptions( std::shared_ptr<ManualClock> clock )
{
  Options options;
  options.listen.address = "127.0.0.1";
  options.streamHosts.allow = { "127.0.0.0/8", "::1/128" };
  options.proxies.discover = false;
  options.clock = std::move( clock );
  return options;
}

Bot::Bot( gloox::ClientBase& client, const Options& options, ProfileOptions profileOptions, const std::string& ns )
  : manager( client, options ), profile( std::make_unique<SIProfileMultiple>( manager, ns, *this, std::move( profileOptions ) ) )
{
}

std::string Bot::offer( const std::string& to, const OfferOptions& options )
{
  const Harness ours;
  std::unique_ptr<gloox::Tag> child;
  if( profile->profile() == Profile )
    child = fileChild();
  const gloox::JID peer( to );
  OfferResult result;
  {
    const Subject plugin;
    result = profile->offer( peer, std::move( child ), options );
  }
  problem = result.problem;
  return result.sid;
}

void Bot::handleOffer( const Offer& offer )
{
  const Harness ours;
  offers.push_back( offer );
  const Subject plugin;
  if( onOffer == OnOffer::Accept )
    profile->accept( offer, acceptOptions );
  else if( onOffer == OnOffer::Decline )
    profile->decline( offer );
}

bool Bot::handleAccepted( const std::string& sid, const gloox::JID&, Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& )
{
  const Harness ours;
  accepted.push_back( { sid, dialect, methods } );
  return acceptAnswers;
}

void Bot::handleStream( std::shared_ptr<MultiBytestream> stream )
{
  const Harness ours;
  stream->registerBytestreamDataHandler( this );
  streams.push_back( stream );
  if( onStream )
    onStream( *stream );
}

void Bot::handleAttempt( const Attempt& attempt )
{
  const Harness ours;
  attempts.push_back( attempt );
}

void Bot::handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report )
{
  const Harness ours;
  ends.push_back( { sid, peer, cause, text, report } );
  if( onEnd )
    onEnd( ends.back() );
}

void Bot::handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& note )
{
  const Harness ours;
  notes.push_back( sid + " of " + peer.full() + ": " + note.xml() );
  if( onNote )
    onNote( notes.back() );
}

void Bot::handleBytestreamData( gloox::Bytestream* stream, const std::string& data )
{
  const Harness ours;
  received += data;
  if( onData )
    onData( static_cast<MultiBytestream&>( *stream ), data );
}

void Bot::handleBytestreamOpen( gloox::Bytestream* stream )
{
  const Harness ours;
  ++opens;
  if( onOpen )
    onOpen( static_cast<MultiBytestream&>( *stream ) );
}

namespace
{

bool work( const Managers& managers, const std::function<bool()>& deliver )
{
  bool moved = false;
  for( auto* manager : managers )
    if( manager )
    {
      const auto next = manager->nextDeadline();
      moved = moved || ( next && next->count() == 0 );
      manager->process();
    }
  return ( deliver && deliver() ) || moved;
}

bool waitForSockets( const Managers& managers, int milliseconds )
{
  std::vector<pollfd> descriptors;
  for( auto* manager : managers )
    if( manager )
      for( const auto& one : manager->pollDescriptors() )
        descriptors.push_back( { one.fd, one.events, 0 } );
  return ::poll( descriptors.data(), descriptors.size(), milliseconds ) > 0;
}

Managers managersOf( const std::vector<Bot*>& bots )
{
  Managers managers;
  for( auto* bot : bots )
    managers.push_back( bot ? &bot->manager : nullptr );
  return managers;
}

} // namespace

bool runManagersUntil( const Managers& managers, const std::function<bool()>& deliver, const std::function<bool()>& done )
{
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds( 60 );
  while( !done() )
  {
    if( std::chrono::steady_clock::now() > end )
      return false;
    if( !work( managers, deliver ) )
      (void)waitForSockets( managers, 5 );
  }
  return true;
}

void settleManagers( const Managers& managers, const std::function<bool()>& deliver )
{
  while( work( managers, deliver ) || waitForSockets( managers, 5 ) )
  {
  }
}

bool runUntil( const std::vector<Bot*>& bots, const std::function<bool()>& deliver, const std::function<bool()>& done )
{
  return runManagersUntil( managersOf( bots ), deliver, done );
}

void settle( const std::vector<Bot*>& bots, const std::function<bool()>& deliver ) { settleManagers( managersOf( bots ), deliver ); }

Pair::Pair( const std::function<void( Options&, Options& )>& tune, const ProfileOptions& profileOptions )
  : romeoClient( hub.join( Romeo ) ), julietClient( hub.join( Juliet ) )
{
  auto sender = testOptions( clock );
  auto receiver = testOptions( clock );
  if( tune )
    tune( sender, receiver );
  romeo = std::make_unique<Bot>( romeoClient.client(), sender, profileOptions );
  juliet = std::make_unique<Bot>( julietClient.client(), receiver, profileOptions );
  romeo->manager.enable();
  juliet->manager.enable();
  settle();
}

bool Pair::until( const std::function<bool()>& done )
{
  return runUntil( { romeo.get(), juliet.get() }, [this] { return hub.run() > 0; }, done );
}

void Pair::settle()
{
  test::settle( { romeo.get(), juliet.get() }, [this] { return hub.run() > 0; } );
}

void Pair::advance( std::chrono::milliseconds by )
{
  clock->advance( by );
  settle();
}

Solo::Solo( const std::string& jid, const std::function<void( Options& )>& tune, const ProfileOptions& profileOptions ) : client( jid )
{
  auto options = testOptions( clock );
  if( tune )
    tune( options );
  bot = std::make_unique<Bot>( client.client(), options, profileOptions );
  bot->manager.enable();
  settle();
  client.clear();
}

void Solo::feed( const std::string& xml )
{
  client.feed( xml );
  settle();
}

bool Solo::until( const std::function<bool()>& done ) { return runUntil( { bot.get() }, {}, done ); }
void Solo::settle() { test::settle( { bot.get() }, {} ); }

void Solo::advance( std::chrono::milliseconds by )
{
  clock->advance( by );
  settle();
}

std::vector<std::string> Solo::sent( const std::string& text ) const
{
  std::vector<std::string> found;
  for( auto& stanza : client.stanzas() )
    if( stanza.find( text ) != std::string::npos )
      found.push_back( stanza );
  return found;
}

std::string Solo::idOf( const std::string& text ) const
{
  const auto found = sent( text );
  return found.empty() ? std::string() : attribute( found.back(), "id" );
}

} // namespace simultiple::test
