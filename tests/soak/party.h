// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "soak/stage.h"
#include "support/scripted.h"

#include <gloox/bytestreamdatahandler.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace simultiple::soak
{

class Party;

/// Whoever decides what a party does.
class Director
{
  public:
    virtual ~Director() = default;
    virtual void offered( Party& party, const Offer& offer ) = 0;
    virtual bool accepted( Party& party, const std::string& sid ) = 0;
    virtual void opened( Party& party, const std::shared_ptr<MultiBytestream>& stream ) = 0;
    virtual void data( Party& party, MultiBytestream& stream, const std::string& bytes ) = 0;
    virtual void ended( Party& party, const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text ) = 0;
};

/**
 * A bot with the plugin on a real gloox entity. Whatever it is told to do, it holds the library to its promise (GEN-10): for each session one end at most one
 * stream, exactly one end, nothing after it; for each note one answer.
 */
class Party final : public SIProfileMultipleHandler, private gloox::BytestreamDataHandler
{
  public:
    Party( Stage& stage, test::ScriptedEntity& entity, const Options& options, Director& director );

    [[nodiscard]] OfferResult offer( const std::string& to, const OfferOptions& options );
    void sendNote( const gloox::JID& peer, const std::string& sid );
    [[nodiscard]] bool online() const { return entity.online(); }
    /** The bounds of PROTOCOL 4.3, at any time. */
    void checkBounds( const char* name ) const;
    /** Nobody wants anything: nothing may be left, not even a deadline. */
    void checkRest( const char* name ) const;

    test::ScriptedEntity& entity;
    SIMultipleManager manager;
    SIProfileMultiple profile;

    // What it has seen, in all
    std::size_t begun = 0;
    std::size_t opened = 0;
    std::size_t inBand = 0;      ///< Of those opened
    std::size_t limits = 0;
    std::size_t notes = 0;       ///< Heard

  private:
    using Key = std::pair<std::string, std::string>;   // peer and sid
    struct Seen
    {
      bool open = false;
      bool closed = false;
    };

    void handleOffer( const Offer& offer ) override;
    bool handleAccepted( const std::string& sid, const gloox::JID& peer, Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& si ) override;
    void handleStream( std::shared_ptr<MultiBytestream> stream ) override;
    void handleNote( const std::string& sid, const gloox::JID& peer, const gloox::Tag& note ) override;
    void handleEnd( const std::string& sid, const gloox::JID& peer, Cause cause, const std::string& text, const Report& report ) override;
    void handleLimit( const gloox::JID& peer, const std::string& what ) override;
    void handleBytestreamData( gloox::Bytestream* stream, const std::string& bytes ) override;
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* stream ) override;
    Seen* seen( const gloox::JID& peer, const std::string& sid, const char* what );
    Seen* seen( const gloox::Bytestream& stream, const char* what );

    Stage& m_stage;
    Director& m_director;
    std::map<Key, Seen> m_live{};
    std::map<const gloox::Bytestream*, std::shared_ptr<MultiBytestream>> m_streams{};
    std::size_t m_notesWaiting = 0;
};

} // namespace simultiple::soak
