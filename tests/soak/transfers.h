// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filereceiver.h>
#include <gloox-si-multiple/filesender.h>

#include "soak/party.h"
#include "soak/stage.h"
#include "support/temporarydirectory.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace simultiple::soak
{

/// Files between the bot and the component, both ways: whole, interrupted and resumed, declined, cancelled.
class Transfers final
{
  public:
    Transfers( Stage& stage, const std::string& bot, Party& botParty, const std::string& domain, Party& other );
    ~Transfers();

    void start();
    void disturb();
    [[nodiscard]] std::size_t live() const { return m_files.size(); }
    void checkRest();

    std::size_t sessions = 0;    ///< A file may take several
    std::size_t completed = 0;
    std::size_t resumed = 0;     ///< Of those

  private:
    enum class Fate { Whole, Interrupted, Declined, CancelledBySender, CancelledByReceiver };
    struct File
    {
      Fate fate = Fate::Whole;
      std::string name{};
      std::string content{};
      bool botSends = false;
      bool struck = false;
      bool disturbed = false;
      bool received = false;   ///< Somebody has accepted it
      std::optional<FileResult> sent{};
      std::optional<FileResult> got{};
    };
    class End;

    void strike( const std::shared_ptr<File>& file );
    void judge( const std::string& name );
    [[nodiscard]] std::string pathOf( const std::string& name ) const { return m_outbox.file( name ); }

    Stage& m_stage;
    const std::string m_bot;
    const std::string m_domain;
    TemporaryDirectory m_outbox{};
    std::size_t m_started = 0;
    std::map<std::string, std::shared_ptr<File>> m_files{};   ///< By name
    std::unique_ptr<End> m_botEnd;
    std::unique_ptr<End> m_otherEnd;
};

} // namespace simultiple::soak
