// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "filename.h"

#include "text.h"

#include <cstddef>

namespace sample
{

namespace
{

constexpr std::size_t MaxName = 255; // SEC-12, and what file systems take

} // namespace

std::string_view baseName( std::string_view path )
{
  while( path.size() > 1 && path.back() == '/' )
    path.remove_suffix( 1 );
  const auto slash = path.find_last_of( '/' );
  return slash == std::string_view::npos ? path : path.substr( slash + 1 );
}

std::string safeFileName( std::string_view name )
{
  const auto separator = name.find_last_of( "/\\" );
  if( separator != std::string_view::npos )
    name.remove_prefix( separator + 1 );

  std::string safe;
  while( !name.empty() )
  {
    const std::string_view c = nextCharacter( name );
    if( c.empty() || deceptive( codePoint( c ) ) )
      safe += '_';
    else
      safe.append( c );
    name.remove_prefix( c.empty() ? 1 : c.size() );
  }

  if( safe.empty() || safe == "." || safe == ".." )
    return "file";
  if( safe.front() == '.' )
    safe.front() = '_';
  return std::string( cutBytes( safe, MaxName ) );
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
  const std::string_view stem = cutBytes( std::string_view( name ).substr( 0, dot ),
                                          MaxName - mark.size() - extension.size() );
  return std::string( stem ) + mark + extension;
}

} // namespace sample
