// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/filereceiver.h>

#include "files/identity.h"
#include "files/incomingtransfer.h"
#include "files/jobs.h"
#include "files/partfile.h"
#include "files/profile.h"
#include "files/repeatedtransfer.h"
#include "files/unconfirmed.h"
#include "protocol/utf8.h"
#include "session/plugin.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>

namespace simultiple
{

using files::IncomingTransfer;
using files::PartFile;
using files::RepeatedTransfer;
using protocol::printable;

struct FileReceiver::Private final : files::TransferOwner, files::OfferHandler
{
  Private( files::Profile& profile_, std::string directory_, FileReceiverHandler& handler_, const FileReceiveOptions& options_ )
    : profile( profile_ ), directory( std::move( directory_ ) ), handler( handler_ ), options( options_ ),
      unconfirmed( options_.parts, options_.partAge ), heldDue( profile_.loop() )
  {
    tidy();
    profile.setOfferHandler( this );
  }

  ~Private() override
  {
    profile.setOfferHandler( nullptr );
    for( const auto& transfer : transfers )
      transfer->silence();
    for( const auto& transfer : repeated )
      transfer->silence();
  }
  Private( const Private& ) = delete;
  Private& operator=( const Private& ) = delete;

  std::shared_ptr<FileTransfer> accept( const Offer& offer, const std::string& name );
  std::shared_ptr<FileTransfer> refuse( const Offer& offer, const std::string& why );
  [[nodiscard]] std::string full( const gloox::JID& peer ) const;
  [[nodiscard]] std::string identity( const Offer& offer, const FileInfo& info ) const;

  // files::TransferOwner
  void transferEnded( files::Transfer& transfer ) override;

  void repeat( const Offer& offer, const FileInfo& info, const std::string& wanted );
  void decideHeld();
  void tidy();

  // files::OfferHandler
  void handleOffer( const Offer& offer ) override;
  void handleOfferEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text ) override;
  void handleLimit( const gloox::JID& peer, const std::string& what ) override { handler.handleFileLimit( peer, what ); }
  void handleReceivedHeard( const gloox::JID& peer, const std::string& sid ) override;

  files::Profile& profile;
  const std::string directory;
  FileReceiverHandler& handler;
  const FileReceiveOptions options;
  std::vector<std::shared_ptr<IncomingTransfer>> transfers{};
  files::Unconfirmed unconfirmed;
  std::vector<std::shared_ptr<RepeatedTransfer>> repeated{};            ///< Of those; sessions all of them, which are bounded (SEC-13)
  std::string problem{};
  struct Held
  {
    Offer offer;
    std::string identity;
  };
  std::vector<Held> held{};                                             ///< Of files that are being stored; undecided, and so sessions, too
  net::Alarm heldDue;
  std::set<std::pair<std::string, std::string>> unseen{};               ///< By peer and sid: offers of which the application has not heard
  std::unique_ptr<files::Jobs::Job> tidying{};
  bool tidyAgain = false;                                               ///< A part was left while it ran.
  std::map<std::pair<std::string, std::string>, std::string> refused{}; ///< By peer and sid: why, until the session has ended
};

void FileReceiver::Private::transferEnded( files::Transfer& transfer )
{
  const auto is = [&]( const auto& one ) { return one.get() == &transfer; };
  repeated.erase( std::remove_if( repeated.begin(), repeated.end(), is ), repeated.end() );
  const auto found = std::find_if( transfers.begin(), transfers.end(), is );
  if( found == transfers.end() )
    return;
  const auto ended = *found;
  transfers.erase( found );
  if( ended->leftPart() )
    tidy();
  if( ended->unconfirmed() )
    unconfirmed.add( ended->peer(), ended->sid(), ended->identity(), ended->path(), profile.loop().now() );
  if( !held.empty() ) // once the application has heard of this end
    (void)profile.loop().roster().run( nullptr, [this] { heldDue.start( std::chrono::milliseconds( 0 ), [this] { decideHeld(); } ); } );
}

// One by one: from inside each the application may end the sessions of the others.
void FileReceiver::Private::decideHeld()
{
  for( auto left = held.size(); left > 0 && !held.empty(); --left )
  {
    const Offer offer = held.front().offer;
    held.erase( held.begin() );
    unseen.erase( { offer.peer.full(), offer.sid } );
    if( !profile.loop().roster().run( nullptr, [&] { handleOffer( offer ); } ) )
      (void)profile.si().decline( offer, Decline::Forbidden );
  }
}

