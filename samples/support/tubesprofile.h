// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tubes.h"

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/offer.h>
#include <gloox-si-multiple/report.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox/jid.h>
#include <gloox/stanzaextension.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace simultiple
{
class MultiBytestream;
class SIMultipleManager;
} // namespace simultiple

namespace sample
{

/// A tube between us and one peer. What comes from a peer is untrusted (SEC-22).
struct Tube
{
  gloox::JID peer;  ///< Full JID.
  gloox::JID local; ///< Ours; matters on a component.
  std::uint32_t id = 0;
  TubeType type = TubeType::Stream;
  std::string service;
  std::vector<TubeParameter> parameters;
  bool ours = false; ///< We announced or offered it.
};

/// How a tube ended.
enum class TubeEnd
{
  Local,       ///< We closed it.
  Remote,      ///< The peer closed it (W-35), or the stream of a D-Bus tube is over.
  Refused,     ///< The peer, or its server, sent our announcement back (PTB-12).
  PeerGone,    ///< The peer went offline.
  Disconnected ///< Our own connection was lost.
};

/**
 * What a bot implements to have tubes.
 *
 * Called from SIMultipleManager::process() and, for what comes by message, from gloox::ClientBase::recv(). Any method of TubesProfile may be
 * called from here; what may not be done is to delete it. For each tube: one handleTubeClosed(), after the ends of its connections, unless
 * those outlive it (Disconnected, PeerGone); for each connection that was offered or accepted: one handleTubeStreamEnd().
 */
class TubesHandler
{
  public:
    virtual ~TubesHandler() = default;

    /**
     * A peer announces a stream tube: TubesProfile::connect() opens connections to it, now or later. Or it offers a D-Bus tube:
     * decide with TubesProfile::accept() or close(); undecided offers end by themselves (T-R-APP).
     */
    virtual void handleTube( const Tube& tube ) = 0;

    /** A connection of a stream tube is open, whoever opened it, or the stream of a D-Bus tube. Both sides may write (PTB-6). */
    virtual void handleTubeStream( const Tube& tube, std::shared_ptr<simultiple::MultiBytestream> stream ) = 0;

    /** A connection is over, or did not come about. The tube is not (PTB-7), except a D-Bus tube. */
    virtual void handleTubeStreamEnd( const Tube& tube, const std::string& sid, simultiple::Cause cause, const std::string& text,
                                      const simultiple::Report& report ) = 0;

    /** The tube is over. */
    virtual void handleTubeClosed( const Tube& tube, TubeEnd how ) = 0;

    /** The peer accepted a connection that we offered. For logs. */
    virtual void handleTubeAccepted( const Tube& tube, const std::string& sid, simultiple::Dialect dialect, const std::vector<std::string>& methods )
    {
      (void)tube; (void)sid; (void)dialect; (void)methods;
    }

    /** A method was tried for one of the connections. For logs. */
    virtual void handleTubeAttempt( const simultiple::Attempt& attempt ) { (void)attempt; }

    /** Something of @a peer's was refused because of a limit. */
    virtual void handleTubeLimit( const gloox::JID& peer, const std::string& what ) { (void)peer; (void)what; }
};

struct TubesOptions
{
  /// Whose tubes to take; the others hear nothing, or `service-unavailable` (SEC-21). Empty: everybody's.
  std::function<bool( const gloox::JID& peer )> knows;

  std::size_t tubesPerPeer = 16; ///< Tubes of one bare JID that we remember.
  std::size_t tubes = 256;       ///< Tubes of peers that we remember, in all.
  std::size_t ownTubes = 256;    ///< Tubes of ours.

  simultiple::OfferOptions offer;   ///< For what we offer; `from` does not count.
  simultiple::AcceptOptions accept; ///< For what we accept; `profileChild` does not count.

  int extensionType = gloox::ExtUser + 1096; ///< Number of the extension for messages.
};

/// What came of TubesProfile::announce() and offer().
struct TubeResult
{
  std::optional<Tube> tube; ///< Nothing: nothing was sent.
  std::string problem;      ///< Why, for people.

  explicit operator bool() const { return tube.has_value(); }
};

/**
 * Telepathy tubes, one to one, on one client: an SI profile with a life outside of its sessions (PROTOCOL 6.2).
 *
 * A bot that uses gloox's message sessions must not create one for what tubes announce: gloox shows a message either to a session or to
 * handlers such as this.
 *
 * @par Lifetime
 * Make it after the SIMultipleManager and destroy it before, not inside a callback. Destroying it closes everything without a word to the handler.
 * @par Thread
 * The one that calls SIMultipleManager::process().
 */
class TubesProfile final
{
  public:
    /** @param manager, handler Must outlive this object. */
    TubesProfile( simultiple::SIMultipleManager& manager, TubesHandler& handler, TubesOptions options = TubesOptions() );
    ~TubesProfile();
    TubesProfile( const TubesProfile& ) = delete;
    TubesProfile& operator=( const TubesProfile& ) = delete;

    /** @return Whether the profile is ours; another object may have taken it. */
    [[nodiscard]] bool valid() const;

    /** PTB-8: says in service discovery that we take tubes of this service, for as long as this object lives. */
    void advertise( TubeType type, const std::string& service );

    /**
     * Announces a stream tube (W-33). From now on @a peer, and nobody else, may connect to it; its connections are accepted at once.
     * @param what Service and parameters; the id is ours to choose, the type is TubeType::Stream.
     * @param from Our JID; needed on a component.
     */
    [[nodiscard]] TubeResult announce( const gloox::JID& peer, TubeChild what, const gloox::JID& from = gloox::JID() );

    /** Offers a D-Bus tube (W-31). The parameters are as in announce(). */
    [[nodiscard]] TubeResult offer( const gloox::JID& peer, TubeChild what, const gloox::JID& from = gloox::JID() );

    /** Opens one more connection to a stream tube that a peer announced (W-34). */
    [[nodiscard]] simultiple::OfferResult connect( const Tube& tube );

    /** Accepts a D-Bus tube. @return false if there is nothing to accept any more. */
    bool accept( const Tube& tube );

    /** Gives up one connection of a tube. @return false if there is no such connection. */
    bool cancel( const Tube& tube, const std::string& sid );

    /**
     * Ends a tube, whoever made it: a stream tube by W-35, and its connections with it; a D-Bus tube with its stream, of which what was written leaves
     * first; an undecided offer is declined.
     * @return false if there is no such tube.
     */
    bool close( const Tube& tube );

    /** @return All tubes. */
    [[nodiscard]] std::vector<Tube> tubes() const;

    /** @return Connections that have not ended. */
    [[nodiscard]] std::size_t connections() const;

  private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace sample
