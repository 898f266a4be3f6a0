// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/scripted.h"

#include <utility>

// Stanzas as text. gloox's own parser and printer are what the tests look at, so the wire is not passed through them.

namespace simultiple::test
{

namespace
{

/// One piece of markup: `<...>` with what kind it is.
struct Markup
{
  std::size_t begin = std::string::npos;
  std::size_t end = 0;       // behind the '>'
  bool closing = false;      // </x>
  bool empty = false;        // <x/>
  bool ignored = false;      // <?...?>, <stream:stream>, </stream:stream>
};

Markup nextMarkup( const std::string& xml, std::size_t from )
{
  Markup m;
  m.begin = xml.find( '<', from );
  if( m.begin == std::string::npos )
    return m;

  char quote = 0;
  for( std::size_t i = m.begin + 1; i < xml.size(); ++i )
  {
    const char c = xml[i];
    if( quote )
      quote = c == quote ? '\0' : quote;
    else if( c == '\'' || c == '"' )
      quote = c;
    else if( c == '>' )
    {
      m.end = i + 1;
      m.closing = xml[m.begin + 1] == '/';
      m.empty = xml[i - 1] == '/';
      m.ignored = xml[m.begin + 1] == '?' || xml.compare( m.begin, 14, "<stream:stream" ) == 0
                  || xml.compare( m.begin, 15, "</stream:stream" ) == 0;
      return m;
    }
  }
  m.begin = std::string::npos; // unfinished
  return m;
}

/// Where an attribute stands in the first start tag: [name, behind the closing quote), and its raw value.
struct Place
{
  std::size_t begin = std::string::npos;
  std::size_t end = 0;
  std::string value{};
};

Place findAttribute( const std::string& stanza, const std::string& name )
{
  Place p;
  const Markup tag = nextMarkup( stanza, 0 );
  std::size_t at = tag.begin == std::string::npos ? stanza.size() : stanza.find_first_of( " \t\r\n/>", tag.begin );
  while( at < tag.end )
  {
    const std::size_t start = stanza.find_first_not_of( " \t\r\n", at );
    const std::size_t equals = stanza.find( '=', at );
    if( start == std::string::npos || equals == std::string::npos || equals >= tag.end )
      break;
    const std::size_t open = stanza.find_first_of( "'\"", equals );
    const std::size_t close = open == std::string::npos ? open : stanza.find( stanza[open], open + 1 );
    if( close == std::string::npos )
      break;
    if( stanza.compare( start, equals - start, name ) == 0 )
    {
      p.begin = start;
      p.end = close + 1;
      p.value = stanza.substr( open + 1, close - open - 1 );
      break;
    }
    at = close + 1;
  }
  return p;
}

std::string replaceAll( std::string text, const std::string& what, const std::string& by )
{
  for( std::size_t at = 0; ( at = text.find( what, at ) ) != std::string::npos; at += by.size() )
    text.replace( at, what.size(), by );
  return text;
}

const std::pair<const char*, const char*> Entities[] = { { "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" }, { "'", "&apos;" }, { "\"", "&quot;" } };

} // namespace

std::vector<std::string> splitStanzas( const std::string& xml )
{
  std::vector<std::string> stanzas;
  std::size_t start = 0;
  int depth = 0;
  for( Markup m = nextMarkup( xml, 0 ); m.begin != std::string::npos; m = nextMarkup( xml, m.end ) )
  {
    if( m.ignored )
      continue;
    if( depth == 0 )
      start = m.begin;
    if( m.closing )
      --depth;
    else if( !m.empty )
      ++depth;
    if( depth == 0 )
      stanzas.push_back( xml.substr( start, m.end - start ) );
  }
  return stanzas;
}

std::string attribute( const std::string& stanza, const std::string& name )
{
  std::string value = findAttribute( stanza, name ).value;
  for( std::size_t i = std::size( Entities ); i-- > 0; )
    value = replaceAll( std::move( value ), Entities[i].second, Entities[i].first );
  return value;
}

std::string withAttribute( const std::string& stanza, const std::string& name, const std::string& value )
{
  std::string escaped = value;
  for( const auto& [plain, entity] : Entities )
    escaped = replaceAll( std::move( escaped ), plain, entity );
  const std::string text = value.empty() ? "" : name + "='" + escaped + "'";

  std::string result = stanza;
  const Place p = findAttribute( stanza, name );
  if( p.begin != std::string::npos )
  {
    const bool swallow = text.empty() && p.begin > 0 && result[p.begin - 1] == ' ';
    result.replace( p.begin - ( swallow ? 1U : 0U ), p.end - p.begin + ( swallow ? 1U : 0U ), text );
  }
  else if( !text.empty() )
    result.insert( result.find_first_of( " \t\r\n/>", 1 ), " " + text );
  return result;
}

} // namespace simultiple::test