void FileReceiver::Private::handleReceivedHeard( const gloox::JID& peer, const std::string& sid )
{
  // The stack of one that offers again meanwhile takes the word of the older session, but its transfer waits for another one.
  const auto again = [this]( const IncomingTransfer& one )
  { return std::any_of( held.begin(), held.end(), [&]( const Held& other ) { return other.identity == one.identity(); } ); };
  for( const auto& transfer : transfers )
    if( transfer->sid() == sid && transfer->peer() == peer && !again( *transfer ) )
      transfer->heard();
  unconfirmed.confirmed( peer, sid );
}

// PFT-16: the bound holds as long as the receiver lives. Looking through a directory takes time.
void FileReceiver::Private::tidy()
{
  if( tidying )
  {
    tidyAgain = true;
    return;
  }
  const auto work = [where = directory, folders = options.folders, age = options.partAge, most = options.parts]( const std::atomic<bool>& )
  { files::removeOldParts( where, folders, age, most ); };
  const auto done = [this]( const std::string& )
  {
    const auto job = std::move( tidying );
    if( std::exchange( tidyAgain, false ) )
      tidy();
  };
  // It is nobody's work: no transfer ends because of it.
  (void)profile.loop().roster().run( nullptr, [&] { tidying = profile.jobs().run( work, done, files::Jobs::AtEnd::Detach ); } );
}

/// PFT-16. @return Empty if nothing of the file is kept.
std::string FileReceiver::Private::identity( const Offer& offer, const FileInfo& info ) const
{
  if( !options.keepParts )
    return {};
  return files::fileIdentity( offer.peer, info, profile.manager().priv().component ? offer.local.full() : std::string() );
}

// PFT-16: an offer of a file that is under way goes on with it; nobody has to decide twice.
void FileReceiver::Private::handleOffer( const Offer& offer )
{
  const auto info = FileInfo::parse( offer.profileChild() );
  if( !info )
  {
    profile.si().decline( offer, Decline::BadRequest ); // PFT-1; screened before
    return;
  }
  const auto wanted = identity( offer, *info );
  const auto same = std::find_if( transfers.begin(), transfers.end(),
                                  [&]( const auto& transfer ) { return transfer->goesOn() && transfer->identity() == wanted; } );
  if( same != transfers.end() )
  {
    const auto transfer = *same;
    (void)transfer->work( [&] { (void)transfer->accept( offer ); } );
    return;
  }
  const auto stores = [&]( const auto& transfer )
  { return !wanted.empty() && transfer->state() == FileTransfer::State::Finishing && transfer->identity() == wanted; };
  if( std::any_of( transfers.begin(), transfers.end(), stores ) )
  {
    unseen.emplace( offer.peer.full(), offer.sid );
    return held.push_back( { offer, wanted } );
  }
  if( unconfirmed.offered( offer.peer, offer.sid, wanted, profile.loop().now() ) )
    return repeat( offer, *info, wanted );
  handler.handleFileOffer( offer, *info );
}

/// PFT-18. A new offer ends the older session.
void FileReceiver::Private::repeat( const Offer& offer, const FileInfo& info, const std::string& wanted )
{
  const auto older = std::find_if( repeated.begin(), repeated.end(), [&]( const auto& one ) { return one->identity() == wanted; } );
  if( older != repeated.end() )
  {
    const auto before = *older;
    repeated.erase( older );
    before->silence();
    profile.bury( before );
  }
  const std::pair key( offer.peer.full(), offer.sid );
  unseen.insert( key ); // should it end without having become a transfer
  const auto transfer = std::make_shared<RepeatedTransfer>( profile, *this, info, wanted );
  repeated.push_back( transfer );
  bool accepted = false;
  const bool tried = transfer->work( [&] { accepted = transfer->accept( offer, options ); } );
  if( accepted )
    unseen.erase( key );
  if( accepted || !tried )
    return;
  transfer->silence();
  transferEnded( *transfer );
}

std::shared_ptr<FileTransfer> FileReceiver::Private::refuse( const Offer& offer, const std::string& why )
{
  problem = why;
  const std::pair key( offer.peer.full(), offer.sid );
  refused[key] = why;
  if( !profile.si().decline( offer, Decline::Forbidden, "The file cannot be stored" ) )
    refused.erase( key ); // it is over already
  return nullptr;
}

