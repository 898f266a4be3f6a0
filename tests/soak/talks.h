// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "soak/party.h"
#include "soak/stage.h"

#include "net/fd.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace simultiple::soak
{

/// What becomes of a session between two honest ends.
enum class Fate
{
  Complete,      ///< By the first method that works, S5B or in-band
  InBand,        ///< In-band alone
  Single,        ///< Offered without the extension
  FallsBack,     ///< S5B is impossible
  Idle,          ///< Open for long before a byte is sent
  Held,          ///< The reader stops reading for a while
  DecidedLate,   ///< The answer to the offer takes minutes
  Declined,
  NoMethod,      ///< The two sides share none
  Malformed,     ///< The answer is none
  Undecided,     ///< Until T-R-APP
  Cancelled,     ///< In whatever state it is
  Aborted,       ///< Open, with data on their way
  Vanishes       ///< The peer is gone, in whatever state it is
};

/// One session between the bot and one of thousands of JIDs at a component.
struct Talk
{
  Fate fate = Fate::Complete;
  bool botOffers = false;
  bool responderCloses = false;
  bool speaks = false;            ///< Both sides tell each other notes
  bool disturbed = false;         ///< Nobody can expect it to complete any more
  bool gone = false;              ///< Fate::Vanishes has come
  unsigned stanzas = 0;           ///< So far
  unsigned strikes = 0;           ///< At which stanza the fate comes
  std::string peer{};             ///< Full JID at the component
  std::string sid{};
  std::string there{};            ///< From the initiator
  std::string back{};             ///< From the responder
  std::size_t gotThere = 0;
  std::size_t gotBack = 0;
  bool responderKnows = false;
  std::optional<Cause> initiatorEnd{};
  std::optional<Cause> responderEnd{};
  std::string text{};             ///< Of the initiator's end
};

/// All sessions between honest ends: starts them, plays both bots, and looks whether each came to its end.
class Talks final
{
  public:
    Talks( Stage& stage, const std::string& bot, const std::string& domain );

    void setParties( Party& bot, Party& other ) { m_bot = &bot; m_other = &other; }
    void start();
    /** Nobody can expect what is under way now to complete: a connection was lost, or the plugin was switched off. */
    void disturb();
    /** A stanza is about to be delivered. @return false if it is to get lost. */
    [[nodiscard]] bool passes( std::string& xml, const std::string& from, const std::string& to );

    // For the Director
    void offered( Party& party, const Offer& offer );
    void opened( Party& party, const std::shared_ptr<MultiBytestream>& stream );
    void data( Party& party, MultiBytestream& stream, const std::string& part );
    void ended( Party& party, const std::string& sid, Cause cause, const std::string& text );
    [[nodiscard]] bool mayAccept( const std::string& sid );

    [[nodiscard]] std::size_t live() const { return m_talks.size(); }
    /** @return The sid of one of them; empty if there is none. For those who want to meddle. */
    [[nodiscard]] std::string anySid();

    std::size_t completed = 0;
    std::size_t disturbed = 0;
    std::size_t bytes = 0;

  private:
    using Shared = std::shared_ptr<Talk>;
    [[nodiscard]] Shared find( const std::string& sid ) const;
    [[nodiscard]] bool initiates( const Party& party, const Talk& talk ) const { return ( &party == m_bot ) == talk.botOffers; }
    [[nodiscard]] Party& initiator( const Talk& talk ) { return talk.botOffers ? *m_bot : *m_other; }
    [[nodiscard]] Party& responder( const Talk& talk ) { return talk.botOffers ? *m_other : *m_bot; }
    [[nodiscard]] const std::string& peerOf( const Party& party, const Talk& talk ) const { return &party == m_bot ? talk.peer : m_botJid; }
    void cancel( Party& party, const Talk& talk );
    void strike( const Shared& talk );
    void accept( Party& party, const Offer& offer, const Talk& talk );
    void write( const std::shared_ptr<MultiBytestream>& stream, const Talk& talk );
    void reap( const std::string& sid );
    void judge( const Talk& talk );

    Stage& m_stage;
    const std::string m_botJid;
    const std::string m_domain;
    Party* m_bot = nullptr;
    Party* m_other = nullptr;
    net::Fd m_nobody;                                         ///< A port at which nobody listens
    std::size_t m_started = 0;
    std::unordered_map<std::string, Shared> m_talks{};        ///< By sid
    std::unordered_map<std::string, std::string> m_sids{};    ///< By the component's JID
};

} // namespace simultiple::soak
