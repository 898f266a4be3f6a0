// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tubesprofile.h"

#include "tubesmessage.h"

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>

#include <gloox/client.h>
#include <gloox/component.h>
#include <gloox/connectionlistener.h>
#include <gloox/disco.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/presence.h>
#include <gloox/presencehandler.h>
#include <gloox/tag.h>

#include <algorithm>
#include <exception>
#include <map>
#include <random>
#include <tuple>
#include <utility>

namespace sample
{

namespace
{

using simultiple::Decline;
using simultiple::Refusal;

/// Names a tube: between two parties an id stands for one tube, whoever made it (PTB-11).
struct TubeKey
{
  std::string local;
  std::string peer;
  std::uint32_t id = 0;

  friend bool operator<( const TubeKey& a, const TubeKey& b ) { return std::tie( a.local, a.peer, a.id ) < std::tie( b.local, b.peer, b.id ); }
  friend bool operator==( const TubeKey& a, const TubeKey& b ) { return std::tie( a.local, a.peer, a.id ) == std::tie( b.local, b.peer, b.id ); }
};

TubeKey keyOf( const gloox::JID& local, const gloox::JID& peer, std::uint32_t id ) { return { local.full(), peer.full(), id }; }
TubeKey keyOf( const Tube& tube ) { return keyOf( tube.local, tube.peer, tube.id ); }

struct Entry
{
  std::shared_ptr<const Tube> tube;
  std::optional<simultiple::Offer> offer{}; ///< Of a D-Bus tube that nobody has decided on yet.
  std::string announcement{};               ///< Id of the message with which we announced it.
};

/// One session. Holds its tube, because it may outlive the table's entry.
struct TubeSession
{
  std::shared_ptr<const Tube> tube;
  std::shared_ptr<simultiple::MultiBytestream> stream{}; ///< Once it is open.
};

/// Peer and stream id: two peers may choose the same (GEN-2).
using SessionKey = std::pair<std::string, std::string>;

} // namespace

struct TubesProfile::Private final : public simultiple::SIProfileMultipleHandler,
                                     public gloox::MessageHandler,
                                     public gloox::PresenceHandler,
                                     public gloox::ConnectionListener
{
  Private( simultiple::SIMultipleManager& manager_, TubesHandler& handler_, TubesOptions options_ );
  ~Private() override;
  Private( const Private& ) = delete;
  Private& operator=( const Private& ) = delete;

  // ---- what is ours
  [[nodiscard]] gloox::JID own( const gloox::JID& from ) const;
  [[nodiscard]] std::string obstacle( const gloox::JID& peer, const gloox::JID& local, const TubeChild& what ) const;
  [[nodiscard]] std::uint32_t freshId( const gloox::JID& local, const gloox::JID& peer );
  std::string say( const Tube& tube, std::unique_ptr<gloox::Tag> content );
  std::shared_ptr<const Tube> add( Tube tube );

  // ---- what is a peer's
  [[nodiscard]] bool knows( const gloox::JID& peer ) const { return !options.knows || options.knows( peer ); }
  [[nodiscard]] bool announcedTo( const gloox::JID& peer ) const;
  [[nodiscard]] bool roomFor( const gloox::JID& peer );
  [[nodiscard]] simultiple::ProfileOptions profileOptions();
  [[nodiscard]] std::optional<Refusal> screen( const simultiple::Offer& offer );
  void connectionOffered( const simultiple::Offer& offer, const Entry& entry );
  [[nodiscard]] bool accept( const simultiple::Offer& offer );
  void announced( const gloox::JID& peer, const gloox::JID& local, const TubeChild& what );
  void bounced( const gloox::Message& message );

  // ---- the end
  void end( const TubeKey& key, TubeEnd how, bool withConnections );
  void endAll( const std::function<bool( const Tube& )>& which, TubeEnd how );
  [[nodiscard]] std::vector<SessionKey> connectionsOf( const TubeKey& key ) const;

  template<typename Work>
  void guarded( Work work ) noexcept;

  // reimplemented from SIProfileMultipleHandler
  void handleOffer( const simultiple::Offer& offer ) override;
  bool handleAccepted( const std::string& sid, const gloox::JID& peer, simultiple::Dialect dialect, const std::vector<std::string>& methods,
                       const gloox::Tag& si ) override;
  void handleStream( std::shared_ptr<simultiple::MultiBytestream> stream ) override;
  void handleAttempt( const simultiple::Attempt& attempt ) override { handler.handleTubeAttempt( attempt ); }
  void handleEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text,
                  const simultiple::Report& report ) override;
  void handleLimit( const gloox::JID& peer, const std::string& what ) override { handler.handleTubeLimit( peer, what ); }

