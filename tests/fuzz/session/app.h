// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox/bytestreamdatahandler.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace simultiple::fuzz
{

/// What our side may hear of one session, in which order and how often (GEN-10).
struct Heard
{
  gloox::JID peer;
  std::string sid;
  bool ours = false;           ///< We offered
  std::optional<Offer> offer{};
  std::shared_ptr<MultiBytestream> stream{};
  bool accepted = false;
  bool open = false;
  bool closed = false;
  bool ended = false;
  bool paused = false;
  char letter = 0;             ///< Of whoever's bytes came first: nobody else's may follow (NEG-10)
  std::uint64_t received = 0;
  std::uint64_t taken = 0;     ///< By send()
};

/// The application: hears, requires that it is in order, and lets the program act from inside of callbacks.
class App final : public SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    static const std::string Profile;
    static const std::string Notes;
    static constexpr std::size_t MostAtOnce = 70000;   ///< Bytes it gives to send()

    App( gloox::ClientBase& client, const Options& options, ProfileOptions profileOptions );

    /// Called from inside every callback about a session, after it was taken note of.
    std::function<void( Heard& )> onCallback{};

    Heard& offered( const gloox::JID& peer, const std::string& sid );   ///< By us
    [[nodiscard]] Heard* find( const gloox::JID& peer, const std::string& sid );   ///< Not ended
    [[nodiscard]] std::size_t live() const;
    [[nodiscard]] std::size_t undecided() const;
    [[nodiscard]] std::list<Heard>& sessions() { return m_sessions; }
    /** @return Whether there is a tombstone (CLS-9, SEC-14), be it that its time is up and the plugin has not come to it yet. @param after Only if it ends later. */
    [[nodiscard]] bool entombed( const gloox::JID& peer, const std::string& sid, TimePoint after = {} ) const;
    /** The connection is lost, at some time since the last check. */
    void forgetTombs();
    [[nodiscard]] bool tombsKnown() const { return m_tombsKnown; }
    void enable();
    /** Requires that the plugin holds no more than it may, and the tombstones that it must. */
    void checkTables();

    /** Destroys the plugin; nothing is heard any more. */
    void destroy();

    std::unique_ptr<SIMultipleManager> manager;
    std::unique_ptr<SIProfileMultiple> profile;

  private:
    struct Tomb
    {
      gloox::JID peer;
      std::string sid;
      TimePoint until;
    };

    Heard& live( const gloox::JID& peer, const std::string& sid );
    Heard& of( const gloox::Bytestream& stream );
    void tell( Heard& session );
    void forgetAtRest();   ///< Disabled, and nothing left: the tombstones are gone, too.

    void handleOffer( const Offer& offer ) override;
    bool handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& si ) override;
    void handleStream( std::shared_ptr<MultiBytestream> stream ) override;
    void handleAttempt( const Attempt& attempt ) override;
    void handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& note ) override;
    void handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report ) override;

    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* stream ) override;

    Options m_options;
    bool m_lateNotes;
    bool m_silent = false;
    std::list<Heard> m_sessions{};   ///< All there ever were; addresses stay
    std::deque<Tomb> m_tombs{};
    std::size_t m_tombsDug = 0;
    std::pair<std::size_t, std::size_t> m_tombsChecked{};   ///< Dug, and left, at the last check
    bool m_tombsKnown = true;         ///< Some were dug so close to the loss of a connection that they may be from before or after
};

} // namespace simultiple::fuzz
