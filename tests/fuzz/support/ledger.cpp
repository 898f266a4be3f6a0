// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/support/ledger.h"

#include "fuzz/support/require.h"
#include "fuzz/support/trace.h"
#include "support/scripted.h"

#include <algorithm>

namespace simultiple::fuzz
{

using test::attribute;

namespace
{

bool isIq( const std::string& stanza ) { return stanza.compare( 0, 4, "<iq " ) == 0; }

std::string nameAt( const std::string& xml, std::size_t open )
{
  const auto begin = xml.find_first_not_of( '/', open + 1 );
  return xml.substr( begin, xml.find_first_of( " />", begin ) - begin );
}

/// @return Where the first child begins.
std::size_t firstChild( const std::string& stanza ) { return stanza.find( '<', stanza.find( '>' ) ); }

std::string conditionOf( const std::string& error )
{
  const auto element = error.find( "<error" );
  return element == std::string::npos ? "?" : nameAt( error, error.find( '<', element + 1 ) );
}

} // namespace

void Ledger::heard( const std::string& stanza )
{
  trace( "peer", stanza );
  if( !isIq( stanza ) )
    return;
  const auto type = attribute( stanza, "type" );
  const auto id = attribute( stanza, "id" );
  if( type == "set" || type == "get" )
  {
    auto& question = m_questions[id];
    if( question.lost )
      question = {}; // on another connection its id is free again
    question.from = attribute( stanza, "from" );
    ++question.asked;
    return;
  }
  for( auto& request : m_requests )
    if( request.id == id && request.to == attribute( stanza, "from" ) )
      request.answered = true;
}

void Ledger::said( const std::string& stanza )
{
  trace( "we", stanza );
  if( stanza.compare( 0, 9, "<presence" ) == 0 )
    return;
  require( isIq( stanza ), "we send IQs and nothing else" );
  const auto type = attribute( stanza, "type" );
  const auto id = attribute( stanza, "id" );
  if( type == "set" || type == "get" )
  {
    require( m_ids.insert( id ).second && id.size() >= 16, "GEN-6: no id twice" );
    const auto child = firstChild( stanza );
    auto kind = nameAt( stanza, child );
    if( stanza.find( "<activate" ) != std::string::npos )
      kind = "activate";
    const auto payload = stanza.substr( std::min( child, stanza.size() ) );
    m_requests.push_back( { id, attribute( stanza, "to" ), kind, attribute( payload, kind == "si" ? "id" : "sid" ), stanza } );
    return;
  }
  const auto found = m_questions.find( id );
  require( found != m_questions.end(), "GEN-1: nobody is answered who has not asked" );
  auto& question = found->second;
  require( attribute( stanza, "to" ) == question.from, "GEN-4: the answer goes to whom has asked" );
  require( !question.lost, "CLS-7: nothing is answered over another connection" );
  require( ++question.answered <= question.asked, "GEN-1: no second answer" );
  question.answer = type == "result" ? type : conditionOf( stanza );
}

void Ledger::lost()
{
  trace( "server", "connection lost" );
  for( auto& entry : m_questions )
    entry.second.lost = true;
  m_requests.clear();
}

std::string Ledger::answerTo( const std::string& id ) const
{
  const auto found = m_questions.find( id );
  return found == m_questions.end() ? std::string() : found->second.answer;
}

std::size_t Ledger::unanswered() const
{
  return static_cast<std::size_t>( std::count_if( m_questions.begin(), m_questions.end(), []( const auto& entry )
                                                  { return !entry.second.lost && entry.second.answered == 0; } ) );
}

void Ledger::close() const { require( unanswered() == 0, "GEN-1: everybody who has asked is answered" ); }

} // namespace simultiple::fuzz