  // reimplemented from gloox's handlers
  void handleMessage( const gloox::Message& message, gloox::MessageSession* ) override;
  void handlePresence( const gloox::Presence& presence ) override;
  void onConnect() override {}
  void onDisconnect( gloox::ConnectionError ) override;
  bool onTLSConnect( const gloox::CertInfo& ) override { return true; } // the bot's listeners decide; false would be a veto

  simultiple::SIMultipleManager& manager;
  TubesHandler& handler;
  TubesOptions options;
  gloox::ClientBase& client;
  std::unique_ptr<simultiple::SIProfileMultiple> profile;
  std::map<TubeKey, Entry> table{};
  std::map<SessionKey, TubeSession> sessions{};
  std::vector<std::string> features{};
  std::random_device random{};
};

TubesProfile::Private::Private( simultiple::SIMultipleManager& manager_, TubesHandler& handler_, TubesOptions options_ )
  : manager( manager_ ), handler( handler_ ), options( std::move( options_ ) ), client( manager_.client() ),
    profile( std::make_unique<simultiple::SIProfileMultiple>( manager, XMLNS_TUBES, *this, profileOptions() ) )
{
  client.registerStanzaExtension( new TubesMessage( options.extensionType ) ); // gloox owns it
  client.registerMessageHandler( this );
  client.registerPresenceHandler( this );
  client.registerConnectionListener( this );
}

TubesProfile::Private::~Private()
{
  client.removeConnectionListener( this );
  client.removePresenceHandler( this );
  client.removeMessageHandler( this );
  (void)client.removeStanzaExtension( options.extensionType );
  for( const auto& feature : features )
    client.disco()->removeFeature( feature );
  for( const auto& [key, entry] : table )
    if( entry.tube->type == TubeType::Stream )
      guarded( [&tube = *entry.tube, this] { (void)say( tube, CloseChild{ tube.id }.tag() ); } );
  profile.reset(); // ends the sessions, silently
}

// No exception may get into gloox.
template<typename Work>
void TubesProfile::Private::guarded( Work work ) noexcept
{
  try
  {
    work();
  }
  catch( const std::exception& problem )
  {
    client.logInstance().err( gloox::LogAreaUser, std::string( "tubes: " ) + problem.what() );
  }
  catch( ... )
  {
    client.logInstance().err( gloox::LogAreaUser, "tubes: unknown exception" );
  }
}

// ---- what is ours

gloox::JID TubesProfile::Private::own( const gloox::JID& from ) const
{
  return dynamic_cast<const gloox::Component*>( &client ) ? from : client.jid();
}

/// Why no tube can be made, for people; empty if one can.
std::string TubesProfile::Private::obstacle( const gloox::JID& peer, const gloox::JID& local, const TubeChild& what ) const
{
  if( !profile->valid() || !manager.enabled() )
    return "tubes are not enabled";
  if( client.state() != gloox::StateConnected || !client.authed() )
    return "not connected";
  if( !peer || ( peer.resource().empty() && !peer.username().empty() ) )
    return "the peer must be a full JID"; // SI-1
  if( !local || local.server() != client.jid().server() )
    return "from must be a JID of the component"; // CMP-2
  const auto mine = std::count_if( table.begin(), table.end(), []( const auto& one ) { return one.second.tube->ours; } );
  if( static_cast<std::size_t>( mine ) >= options.ownTubes )
    return "too many tubes";
  return what.problem();
}

