// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/siprofilemultipleft.h>

#include <gloox-si-multiple/offer.h>
#include <gloox-si-multiple/siprofilemultiple.h>
#include <gloox-si-multiple/siprofilemultiplehandler.h>

#include "ft/stream.h"
#include "session/plugin.h"

#include <memory>
#include <string>
#include <vector>

namespace simultiple
{

/**
 * The machinery of SIProfileMultipleFT: an ordinary profile of an ordinary manager on one side, the callbacks of gloox on the other. The bot's
 * calls are in calls.cpp, what the manager tells in news.cpp.
 */
struct SIProfileMultipleFT::Private final : SIProfileMultipleHandler, ft::StreamKeeper
{
  /// One session, from its offer to its end.
  struct Transfer
  {
    session::Session* session;                     ///< Lives at least until handleEnd()
    bool incoming;
    Offer offer{};                                 ///< If incoming
    std::uint64_t size = 0;
    bool accepted = false;                         ///< acceptFT() was called
    bool quiet = false;                            ///< The bot has disposed of the stream
    std::shared_ptr<ft::Stream> stream{};          ///< Handed out
    std::shared_ptr<MultiBytestream> carrier{};    ///< Open
  };

  Private( SIProfileMultipleFT& facade, std::unique_ptr<SIMultipleManager> own, SIMultipleManager& manager, gloox::SIProfileFTHandler* handler,
           gloox::SIManager* siManager, gloox::SOCKS5BytestreamManager* s5Manager );
  ~Private() override;
  Private( const Private& ) = delete;
  Private& operator=( const Private& ) = delete;

  // ---- the bot's calls
  [[nodiscard]] std::string request( const gloox::JID& to, const std::string& name, std::int64_t size, const std::string& hash, const std::string& desc,
                                     const std::string& date, const std::string& mimeType, int types, const gloox::JID& from, const std::string& sid );
  void accept( const gloox::JID& to, const std::string& sid, StreamType type, const gloox::JID& from );
  void decline( const gloox::JID& to, const std::string& sid, const protocol::StanzaError& error );
  void forget( const gloox::Bytestream* bs, bool abort );   ///< cancel(), dispose()
  void setHosts( const gloox::StreamHostList& hosts );
  void addHost( const gloox::JID& jid, const std::string& host, int port );

  // ---- SIProfileMultipleHandler
  void handleOffer( const Offer& offer ) override;
  bool handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods,
                       const gloox::Tag& si ) override;
  void handleStream( std::shared_ptr<MultiBytestream> stream ) override;
  void handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report ) override;

  // ---- ft::StreamKeeper
  bool pump( std::chrono::microseconds most ) override { return plugin.pump( most ); }
  void giveUp( ft::Stream& stream ) override;
  void letGo( ft::Stream& stream ) override;

  [[nodiscard]] std::optional<Refusal> screen( const Offer& offer ) const;
  [[nodiscard]] std::vector<std::string> methodsOf( int types ) const;
  [[nodiscard]] Transfer* undecided( const gloox::JID& peer, const std::string& sid, const gloox::JID& local );
  [[nodiscard]] Transfer* bySession( const session::Session* session );
  void handOut( Transfer& transfer, const std::string& firstMethod );
  void flush();

  std::unique_ptr<SIMultipleManager> own;   ///< Null if the bot has one
  SIMultipleManager& manager;
  SIMultipleManager::Private& plugin;
  gloox::SIProfileFTHandler* handler;
  gloox::SIManager* siManager;
  gloox::SOCKS5BytestreamManager* s5Manager;
  std::unique_ptr<SIProfileMultiple> profile{};
  std::vector<Transfer> transfers{};                      ///< As many as there are sessions (SEC-13)
  std::vector<std::shared_ptr<ft::Stream>> streams{};     ///< The bot's, until it disposes of them
};

} // namespace simultiple
