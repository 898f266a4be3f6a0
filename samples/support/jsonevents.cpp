// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "jsonevents.h"

#include <gloox-si-multiple/text.h>

#include <array>
#include <cstdio>

namespace sample
{

std::string jsonString( std::string_view text )
{
  const std::string valid = simultiple::validUtf8( text );
  std::string out = "\"";
  for( const char c : valid )
  {
    const auto u = static_cast<unsigned char>( c );
    if( c == '"' || c == '\\' )
      ( out += '\\' ) += c;
    else if( u < 0x20 || u == 0x7f )
    {
      std::array<char, 8> escape{};
      std::snprintf( escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>( u ) );
      out += escape.data();
    }
    else
      out += c;
  }
  return out += '"';
}

JsonEvent::JsonEvent( std::string_view event )
  : m_text( "{\"event\":" + jsonString( event ) )
{
}

JsonEvent& JsonEvent::member( std::string_view name, std::string_view value )
{
  m_text += ',';
  m_text += jsonString( name );
  m_text += ':';
  m_text += value;
  return *this;
}

JsonEvent& JsonEvent::text( std::string_view name, std::string_view value )
{
  return member( name, jsonString( value ) );
}

JsonEvent& JsonEvent::number( std::string_view name, std::uint64_t value )
{
  return member( name, std::to_string( value ) );
}

JsonEvent& JsonEvent::list( std::string_view name, const std::vector<std::string>& values )
{
  std::string array = "[";
  for( const auto& value : values )
  {
    if( array.size() > 1 )
      array += ',';
    array += jsonString( value );
  }
  return member( name, array + ']' );
}

} // namespace sample