/// PTB-11: at random, so that two sides which announce at the same moment do not choose alike.
std::uint32_t TubesProfile::Private::freshId( const gloox::JID& local, const gloox::JID& peer )
{
  std::uniform_int_distribution<std::uint32_t> any( 1 );
  std::uint32_t id = 0;
  do
    id = any( random );
  while( table.count( keyOf( local, peer, id ) ) > 0 );
  return id;
}

/// Sends W-33 or W-35. @return The message's id.
std::string TubesProfile::Private::say( const Tube& tube, std::unique_ptr<gloox::Tag> content )
{
  if( client.state() != gloox::StateConnected || !client.authed() )
    return {};
  std::string id = client.getID();
  client.send( tubesMessage( tube.local.full(), tube.peer.full(), id, std::move( content ) ).release() ); // gloox owns it
  return id;
}

std::shared_ptr<const Tube> TubesProfile::Private::add( Tube tube )
{
  auto shared = std::make_shared<const Tube>( std::move( tube ) );
  table[keyOf( *shared )].tube = shared;
  return shared;
}

// ---- what is a peer's

bool TubesProfile::Private::announcedTo( const gloox::JID& peer ) const
{
  return std::any_of( table.begin(), table.end(), [&peer]( const auto& one ) { return one.second.tube->ours && one.second.tube->peer == peer; } );
}

/// Whether one more tube of this peer may be remembered; says so if not.
bool TubesProfile::Private::roomFor( const gloox::JID& peer )
{
  std::size_t all = 0;
  std::size_t mine = 0;
  for( const auto& [key, entry] : table )
  {
    if( entry.tube->ours )
      continue;
    ++all;
    if( entry.tube->peer.bare() == peer.bare() )
      ++mine;
  }
  if( all < options.tubes && mine < options.tubesPerPeer )
    return true;
  handler.handleTubeLimit( peer, mine < options.tubesPerPeer ? "tubes" : "tubes per peer" );
  return false;
}

simultiple::ProfileOptions TubesProfile::Private::profileOptions()
{
  simultiple::ProfileOptions result;
  result.senderSpeaksFirst = false; // PTB-6
  result.childRequired = true;      // PTB-1
  // Whoever we announced a tube to may connect to it, contact or not.
  result.knows = [this]( const gloox::JID& peer ) { return announcedTo( peer ) || knows( peer ); };
  result.screen = [this]( const simultiple::Offer& offer ) { return screen( offer ); };
  return result;
}

// PTB-1 to PTB-3.
std::optional<Refusal> TubesProfile::Private::screen( const simultiple::Offer& offer )
{
  // A session is known by peer and sid alone. A component has more JIDs, and its peer may use one sid for two of them.
  if( sessions.count( { offer.peer.full(), offer.sid } ) > 0 )
    return Refusal( Decline::Forbidden );
  if( const auto stream = StreamChild::parse( offer.profileChild() ) )
  {
    const auto found = table.find( keyOf( offer.local, offer.peer, stream->tube ) );
    const bool ours = found != table.end() && found->second.tube->ours && found->second.tube->type == TubeType::Stream;
    // We are in no room, so nobody can be an occupant of it.
    return ours && !stream->room ? std::optional<Refusal>() : Refusal( Decline::BadRequest );
  }
  const auto tube = TubeChild::parse( offer.profileChild() );
  if( !tube || tube->type != TubeType::DBus || table.count( keyOf( offer.local, offer.peer, tube->id ) ) > 0 )
    return Refusal( Decline::BadRequest );
  if( !knows( offer.peer ) )
    return Refusal( Decline::Stranger );
  return roomFor( offer.peer ) ? std::optional<Refusal>() : Refusal( Decline::Forbidden );
}

