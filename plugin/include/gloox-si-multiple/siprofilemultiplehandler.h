// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/offer.h>
#include <gloox-si-multiple/report.h>

#include <gloox/jid.h>

#include <memory>
#include <string>
#include <vector>

namespace simultiple
{

class MultiBytestream;

/**
 * What a bot implements to offer and receive streams of one profile.
 *
 * All methods are called from SIMultipleManager::process() (or recv()), never from inside a gloox callback. Any
 * method of this library may be called from them; what may not be done is to delete the SIProfileMultiple or the
 * SIMultipleManager, or to let an exception out.
 *
 * For each session: at most one handleStream(), exactly one handleEnd(), nothing after it (GEN-10).
 *
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @since 0.1
 */
class SIProfileMultipleHandler
{
  public:
    virtual ~SIProfileMultipleHandler() = default;

    /**
     * A peer offers a stream. Decide now or later with SIProfileMultiple::accept() or decline(); undecided offers are
     * declined after T-R-APP (ST-R-5).
     * @param offer Copy it if the decision comes later.
     */
    virtual void handleOffer( const Offer& offer ) = 0;

    /**
     * The peer accepted our offer (initiator only). The walk through @a methods starts now.
     * @param si The raw `<si/>` of the answer, with the profile's child if there was one. Borrowed for the call.
     * @return false if the profile's child in the answer breaks the profile's rules (PFT-9): the session then
     *         ends with Cause::MalformedReply and nothing is opened (ST-S-4).
     */
    virtual bool handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect,
                                 const std::vector<std::string>& methods, const gloox::Tag& si )
    {
      (void)sid; (void)peer; (void)dialect; (void)methods; (void)si;
      return true;
    }

    /**
     * The stream is there. Called once, just before its BytestreamDataHandler would hear
     * handleBytestreamOpen(): register that handler here. Data arrive, and send() works, from then on.
     * @param stream Keep it as long as it is used; letting go of it does not close it.
     */
    virtual void handleStream( std::shared_ptr<MultiBytestream> stream ) = 0;

    /** A method or one of its hosts was started, failed or opened (GEN-11). For logs and progress. */
    virtual void handleAttempt( const Attempt& attempt ) { (void)attempt; }

    /**
     * The peer of a session says something about it beside the stream (PCU-8). In the order of arrival with the session's other
     * stanzas; at most eight times in a session (PCU-10), and not after handleEnd(), unless ProfileOptions::notesAfterEnd wants that.
     * @param note In ProfileOptions::noteNamespace. The peer's word, untrusted. Borrowed for the call.
     */
    virtual void handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& note )
    {
      (void)sid; (void)peer; (void)note;
    }

    /**
     * The session is over. Called exactly once for each session that was offered or shown to handleOffer().
     * @param text More about it, for people; may hold the peer's own words, so treat it as untrusted (SI-22).
     * @param report What happened, method by method.
     */
    virtual void handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text,
                            const Report& report ) = 0;

    /**
     * A limit of PROTOCOL 4.3 was hit and something of @a peer's was refused for it.
     * @param what Which one, for people: "offers per peer".
     */
    virtual void handleLimit( const gloox::JID& peer, const std::string& what ) { (void)peer; (void)what; }
};

} // namespace simultiple
