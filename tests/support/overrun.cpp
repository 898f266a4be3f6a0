// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/overrun.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

void readBeyondEnd( std::size_t index )
{
  std::vector<char> one( 1 );
  one.reserve( index + 1 );
  [[maybe_unused]] const volatile char read = one[index];
}

void copyBeyondEnd( std::size_t size )
{
  const std::string text( size, 'x' );
  const std::unique_ptr<char, decltype( &std::free )> room( static_cast<char*>( std::malloc( size - 1 ) ), &std::free );
  if( room )
    std::memcpy( room.get(), text.data(), size );
  [[maybe_unused]] const volatile char read = *room;
}

int fortifyLevel()
{
#ifdef __USE_FORTIFY_LEVEL
  return __USE_FORTIFY_LEVEL;
#else
  return 0;
#endif
}

} // namespace simultiple::test