// The checks of screen() are made again: another offer may have come in between.
void TubesProfile::Private::handleOffer( const simultiple::Offer& offer )
{
  if( const auto stream = StreamChild::parse( offer.profileChild() ) )
  {
    const auto found = table.find( keyOf( offer.local, offer.peer, stream->tube ) );
    if( found != table.end() && !screen( offer ) )
      return connectionOffered( offer, found->second );
  }
  else if( const auto what = TubeChild::parse( offer.profileChild() ); what && !screen( offer ) )
  {
    const auto tube = add( { offer.peer, offer.local, what->id, what->type, what->service, what->parameters, false } );
    table[keyOf( *tube )].offer = offer;
    sessions[{ offer.peer.full(), offer.sid }].tube = tube;
    return handler.handleTube( *tube );
  }
  profile->decline( offer, Decline::BadRequest );
}

void TubesProfile::Private::connectionOffered( const simultiple::Offer& offer, const Entry& entry )
{
  sessions[{ offer.peer.full(), offer.sid }].tube = entry.tube;
  (void)accept( offer ); // if that fails, handleEnd() tells
}

bool TubesProfile::Private::accept( const simultiple::Offer& offer )
{
  simultiple::AcceptOptions how = options.accept;
  how.profileChild = acceptedTube(); // PTB-5
  return profile->accept( offer, how );
}

// W-33. What cannot be taken is not answered: a message asks for no answer, and who flooded us gets no echo.
void TubesProfile::Private::announced( const gloox::JID& peer, const gloox::JID& local, const TubeChild& what )
{
  const bool taken = table.count( keyOf( local, peer, what.id ) ) > 0; // PTB-2, PTB-11
  if( !manager.enabled() || what.type != TubeType::Stream || taken || !knows( peer ) || !roomFor( peer ) )
    return;
  const auto tube = add( { peer, local, what.id, what.type, what.service, what.parameters, false } );
  handler.handleTube( *tube );
}

// PTB-12.
void TubesProfile::Private::bounced( const gloox::Message& message )
{
  if( message.id().empty() )
    return;
  const auto found = std::find_if( table.begin(), table.end(), [&message]( const auto& one )
                                   { return one.second.announcement == message.id() && one.second.tube->peer == message.from(); } );
  if( found != table.end() )
    end( TubeKey( found->first ), TubeEnd::Refused, true );
}

void TubesProfile::Private::handleMessage( const gloox::Message& message, gloox::MessageSession* )
{
  guarded( [&]
  {
    const auto* const found = message.findExtension<TubesMessage>( options.extensionType );
    if( found && message.subtype() == gloox::Message::Error )
      return bounced( message );
    const gloox::JID& peer = message.from();
    const gloox::JID& local = message.to();
    const bool component = dynamic_cast<gloox::Component*>( &client ) != nullptr;
    // GEN-2, GEN-3: to exactly us, from somebody.
    if( !found || !peer || !local || ( component ? local.server() != client.jid().server() : local.full() != client.jid().full() ) )
      return;
    if( const auto* const tube = std::get_if<TubeChild>( &found->content() ) )
      return announced( peer, local, *tube );
    if( const auto* const close = std::get_if<CloseChild>( &found->content() ) )
    {
      const auto known = table.find( keyOf( local, peer, close->tube ) );
      if( known != table.end() && known->second.tube->type == TubeType::Stream ) // PTB-7: a D-Bus tube ends with its stream
        end( TubeKey( known->first ), TubeEnd::Remote, true );
    }
  } );
}

// Nobody there to connect, or to connect to. What is connected has its own way of finding out (CLS-8).
void TubesProfile::Private::handlePresence( const gloox::Presence& presence )
{
  if( presence.subtype() != gloox::Presence::Unavailable || !presence.findExtension( options.extensionType ) )
    return; // SEC-1
  guarded( [&] { endAll( [&presence]( const Tube& tube ) { return tube.peer == presence.from(); }, TubeEnd::PeerGone ); } );
}

