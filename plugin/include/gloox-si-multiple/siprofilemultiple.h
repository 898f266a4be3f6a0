// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/offer.h>
#include <gloox-si-multiple/siprofilemultiplehandler.h>

#include <gloox/siprofilehandler.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace gloox
{
class Tag;
}

namespace simultiple
{

class SIMultipleManager;

/// Why an offer is turned down (section 1.5 of the protocol).
enum class Decline
{
  Forbidden,   ///< `forbidden`: a person or a policy said no (W-5).
  Stranger,    ///< `service-unavailable`: we take offers from contacts only and do not even say so (SEC-21).
  BadRequest   ///< `bad-request`: the profile's child is not as the profile demands.
};

/// What ProfileOptions::screen says to an offer that it does not let through. Made of a Decline by itself.
struct Refusal
{
  // NOLINTNEXTLINE(google-explicit-constructor): a Decline is a Refusal without a condition.
  Refusal( Decline reason_, std::string condition_ = std::string() ) : reason( reason_ ), condition( std::move( condition_ ) ) {}

  Decline reason;
  std::string condition;   ///< With Decline::BadRequest: name of an element in the profile's namespace that tells the peer more (PCU-3). Empty: none.
};

/// What the library has to know about a profile. @since 0.1
struct ProfileOptions
{
  bool senderSpeaksFirst = false;  ///< The initiator writes first, as in file transfer: T-R-FIRST runs (2.8).
  bool childRequired = true;       ///< An offer without a child in the profile's namespace is `bad-request` (PFT-1).
  bool takePlainOffers = true;     ///< Also take offers without `<si-multiple/>`. Set to false beside a stock SIProfileFT.
  std::string mandatoryMethod;     ///< PCU-4: the one method that an offer without `<feature/>` means. Empty: none.

  /**
   * Namespace of the profile's notes: small elements that the two sides tell each other beside the stream (PCU-7), see
   * SIProfileMultiple::sendNote(). Empty: none. Not one of SI, si-multiple, S5B or IBB.
   */
  std::string noteNamespace;
  std::string aliveNote;           ///< Name of the note by which a side asks whether the session is still there; after the end the answer is an
                                   ///< error, and nobody hears of it (PCU-8). Empty: none.
  bool notesAfterEnd = false;      ///< Hear notes also for some minutes (T-TOMB) after handleEnd(), which they may have crossed (PCU-8).

  /**
   * Asked for every well-formed offer before it counts against anything and before handleOffer() (SI-9, PCU-3).
   * Return nothing to let it through. May be empty.
   */
  std::function<std::optional<Refusal>( const Offer& )> screen;

  /**
   * SEC-21, asked before anything else is looked at: false refuses with `service-unavailable`. May be empty.
   * For contacts only, do not ask gloox's RosterManager: it takes roster pushes from anybody (GLOOX-NOTES 3g). Contacts does not.
   */
  std::function<bool( const gloox::JID& peer )> knows;
};

/// What the peer said to a note (PCU-9).
enum class NoteAnswer
{
  Understood, ///< A result: it knows such notes.
  Refused,    ///< An error. It knows no such notes; or it is gone, and its server says what it would say.
  Gone,       ///< An error that says that it cannot be reached, or has no such session any more.
  Unheard     ///< Nothing, within T-NOTE or before the connection was lost.
};

/// What came of SIProfileMultiple::offer().
struct OfferResult
{
  std::string sid;      ///< The stream id of the new session; empty if nothing was sent.
  std::string problem;  ///< Why nothing was sent, for people.

  explicit operator bool() const { return !sid.empty(); }
};

/**
 * One SI profile of one client: offers streams, hears of offers, accepts and declines them.
 *
 * @par Lifetime
 * Make it after the SIMultipleManager and destroy it before. Destroying it ends its sessions
 * (Cause::CancelledLocal) without a callback. Not from inside a callback.
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @par Spec
 * XEP-0095; PROTOCOL 2.3, 2.4, 6.3.
 * @since 0.1
 */
class GLOOX_SI_MULTIPLE_EXPORT SIProfileMultiple : public gloox::SIProfileHandler
{
  public:
    /**
     * Registers the profile.
     * @param manager Must outlive this object.
     * @param profile Its namespace. NS_SI, NS_SIM, the empty string and a namespace already registered are
     *                refused (PCU-1): valid() is then false and nothing works.
     * @param handler Must outlive this object. Not owned.
     */
    SIProfileMultiple( SIMultipleManager& manager, const std::string& profile, SIProfileMultipleHandler& handler,
                       ProfileOptions options = ProfileOptions() );
    ~SIProfileMultiple() override;
    SIProfileMultiple( const SIProfileMultiple& ) = delete;
    SIProfileMultiple& operator=( const SIProfileMultiple& ) = delete;

