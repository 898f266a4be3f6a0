// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "airlock/airlock.h"
#include "airlock/random.h"
#include "methods/bothosts.h"
#include "methods/inbandturns.h"
#include "methods/method.h"
#include "methods/proxies.h"
#include "net/address.h"
#include "net/eventloop.h"
#include "net/resolver.h"
#include "net/socks5listener.h"
#include "session/features.h"
#include "session/log.h"
#include "session/notes.h"
#include "session/respondersession.h"
#include "session/sessiontable.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace simultiple
{

struct SIProfileMultiple::Private
{
  SIMultipleManager& manager;
  std::string profile;
  SIProfileMultipleHandler& handler;
  ProfileOptions options;
  bool valid = false;
  bool wasValid = false;   ///< Until it was retired, perhaps.
};

/**
 * The plugin on one client: owns everything, decides what is ours (session::SessionHost for the sessions, airlock::GateHandler for the gate), and
 * runs the turn of the loop: inbox, sockets, deadlines, graveyard.
 */
struct SIMultipleManager::Private final : session::SessionHost, airlock::GateHandler
{
  Private( gloox::ClientBase& client_, Options options_ );
  ~Private() override;
  Private( const Private& ) = delete;
  Private& operator=( const Private& ) = delete;

  // ---- the life of the plugin
  bool enable();
  void disable();
  [[nodiscard]] std::string problem() const;
  enum class Turn
  {
    Outermost,   ///< process(): no callback of gloox is on the stack
    Below        ///< A stream's recv(), or the like: perhaps one is, and what we have on the bot's client stays there (CLS-10)
  };
  void turn( Turn where = Turn::Outermost );
  void serve( Turn where, const net::EventLoop::Enough& enough );
  [[nodiscard]] bool round( const net::EventLoop::Enough& enough );
  bool pump( std::chrono::microseconds most );   ///< For SIProfileMultipleFT: waits at most so long for our sockets, then a turn below. @return false if turning
  gloox::ConnectionError wait( int timeout );   ///< recv()
  [[nodiscard]] std::optional<std::chrono::milliseconds> nextDeadline() const;
  void updateFeatures();
  bool registerMethod( BytestreamMethod& method );   ///< PCU-11
  [[nodiscard]] bool connected() const { return runtime && runtime->airlock.connected(); }
  [[nodiscard]] std::uint64_t era() const { return runtime ? runtime->airlock.era() : 0; }

  // ---- for SIProfileMultiple
  bool addProfile( SIProfileMultiple::Private& profile );
  void retireProfile( SIProfileMultiple::Private& profile );   ///< PCU-6: nothing new; what runs goes on
  void removeProfile( SIProfileMultiple::Private& profile );
  /** @param wantedSid Empty: made here, as SEC-4 asks. */
  OfferResult offer( SIProfileMultiple::Private& profile, const gloox::JID& to, std::unique_ptr<gloox::Tag> child, const OfferOptions& options,
                     const std::string& wantedSid = std::string() );
  OfferResult tryToOffer( SIProfileMultiple::Private& profile, const gloox::JID& to, std::unique_ptr<gloox::Tag> child, const OfferOptions& options,
                          const std::string& wantedSid );
  [[nodiscard]] session::ResponderSession* undecided( const Offer& offer ) const;
  bool cancel( const std::string& profile, const gloox::JID& peer, const std::string& sid );
  bool sendNote( SIProfileMultiple::Private& profile, const gloox::JID& peer, const std::string& sid, std::unique_ptr<gloox::Tag> note,
                 std::function<void( NoteAnswer )> answered );
  void offerFromSIManager( SIProfileMultiple::Private& profile, const gloox::JID& from, const gloox::JID& to, const std::string& id, const gloox::SIManager::SI& si );

  // ---- session::SessionHost
  [[nodiscard]] methods::Shared& shared() override { return *runtime->shared; }
  [[nodiscard]] const methods::Method* method( const std::string& name ) const override;
  [[nodiscard]] const methods::Method* methodOf( const airlock::Stanza& opening ) const override;
  [[nodiscard]] const session::Log& log() const override { return logger; }
  [[nodiscard]] gloox::LogSink& sink() override;
  void sessionEnded( session::Session& session ) noexcept override;
  void bury( std::shared_ptr<void> dead ) override { graveyard.push_back( std::move( dead ) ); }
  void work( int timeout ) override;

  // ---- airlock::GateHandler
  [[nodiscard]] bool claims( const airlock::Stanza& stanza ) override;
  [[nodiscard]] bool concerns( const gloox::JID& peer ) const override { return !sessions.of( peer ).empty(); }
  [[nodiscard]] const std::set<std::string>* namespaces() const override { return &ownNamespaces; }
  void handleArrival() override;
  void handleStanza( const airlock::Stanza& stanza ) override;
  void handleNewStream() override { sessions.clearTombs(); }   ///< CLS-9
  void handleConnected() override;
  void handleDisconnected() override;
  void handleUnavailable( const gloox::JID& peer ) override;
  void handleLost( const gloox::Tag& stanza ) noexcept override;

  // ---- what arrives
  [[nodiscard]] bool claimsOffer( const airlock::Stanza& stanza ) const;
  [[nodiscard]] bool claimsOwn( const airlock::Stanza& stanza, const std::string& key ) const;
  void handleOffer( const airlock::Stanza& stanza );
  [[nodiscard]] session::ResponderSession* makeSession( const airlock::Stanza& stanza );   ///< Null: refused
  void takeStanza( const airlock::Stanza& stanza );
  bool tellOfLoss( const net::EventLoop::Enough& enough = {} );           ///< As many as there is time for. @return Whether all have heard
  void refuseOffer( const airlock::Stanza& stanza, const protocol::StanzaError& error );
  [[nodiscard]] std::string offersFull( const gloox::JID& peer );         ///< SEC-13
  void answerForTheDead( const airlock::Stanza& stanza );                 ///< CLS-9
  void handleLateNote( const airlock::Stanza& stanza );                   ///< PCU-8
  void answerForNobody( const airlock::Stanza& stanza );                  ///< GEN-8

  [[nodiscard]] SIProfileMultiple::Private* profile( const std::string& ns ) const;
  void askForProxies( Privacy privacy );
  [[nodiscard]] std::vector<std::string> offerable( const std::vector<std::string>& wanted, Privacy privacy );
  void waitForSockets( std::chrono::microseconds most );
  void makeRoomForTheDead();
  void emptyGraveyard( const net::EventLoop::Enough& enough = {} );
  void endAll();
  void rest();   ///< After disable(): when the last session is over, everything goes

  gloox::ClientBase& client;
  const Options options;
  Clock realClock;
  const Clock& clock;
  net::EventLoop loop;
  net::SystemResolver resolver;
  net::HostFilter filter;
  net::Socks5Listener listener;
  methods::QueryBudget queries;
  methods::BotHosts botHosts;   ///< SIProfileMultipleFT fills it
  methods::HostMemory memory;
  std::vector<std::unique_ptr<methods::Method>> methods;
  session::Log logger;
  session::Features features;
  bool component;

  // What the machine gives; a test may give something else.
  std::function<std::optional<std::string>()> makeSid = airlock::randomSid;
  std::function<std::vector<net::Address>()> localAddresses = net::localAddresses;
  std::function<std::chrono::steady_clock::time_point()> turnClock = std::chrono::steady_clock::now;   ///< How long a turn takes is real time, whatever Options::clock says

  /// What exists only while there is something to do on the client.
  struct Runtime
  {
    explicit Runtime( Private& plugin );
    airlock::Airlock airlock;
    methods::Proxies proxies;
    methods::InBandTurns turns;
    session::Notes notes;
    std::unique_ptr<methods::Shared> shared;
  };
  std::unique_ptr<Runtime> runtime;
  session::SessionTable sessions;
  std::map<std::string, SIProfileMultiple::Private*> profiles;
  std::set<std::string> ownNamespaces;   ///< Of notes and methods. Sessions of a retired profile still use them, so they stay.
  std::vector<std::shared_ptr<void>> graveyard;
  std::vector<std::shared_ptr<void>> dying;      ///< Out of the graveyard, the oldest last
  bool lossUntold = false;      ///< The connection was lost, and not every session has heard of it yet.
  std::optional<std::deque<std::string>> bereaved;        ///< The keys of those; nothing: nobody has been told.
  bool failedInVain = false;    ///< There was not even the memory to end for whoever has failed.
  std::vector<session::ResponderSession*> pendingOffers;   ///< Undecided, for SEC-13
  session::ResponderSession* arriving = nullptr;           ///< Between handleOffer() and SIProfileMultiple::handleSIRequest()
  std::size_t unheard = 0;     ///< Of what was in the inbox when the round began.
  bool unfinished = false;     ///< The last turn ended for want of time.
  bool on = false;
  bool turning = false;
  bool servesAtOnce = false;   ///< SIProfileMultipleFT with a manager of its own: the bot's loop is client.recv() and nothing else
};

} // namespace simultiple