void TubesProfile::Private::onDisconnect( gloox::ConnectionError )
{
  guarded( [&] { endAll( []( const Tube& ) { return true; }, TubeEnd::Disconnected ); } );
}

// ---- sessions

bool TubesProfile::Private::handleAccepted( const std::string& sid, const gloox::JID& peer, simultiple::Dialect dialect,
                                            const std::vector<std::string>& methods, const gloox::Tag& )
{
  const auto found = sessions.find( { peer.full(), sid } );
  if( found != sessions.end() )
    handler.handleTubeAccepted( *std::shared_ptr( found->second.tube ), sid, dialect, methods );
  return true; // PTB-5: an answer without <tube/> is fine
}

void TubesProfile::Private::handleStream( std::shared_ptr<simultiple::MultiBytestream> stream )
{
  const auto found = sessions.find( { stream->peer().full(), stream->sid() } );
  if( found == sessions.end() )
    return stream->abort();
  found->second.stream = stream;
  handler.handleTubeStream( *std::shared_ptr( found->second.tube ), std::move( stream ) );
}

void TubesProfile::Private::handleEnd( const std::string& sid, const gloox::JID& peer, simultiple::Cause cause, const std::string& text,
                                       const simultiple::Report& report )
{
  const auto found = sessions.find( { peer.full(), sid } );
  if( found == sessions.end() )
    return;
  const auto tube = found->second.tube;
  sessions.erase( found );
  handler.handleTubeStreamEnd( *tube, sid, cause, text, report );
  if( tube->type != TubeType::DBus )
    return;
  const bool local = cause == simultiple::Cause::ClosedLocal || cause == simultiple::Cause::CancelledLocal
                     || ( cause == simultiple::Cause::Declined && !tube->ours );
  end( keyOf( *tube ), local ? TubeEnd::Local : TubeEnd::Remote, true ); // PTB-7
}

// ---- the end

std::vector<SessionKey> TubesProfile::Private::connectionsOf( const TubeKey& key ) const
{
  std::vector<SessionKey> result;
  for( const auto& [name, connection] : sessions )
    if( keyOf( *connection.tube ) == key )
      result.push_back( name );
  return result;
}

void TubesProfile::Private::end( const TubeKey& key, TubeEnd how, bool withConnections )
{
  const auto found = table.find( key );
  if( found == table.end() )
    return;
  const auto tube = found->second.tube;
  table.erase( found ); // first: the handler may ask for anything
  if( withConnections )
    for( const auto& [peer, sid] : connectionsOf( key ) )
      profile->cancel( gloox::JID( peer ), sid );
  handler.handleTubeClosed( *tube, how );
}

/// Stream tubes without their connections; a D-Bus tube is its connection.
void TubesProfile::Private::endAll( const std::function<bool( const Tube& )>& which, TubeEnd how )
{
  std::vector<TubeKey> keys;
  for( const auto& [key, entry] : table )
    if( entry.tube->type == TubeType::Stream && which( *entry.tube ) )
      keys.push_back( key );
  for( const auto& key : keys )
    end( key, how, false );
}

// ---- TubesProfile

TubesProfile::TubesProfile( simultiple::SIMultipleManager& manager, TubesHandler& handler, TubesOptions options )
  : d( std::make_unique<Private>( manager, handler, std::move( options ) ) )
{
}

TubesProfile::~TubesProfile() = default;

bool TubesProfile::valid() const { return d->profile->valid(); }

void TubesProfile::advertise( TubeType type, const std::string& service )
{
  const std::string feature = tubeFeature( type, service );
  const auto& there = d->client.disco()->features();
  if( std::find( there.begin(), there.end(), feature ) != there.end() )
    return; // ADV-7: what is not ours is not taken away, either
  d->client.disco()->addFeature( feature );
  d->features.push_back( feature );
  auto* const online = dynamic_cast<gloox::Client*>( &d->client );
  if( online && online->state() == gloox::StateConnected && online->authed() && online->presence().subtype() != gloox::Presence::Unavailable )
    online->setPresence(); // ADV-6
}

