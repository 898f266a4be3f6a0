// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/files.h"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

namespace simultiple::test
{

std::string pattern( std::size_t size )
{
  std::string bytes( size, '\0' );
  for( std::size_t i = 0; i < size; ++i )
    bytes[i] = static_cast<char>( ( i * 31 + i / 251 ) & 0x7f );
  return bytes;
}

net::Fd fileOf( const std::string& bytes, std::uint64_t offset )
{
  net::Fd file( ::memfd_create( "file of a test", MFD_CLOEXEC ) );
  if( !file )
    throw std::runtime_error( "no file for a test" );
  for( std::size_t done = 0; done < bytes.size(); )
  {
    const auto wrote = ::pwrite( file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>( offset + done ) );
    if( wrote <= 0 )
      throw std::runtime_error( "a test cannot write its file" );
    done += static_cast<std::size_t>( wrote );
  }
  return file;
}

} // namespace simultiple::test