void FileReceiver::Private::handleOfferEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text )
{
  const auto waits = std::find_if( held.begin(), held.end(), [&]( const Held& one ) { return one.offer.sid == sid && one.offer.peer == peer; } );
  if( waits != held.end() )
    held.erase( waits );
  if( unseen.erase( { peer.full(), sid } ) > 0 )
    return;
  const auto why = refused.extract( { peer.full(), sid } );
  handler.handleFileOfferEnd( sid, peer, cause, why ? why.mapped() : text );
}

/**
 * SEC-13: a transfer holds its part while it is stored, or waits for its sender, though its session is over; so it counts as one.
 * @return The limit that one more would break; empty if none.
 */
std::string FileReceiver::Private::full( const gloox::JID& peer ) const
{
  const auto& limits = profile.manager().options().limits;
  const auto count = [this]( const auto& counts )
  {
    return static_cast<std::size_t>( std::count_if( transfers.begin(), transfers.end(), [&]( const auto& one ) { return counts( one->peer() ); } ) );
  };
  if( transfers.size() >= limits.sessions )
    return "file transfers";
  if( count( [&]( const gloox::JID& other ) { return other.bare() == peer.bare(); } ) >= limits.sessionsPerPeer )
    return "file transfers per peer";
  if( profile.manager().priv().component && count( [&]( const gloox::JID& other ) { return other.server() == peer.server(); } ) >= limits.sessionsPerDomain )
    return "file transfers per domain";
  return {};
}

std::shared_ptr<FileTransfer> FileReceiver::Private::accept( const Offer& offer, const std::string& name )
{
  problem.clear();
  if( const auto limit = full( offer.peer ); !limit.empty() )
  {
    profile.manager().priv().logger.warn( "limit hit: " + limit );
    handler.handleFileLimit( offer.peer, limit );
    return refuse( offer, "too many " + limit );
  }
  const auto info = FileInfo::parse( offer.profileChild() );
  if( !info )
    return refuse( offer, "not an offer of a file" );

  PartFile::Place place;
  place.directory = directory;
  place.folder = options.folders ? safeFolder( info->folder ) : std::string();
  place.name = safeFileName( name.empty() ? info->name : name );
  place.identity = identity( offer, *info );
  auto part = PartFile::open( place, problem );
  if( !part )
    return refuse( offer, problem );
  if( part->size() > info->size && !part->cut( 0 ) )
    return refuse( offer, part->problem() );
  // A promise about the disk is worth nothing later, but there is no point in starting what cannot be finished.
  if( !files::hasRoom( directory, info->size - part->size() ) )
    return refuse( offer, "not enough room in " + printable( directory, 500 ) + " for " + std::to_string( info->size - part->size() ) + " bytes" );

  if( !part->resumable() )
    place.identity.clear();
  auto transfer = std::make_shared<IncomingTransfer>( profile, *this, handler, *info, place.identity, std::move( part ), options );
  transfers.push_back( transfer );
  (void)transfer->work( [&] { transfer->start(); } );
  bool accepted = false;
  if( !transfer->work( [&] { accepted = transfer->accept( offer ); } ) || accepted )
    return transfer;
  transfer->silence();
  transferEnded( *transfer );
  problem = "the offer is not there any more, or no method can be served";
  return nullptr;
}

FileReceiver::FileReceiver( FileProfile& files, const std::string& directory, FileReceiverHandler& handler, const FileReceiveOptions& options )
  : d( std::make_unique<Private>( files.priv().profile, directory, handler, options ) )
{
}

FileReceiver::~FileReceiver() = default;

std::shared_ptr<FileTransfer> FileReceiver::accept( const Offer& offer, const std::string& name )
{
  std::shared_ptr<FileTransfer> transfer;
  if( !d->profile.loop().roster().run( nullptr, [&] { transfer = d->accept( offer, name ); } ) )
  {
    d->problem = "out of memory";
    (void)d->profile.si().decline( offer, Decline::Forbidden );
  }
  return transfer;
}

bool FileReceiver::decline( const Offer& offer, const std::string& text ) { return d->profile.si().decline( offer, Decline::Forbidden, text ); }

const std::string& FileReceiver::problem() const { return d->problem; }
std::size_t FileReceiver::transfers() const { return d->transfers.size(); }
std::string FileReceiver::directoryProblem( const std::string& directory ) { return files::directoryProblem( directory ); }

} // namespace simultiple
