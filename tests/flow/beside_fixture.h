// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "support/bot.h"
#include "support/scripted.h"

#include <gloox/messagehandler.h>
#include <gloox/simanager.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreammanager.h>
#include <gloox/socks5bytestreamserver.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

// An ordinary gloox bot, written without a thought of the plugin, and what it says on the wire.

namespace simultiple::test::beside
{

/// Stock file transfer with every object that gloox offers for it. What a file's name begins with says what is done about it.
class StockBot final : private gloox::SIProfileFTHandler, private gloox::BytestreamDataHandler, private gloox::MessageHandler
{
  public:
    explicit StockBot( ScriptedClient& entity );
    ~StockBot() override;

    /** Offers @a payload. @param streamhostPort What its offer of a streamhost names; 0: the port of its server. */
    void offer( const std::string& to, const std::string& sid, const std::string& payload, int types, int streamhostPort = 0 );
    /** A turn of its loop: reads its sockets, sends what has been waiting for an open stream, ends those that are done with. */
    void pump();

    std::vector<std::string> events{};                 ///< In words, in order.
    std::map<std::string, std::string> received{};     ///< By sid.

  private:
    void handleFTRequest( const gloox::JID& from, const gloox::JID& to, const std::string& sid, const std::string& name, long size, const std::string&,
                          const std::string&, const std::string&, const std::string&, int types ) override;
    void handleFTRequestError( const gloox::IQ& iq, const std::string& sid ) override;
    void handleFTBytestream( gloox::Bytestream* stream ) override;
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& data ) override;
    void handleBytestreamDataAck( gloox::Bytestream* stream ) override { note( "ack", *stream ); }
    void handleBytestreamError( gloox::Bytestream* stream, const gloox::IQ& ) override { note( "error", *stream ); }
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* stream ) override;
    void handleMessage( const gloox::Message& message, gloox::MessageSession* ) override;
    void note( const std::string& what, const gloox::Bytestream& stream ) { events.push_back( what + " " + stream.sid() ); }

    struct Running
    {
      bool open = false;
      bool over = false;
    };

    gloox::Client& m_client;
    gloox::SIManager m_initiation;
    gloox::SOCKS5BytestreamManager m_socks5;
    gloox::SOCKS5BytestreamServer m_server;
    gloox::SIProfileFT m_files;
    std::map<gloox::Bytestream*, Running> m_streams{};
    std::map<std::string, std::string> m_outgoing{};   ///< Payload by sid.
};

/** @return @a text with the ids that gloox makes up replaced by numbers in the order of their appearance. */
class Renamer final
{
  public:
    [[nodiscard]] std::string operator()( const std::string& text );

  private:
    std::map<std::string, std::string> m_names{};
};

/** @return @a stanza without what the plugin adds while it is enabled: its features, and the hash over them. */
[[nodiscard]] std::string withoutPlugin( std::string stanza );

/** @return The answer to disco#info. */
[[nodiscard]] std::string discoOf( ScriptedClient& client );

/** Options for a bot on whose client something else does SI, too. */
[[nodiscard]] ProfileOptions besideStock();

/// The plugin's other profile.
inline const std::string OtherProfile = "urn:example:other";

/** W-1 of the profile with the name of the file; @a multiple: with `<si-multiple/>`. */
[[nodiscard]] std::string offerOf( const std::string& from, const std::string& sid, const std::string& name, const std::string& id, bool multiple = false,
                                   const std::string& profile = Profile );
[[nodiscard]] std::string iq( const std::string& type, const std::string& id, const std::string& payload = "", const std::string& from = Romeo );

} // namespace simultiple::test::beside