TubeResult TubesProfile::announce( const gloox::JID& peer, TubeChild what, const gloox::JID& from )
{
  const gloox::JID local = d->own( from );
  const std::string problem = d->obstacle( peer, local, what );
  if( !problem.empty() )
    return { std::nullopt, problem };
  what.id = d->freshId( local, peer );
  what.type = TubeType::Stream;
  const auto tube = d->add( { peer, local, what.id, what.type, what.service, what.parameters, true } );
  auto announcement = d->say( *tube, what.tag() );
  // The connection may have been lost by that; then the tube is over already.
  if( const auto found = d->table.find( keyOf( *tube ) ); found != d->table.end() )
    found->second.announcement = std::move( announcement );
  return { *tube, {} };
}

TubeResult TubesProfile::offer( const gloox::JID& peer, TubeChild what, const gloox::JID& from )
{
  const gloox::JID local = d->own( from );
  const std::string problem = d->obstacle( peer, local, what );
  if( !problem.empty() )
    return { std::nullopt, problem };
  what.id = d->freshId( local, peer );
  what.type = TubeType::DBus;
  simultiple::OfferOptions how = d->options.offer;
  how.from = local;
  const auto result = d->profile->offer( peer, what.tag(), how );
  if( !result )
    return { std::nullopt, result.problem };
  const auto tube = d->add( { peer, local, what.id, what.type, what.service, what.parameters, true } );
  d->sessions[{ peer.full(), result.sid }].tube = tube;
  return { *tube, {} };
}

simultiple::OfferResult TubesProfile::connect( const Tube& tube )
{
  const auto found = d->table.find( keyOf( tube ) );
  if( found == d->table.end() || found->second.tube->ours || found->second.tube->type != TubeType::Stream )
    return { {}, "there is no such stream tube of a peer" };
  simultiple::OfferOptions how = d->options.offer;
  how.from = tube.local;
  const auto shared = found->second.tube;
  auto result = d->profile->offer( tube.peer, StreamChild{ tube.id, false }.tag(), how );
  if( result )
    d->sessions[{ tube.peer.full(), result.sid }].tube = shared;
  return result;
}

bool TubesProfile::accept( const Tube& tube )
{
  const auto found = d->table.find( keyOf( tube ) );
  if( found == d->table.end() || !found->second.offer )
    return false;
  const auto offer = *std::exchange( found->second.offer, std::nullopt );
  return d->accept( offer );
}

bool TubesProfile::cancel( const Tube& tube, const std::string& sid )
{
  const auto found = d->sessions.find( { tube.peer.full(), sid } );
  return found != d->sessions.end() && keyOf( *found->second.tube ) == keyOf( tube ) && d->profile->cancel( tube.peer, sid );
}

bool TubesProfile::close( const Tube& tube )
{
  const auto found = d->table.find( keyOf( tube ) );
  if( found == d->table.end() )
    return false;
  const auto shared = found->second.tube;
  if( shared->type == TubeType::Stream )
  {
    (void)d->say( *shared, CloseChild{ shared->id }.tag() );
    d->end( keyOf( *shared ), TubeEnd::Local, true );
    return true;
  }

  // handleEnd() does the rest.
  if( const auto offer = std::exchange( found->second.offer, std::nullopt ) )
    return d->profile->decline( *offer );
  for( const auto& [peer, sid] : d->connectionsOf( keyOf( *shared ) ) )
  {
    const auto stream = d->sessions[{ peer, sid }].stream;
    if( stream && stream->isOpen() )
      stream->close();
    else
      d->profile->cancel( gloox::JID( peer ), sid );
  }
  return true;
}

std::vector<Tube> TubesProfile::tubes() const
{
  std::vector<Tube> result;
  for( const auto& [key, entry] : d->table )
    result.push_back( *entry.tube );
  return result;
}

std::size_t TubesProfile::connections() const { return d->sessions.size(); }

} // namespace sample
