// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/datetime.h"

#include <algorithm>
#include <cstddef>

namespace simultiple::files
{

bool isDateTime( std::string_view text )
{
  const auto matches = [&text]( std::string_view pattern ) // '0' stands for a digit
  {
    if( text.size() < pattern.size() )
      return false;
    const bool same = std::equal( pattern.begin(), pattern.end(), text.begin(), []( char p, char c )
                                  { return p == '0' ? c >= '0' && c <= '9' : p == c; } );
    if( same )
      text.remove_prefix( pattern.size() );
    return same;
  };
  const auto twoDigits = [&text]( std::size_t at ) { return ( text[at] - '0' ) * 10 + ( text[at + 1] - '0' ); };

  const std::string_view whole = text;
  if( !matches( "0000-00-00T00:00" ) )
    return false;
  if( matches( ":00" ) && matches( ".0" ) )
    while( matches( "0" ) )
      ;
  if( text != "Z" && text.size() != 6 )
    return false;
  if( text != "Z" && !matches( "+00:00" ) && !matches( "-00:00" ) )
    return false;

  text = whole;
  const int month = twoDigits( 5 );
  const int day = twoDigits( 8 );
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && twoDigits( 11 ) <= 23 && twoDigits( 14 ) <= 59;
}

} // namespace simultiple::files
