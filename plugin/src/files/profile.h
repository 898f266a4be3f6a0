// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/siprofilemultiple.h>
#include <gloox-si-multiple/siprofilemultiplehandler.h>

#include "files/jobs.h"
#include "files/note.h"

#include <gloox/jid.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace simultiple::files
{

class Transfer;

/// Whoever decides about offers: the FileReceiver.
class OfferHandler
{
  public:
    virtual ~OfferHandler() = default;
    virtual void handleOffer( const Offer& offer ) = 0;
    virtual void handleOfferEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text ) = 0;
    virtual void handleLimit( const gloox::JID& peer, const std::string& what ) = 0;
    virtual void handleReceivedHeard( const gloox::JID& peer, const std::string& sid ) = 0; ///< PFT-14: the sender knows that its file is stored.
};

/// The SI profile of all senders and the receiver of one client: knows whose transfer a session belongs to.
class Profile final : private SIProfileMultipleHandler
{
  public:
    Profile( SIMultipleManager& manager, FileProfileOptions options );
    ~Profile() override;
    Profile( const Profile& ) = delete;
    Profile& operator=( const Profile& ) = delete;

    [[nodiscard]] SIMultipleManager& manager() { return m_manager; }
    [[nodiscard]] SIProfileMultiple& si() { return m_si; }
    [[nodiscard]] net::EventLoop& loop() const;
    [[nodiscard]] Jobs& jobs() { return m_jobs; }
    [[nodiscard]] bool connected() const;
    [[nodiscard]] std::uint64_t era() const;   ///< How many connections were lost so far.
    void setOfferHandler( OfferHandler* handler ) { m_offers = handler; }

    // From begin to end of a session, its news go to its transfer.
    void add( const gloox::JID& peer, const std::string& sid, Transfer& transfer );
    void remove( const gloox::JID& peer, const std::string& sid ) noexcept;
    /** Gives a session up of which nobody wants to hear any more. */
    void abandon( const gloox::JID& peer, const std::string& sid ) noexcept;

    /** PFT-14: our word about a file on its way in, to its sender. */
    void tell( const gloox::JID& peer, const std::string& sid, const Note& word );
    /** PFT-14: what to say if the sender of a transfer that has ended should ask yet. */
    void remember( const gloox::JID& peer, const std::string& sid, const Note& answer );

    /** To be destroyed from the outer loop. */
    void bury( std::shared_ptr<void> dead );

  private:
    using Key = std::tuple<std::string, std::string>; // peer and sid: two peers may choose the same sid (GEN-2)
    // By std::less<>, looking somebody up takes no memory: there may be none when a transfer is to be forgotten (CLS-12).
    using Transfers = std::map<Key, Transfer*, std::less<>>;

    [[nodiscard]] ProfileOptions profileOptions( FileProfileOptions options );
    [[nodiscard]] std::shared_ptr<Transfer> find( const gloox::JID& peer, const std::string& sid ) const;

    // SIProfileMultipleHandler
    void handleOffer( const Offer& offer ) override;
    bool handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods,
                         const gloox::Tag& si ) override;
    void handleStream( std::shared_ptr<MultiBytestream> stream ) override;
    void handleAttempt( const Attempt& attempt ) override;
    void handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report ) override;
    void handleLimit( const gloox::JID& peer, const std::string& what ) override;
    void handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& tag ) override;

    SIMultipleManager& m_manager;
    OfferHandler* m_offers = nullptr;
    Transfers m_transfers{};                // null: abandoned, its end is still to come
    std::deque<std::pair<Key, Note>> m_ended{}; // the newest last, at most MaxEnded
    Jobs m_jobs;
    SIProfileMultiple m_si;                 // last: its destructor ends sessions
};

} // namespace simultiple::files

namespace simultiple
{

struct FileProfile::Private
{
  Private( SIMultipleManager& manager, FileProfileOptions options ) : profile( manager, std::move( options ) ) {}
  files::Profile profile;
};

} // namespace simultiple
