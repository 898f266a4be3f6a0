// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/filename.h"

#include "protocol/utf8.h"

#include <cstddef>

namespace simultiple
{

namespace
{

constexpr std::size_t MaxName = 255; // SEC-12, and what file systems take
constexpr std::size_t MaxDepth = 16; // PFT-15
constexpr std::size_t MaxFolder = 1024; // PFT-15: of the 4096 that a path may have, for the directory has some, too

/// PFT-4: control characters and those that turn the text around. Joiners stay: words of many languages need them.
bool deceptive( char32_t c ) noexcept
{
  return c < 0x20 || ( c >= 0x7f && c <= 0x9f )                             // C0, DEL, C1
         || c == 0x061c || c == 0x200e || c == 0x200f                       // marks
         || ( c >= 0x202a && c <= 0x202e ) || ( c >= 0x2066 && c <= 0x2069 ) // embeddings, overrides, isolates
         || c == 0x2028 || c == 0x2029 || c == 0xfeff                       // separators, byte order mark
         || c == 0xfffe || c == 0xffff;                                     // not in XML
}

/// @return Empty if nothing is left of it.
std::string safeComponent( std::string_view name )
{
  std::string safe;
  while( !name.empty() )
  {
    const auto c = protocol::decode( name );
    if( !c.good || deceptive( c.code ) )
      safe += '_';
    else
      safe.append( name.substr( 0, c.bytes ) );
    name.remove_prefix( c.bytes );
  }
  if( safe.empty() || safe == "." || safe == ".." )
    return {};
  if( safe.front() == '.' )
    safe.front() = '_';
  return std::string( protocol::cutBytes( safe, MaxName ) );
}

} // namespace

std::string safeFileName( std::string_view name )
{
  const auto separator = name.find_last_of( "/\\" );
  const std::string safe = safeComponent( separator == std::string_view::npos ? name : name.substr( separator + 1 ) );
  return safe.empty() ? "file" : safe;
}

std::string safeFolder( std::string_view folder )
{
  std::string safe;
  for( std::size_t depth = 0; depth < MaxDepth && !folder.empty(); )
  {
    const auto separator = folder.find_first_of( "/\\" );
    const std::string component = safeComponent( folder.substr( 0, separator ) );
    folder.remove_prefix( separator == std::string_view::npos ? folder.size() : separator + 1 );
    if( component.empty() )
      continue;
    if( safe.size() + 1 + component.size() > MaxFolder )
      break;
    safe += ( safe.empty() ? "" : "/" ) + component;
    ++depth;
  }
  return safe;
}

namespace files
{

std::string_view baseName( std::string_view path )
{
  while( path.size() > 1 && path.back() == '/' )
    path.remove_suffix( 1 );
  const auto slash = path.find_last_of( '/' );
  return slash == std::string_view::npos ? path : path.substr( slash + 1 );
}

std::string numberedName( const std::string& name, unsigned number )
{
  if( number == 0 )
    return name;

  const std::string mark = " (" + std::to_string( number ) + ")";
  std::size_t dot = name.find_last_of( '.' );
  if( dot == std::string::npos || dot == 0 || name.size() - dot > 32 )
    dot = name.size();
  const std::string extension = name.substr( dot );
  const std::string_view stem = protocol::cutBytes( std::string_view( name ).substr( 0, dot ), MaxName - mark.size() - extension.size() );
  return std::string( stem ) + mark + extension;
}

} // namespace files

} // namespace simultiple
