// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "support/hub.h"
#include "support/manual_clock.h"
#include "support/scripted.h"

#include <gloox/bytestreamdatahandler.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

/// The profile of the tests' bots.
inline const std::string Profile = "http://jabber.org/protocol/si/profile/file-transfer";

/** @return `<file/>` as a bot offers it. */
[[nodiscard]] std::unique_ptr<gloox::Tag> fileChild( const std::string& name = "letter.txt", const std::string& size = "15" );

/** Options that tests need: loopback streamhosts, no proxies by discovery, the given clock. */
[[nodiscard]] Options testOptions( std::shared_ptr<ManualClock> clock );

/// A bot with the plugin on a gloox entity: does what it is told and remembers what it heard.
class Bot final : public SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    struct End
    {
      std::string sid;
      gloox::JID peer;
      Cause cause;
      std::string text;
      Report report;
    };

    Bot( gloox::ClientBase& client, const Options& options, ProfileOptions profileOptions = ProfileOptions(), const std::string& profile = Profile );

    // What it does
    enum class OnOffer { Accept, Decline, Wait };
    OnOffer onOffer = OnOffer::Accept;
    AcceptOptions acceptOptions{};
    bool acceptAnswers = true;                               ///< What handleAccepted() returns
    std::function<void( MultiBytestream& )> onStream{};      ///< Inside handleStream()
    std::function<void( MultiBytestream& )> onOpen{};        ///< Inside handleBytestreamOpen()
    std::function<void( MultiBytestream&, const std::string& )> onData{};
    std::function<void( const End& )> onEnd{};
    std::function<void( const std::string& note )> onNote{};

    /** Offers a stream of the profile. @return Its sid; empty if nothing was sent: problem says why. */
    std::string offer( const std::string& to, const OfferOptions& options = OfferOptions() );
    std::string problem{};

    SIMultipleManager manager;
    std::unique_ptr<SIProfileMultiple> profile;

    // What it heard
    std::vector<Offer> offers{};
    struct Accepted { std::string sid; Dialect dialect; std::vector<std::string> methods; };
    std::vector<Accepted> accepted{};
    std::vector<Attempt> attempts{};
    std::vector<std::shared_ptr<MultiBytestream>> streams{};
    std::vector<End> ends{};
    std::vector<std::string> limits{};
    std::vector<std::string> notes{};    ///< "SID of PEER: XML"
    int opens = 0;    ///< handleBytestreamOpen()
    int closes = 0;   ///< handleBytestreamClose()
    std::string received{};

    /** @return The newest stream; there must be one. */
    [[nodiscard]] MultiBytestream& stream() { return *streams.back(); }
    /** @return The newest end's cause in words; empty if there was none. */
    [[nodiscard]] std::string cause() const { return ends.empty() ? std::string() : causeText( ends.back().cause ); }

  private:
    void handleOffer( const Offer& offer ) override;
    bool handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& si ) override;
    void handleStream( std::shared_ptr<MultiBytestream> stream ) override;
    void handleAttempt( const Attempt& attempt ) override;
    void handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report ) override;
    void handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& note ) override;
    void handleLimit( const gloox::JID& peer, const std::string& what ) override { limits.push_back( peer.full() + ": " + what ); }

    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* ) override { ++closes; }
};

/**
 * Lets bots work until @a done: their own turns, what @a deliver moves (a hub's stanzas; may be empty), and real sockets, for which it waits in real
 * time. The bots' clock stands still.
 * @return false if that did not happen within ten seconds.
 */
using Managers = std::vector<SIMultipleManager*>;   ///< Null ones are skipped.
[[nodiscard]] bool runManagersUntil( const Managers& managers, const std::function<bool()>& deliver, const std::function<bool()>& done );
[[nodiscard]] bool runUntil( const std::vector<Bot*>& bots, const std::function<bool()>& deliver, const std::function<bool()>& done );
/** Lets bots work until nothing moves any more for a moment. */
void settleManagers( const Managers& managers, const std::function<bool()>& deliver );
void settle( const std::vector<Bot*>& bots, const std::function<bool()>& deliver );

/// Two bots on one hub with one clock.
struct Pair
{
  explicit Pair( const std::function<void( Options& sender, Options& receiver )>& tune = {}, const ProfileOptions& profileOptions = ProfileOptions() );

  [[nodiscard]] bool until( const std::function<bool()>& done );
  void settle();
  void advance( std::chrono::milliseconds by );   ///< Moves the clock and lets everything settle

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedClient& romeoClient;
  ScriptedClient& julietClient;
  std::unique_ptr<Bot> romeo;    ///< romeo@montague.example/orchard
  std::unique_ptr<Bot> juliet;   ///< juliet@capulet.example/balcony
};

inline const std::string Romeo = "romeo@montague.example/orchard";
inline const std::string Juliet = "juliet@capulet.example/balcony";

/// One bot and a scripted peer: the test writes the peer's stanzas and reads ours.
struct Solo
{
  explicit Solo( const std::string& jid, const std::function<void( Options& )>& tune = {}, const ProfileOptions& profileOptions = ProfileOptions() );

  void feed( const std::string& xml );           ///< And lets the bot work
  [[nodiscard]] bool until( const std::function<bool()>& done );
  void settle();
  void advance( std::chrono::milliseconds by );
  [[nodiscard]] std::vector<std::string> sent() const { return client.stanzas(); }
  /** @return The stanzas sent that contain @a text. */
  [[nodiscard]] std::vector<std::string> sent( const std::string& text ) const;
  /** @return The `id` of the newest stanza sent that contains @a text; empty if there is none. */
  [[nodiscard]] std::string idOf( const std::string& text ) const;

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  ScriptedClient client;
  std::unique_ptr<Bot> bot;
};

} // namespace simultiple::test