    /** @return Whether the profile could be registered, and is still: see retire(). */
    [[nodiscard]] bool valid() const;

    /**
     * No new sessions of this profile (PCU-6): peers that offer one are told `bad-profile`, offer() does nothing, and the namespace is free
     * for another object. Sessions and undecided offers go on as if nothing had happened, as long as this object lives.
     */
    void retire();

    /** @return The profile's namespace. */
    [[nodiscard]] const std::string& profile() const;

    /**
     * Offers a stream (ST-S-1). Returns at once; the outcome arrives as handleAccepted(), handleStream(), handleEnd().
     * @param to A full JID, or a component's address (SI-1).
     * @param profileChild In the profile's namespace (PCU-2), or null.
     * @return The new stream id, or why nothing was sent: manager disabled or not connected, bare JID, no usable
     *         method, child of a foreign namespace, limit reached (ST-S-2).
     */
    [[nodiscard]] OfferResult offer( const gloox::JID& to, std::unique_ptr<gloox::Tag> profileChild,
                                     const OfferOptions& options = OfferOptions() );

    /**
     * Accepts an offer (ST-R-3, ST-R-4). Acts once (SI-14).
     * @return false if there is nothing to accept any more: decided, timed out, disconnected (SI-15); or if none of
     *         the offered methods can be served right now (the offer is then refused, W-7). Nothing else is sent.
     */
    bool accept( const Offer& offer, const AcceptOptions& options = AcceptOptions() );

    /**
     * Declines an offer (ST-R-5). handleEnd() follows.
     * @param text Sent to the peer with Decline::Forbidden; "Offer Declined" if empty.
     * @return false if there is nothing to decline any more (SI-14).
     */
    bool decline( const Offer& offer, Decline reason = Decline::Forbidden, const std::string& text = std::string() );

    /**
     * Gives a session up, in whatever state it is (CLS-3 to CLS-6); an open stream is aborted.
     * @return false if there is no such session of this profile.
     */
    bool cancel( const gloox::JID& peer, const std::string& sid );

    /**
     * Tells the peer of a session something that the stream cannot say: why it ends early, for one (PCU-9). The other side hears it by
     * SIProfileMultipleHandler::handleNote(), before an in-band close that is sent later. An end of file of SOCKS5 may overtake it: wait for
     * @a answered before closing.
     *
     * May be called while the session lives, also before the stream is there, and for some minutes (T-TOMB) after its end.
     * @param note In ProfileOptions::noteNamespace; its attribute `sid` is set by the library.
     * @param answered Called once, from SIMultipleManager::process(), when the peer has answered, after T-NOTE, when 256 later notes wait, or
     *                 when the connection is lost. Not called any more once this object is destroyed. May be empty.
     * @return false if nothing was sent, and @a answered will not be called: no such session of this profile, a note in a foreign
     *         namespace or null, not connected, or 512 notes sent at one go.
     */
    bool sendNote( const gloox::JID& peer, const std::string& sid, std::unique_ptr<gloox::Tag> note,
                   std::function<void( NoteAnswer )> answered = {} );

    /**
     * Reimplemented from gloox::SIProfileHandler. SIMultipleManager calls it for offers that came through its gate. A bot
     * may also register this object with its own gloox::SIManager; plain offers that arrive there are taken, too.
     */
    void handleSIRequest( const gloox::JID& from, const gloox::JID& to, const std::string& id,
                          const gloox::SIManager::SI& si ) override;

    struct Private;

  private:
    std::unique_ptr<Private> d;
};

} // namespace simultiple
