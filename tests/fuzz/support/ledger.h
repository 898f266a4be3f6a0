// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace simultiple::fuzz
{

/**
 * Who owes whom an answer on the wire of one client (GEN-1). Is told of every stanza, theirs and ours, and requires that ours are what they may be.
 */
class Ledger final
{
  public:
    /// A set or get of ours.
    struct Request
    {
      std::string id;
      std::string to;
      std::string kind;   ///< Name of the payload: si, query, activate, open, data, close, …
      std::string sid;
      std::string xml;
      bool answered = false;   ///< By whom we asked
    };

    void heard( const std::string& stanza );   ///< The peer's, before it is fed
    void said( const std::string& stanza );    ///< Ours, as it leaves

    /** CLS-7: the connection is lost; what was asked before is not answered any more. */
    void lost();

    /** @return How we answered the IQ with this id: "result", the error's condition, or nothing yet. */
    [[nodiscard]] std::string answerTo( const std::string& id ) const;
    [[nodiscard]] std::vector<Request>& requests() { return m_requests; }
    [[nodiscard]] std::size_t unanswered() const;   ///< Theirs
    /** Requires that everything was answered. */
    void close() const;

  private:
    struct Question
    {
      std::string from;
      std::size_t asked = 0;
      std::size_t answered = 0;
      bool lost = false;
      std::string answer{};
    };

    std::map<std::string, Question> m_questions{};
    std::vector<Request> m_requests{};
    std::set<std::string> m_ids{};   ///< Of ours
};

} // namespace simultiple::fuzz
